"""Calls of PagerDuty's REST API, version 2, and what its refusals mean."""

from http import HTTPStatus
from typing import ClassVar

import msgspec

from accessplane.lib import outbound
from chatops.channels import calls
from chatops.channels.calls import Refused


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
    error: _Error = msgspec.field(default_factory=_Error)


class Api(calls.Api):
    """The API below `base`, called with one key, on behalf of the user with the address `sender`."""

    name: ClassVar[str] = "PagerDuty"
    largest: ClassVar[int] = 1024 * 1024  # a page of services

    def __init__(self, base: str, key: str, sender: str) -> None:
        super().__init__(
            base.rstrip("/"),
            {
                "accept": "application/vnd.pagerduty+json;version=2",
                "authorization": f"Token token={key}",
                "from": sender,
            },
        )

    def refusal(self, answer: outbound.Answer) -> Refused:
        """What a no of PagerDuty's means."""
        status = answer.status
        sentence = (
            _SENTENCES.get(status) or f"PagerDuty answered {status}{_words(answer.body)}."
        )
        wait = calls.wait(answer.headers, "retry-after", "ratelimit-reset")
        return Refused(sentence, status=status, retry_after=wait)


_SENTENCES: dict[int, str] = {
    HTTPStatus.UNAUTHORIZED: "PagerDuty does not take the API key (401).",
    HTTPStatus.PAYMENT_REQUIRED: "The PagerDuty account does not include this (402).",
    HTTPStatus.FORBIDDEN: "The API key may not do this in PagerDuty (403).",
    HTTPStatus.TOO_MANY_REQUESTS: "PagerDuty wants fewer calls (429).",
}


def _words(body: bytes) -> str:
    """What PagerDuty says is wrong, in its own words, if they can be read."""
    error = (calls.readable(body, _Failure) or _Failure()).error
    said = " - ".join(part for part in [error.message, *error.errors[:1]] if part)
    said = calls.printable(said)
    return f": {said.rstrip('.')}" if said else ""
