"""`manage.py slack_socket`: Slack without an address that Slack could reach."""

import logging
import signal
from argparse import ArgumentParser
from collections.abc import Mapping
from threading import Event
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import close_old_connections
from django.utils import timezone

from accessplane.lib.errors import Conflict, InvalidInput
from chatops.services.slack import desks, sockets

log = logging.getLogger(__name__)


class Command(BaseCommand):
    """Keeps a connection for each channel that has an `app_token`, until it is interrupted."""

    help = "Hear from Slack by Socket Mode."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--channel", metavar="NAME", help="this channel alone")

    def handle(self, *_: Any, channel: str | None, **__: Any) -> None:
        stopping = Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stopping.set())
        found = [desk for desk in desks.desks(name=channel) if desk.slack.has_socket]
        if not found:
            raise CommandError("There is no active Slack channel with an app_token.")
        try:
            with sockets.connected(found, hear):
                names = ", ".join(desk.channel.name for desk in found)
                self.stdout.write(f"Connected for {names}.")
                self.stdout.flush()
                stopping.wait()
        except Conflict as failure:
            raise CommandError(failure.detail) from failure


def hear(name: str, kind: str, envelope: str, payload: Mapping[str, Any]) -> dict[str, Any]:
    """Answer what came in, with a database connection as fresh as that of a call."""
    close_old_connections()
    try:
        return sockets.answer_to_envelope(name, kind, envelope, payload, at=timezone.now())
    except InvalidInput:
        log.warning("Slack sent something over the socket of %s that is unknown here.", name)
        return {}
    finally:
        close_old_connections()
