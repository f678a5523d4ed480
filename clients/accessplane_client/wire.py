"""One call to the plane over HTTP: sent, tried again where that is safe, and its refusals named."""

import random
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import httpx

from accessplane_client.addresses import is_loopback, plane_url
from accessplane_client.errors import TEMPORARY, PlaneError, PlaneUnreachable, UnexpectedAnswer
from accessplane_client.version import __version__

ATTEMPTS = 4
FIRST_PAUSE = 0.25
LONGEST_PAUSE = 30.0
VIAS = frozenset({"api", "cli", "mcp"})
VIA_HEADER = "Accessplane-Via"
NOTHING_WAS_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
BROKE_OFF = (httpx.NetworkError, httpx.RemoteProtocolError)

pause: Callable[[float], None] = time.sleep


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
            base_url=f"{self.url}/api/v1/",
            headers=_headers(token, via),
            timeout=timeout,
            follow_redirects=False,
            transport=transport,
            mounts=_no_proxy_to_this_machine(self.url),
        )

    def close(self) -> None:
        self._http.close()

    def get(
        self, path: str, params: dict[str, str] | None = None, *, timeout: float | None = None
    ) -> Any:
        return self._call("GET", path, params=params, timeout=timeout)

    def post(self, path: str, body: object) -> Any:
        return self._call("POST", path, json=body, headers=_once())

    def post_yaml(self, path: str, text: bytes) -> Any:
        headers = _once() | {"Content-Type": "application/yaml"}
        return self._call("POST", path, content=text, headers=headers)

    def delete(self, path: str) -> None:
        self._call("DELETE", path)

    def _call(
        self, method: str, path: str, *, timeout: float | None = None, **content: Any
    ) -> Any:
        patience = self.timeout if timeout is None else timeout
        response = self._send(method, path, timeout=patience, **content)
        self._http.cookies.clear()
        return _answer(response, self.url)

    def _send(
        self, method: str, path: str, *, timeout: float, **content: Any
    ) -> httpx.Response:
        """Repeats a GET, and a POST under its one Idempotency-Key, after a broken connection."""
        for last, back_off in _attempts():
            try:
                response = self._http.request(method, path, timeout=timeout, **content)
            except httpx.HTTPError as error:
                if last or not _may_repeat(error, method):
                    raise PlaneUnreachable(_why(error, self.url, timeout)) from error
                pause(back_off)
                continue
            wait = _asked_to_wait(response, back_off)
            if last or response.status_code not in TEMPORARY or wait > LONGEST_PAUSE:
                return response
            pause(wait)
        raise AssertionError("The last attempt returns or raises.")


def _attempts() -> Iterator[tuple[bool, float]]:
    for number in range(1, ATTEMPTS + 1):
        # jitter only; nothing secret depends on it
        yield number == ATTEMPTS, FIRST_PAUSE * 2 ** (number - 1) * random.uniform(0.8, 1.2)  # noqa: S311


def _headers(token: str, via: str) -> dict[str, str]:
    if not token or not token.isascii() or not token.isprintable() or " " in token:
        raise PlaneError(
            "This is not an API token: it is empty, or has characters in it that no token has.",
            code="invalid_token",
        )
    if via not in VIAS:
        raise PlaneError(f"{via!r} is not a door of the plane.", code="invalid_input")
    door = {} if via == "api" else {VIA_HEADER: via}
    return {
        "Accept": "application/json",
        "Authorization": f"Bearer {token}",
        "User-Agent": f"accessplane-client/{__version__}",
        **door,
    }


def _once() -> dict[str, str]:
    return {"Idempotency-Key": str(uuid4())}


def _no_proxy_to_this_machine(url: str) -> dict[str, httpx.BaseTransport | None]:
    return {f"all://{urlsplit(url).netloc}": None} if is_loopback(url) else {}


def _may_repeat(error: httpx.HTTPError, method: str) -> bool:
    if isinstance(error, NOTHING_WAS_SENT):
        return True
    return method in {"GET", "POST"} and isinstance(error, BROKE_OFF)


def _asked_to_wait(response: httpx.Response, otherwise: float) -> float:
    asked = response.headers.get("Retry-After", "").strip()
    if asked.isdigit():
        return max(float(asked), otherwise)
    try:
        return max(parsedate_to_datetime(asked).timestamp() - time.time(), otherwise)
    except ValueError:
        return otherwise


def _answer(response: httpx.Response, url: str) -> Any:
    if response.is_redirect:
        to = httpx.URL(response.headers.get("Location", "")).host or "another page"
        raise UnexpectedAnswer(
            f"{url} sends callers on to {to}. Use the plane's own address.",
            status=response.status_code,
        )
    document = _document(response)
    if response.is_success and document is not None:
        return document
    if not response.is_success and isinstance(document, dict) and "detail" in document:
        raise PlaneError(
            str(document["detail"]),
            code=str(document.get("code", "")),
            status=response.status_code,
            errors=_errors(document.get("errors")),
        )
    raise UnexpectedAnswer(_strange(response, url), status=response.status_code)


def _document(response: httpx.Response) -> Any:
    if not response.content:
        return {} if response.is_success else None
    try:
        return response.json()
    except ValueError:
        return None


def _errors(raw: object) -> dict[str, list[str]]:
    if not isinstance(raw, dict):
        return {}
    return {
        str(name): [str(line) for line in (lines if isinstance(lines, list) else [lines])]
        for name, lines in raw.items()
    }


def _strange(response: httpx.Response, url: str) -> str:
    status = response.status_code
    if status in TEMPORARY:
        return f"{url} can't answer just now ({status}). Try again in a minute."
    if status >= httpx.codes.INTERNAL_SERVER_ERROR:
        return f"Something broke in the plane at {url} ({status}). Its operators find why in its log."
    return f"{url} answered {status}, and not as a plane does. Check the address."


def _why(error: httpx.HTTPError, url: str, timeout: float) -> str:
    causes = list(_causes(error))
    if any(isinstance(cause, socket.gaierror) for cause in causes):
        host = urlsplit(url).hostname
        return f"The name {host} is not known here. Check the address, the network and the VPN."
    for cause in causes:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return (
                f"The certificate of {url} is not trusted here: {cause.verify_message}. If your "
                "organisation has its own authority, name its certificate file in SSL_CERT_FILE."
            )
    if isinstance(error, httpx.TimeoutException):
        return f"{url} did not answer within {timeout:g} seconds. Try again in a minute."
    if isinstance(error, httpx.ConnectError):
        return f"Nothing answers at {url}. Check the address, and that the plane is running."
    return f"The connection to {url} broke off. Try again in a minute."


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
