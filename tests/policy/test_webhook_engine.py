"""Webhooks over real sockets: what is sent, and what may come back."""

import json
import time
from datetime import timedelta

import pytest
import standardwebhooks
import time_machine
from werkzeug import Request, Response

from accessplane.lib import addresses
from policy.engines.base import EngineFailed
from policy.engines.webhook import Webhook
from policy.verdicts import Effect, Verdict
from tests.cast import NOON
from tests.policy.questions import CHECK_ID, REQUEST_ID, question
from tests.sockets import answers, drips, peer

OLD, NEW = "whsec_" + "b2xk" * 8, "a plain text that is new"
SECOND = timedelta(seconds=1)


@pytest.fixture(autouse=True)
def loopback_is_open(settings):
    settings.ACCESSPLANE_OUTBOUND_ALLOW = addresses.allowed(["127.0.0.1", "localhost"])


def asked(url: str, *, secrets=(NEW,), patience=timedelta(seconds=10), **spec):
    whole = question(engine="webhook", url=url, secrets=secrets, **spec)
    return Webhook().ask(whole, patience=patience, at=NOON)


def failure(url: str, **more) -> str:
    with pytest.raises(EngineFailed) as caught:
        asked(url, **more)
    return caught.value.sentence


def told(content, status: int = 200) -> bytes:
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    return b"HTTP/1.1 %d X\r\nContent-Length: %d\r\n\r\n%s" % (status, len(body), body)


# --- what is sent -------------------------------------------------------------------------------


@pytest.fixture
def policy(httpserver):
    """A program that allows everything; `policy.log` holds what it was sent."""
    httpserver.expect_request("/check", method="POST").respond_with_json({"verdict": "ALLOW"})
    return httpserver


def sent_to(policy) -> Request:
    (exchange,) = policy.log
    return exchange[0]


def test_it_gets_the_facts(policy):
    assert asked(policy.url_for("/check")) == Verdict(Effect.ALLOW)

    request = sent_to(policy)
    assert request.content_type == "application/json"
    assert json.loads(request.data) == {
        "workflow": "ticket",
        "request": {
            "id": str(REQUEST_ID),
            "user": "bob@example.com",
            "roles": ["dba"],
            "reason": "T-1",
            "annotations": {"pagerduty": ["payments"]},
            "created_at": "2026-03-02T12:00:00.000000Z",
            "start_time": None,
            "duration_seconds": 8 * 3600,
            "extends": None,
        },
        "requester": {
            "user": "bob@example.com",
            "roles": ["developer"],
            "traits": {"team": ["payments"]},
        },
    }


@pytest.mark.parametrize("known", [OLD, NEW])
def test_whoever_knows_one_of_two_secrets_can_verify_it(policy, known):
    asked(policy.url_for("/check"), secrets=[NEW, OLD])

    request = sent_to(policy)
    key = known if known.startswith("whsec_") else known.encode()
    with time_machine.travel(NOON, tick=False):
        verified = standardwebhooks.Webhook(key).verify(request.data, dict(request.headers))
        assert verified["workflow"] == "ticket"
        with pytest.raises(standardwebhooks.WebhookVerificationError):
            standardwebhooks.Webhook(b"another").verify(request.data, dict(request.headers))
        with pytest.raises(standardwebhooks.WebhookVerificationError):
            standardwebhooks.Webhook(key).verify(
                request.data.replace(b"bob", b"eve"), dict(request.headers)
            )


def test_the_id_of_the_message_is_that_of_the_question(policy):
    asked(policy.url_for("/check"))
    asked(policy.url_for("/check"))

    assert [request.headers["webhook-id"] for request, _ in policy.log] == [CHECK_ID] * 2


def test_a_secret_that_cannot_sign_sends_nothing(policy):
    for secrets in ([], ["whsec_!!!"], [" "]):
        sentence = failure(policy.url_for("/check"), secrets=secrets)
        assert sentence == "The secret of the workflow cannot sign."
    assert policy.log == []


def test_a_question_does_not_show_its_secrets():
    assert NEW not in repr(question(engine="webhook", url="https://x.example", secrets=[NEW]))


# --- what comes back ----------------------------------------------------------------------------


@pytest.mark.parametrize("effect", list(Effect))
def test_a_200_holds_the_verdict(effect):
    said = {"verdict": effect, "reason": "why", "annotations": {"ticket": ["T-1", "T-2"]}}

    with peer(answers(told(said))) as other:
        assert asked(other.url) == Verdict(effect, "why", {"ticket": ("T-1", "T-2")})


def test_a_202_promises_one():
    with peer(answers(told(b"", 202))) as other:
        assert asked(other.url, bot="robo@example.com") is None


def test_a_202_without_a_bot_promises_what_nobody_can_keep():
    with peer(answers(told({"verdict": "ALLOW"}, 202))) as other:
        assert "names no `bot`" in failure(other.url)


@pytest.mark.parametrize("status", [201, 204, 400, 401, 404, 429, 500, 503])
def test_any_other_status_is_no_verdict(status):
    with peer(answers(told({"verdict": "ALLOW"}, status))) as other:
        assert failure(other.url) == f"127.0.0.1 answered with the status {status}."


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"ALLOW",
        b"{",
        b"\xff",
        b'{"verdict": "ALLOW"} and more',
        b"[" * 10_000,
        b"NaN",
        {},
        [],
        "ALLOW",
        {"verdict": "allow"},
        {"verdict": "YES"},
        {"verdict": True},
        {"verdict": None},
        {"verdict": ["ALLOW"]},
        {"verdict": "ALLOW", "reason": 1},
        {"verdict": "ALLOW", "reason": None},
        {"verdict": "ALLOW", "grant": "forever"},
        {"verdict": "ALLOW", "annotations": {"a": "b"}},
        {"verdict": "ALLOW", "annotations": {"a": [1]}},
        {"verdict": "ALLOW", "annotations": []},
        {"verdict": "ALLOW", "annotations": {"": ["x"]}},
        {"verdict": "ALLOW", "annotations": {"x" * 129: ["x"]}},
        {"verdict": "ALLOW", "annotations": {"a": ["x" * 1001]}},
        {"verdict": "ALLOW", "annotations": {"a": ["x"] * 101}},
        {"verdict": "ALLOW", "annotations": {str(n): [] for n in range(101)}},
    ],
)
def test_what_is_no_verdict_is_none(content):
    with peer(answers(told(content))) as other:
        assert failure(other.url) == "127.0.0.1 answered something that is no verdict."


@pytest.mark.parametrize(
    "content",
    [
        {"verdict": "ALLOW", "reason": "a\0b"},
        {"verdict": "ALLOW", "annotations": {"a": ["\0"]}},
        {"verdict": "ALLOW", "annotations": {"\0": ["a"]}},
    ],
)
def test_what_no_database_could_store_is_no_verdict(content):
    with peer(answers(told(content))) as other:
        assert failure(other.url) == "127.0.0.1 answered with text that cannot be stored."


@pytest.mark.parametrize("half", [b"\\ud800", b"\\udc00\\ud800"])
def test_half_a_character_is_no_verdict(half):
    with peer(answers(told(b'{"verdict": "ALLOW", "reason": "' + half + b'"}'))) as other:
        assert failure(other.url)


def test_a_reason_has_a_length():
    with peer(answers(told({"verdict": "DENY", "reason": "ä" * 2048}))) as other:
        assert asked(other.url).reason == "ä" * 2048
    with peer(answers(told({"verdict": "DENY", "reason": "ä" * 2049}))) as other:
        assert "more than 4096 bytes" in failure(other.url)


def test_an_endless_answer_is_cut_off():
    with peer(answers(told(b"x" * 70_000))) as other:
        assert "more than 65536 bytes" in failure(other.url)


def test_a_redirect_is_not_followed(httpserver):
    httpserver.expect_request("/check").respond_with_response(
        Response(status=307, headers={"Location": "/elsewhere"})
    )
    httpserver.expect_request("/elsewhere").respond_with_json({"verdict": "ALLOW"})

    assert "redirect" in failure(httpserver.url_for("/check"))
    assert [request.path for request, _ in httpserver.log] == ["/check"]


def test_a_private_address_is_not_called(settings):
    settings.ACCESSPLANE_OUTBOUND_ALLOW = addresses.allowed([])

    with peer(answers(told({"verdict": "ALLOW"}))) as other:
        assert "may not be called" in failure(other.url)
        assert other.heard == []


def test_nobody_there_is_no_verdict():
    with peer(answers(b"")) as other:
        gone = other.url
    assert "could not be reached" in failure(gone)


def test_nonsense_for_http_is_no_verdict():
    with peer(answers(b"ALLOW\r\n\r\n")) as other:
        assert "did not answer in HTTP" in failure(other.url)


@pytest.mark.parametrize(
    "start",
    [b"HTTP/1.1 200 OK\r\nX-Slow: ", b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n"],
    ids=["head", "body"],
)
def test_a_slow_answer_has_its_time_and_no_more(start):
    with peer(drips(start, b"x", every=0.05)) as other:
        started = time.monotonic()
        sentence = failure(other.url, patience=SECOND)
        assert time.monotonic() - started < 5
    assert sentence == "127.0.0.1 did not answer within 1 seconds."


def test_no_sentence_holds_more_of_the_address_than_its_host():
    with peer(answers(told(b"", 500))) as other:
        sentence = failure(other.url.replace("/hook", "/hook?token=hidden"))
    assert "hidden" not in sentence
