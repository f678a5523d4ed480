"""What a platform asks a process: whether it lives, whether it can serve, what it counts."""

import logging
from collections.abc import Callable
from functools import cache

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accessplane.celery import app as celery_app

logger = logging.getLogger(__name__)

BROKER_PATIENCE = 2  # seconds


class NotReady(Exception):
    """A part is not there; the message says what is wrong in words fit for anybody."""


@never_cache
@require_safe
def alive(_request: HttpRequest) -> JsonResponse:
    """The process answers. It touches nothing else, so that a dead database kills no process."""
    return JsonResponse({"status": "alive"})


@never_cache
@require_safe
def ready(_request: HttpRequest) -> JsonResponse:
    """Every part that a request or a change needs, with its state; 503 while one is missing."""
    parts = {name: _state_of(name, check) for name, check in PARTS.items()}
    is_ready = all(state == "ok" for state in parts.values())
    body = {"status": "ready" if is_ready else "not ready", "parts": parts}
    return JsonResponse(body, status=200 if is_ready else 503)


def _state_of(name: str, check: Callable[[], None]) -> str:
    try:
        check()
    except NotReady as reason:
        return str(reason)
    except Exception:
        logger.exception("The %s cannot be used.", name)  # the answer itself tells nothing more
        return "not reachable"
    return "ok"


def check_database() -> None:
    """Ask the database the smallest question."""
    with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        cursor.execute("SELECT 1")


def check_broker() -> None:
    """Open a connection to the broker, once."""
    with celery_app.connection_for_write(connect_timeout=BROKER_PATIENCE) as connection:
        connection.ensure_connection(max_retries=1, interval_start=0, timeout=BROKER_PATIENCE)


def check_migrations() -> None:
    """Raise `NotReady` while the database is older than this code."""
    if not _is_migrated():
        _is_migrated.cache_clear()
        raise NotReady("not applied")


@cache
def _is_migrated() -> bool:
    """Kept once true: nobody takes migrations back under a running process."""
    executor = MigrationExecutor(connections[DEFAULT_DB_ALIAS])
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


PARTS: dict[str, Callable[[], None]] = {
    "database": check_database,
    "broker": check_broker,
    "migrations": check_migrations,
}
