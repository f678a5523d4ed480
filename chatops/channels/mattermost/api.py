"""Calls of Mattermost's REST API, version 4, and what its refusals mean."""

from collections.abc import Mapping
from datetime import timedelta
from http import HTTPStatus
from typing import ClassVar

import msgspec

from accessplane.lib import outbound
from chatops.channels import calls
from chatops.channels.calls import LONGEST_WAIT, Refused


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


class Api(calls.Api):
    """The API of the server at `base`, called with one token."""

    name: ClassVar[str] = "Mattermost"
    largest: ClassVar[int] = 1024 * 1024  # a post comes back with all that was posted

    def __init__(self, base: str, token: str) -> None:
        super().__init__(
            f"{base.rstrip('/')}/api/v4",
            {"accept": "application/json", "authorization": f"Bearer {token}"},
        )

    def refusal(self, answer: outbound.Answer) -> Refused:
        """What a no of Mattermost's means; its sentences are in the language of the server."""
        status = answer.status
        code = calls.printable((calls.readable(answer.body, _Error) or _Error()).id)
        why = _SENTENCES.get(status, f"Mattermost answered {status}")
        said = _REASONS.get(code, code)
        return Refused(
            f"{why}: {said}." if said else f"{why}.",
            status=status,
            code=code,
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
    names = ("retry-after", "x-ratelimit-reset")
    asked = [calls.seconds(headers.get(name, "")) for name in names]
    return next((one for one in asked if one is not None and one <= LONGEST_WAIT), None)
