"""Calls of Mattermost's REST API, version 4, and what its refusals mean."""

import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from http import HTTPStatus
from typing import Any, TypeVar

import msgspec

from accessplane.lib import outbound
from chatops.channels.base import DeliveryFailed

TIMEOUT = timedelta(seconds=8)
_LARGEST = 1024 * 1024  # a post comes back with all that was posted
_LONGEST_CODE = 120
_LONGEST_WAIT = timedelta(hours=1)
_PASSING = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.CONFLICT, HTTPStatus.TOO_MANY_REQUESTS}
_LASTING = {
    outbound.Kind.BAD_URL,
    outbound.Kind.REFUSED_ADDRESS,
    outbound.Kind.REDIRECT,
}


class Refused(DeliveryFailed):
    """Mattermost answered, and said no: `status` is how, `error` its own code."""

    def __init__(
        self, sentence: str, *, status: int, error: str, retry_after: timedelta | None = None
    ) -> None:
        is_passing = status >= HTTPStatus.INTERNAL_SERVER_ERROR or status in _PASSING
        super().__init__(sentence, permanent=not is_passing, retry_after=retry_after)
        self.status = status
        self.error = error


class Done(msgspec.Struct):
    """An answer of which nothing is read."""


class User(msgspec.Struct):
    """What is read of an account.

    Mattermost tells `email_verified` to system administrators alone.
    """

    id: str
    username: str = ""
    email: str = ""
    email_verified: bool = False
    roles: str = ""
    delete_at: int = 0
    is_bot: bool = False
    remote_id: str | None = None

    @property
    def is_deactivated(self) -> bool:
        """Whether somebody closed the account."""
        return self.delete_at != 0

    @property
    def is_administrator(self) -> bool:
        """Whether it may do anything on this server."""
        return "system_admin" in self.roles.split()

    @property
    def is_own_member(self) -> bool:
        """Whether a person of this server's own has it: no guest, no bot, nobody of another's."""
        is_guest = "system_guest" in self.roles.split()
        return not (is_guest or self.is_bot or self.remote_id or self.is_deactivated)


class Room(msgspec.Struct):
    """What is read of a channel of Mattermost's."""

    id: str
    delete_at: int = 0


class Post(msgspec.Struct):
    """What is read of a post."""

    id: str
    channel_id: str


class _Error(msgspec.Struct):
    id: str = ""


Wanted = TypeVar("Wanted", bound=msgspec.Struct)


class Api:
    """The API of the server at `base`, called with one token."""

    def __init__(self, base: str, token: str) -> None:
        self._base = f"{base.rstrip('/')}/api/v4"
        self._headers = {
            "accept": "application/json",
            "authorization": f"Bearer {token}",
            "content-type": "application/json",
        }

    def call(
        self,
        method: str,
        path: str,
        into: type[Wanted],
        *,
        document: Mapping[str, Any] | Sequence[Any] | None = None,
        timeout: timedelta = TIMEOUT,
    ) -> Wanted:
        """The answer to one call; `Refused` for a no, else `DeliveryFailed` if there is none."""
        body = b"" if document is None else json.dumps(document).encode()
        try:
            answer = outbound.send(
                method,
                f"{self._base}{path}",
                headers=self._headers,
                body=body,
                timeout=timeout,
                largest=_LARGEST,
            )
        except outbound.OutboundFailed as error:
            raise DeliveryFailed(error.sentence, permanent=error.kind in _LASTING) from error
        if answer.status // 100 != 2:  # noqa: PLR2004
            raise _refusal(answer)
        try:
            return msgspec.json.decode(answer.body, type=into)
        except (msgspec.MsgspecError, ValueError, RecursionError) as error:
            raise DeliveryFailed("Mattermost answered with something unreadable.") from error


def _refusal(answer: outbound.Answer) -> Refused:
    status, error = answer.status, _code(answer.body)
    why = _SENTENCES.get(status, f"Mattermost answered {status}")
    said = _REASONS.get(error, error)
    return Refused(
        f"{why}: {said}." if said else f"{why}.",
        status=status,
        error=error,
        retry_after=_wait(answer.headers),
    )


_SENTENCES: dict[int, str] = {
    HTTPStatus.UNAUTHORIZED: "Mattermost does not take the token (401)",
    HTTPStatus.FORBIDDEN: "The bot may not do this in Mattermost (403)",
    HTTPStatus.TOO_MANY_REQUESTS: "Mattermost wants fewer calls (429)",
}
_REASONS = {
    "api.context.permissions.app_error": "invite it into the channel",
    "api.context.session_expired.app_error": "it was revoked, or is another one",
    "api.user.get_user_by_email.permissions.app_error": "it may not see e-mail addresses",
}


def _wait(headers: Mapping[str, str]) -> timedelta | None:
    """How long Mattermost asks to be left alone: seconds, whatever its documentation says."""
    for name in ("retry-after", "x-ratelimit-reset"):
        asked = headers.get(name, "").strip()
        if (
            asked.isascii()
            and asked.isdigit()
            and int(asked[:9]) <= _LONGEST_WAIT.total_seconds()
        ):
            return timedelta(seconds=int(asked[:9]))
    return None


def _code(body: bytes) -> str:
    """Mattermost's name for what is wrong; its sentences are in the language of the server."""
    try:
        code = msgspec.json.decode(body, type=_Error).id
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return ""
    return "".join(letter for letter in code if letter.isprintable())[:_LONGEST_CODE]
