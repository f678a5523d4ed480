"""Routes that remind, one reminder after the other, until somebody has decided."""

from datetime import timedelta

import pytest

from audit import services
from chatops import lifecycle
from chatops.channels import registry
from chatops.models import ChannelConfig, Posting
from chatops.selectors import CREATED
from chatops.services import sending
from tests import cast, deeds
from tests.cast import NOON
from tests.chatops.conftest import route
from tests.deeds import later

pytestmark = pytest.mark.django_db

BOB, ALICE, IVAN = (f"{name}@example.com" for name in ("bob", "alice", "ivan"))
ROOM = "#security"
NIGHT = {"from": "22:00", "to": "08:00"}


@pytest.fixture
def told(clock):
    def tell(at=NOON):
        clock.moment = at
        services.drain(at=at)
        return sending.send_due(at=at)

    return tell


def reminds(every="4h", recipients=(ROOM,), **spec):
    cast.apply(route("r", "pigeons", recipients=list(recipients), remind=every, **spec))


def rounds(recipient=ROOM) -> list[tuple[int, str]]:
    found = Posting.objects.filter(recipient=recipient, entry__event__type=CREATED)
    return list(found.order_by("round").values_list("round", "state"))


def due_at(recipient=ROOM):
    """When the next reminder is, to the minute."""
    return Posting.objects.get(recipient=recipient, state="DUE").next_at.replace(
        second=0, microsecond=0
    )


def test_as_long_as_a_request_waits_the_room_is_told_again(loft, bob, alice, told):
    reminds()
    request = deeds.ask(bob, "dba", suggested_reviewers=(IVAN,))
    told()
    assert rounds() == [(0, "SENT"), (1, "DUE")]
    told(later(hours=3, minutes=59))
    assert len(loft.to(ROOM)) == 1

    told(later(hours=4, minutes=1))
    deeds.approve(request, alice, at=later(hours=5))
    told(later(hours=5))
    told(later(hours=8, minutes=2))

    first, reminder, _, again = loft.to(ROOM)
    assert reminder.posted == again.posted == f"card for {ROOM}"
    assert {first.message.title, reminder.message.title} == {"Bob asks for dba for 8 hours"}
    assert [flight.message.news for flight in (reminder, again)] == [
        "Still waiting: 0 of 2 approvals (two people), 6 days 19 hours left.",
        "Still waiting: 1 of 2 approvals (two people), 6 days 15 hours left.",
    ]
    assert len(loft.to(IVAN)) == 2  # of no route that reminds: asked, and told of the review
    assert rounds() == [(0, "SENT"), (1, "SENT"), (2, "SENT"), (3, "DUE")]


def test_a_settled_request_is_not_reminded_of(loft, bob, alice, told):
    reminds()
    request = deeds.ask(bob, "dba")
    told()
    deeds.deny(request, alice)
    told(later(minutes=1))
    before = len(loft.to(ROOM))

    told(later(hours=4, minutes=1))

    assert len(loft.to(ROOM)) == before
    assert rounds()[-1] == (1, "SKIPPED")
    assert not Posting.objects.filter(state="DUE").exists()


def test_how_it_goes_on_does_not_wait_for_a_reminder(loft, bob, alice, told):
    reminds()
    request = deeds.ask(bob, "dba")
    told()
    deeds.deny(request, alice, reason="no")

    told(later(minutes=1))

    assert loft.news_to(ROOM)[-1] == "Denied by Alice: no"


def test_no_reminder_is_owed_for_when_the_request_will_have_waited_long_enough(loft, bob, told):
    reminds("7d")
    deeds.ask(bob, "dba")

    told()

    assert rounds() == [(0, "SENT")]


def test_a_route_that_is_archived_reminds_no_more(loft, bob, told):
    reminds()
    deeds.ask(bob, "dba")
    told()
    reminds(active=False)

    told(later(hours=4, minutes=1))

    assert len(loft.to(ROOM)) == 1
    assert rounds() == [(0, "SENT"), (1, "SKIPPED")]


def test_a_route_without_recipients_reminds_the_reviewers(loft, bob, told):
    reminds(recipients=())
    deeds.ask(bob, "dba", suggested_reviewers=(ALICE,))
    told()
    assert sorted(loft.recipients()) == [ALICE, BOB]

    told(later(hours=4, minutes=1))

    assert loft.recipients().count(ALICE) == 2
    assert loft.recipients().count(BOB) == 1
    assert loft.news_to(ALICE)[1].startswith("Still waiting: 0 of 2 approvals")


def test_a_route_without_recipients_may_have_the_reviewers_wait(loft, bob, told):
    cast.apply(route("r", "pigeons", after="1h"))
    deeds.ask(bob, "dba", suggested_reviewers=(ALICE,))
    told()
    assert loft.recipients() == [BOB]

    told(later(hours=1))

    assert loft.recipients() == [BOB, ALICE]


def test_a_quiet_route_reminds_in_the_morning(loft, bob, told):
    reminds("11h", quiet=[NIGHT])
    deeds.ask(bob, "dba")
    told()
    told(later(hours=11, minutes=1))
    assert (len(loft.to(ROOM)), due_at()) == (1, later(hours=20))

    told(later(hours=20))

    assert len(loft.to(ROOM)) == 2
    assert due_at() == later(hours=31)


def test_an_escalation_reminds_from_when_it_was_sent(loft, bob, told):
    reminds("2h", after="30m")
    deeds.ask(bob, "dba")
    told()
    told(later(minutes=30))

    assert due_at() == later(hours=2, minutes=30)


def test_a_reminder_has_a_key_of_its_own(loft, bob, told):
    reminds()
    deeds.ask(bob, "dba")
    told()

    news, reminder = Posting.objects.filter(recipient=ROOM).order_by("round")
    assert reminder.key == f"{news.key}_1"


def test_after_a_crash_it_is_sent_again_and_one_reminder_follows(loft, bob, told):
    reminds()
    deeds.ask(bob, "dba", suggested_reviewers=(IVAN,))
    services.drain(at=NOON)
    while lifecycle.lease(at=NOON, paces=registry.paces()):
        ChannelConfig.objects.update(next_at=NOON)
    assert not Posting.objects.filter(round=1).exists()

    told(later(minutes=2))

    assert rounds() == [(0, "SENT"), (1, "DUE")]
    assert due_at() - later(hours=4, minutes=2) < timedelta(minutes=1)
