"""Somebody lost the phone and the recovery codes."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accessplane.lib.actors import console
from identity.models import User
from identity.services import factors
from identity.user_spec import normalised_email


class Command(BaseCommand):
    """Take a person's second factors away, so that the password alone signs in again."""

    help = "Take away all second factors of a person, and end the person's sessions."

    def add_arguments(self, parser: CommandParser) -> None:
        """Whose."""
        parser.add_argument("email")

    def handle(self, *_: Any, email: str, **__: Any) -> None:
        """Take them away, and say how many there were."""
        user = User.objects.filter(email=normalised_email(email)).first()
        if user is None:
            raise CommandError(f"Nobody here has the address {email}.")
        count = factors.drop_all(user=user, by=console("drop_factors"), at=timezone.now())
        self.stdout.write(f"{user.email} had {count}; there is none now.")
