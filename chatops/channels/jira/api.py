"""Calls of Jira's REST API, and what its refusals mean."""

from base64 import b64encode
from http import HTTPStatus
from typing import Any, ClassVar

import msgspec

from accessplane.lib import outbound
from chatops.channels import calls
from chatops.channels.calls import Refused

_LONGEST_WORD = 160


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


class Api(calls.Api):
    """A version of the API of the site at `base`, called with one token.

    The token is that of the account with the address `email`, or stands by itself.
    """

    name: ClassVar[str] = "Jira"
    largest: ClassVar[int] = 1024 * 1024  # an issue with all its transitions

    def __init__(self, base: str, version: int, email: str, token: str) -> None:
        pair = b64encode(f"{email}:{token}".encode()).decode()
        super().__init__(
            f"{base.rstrip('/')}/rest/api/{version}",
            {
                "accept": "application/json",
                "authorization": f"Basic {pair}" if email else f"Bearer {token}",
            },
        )

    def refusal(self, answer: outbound.Answer) -> Refused:
        """What a no of Jira's means."""
        status = answer.status
        sentence = _SENTENCES.get(status) or f"Jira answered {status}{_words(answer.body)}."
        return Refused(sentence, status=status, retry_after=calls.wait(answer.headers))


_SENTENCES: dict[int, str] = {
    HTTPStatus.UNAUTHORIZED: "Jira does not take the token (401).",
    HTTPStatus.FORBIDDEN: "The account of the token may not do this in Jira (403).",
    HTTPStatus.TOO_MANY_REQUESTS: "Jira wants fewer calls (429).",
}


def _words(body: bytes) -> str:
    """What Jira says is wrong, in its own words, if they can be read."""
    error = calls.readable(body, _Failure) or _Failure()
    fields = [f"{name}: {said}" for name, said in error.errors.items()]
    said = next((one for one in [*error.error_messages, *fields, error.message] if one), "")
    said = calls.printable(said, _LONGEST_WORD)
    return f": {said.rstrip('.')}" if said else ""
