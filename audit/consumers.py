"""The event stream over WebSocket: every event is one text frame, the document that REST has."""

from rest_framework.request import Request

from accessplane.lib.sockets import SocketEndpoint, Upgrade
from audit.feeds import EventFeed
from audit.following import StreamFilters, open_reader
from audit.selectors import Search


class EventsSocket(SocketEndpoint):
    """Whoever may read the log over REST may follow it here."""

    parameters = StreamFilters

    def get(self, request: Request) -> Upgrade:
        """Let the caller in."""
        reader = open_reader(request, Search(**self.wanted))
        return Upgrade(EventFeed.as_asgi(reader=reader))
