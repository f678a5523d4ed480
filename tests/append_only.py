"""The triggers that keep the log append-only, taken off and put on by the migration's own hand."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module

from django.db import connection

_migration = import_module("audit.migrations.0002_append_only")


class _Hand:
    """What the migration needs of a schema editor; the real one refuses to work inside a test's
    transaction."""

    connection = connection

    def execute(self, statement: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute(statement)


def unlock() -> None:
    """From here on the log can be changed, as by somebody who owns the database."""
    _migration.drop(None, _Hand())


def lock() -> None:
    """From here on the log is append-only again."""
    _migration.create(None, _Hand())


def is_locked() -> bool:
    """Whether the triggers are there."""
    catalogue = (
        "SELECT count(*) FROM pg_trigger WHERE tgname LIKE 'audit_%_append_only'"
        if connection.vendor == "postgresql"
        else "SELECT count(*) FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'audit_%'"
    )
    with connection.cursor() as cursor:
        cursor.execute(catalogue)
        return bool(cursor.fetchone()[0])


@contextmanager
def unlocked() -> Iterator[None]:
    """The log can be changed inside."""
    if is_locked():  # a test that tampers with the log may have taken the triggers off
        unlock()
    try:
        yield
    finally:
        lock()
