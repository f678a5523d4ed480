"""The loop of a workflow program: hear of requests, have them judged, go on.

Every request is judged at least once. The plane takes one verdict for each check, so that a
program may be killed at any line and loses nothing: when it starts it looks for every check that
still waits for it, and reads the log on from its place.
"""

import asyncio
import logging
import math
import time
from collections.abc import Awaitable, Callable, Iterable
from contextlib import aclosing, nullcontext
from typing import TYPE_CHECKING, TypeVar

from accessplane_client.documents import PENDING, Event
from accessplane_client.errors import PlaneError
from accessplane_client.following import STEADY, jittered
from accessplane_client.workflows.handlers import Workflows
from accessplane_client.workflows.judging import Job, Judge, stop_if_unknown
from accessplane_client.workflows.places import Places
from accessplane_client.workflows.progress import Progress
from accessplane_client.workflows.signals import heard_as

if TYPE_CHECKING:
    from accessplane_client.async_client import AsyncPlane

log = logging.getLogger(__name__)

CREATED = "access_request.created"
SWEEP_EVERY = 300.0
FIRST_PAUSE = 2.0
LONGEST_PAUSE = 300.0

Found = TypeVar("Found")


class Runner:
    """Runs the workflows of one program, once."""

    def __init__(
        self, plane: "AsyncPlane", workflows: Workflows, places: Places, *, concurrency: int
    ) -> None:
        self._plane = plane
        self._names = workflows.names()
        self._judge = Judge(plane, workflows, concurrency=concurrency)
        self._slots = asyncio.Semaphore(concurrency)
        self._places = places
        self._progress = Progress(0)
        self._saving = asyncio.Lock()
        # What is in hand, with the events to tick off after the first look; None: they are.
        self._open: dict[Job, list[int] | None] = {}
        self._jobs = asyncio.TaskGroup()
        self._stop = asyncio.Event()

    async def run(self, *, until_signal: bool) -> None:
        """Until a signal, which lets handlers at work finish. PlaneError if we are refused."""
        try:
            with heard_as(self._stop) if until_signal else nullcontext():
                async with self._jobs:
                    listening = self._jobs.create_task(self._listen())
                    await self._stop.wait()
                    listening.cancel()
        except* PlaneError as refused:
            raise _first(refused) from None
        finally:
            self._judge.close()

    # Hearing of requests

    async def _listen(self) -> None:
        """First its place, then what waits, then what comes: nothing falls in between."""
        await self._answered(self._find_place)
        async with asyncio.TaskGroup() as both:
            both.create_task(self._sweep_again_and_again())
            both.create_task(self._answered(self._follow))

    async def _find_place(self) -> None:
        """Where it stopped; in a log that it does not know, the end, as the sweep has the rest."""
        place = await asyncio.to_thread(self._places.get)
        if place is None or not await self._knows(place):
            place = 0
            async for event in self._plane.events(type=CREATED):
                place = event.sequence
            await self._keep(place)
        self._progress = Progress(place)
        log.info("Judging for %s, after event %d.", ", ".join(self._names), place)

    async def _knows(self, place: int) -> bool:
        """Whether the log has this place; one that was set up anew has not."""
        if place == 0:
            return True
        async with aclosing(self._plane.events(place - 1, type=CREATED, page=1)) as found:
            first = await anext(found, None)
        return first is not None and first.sequence == place

    async def _sweep_again_and_again(self) -> None:
        while True:
            await self._answered(self._sweep)
            await asyncio.sleep(SWEEP_EVERY)

    async def _sweep(self) -> None:
        async for request in self._plane.requests(state=PENDING):
            for check in request.checks:
                if check.is_pending and check.workflow in self._names:
                    await self._begin(Job(request.id, check.workflow))

    async def _follow(self) -> None:
        place = self._progress.newest
        stream = self._plane.events(place, follow=True, patience=math.inf, type=CREATED)
        async with aclosing(stream) as events:
            async for event in events:
                await self._hear(event)

    async def _hear(self, event: Event) -> None:
        """Looks at the checks of ours that the event names; at all of ours if it names none."""
        asked = event.data.get("checks", self._names)
        names = [name for name in self._names if name in asked]
        self._progress.begin(event.sequence, names)
        for workflow in names:
            await self._begin(Job(event.about.id, workflow), event.sequence)
        if not names:
            await self._tick_off(Job(event.about.id, ""), [event.sequence])

    async def _answered(self, ask: Callable[[], Awaitable[Found]]) -> Found:
        """What `ask` gives, tried again until the plane answers."""
        tries = 0
        while True:
            began = time.monotonic()
            try:
                return await ask()
            except PlaneError as error:
                stop_if_unknown(error)
                tries = 1 if time.monotonic() - began > STEADY else tries + 1
                wait = max(jittered(tries, longest=LONGEST_PAUSE), error.retry_after)
                log.warning("%s Trying again in %.0f s.", error.detail, wait)
            await asyncio.sleep(wait)

    # Having them judged

    async def _begin(self, job: Job, *sequence: int) -> None:
        """Waits for a free slot, so that no more is read than can be worked on."""
        if job not in self._open:
            self._open[job] = [*sequence]
            await self._slots.acquire()
            self._jobs.create_task(self._work(job))
        elif (ticking := self._open[job]) is None:
            await self._tick_off(job, sequence)
        else:
            ticking += sequence

    async def _work(self, job: Job) -> None:
        """Once with the slot that was waited for, and again, later, as long as it fails."""
        is_over, tries = await self._settled(job), 0
        await self._tick_off(job, self._open[job] or ())
        self._open[job] = None
        while not is_over:
            tries += 1
            pause = jittered(tries, first=FIRST_PAUSE, longest=LONGEST_PAUSE)
            if await self._stops_within(pause):
                return
            await self._slots.acquire()
            is_over = await self._settled(job)
        del self._open[job]

    async def _settled(self, job: Job) -> bool:
        try:
            return await self._judge.settle(job)
        finally:
            self._slots.release()

    async def _stops_within(self, seconds: float) -> bool:
        try:
            await asyncio.wait_for(self._stop.wait(), seconds)
        except TimeoutError:
            return False
        return True

    # Keeping the place

    async def _tick_off(self, job: Job, sequences: Iterable[int]) -> None:
        """What is still to be tried again holds nothing up: the sweep of a restart finds it."""
        for sequence in sequences:
            if self._progress.finish(sequence, job.workflow):
                async with self._saving:
                    await self._keep(self._progress.place)

    async def _keep(self, place: int) -> None:
        try:
            await asyncio.to_thread(self._places.set, place)
        except Exception:
            log.exception(
                "The place in the log can't be kept; a restart reads some of it again."
            )


def _first(group: BaseExceptionGroup[PlaneError]) -> PlaneError:
    first = group.exceptions[0]
    return _first(first) if isinstance(first, BaseExceptionGroup) else first
