"""What an answer over HTTP says: a document, a refusal, or that this is no plane."""

import socket
import ssl
import time
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import httpx

from accessplane_client.errors import TEMPORARY, PlaneError, PlaneUnreachable, UnexpectedAnswer


def document_of(response: httpx.Response, url: str) -> Any:
    """The JSON of an answer; whatever is none raises a PlaneError that says why."""
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
        raise refusal_of(document, response.status_code, retry_after=asked_to_wait(response))
    raise UnexpectedAnswer(_strange(response, url), status=response.status_code)


def refusal_of(
    problem: dict[str, Any], status: int | None, *, retry_after: float = 0.0
) -> PlaneError:
    """What a problem document says."""
    return PlaneError(
        str(problem["detail"]),
        code=str(problem.get("code", "")),
        status=status,
        errors=_errors(problem.get("errors")),
        retry_after=retry_after,
    )


def asked_to_wait(response: httpx.Response) -> float:
    """The seconds of its Retry-After, or 0."""
    asked = response.headers.get("Retry-After", "").strip()
    if asked.isdigit():
        return float(asked)
    try:
        return max(parsedate_to_datetime(asked).timestamp() - time.time(), 0.0)
    except ValueError:
        return 0.0


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


def unreachable(error: httpx.HTTPError, url: str, timeout: float) -> PlaneUnreachable:
    """Why there was no answer."""
    return PlaneUnreachable(_why(error, url, timeout))


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
