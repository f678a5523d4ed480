"""Sign-ins and passwords on the pages, for the record."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from accessplane.lib.actors import Actor
from audit.recorder import record
from identity.events import LoginFailed, LoginSucceeded, UserUpdated
from identity.models import User


def record_success(*, user: User, proofs: Sequence[str], by: Actor, at: datetime) -> None:
    """Somebody signed in with these proofs."""
    with transaction.atomic():
        record(LoginSucceeded(about=user.about, proofs=list(proofs)), by=by, at=at)


def record_failure(*, user: User, by: Actor, at: datetime) -> None:
    """Somebody tried to sign in as this user, and was not let in."""
    with transaction.atomic():
        record(LoginFailed(about=user.about), by=by, at=at)


def record_new_password(*, user: User, by: Actor, at: datetime) -> None:
    """Somebody chose another password."""
    held = user.assignments.order_by("position").values_list("role__name", flat=True)
    with transaction.atomic():
        event = UserUpdated(
            about=user.about, roles=list(held), active=user.is_active, changed=["password"]
        )
        record(event, by=by, at=at)
