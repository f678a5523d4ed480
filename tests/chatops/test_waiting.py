"""Routes that wait for a while, and routes that are quiet at times."""

from datetime import timedelta

import pytest

from audit import services
from chatops.lifecycle import KEEP_TRYING
from chatops.models import Posting
from chatops.services import sending
from tests import cast, deeds
from tests.cast import NOON
from tests.chatops.conftest import route
from tests.deeds import later

pytestmark = pytest.mark.django_db

BOB, ALICE, IVAN = (f"{name}@example.com" for name in ("bob", "alice", "ivan"))
ROOM, LAST = "#security", "#last-resort"
NIGHT = {"from": "22:00", "to": "08:00"}


@pytest.fixture
def told(clock):
    """`told(at)`: what was recorded is delivered and sent at that moment, as the jobs would."""

    def tell(at=NOON):
        clock.moment = at
        services.drain(at=at)
        return sending.send_due(at=at)

    return tell


def escalates(after="30m", **spec):
    cast.apply(route("escalation", "pigeons", recipients=[LAST], after=after, **spec))


def quiet_at_night(**spec):
    cast.apply(route("security", "pigeons", recipients=[ROOM], quiet=[NIGHT], **spec))


def owed(recipient=LAST) -> list[tuple[str, str]]:
    """What the recipient is owed, or was: the event and the state."""
    found = Posting.objects.filter(recipient=recipient).select_related("entry__event")
    return [
        (posting.entry.event.type.partition(".")[2], posting.state)
        for posting in found.order_by("entry", "pk")
    ]


# --- after --------------------------------------------------------------------------------------


def test_if_nobody_decided_another_room_is_told(loft, bob, told):
    escalates()
    deeds.ask(bob, "dba")
    told()
    told(later(minutes=29))
    assert (loft.to(LAST), owed()) == ([], [("created", "DUE")])
    assert Posting.objects.get(recipient=LAST).give_up_at == later(minutes=30) + KEEP_TRYING

    told(later(minutes=30))

    assert [flight.posted for flight in loft.to(LAST)] == [""]
    assert owed() == [("created", "SENT")]


@pytest.mark.parametrize("end", ["decided", "cancelled", "over by the clock"])
def test_if_the_request_is_settled_nobody_is_told_and_that_is_seen(
    loft, bob, alice, as_, dana, told, end
):
    escalates("7d" if end == "over by the clock" else "30m")
    request = deeds.ask(bob, "dba")
    told()
    if end == "decided":
        deeds.deny(request, alice)
    elif end == "cancelled":
        deeds.cancel(request, bob)
    told(later(minutes=1))

    told(later(days=7))  # when a request has waited long enough, whether a job has run or not

    assert (loft.to(LAST), owed()) == ([], [("created", "SKIPPED")])
    (shown,) = as_(dana).get("postings/?state=SKIPPED").json()["results"]
    assert (shown["tries"], shown["next_try_at"]) == (0, None)
    assert "nothing waited" in shown["detail"]


def test_what_was_skipped_is_not_sent_again(loft, bob, alice, as_, dana, told):
    escalates()
    deeds.deny(deeds.ask(bob, "dba"), alice)
    told()
    told(later(hours=1))
    skipped = Posting.objects.get(recipient=LAST)

    assert as_(dana).post(f"postings/{skipped.pk}/send/", {}).status_code == 409
    assert told(later(hours=2)) == 0
    assert loft.to(LAST) == []


def test_an_escalation_is_no_room_that_spares_the_reviewers(loft, carol, told):
    escalates()
    deeds.ask(carol, "staging-web")

    told()

    assert ALICE in loft.recipients()


def test_who_is_told_later_hears_how_things_stand_then_and_how_they_go_on(
    loft, bob, alice, ivan, told
):
    escalates()
    request = deeds.ask(bob, "dba")
    told()
    deeds.approve(request, alice, at=later(minutes=10))
    told(later(minutes=10))
    assert loft.to(LAST) == []
    assert owed() == [("created", "DUE")]
    told(later(minutes=30))
    deeds.approve(request, ivan, at=later(minutes=40))
    told(later(minutes=40))

    first, *others = loft.to(LAST)
    assert ("Review", "Alice approved") in [(f.label, f.value) for f in first.message.facts]
    assert [flight.posted for flight in others] == [f"card for {LAST}"] * 2
    assert "Approved by Alice and Ivan" in others[-1].message.news


def test_what_waits_holds_up_no_other_news_for_the_same_room(loft, bob, alice, told):
    escalates("2h")
    cast.apply(route("ends", "pigeons", recipients=[LAST], events=["access_request.denied"]))
    request = deeds.ask(bob, "dba")
    told()
    deeds.deny(request, alice)

    told(later(minutes=1))

    assert owed() == [("created", "DUE"), ("denied", "SENT")]


def test_news_that_follows_what_is_then_skipped_is_skipped_too(loft, bob, alice, told):
    """The escalation is due, and before it is sent the request is settled."""
    escalates()
    request = deeds.ask(bob, "dba")
    told()
    deeds.deny(request, alice, at=later(minutes=31))

    told(later(minutes=31))

    assert loft.to(LAST) == []
    assert owed() == [("created", "SKIPPED"), ("reviewed", "SKIPPED"), ("denied", "SKIPPED")]


def test_of_two_reasons_the_earlier_counts(loft, bob, told):
    escalates()
    cast.apply(route("now", "pigeons", recipients=[LAST]))
    deeds.ask(bob, "dba")

    told()

    assert owed() == [("created", "SENT")]


# --- quiet --------------------------------------------------------------------------------------

EVENING = later(hours=10)  # 22:00, when it becomes quiet
MORNING = later(hours=20)


def test_what_comes_at_night_waits_until_the_morning(loft, bob, told):
    quiet_at_night()
    deeds.ask(bob, "dba", at=EVENING)

    told(EVENING)
    waiting = Posting.objects.get(recipient=ROOM)
    assert (waiting.state, waiting.tries, waiting.next_at) == ("DUE", 0, MORNING)
    assert waiting.give_up_at == MORNING + KEEP_TRYING
    assert told(MORNING - timedelta(minutes=1)) == 0
    told(MORNING)

    assert len(loft.to(ROOM)) == 1
    assert ALICE in loft.recipients()  # who was told at once: no route is quiet for her


def test_in_the_morning_things_are_told_as_they_stand_or_not_at_all(
    loft, bob, alice, ivan, told
):
    quiet_at_night()
    waiting = deeds.ask(bob, "dba", at=EVENING)
    settled = deeds.ask(bob, "staging-db", at=EVENING)
    told(EVENING)
    deeds.approve(waiting, alice, at=later(hours=11))
    deeds.approve(settled, ivan, at=later(hours=11))
    told(later(hours=11))

    told(MORNING)

    (flight,) = loft.to(ROOM)
    assert flight.message.conversation == waiting.pk
    assert ("Review", "Alice approved") in [(f.label, f.value) for f in flight.message.facts]


def test_how_it_ended_at_night_is_told_in_the_morning_to_who_knew_of_it(loft, bob, alice, told):
    quiet_at_night()
    request = deeds.ask(bob, "dba", at=later(hours=9))
    told(later(hours=9))
    deeds.deny(request, alice, at=EVENING, reason="not now")
    told(EVENING)
    assert len(loft.to(ROOM)) == 1

    told(MORNING)

    assert loft.news_to(ROOM)[-1] == "Denied by Alice: not now"


def test_other_news_than_of_requests_is_never_pointless(loft, bob, alice, ivan, told):
    quiet_at_night(events=["grant.*"])
    deeds.granted_dba(bob, at=EVENING)
    told(EVENING)
    assert loft.to(ROOM) == []

    told(MORNING)

    assert owed(ROOM) == [("started", "SENT")]


def test_what_is_tried_again_at_night_waits_as_well(loft, bob, told, clock):
    quiet_at_night()
    deeds.ask(bob, "dba", suggested_reviewers=(ALICE,), at=later(hours=9, minutes=59))
    clock.move(hours=9, minutes=59)
    services.drain(at=clock.now())

    told(EVENING)  # the senders were away for a minute

    assert loft.to(ROOM) == []
    assert Posting.objects.get(recipient=ROOM).next_at == MORNING


def test_an_escalation_that_comes_due_at_night_waits_until_the_morning(loft, bob, told):
    escalates("11h", quiet=[NIGHT])
    deeds.ask(bob, "dba")
    told()
    told(later(hours=11))
    assert loft.to(LAST) == []

    told(MORNING)

    assert len(loft.to(LAST)) == 1
