"""A channel that reaches people and rooms, and keeps what it was given: for what comes before it."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import ClassVar

from chatops.messages import Message
from chatops.specs import ChannelSpec
from tests import cast


def pigeons(name="pigeons", **spec) -> dict:
    """The document of a channel of this type."""
    return cast.document("channel", name, {"type": "pigeon"} | spec)


@dataclass(frozen=True)
class Flight:
    """One message as it left; `posted` is what it brings up to date, if it does."""

    to: str
    message: Message
    posted: str = ""


@dataclass
class Loft:
    flights: list[Flight] = field(default_factory=list)

    def to(self, recipient: str) -> list[Flight]:
        return [flight for flight in self.flights if flight.to == recipient]

    def recipients(self) -> list[str]:
        return [flight.to for flight in self.flights]

    def news_to(self, recipient: str) -> list[str]:
        return [flight.message.news for flight in self.to(recipient)]


LOFT = Loft()


class Pigeon:
    """The type `pigeon`."""

    kind: ClassVar[str] = "pigeon"
    spec: ClassVar[type[ChannelSpec]] = ChannelSpec
    secrets: ClassVar[frozenset[str]] = frozenset()
    has_recipients: ClassVar[bool] = True
    reaches_people: ClassVar[bool] = True
    follows: ClassVar[bool] = True
    pace: ClassVar[timedelta] = timedelta(0)

    def __init__(self, settings):
        self.settings = settings

    def post(self, message, *, to, key, at):
        LOFT.flights.append(Flight(to, message))
        return f"card for {to}"

    def update(self, message, *, to, posted, key, at):
        LOFT.flights.append(Flight(to, message, posted))
        return posted
