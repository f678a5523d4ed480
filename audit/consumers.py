"""The event stream over WebSocket: every event is one text frame, the document that REST has."""

import asyncio
import logging
from contextlib import suppress
from typing import Any

from channels.generic.websocket import AsyncWebsocketConsumer
from rest_framework.request import Request

from accessplane.lib.sockets import SocketEndpoint, Upgrade
from audit.following import StreamFilters, open_reader
from audit.readers import Batch, End, Ended, Reader
from audit.selectors import Search

logger = logging.getLogger(__name__)

# Close codes: what HTTP calls 401, from the range that is left to applications, and 1012, which
# the server itself sends when it stops.
CODES = {End.SIGNED_OUT: 4401, End.STOPPING: 1012, End.BROKEN: 1011}
FRESH = 1.0  # seconds after which what was decided about an event that was not sent is too old


class EventsSocket(SocketEndpoint):
    """Whoever may read the log over REST may follow it here."""

    parameters = StreamFilters

    def get(self, request: Request) -> Upgrade:
        """Let the caller in."""
        reader = open_reader(request, Search(**self.wanted))
        return Upgrade(EventFeed.as_asgi(reader=reader))


class EventFeed(AsyncWebsocketConsumer):  # type: ignore[misc]  # channels has no types
    """One connection. What the client sends is read and means nothing."""

    def __init__(self, reader: Reader) -> None:
        super().__init__()
        self._reader = reader
        self._feeding: asyncio.Task[None] | None = None

    async def __call__(self, *connection: Any) -> None:
        """From the handshake to the end of the connection."""
        try:
            await super().__call__(*connection)
        finally:
            self._reader.close()
            if self._feeding is not None:
                self._feeding.cancel()

    async def connect(self) -> None:
        """Begin to send."""
        await self.accept()
        self._feeding = asyncio.create_task(self._feed())

    async def _feed(self) -> None:
        end = End.BROKEN
        try:
            while True:
                batch = await self._reader.next()
                if batch is not None:
                    await self._pass_on(batch)
        except Ended as ended:
            end = ended.end
        except OSError:
            return  # the client is gone
        except Exception:
            logger.exception("A reader of the event stream cannot be served.")
        with suppress(OSError):
            await self.close(CODES[end], end.value)

    async def _pass_on(self, batch: Batch) -> None:
        """Send the events; those that the client takes no part of in time are asked for again."""
        for news in batch.news:
            before = news.sequence - 1
            try:
                async with asyncio.timeout(FRESH):
                    await self.send(text_data=news.json.decode())
            except TimeoutError:
                self._reader.position = before
                return
