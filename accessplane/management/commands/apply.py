"""`manage.py apply`: configuration from files, all of it or nothing."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accessplane.lib.actors import console
from accessplane.lib.errors import DomainError
from accessplane.management import files
from identity.services import configuration


class Command(BaseCommand):
    """Applies documents and prints what came of each; warnings and errors go to stderr."""

    help = "Apply configuration documents from a file or a folder: all of them or none."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "-f",
            "--file",
            type=Path,
            required=True,
            dest="paths",
            action="append",
            help="a YAML or JSON file, or a folder of them; may be given more than once",
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="say what would happen and store nothing"
        )

    def handle(self, *_: Any, paths: list[Path], dry_run: bool, **__: Any) -> None:
        try:
            outcomes = configuration.apply_documents(
                [document for path in paths for document in files.documents_of(path)],
                by=console("apply"),
                may=configuration.everything,
                at=timezone.now(),
                dry_run=dry_run,
            )
        except DomainError as refusal:
            raise CommandError(refusal.detail) from refusal
        for outcome in outcomes:
            document = outcome.document
            self.stdout.write(f"{document.kind} {document.name}: {outcome.result}")
            for warning in outcome.warnings:
                self.stderr.write(f"Warning: {warning}")
