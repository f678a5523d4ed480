"""Slack by Socket Mode: connections that stay, and what is heard over them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime
from functools import partial
from typing import Any

from accessplane.lib.errors import Conflict
from chatops.channels.base import DeliveryFailed
from chatops.channels.slack.socket import SlackSocket
from chatops.services import answers
from chatops.services.slack import desks, talking
from chatops.services.slack.desks import Desk
from chatops.services.slack.talking import Document, Kind

# By the channel's name, Slack's kind of message, its id, and what it says: the answer.
Listener = Callable[[str, str, str, Mapping[str, Any]], Document]


@contextmanager
def connected(among: Sequence[Desk], listener: Listener) -> Iterator[None]:
    """A connection for each of these desks, kept until the block ends.

    `listener` is called in threads of its own. `Conflict` says why there is no connection.
    """
    with ExitStack() as open_ones:
        for desk in among:
            socket = SlackSocket(desk.slack, partial(listener, desk.channel.name))
            open_ones.callback(socket.close)
            try:
                socket.connect()
            except (DeliveryFailed, OSError) as failure:
                raise Conflict(f"{desk.channel.name}: {failure}") from failure
        yield


def answer_to_envelope(
    name: str, kind: str, envelope: str, payload: Mapping[str, Any], *, at: datetime
) -> Document:
    """`talking.answer` to what came over the connection of this channel, once for each envelope.

    Nothing is done for a channel that was switched off meanwhile. Raises `InvalidInput`.
    """
    if kind not in set(Kind):
        return {}
    for desk in desks.desks(name=name):
        if answers.hear(desk.channel, envelope, at=at):
            return talking.answer(desk, Kind(kind), payload, at=at)
    return {}
