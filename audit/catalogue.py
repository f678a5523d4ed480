"""Event, the base class; every event type by its dotted name."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Any, ClassVar
from uuid import UUID

from accessplane.lib import instants

EVENT_TYPES: dict[str, type["Event"]] = {}


@dataclass(frozen=True, slots=True)
class About:
    """The object an event tells of. `name` is what people call it: an address, a role's name."""

    kind: str
    id: UUID
    name: str = ""


@dataclass(frozen=True, kw_only=True)
class Event:
    """A fact, in plain values. A subclass names its `type` and adds the fields of its data.

    `leads_to` is the state in which the object is after it, where the type alone says that.
    """

    type: ClassVar[str]
    leads_to: ClassVar[str] = ""
    about: About

    def __init_subclass__(cls) -> None:
        """Enter the type into the catalogue; a name belongs to one class."""
        if "type" not in cls.__dict__:
            return  # a shape that several types share
        if cls.type in EVENT_TYPES:
            raise TypeError(f"There are two event classes of the type {cls.type}.")
        EVENT_TYPES[cls.type] = cls

    def data(self) -> dict[str, Any]:
        """Every field but `about`, as JSON values; a length becomes whole seconds."""
        fields = dataclasses.fields(self)
        return {f.name: _plain(getattr(self, f.name)) for f in fields if f.name != "about"}


def _plain(value: Any) -> Any:
    match value:
        case datetime():
            return instants.text_of(value)
        case timedelta():
            return int(value.total_seconds())
        case UUID() | Enum():
            return str(value)
        case _:
            return _plain_inside(value)


def _plain_inside(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value
