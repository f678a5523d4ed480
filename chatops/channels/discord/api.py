"""Calls of Discord's HTTP API, version 10, and what its refusals mean."""

import json
import math
from collections.abc import Mapping
from datetime import timedelta
from http import HTTPStatus
from typing import Any, TypeVar

import msgspec
from django.conf import settings

from accessplane.lib import outbound
from accessplane.lib.version import __version__
from chatops.channels.base import DeliveryFailed

TIMEOUT = timedelta(seconds=8)
UNKNOWN_MESSAGE = 10008
_LONGEST_WORD = 120
_LONGEST_WAIT = timedelta(days=1)
_LASTING = {
    outbound.Kind.BAD_URL,
    outbound.Kind.REFUSED_ADDRESS,
    outbound.Kind.REDIRECT,
}
_PASSING = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.CONFLICT, HTTPStatus.TOO_MANY_REQUESTS}
# Limits of its own that Discord names by these codes, whatever the status, and passing troubles.
_PASSING_CODES = {
    20016, 20022, 20028, 20029, 30046, 40003, 40004, 40006, 40062, 110001, 130000,
}  # fmt: skip
_REASONS = {
    10003: "there is no such channel",
    10013: "there is no such person",
    40058: "nobody writes into a forum itself; name a channel, or a thread",
    50001: "the bot is not in this channel",
    50007: "this person takes no messages from the bot",
    50008: "this is no channel for text",
    50013: "the bot lacks a permission in this channel",
    50083: "the thread is archived",
    160002: "the bot may not read the history of this channel",
}


class Refused(DeliveryFailed):
    """Discord answered, and said no: `code` is its own word for it, 0 if it has none."""

    def __init__(
        self, sentence: str, *, code: int, permanent: bool, retry_after: timedelta | None = None
    ) -> None:
        super().__init__(sentence, permanent=permanent, retry_after=retry_after)
        self.code = code


class Posted(msgspec.Struct):
    """A message that is there."""

    id: str
    channel_id: str


class Conversation(msgspec.Struct):
    """The direct messages with somebody."""

    id: str


class Account(msgspec.Struct):
    """Whose the token is."""

    username: str


class _Failure(msgspec.Struct):
    message: str = ""
    code: int = 0
    retry_after: float | None = None


Wanted = TypeVar("Wanted", bound=msgspec.Struct)


class Api:
    """The API below `base`, called with the token of one bot."""

    def __init__(self, base: str, token: str) -> None:
        self._base = base.rstrip("/")
        self._headers = {
            "authorization": f"Bot {token}",
            "content-type": "application/json",
            "user-agent": f"DiscordBot ({settings.ACCESSPLANE_PUBLIC_URL}, {__version__})",
        }

    def call(
        self,
        method: str,
        path: str,
        into: type[Wanted],
        *,
        document: Mapping[str, Any] | None = None,
    ) -> Wanted:
        """The answer to one call; `Refused` for a no, else `DeliveryFailed` if there is none."""
        body = b"" if document is None else json.dumps(document).encode()
        try:
            answer = outbound.send(
                method, self._base + path, headers=self._headers, body=body, timeout=TIMEOUT
            )
        except outbound.OutboundFailed as error:
            raise DeliveryFailed(error.sentence, permanent=error.kind in _LASTING) from error
        if answer.status // 100 != 2:  # noqa: PLR2004
            raise _refusal(answer)
        try:
            return msgspec.json.decode(answer.body, type=into)
        except (msgspec.MsgspecError, ValueError, RecursionError) as error:
            raise DeliveryFailed("Discord answered with something unreadable.") from error


def _refusal(answer: outbound.Answer) -> Refused:
    failure = _failure_in(answer.body)
    is_passing = (
        answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR
        or answer.status in _PASSING
        or failure.code in _PASSING_CODES
    )
    return Refused(
        _sentence(answer.status, failure),
        code=failure.code,
        permanent=not is_passing,
        retry_after=_wait(answer, failure),
    )


def _failure_in(body: bytes) -> _Failure:
    """What Discord says is wrong; nothing where somebody before it answers, and not in JSON."""
    try:
        return msgspec.json.decode(body, type=_Failure)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return _Failure()


def _sentence(status: int, failure: _Failure) -> str:
    if status == HTTPStatus.UNAUTHORIZED:
        return "Discord does not take the bot's token (401)."
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return "Discord wants fewer calls (429)."
    if failure.code in _REASONS:
        return f"Discord refused: {_REASONS[failure.code]} ({failure.code})."
    said = "".join(letter for letter in failure.message if letter.isprintable())
    said = said[:_LONGEST_WORD].rstrip(".")
    return f"Discord answered {status}{f': {said} ({failure.code})' if said else ''}."


def _wait(answer: outbound.Answer, failure: _Failure) -> timedelta | None:
    """How long to leave Discord alone: the body says it best, its headers where it is missing."""
    if failure.retry_after is not None:
        return _seconds(failure.retry_after)
    if answer.status != HTTPStatus.TOO_MANY_REQUESTS:
        return None
    for name in ("retry-after", "x-ratelimit-reset-after"):
        try:
            return _seconds(float(answer.headers.get(name, "")))
        except ValueError:
            continue
    return None


def _seconds(number: float) -> timedelta | None:
    """So many seconds, a millisecond at least; None for what is no length of time."""
    if not 0 <= number < math.inf:
        return None
    wait = timedelta(milliseconds=math.ceil(min(number, 1e9) * 1000))
    return min(max(wait, timedelta(milliseconds=1)), _LONGEST_WAIT)
