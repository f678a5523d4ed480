"""Sign-ins on the pages, for the record."""

from datetime import datetime

from django.db import transaction

from accessplane.lib.actors import Actor
from audit.recorder import record
from identity.events import LoginFailed, LoginSucceeded
from identity.models import User


def record_success(*, user: User, by: Actor, at: datetime) -> None:
    """Somebody signed in."""
    with transaction.atomic():
        record(LoginSucceeded(about=user.about), by=by, at=at)


def record_failure(*, user: User, by: Actor, at: datetime) -> None:
    """Somebody tried to sign in as this user, and was not let in."""
    with transaction.atomic():
        record(LoginFailed(about=user.about), by=by, at=at)
