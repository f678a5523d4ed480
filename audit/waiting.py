"""Holding an answer open until the ledger has grown."""

import time
from collections.abc import Callable
from typing import TypeVar

from django.db import close_old_connections, connection

from audit import selectors

LOOK_EVERY = 0.3  # seconds

Entries = TypeVar("Entries")


def first_not_empty(read: Callable[[], list[Entries]], *, seconds: float) -> list[Entries]:
    """What `read` finds, read again whenever the ledger has grown, for at most so long.

    A wait costs one small statement each time it looks; the thread that serves the call waits.
    """
    deadline = time.monotonic() + seconds
    known = selectors.head().sequence
    found = read()
    while not found and time.monotonic() < deadline:
        if not connection.in_atomic_block:
            close_old_connections()  # a pooled one goes back, for those who do not wait
        time.sleep(min(LOOK_EVERY, max(0.0, deadline - time.monotonic())))
        if (head := selectors.head().sequence) != known:
            known, found = head, read()
    return found
