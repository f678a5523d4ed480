"""One way, whatever Apprise reaches: what is sent, what a refusal means, and what it costs us."""

import json
from datetime import timedelta

import pytest

from accessplane.lib import addresses, outbound
from audit.models import AuditEvent
from chatops.channels.apprise import channel
from chatops.channels.apprise.channel import Apprise, Call, Said
from chatops.channels.base import DeliveryFailed
from chatops.messages import Audience, Fact, Message
from chatops.models import ChannelConfig, Posting
from chatops.services import channels
from chatops.states import PostingState
from identity.selectors import subject_of
from tests import cast, deeds
from tests.cast import NOON
from tests.chatops.conftest import posting, route

pytestmark = pytest.mark.django_db
TOKEN = "Ak28Ak28Ak28Ak2"


def apprise(url: str) -> dict:
    return cast.document("channel", "anything", {"type": "apprise", "settings": {"url": url}})


@pytest.fixture
def sink(everybody, receiver, clock, told):
    """Requests go to somebody who takes JSON."""
    url = f"json://127.0.0.1:{receiver.port}/access"
    cast.apply(apprise(url), route("all", "anything"))
    told()
    return receiver


def said(call) -> tuple[str, list[str]]:
    """The title and the lines of a message."""
    return call.document["title"], call.document["message"].split("\n")


# --- the story ----------------------------------------------------------------------------------


def test_a_request_is_told_of_with_all_that_a_reviewer_needs(sink, bob, tell):
    request = deeds.ask(bob, reason="ticket #1")
    tell()

    title, lines = said(sink.calls[0])
    assert title == "Bob asks for dba for 8 hours"
    assert lines[1].endswith(f"/requests/{request.pk}")
    assert "Reason: ticket #1" in lines
    assert "Waits until: Mon 9 Mar 2026, 12:00 UTC" in lines
    assert posting().posted == "127.0.0.1 took it."


def test_each_review_and_the_end_are_told_as_well(sink, bob, alice, ivan, tell):
    request = deeds.ask(bob, reason="ticket #1")
    tell()
    deeds.approve(request, alice, reason="fine")
    tell()
    deeds.approve(request, ivan)
    tell()

    news = [said(call)[1][0] for call in sink.calls[1:]]
    assert news[0] == "Alice approved: fine"
    assert news[-1].startswith("Approved by Alice and Ivan, until ")
    assert said(sink.calls[-1])[0] == "Bob asked for dba for 8 hours"
    assert sink.calls[-1].document["type"] == "success"
    assert not Posting.objects.exclude(state=PostingState.SENT).exists()


def test_what_people_write_calls_nobody_and_hides_no_link(sink, bob, tell):
    reason = "@everyone <!channel> <@U1> [safe](http://evil) @**all** me@example.com a < b"
    deeds.ask(bob, reason=reason)
    tell()

    (line,) = (line for line in said(sink.calls[0])[1] if line.startswith("Reason: "))
    assert line == (
        "Reason: @\u200beveryone \u2039!channel> \u2039@\u200bU1> [safe] (http://evil) "
        "@\u200b**all** me@example.com a < b"
    )


def test_a_long_reason_leaves_room_for_the_rest(sink, bob, tell):
    deeds.ask(bob, reason="x" * 4000)
    tell()

    lines = said(sink.calls[0])[1]
    assert f"Reason: {'x' * 500}…" in lines


def test_a_sample_arrives(sink, dana, clock):
    report = channels.send_sample(
        name="anything",
        subject=subject_of(dana, at=NOON),
        by=cast.actor_of(dana),
        at=clock.now(),
    )

    assert (report.delivered, report.detail) == (True, "127.0.0.1 took it.")
    assert said(sink.calls[0])[1][0] == "If you can read this, the channel works."


# --- other services -----------------------------------------------------------------------------


def message(**more) -> Message:
    facts = (Fact("Reason", "ticket"), Fact("Until", NOON))
    about = {"about": {"kind": "access_request"}}
    return Message(
        **{
            "event": about,
            "audience": Audience.ROOM,
            "conversation": None,
            "title": "Bob asks",
            "news": "Bob asks for dba",
            "facts": facts,
            "link": "https://plane.example.com/r",
        }
        | more
    )


def sent(url: str, **more) -> str:
    opened = Apprise({"url": url, "channel": "1"})
    return opened.post(message(**more), to="", key="k", at=NOON)


def failed(url: str) -> DeliveryFailed:
    with pytest.raises(DeliveryFailed) as caught:
        sent(url)
    return caught.value


@pytest.mark.parametrize(
    ("url", "header", "text"),
    [
        ("ntfy://127.0.0.1:{port}/access", None, "message"),
        (f"gotify://127.0.0.1:{{port}}/{TOKEN}", ("x-gotify-key", TOKEN), "message"),
        ("json://bob:secret@127.0.0.1:{port}/x", ("authorization", "Basic Ym9iOnNlY3JldA=="),
         "message"),
        (f"rocket://{'a' * 17}/{'b' * 24}@127.0.0.1:{{port}}/?mode=webhook", None, "text"),
    ],
)  # fmt: skip
def test_each_service_gets_what_it_knows(receiver, url, header, text):
    receiver.will_answer(200)

    sent(url.format(port=receiver.port))

    (call,) = receiver.calls
    assert "Bob asks for dba" in call.document[text]
    assert header is None or call.headers[header[0]] == header[1]


def test_no_picture_of_somebody_elses_is_named(receiver):
    receiver.will_answer(200)

    sent(f"ntfy://127.0.0.1:{receiver.port}/access")

    (call,) = receiver.calls
    assert "github" not in json.dumps(call.headers) + call.body.decode()


# --- what went wrong ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "is_permanent"),
    [(403, True), (408, False), (503, False)],
)
def test_the_answer_says_whether_it_passes(receiver, status, is_permanent):
    receiver.will_answer(status)

    failure = failed(f"json://127.0.0.1:{receiver.port}/x")

    assert failure.permanent is is_permanent
    assert failure.sentence == f"127.0.0.1 answered {status}."
    assert len(receiver.calls) == 1


def test_a_no_counts_whatever_is_said_after_it():
    """Matrix is left with a logout, which succeeds."""
    calls = [Call(host="x", status=status) for status in (200, 403, 200)]

    failure = channel.failure_of(Said(calls=calls))

    assert (failure.permanent, failure.sentence) == (True, "x answered 403.")


def test_a_service_that_wants_time_gets_it(receiver):
    receiver.will_answer(429, retry_after="90")

    failure = failed(f"json://127.0.0.1:{receiver.port}/x")

    assert failure.retry_after == timedelta(seconds=90)


def test_nobody_there_may_pass(receiver):
    failure = failed("json://127.0.0.1:1/x")

    assert (failure.permanent, failure.retry_after) == (False, None)
    assert failure.sentence == "127.0.0.1 could not be reached, or broke off."


def test_what_failed_for_good_is_not_tried_again_and_flags_the_channel(sink, bob, told):
    sink.will_answer(403)
    deeds.ask(bob, reason="ticket #1")
    told()

    assert posting().state == PostingState.FAILED
    assert ChannelConfig.objects.get(name="anything").problem == "127.0.0.1 answered 403."


def test_what_may_pass_is_tried_again(sink, bob, told, clock):
    sink.will_answer(500)
    deeds.ask(bob, reason="ticket #1")
    told()
    assert posting().state == PostingState.DUE

    told(clock.move(hours=1))

    assert posting().state == PostingState.SENT
    assert len(sink.calls) == 2


@pytest.mark.parametrize(
    "url",
    [
        "gotify://127.0.0.1",
        "tgram://nonsense",
        "ntfy://127.0.0.1/one/two",
    ],
)
def test_a_url_that_cannot_be_used_is_permanent(receiver, url):
    failure = failed(url)

    assert failure.permanent
    assert "nonsense" not in failure.sentence


def test_two_recipients_are_two_channels(receiver):
    """One of them would get what the other one refused again and again."""
    failure = failed(f"ntfy://127.0.0.1:{receiver.port}/one/two")

    assert failure.sentence == ("The URL names several recipients: make one channel for each.")
    assert receiver.calls == []


# --- where it may not go ------------------------------------------------------------------------


def test_an_address_that_is_not_public_is_refused(receiver, settings):
    settings.ACCESSPLANE_OUTBOUND_ALLOW = addresses.allowed(["10.0.0.0/8", "example.org"])

    failure = failed(f"json://127.0.0.1:{receiver.port}/x")

    assert failure.permanent
    assert failure.sentence == "127.0.0.1 is at an address that may not be called from here."
    assert receiver.calls == []


def test_a_redirect_is_not_followed(receiver):
    receiver.will_answer(307, location=f"http://127.0.0.1:{receiver.port}/elsewhere")

    failure = failed(f"json://127.0.0.1:{receiver.port}/x")

    assert failure.permanent
    assert "redirect" in failure.sentence
    assert len(receiver.calls) == 1


def test_nothing_is_sent_within_a_transaction(receiver, monkeypatch):
    def refuse():
        raise RuntimeError

    monkeypatch.setattr(outbound, "check_outside_transactions", refuse)
    with pytest.raises(RuntimeError):
        sent(f"json://127.0.0.1:{receiver.port}/x")

    assert receiver.calls == []


# --- the url is a secret ------------------------------------------------------------------------


def test_the_url_is_nowhere_to_be_read(sink, bob, dana, as_, told, caplog):
    secret = "s3cr3t-part"
    cast.apply(apprise(f"json://127.0.0.1:1/{secret}"))
    deeds.ask(bob, reason="ticket #1")
    told()

    shown = as_(dana).get("channels/anything/").json()
    assert shown["settings"] == {"url": "stored"}
    everything = json.dumps(
        [
            list(map(str, model.objects.values()))
            for model in (ChannelConfig, Posting, AuditEvent)
        ]
    )
    assert secret not in everything + caplog.text


def test_it_may_come_from_the_environment(everybody, receiver, bob, tell, monkeypatch):
    monkeypatch.setenv("TELLING_URL", f"json://127.0.0.1:{receiver.port}/x")
    cast.apply(apprise("env:TELLING_URL"), route("all", "anything"))
    deeds.ask(bob, reason="ticket #1")
    tell()

    assert len(receiver.calls) == 1


def test_one_of_the_environment_is_looked_at_as_well(everybody, bob, tell, monkeypatch):
    monkeypatch.setenv("TELLING_URL", "syslog://localhost")
    cast.apply(apprise("env:TELLING_URL"), route("all", "anything"))
    deeds.ask(bob, reason="ticket #1")
    tell()

    failed = posting()
    assert failed.state == PostingState.FAILED
    assert failed.error == "syslog:// is not among the services that may be used."
