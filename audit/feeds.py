"""What the WebSockets of the stream share: one connection, which is fed by one reader."""

import asyncio
import logging
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from channels.generic.websocket import AsyncWebsocketConsumer

from audit.readers import Batch, End, Ended, Reader

logger = logging.getLogger(__name__)

# Close codes: what HTTP calls 401, from the range that is left to applications, and 1012, which
# the server itself sends when it stops.
CODES = {End.SIGNED_OUT: 4401, End.STOPPING: 1012, End.BROKEN: 1011}
FRESH = 1.0  # seconds after which what was decided about an event that was not sent is too old


class EventFeed(AsyncWebsocketConsumer):  # type: ignore[misc]  # channels has no types
    """One connection. What the client sends is read and means nothing."""

    def __init__(self, reader: Reader) -> None:
        super().__init__()
        self._reader = reader
        self._feeding: asyncio.Task[None] | None = None

    def frames_of(self, batch: Batch) -> Iterable[tuple[int, str]]:
        """What is sent of these events: each frame with the first sequence that it tells of."""
        return [(news.sequence, news.json.decode()) for news in batch.news]

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
        """Send them; what the client takes no part of in time is asked for again."""
        for first, frame in self.frames_of(batch):
            try:
                async with asyncio.timeout(FRESH):
                    await self.send(text_data=frame)
            except TimeoutError:
                self._reader.position = first - 1
                return
