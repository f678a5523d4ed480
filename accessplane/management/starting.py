"""What `serve` and `demo` share: from the command line to a serving process."""

import socket
import sys
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.core.management import CommandError, call_command
from django.core.management.base import OutputWrapper
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.migrations.executor import MigrationExecutor

from accessplane import embedded, static_files

LAST_PORT = 65535
ANY_ADDRESS = ("0.0.0.0", "::")  # noqa: S104  # recognised, not chosen


def add_address(parser: ArgumentParser) -> None:
    """The options that say where to listen."""
    parser.add_argument(
        "--host", default="127.0.0.1", help="address to listen on (%(default)s)"
    )
    parser.add_argument(
        "--port",
        type=_port,
        default=8000,
        help="port to listen on (%(default)s); 0: a free one",
    )


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > LAST_PORT:
        raise ArgumentTypeError(f"a port is a number up to {LAST_PORT}")
    return int(text)


@contextmanager
def interruptible() -> Iterator[None]:
    """Ctrl-C before the server runs ends the command without a traceback."""
    try:
        yield
    except KeyboardInterrupt:
        sys.exit(130)


def listen(host: str, port: int) -> socket.socket:
    """The socket to serve on, and the settings in step with it. Raises `CommandError`."""
    if not settings.CELERY_BROKER_URL.startswith("memory:"):
        raise CommandError(
            "These settings are for a fleet: start uvicorn, the worker and the beat "
            "(docs/how-to/run-in-production.md)."
        )
    try:
        listener = embedded.listen(host, port)
    except embedded.PortTaken as refusal:
        raise CommandError(str(refusal)) from refusal
    _answer_to(host)
    if not getattr(settings, "ACCESSPLANE_PUBLIC_URL_IS_CHOSEN", True):
        settings.ACCESSPLANE_PUBLIC_URL = embedded.address_of(listener)
    return listener


def _answer_to(host: str) -> None:
    """Allow the name that people will use for this address, if it can be known."""
    name = socket.gethostname() if host in ANY_ADDRESS else host
    bracketed = f"[{name}]" if ":" in name else name
    if bracketed not in settings.ALLOWED_HOSTS:
        settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, bracketed]


def migrate(out: OutputWrapper) -> None:
    """Bring the database up to this code, if it is not, and say so."""
    executor = MigrationExecutor(connections[DEFAULT_DB_ALIAS])
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if plan:
        out.write(f"Preparing the database: {len(plan)} migrations.")
        call_command("migrate", interactive=False, verbosity=0)


def serve(listener: socket.socket) -> None:
    """Serve until interrupted; does not return."""
    static_files.collect()
    connections.close_all()
    embedded.leave(embedded.run(listener))
