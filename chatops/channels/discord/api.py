"""Calls of Discord's HTTP API, version 10, and what its refusals mean."""

import math
from datetime import timedelta
from http import HTTPStatus
from typing import ClassVar

import msgspec
from django.conf import settings

from accessplane.lib import outbound
from accessplane.lib.version import __version__
from chatops.channels import calls
from chatops.channels.calls import Refused

UNKNOWN_MESSAGE = 10008
_LONGEST_WAIT = timedelta(days=1)
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


class Api(calls.Api):
    """The API below `base`, called with the token of one bot."""

    name: ClassVar[str] = "Discord"

    def __init__(self, base: str, token: str) -> None:
        agent = f"DiscordBot ({settings.ACCESSPLANE_PUBLIC_URL}, {__version__})"
        headers = {"authorization": f"Bot {token}", "user-agent": agent}
        super().__init__(base.rstrip("/"), headers)

    def refusal(self, answer: outbound.Answer) -> Refused:
        """What a no means, of Discord, or of somebody before it who does not answer in JSON."""
        failure = calls.readable(answer.body, _Failure) or _Failure()
        return Refused(
            _sentence(answer.status, failure),
            status=answer.status,
            code=failure.code,
            is_passing=failure.code in _PASSING_CODES,
            retry_after=_wait(answer, failure),
        )


def _sentence(status: int, failure: _Failure) -> str:
    if status == HTTPStatus.UNAUTHORIZED:
        return "Discord does not take the bot's token (401)."
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return "Discord wants fewer calls (429)."
    if failure.code in _REASONS:
        return f"Discord refused: {_REASONS[failure.code]} ({failure.code})."
    said = calls.printable(failure.message).rstrip(".")
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
