"""Pure: what there is to say, before a channel gives it its looks."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from accessplane.lib.words import gettext_lazy as _

SAMPLE = "channel.test"  # the type of an event that never happened, for trying a channel


class Audience(StrEnum):
    """Whom a message is for: people in a room, somebody who may decide, or who asked."""

    ROOM = "ROOM"
    REVIEWER = "REVIEWER"
    REQUESTER = "REQUESTER"


class Mood(StrEnum):
    """How things stand, for a colour and an icon."""

    WAITING = "WAITING"
    GOOD = "GOOD"
    BAD = "BAD"
    OVER = "OVER"

    @property
    def icon(self) -> str:
        """The same as an emoji, where a channel shows those."""
        return _ICONS[self]


_ICONS = {Mood.WAITING: "⏳", Mood.GOOD: "✅", Mood.BAD: "⛔", Mood.OVER: "⏹️"}


class Deed(StrEnum):
    """What whoever reads the message may do about it, right there."""

    APPROVE = "APPROVE"
    DENY = "DENY"
    EXTEND = "EXTEND"
    GIVE_BACK = "GIVE_BACK"

    @property
    def label(self) -> str:
        """What stands on its button."""
        return str(_LABELS[self])


_LABELS = {
    Deed.APPROVE: _("Approve"),
    Deed.DENY: _("Deny"),
    Deed.EXTEND: _("Extend"),
    Deed.GIVE_BACK: _("Give back"),
}


@dataclass(frozen=True, slots=True)
class Fact:
    """A labelled fact. A moment stays one, so that a channel shows it in the reader's zone."""

    label: str
    value: str | datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """News of one event; `event` is its document, as readers of the log get it.

    `title` says who wants what and stays so for the whole conversation, `news` what has happened
    now, `facts` how things stand. `deeds` concern `object_id`: the request, or the grant.
    `more_time` is where a grant that can be extended is: for channels that bring no answers.
    """

    event: Mapping[str, Any]
    audience: Audience
    conversation: UUID
    title: str
    news: str
    facts: tuple[Fact, ...] = ()
    mood: Mood = Mood.OVER
    deeds: tuple[Deed, ...] = ()
    object_id: UUID | None = None
    link: str = ""
    more_time: str = ""

    @property
    def is_sample(self) -> bool:
        """Whether it only tries the channel."""
        return bool(self.event["type"] == SAMPLE)
