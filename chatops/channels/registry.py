"""The types of channels, by their names in documents."""

from datetime import timedelta

from accessplane.lib.errors import InvalidInput
from chatops.channels.base import Channel

_types: dict[str, type[Channel]] = {}
_annotations: dict[str, str] = {}


def register(channel: type[Channel], *, recipients_from: str = "") -> None:
    """Take a type of channel.

    `recipients_from` is the annotation of requests that names the recipients where a route does
    not.
    """
    _types[channel.kind] = channel
    _annotations[channel.kind] = recipients_from


def annotation_of(name: str) -> str:
    """The annotation that names recipients for the type of this name; none for most."""
    return _annotations.get(name, "")


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
