"""Waiting: for events by long polls, and by them for the decision on a request."""

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Unpack

from accessplane_client.documents import AccessRequest, Event
from accessplane_client.errors import PlaneError

if TYPE_CHECKING:
    from accessplane_client.client import EventFilters, Plane

LONG_POLL = 25
LOOK_EVERY = 2.0
HELD_OPEN_AT_LEAST = 0.5
OUTAGE_BORNE = 300.0
UNAUTHORIZED = 401


def wait_for_decision(
    plane: "Plane",
    request_id: str,
    *,
    timeout: float | None,
    on_change: Callable[[AccessRequest], None] | None,
) -> AccessRequest:
    """What decides is the request itself, read afresh; events only say when to look.

    An outage on the way is borne for five minutes.
    """
    deadline = math.inf if timeout is None else time.monotonic() + timeout
    watch = EventWatch(plane, about=request_id)
    _look(watch.catch_up)  # before the first reading, so that nothing falls in between
    seen = plane.request(request_id)
    outage = Outage()
    while seen.is_pending and (left := deadline - time.monotonic()) > 0:
        patience = min(left, _until_it_expires(seen))
        with outage.borne():
            if not _look(lambda: watch.wait(patience)):  # noqa: B023  called at once
                time.sleep(min(patience, LOOK_EVERY))
            fresh = plane.request(request_id)
            if on_change and fresh != seen:
                on_change(fresh)
            seen = fresh
    return seen


def _look(at_events: Callable[[], object]) -> bool:
    """Whether events can be read here; a request can be waited for without them."""
    try:
        at_events()
    except PlaneError as error:
        if error.is_temporary or error.status == UNAUTHORIZED:
            raise
        return False
    return True


def _until_it_expires(request: AccessRequest) -> float:
    """Never less than a look's distance: the clock here may be ahead of the plane's."""
    if request.pending_expires_at is None:
        return math.inf
    return max(request.pending_expires_at.timestamp() - time.time(), LOOK_EVERY)


class EventWatch:
    """What happens after `after`, as it happens."""

    def __init__(
        self, plane: "Plane", after: int = 0, **filters: Unpack["EventFilters"]
    ) -> None:
        self._plane = plane
        self._after = after
        self._filters = filters

    def catch_up(self) -> list[Event]:
        return self._read(wait=0)

    def wait(self, seconds: float) -> list[Event]:
        """Comes back early with what happened, or with nothing when it is time to look again."""
        began = time.monotonic()
        events = self._read(wait=math.ceil(min(seconds, LONG_POLL)))
        if not events and time.monotonic() - began < HELD_OPEN_AT_LEAST:
            time.sleep(min(seconds, LOOK_EVERY))  # something between does not hold answers open
        return events

    def _read(self, *, wait: int) -> list[Event]:
        events = list(self._plane.events(self._after, wait=wait, **self._filters))
        if events:
            self._after = events[-1].sequence
        return events


class Outage:
    """How long the plane has not answered."""

    def __init__(self) -> None:
        self._since: float | None = None

    @contextmanager
    def borne(self) -> Iterator[None]:
        """Swallows what is temporary, and takes a breath, until it lasts too long."""
        try:
            yield
            self._since = None
        except PlaneError as error:
            now = time.monotonic()
            self._since = self._since or now
            if not error.is_temporary or now - self._since > OUTAGE_BORNE:
                raise
            time.sleep(LOOK_EVERY)
