"""A reader of the stream, as the door sees it: it asks for what follows, and waits without a thread."""

import asyncio
from collections.abc import Callable, Hashable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from enum import Enum
from typing import Any

from audit.news import News
from audit.selectors import Search


class End(Enum):
    """Why there is nothing more for a reader."""

    SIGNED_OUT = "What let this reader in does not open this door any more."
    STOPPING = "Access Plane is stopping."
    BROKEN = "Something went wrong here; the operator finds it in the log."


class Ended(Exception):
    """There is nothing more for this reader."""

    def __init__(self, end: End) -> None:
        super().__init__(end.value)
        self.end = end


@dataclass(frozen=True, slots=True)
class Batch:
    """Entries for one reader, and the sequence up to which they are all there is for it.

    `is_cut` says that more was there than one batch holds.
    """

    news: Sequence[News]
    position: int
    is_cut: bool


class Reader:
    """An open stream or a held answer: whose it is, what it looks for, how far it has got.

    What it may see is decided when it asks, so it asks only when it can pass on what it gets.
    Between two questions nothing is kept for it but its `position`.
    """

    def __init__(
        self,
        *,
        owner: Any,
        credential: Hashable,
        search: Search,
        ask: "Callable[[Reader], Future[Batch]]",
        leave: "Callable[[Reader], None]",
    ) -> None:
        self.owner = owner
        self.credential = credential
        self.search = search
        self.position = search.after
        self.end: End | None = None
        self._ask = ask
        self._leave = leave
        self._asked: asyncio.Future[Batch] | None = None

    async def next(self, seconds: float | None = None) -> Batch | None:
        """What follows its position; None if that is nothing in so many seconds.

        Raises `Ended` once the reader may not listen any more.
        """
        if self._asked is None:
            self._asked = asyncio.wrap_future(self._ask(self))
        done, _ = await asyncio.wait({self._asked}, timeout=seconds)
        if not done:
            return None
        asked, self._asked = self._asked, None
        batch = asked.result()
        self.position = batch.position
        return batch

    def close(self) -> None:
        """Make room for another reader."""
        self._leave(self)
