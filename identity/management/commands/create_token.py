"""`manage.py create_token`: an API token for somebody, from the operator's shell."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accessplane.lib.actors import console
from accessplane.lib.durations import parse_duration
from accessplane.lib.errors import DomainError
from identity.models import User
from identity.services import tokens
from identity.user_spec import normalised_email


class Command(BaseCommand):
    """Prints the secret of the new token, alone, on stdout. Nobody can ask for it again."""

    help = "Make an API token for a user and print it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email", metavar="EMAIL")
        parser.add_argument("--name", default="", help="what to call the token in lists")
        parser.add_argument("--ttl", help="how long it lasts, such as 30d (the default)")

    def handle(
        self, *args: Any, email: str, name: str, ttl: str | None, **options: Any
    ) -> None:
        user = User.objects.filter(email=normalised_email(email), is_active=True).first()
        if user is None:
            raise CommandError(f"There is no active user {email}.")
        try:
            _token, secret = tokens.create_token(
                user=user,
                name=name[:100],
                ttl=parse_duration(ttl) if ttl else None,
                by=console("create_token"),
                at=timezone.now(),
            )
        except DomainError as refusal:
            raise CommandError(refusal.detail) from refusal
        self.stdout.write(secret)
