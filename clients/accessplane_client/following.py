"""The audit log as it grows: server-sent events, or long polls where a plane has none."""

import json
import logging
import random
import time
from collections.abc import AsyncGenerator, Iterator, Sequence

import httpx
from httpx_sse import EventSource, ServerSentEvent

from accessplane_client import calls, wire
from accessplane_client.answers import document_of, refusal_of
from accessplane_client.calls import Call, EventFilters, Page
from accessplane_client.documents import Event
from accessplane_client.errors import PlaneError, UnexpectedAnswer
from accessplane_client.waiting import HELD_OPEN_AT_LEAST, LONG_POLL, LOOK_EVERY, Outage

log = logging.getLogger(__name__)

EVENT_STREAM = "text/event-stream"
LONGEST_PAUSE = 30.0
STEADY = 10.0  # a connection that lasted so many seconds was a good one


class Following:
    """Where a reader of the log stands, and when it asks again. It sends nothing itself."""

    def __init__(self, after: int, filters: EventFilters, *, patience: float) -> None:
        self._after = after
        self._filters = filters
        self._outage = Outage(patience)
        self._breaks = 0
        self._began = 0.0
        self._heard = 0

    def begin(self) -> Call[Page[Event]]:
        """The call for what follows. `wait` is for a plane that answers with a page."""
        self._began = time.monotonic()
        self._heard = 0
        return calls.events(self._after, wait=LONG_POLL, **self._filters)

    def headers(self) -> dict[str, str]:
        last = {"Last-Event-ID": str(self._after)} if self._after else {}
        return {"Accept": EVENT_STREAM, "Cache-Control": "no-store"} | last

    def said(self, message: ServerSentEvent) -> list[Event]:
        """The event of a message, if it has one; the problem that ends a stream is raised."""
        if not message.data:
            return []
        try:
            document = json.loads(message.data)
            if message.event == "problem":
                raise refusal_of(document, document.get("status"))
            return self.fresh([Event.read(document)])
        except (ValueError, KeyError, AttributeError) as error:
            raise UnexpectedAnswer("The plane sent something that is no event.") from error

    def fresh(self, events: Sequence[Event]) -> list[Event]:
        """Those of `events` that were not seen before; from here on they were."""
        new = [event for event in events if event.sequence > self._after]
        if new:
            self._after = new[-1].sequence
            self._heard += len(new)
        self._outage.is_over()
        return new

    def pause_after_page(self, page: Page[Event]) -> float:
        """Seconds until the next long poll: none, unless nobody holds the answer open."""
        self._breaks = 0
        was_held = time.monotonic() - self._began >= HELD_OPEN_AT_LEAST
        return 0.0 if page.items or was_held else LOOK_EVERY

    def pause_after_end(self) -> float:
        """Seconds until the next connection, after one that ended by itself."""
        if self._heard or time.monotonic() - self._began > STEADY:
            self._breaks = 0
        self._breaks += 1
        return jittered(self._breaks, longest=LONGEST_PAUSE)

    def pause_after(self, error: PlaneError) -> float:
        """Seconds until the next connection; raises what will not pass, or lasts too long."""
        self._outage.bear(error)
        wait = max(self.pause_after_end(), error.retry_after)
        log.warning("%s Trying again in %.0f s.", error.detail, wait)
        return wait


def jittered(tries: int, *, first: float = 1.0, longest: float) -> float:
    """Doubles up to `longest`, and spreads callers who failed together."""
    whole: float = min(first * 2 ** min(tries - 1, 30), longest)
    return whole * random.uniform(0.5, 1.0)  # noqa: S311  nothing secret depends on it


def follow(through: wire.Wire, reading: Following) -> Iterator[Event]:
    """Events for ever, over as many connections as it takes."""
    while True:
        call = reading.begin()
        try:
            with through.open(call, reading.headers()) as response:
                if _is_stream(response):
                    for message in EventSource(response).iter_sse():
                        yield from reading.said(message)
                    wait = reading.pause_after_end()
                else:
                    response.read()
                    page = call.read(document_of(response, through.url))
                    yield from reading.fresh(page.items)
                    wait = reading.pause_after_page(page)
        except PlaneError as error:
            wait = reading.pause_after(error)
        wire.pause(wait)


async def follow_async(
    through: wire.AsyncWire, reading: Following
) -> AsyncGenerator[Event, None]:
    """The same, awaited."""
    while True:
        call = reading.begin()
        try:
            async with through.open(call, reading.headers()) as response:
                if _is_stream(response):
                    async for message in EventSource(response).aiter_sse():
                        for event in reading.said(message):
                            yield event
                    wait = reading.pause_after_end()
                else:
                    await response.aread()
                    page = call.read(document_of(response, through.url))
                    for event in reading.fresh(page.items):
                        yield event
                    wait = reading.pause_after_page(page)
        except PlaneError as error:
            wait = reading.pause_after(error)
        await wire.pause_async(wait)


def _is_stream(response: httpx.Response) -> bool:
    return str(response.headers.get("Content-Type", "")).startswith(EVENT_STREAM)
