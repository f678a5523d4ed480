"""`manage.py preview_messages`: what people would read, with sample data."""

from argparse import ArgumentParser
from datetime import datetime
from itertools import product
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from accessplane.lib.instants import spoken
from accessplane.lib.words import in_the_planes_language
from chatops import composing, samples
from chatops.messages import Audience


class Command(BaseCommand):
    """Prints the message of each type of news for each audience."""

    help = "Show messages with sample data, in your own sentences where you have some."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("types", nargs="*", metavar="EVENT_TYPE", help="all unless said")
        parser.add_argument("--audience", choices=[a.lower() for a in Audience])

    def handle(self, *_: Any, types: list[str], audience: str | None, **__: Any) -> None:
        audiences = [Audience(audience.upper())] if audience else list(Audience)
        wanted = [name for name in samples.TYPES if not types or name in types]
        with in_the_planes_language():
            for name, each in product(wanted, audiences):
                self._show(name, each, at=timezone.now())

    def _show(self, name: str, audience: Audience, *, at: datetime) -> None:
        message = composing.message_of(samples.scene(name, audience, at=at))
        self.stdout.write(f"{name}, to the {audience.lower()}")
        self.stdout.write(f"  {message.title}\n  {message.news}")
        for fact in message.facts:
            value = spoken(fact.value) if isinstance(fact.value, datetime) else fact.value
            self.stdout.write(f"    {fact.label}: {value}")
        self.stdout.write("")
