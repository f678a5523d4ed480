"""Who is away, and who is told instead: told, and nothing more."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from accessplane.lib.errors import InvalidInput, NotFound, NotPermitted
from audit import services
from audit.models import AuditEvent
from chatops.messages import Audience
from chatops.models import Delegation, Posting
from chatops.services import delegating, preferences, sending
from tests import cast, deeds
from tests.cast import NOON, actor_of
from tests.chatops.conftest import route
from tests.deeds import later
from tests.web.reading import Browser
from tests.witness import nothing_happens

pytestmark = pytest.mark.django_db

BOB, ALICE, IVAN, CAROL = (f"{name}@example.com" for name in ("bob", "alice", "ivan", "carol"))
MONDAY = later(days=7)


@pytest.fixture
def told(clock):
    def tell(at=NOON):
        clock.moment = at
        services.drain(at=at)
        return sending.send_due(at=at)

    return tell


def away(who, other, *, until=MONDAY, since=None, at=NOON) -> Delegation:
    return delegating.delegate(
        user=who, delegate=other, starts_at=since, ends_at=until, by=actor_of(who), at=at
    )


def reviewers(loft) -> list[str]:
    return [f.to for f in loft.flights if f.message.audience == Audience.REVIEWER]


def facts(flight) -> dict:
    return {fact.label: fact.value for fact in flight.message.facts}


# --- who is told --------------------------------------------------------------------------------


def test_while_alice_is_away_ivan_is_told_in_her_place(loft, bob, alice, told):
    away(alice, IVAN)
    deeds.ask(bob, "dba", suggested_reviewers=(ALICE,))

    told()

    assert reviewers(loft) == [IVAN]
    assert facts(loft.to(IVAN)[0])["In place of"] == "Alice"


def test_who_is_told_instead_hears_how_it_goes_on(loft, bob, alice, as_, dana, told):
    away(alice, IVAN)
    request = deeds.ask(bob, "dba", suggested_reviewers=(ALICE,))
    told()
    deeds.comment(request, alice, reason="from the beach")
    told(later(minutes=1))

    assert reviewers(loft) == [IVAN, IVAN]
    assert facts(loft.to(IVAN)[1])["In place of"] == "Alice"
    shown = as_(dana).get("postings/").json()["results"]
    assert {p["in_place_of"] for p in shown if p["recipient"] == IVAN} == {ALICE}


@pytest.mark.parametrize("day", [0, 7])
def test_before_and_after_it_alice_is_told(loft, bob, alice, told, day):
    away(alice, IVAN, since=later(days=1))
    at = later(days=day)

    deeds.ask(bob, "dba", suggested_reviewers=(ALICE,), at=at)
    told(at)

    assert reviewers(loft) == [ALICE]


def test_who_may_not_review_it_is_not_told(loft, bob, alice, told):
    """Carol would learn of a request that she may not see."""
    away(alice, CAROL)
    deeds.ask(bob, "dba", suggested_reviewers=(ALICE,))

    told()

    assert (reviewers(loft), loft.to(CAROL)) == ([ALICE], [])


def test_the_requester_is_told_in_nobodys_place(loft, ivan, alice, told):
    away(alice, IVAN)
    deeds.ask(ivan, "staging-web", suggested_reviewers=(ALICE,))

    told()

    assert reviewers(loft) == [ALICE]


def test_who_is_asked_himself_is_told_as_himself_and_once(loft, bob, alice, told):
    away(alice, IVAN)
    deeds.ask(bob, "dba")  # suggests both

    told()

    assert reviewers(loft) == [IVAN]
    assert "In place of" not in facts(loft.to(IVAN)[0])


def test_nobody_stands_in_for_a_stand_in(loft, bob, alice, ivan, told):
    away(alice, IVAN)
    away(ivan, "dana@example.com")
    deeds.ask(bob, "dba", suggested_reviewers=(ALICE,))

    told()

    assert reviewers(loft) == [IVAN]


def test_in_a_circle_everybody_is_told_himself(loft, bob, alice, ivan, carol, told):
    away(alice, IVAN)
    away(ivan, CAROL)
    away(carol, ALICE)
    deeds.ask(bob, "dba")

    told()

    assert reviewers(loft) == [ALICE, IVAN]


def test_the_latest_of_several_counts(loft, bob, alice, told):
    away(alice, CAROL)
    away(alice, IVAN, at=later(seconds=1))
    deeds.ask(bob, "dba", suggested_reviewers=(ALICE,))

    told(later(minutes=1))

    assert reviewers(loft) == [IVAN]


def test_who_does_not_want_to_hear_of_reviews_is_not_told_instead(loft, bob, alice, ivan, told):
    preferences.choose(user=ivan, ticked=set())
    away(alice, IVAN)
    deeds.ask(bob, "dba", suggested_reviewers=(ALICE,))

    told()

    assert reviewers(loft) == [ALICE]


def test_who_left_is_not_told_instead(loft, bob, alice, told):
    away(alice, IVAN)
    cast.apply(cast.person("ivan", active=False))
    deeds.ask(bob, "dba", suggested_reviewers=(ALICE,))

    told()

    assert reviewers(loft) == [ALICE]


def test_a_room_is_never_away(loft, bob, alice, told):
    away(alice, IVAN)
    cast.apply(route("r", "pigeons", recipients=[ALICE]))
    deeds.ask(bob, "dba", suggested_reviewers=(IVAN,))

    told()

    assert Posting.objects.get(recipient=ALICE).audience == Audience.ROOM


# --- setting it ---------------------------------------------------------------------------------


def test_it_is_told_of_in_the_log(alice):
    made = away(alice, "IVAN@example.com ")
    delegating.end_delegation(
        delegation_id=made.pk, user=alice, by=actor_of(alice), at=later(days=1)
    )

    begun, ended = AuditEvent.objects.filter(about_id=alice.pk).order_by("-pk")[:2][::-1]
    assert (begun.type, ended.type) == ("user.delegated", "user.delegation_ended")
    assert begun.data == ended.data
    assert begun.data["delegate"] == IVAN
    assert not Delegation.objects.exists()


@pytest.mark.parametrize(
    ("other", "since", "until", "field"),
    [
        (ALICE, None, MONDAY, "delegate"),
        ("nobody@example.com", None, MONDAY, "delegate"),
        ("robot@example.com", None, MONDAY, "delegate"),
        (IVAN, None, NOON, "ends_at"),
        (IVAN, MONDAY, MONDAY, "ends_at"),
        (IVAN, None, later(days=366, seconds=1), "ends_at"),
    ],
)
def test_what_makes_no_sense_is_refused(alice, robot, other, since, until, field):
    with nothing_happens(), pytest.raises(InvalidInput) as refusal:
        away(alice, other, since=since, until=until)

    assert list(refusal.value.errors) == [field]
    assert not Delegation.objects.exists()


def test_a_bot_is_told_nothing(robot):
    with nothing_happens(), pytest.raises(NotPermitted):
        away(robot, IVAN)


def test_only_ones_own_is_ended_and_only_before_its_time(alice, ivan):
    made = away(alice, IVAN)

    for who, at in ((ivan, NOON), (alice, MONDAY)):
        with nothing_happens(), pytest.raises(NotFound):
            delegating.end_delegation(delegation_id=made.pk, user=who, by=actor_of(who), at=at)
    assert Delegation.objects.exists()


@pytest.mark.parametrize("wrong", [{"delegate": "user"}, {"ends_at": NOON}])
def test_the_database_keeps_the_promise(alice, ivan, wrong):
    row = {"user": alice, "delegate": ivan, "starts_at": NOON, "ends_at": MONDAY}
    row |= {"delegate": alice} if "delegate" in wrong else wrong

    with pytest.raises(IntegrityError), transaction.atomic():
        Delegation.objects.create(created_at=NOON, **row)


def test_over_rest_one_sees_ones_own(as_, alice, ivan, clock):
    body = {"delegate": IVAN, "ends_at": "2026-03-09T12:00:00Z"}
    made = as_(alice).post("delegations/", body)

    assert made.status_code == 201
    assert made.json() == {
        "id": str(Delegation.objects.get().pk),
        "delegate": IVAN,
        "starts_at": "2026-03-02T12:00:00.000000Z",
        "ends_at": "2026-03-09T12:00:00.000000Z",
        "created_at": "2026-03-02T12:00:00.000000Z",
    }
    assert as_(alice).get("delegations/").json()["results"] == [made.json()]
    assert as_(ivan).get("delegations/").json()["results"] == []
    clock.move(days=7)
    assert as_(alice).get("delegations/").json()["results"] == []


def test_the_page_takes_it_shows_it_and_ends_it(alice, clock):
    client = Client()
    client.force_login(alice)
    browser = Browser(client)

    wrong = browser.send(
        "/notifications/delegations", delegate="nobody@example.com", ends_at="2026-03-09T08:00"
    )
    assert wrong.status == 400
    assert "There is no active person of this address." in wrong.text
    assert 'value="nobody@example.com"' in wrong.source
    page = browser.send(
        "/notifications/delegations", delegate=IVAN, starts_at="", ends_at="2026-03-09T08:00"
    )
    assert "Ivan is told instead of you." in page.text
    made = Delegation.objects.get()
    assert (made.starts_at, made.ends_at) == (NOON, MONDAY - timedelta(hours=4))
    page = browser.send(f"/notifications/delegations/{made.pk}/end")
    assert "You are told yourself again." in page.text
    assert not Delegation.objects.exists()
