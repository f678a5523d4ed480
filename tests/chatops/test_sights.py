"""The stream judges channels, routes and postings for many people as the search does for one."""

import pytest

from audit import selectors, services, visibility
from audit.models import LedgerEntry
from audit.selectors import Search
from chatops.services import sending
from tests import cast, deeds
from tests.cast import NOON
from tests.chatops.conftest import route

pytestmark = pytest.mark.django_db

KINDS = {"channel", "route", "posting"}
# Which kinds each sees, beside what everybody does.
RIGHTS = {
    "rita": ("channel", "read", {"channel", "posting"}),
    "ursula": ("channel", "update", {"channel", "posting"}),
    "rosa": ("route", "read", {"route"}),
    "udo": ("route", "update", {"route"}),
    "nobody": ("channel", "list", set()),
}


@pytest.fixture
def history(hook, bob):
    """Events about a channel, two routes and a posting that failed and was sent again."""
    for name, (resource, verb, _) in RIGHTS.items():
        allow = {"rules": [{"resources": [resource], "verbs": [verb]}]}
        cast.apply(cast.role(f"{name}-s", allow=allow), cast.person(name, roles=[f"{name}-s"]))
    cast.apply(route("more", "hook", events=["grant.*"]))
    hook.will_answer(410)
    deeds.ask(bob, "dba")
    services.drain(at=NOON)
    sending.send_due(at=NOON)
    services.drain(at=NOON)
    return LedgerEntry.objects.select_related("event").filter(event__about_kind__in=KINDS)


@pytest.mark.parametrize("name", [*RIGHTS, "bob", "mallory", "auditor", "dana"])
def test_both_ways_to_look_see_the_same(history, name):
    user = cast.called(name)
    sees = visibility.Sighting({entry.event.about for entry in history}, NOON).of(user)
    in_hand = [entry.sequence for entry in history if sees(entry.event.about)]

    found = selectors.stream(user=user, search=Search(), at=NOON)
    wanted = [entry.sequence for entry in found if entry.event.about_kind in KINDS]
    assert sorted(in_hand) == sorted(wanted)


def test_the_history_has_all_of_it(history):
    assert {entry.event.about_kind for entry in history} == KINDS


@pytest.mark.parametrize("name", RIGHTS)
def test_each_right_shows_what_it_is_for(history, name):
    abouts = {entry.event.about for entry in history}
    sees = visibility.Sighting(abouts, NOON).of(cast.called(name))

    assert {about.kind for about in abouts if sees(about)} == RIGHTS[name][2]


def test_many_people_cost_one_statement_each(history, django_assert_num_queries):
    """A person, with his or her roles; nothing for the objects, however many people look."""
    abouts = {entry.event.about for entry in history}
    warm = visibility.Sighting((), NOON)
    people = [cast.called(name) for name in (*RIGHTS, "bob", "mallory", "auditor")]
    for each in people:  # their roles are parsed once (ADR 0014)
        warm.of(each)

    with django_assert_num_queries(len(people)):
        sighting = visibility.Sighting(abouts, NOON)
        for each in people * 10:
            sighting.of(each)
