"""Calls over HTTP: sent, tried again where that is safe. One wire that blocks, one that awaits."""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from typing import Any, TypedDict
from urllib.parse import urlsplit
from uuid import uuid4

import httpx

from accessplane_client.addresses import is_loopback, plane_url
from accessplane_client.answers import asked_to_wait, document_of, unreachable
from accessplane_client.calls import Answer, Call
from accessplane_client.errors import TEMPORARY, PlaneError
from accessplane_client.version import __version__

ATTEMPTS = 4
FIRST_PAUSE = 0.25
LONGEST_PAUSE = 30.0
QUIET = 90.0  # a stream in which nothing stirs for so many seconds is a dead one
VIAS = frozenset({"api", "cli", "mcp"})
VIA_HEADER = "Accessplane-Via"
NOTHING_WAS_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
BROKE_OFF = (httpx.NetworkError, httpx.RemoteProtocolError)

pause: Callable[[float], None] = time.sleep
pause_async: Callable[[float], Awaitable[None]] = asyncio.sleep


class Settings(TypedDict):
    """What httpx's two clients are told alike."""

    base_url: str
    headers: dict[str, str]
    timeout: float
    follow_redirects: bool


class Wire:
    """Speaks to one plane and to nobody else: redirects are not followed, cookies not kept."""

    def __init__(
        self,
        url: str,
        token: str,
        *,
        timeout: float,
        transport: httpx.BaseTransport | None,
        via: str,
    ) -> None:
        self.url = plane_url(url)
        self.timeout = timeout
        self._http = httpx.Client(
            **_settings(self.url, token, timeout, via),
            transport=transport,
            mounts=dict.fromkeys(_without_proxy(self.url)),
        )

    def close(self) -> None:
        self._http.close()

    def send(self, call: Call[Answer]) -> Answer:
        sending = Sending(call, self.url, self.timeout)
        while True:
            try:
                response = self._http.request(call.method, call.path, **sending.content)
            except httpx.HTTPError as error:
                pause(sending.back_off(error))
                continue
            self._http.cookies.clear()
            wait = sending.wait_after(response)
            if wait is None:
                return call.read(document_of(response, self.url))
            pause(wait)

    @contextmanager
    def open(self, call: Call[Any], headers: Mapping[str, str]) -> Iterator[httpx.Response]:
        """The answer while it still comes; sent once, and refusals raised."""
        content = _streaming(call, headers, self.timeout)
        try:
            with self._http.stream(call.method, call.path, **content) as response:
                self._http.cookies.clear()
                if not response.is_success:
                    response.read()
                    document_of(response, self.url)
                yield response
        except httpx.HTTPError as error:
            raise unreachable(error, self.url, self.timeout) from error


class AsyncWire:
    """The same, awaited."""

    def __init__(
        self,
        url: str,
        token: str,
        *,
        timeout: float,
        transport: httpx.AsyncBaseTransport | None,
        via: str,
    ) -> None:
        self.url = plane_url(url)
        self.timeout = timeout
        self._http = httpx.AsyncClient(
            **_settings(self.url, token, timeout, via),
            transport=transport,
            mounts=dict.fromkeys(_without_proxy(self.url)),
        )

    async def close(self) -> None:
        await self._http.aclose()

    async def send(self, call: Call[Answer]) -> Answer:
        sending = Sending(call, self.url, self.timeout)
        while True:
            try:
                response = await self._http.request(call.method, call.path, **sending.content)
            except httpx.HTTPError as error:
                await pause_async(sending.back_off(error))
                continue
            self._http.cookies.clear()
            wait = sending.wait_after(response)
            if wait is None:
                return call.read(document_of(response, self.url))
            await pause_async(wait)

    @asynccontextmanager
    async def open(
        self, call: Call[Any], headers: Mapping[str, str]
    ) -> AsyncIterator[httpx.Response]:
        """The answer while it still comes; sent once, and refusals raised."""
        content = _streaming(call, headers, self.timeout)
        try:
            async with self._http.stream(call.method, call.path, **content) as response:
                self._http.cookies.clear()
                if not response.is_success:
                    await response.aread()
                    document_of(response, self.url)
                yield response
        except httpx.HTTPError as error:
            raise unreachable(error, self.url, self.timeout) from error


class Sending:
    """When one call is sent again: a GET, and a POST under its one Idempotency-Key."""

    def __init__(self, call: Call[Any], url: str, timeout: float) -> None:
        self._method = call.method
        self._url = url
        self._timeout = timeout + call.held_open
        self._attempt = 0
        self.content = _content(call) | {"timeout": self._timeout}

    def back_off(self, error: httpx.HTTPError) -> float:
        """Seconds until the next attempt, after one without an answer; the last one raises."""
        self._attempt += 1
        if self._attempt == ATTEMPTS or not _may_repeat(error, self._method):
            raise unreachable(error, self._url, self._timeout) from error
        return _pause_after(self._attempt)

    def wait_after(self, response: httpx.Response) -> float | None:
        """Seconds until the next attempt, or None: this answer stands."""
        self._attempt += 1
        wait = max(asked_to_wait(response), _pause_after(self._attempt))
        is_final = self._attempt == ATTEMPTS or response.status_code not in TEMPORARY
        return None if is_final or wait > LONGEST_PAUSE else wait


def _pause_after(attempt: int) -> float:
    doubled: float = FIRST_PAUSE * 2 ** (attempt - 1)
    return doubled * random.uniform(0.8, 1.2)  # noqa: S311  nothing secret depends on it


def _may_repeat(error: httpx.HTTPError, method: str) -> bool:
    if isinstance(error, NOTHING_WAS_SENT):
        return True
    return method in {"GET", "POST"} and isinstance(error, BROKE_OFF)


def _content(call: Call[Any]) -> dict[str, Any]:
    headers = {"Idempotency-Key": str(uuid4())} if call.method == "POST" else {}
    if isinstance(call.body, bytes):
        return {"content": call.body, "headers": headers | {"Content-Type": "application/yaml"}}
    if call.body is not None:
        return {"json": call.body, "headers": headers}
    return {"params": dict(call.params) or None, "headers": headers}


def _streaming(call: Call[Any], headers: Mapping[str, str], timeout: float) -> dict[str, Any]:
    return {
        "params": dict(call.params),
        "headers": dict(headers),
        "timeout": httpx.Timeout(timeout, read=QUIET),
    }


def _settings(url: str, token: str, timeout: float, via: str) -> Settings:
    if not token or not token.isascii() or not token.isprintable() or " " in token:
        raise PlaneError(
            "This is not an API token: it is empty, or has characters in it that no token has.",
            code="invalid_token",
        )
    if via not in VIAS:
        raise PlaneError(f"{via!r} is not a door of the plane.", code="invalid_input")
    door = {} if via == "api" else {VIA_HEADER: via}
    headers = {
        "Accept": "application/json",
        "Authorization": f"Bearer {token}",
        "User-Agent": f"accessplane-client/{__version__}",
        **door,
    }
    return Settings(
        base_url=f"{url}/api/v1/", headers=headers, timeout=timeout, follow_redirects=False
    )


def _without_proxy(url: str) -> list[str]:
    """This machine is not asked for through a proxy."""
    return [f"all://{urlsplit(url).netloc}"] if is_loopback(url) else []
