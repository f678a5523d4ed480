"""Django over ASGI, each request from start to end in one thread of a bounded set.

Django's own handler starts a thread for every request, and with it a database connection that
stays open until the garbage collector finds it, and changes threads at every middleware. For
synchronous views such as ours that costs several times their own work. Here one change of
threads carries a request through middleware, view and clean-up, and a connection lives as long
as its thread.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from io import BytesIO
from threading import Event
from typing import IO, Any, cast

from django.conf import settings
from django.core import signals
from django.core.exceptions import RequestAborted
from django.core.handlers.asgi import ASGIHandler, get_script_prefix
from django.core.handlers.base import BaseHandler
from django.db import close_old_connections
from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.urls import set_script_prefix

from accessplane.lib.held import HeldResponse

# Views may wait for a service or for a row, and the others must not queue behind them. A thread
# is made when it is first needed.
THREADS = 160
# A reader who takes nothing for so long is gone, whatever the connection says.
PATIENCE = 60.0
# Who sends too much reads the refusal only after the last byte, so a little more is taken and
# thrown away; beyond it the connection breaks.
MOST_DISCARDED = 32 * 1024 * 1024

Message = Mapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


class TooLarge(Exception):
    """The body is larger than any that a view could read."""


class ThreadedHandler(ASGIHandler):
    """The ASGI application for HTTP."""

    def __init__(self) -> None:
        BaseHandler.__init__(self)  # ASGIHandler's would load the middleware for its own way
        self.load_middleware(is_async=False)
        self.threads = ThreadPoolExecutor(THREADS, thread_name_prefix="http")

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        """Answer one request; a body that is too large never reaches Django."""
        if scope["type"] != "http":
            raise ValueError(f"This application answers HTTP, not {scope['type']}.")
        try:
            body = await self.read_body(receive)
        except RequestAborted:
            return
        except TooLarge:
            await _send_all(_too_large(), send)
            return
        await self._exchange(scope, body, _Wire(receive, send))

    async def read_body(self, receive: Receive) -> IO[bytes]:
        """The body in memory. Raises `TooLarge` for more than a view could read of it."""
        most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE or 0
        body, taken, is_more = BytesIO(), 0, True
        while is_more:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise RequestAborted
            part = message.get("body", b"")
            taken += len(part)
            if taken <= most:
                body.write(part)
            is_more = message.get("more_body", False) and taken <= MOST_DISCARDED
        if taken > most:
            raise TooLarge
        body.seek(0)
        return body

    async def _exchange(self, scope: dict[str, Any], body: IO[bytes], wire: "_Wire") -> None:
        loop = asyncio.get_running_loop()
        try:
            rest = await loop.run_in_executor(self.threads, self._answer, scope, body, wire)
            if isinstance(rest, list):
                await _send_all(rest, wire.send)
            else:
                await self._send_later(rest, wire)
        except asyncio.CancelledError:  # the server stops and does not wait any longer
            wire.gone.set()
            if not wire.is_used:
                await _send_all(_stopping(), wire.send)

    def _answer(
        self, scope: dict[str, Any], body: IO[bytes], wire: "_Wire"
    ) -> "list[Message] | Later":
        """What is left to send once the thread is done: all, nothing, or what comes later."""
        response = self._respond(scope, body)
        if _comes_later(response):
            body.close()
            close_old_connections()  # a pooled one goes back: the answer may take hours
            return cast("Later", response)
        try:
            messages = self._messages(response)
            if not response.streaming:
                return list(messages)
            wire.pump(messages)
            return []
        finally:
            response.close()
            body.close()

    async def greet(self, scope: dict[str, Any], urlconf: str) -> HttpResponseBase:
        """The finished response to a handshake, asked as a GET at the addresses of `urlconf`."""

        def answer() -> HttpResponseBase:
            response = self._respond(scope, BytesIO(), urlconf=urlconf)
            response.close()
            return response

        return await asyncio.get_running_loop().run_in_executor(self.threads, answer)

    def _respond(
        self, scope: dict[str, Any], body: IO[bytes], urlconf: str | None = None
    ) -> HttpResponseBase:
        set_script_prefix(get_script_prefix(scope))
        signals.request_started.send(sender=self.__class__, scope=scope)
        request, refusal = self.create_request(scope, body)
        if request is None:
            response = cast("HttpResponseBase", refusal)
        else:
            if urlconf is not None:
                request.urlconf = urlconf
            response = self.get_response(request)
        response._handler_class = self.__class__  # type: ignore[attr-defined]
        return response

    def _messages(self, response: HttpResponseBase) -> Iterator[Message]:
        """The response as ASGI has it, the last message without `more_body`."""
        yield start_of(response)
        if not isinstance(response, StreamingHttpResponse):
            content = cast("HttpResponse", response).content
            yield {"type": "http.response.body", "body": content}
            return
        for part in response:
            for chunk, _ in self.chunk_bytes(part):
                yield {"type": "http.response.body", "body": chunk, "more_body": True}
        yield {"type": "http.response.body"}

    async def _send_later(self, response: "Later", wire: "_Wire") -> None:
        """Send what is not there yet, or has no end; it needs no thread while it waits."""
        sending = asyncio.ensure_future(self._send_when_ready(response, wire))
        listening = asyncio.ensure_future(wire.listen())
        try:
            await asyncio.wait([sending, listening], return_when=asyncio.FIRST_COMPLETED)
        finally:
            sending.cancel()
            listening.cancel()
            outcome, _ = await asyncio.gather(sending, listening, return_exceptions=True)
            await wire.loop.run_in_executor(self.threads, response.close)
        if isinstance(outcome, Exception) and not isinstance(outcome, TimeoutError):
            raise outcome

    async def _send_when_ready(self, response: "Later", wire: "_Wire") -> None:
        if isinstance(response, HeldResponse):
            await response.ready()
            await _send_all(list(self._messages(response)), wire.send)
        else:
            await self.send_response(response, wire.send_in_time)


Later = StreamingHttpResponse | HeldResponse


def _comes_later(response: HttpResponseBase) -> bool:
    if isinstance(response, StreamingHttpResponse):
        return response.is_async
    return isinstance(response, HeldResponse)


class _Wire:
    """Both directions of one exchange, for a thread that sends a response part by part."""

    def __init__(self, receive: Receive, send: Send) -> None:
        self.receive = receive
        self._send = send
        self.loop = asyncio.get_running_loop()
        self.gone = Event()
        self.is_used = False

    async def send(self, message: Message) -> None:
        self.is_used = True
        await self._send(message)

    async def send_in_time(self, message: Message) -> None:
        """Send, or raise `TimeoutError` when the other side takes nothing for too long."""
        async with asyncio.timeout(PATIENCE):
            await self.send(message)

    async def listen(self) -> None:
        """Return when the other side is gone."""
        while not self.gone.is_set():
            if (await self.receive())["type"] == "http.disconnect":
                self.gone.set()

    def pump(self, messages: Iterator[Message]) -> None:
        """Send from a thread at the reader's pace, until the end or until the reader is gone."""
        listening = asyncio.run_coroutine_threadsafe(self.listen(), self.loop)
        try:
            for message in messages:
                if self.gone.is_set():
                    return
                asyncio.run_coroutine_threadsafe(self.send(message), self.loop).result(PATIENCE)
        except TimeoutError:
            return
        finally:
            listening.cancel()


def start_of(response: HttpResponseBase) -> Message:
    headers = [
        (name.encode("ascii"), value.encode("latin1")) for name, value in response.items()
    ]
    cookies = [
        (b"Set-Cookie", cookie.output(header="").encode("ascii").strip())
        for cookie in response.cookies.values()
    ]
    return {
        "type": "http.response.start",
        "status": response.status_code,
        "headers": headers + cookies,
    }


def _too_large() -> list[Message]:
    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    return _refusal(status, "too_large", "The body is too large.")


def _stopping() -> list[Message]:
    return _refusal(HTTPStatus.SERVICE_UNAVAILABLE, "stopping", "Access Plane is stopping.")


def _refusal(status: HTTPStatus, code: str, detail: str) -> list[Message]:
    """A problem document from below Django."""
    problem = {
        "type": "about:blank",
        "title": status.phrase,
        "status": status.value,
        "detail": detail,
        "code": code,
    }
    body = json.dumps(problem).encode()
    headers = [
        (b"Content-Type", b"application/problem+json"),
        (b"Content-Length", str(len(body)).encode()),
        (b"Connection", b"close"),
    ]
    return [
        {"type": "http.response.start", "status": status.value, "headers": headers},
        {"type": "http.response.body", "body": body},
    ]


async def _send_all(messages: list[Message], send: Send) -> None:
    for message in messages:
        await send(message)
