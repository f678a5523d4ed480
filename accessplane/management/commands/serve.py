"""`manage.py serve`: the whole plane in one process."""

from argparse import ArgumentParser
from typing import Any

from django.core.checks import Tags
from django.core.management.base import BaseCommand

from accessplane.management import starting


class Command(BaseCommand):
    """Brings the database up to date and serves until it is interrupted."""

    # What would forbid a start. The others load every page, and would keep it.
    requires_system_checks = [Tags.security]
    help = "Runs the whole plane in one process: pages, REST, worker and beat, over SQLite."

    def add_arguments(self, parser: ArgumentParser) -> None:
        starting.add_address(parser)

    def handle(self, *_: Any, host: str, port: int, **__: Any) -> None:
        with starting.interruptible():
            listener = starting.listen(host, port)
            starting.migrate(self.stdout)
            starting.serve(listener)
