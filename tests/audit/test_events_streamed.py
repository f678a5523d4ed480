"""Server-sent events without an event loop (WSGI): the same stream, which holds its thread."""

import json

import pytest

from audit import services
from identity.models import ApiToken, User
from tests.cast import apply, person


@pytest.fixture
def reading(as_, hourglass):
    """`reading(auditor, after=3)`: the frames that somebody gets."""

    def read(user, last=None, **query):
        headers = {"HTTP_ACCEPT": "text/event-stream"}
        headers |= {} if last is None else {"HTTP_LAST_EVENT_ID": str(last)}
        answer = as_(user).get("events/", query, **headers)
        assert answer.status_code == 200, answer.content
        frames = iter(answer.streaming_content)
        assert next(frames) == b"retry: 2000\n\n"
        return frames

    return read


def events_in(part):
    frames = part.decode().split("\n\n")[:-1]
    return [json.loads(frame.partition("\ndata: ")[2]) for frame in frames]


def sequences(part):
    return [event["sequence"] for event in events_in(part)]


def test_it_begins_where_it_is_asked_to_and_goes_on(ledger, reading, auditor, soon, bob):
    frames = reading(auditor, after=ledger(8))

    assert sequences(next(frames)) == [ledger(9), ledger(10)]
    soon(bob, after=5)
    assert sequences(next(frames)) == [ledger(11)]


def test_it_resumes_after_the_last_event(ledger, reading, auditor):
    assert sequences(next(reading(auditor, last=ledger(9), after=3))) == [ledger(10)]
    assert sequences(next(reading(auditor, last="", after=ledger(9)))) == [ledger(10)]


def test_silence_is_broken_every_fifteen_seconds(ledger, reading, auditor, hourglass):
    frames = reading(auditor, after=ledger(10))

    assert [next(frames), next(frames)] == [b": still here\n\n"] * 2
    assert hourglass.passed == pytest.approx(30)


def test_it_ends_with_a_problem_once_the_token_opens_nothing(
    ledger, reading, auditor, clock, sign_in, bob
):
    frames = reading(auditor, after=ledger(9))
    assert sequences(next(frames)) == [ledger(10)]
    sign_in(bob)
    services.drain(at=clock.moment)
    ApiToken.objects.filter(user=auditor).update(revoked_at=clock.moment)

    (last,) = frames

    assert last.startswith(b"event: problem\ndata: ")
    assert json.loads(last.partition(b"data: ")[2])["code"] == "not_authenticated"


def test_rights_are_those_of_the_moment(ledger, reading, auditor, sign_in, bob, noon):
    frames = reading(auditor, after=ledger(10))
    sign_in(bob)
    services.drain(at=noon)
    assert sequences(next(frames)) == [ledger(11)]

    apply(person("auditor", roles=[]))
    sign_in(bob)
    sign_in(auditor)
    services.drain(at=noon)

    assert {event["about"]["name"] for event in events_in(next(frames))} == {auditor.email}


def test_somebody_inactive_hears_nothing(ledger, reading, auditor, sign_in, bob, noon):
    frames = reading(auditor, after=ledger(10))
    sign_in(bob)
    services.drain(at=noon)
    User.objects.filter(pk=auditor.pk).update(is_active=False)

    assert [b"not_authenticated" in part for part in frames] == [True]


@pytest.mark.parametrize(
    "accepted",
    ["*/*", "application/json", "application/json, text/event-stream;q=0.5", "text/html", ""],
)
def test_json_is_what_everybody_else_gets(ledger, as_, auditor, accepted):
    answer = as_(auditor).get("events/", HTTP_ACCEPT=accepted)

    assert answer["Content-Type"] == "application/json"
    assert answer.json()["results"]


def test_a_head_is_no_stream(ledger, as_, auditor):
    answer = as_(auditor).head("events/", HTTP_ACCEPT="text/event-stream")

    assert (answer.status_code, answer["Content-Type"]) == (200, "application/json")
