"""The types of channels, by their names in documents."""

from accessplane.lib.errors import InvalidInput
from chatops.channels.base import Channel

_types: dict[str, type[Channel]] = {}


def register(channel: type[Channel]) -> None:
    """Take a type of channel."""
    _types[channel.kind] = channel


def type_named(name: object) -> type[Channel]:
    """The type of this name; `InvalidInput` names those that there are."""
    found = _types.get(name) if isinstance(name, str) else None
    if found is None:
        known = ", ".join(sorted(_types))
        raise InvalidInput(
            f"{str(name)[:40]!r} is no type of channel; there are {known} - at `spec.type`"
        )
    return found
