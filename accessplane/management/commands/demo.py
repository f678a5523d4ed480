"""`manage.py demo`: the whole plane in one process, with an organisation to try it on."""

from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from django.conf import settings
from django.core.checks import Tags
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accessplane.lib.actors import console
from accessplane.lib.errors import DomainError
from accessplane.management import files, starting
from identity.documents import Document
from identity.services import configuration

ORGANISATION = settings.BASE_DIR / "examples" / "demo"


class Command(BaseCommand):
    """`serve`, after applying the documents of `examples/demo/`. What is there stays there."""

    # What would forbid a start. The others load every page, and would keep it.
    requires_system_checks = [Tags.security]
    help = "Sets up the demo organisation and runs the whole plane in one process."

    def add_arguments(self, parser: ArgumentParser) -> None:
        starting.add_address(parser)

    def handle(self, *_: Any, host: str, port: int, **__: Any) -> None:
        with starting.interruptible():
            listener = starting.listen(host, port)
            starting.migrate(self.stdout)
            documents = files.documents_of(ORGANISATION)
            self.stdout.write(apply(documents))
            self.stdout.write(f"\n{table(logins(documents))}\n\n")
            starting.serve(listener)


def apply(documents: Sequence[Document]) -> str:
    """Apply the documents as `manage.py apply` does; a line on what came of it."""
    try:
        outcomes = configuration.apply_documents(
            documents, by=console("demo"), may=configuration.everything, at=timezone.now()
        )
    except DomainError as refusal:
        raise CommandError(refusal.detail) from refusal
    counts = Counter(str(outcome.result) for outcome in outcomes)
    results = ", ".join(f"{count} {result}" for result, count in sorted(counts.items()))
    return f"The demo organisation: {results}."


def logins(documents: Iterable[Document]) -> list[tuple[str, str]]:
    """Whoever can sign in, and how."""
    users = [document for document in documents if document.kind == "user"]
    return [(user.name, user.spec["password"]) for user in users if "password" in user.spec]


def table(rows: Sequence[tuple[str, str]]) -> str:
    """The rows under their headings."""
    headings = ("E-mail", "Password")
    widths = [max(map(len, column)) for column in zip(headings, *rows, strict=True)]
    ruled = [headings, tuple("-" * width for width in widths), *rows]
    return "\n".join(
        "  " + f"{email:<{widths[0]}}  {password}".rstrip() for email, password in ruled
    )
