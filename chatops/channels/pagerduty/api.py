"""Calls of PagerDuty's REST API, version 2, and what its refusals mean."""

import json
from collections.abc import Mapping
from datetime import timedelta
from http import HTTPStatus
from typing import Any, TypeVar
from urllib.parse import urlencode

import msgspec

from accessplane.lib import outbound
from chatops.channels.base import DeliveryFailed

TIMEOUT = timedelta(seconds=8)
_LARGEST = 1024 * 1024  # a page of services
_LONGEST_WORD = 120
_LONGEST_WAIT = timedelta(hours=1)
_PASSING = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.CONFLICT, HTTPStatus.TOO_MANY_REQUESTS}
_LASTING = {
    outbound.Kind.BAD_URL,
    outbound.Kind.REFUSED_ADDRESS,
    outbound.Kind.REDIRECT,
}


class Refused(DeliveryFailed):
    """PagerDuty answered, and said no: `status` is how."""

    def __init__(
        self, sentence: str, *, status: int, retry_after: timedelta | None = None
    ) -> None:
        is_passing = status >= HTTPStatus.INTERNAL_SERVER_ERROR or status in _PASSING
        super().__init__(sentence, permanent=not is_passing, retry_after=retry_after)
        self.status = status


class Done(msgspec.Struct):
    """An answer of which nothing is read."""


class Incident(msgspec.Struct):
    """What is read of an incident."""

    id: str
    status: str


class OneIncident(msgspec.Struct):
    """An incident, made or found."""

    incident: Incident


class Incidents(msgspec.Struct):
    """A page of incidents."""

    incidents: list[Incident]


class Service(msgspec.Struct):
    """What is read of a service."""

    id: str
    name: str


class OneService(msgspec.Struct):
    """A service that was found by its id."""

    service: Service


class Services(msgspec.Struct):
    """A page of services."""

    services: list[Service]


class Person(msgspec.Struct):
    """What is read of a user of PagerDuty."""

    email: str


class OnePerson(msgspec.Struct):
    """A user that was found by its id."""

    user: Person


class _Error(msgspec.Struct):
    message: str = ""
    errors: list[str] = []


class _Failure(msgspec.Struct):
    error: _Error


Wanted = TypeVar("Wanted", bound=msgspec.Struct)


class Api:
    """The API below `base`, called with one key, on behalf of the user with the address `sender`."""

    def __init__(self, base: str, key: str, sender: str) -> None:
        self._base = base.rstrip("/")
        self._headers = {
            "accept": "application/vnd.pagerduty+json;version=2",
            "authorization": f"Token token={key}",
            "content-type": "application/json",
            "from": sender,
        }

    def call(
        self,
        method: str,
        path: str,
        into: type[Wanted],
        *,
        document: Mapping[str, Any] | None = None,
        query: Mapping[str, Any] | None = None,
        timeout: timedelta = TIMEOUT,
    ) -> Wanted:
        """The answer to one call; `Refused` for a no, else `DeliveryFailed` if there is none."""
        url = f"{self._base}{path}"
        if query:
            url = f"{url}?{urlencode(query, doseq=True)}"
        body = b"" if document is None else json.dumps(document).encode()
        try:
            answer = outbound.send(
                method, url, headers=self._headers, body=body, timeout=timeout, largest=_LARGEST
            )
        except outbound.OutboundFailed as error:
            raise DeliveryFailed(error.sentence, permanent=error.kind in _LASTING) from error
        if answer.status // 100 != 2:  # noqa: PLR2004
            raise _refusal(answer)
        try:
            return msgspec.json.decode(answer.body, type=into)
        except (msgspec.MsgspecError, ValueError, RecursionError) as error:
            raise DeliveryFailed("PagerDuty answered with something unreadable.") from error


def _refusal(answer: outbound.Answer) -> Refused:
    status = answer.status
    sentence = _SENTENCES.get(status) or f"PagerDuty answered {status}{_words(answer.body)}."
    asked = answer.headers.get("retry-after") or answer.headers.get("ratelimit-reset", "")
    asked = asked.strip()
    wait = None
    if asked.isascii() and asked.isdigit():
        wait = min(timedelta(seconds=min(int(asked), 86_400)), _LONGEST_WAIT)
    return Refused(sentence, status=status, retry_after=wait)


_SENTENCES: dict[int, str] = {
    HTTPStatus.UNAUTHORIZED: "PagerDuty does not take the API key (401).",
    HTTPStatus.PAYMENT_REQUIRED: "The PagerDuty account does not include this (402).",
    HTTPStatus.FORBIDDEN: "The API key may not do this in PagerDuty (403).",
    HTTPStatus.TOO_MANY_REQUESTS: "PagerDuty wants fewer calls (429).",
}


def _words(body: bytes) -> str:
    """What PagerDuty says is wrong, in its own words, if they can be read."""
    try:
        error = msgspec.json.decode(body, type=_Failure).error
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return ""
    said = " - ".join(part for part in [error.message, *error.errors[:1]] if part)
    said = "".join(letter for letter in said if letter.isprintable())[:_LONGEST_WORD]
    return f": {said.rstrip('.')}" if said else ""
