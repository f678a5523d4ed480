"""Waiting for the decision on a request, with long polls for events."""

import math
import time
from collections.abc import Callable, Generator
from typing import Any

from accessplane_client import calls
from accessplane_client.addresses import whole_id
from accessplane_client.calls import Call, Id, Page, Pause, Script
from accessplane_client.documents import AccessRequest, Event
from accessplane_client.errors import PlaneError

LONG_POLL = 25
LOOK_EVERY = 2.0
HELD_OPEN_AT_LEAST = 0.5
OUTAGE_BORNE = 300.0
UNAUTHORIZED = 401


def wait_for_decision(
    request_id: Id,
    *,
    timeout: float | None = None,
    on_change: Callable[[AccessRequest], None] | None = None,
) -> Script[AccessRequest]:
    """The request once it is no longer pending, or as it is after `timeout` seconds.

    `on_change` is called with every new version that is seen on the way. What decides is the
    request itself, read afresh; events only say when to look. An outage is borne for five minutes.
    """
    deadline = math.inf if timeout is None else time.monotonic() + timeout
    watch = EventWatch(whole_id(request_id))
    yield from _look(watch.catch_up())  # before the first reading: nothing falls in between
    seen = yield from calls.request(request_id)
    outage = Outage(OUTAGE_BORNE)
    while seen.is_pending and (left := deadline - time.monotonic()) > 0:
        patience = min(left, _until_it_expires(seen))
        try:
            fresh = yield from _after_something(request_id, watch, patience)
        except PlaneError as error:
            outage.bear(error)
            yield Pause(LOOK_EVERY)
            continue
        outage.is_over()
        if on_change and fresh != seen:
            on_change(fresh)
        seen = fresh
    return seen


def _after_something(
    request_id: Id, watch: "EventWatch", patience: float
) -> Script[AccessRequest]:
    if not (yield from _look(watch.wait(patience))):
        yield Pause(min(patience, LOOK_EVERY))
    return (yield from calls.request(request_id))


def _look(at_events: Script[object]) -> Script[bool]:
    """Whether events can be read here; a request can be waited for without them."""
    try:
        yield from at_events
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
    """What happens to one object, as it happens."""

    def __init__(self, about: str) -> None:
        self._about = about
        self._after = 0

    def catch_up(self) -> Script[list[Event]]:
        return self._read(wait=0)

    def wait(self, seconds: float) -> Script[list[Event]]:
        """Comes back early with what happened, or with nothing when it is time to look again."""
        began = time.monotonic()
        events = yield from self._read(wait=math.ceil(min(seconds, LONG_POLL)))
        if not events and time.monotonic() - began < HELD_OPEN_AT_LEAST:
            # something between here and the plane does not hold answers open
            yield Pause(min(seconds, LOOK_EVERY))
        return events

    def _read(self, *, wait: int) -> Script[list[Event]]:
        events = yield from whole(calls.events(self._after, wait=wait, about=self._about))
        if events:
            self._after = events[-1].sequence
        return events


def whole(
    first: Call[Page[calls.AnyDocument]],
) -> Generator[Call[Any], Any, list[calls.AnyDocument]]:
    """All pages of a list."""
    found: list[calls.AnyDocument] = []
    following: Call[Page[calls.AnyDocument]] | None = first
    while following is not None:
        page = yield from following
        found += page.items
        following = page.following
    return found


class Outage:
    """How long the plane has not answered, and how long that is borne."""

    def __init__(self, borne: float) -> None:
        self._borne = borne
        self._since: float | None = None

    def bear(self, error: PlaneError) -> None:
        """Raises `error` if it won't pass by itself, or if it has lasted too long."""
        now = time.monotonic()
        if self._since is None:
            self._since = now
        if not error.is_temporary or now - self._since > self._borne:
            raise error

    def is_over(self) -> None:
        self._since = None
