"""In which order it arrives, whichever workers send it."""

from datetime import timedelta

import pytest

from audit import services
from chatops import lifecycle
from chatops.channels import registry
from chatops.channels.base import DeliveryFailed
from chatops.models import ChannelConfig, Posting
from chatops.services import sending
from tests import cast, deeds
from tests.cast import NOON
from tests.chatops.conftest import channel, posting, route
from tests.deeds import later

pytestmark = pytest.mark.django_db

PACES = {"webhook": timedelta(0)}
AT_ONCE = timedelta(0)


# --- order --------------------------------------------------------------------------------------


def test_one_conversation_keeps_its_order_and_another_does_not_wait(hook, bob, alice, told):
    hook.will_answer(500)
    first = deeds.ask(bob, "staging-db")
    told()
    deeds.approve(first, alice)
    deeds.ask(bob, "dba")

    told(later(seconds=1))
    assert hook.types == ["access_request.created"] * 2  # the first, refused; and the other
    assert hook.calls[1].document["data"]["about"]["name"] == "dba"

    told(later(seconds=30))
    assert hook.types[2:] == [
        "access_request.created",
        "access_request.reviewed",
        "access_request.approved",
    ]


def test_a_grant_belongs_to_the_story_of_its_request(hook, bob, alice, told):
    cast.apply(route("all", "hook", events=["access_request.*", "grant.*"]))
    hook.will_answer(500)
    request = deeds.ask(bob, "staging-db")
    deeds.approve(request, alice)
    told()
    assert hook.types == ["access_request.created"]

    told(later(seconds=30))

    assert hook.types[1:] == [
        "access_request.created",
        "access_request.reviewed",
        "access_request.approved",
        "grant.started",
    ]
    assert set(Posting.objects.values_list("conversation", flat=True)) == {request.pk}


def test_after_an_earlier_one_is_given_up_the_later_ones_go(hook, bob, told):
    hook.will_answer(404)
    request = deeds.ask(bob, "dba")
    deeds.cancel(request, bob)

    told()

    assert hook.types == ["access_request.created", "access_request.cancelled"]


# --- workers ------------------------------------------------------------------------------------


def test_a_worker_that_vanishes_costs_a_delay_and_no_message(hook, bob, told):
    """It had leased the posting and was never heard of again."""
    deeds.ask(bob, "dba")
    services.drain(at=NOON)
    assert lifecycle.lease(at=NOON, paces=PACES)

    assert sending.send_due(at=later(seconds=59)) == 0
    assert hook.calls == []

    assert sending.send_due(at=later(seconds=61)) == 1
    assert (posting().state, posting().tries) == ("SENT", 2)


def test_a_channel_that_is_changed_meanwhile_does_not_send_twice(hook, bob, told):
    deeds.ask(bob, "dba")
    services.drain(at=NOON)
    lifecycle.lease(at=NOON, paces=PACES)

    cast.apply(channel("hook", f"{hook.url}/moved"))  # free to use from now on

    assert sending.send_due(at=later(seconds=30)) == 0
    assert sending.send_due(at=later(seconds=61)) == 1
    assert [call.path for call in hook.calls] == ["/hook/moved"]


def test_who_was_overtaken_settles_nothing_but_a_success(hook, bob, told):
    deeds.ask(bob, "dba")
    services.drain(at=NOON)
    slow = lifecycle.lease(at=NOON, paces=PACES)
    other = lifecycle.lease(at=later(seconds=61), paces=PACES)
    assert (slow.posting, slow.token) == (other.posting, slow.token)

    failure = DeliveryFailed("too late", permanent=True)
    assert lifecycle.settle_failed(slow, failure, took=AT_ONCE, at=later(seconds=62)) is None
    assert posting().state == "DUE"
    assert posting().lease == other.token
    assert ChannelConfig.objects.get().next_at == other.posting.channel.next_at

    lifecycle.settle_sent(slow, "it arrived after all", at=later(seconds=63))
    assert posting().state == "SENT"
    assert lifecycle.settle_failed(other, failure, took=AT_ONCE, at=later(seconds=64)) is None
    assert posting().state == "SENT"


@pytest.mark.parametrize(("took", "rest"), [(0.9, 0), (10, 30)])
def test_a_channel_that_took_long_to_fail_leaves_the_workers_to_others(hook, bob, took, rest):
    deeds.ask(bob, "dba")
    services.drain(at=NOON)
    leased = lifecycle.lease(at=NOON, paces=PACES)
    at = later(seconds=took)

    lifecycle.settle_failed(leased, DeliveryFailed("x"), took=at - NOON, at=at)

    assert ChannelConfig.objects.get().next_at == (
        at + timedelta(seconds=rest) if rest else NOON
    )


def test_a_channel_of_a_type_that_is_gone_stops_no_other(hook, bob, dana, told, as_, receiver):
    """After a step back to an older release, say."""
    cast.apply(channel("pigeons", receiver.url), route("p", "pigeons"))
    ChannelConfig.objects.filter(name="pigeons").update(type="pigeon")
    deeds.ask(bob, "dba")

    assert told() == 1
    assert Posting.objects.get(channel__name="pigeons").state == "DUE"
    assert as_(dana).get("channels/pigeons/").json()["settings"] == {}


def test_what_nobody_foresaw_is_tried_again_and_told_without_its_text(hook, bob, told, caplog):
    deeds.ask(bob, "dba")
    services.drain(at=NOON)
    ChannelConfig.objects.update(settings={"url": hook.url})  # no secret: nobody can do that

    sending.send_due(at=NOON)

    assert posting().state == "DUE"
    assert posting().error == "Something went wrong here; the log of the plane says what."
    assert "failed unforeseen" in caplog.text


def test_a_channel_has_a_pace(hook, bob):
    for number in range(40):
        cast.apply(cast.role(f"staging-{number}"))
        deeds.ask(bob, f"staging-{number}")
    services.drain(at=NOON)

    def taken(at) -> int:
        """How many may go at this very moment, if sending took no time."""
        found = 0
        while leased := lifecycle.lease(at=at, paces=registry.paces()):
            lifecycle.settle_sent(leased, "", at=at)
            found += 1
        return found

    assert taken(NOON) == lifecycle.BURST + 1
    assert taken(later(seconds=0.5)) == 10
    assert taken(later(seconds=30)) == 9


def test_the_channel_that_sent_least_lately_goes_first(hook, bob, told, receiver):
    cast.apply(channel("quiet", f"{receiver.url}-quiet"), route("q", "quiet"))
    for role in ("dba", "staging-db", "staging-web"):
        deeds.ask(bob, role)
    services.drain(at=NOON)

    sending.send_due(at=NOON, limit=4)

    assert sorted(call.path for call in hook.calls) == [
        "/hook",
        "/hook",
        "/hook-quiet",
        "/hook-quiet",
    ]


def test_an_inactive_channel_keeps_what_it_owes(hook, bob, told):
    deeds.ask(bob, "dba")
    services.drain(at=NOON)
    cast.apply(channel("hook", hook.url, active=False))
    assert told() == 0
    deeds.ask(bob, "staging-db")  # nothing is owed of this: the channel is off
    services.drain(at=NOON)

    cast.apply(channel("hook", hook.url))

    assert told(later(seconds=1)) == 1
    assert Posting.objects.count() == 1
