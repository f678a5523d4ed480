"""The stream over HTTP: answers that are held open, and server-sent events."""

from collections.abc import AsyncIterator, Callable, Iterator

import msgspec
from django.http import HttpResponse, StreamingHttpResponse

from accessplane.lib.held import HeldResponse
from audit.following import HEARTBEAT
from audit.models import LedgerEntry
from audit.news import News
from audit.readers import Batch, End, Ended, Reader

EVENT_STREAM = "text/event-stream"
BEGINNING = b"retry: 2000\n\n"  # milliseconds until a browser comes back
STILL_HERE = b": still here\n\n"

Refusal = Callable[[], HttpResponse]


class HeldPage(HeldResponse):
    """A page that waits for its first event; empty when the time is over or the plane stops.

    `refusal` makes the answer to a caller who is nobody any more.
    """

    def __init__(
        self,
        reader: Reader,
        *,
        seconds: float,
        limit: int,
        next_page: Callable[[int], str],
        refusal: Refusal,
    ) -> None:
        super().__init__(content_type="application/json")
        self._reader = reader
        self._seconds = seconds
        self._limit = limit
        self._next_page = next_page
        self._refusal = refusal

    async def ready(self) -> None:
        """Wait for something that the caller may see."""
        try:
            self._fill(await self._reader.next(self._seconds))
        except Ended as ended:
            match ended.end:
                case End.SIGNED_OUT:
                    self._become(self._refusal())
                case End.STOPPING:
                    self._fill(None)
                case End.BROKEN:
                    raise
        self["Content-Length"] = str(len(self.content))

    def close(self) -> None:
        """Make room for another reader."""
        self._reader.close()
        super().close()

    def _fill(self, batch: Batch | None) -> None:
        found = batch.news if batch else ()
        page = found[: self._limit]
        is_cut = len(page) < len(found) or (batch is not None and batch.is_cut)
        following = self._next_page(page[-1].sequence) if is_cut else None
        head = {"next": following, "previous": None}
        documents = [msgspec.Raw(news.json) for news in page]
        self.content = msgspec.json.encode(head | {"results": documents})

    def _become(self, other: HttpResponse) -> None:
        self.status_code = other.status_code
        self.content = other.content
        for name, value in other.items():
            self[name] = value


class EventStream(StreamingHttpResponse):
    """Server-sent events, without an end of their own."""

    def __init__(self, content: "Frames | Iterator[bytes]") -> None:
        headers = {"Cache-Control": "no-cache, no-store", "X-Accel-Buffering": "no"}
        super().__init__(content, content_type=EVENT_STREAM, headers=headers)


class Frames:
    """The content of a stream, for a handler that sends it without a thread."""

    def __init__(self, reader: Reader, refusal: Refusal) -> None:
        self._reader = reader
        self._refusal = refusal

    def __aiter__(self) -> AsyncIterator[bytes]:
        """The frames, as they come."""
        return self._frames()

    def close(self) -> None:
        """Make room for another reader."""
        self._reader.close()

    async def _frames(self) -> AsyncIterator[bytes]:
        yield BEGINNING
        try:
            while True:
                # Nothing is sent, but this comes back only when the connection has room: what
                # the reader may see is decided after that.
                yield b""
                batch = await self._reader.next(HEARTBEAT)
                yield b"".join(map(_frame, batch.news)) if batch else STILL_HERE
        except Ended as ended:
            if ended.end is End.SIGNED_OUT:
                yield last_frame(self._refusal)


def frames_of(entries: list[LedgerEntry]) -> bytes:
    """Entries as server-sent events; a sign of life if there are none."""
    return b"".join(_frame(News.of(entry)) for entry in entries) or STILL_HERE


def last_frame(refusal: Refusal) -> bytes:
    """The problem that ends a stream, as its last event."""
    return b"event: problem\ndata: " + refusal().content + b"\n\n"


def _frame(news: News) -> bytes:
    return b"id: %d\ndata: %b\n\n" % (news.sequence, news.json)
