"""Live status: a hint for each change that the viewer may see (CONTRACT 4)."""

from collections.abc import Iterable

import msgspec
from rest_framework.request import Request

from accessplane.lib.inputs import Strict
from accessplane.lib.sockets import SocketEndpoint, Upgrade
from audit import selectors
from audit.catalogue import EVENT_TYPES
from audit.feeds import EventFeed
from audit.following import open_reader, sequence_field
from audit.news import News
from audit.readers import Batch
from audit.selectors import Search


class Hint(msgspec.Struct, tag_field="type", tag="changed"):
    """That an object changed, and nothing else of it: who wants to know more asks for it.

    `state` is empty where the change does not say it.
    """

    kind: str
    id: str
    state: str


class LiveFilters(Strict):
    """From where on hints are wanted: from now on, unless an earlier `after` is said."""

    after = sequence_field(required=False)


class LiveSocket(SocketEndpoint):
    """Whoever has signed in, on the pages or with a token."""

    parameters = LiveFilters

    def get(self, request: Request) -> Upgrade:
        """Let the caller in."""
        after = self.wanted.get("after", selectors.head_sequence())
        reader = open_reader(request, Search(after=after))
        return Upgrade(LiveFeed.as_asgi(reader=reader))


class LiveFeed(EventFeed):
    """One open page. Of what changed several times at once it hears once, how it is now."""

    def frames_of(self, batch: Batch) -> Iterable[tuple[int, str]]:
        """A hint for each object, in the order of the first changes."""
        first: dict[tuple[str, str], int] = {}
        last: dict[tuple[str, str], Hint] = {}
        for news in batch.news:
            hint = _hint_of(news)
            first.setdefault((hint.kind, hint.id), news.sequence)
            last[hint.kind, hint.id] = hint
        return [
            (sequence, msgspec.json.encode(last[about]).decode())
            for about, sequence in first.items()
        ]


def _hint_of(news: News) -> Hint:
    event = EVENT_TYPES.get(news.type)
    state = event.leads_to if event else ""
    return Hint(kind=news.about.kind, id=str(news.about.id), state=state)
