"""Several senders over the same postings: each goes out once, and in its order."""

import pytest
from django.db import connection

from accessplane.lib import addresses
from audit import services
from chatops import lifecycle
from chatops.channels import registry
from chatops.models import Posting
from chatops.services import sending
from identity.selectors import subject_of
from tests import cast, deeds
from tests.cast import NOON
from tests.chatops.conftest import channel, route
from tests.chatops.receiver import receiving
from tests.deeds import later
from tests.races.at_once import at_once, refusals

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("clock"),
]


@pytest.fixture
def receiver(settings):
    settings.ACCESSPLANE_OUTBOUND_ALLOW = addresses.allowed(["127.0.0.1"])
    with receiving() as found:
        yield found


def stories(bob, alice, receiver, channels: int) -> None:
    """Six requests, asked and approved, for each of so many channels."""
    cast.apply(
        *(channel(f"c{n}", f"{receiver.url}/{n}") for n in range(channels)),
        *(route(f"r{n}", f"c{n}", events=["access_request.*"]) for n in range(channels)),
        *(cast.role(f"staging-{n}") for n in range(6)),
    )
    for number in range(6):
        deeds.approve(deeds.ask(bob, f"staging-{number}"), alice)
    services.drain(at=NOON)


@pytest.mark.parametrize("channels", [1, 3])
def test_four_senders_send_everything_once_and_in_order(bob, alice, receiver, channels):
    stories(bob, alice, receiver, channels)

    def send_all():
        return sum(sending.send_due(at=later(seconds=5 * number)) for number in range(4))

    sent = at_once(*[send_all] * 4)
    sent.append(send_all())  # what was in other hands when the last of them looked

    assert sum(sent) == len(receiver.calls) == 18 * channels
    assert len({(call.path, call.id) for call in receiver.calls}) == 18 * channels
    assert set(Posting.objects.values_list("state", "tries")) == {("SENT", 1)}
    for path in {call.path for call in receiver.calls}:
        for story in set(Posting.objects.values_list("conversation", flat=True)):
            told = [
                call.document["type"].removeprefix("access_request.")
                for call in receiver.calls
                if call.path == path and call.document["data"]["about"]["id"] == str(story)
            ]
            assert told == ["created", "reviewed", "approved"]


def test_a_channel_is_in_one_hand_at_a_time(bob, alice, receiver):
    """However slow the receiver is: it never sees two posts of one channel side by side."""
    stories(bob, alice, receiver, 1)
    inside, most = [], []

    def note(call):
        inside.append(call)
        most.append(len(inside))
        sending.send_due(at=NOON)  # another sender looks in the middle of it
        connection.close()
        inside.remove(call)

    receiver.meanwhile = note

    at_once(*[lambda: sending.send_due(at=NOON)] * 3)

    assert max(most) == 1
    assert len(receiver.calls) == 18


def test_what_failed_is_sent_again_once(bob, dana, receiver):
    cast.apply(channel("c", receiver.url), route("r", "c"))
    receiver.will_answer(404)
    deeds.ask(bob, "dba")
    services.drain(at=NOON)
    sending.send_due(at=NOON)
    failed = Posting.objects.get()

    def again():
        return sending.send_again(
            posting_id=failed.pk,
            subject=subject_of(dana, at=NOON),
            by=cast.actor_of(dana),
            at=NOON,
        )

    results = at_once(again, again, again)

    assert refusals(results) == ["wrong_state", "wrong_state"]
    assert sending.send_due(at=NOON) == 1


def test_what_two_senders_sent_is_reminded_of_once(bob, receiver):
    """The first of them was so slow that his lease ran out."""
    documents = channel("c", receiver.url), route("r", "c", remind="4h")
    cast.apply(*documents)
    deeds.ask(bob, "staging-db")
    services.drain(at=NOON)
    leased = [lifecycle.lease(at=at, paces=registry.paces()) for at in (NOON, later(minutes=2))]

    at_once(
        *(
            lambda one=one: lifecycle.settle_sent(
                one, "", at=later(minutes=2), again_at=later(hours=4)
            )
            for one in leased
        )
    )

    assert list(Posting.objects.order_by("round").values_list("round", "state")) == [
        (0, "SENT"),
        (1, "DUE"),
    ]


def test_an_escalation_and_a_decision_at_once(bob, alice, receiver):
    """The room hears of the request and then of its end, or of neither."""
    events = ["access_request.approved"]
    cast.apply(channel("c", receiver.url), route("r", "c", after="30m"))
    cast.apply(channel("all", f"{receiver.url}/all"), route("all", "all", events=events))
    for number in range(6):
        cast.apply(cast.role(f"staging-{number}"))
        request = deeds.ask(bob, f"staging-{number}")
        services.drain(at=NOON)
        at = later(hours=number + 1)

        at_once(
            lambda at=at: sending.send_due(at=at),
            lambda request=request, at=at: deeds.approve(request, alice, at=at),
        )
        services.drain(at=at)
        sending.send_due(at=later(of=at, minutes=1))

        mine = Posting.objects.filter(conversation=request.pk)
        (told,) = mine.filter(route__name="r").values_list("state", flat=True)
        assert told in {"SENT", "SKIPPED"}
        assert mine.get(route__name="all").state == "SENT"
        heard = [
            c for c in receiver.calls if c.document["data"]["about"]["id"] == str(request.pk)
        ]
        assert len(heard) == (2 if told == "SENT" else 1)
