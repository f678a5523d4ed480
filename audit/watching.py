"""One thread for all readers of a process: it watches the ledger, and gives each what follows.

Whoever waits costs neither a thread nor a connection. New entries are read and encoded once,
and each user is looked at once for all of his or her readers who are answered together.
"""

import logging
import time
from collections.abc import Callable, Collection, Hashable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from threading import Event, Lock, Thread
from typing import Any
from weakref import WeakKeyDictionary, WeakSet

from django.db import DatabaseError, close_old_connections, connections
from django.db.models import QuerySet

from audit import news, selectors, visibility
from audit.catalogue import About
from audit.models import LedgerEntry
from audit.news import News, Window
from audit.readers import Batch, End, Ended, Reader
from audit.selectors import Search

logger = logging.getLogger(__name__)

TICK = 0.2  # seconds between two looks at whether the process stops
GATHER = 0.01  # seconds in which more readers may ask, to be answered together
CHECK_EVERY = 3.0  # seconds after which those who hear nothing are looked at as well
LINGER = 10.0  # seconds without readers after which the connection is given up
PAUSE = 1.0  # seconds after a failure, of the database as a rule
PRELOADED = 200  # entries that readers who come back find in memory from the start
MOST_AT_ONCE = 100
MOST_BYTES_AT_ONCE = 64 * 1024
CHUNK = 10  # entries that are read into memory before it is looked how large they are
PAGE_THREADS = 4  # for readers who are further behind than the window reaches

Answer = Future[Batch]


class TooManyReaders(Exception):
    """Somebody has as many readers in this process as one may have."""


class Watcher:
    """Looks at the ledger when it is woken, and every `look_every` seconds while it has readers.

    `clock` gives the moment at which it is decided who sees what.
    """

    def __init__(self, *, clock: Callable[[], datetime], look_every: float) -> None:
        self.is_stopping: Callable[[], bool] = lambda: False
        self._clock = clock
        self._look_every = look_every
        self._lock = Lock()
        self._woken = Event()
        self._readers: WeakSet[Reader] = WeakSet()
        self._asked: WeakKeyDictionary[Reader, Answer] = WeakKeyDictionary()
        self._window = Window()
        self._thread: Thread | None = None
        self._pages = ThreadPoolExecutor(PAGE_THREADS, thread_name_prefix="stream-page")
        self._next_look = self._next_check = 0.0

    # --- what doors call ------------------------------------------------------------------------

    def open(self, *, user: Any, credential: Hashable, search: Search, most: int) -> Reader:
        """A reader of what comes after `search.after`; `TooManyReaders` beyond `most` of a user."""
        with self._lock:
            if sum(reader.owner == user.pk for reader in self._readers) >= most:
                raise TooManyReaders
            reader = Reader(
                owner=user.pk,
                credential=credential,
                search=search,
                ask=self._ask,
                leave=self._forget,
            )
            self._readers.add(reader)
            if self._thread is None:
                self._thread = Thread(target=self._watch, name="stream-watcher", daemon=True)
                self._thread.start()
        self._woken.set()
        return reader

    def has(self, after: int) -> bool:
        """Whether what follows this sequence is in memory, and not more than one batch."""
        window = self._window
        return window.start <= after and 0 < window.end <= after + MOST_AT_ONCE

    def wake(self) -> None:
        """Look now: the ledger has grown."""
        self._next_look = 0.0
        self._woken.set()

    def _ask(self, reader: Reader) -> Answer:
        answer: Answer = Future()
        self._keep(reader, answer)
        return answer

    def _forget(self, reader: Reader) -> None:
        with self._lock:
            self._readers.discard(reader)
            self._asked.pop(reader, None)

    # --- the thread -----------------------------------------------------------------------------

    def _watch(self) -> None:
        while True:
            if not self._readers and not self._woken.wait(LINGER):
                connections.close_all()
                self._window = Window()
                self._woken.wait()
            self._woken.wait(min(TICK, self._look_every))
            self._woken.clear()
            try:
                self._look()
            except Exception:
                logger.exception("The event stream cannot be read.")
                connections.close_all()
                time.sleep(PAUSE)

    def _look(self) -> None:
        """Answer those for whom there is something, and end those who may not listen any more."""
        with self._lock:
            readers = list(self._readers)
        if self.is_stopping():
            self._end(readers, End.STOPPING)
        if not readers:
            return
        now = time.monotonic()
        if now >= self._next_look:
            self._next_look = now + self._look_every
            self._read_news()
        if now >= self._next_check:
            self._next_check = now + CHECK_EVERY
            self._users_of(readers, self._clock())
        self._answer()

    def _read_news(self) -> None:
        head, window = selectors.head_sequence(), self._window
        if head == window.end:
            return
        if not 0 < window.end <= head <= window.end + news.MOST_ENTRIES:
            last = selectors.entries_between(head - PRELOADED, head).order_by("-sequence")
            window = Window(head, last.iterator(chunk_size=CHUNK))
        else:
            entries = selectors.entries_between(window.end, head)
            window.extend(entries.iterator(chunk_size=CHUNK))
        self._window = window

    def _answer(self) -> None:
        window = self._window
        if not self._take(window.end, only_look=True):
            return
        time.sleep(GATHER)
        asked = self._take(window.end)
        near = {r: answer for r, answer in asked.items() if r.position >= window.start}
        for reader in asked.keys() - near.keys():
            self._pages.submit(self._answer_from_page, reader, asked[reader], window.end)
        try:
            at = self._clock()
            users = self._users_of(near, at)
            self._answer_from(window, {r: near[r] for r in near if r.end is None}, users, at)
        finally:
            for reader, answer in near.items():
                self._keep(reader, answer)

    def _answer_from(
        self,
        window: Window,
        asked: Mapping[Reader, Answer],
        users: Mapping[Hashable, Any],
        at: datetime,
    ) -> None:
        fitting = {
            reader: [
                n for n in window.after(reader.position, MOST_AT_ONCE) if n.fits(reader.search)
            ]
            for reader in asked
        }
        sighting = visibility.Sighting({n.about for each in fitting.values() for n in each}, at)
        for reader, found in fitting.items():
            position = min(window.end, reader.position + MOST_AT_ONCE)
            with self._breaking_alone(reader):
                sees = sighting.of(users[reader.credential]) if found else _nothing
                _hand(reader, asked[reader], [n for n in found if sees(n.about)], position)

    @contextmanager
    def _breaking_alone(self, reader: Reader) -> Iterator[None]:
        """What nobody foresaw ends this reader and no other. A database comes back: not that."""
        try:
            yield
        except DatabaseError:
            raise
        except Exception:
            logger.exception("A reader of the event stream cannot be answered.")
            self._end([reader], End.BROKEN)

    def _answer_from_page(self, reader: Reader, answer: Answer, end: int) -> None:
        try:
            at = self._clock()
            users = self._users_of([reader], at)
            if reader.end is None:
                with self._breaking_alone(reader):
                    _hand(reader, answer, *_page_for(reader, users, at, end))
        except DatabaseError:
            logger.exception("A page of the event stream cannot be read.")
            connections.close_all()
            time.sleep(PAUSE)
        finally:
            close_old_connections()
            self._keep(reader, answer)

    # --- who asks -------------------------------------------------------------------------------

    def _keep(self, reader: Reader, answer: Answer) -> None:
        """Let a reader wait whose answer is open; end the answer of one who is at the end."""
        with self._lock:
            if answer.done():
                return
            is_over = reader.end is not None
            if not is_over and reader in self._readers:
                self._asked[reader] = answer
        if is_over:
            _refuse(answer, reader)
        elif reader.position < self._window.end:
            self._woken.set()

    def _take(self, end: int, *, only_look: bool = False) -> dict[Reader, Answer]:
        """Those who asked and are behind; they wait no longer unless this only looks."""
        with self._lock:
            due = {r: answer for r, answer in self._asked.items() if r.position < end}
            for reader in () if only_look else due:
                del self._asked[reader]
        return due

    def _users_of(self, readers: Collection[Reader], at: datetime) -> Mapping[Hashable, Any]:
        """The users behind these readers; those whose credential opens nothing now are ended."""
        found = visibility.people().users_of({r.credential for r in readers}, at)
        self._end([r for r in readers if r.credential not in found], End.SIGNED_OUT)
        return found

    def _end(self, readers: Collection[Reader], end: End) -> None:
        with self._lock:
            for reader in readers:
                reader.end = reader.end or end
            open_ones = [(r, self._asked.pop(r)) for r in readers if r in self._asked]
        for reader, answer in open_ones:
            _refuse(answer, reader)


def _page_for(
    reader: Reader, users: Mapping[Hashable, Any], at: datetime, end: int
) -> tuple[list[News], int]:
    """What follows the reader's position, and the position after it; `end` is known to exist."""
    search = replace(reader.search, after=reader.position)
    found, is_all = _page_of(
        selectors.stream(user=users[reader.credential], search=search, at=at)
    )
    last = found[-1].sequence if found else 0
    return found, max(last, end) if is_all else last


def _page_of(stream: QuerySet[LedgerEntry]) -> tuple[list[News], bool]:
    """The beginning of a stream, as much as can be handed on at once, and whether it is all."""
    found: list[News] = []
    size = 0
    for entry in stream[:MOST_AT_ONCE].iterator(chunk_size=CHUNK):
        found.append(News.of(entry))
        size += len(found[-1].json)
        if size > MOST_BYTES_AT_ONCE:
            return found, False
    return found, len(found) < MOST_AT_ONCE


def _nothing(_about: About) -> bool:
    return False


def _hand(reader: Reader, answer: Answer, found: Sequence[News], position: int) -> None:
    """Give the reader what it can take at once; if there is nothing, it is as far all the same."""
    if not found:
        reader.position = position
        return
    taken = _at_once(found)
    is_cut = len(taken) < len(found)
    if answer.set_running_or_notify_cancel():
        answer.set_result(Batch(taken, taken[-1].sequence if is_cut else position, is_cut))


def _at_once(found: Sequence[News]) -> Sequence[News]:
    """The first of them, as many as a connection takes without much waiting; one at least."""
    room = MOST_BYTES_AT_ONCE
    for count, each in enumerate(found):
        room -= len(each.json)
        if room < 0:
            return found[: max(1, count)]
    return found


def _refuse(answer: Answer, reader: Reader) -> None:
    if reader.end is not None and answer.set_running_or_notify_cancel():
        answer.set_exception(Ended(reader.end))


_watchers: list[Watcher] = []


def watch_with(watcher: Watcher) -> None:
    """Take the watcher of this process."""
    _watchers[:] = [watcher]


def watcher() -> Watcher:
    """The watcher of this process."""
    (registered,) = _watchers
    return registered
