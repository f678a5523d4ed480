"""Which news goes which way."""

from datetime import timedelta

import pytest

from audit import services
from audit.models import Delivery
from chatops.models import Posting
from tests import cast, deeds
from tests.cast import NOON
from tests.chatops.conftest import channel, route

pytestmark = pytest.mark.django_db

URL = "https://hooks.example.com/in"


@pytest.fixture(autouse=True)
def _stage(everybody, clock):
    cast.apply(channel("hook", URL))
    services.drain(at=NOON)


def routed(**spec) -> None:
    cast.apply(route("r", "hook", **spec))
    services.drain(at=NOON)
    Posting.objects.all().delete()


def posted() -> list[str]:
    services.drain(at=NOON)
    found = Posting.objects.order_by("entry").select_related("entry__event")
    return [posting.entry.event.type.removeprefix("access_request.") for posting in found]


def a_story(bob, alice) -> None:
    """Bob asks for staging-db and gets it, and asks for dba."""
    deeds.approve(deeds.ask(bob, "staging-db", reason="ticket #1"), alice)
    deeds.ask(bob, "dba")


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ([], ["created", "created"]),
        (["access_request.created"], ["created", "created"]),
        (["access_request.*"], ["created", "reviewed", "approved", "created"]),
        (["grant.*"], ["grant.started"]),
        (["^access_request\\.(approved|denied)$"], ["approved"]),
        (["*"], ["created", "reviewed", "approved", "grant.started", "created"]),
        (["token.*", "user.*"], []),
    ],
)
def test_events_are_patterns_and_without_any_new_requests_are_meant(
    bob, alice, events, expected
):
    routed(events=events)

    a_story(bob, alice)

    assert posted() == expected


@pytest.mark.parametrize(
    ("roles", "expected"),
    [
        (["staging-*"], ["created", "approved", "grant.started"]),
        (["dba"], ["created"]),
        (["*"], ["created", "approved", "grant.started", "created"]),
        (["staging"], []),
        (["nothing", "^d..$"], ["created"]),
    ],
)
def test_roles_are_those_of_the_request_or_the_grant(bob, alice, roles, expected):
    events = ["access_request.created", "access_request.approved", "grant.*"]
    routed(roles=roles, events=events)

    a_story(bob, alice)

    assert posted() == expected


def test_of_a_request_for_several_roles_one_is_enough_and_a_grant_has_one(bob, alice):
    cast.apply(route("r", "hook", roles=["staging-db"], events=["*"]))

    deeds.approve(deeds.ask(bob, "staging-db", "staging-web"), alice)

    assert posted().count("grant.started") == 1


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        ('contains(requester.roles, "developer")', ["created", "created"]),
        ('contains(requester.traits["team"], "payments")', ["created", "created"]),
        ('contains(requester.traits["team"], "databases")', []),
        ('regexp.match(request.reason, "ticket *")', ["created"]),
        ('request.user == "bob@example.com" && contains(request.roles, "dba")', ["created"]),
    ],
)
def test_a_condition_sees_the_request_and_its_requester(bob, alice, when, expected):
    routed(when=when)

    a_story(bob, alice)

    assert posted() == expected


def test_news_of_no_request_is_for_routes_that_ask_for_none(bob):
    cast.apply(route("anything", "hook", events=["role.*"]))
    cast.apply(
        channel("other", URL),
        route("roles", "other", events=["role.*"], roles=["*"]),
        route("when", "other", events=["role.*"], when="true"),
    )
    services.drain(at=NOON)

    cast.apply(cast.role("brand-new"))
    services.drain(at=NOON)

    found = Posting.objects.select_related("entry__event").get()
    assert (found.route.name, found.entry.event.type) == ("anything", "role.created")


def test_two_routes_to_one_place_make_one_posting(bob):
    cast.apply(route("a", "hook"), route("b", "hook", events=["*"], roles=["dba"]))

    deeds.ask(bob, "dba")

    services.drain(at=NOON)
    assert Posting.objects.get().route.name == "a"


def test_two_channels_make_two(bob):
    cast.apply(channel("other", URL), route("a", "hook"), route("b", "other"))

    deeds.ask(bob, "dba")

    services.drain(at=NOON)
    assert Posting.objects.count() == 2


def test_an_inactive_route_brings_nothing(bob):
    routed(active=False)

    deeds.ask(bob, "dba")

    assert posted() == []


def test_without_a_route_nothing_is_owed_to_anybody(bob):
    """The log is not slowed down by channels that nobody uses."""
    deeds.ask(bob, "dba")
    services.drain(at=NOON)
    assert not Delivery.objects.filter(subscriber="chatops.postings").exists()

    routed(events=["grant.*"])
    deeds.ask(bob, "staging-db")
    services.drain(at=NOON)
    assert not Delivery.objects.filter(subscriber="chatops.postings").exists()


def test_a_posting_is_given_a_day(bob):
    routed()
    deeds.ask(bob, "dba")
    services.drain(at=NOON)

    assert Posting.objects.get().give_up_at == NOON + timedelta(days=1)
