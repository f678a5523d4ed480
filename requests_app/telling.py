"""Which rooms hear of a new request. The app above says it, because it knows routes and channels."""

from collections.abc import Callable

from policy.facts import Facts

Rooms = Callable[[Facts], list[str]]

_rooms: list[Rooms] = []


def register_rooms(rooms: Rooms) -> None:
    """Take what names the recipients of the routes that such a request would go."""
    _rooms[:] = [rooms]


def rooms_for(facts: Facts) -> list[str]:
    """The recipients of every route that such a request would go (SEMANTICS 9.3)."""
    return [name for rooms in _rooms for name in rooms(facts)]
