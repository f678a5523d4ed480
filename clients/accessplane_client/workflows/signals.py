"""Ending when the terminal or the system asks for it."""

import asyncio
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any

SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def heard_as(stop: asyncio.Event) -> Iterator[None]:
    """SIGINT and SIGTERM set `stop`; the second one does again what it did before."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.getsignal(number) for number in SIGNALS}
    loop = asyncio.get_running_loop()

    def hear(number: signal.Signals) -> None:
        stop.set()
        _give_back(loop, {number: before[number]})

    for number in SIGNALS:
        with suppress(NotImplementedError):  # Windows: Ctrl-C is a KeyboardInterrupt there
            loop.add_signal_handler(number, partial(hear, number))
    try:
        yield
    finally:
        _give_back(loop, before)


def _give_back(loop: asyncio.AbstractEventLoop, before: dict[signal.Signals, Any]) -> None:
    for number, handler in before.items():
        with suppress(NotImplementedError):
            loop.remove_signal_handler(number)
            signal.signal(number, handler)
