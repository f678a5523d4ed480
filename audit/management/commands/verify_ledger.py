"""Prove that the audit log is whole."""

from typing import Any

from django.core.management.base import BaseCommand
from django.db import DatabaseError
from django.utils import timezone

from audit import selectors, services
from audit.models import LedgerHead


class Command(BaseCommand):
    """Exit 0 if the ledger holds, else 1 with the sequence of the first bad entry."""

    help = "Find a changed, inserted, removed or reordered entry of the audit log."

    def handle(self, *_: Any, **__: Any) -> None:
        head = selectors.head()
        bad = services.first_bad_entry()
        self._note(bad, head)
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

    def _note(self, bad: int | None, head: LedgerHead) -> None:
        """For the audit page. A copy that nothing can be written to is checked all the same."""
        try:
            services.note_verification(first_bad=bad, head=head, at=timezone.now())
        except DatabaseError:
            self.stderr.write("That the log was checked could not be noted in the database.")
