"""Pure: what Discord's interactions say."""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from accessplane.lib.durations import InvalidDuration, parse_duration
from accessplane.lib.errors import InvalidInput
from accessplane.lib.instants import moment_from
from accessplane.lib.words import gettext as _
from chatops.channels.discord.embeds import DEED
from chatops.channels.inbound import DURATION, REASON, START, Click, Said
from chatops.messages import Deed

PING, PRESSED, SUBMITTED = 1, 3, 5
_SNOWFLAKE = Meta(pattern=r"^[0-9]{1,20}$")
_UTC = re.compile(r"\s*(?:UTC|GMT|Z)$", re.IGNORECASE)
_IN = re.compile(r"(?:in\s+)?((?:[0-9]+[dhms])+)", re.IGNORECASE)


class Unreadable(InvalidInput):
    """Not what Discord's reference describes."""


class UnclearStart(InvalidInput):
    """No moment can be made of what somebody wrote into the field for the start."""


class _User(msgspec.Struct):
    id: Annotated[str, _SNOWFLAKE]
    username: str = ""
    global_name: str | None = None


class _Member(msgspec.Struct):
    user: _User
    nick: str | None = None


class _Field(msgspec.Struct):
    custom_id: str = ""
    value: str | None = None


class _Frame(msgspec.Struct):
    """A label around a field; dialogs of an older kind have rows."""

    component: _Field | None = None
    components: list[_Field] = []


class _Data(msgspec.Struct):
    custom_id: str = ""
    components: list[_Frame] = []


class _Interaction(msgspec.Struct):
    type: int
    id: Annotated[str, _SNOWFLAKE]
    data: _Data | None = None
    member: _Member | None = None
    user: _User | None = None


class Ping:
    """Discord tries the address."""


def heard(body: bytes, *, at: datetime) -> Click | Said | Ping | None:
    """What somebody did; None for what is none of ours.

    Raises `Unreadable` for what Discord does not send, and `UnclearStart`.
    """
    try:
        said = msgspec.json.decode(body, type=_Interaction)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise Unreadable("This is nothing that Discord sends.") from error
    if said.type == PING:
        return Ping()
    if said.type not in {PRESSED, SUBMITTED} or said.data is None:
        return None
    kind, _, rest = said.data.custom_id.partition(":")
    if kind != DEED:
        return None
    deed, object_id = _meant(rest)
    account, name = _who(said)
    if said.type == PRESSED:
        return Click(key=said.id, account=account, name=name, deed=deed, object_id=object_id)
    typed = dict(_typed(said.data.components))
    return Said(
        key=said.id,
        account=account,
        name=name,
        deed=deed,
        object_id=object_id,
        reason=typed.get(REASON, ""),
        duration=typed.get(DURATION, ""),
        start_time=start_in(typed.get(START, ""), at=at),
    )


def start_in(text: str, *, at: datetime) -> datetime | None:
    """The moment that somebody wrote, None for nothing; `UnclearStart` unless it is plain.

    Discord tells nobody's zone, so a moment is a length of time from `at` on, or names its zone.
    """
    said = text.strip()
    if not said:
        return None
    relative = _IN.fullmatch(said)
    try:
        if relative:
            return at + parse_duration(relative[1].lower())
    except (InvalidDuration, OverflowError):
        pass
    moment = moment_from("T".join(_UTC.sub("Z", said).split(maxsplit=1)).replace(" ", ""))
    if moment is None:
        raise UnclearStart(
            _(
                "When access begins is not clear. Write in 3h, or a time with its zone such as "
                "2026-03-02 15:00 UTC. Nothing was decided."
            )
        )
    return moment


def _meant(rest: str) -> tuple[Deed, UUID]:
    deed, _, object_id = rest.partition(":")
    try:
        return Deed(deed), UUID(object_id)
    except ValueError as error:
        raise Unreadable("This is no button of ours.") from error


def _who(said: _Interaction) -> tuple[str, str]:
    """The account and its name: in a server it is a member who did it, in a conversation a user."""
    user = said.member.user if said.member else said.user
    if user is None:
        raise Unreadable("Nobody did this.")
    nick = said.member.nick if said.member else None
    return user.id, nick or user.global_name or user.username


def _typed(frames: Sequence[_Frame]) -> Iterator[tuple[str, str]]:
    """What was typed, by the names of the fields."""
    for frame in frames:
        for field in [frame.component, *frame.components]:
            if field and field.value is not None:
                yield field.custom_id, field.value
