"""The stream judges few objects for many people, the search all objects for one: both agree."""

import pytest

from audit import selectors, services, visibility
from audit.models import LedgerEntry
from audit.news import News, Window
from audit.selectors import Search
from identity.models import User
from tests.cast import apply, called, person, role
from tests.deeds import approve, ask, comment, deny, granted_dba, later
from tests.factories.identity import TokenFactory
from tests.reviews import workflows

PEOPLE = (
    "bob",
    "alice",
    "ivan",
    "carol",
    "mallory",
    "auditor",
    "dana",
    "robot",
    "erin",
    "nora",
    "checker",
    "retired",
)


@pytest.fixture
def history(bob, alice, ivan, carol, robot, sign_in, noon):
    """Everybody in every relation to a request: own, a bot's, reviewed, remarked on, none."""
    reading = {"rules": [{"resources": ["grant", "role"], "verbs": ["read"]}]}
    picky = {"review_requests": {"roles": ["*"], "where": 'request.reason == "let me"'}}
    apply(
        role("curious", allow=reading),
        role("picky", allow=picky),
        person("erin", roles=["engineering", "dba-reviewer"]),
        person("nora", roles=["picky"]),
    )
    for name in ("checker", "retired"):
        workflows.bot(name)
        workflows.workflow(name, engine="bot", bot=f"{name}@example.com", roles=["staging-db"])
    granted_dba(bob)
    of_a_bot = ask(robot)  # Ivan's, who may review dba, but not this
    approve(of_a_bot, alice)
    approve(of_a_bot, called("erin"))
    request = ask(bob, "staging-db")
    approve(request, called("erin"))
    comment(ask(carol, "staging-web", reason="let me"), called("erin"))
    deny(ask(bob, "staging-web"), alice)
    apply(person("erin", roles=["curious"]), person("retired"))  # a bot no more
    apply(person("carol", roles=["contractor"], active=False))
    for user in User.objects.all():
        sign_in(user)
    services.drain(at=noon)


@pytest.mark.parametrize("name", PEOPLE)
def test_both_ways_to_look_see_the_same(history, name, noon):
    user = called(name)
    entries = list(LedgerEntry.objects.select_related("event").order_by("sequence"))

    sees = visibility.Sighting({entry.event.about for entry in entries}, noon).of(user)
    in_hand = [entry.sequence for entry in entries if sees(entry.event.about)]

    found = selectors.stream(user=user, search=Search(), at=noon)
    assert in_hand == [entry.sequence for entry in found]
    assert 0 < len(in_hand) < len(entries) or name in {"auditor", "dana", "carol"}


def test_elevated_rights_count_while_they_are_held(bob, noon):
    apply(role("dba", allow={"rules": [{"resources": ["access_request"], "verbs": ["read"]}]}))
    grant, other = granted_dba(bob), ask(called("robot"))

    def sees(at):
        return visibility.Sighting({other.about}, at).of(bob)(other.about)

    assert sees(noon)
    assert not sees(grant.ends_at)


def test_tokens_are_their_owners(bob, alice, noon):
    token = TokenFactory(user=bob)

    sighting = visibility.Sighting({token.about}, noon)

    assert sighting.of(bob)(token.about)
    assert not sighting.of(alice)(token.about)


def test_kinds_that_nobody_answers_for_are_hidden(history, mallory, monkeypatch, noon):
    monkeypatch.setattr(visibility, "_sights", {})

    assert not visibility.Sighting({mallory.about}, noon).of(mallory)(mallory.about)


def test_many_people_cost_one_statement_each(history, noon, django_assert_max_num_queries):
    """The objects are loaded once; a person, his or her roles, in one prepared statement."""
    entries = LedgerEntry.objects.select_related("event")
    abouts = {entry.event.about for entry in entries}
    people = [called(name) for name in PEOPLE]
    loading = 6

    with django_assert_max_num_queries(len(people) + loading):
        sighting = visibility.Sighting(abouts, noon)
        for each in people * 10:
            sighting.of(each)


# --- the window ---------------------------------------------------------------------------------


def entries():
    return LedgerEntry.objects.select_related("event").order_by("sequence")


def test_a_search_in_hand_finds_what_the_database_finds(history, auditor, bob, noon):
    request = bob.access_requests.first()
    searches = [
        Search(),
        Search(type="grant.started"),
        Search(actor="ALICE@example.com"),
        Search(about=request.pk),
        Search(about=request.pk, type="access_request.reviewed", actor="ivan@example.com"),
        Search(since=noon, until=later(seconds=1)),
        Search(since=later(seconds=1)),
        Search(until=noon),
    ]

    for search in searches:
        found = selectors.stream(user=auditor, search=search, at=noon)
        in_hand = [entry.sequence for entry in entries() if News.of(entry).fits(search)]
        assert in_hand == [entry.sequence for entry in found], search


def test_the_window_is_the_end_of_the_ledger_without_a_gap(history, monkeypatch):
    every = list(entries())
    monkeypatch.setattr("audit.news.MOST_ENTRIES", 10)
    window = Window(12, reversed(every[:12]))
    assert (window.start, window.end) == (0, 12)

    window.extend(every[12:])

    assert (window.start, window.end) == (len(every) - 10, len(every))
    found = window.after(len(every) - 3, 2)
    assert [news.sequence for news in found] == [len(every) - 2, len(every) - 1]
    assert window.after(len(every), 100) == []


def test_the_window_holds_so_many_bytes(history, monkeypatch):
    every = list(entries())
    size = sum(len(News.of(entry).json) for entry in every[-5:])
    monkeypatch.setattr("audit.news.MOST_BYTES", size)

    late = Window(len(every), reversed(every))
    early = Window()
    early.extend(every)

    assert late.end == early.end == len(every)
    assert late.start == early.start == len(every) - 5
