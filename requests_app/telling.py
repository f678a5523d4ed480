"""Who hears of a request, and who has heard. The app above says it: it knows routes and channels."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from identity.subject import Subject
from policy.facts import Facts


class TellingState(StrEnum):
    """How far a message has come."""

    ARRIVED = "ARRIVED"
    REMINDED = "REMINDED"
    WAITS = "WAITS"
    FAILED = "FAILED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One message to one recipient about an event, `news` being that event's id.

    A recipient is an address, a room, or empty where the channel itself is one. `round` counts
    reminders; `problem` says why it did not arrive.
    """

    news: UUID
    round: int
    at: datetime
    channel: str
    recipient: str
    state: TellingState
    problem: str = ""


Rooms = Callable[[Facts], list[str]]
Messages = Callable[[Subject, Collection[UUID]], list[Told]]

_rooms: list[Rooms] = []
_messages: list[Messages] = []


def register_rooms(rooms: Rooms) -> None:
    """Take what names the recipients of the routes that such a request would go."""
    _rooms[:] = [rooms]


def rooms_for(facts: Facts) -> list[str]:
    """The recipients of every route that such a request would go (SEMANTICS 9.3)."""
    return [name for rooms in _rooms for name in rooms(facts)]


def register_messages(messages: Messages) -> None:
    """Take what names the messages about requests and grants that a subject may know of."""
    _messages[:] = [messages]


def messages_about(subject: Subject, objects: Collection[UUID]) -> list[Told]:
    """The messages about these requests and grants, for whoever may see postings; else none."""
    return [told for messages in _messages for told in messages(subject, objects)]
