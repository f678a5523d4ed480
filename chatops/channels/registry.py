"""The types of channels, by their names in documents."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, cast

from accessplane.lib.errors import InvalidInput
from chatops.channels.base import Channel
from chatops.channels.inbound import Asking, Listening

_types: dict[str, type[Channel]] = {}
_annotations: dict[str, str] = {}
_titles: dict[str, str] = {}
_recipients_unless: dict[str, str] = {}
_people_if: dict[str, str] = {}
_people_as: dict[str, str] = {}


def register(
    channel: type[Channel],
    *,
    title: str = "",
    recipients_from: str = "",
    recipients_unless: str = "",
    people_if: str = "",
    people_as: str = "",
) -> None:
    """Take a type of channel; `title` is what people call it, if that is not its name.

    `recipients_from` is the annotation of requests that names the recipients where a route does
    not. `recipients_unless` is the setting of channels that have no recipients, and `people_if`
    that of those that reach people, where not all channels of the type do. `people_as` is how a
    linked account is written as a recipient, where the service knows nobody by an address.
    """
    _types[channel.kind] = channel
    _titles[channel.kind] = title or channel.kind.capitalize()
    _annotations[channel.kind] = recipients_from
    _recipients_unless[channel.kind] = recipients_unless
    _people_if[channel.kind] = people_if
    _people_as[channel.kind] = people_as


def title_of(name: str) -> str:
    """What people call the type of this name."""
    return _titles.get(name, name)


def annotation_of(name: str) -> str:
    """The annotation that names recipients for the type of this name; none for most."""
    return _annotations.get(name, "")


def has_recipients(name: str, settings: Mapping[str, Any]) -> bool:
    """Whether routes name whom a channel of this type, with these settings, writes to."""
    unless = _recipients_unless.get(name, "")
    return type_named(name).has_recipients and not (unless and settings.get(unless))


def reaches_people(name: str, settings: Mapping[str, Any]) -> bool:
    """Whether a channel of this type, with these settings, tells people by themselves."""
    wanted = _people_if.get(name, "")
    may = type_named(name).reaches_people or needs_account(name)
    return may and bool(not wanted or settings.get(wanted))


def needs_account(name: str) -> bool:
    """Whether channels of this type reach people by their linked accounts alone."""
    return bool(_people_as.get(name, ""))


def account_as_recipient(name: str, account: str) -> str:
    """How the linked account is written as a recipient."""
    return _people_as[name].format(account)


def names() -> list[str]:
    """The names of the types that there are."""
    return sorted(_types)


def paces() -> dict[str, timedelta]:
    """What a posting costs in the long run, by type."""
    return {name: channel.pace for name, channel in _types.items()}


def type_named(name: object) -> type[Channel]:
    """The type of this name; `InvalidInput` names those that there are."""
    found = _types.get(name) if isinstance(name, str) else None
    if found is None:
        known = ", ".join(names())
        raise InvalidInput(
            f"{str(name)[:40]!r} is no type of channel; there are {known} - at `spec.type`"
        )
    return found


def doors_of(name: str) -> frozenset[str]:
    """The doors at which channels of this type take answers; none of most, and of no type."""
    doors: frozenset[str] = getattr(_types.get(name), "doors", frozenset())
    return doors


def addresses_of(name: str) -> list[str]:
    """The last parts of the addresses that the service of this type calls."""
    return sorted(getattr(_types.get(name), "addresses", doors_of(name)))


def listening(channel: Channel) -> Listening:
    """The channel, whose type has doors, as one that takes answers."""
    return cast("Listening", channel)


def asking(channel: Listening) -> Asking:
    """The channel, which reads clicks, as one that opens dialogs."""
    return cast("Asking", channel)
