"""Several deeds at the same moment, each in a thread and on a connection of its own."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from django.db import connection

from accessplane.lib.errors import DomainError

PATIENCE = 30  # seconds: PostgreSQL finds a deadlock after one


def at_once(*deeds: Callable[[], Any]) -> list[Any]:
    """What each deed returned, or the refusal that it met; anything else is raised."""
    start = Barrier(len(deeds), timeout=PATIENCE)

    def run(deed: Callable[[], Any]) -> Any:
        try:
            connection.ensure_connection()
            start.wait()
            return deed()
        except DomainError as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(len(deeds)) as pool:
        running = [pool.submit(run, deed) for deed in deeds]
        return [one.result(timeout=PATIENCE) for one in running]


def refusals(results: list[Any]) -> list[str]:
    """The codes of the refusals, sorted."""
    return sorted(one.code for one in results if isinstance(one, DomainError))
