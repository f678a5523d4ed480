"""The demo organisation on the real server, and what its people bring to it."""

import secrets
import threading

from django.conf import settings
from django.utils import timezone

from accessplane.lib.actors import console
from accessplane.management.files import documents_of
from identity.services import configuration, tokens
from tests.cast import called
from tests.factories.identity import TokenFactory


def enter():
    """Everybody of `examples/demo/`, and what they hold."""
    configuration.apply_documents(
        documents_of(settings.BASE_DIR / "examples" / "demo"),
        by=console("tests"),
        may=configuration.everything,
        at=timezone.now(),
    )


def token_of(name, **fields):
    """A token of this user; `fields` are those of its row."""
    secret = tokens.PREFIX + secrets.token_urlsafe(32)
    TokenFactory(user=called(name), digest=tokens.digest_of(secret), **fields)
    return secret


def wait_for_the_server():
    """A call that is still answered would otherwise reach into the next test's database."""
    for thread in threading.enumerate():
        if "process_request_thread" in thread.name:
            thread.join(timeout=30)
            assert not thread.is_alive()
