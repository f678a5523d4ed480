"""Calls of Jira's REST API, and what its refusals mean."""

import json
from base64 import b64encode
from collections.abc import Mapping
from datetime import timedelta
from http import HTTPStatus
from typing import Any, TypeVar
from urllib.parse import urlencode

import msgspec

from accessplane.lib import outbound
from chatops.channels.base import DeliveryFailed

TIMEOUT = timedelta(seconds=8)
_LARGEST = 1024 * 1024  # an issue with all its transitions
_LONGEST_WORD = 160
_LONGEST_WAIT = timedelta(hours=1)
_PASSING = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.CONFLICT, HTTPStatus.TOO_MANY_REQUESTS}
_LASTING = {
    outbound.Kind.BAD_URL,
    outbound.Kind.REFUSED_ADDRESS,
    outbound.Kind.REDIRECT,
}


class Refused(DeliveryFailed):
    """Jira answered, and said no: `status` is how."""

    def __init__(
        self, sentence: str, *, status: int, retry_after: timedelta | None = None
    ) -> None:
        is_passing = status >= HTTPStatus.INTERNAL_SERVER_ERROR or status in _PASSING
        super().__init__(sentence, permanent=not is_passing, retry_after=retry_after)
        self.status = status


class Done(msgspec.Struct):
    """An answer of which nothing is read; there may be none."""


class Made(msgspec.Struct):
    """What is read of an issue that was just made, or found."""

    id: str


class Found(msgspec.Struct):
    """What a search found."""

    issues: list[Made]


class Status(msgspec.Struct):
    """Where an issue stands."""

    id: str
    name: str


class Transition(msgspec.Struct):
    """A way on from where an issue stands."""

    id: str
    name: str
    to: Status


class Fields(msgspec.Struct):
    """What is read of the fields of an issue."""

    status: Status


class Issue(msgspec.Struct):
    """What is read of an issue: where it stands, its ways on, and what we keep there."""

    id: str
    fields: Fields
    transitions: list[Transition] = []
    properties: dict[str, Any] = {}


class Person(msgspec.Struct, rename="camel"):
    """What is read of an account; its address may be hidden."""

    display_name: str = ""
    email_address: str | None = None
    account_type: str = "atlassian"
    active: bool = True


class IssueType(msgspec.Struct):
    """A type of issues that a project has."""

    id: str
    name: str


class Project(msgspec.Struct, rename="camel"):
    """What is read of a project."""

    name: str
    issue_types: list[IssueType] = []


class _Failure(msgspec.Struct, rename="camel"):
    error_messages: list[str] = []
    errors: dict[str, str] = {}
    message: str = ""


Wanted = TypeVar("Wanted", bound=msgspec.Struct)


class Api:
    """A version of the API of the site at `base`, called with one token.

    The token is that of the account with the address `email`, or stands by itself.
    """

    def __init__(self, base: str, version: int, email: str, token: str) -> None:
        self._base = f"{base.rstrip('/')}/rest/api/{version}"
        pair = b64encode(f"{email}:{token}".encode()).decode()
        self._headers = {
            "accept": "application/json",
            "authorization": f"Basic {pair}" if email else f"Bearer {token}",
            "content-type": "application/json",
        }

    def call(
        self,
        method: str,
        path: str,
        into: type[Wanted],
        *,
        document: Mapping[str, Any] | None = None,
        query: Mapping[str, str] | None = None,
        timeout: timedelta = TIMEOUT,
    ) -> Wanted:
        """The answer to one call; `Refused` for a no, else `DeliveryFailed` if there is none."""
        url = f"{self._base}{path}"
        if query:
            url = f"{url}?{urlencode(query)}"
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
            return msgspec.json.decode(answer.body or b"{}", type=into)
        except (msgspec.MsgspecError, ValueError, RecursionError) as error:
            raise DeliveryFailed("Jira answered with something unreadable.") from error


def _refusal(answer: outbound.Answer) -> Refused:
    status = answer.status
    sentence = _SENTENCES.get(status) or f"Jira answered {status}{_words(answer.body)}."
    asked = answer.headers.get("retry-after", "").strip()
    wait = None
    if asked.isascii() and asked.isdigit():
        wait = min(timedelta(seconds=min(int(asked), 86_400)), _LONGEST_WAIT)
    return Refused(sentence, status=status, retry_after=wait)


_SENTENCES: dict[int, str] = {
    HTTPStatus.UNAUTHORIZED: "Jira does not take the token (401).",
    HTTPStatus.FORBIDDEN: "The account of the token may not do this in Jira (403).",
    HTTPStatus.TOO_MANY_REQUESTS: "Jira wants fewer calls (429).",
}


def _words(body: bytes) -> str:
    """What Jira says is wrong, in its own words, if they can be read."""
    try:
        error = msgspec.json.decode(body, type=_Failure)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return ""
    fields = [f"{name}: {said}" for name, said in error.errors.items()]
    said = next((one for one in [*error.error_messages, *fields, error.message] if one), "")
    said = "".join(letter for letter in said if letter.isprintable())[:_LONGEST_WORD]
    return f": {said.rstrip('.')}" if said else ""
