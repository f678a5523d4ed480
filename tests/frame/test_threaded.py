"""The handler between the web server and Django, driven as a web server drives it."""

import asyncio
import json
import threading
import time

import pytest
from asgiref.testing import ApplicationCommunicator
from django.core import signals
from django.http import HttpResponse, JsonResponse, StreamingHttpResponse
from django.urls import path

from accessplane import threaded
from accessplane.lib.held import HeldResponse
from accessplane.threaded import MOST_DISCARDED, ThreadedHandler

pytestmark = pytest.mark.urls(__name__)

seen = []
closed = threading.Event()
holding = threading.Event()
release = threading.Event()


def name_thread(request):
    seen.append(threading.current_thread().name)
    response = HttpResponse(request.body)
    response["X-Thread"] = threading.current_thread().name
    response.set_cookie("a", "1")
    response.set_cookie("b", "2")
    return response


def hold(_request):
    holding.set()
    release.wait(10)
    return JsonResponse({})


def stream(_request):
    def parts():
        try:
            yield "first"
            while True:
                yield "more"
        finally:
            closed.set()

    return StreamingHttpResponse(parts())


def stream_asynchronously(_request):
    async def parts():
        try:
            yield "first"
            while True:
                await asyncio.sleep(0.001)
                yield "more"
        finally:
            closed.set()

    return StreamingHttpResponse(parts())


class Held(HeldResponse):
    """Tells of its thread once it is released."""

    async def ready(self):
        holding.set()
        while not release.is_set():  # noqa: ASYNC110 - threads wait for it too
            await asyncio.sleep(0.001)
        self.status_code = 203
        self.content = threading.current_thread().name
        self["Content-Length"] = str(len(self.content))

    def close(self):
        closed.set()
        super().close()


def hold_without_a_thread(_request):
    return Held()


def three_parts(_request):
    return StreamingHttpResponse(iter(["one", "two", "three"]))


def broken(_request):
    raise LookupError("a secret")


urlpatterns = [
    path("thread", name_thread),
    path("hold", hold),
    path("held", hold_without_a_thread),
    path("stream", stream),
    path("stream-async", stream_asynchronously),
    path("three-parts", three_parts),
    path("broken", broken),
]


@pytest.fixture(autouse=True)
def fresh():
    seen.clear()
    closed.clear()
    holding.clear()
    release.clear()
    yield
    release.set()


@pytest.fixture
def handler(settings):
    settings.MIDDLEWARE = []
    handler = ThreadedHandler()
    yield handler
    release.set()
    handler.threads.shutdown()


def connect(handler, url, method="GET"):
    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": method,
        "path": url,
        "query_string": b"",
        "headers": [(b"host", b"testserver")],
    }
    return ApplicationCommunicator(handler, scope)


async def exchange(handler, url, *bodies):
    """Everything that is answered to a request whose body comes in these parts."""
    connection = connect(handler, url, method="POST" if bodies else "GET")
    for number, body in enumerate(bodies or (b"",), start=1):
        is_more = number < len(bodies)
        await connection.send_input(
            {"type": "http.request", "body": body, "more_body": is_more}
        )
    messages = []
    while (
        not messages
        or messages[-1]["type"] != "http.response.body"
        or (messages[-1].get("more_body"))
    ):
        messages.append(await connection.receive_output(timeout=10))
    await connection.wait(timeout=10)
    return messages


def test_a_request_is_answered_with_its_body_headers_and_cookies(handler):
    start, body = asyncio.run(exchange(handler, "/thread", b"one,", b"two"))

    assert start["status"] == 200
    assert body["body"] == b"one,two"
    assert (b"X-Thread", seen[0].encode()) in start["headers"]
    cookies = [value for name, value in start["headers"] if name == b"Set-Cookie"]
    assert cookies == [b"a=1; Path=/", b"b=2; Path=/"]


def test_one_thread_does_it_all_and_lives_on(handler):
    def note(**_):
        seen.append(threading.current_thread().name)

    signals.request_started.connect(note)
    signals.request_finished.connect(note)
    try:
        asyncio.run(exchange(handler, "/thread"))
        asyncio.run(exchange(handler, "/thread"))
    finally:
        signals.request_started.disconnect(note)
        signals.request_finished.disconnect(note)

    assert len(seen) == 6
    assert set(seen) == {"http_0"}


def test_a_body_that_is_too_large_is_refused_and_reaches_no_view(handler, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 5

    start, body = asyncio.run(exchange(handler, "/thread", b"12345", b"6"))

    assert start["status"] == 413
    assert json.loads(body["body"])["code"] == "too_large"
    assert seen == []


def test_a_body_of_the_largest_size_is_taken(handler, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 5

    start, body = asyncio.run(exchange(handler, "/thread", b"12345"))

    assert (start["status"], body["body"]) == (200, b"12345")


def test_an_endless_body_is_not_read_to_its_end(handler):
    async def send_too_much():
        connection = connect(handler, "/thread", method="POST")
        part = {"type": "http.request", "body": b"x" * (MOST_DISCARDED + 1), "more_body": True}
        await connection.send_input(part)
        return await connection.receive_output(timeout=10)

    assert asyncio.run(send_too_much())["status"] == 413


def test_whoever_hangs_up_while_sending_is_not_answered(handler):
    async def hang_up():
        connection = connect(handler, "/thread", method="POST")
        part = {"type": "http.request", "body": b"half", "more_body": True}
        await connection.send_input(part)
        await connection.send_input({"type": "http.disconnect"})
        await connection.wait(timeout=10)
        return await connection.receive_nothing()

    assert asyncio.run(hang_up())
    assert seen == []


def test_an_error_in_a_view_is_a_500_that_tells_nothing(handler):
    start, body = asyncio.run(exchange(handler, "/broken"))

    assert start["status"] == 500
    assert b"secret" not in body["body"]


def test_a_stream_comes_part_by_part(handler):
    _, *parts = asyncio.run(exchange(handler, "/three-parts"))

    assert [part.get("body", b"") for part in parts] == [b"one", b"two", b"three", b""]
    assert [part.get("more_body", False) for part in parts] == [True, True, True, False]


@pytest.mark.parametrize("url", ["/stream", "/stream-async"])
def test_a_stream_ends_when_its_reader_is_gone(handler, url):
    async def read_one_part():
        connection = connect(handler, url)
        await connection.send_input({"type": "http.request"})
        await connection.receive_output(timeout=10)
        first = await connection.receive_output(timeout=10)
        await connection.send_input({"type": "http.disconnect"})
        await connection.wait(timeout=10)
        return first["body"]

    assert asyncio.run(read_one_part()) == b"first"
    assert closed.wait(10)


def test_a_hundred_held_requests_do_not_stand_in_the_way(handler):
    async def ask_beside_held_ones():
        held = [connect(handler, "/hold") for _ in range(100)]
        for connection in held:
            await connection.send_input({"type": "http.request"})
            await asyncio.sleep(0)
        began = time.monotonic()
        await exchange(handler, "/thread")
        elapsed = time.monotonic() - began
        release.set()
        return elapsed, [await one.receive_output(timeout=10) for one in held]

    elapsed, answers = asyncio.run(ask_beside_held_ones())

    assert elapsed < 5
    assert {answer["status"] for answer in answers} == {200}


def test_a_server_that_stops_tells_those_who_wait(handler):
    async def stop_while_held():
        answers = asyncio.Queue()
        requests = asyncio.Queue()
        scope = connect(handler, "/hold").scope
        waiting = asyncio.create_task(handler(scope, requests.get, answers.put))
        await requests.put({"type": "http.request"})
        await asyncio.to_thread(holding.wait, 10)
        waiting.cancel()
        await waiting
        release.set()
        return await answers.get(), await answers.get()

    start, body = asyncio.run(stop_while_held())

    assert start["status"] == 503
    assert json.loads(body["body"])["code"] == "stopping"


def test_an_answer_that_waits_has_no_thread(handler):
    async def ask_many():
        held = [connect(handler, "/held") for _ in range(300)]
        for connection in held:
            await connection.send_input({"type": "http.request"})
            await asyncio.sleep(0)
        beside, _ = await exchange(handler, "/thread")
        release.set()
        answers = []
        for one in held:
            start = await one.receive_output(timeout=10)
            answers.append((start["status"], (await one.receive_output(timeout=10))["body"]))
            await one.wait(timeout=10)
        return beside["status"], answers

    status, answers = asyncio.run(ask_many())

    assert status == 200
    assert set(answers) == {(203, b"MainThread")}
    assert closed.is_set()


def test_an_answer_that_waits_is_given_up_when_nobody_is_there(handler):
    async def hang_up():
        connection = connect(handler, "/held")
        await connection.send_input({"type": "http.request"})
        await asyncio.to_thread(holding.wait, 10)
        await connection.send_input({"type": "http.disconnect"})
        await connection.wait(timeout=10)
        return await connection.receive_nothing()

    assert asyncio.run(hang_up())
    assert closed.is_set()


def test_a_stream_ends_when_its_reader_takes_nothing(handler, monkeypatch):
    monkeypatch.setattr(threaded, "PATIENCE", 0.05)

    async def take_nothing():
        never = asyncio.Event()
        messages = [{"type": "http.request"}]

        async def receive():
            if not messages:
                await never.wait()
            return messages.pop()

        async def send(message):
            if message["type"] == "http.response.body":
                await never.wait()

        scope = connect(handler, "/stream-async").scope
        await asyncio.wait_for(handler(scope, receive, send), 10)

    asyncio.run(take_nothing())

    assert closed.wait(10)
