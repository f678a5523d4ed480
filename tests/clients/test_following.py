"""Events as they happen, over HTTP: a stream that breaks, long polls, and what ends it."""

import asyncio
import logging
import math
import threading
from itertools import islice

import pytest
from accessplane_client import AsyncPlane, Plane, PlaneError, PlaneUnreachable, wire
from accessplane_client.errors import UnexpectedAnswer
from accessplane_client.following import Following, jittered
from httpx_sse import ServerSentEvent

CREATED = "access_request.created"


@pytest.fixture
def plane(small_plane, hurry):
    with Plane(small_plane.url, "ap_bot") as opened:
        yield opened


@pytest.fixture
def hurry(monkeypatch):
    """Pauses are remembered, and a hundred times as short."""
    pauses, wait = [], threading.Event().wait

    def pause(seconds):
        pauses.append(seconds)
        wait(seconds / 100)

    monkeypatch.setattr(wire, "pause", pause)
    return pauses


def sequences(events, number):
    return [event.sequence for event in islice(events, number)]


@pytest.fixture(params=[True, False], ids=["stream", "long polls"])
def either(request, small_plane):
    """A plane that streams, and one that only has `wait`."""
    small_plane.streams = request.param
    return small_plane


def test_what_was_comes_first_and_then_what_comes(either, plane):
    first = either.ask("dba")
    either.ask("dba")
    followed = plane.events(follow=True)

    assert sequences(followed, 2) == [1, 2]
    threading.Timer(0.2, either.ask, ["dba"]).start()
    assert sequences(followed, 1) == [3]
    assert next(plane.events(follow=True)).about.id == first


def test_it_is_followed_from_a_place_and_by_type(either, plane):
    asked = [either.ask("dba") for _ in range(3)]
    either.tell("access_request.reviewed", asked[0])
    either.ask("dba")

    assert sequences(plane.events(2, follow=True, type=CREATED), 2) == [3, 5]


def test_a_stream_that_breaks_goes_on_where_it_was_without_a_gap_or_a_repetition(
    small_plane, plane
):
    small_plane.ask("dba")
    followed = plane.events(follow=True)
    assert sequences(followed, 1) == [1]

    for sequence in (2, 3):
        small_plane.hang_up()
        small_plane.ask("dba")
        assert sequences(followed, 1) == [sequence]

    assert small_plane.resumed == [0, 1, 2]


def test_it_bears_it_when_the_plane_is_away(either, plane, hurry):
    either.ask("dba")
    followed = plane.events(follow=True)
    assert sequences(followed, 1) == [1]

    either.stop()
    either.ask("dba")
    threading.Timer(0.3, either.start).start()

    assert sequences(followed, 1) == [2]
    assert max(hurry) > 0.9


def test_an_outage_that_lasts_too_long_is_said(small_plane, plane, hurry):
    small_plane.ask("dba")
    followed = plane.events(follow=True, patience=0.05)
    next(followed)
    small_plane.stop()

    with pytest.raises(PlaneUnreachable, match="Nothing answers"):
        next(followed)

    small_plane.start()


def test_a_refusal_ends_it_at_once(small_plane, plane, hurry):
    small_plane.refusal = 401, "not_authenticated"

    with pytest.raises(PlaneError) as refused:
        next(plane.events(follow=True))

    assert refused.value.code == "not_authenticated"
    assert hurry == []


def test_whoever_stops_listening_lets_the_line_go(small_plane, plane):
    small_plane.ask("dba")

    for _ in range(150):  # more than a client has lines
        next(plane.events(follow=True))


def test_the_same_awaited(either):
    async def story():
        async with AsyncPlane(either.url, "ap_bot") as plane:
            events = plane.events(follow=True, type=CREATED)
            before = [(await anext(events)).sequence for _ in range(2)]
            either.hang_up()
            either.ask("dba")
            after = (await anext(events)).sequence
            await events.aclose()
        return [*before, after]

    either.ask("dba")
    either.ask("dba")

    assert asyncio.run(story()) == [1, 2, 3]


def test_a_poll_that_nobody_holds_open_is_not_repeated_in_a_hurry(client, canned, pauses):
    canned.answers({"next": None, "results": []})
    canned.answers({"next": None, "results": [{"sequence": 1, "type": CREATED}]})

    next(client.events(follow=True))

    assert pauses == [2.0]
    assert canned.calls[0].headers["Accept"] == "text/event-stream"
    assert canned.calls[0].url.params["wait"] == "25"


def test_what_comes_a_second_time_is_dropped(client, canned, pauses):
    first, second = ({"sequence": number, "type": CREATED} for number in (1, 2))
    canned.answers({"next": None, "results": [first]})
    canned.answers({"next": None, "results": [first, second]})

    assert sequences(client.events(follow=True), 2) == [1, 2]
    assert "Last-Event-ID" not in canned.calls[0].headers
    assert canned.calls[1].headers["Last-Event-ID"] == "1"


def test_the_plane_says_how_long_to_stay_away(client, canned, pauses):
    canned.refuses(429, "too_many_requests", **{"Retry-After": "70"})
    canned.answers({"next": None, "results": [{"sequence": 1, "type": CREATED}]})

    next(client.events(follow=True))

    assert pauses == [70.0]


def reading():
    return Following(0, {}, patience=math.inf)


def test_a_line_may_have_any_character_of_unicode():
    data = '{"sequence": 1, "type": "x", "data": {"reason": "a\u2028b\x85c"}}'

    (event,) = reading().said(ServerSentEvent(data=data))

    assert event.data["reason"] == "a\u2028b\x85c"


def test_a_message_without_data_is_a_sign_of_life():
    assert reading().said(ServerSentEvent(id="7")) == []


@pytest.mark.parametrize("data", ["<html>", "[]", '{"type": "x"}'])
def test_an_event_that_is_none_is_an_error(data):
    with pytest.raises(UnexpectedAnswer):
        reading().said(ServerSentEvent(data=data))


def test_the_problem_that_ends_a_stream_is_raised():
    problem = '{"status": 401, "code": "not_authenticated", "detail": "Sign in again."}'

    with pytest.raises(PlaneError) as refused:
        reading().said(ServerSentEvent(event="problem", data=problem))

    assert (refused.value.status, refused.value.code) == (401, "not_authenticated")
    assert refused.value.detail == "Sign in again."


def test_pauses_grow_and_are_spread():
    spread = [jittered(tries, longest=30.0) for tries in (1, 2, 3, 9) for _ in range(50)]

    assert all(0.5 <= each <= 1.0 for each in spread[:50])
    assert all(15.0 <= each <= 30.0 for each in spread[150:])
    assert len({round(each, 6) for each in spread}) > 150


def test_an_outage_is_logged(small_plane, plane, caplog):
    caplog.set_level(logging.WARNING, "accessplane_client")
    small_plane.ask("dba")
    small_plane.refusal = 503, "busy"
    threading.Timer(0.2, lambda: setattr(small_plane, "refusal", None)).start()

    next(plane.events(follow=True))

    assert "Trying again in" in caplog.text
