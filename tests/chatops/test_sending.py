"""From an event to what arrives: signed, once, tried for a day, and never lost."""

from datetime import datetime, timedelta

import pytest
from django.db import transaction

from accessplane.lib import outbound
from audit import services
from audit.models import AuditEvent
from chatops.models import ChannelConfig, Posting
from chatops.services import sending
from chatops.states import PostingState
from tests import cast, deeds
from tests.cast import NOON
from tests.chatops.conftest import SECRET, channel, posting, route
from tests.deeds import later

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


def try_until(moment: datetime) -> int:
    """Send what is due whenever it is due, until then; how many tries that was."""
    tries = 0
    while due := Posting.objects.filter(state=PostingState.DUE, next_at__lte=moment):
        at = max(NOON, due.order_by("next_at")[0].next_at)
        channel_free = ChannelConfig.objects.order_by("next_at")[0].next_at
        tries += sending.send_due(at=max(at, channel_free))
    return tries


def failures() -> list[dict]:
    return [event.data for event in AuditEvent.objects.filter(type="posting.failed")]


# --- what arrives -------------------------------------------------------------------------------


def test_an_event_arrives_signed_with_its_document(hook, bob, told, as_):
    request = deeds.ask(bob, "dba", reason="ticket #1")

    assert told() == 1

    (call,) = hook.calls
    document = call.document
    event = AuditEvent.objects.get(type="access_request.created")
    assert (call.path, call.headers["content-type"]) == ("/hook", "application/json")
    assert call.verified(SECRET, at=NOON) == call.id
    assert call.id.startswith(str(event.pk))
    assert document["type"] == "access_request.created"
    assert document["timestamp"] == "2026-03-02T12:00:00.000000Z"
    assert document["data"]["id"] == str(event.pk)
    assert document["data"]["about"]["id"] == str(request.pk)
    assert document["data"]["data"]["reason"] == "ticket #1"
    assert document["data"]["sequence"] == event.entry.sequence
    sent = posting()
    assert (sent.state, sent.tries, sent.settled_at is not None) == ("SENT", 1, True)


def test_what_arrived_is_not_sent_again(hook, bob, told):
    deeds.ask(bob, "dba")

    assert (told(), told(), told(later(days=2))) == (1, 0, 0)
    assert len(hook.calls) == 1


def test_nothing_is_sent_inside_a_transaction(hook, bob):
    deeds.ask(bob, "dba")
    services.drain(at=NOON)

    with transaction.atomic():
        sending.send_due(at=NOON)

    assert hook.calls == []
    assert posting().state == "DUE"
    with transaction.atomic(), pytest.raises(RuntimeError):
        outbound.send("POST", hook.url, timeout=timedelta(seconds=1))


def test_while_a_secret_is_replaced_both_sign(hook, bob, told, monkeypatch):
    monkeypatch.setenv("NEXT_SECRET", "a new one, in plain text")
    cast.apply(channel("hook", hook.url, [SECRET, "env:NEXT_SECRET"]))
    deeds.ask(bob, "dba")

    told()

    (call,) = hook.calls
    assert call.verified(SECRET, at=NOON)
    assert call.verified("a new one, in plain text", at=NOON)


# --- tries --------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [408, 409, 425, 429, 500, 502, 503])
def test_a_passing_failure_is_tried_again_with_the_same_id(hook, bob, told, status):
    hook.will_answer(status)
    deeds.ask(bob, "dba")
    told()
    waiting = posting()
    assert (waiting.state, waiting.tries) == ("DUE", 1)
    assert waiting.error == f"127.0.0.1 answered {status}."
    assert timedelta(seconds=3) < waiting.next_at - NOON < timedelta(seconds=8)
    assert sending.send_due(at=later(seconds=3)) == 0

    assert sending.send_due(at=later(seconds=8)) == 1

    first, second = hook.calls
    assert first.id == second.id
    assert first.body == second.body
    assert second.verified(SECRET, at=later(seconds=8))
    assert (posting().state, posting().tries, posting().error) == ("SENT", 2, "")


def test_the_pauses_grow_to_an_hour(hook, bob, told):
    hook.will_answer(500, times=30)
    deeds.ask(bob, "dba")
    told()
    pauses = []
    for _ in range(14):
        waiting = posting()
        sending.send_due(at=waiting.next_at)
        pauses.append((posting().next_at - waiting.next_at).total_seconds())

    assert all(7.5 <= pause <= 13 for pause in pauses[:1])
    assert all(2700 <= pause <= 4501 for pause in pauses[-3:])


def test_what_fails_for_a_day_is_given_up_and_told(hook, bob, told):
    hook.will_answer(503, times=100)
    deeds.ask(bob, "dba")
    told()

    tries = 1 + try_until(later(days=3))

    failed = posting(state="FAILED")
    assert DAY - timedelta(hours=1.5) < failed.settled_at - NOON <= DAY
    assert len(hook.calls) == tries == failed.tries
    assert 25 < tries < 50
    (data,) = failures()
    assert data == {
        "channel": "hook",
        "route": "all",
        "recipient": "",
        "event": str(failed.entry.event_id),
        "event_type": "access_request.created",
        "reason": "127.0.0.1 answered 503.",
        "tries": tries,
    }
    assert ChannelConfig.objects.get().problem == ""


@pytest.mark.parametrize("wait", ["120", "Mon, 02 Mar 2026 12:02:00 GMT"])
def test_retry_after_is_honoured_for_the_whole_channel(hook, bob, alice, told, wait):
    hook.will_answer(429, Retry_After=wait)
    deeds.ask(bob, "dba")
    told()
    deeds.ask(bob, "staging-db")
    services.drain(at=later(seconds=60))

    assert sending.send_due(at=later(seconds=119)) == 0
    assert sending.send_due(at=later(seconds=125)) == 2

    assert hook.types == ["access_request.created"] * 3


@pytest.mark.parametrize("wait", ["-1", "soon", "²", "9" * 400, "Mon, 99 Foo", ""])
def test_a_retry_after_that_cannot_be_read_is_passed_over(hook, bob, told, wait):
    hook.will_answer(503, Retry_After=wait.encode().decode("latin-1"))
    deeds.ask(bob, "dba")
    told()

    assert posting().next_at - NOON < timedelta(seconds=8)


def test_a_service_that_asks_for_more_than_a_day_is_given_up(hook, bob, told):
    hook.will_answer(503, Retry_After=str(2 * 24 * 3600))
    deeds.ask(bob, "dba")
    told()

    assert posting().state == "FAILED"
    assert ChannelConfig.objects.get().next_at <= later(hours=1, seconds=5)


@pytest.mark.parametrize("status", [301, 308, 400, 401, 403, 404, 410, 422])
def test_a_lasting_failure_fails_at_once_and_flags_the_channel(hook, bob, told, status):
    hook.will_answer(status, Location="http://127.0.0.1:1/")
    deeds.ask(bob, "dba")
    told()

    assert (posting().state, len(hook.calls), len(failures())) == ("FAILED", 1, 1)
    flagged = ChannelConfig.objects.get()
    assert str(status) in flagged.problem
    assert flagged.problem_at - NOON < timedelta(seconds=5)


def test_a_channel_is_well_again_when_something_arrives(hook, bob, told):
    hook.will_answer(404)
    deeds.ask(bob, "dba")
    told()
    assert ChannelConfig.objects.get().problem

    deeds.ask(bob, "staging-db")
    told()

    channel_now = ChannelConfig.objects.get()
    assert (channel_now.problem, channel_now.problem_at) == ("", None)


def test_an_address_that_may_not_be_called_fails_at_once(hook, bob, told, settings):
    settings.ACCESSPLANE_OUTBOUND_ALLOW = outbound.Allowed()
    deeds.ask(bob, "dba")
    told()

    assert posting().state == "FAILED"
    assert "may not be called" in ChannelConfig.objects.get().problem
    assert hook.calls == []


def test_nobody_there_is_tried_again(everybody, bob, told, clock, receiver):
    cast.apply(channel("hook", "http://127.0.0.1:1/"), route("all", "hook"))
    deeds.ask(bob, "dba")
    told()

    assert (posting().state, posting().tries) == ("DUE", 1)
    assert "could not be reached" in posting().error


def test_a_secret_that_is_not_set_is_tried_again(hook, bob, told, monkeypatch):
    cast.apply(channel("hook", hook.url, "env:HOOK_SECRET"))
    monkeypatch.delenv("HOOK_SECRET", raising=False)
    deeds.ask(bob, "dba")
    told()
    assert posting().state == "DUE"
    assert "HOOK_SECRET is not set" in posting().error
    assert hook.calls == []

    monkeypatch.setenv("HOOK_SECRET", "here it is")
    assert sending.send_due(at=later(seconds=10)) == 1
    assert hook.calls[0].verified("here it is", at=later(seconds=10))


def test_news_of_a_failure_goes_through_other_channels_and_makes_no_more_news(hook, bob, told):
    """Two channels that tell of each other's failures would never come to an end."""
    cast.apply(
        channel("other", "http://127.0.0.1:1/no"),
        route("failures here", "hook", events=["posting.*"]),
        route("failures there", "other", events=["posting.*"]),
    )
    hook.will_answer(404, times=10)
    deeds.ask(bob, "dba")
    told()
    cast.apply(channel("other", hook.url))

    for minute in range(1, 5):
        told(later(minutes=minute))

    assert hook.types == ["access_request.created", "posting.failed"]
    assert len(failures()) == 1


# --- once more ----------------------------------------------------------------------------------


def test_what_failed_can_be_sent_again_for_another_day(hook, bob, dana, told, as_):
    hook.will_answer(404)
    deeds.ask(bob, "dba")
    told()
    failed = posting()

    answer = as_(dana).post(f"postings/{failed.pk}/send/")

    assert (answer.status_code, answer.json()["state"]) == (200, "DUE")
    assert told(later(seconds=1)) == 1
    first, again = hook.calls
    assert first.id == again.id
    assert posting().state == "SENT"
    retried = AuditEvent.objects.get(type="posting.retried")
    assert (retried.actor_name, retried.about_id) == ("dana@example.com", failed.pk)
