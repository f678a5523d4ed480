"""Prove that the audit log is whole."""

from typing import Any

from django.core.management.base import BaseCommand

from audit import selectors, services


class Command(BaseCommand):
    """Exit 0 if the ledger holds, else 1 with the sequence of the first bad entry."""

    help = "Find a changed, inserted, removed or reordered entry of the audit log."

    def handle(self, *_: Any, **__: Any) -> None:
        bad = services.first_bad_entry()
        if bad is not None:
            self.stderr.write(
                f"The audit log was tampered with: entry {bad} is the first bad one."
            )
            self.stdout.write(str(bad))
            raise SystemExit(1)
        head = selectors.head()
        self.stdout.write(f"The audit log holds: {head.sequence} entries, head {head.hash}.")
        if waiting := selectors.waiting_count():
            self.stdout.write(f"{waiting} more events wait for the relay to give them a place.")
