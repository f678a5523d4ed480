"""The end of the ledger in memory: each entry read and encoded once for all who follow it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Self

import msgspec

from audit.catalogue import About
from audit.models import LedgerEntry
from audit.selectors import Search

MOST_ENTRIES = 1000
MOST_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class News:
    """An entry as its readers get it (`json`), and what decides whether they do."""

    sequence: int
    type: str
    actor: str
    about: About
    at: datetime
    json: bytes

    @classmethod
    def of(cls, entry: LedgerEntry) -> Self:
        """The news of an entry whose event is loaded."""
        event = entry.event
        return cls(
            sequence=entry.sequence,
            type=event.type,
            actor=event.actor_name.lower(),
            about=event.about,
            at=event.at,
            json=msgspec.json.encode(entry.document()),
        )

    def fits(self, search: Search) -> bool:
        """Whether a search finds it, its `after` aside: `selectors.stream` of one in hand."""
        return (
            search.type in {None, self.type}
            and (search.actor is None or search.actor.lower() == self.actor)
            and search.about in {None, self.about.id}
            and (search.since is None or self.at >= search.since)
            and (search.until is None or self.at < search.until)
        )


class Window:
    """The last entries of the ledger, without a gap: those in `(start, end]`.

    It holds at most `MOST_ENTRIES`, and no more than `MOST_BYTES` of them.
    """

    def __init__(self, end: int = 0, newest_first: Iterable[LedgerEntry] = ()) -> None:
        self._news: list[News] = []
        self._bytes = 0
        for entry in newest_first:
            news = News.of(entry)
            self._bytes += len(news.json)
            if self._bytes > MOST_BYTES:
                self._bytes -= len(news.json)
                break
            self._news.insert(0, news)
        self.start = end - len(self._news)

    @property
    def end(self) -> int:
        """The sequence of the last entry that is known."""
        return self.start + len(self._news)

    def after(self, sequence: int, most: int) -> Sequence[News]:
        """Up to so many entries after a sequence that is not before the start."""
        begin = sequence - self.start
        return self._news[begin : begin + most]

    def extend(self, entries: Iterable[LedgerEntry]) -> None:
        """Take the next entries, and let go of the oldest where they are too many."""
        for entry in entries:
            news = News.of(entry)
            self._news.append(news)
            self._bytes += len(news.json)
            while len(self._news) > MOST_ENTRIES or self._bytes > MOST_BYTES:
                self._bytes -= len(self._news.pop(0).json)
                self.start += 1
