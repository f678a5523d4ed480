"""HTTP out: the one way in which the plane calls anybody.

Built on httpcore, the engine of httpx, because the address that is checked must be the address
that is connected to: a name is resolved here, once, and may not answer differently a second
time. The URL is left alone, so that Host, SNI and the name on the certificate stay the host's.
No redirects, no cookies, no proxies from the environment, no decompression.
"""

import socket
import ssl
import time
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from functools import lru_cache
from threading import Thread
from typing import Any, NoReturn

import httpcore
import httpx
from django.conf import settings
from django.db import connection

from accessplane.lib.addresses import Allowed
from accessplane.lib.version import __version__

LARGEST_ANSWER = 64 * 1024
MAX_URL_LENGTH = 2000
_HIGHEST_PORT = 65535
# The kernel takes a piece of this size whole, so that waiting for room is waiting once.
_PIECE = 1024


class Kind(StrEnum):
    """What went wrong."""

    BAD_URL = "bad_url"
    REFUSED_ADDRESS = "refused_address"
    CONNECTION = "connection"
    TIMEOUT = "timeout"
    REDIRECT = "redirect"
    TOO_LARGE = "too_large"


class OutboundFailed(Exception):
    """No answer was got. The sentence names the host and nothing else of the URL."""

    def __init__(self, kind: Kind, sentence: str) -> None:
        super().__init__(sentence)
        self.kind = kind
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, whatever its status; the names of headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def is_success(self) -> bool:
        """Whether the status says that it was done: 200 to 299."""
        return self.status // 100 == 2  # noqa: PLR2004


def check_url(url: str) -> None:
    """Raise `OutboundFailed` (bad URL) unless `url` is one that `send` could call."""
    _parsed(url)


def check_outside_transactions() -> None:
    """Raise `RuntimeError` inside a transaction: for whoever is about to call somebody."""
    if not all(getattr(block, "_from_testcase", False) for block in connection.atomic_blocks):
        raise RuntimeError("Nobody is called inside a transaction (ADR 0011).")


def send(
    method: str,
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    body: bytes = b"",
    timeout: timedelta,
    largest: int = LARGEST_ANSWER,
) -> Answer:
    """Call `url` and return the answer; `OutboundFailed` if there is none.

    `timeout` is for everything together: finding the host, connecting, sending, and reading the
    last byte. An answer of more than `largest` bytes is an error, a redirect is another.
    `RuntimeError` inside a transaction, which would stay open for somebody else's thinking.
    """
    check_outside_transactions()
    target = _parsed(url)
    network = _Network(settings.ACCESSPLANE_OUTBOUND_ALLOW, _Deadline(timeout))
    call = httpcore.Request(
        method,
        httpcore.URL(  # in parts: two readers of one URL could see two hosts
            scheme=target.raw_scheme,
            host=target.raw_host,
            port=target.port,
            target=target.raw_path,
        ),
        headers=list(_headers(target, headers or {}, len(body)).items()),
        content=body,
    )
    try:
        with httpcore.ConnectionPool(ssl_context=_trust(), network_backend=network) as pool:
            answer = pool.handle_request(call)
            try:
                return _read(answer, target.host, largest)
            finally:
                answer.close()
    except _FAILURES as error:
        _fail(target.host, timeout, error)


_TIMEOUTS = (httpcore.TimeoutException, TimeoutError)
_FAILURES = (*_TIMEOUTS, httpcore.NetworkError, httpcore.RemoteProtocolError)


def _parsed(url: str) -> httpx.URL:
    """The URL; userinfo is refused, because it would be sent to nobody and shown to many."""
    try:
        parsed = httpx.URL(url)
    except (httpx.InvalidURL, TypeError, ValueError) as error:
        raise _bad_url("This is no URL.") from error
    if len(url) > MAX_URL_LENGTH:
        raise _bad_url(f"A URL has at most {MAX_URL_LENGTH} characters.")
    if parsed.scheme not in {"http", "https"} or not parsed.host:
        raise _bad_url("A URL begins with https:// or http:// and a host.")
    if parsed.userinfo:
        raise _bad_url("A URL carries no user name and no password.")
    if parsed.port is not None and not 1 <= parsed.port <= _HIGHEST_PORT:
        raise _bad_url(f"The port of a URL is a number from 1 to {_HIGHEST_PORT}.")
    return parsed


def _bad_url(sentence: str) -> OutboundFailed:
    return OutboundFailed(Kind.BAD_URL, sentence)


def _headers(target: httpx.URL, given: Mapping[str, str], length: int) -> dict[str, str]:
    named = {name.lower(): value for name, value in given.items()}
    return {
        "user-agent": f"Access-Plane/{__version__}",
        **named,
        "host": target.netloc.decode("ascii"),
        "content-length": str(length),
        "connection": "close",
    }


def _read(answer: httpcore.Response, host: str, largest: int) -> Answer:
    if answer.status // 100 == 3:  # noqa: PLR2004
        sentence = f"{host} answered with a redirect ({answer.status}), which is not followed."
        raise OutboundFailed(Kind.REDIRECT, sentence)
    headers = {
        name.decode("latin-1").lower(): value.decode("latin-1")
        for name, value in answer.headers
    }
    return Answer(answer.status, headers, b"".join(_bounded(answer, host, largest)))


def _bounded(answer: httpcore.Response, host: str, largest: int) -> Iterator[bytes]:
    read = 0
    for piece in answer.iter_stream():
        read += len(piece)
        if read > largest:
            sentence = f"{host} answered with more than {largest} bytes."
            raise OutboundFailed(Kind.TOO_LARGE, sentence)
        yield piece


def _fail(host: str, timeout: timedelta, error: Exception) -> NoReturn:
    if isinstance(error, _TIMEOUTS):
        sentence = f"{host} did not answer within {timeout.total_seconds():g} seconds."
        raise OutboundFailed(Kind.TIMEOUT, sentence) from error
    if isinstance(error, httpcore.RemoteProtocolError):
        sentence = f"{host} did not answer in HTTP."
    elif _certificate_at_fault(error):
        sentence = f"The certificate of {host} could not be verified."
    else:
        sentence = f"{host} could not be reached, or broke off."
    raise OutboundFailed(Kind.CONNECTION, sentence) from error


def _certificate_at_fault(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return True
        error = error.__cause__ or error.__context__
    return False


@lru_cache(maxsize=1)
def _trust() -> ssl.SSLContext:
    """The authorities of `SSL_CERT_FILE` or `SSL_CERT_DIR`, else the public ones."""
    return httpx.create_ssl_context()


class _Deadline:
    """The moment when all of it must be over, on a clock that nobody sets."""

    def __init__(self, timeout: timedelta) -> None:
        self._end = time.monotonic() + timeout.total_seconds()

    def left(self) -> float:
        """The seconds until then; `TimeoutError` if there are none."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left


class _Network(httpcore.NetworkBackend):
    """Connects to addresses that were checked, and keeps the deadline."""

    def __init__(self, allowed: Allowed, deadline: _Deadline) -> None:
        self._allowed = allowed
        self._deadline = deadline
        self._sockets = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to the first permitted address of `host` that answers."""
        found = _resolve(host, port, self._deadline)
        permitted = [one for one in found if self._allowed.permits(host, one)]
        if not permitted:
            sentence = f"{host} is at an address that may not be called from here."
            raise OutboundFailed(Kind.REFUSED_ADDRESS, sentence)
        for position, address in enumerate(permitted):
            others = len(permitted) - position
            try:
                stream = self._sockets.connect_tcp(
                    address, port, self._deadline.left() / others, local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                if others == 1:
                    raise
            else:
                return _Stream(stream, self._deadline)
        raise AssertionError("the last address returns or raises")


class _Stream(httpcore.NetworkStream):
    """A stream whose every step may take what is left of the time, and no more."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: _Deadline) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._deadline.left())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        for start in range(0, len(buffer), _PIECE):
            self._stream.write(buffer[start : start + _PIECE], self._deadline.left())

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        secured = self._stream.start_tls(ssl_context, server_hostname, self._deadline.left())
        return _Stream(secured, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _resolve(host: str, port: int, deadline: _Deadline) -> list[str]:
    """The addresses of `host`, in the system's order, each once.

    A resolver cannot be interrupted, so it works in a thread that is left behind when it is late.
    """
    found: Future[list[str]] = Future()

    def ask() -> None:
        try:
            rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            found.set_result(list(dict.fromkeys(str(row[4][0]) for row in rows)))
        except (OSError, UnicodeError) as error:
            found.set_exception(error)

    Thread(target=ask, name="resolver", daemon=True).start()
    try:
        return found.result(deadline.left())
    except TimeoutError:
        raise
    except (OSError, UnicodeError) as error:
        sentence = f"There is no host named {host}."
        raise OutboundFailed(Kind.CONNECTION, sentence) from error
