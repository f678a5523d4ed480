"""Background work of judging."""

from typing import Any
from uuid import UUID

from celery import shared_task
from django.utils import timezone

from reviews.services import checking


@shared_task(name="reviews.ask_due")
def ask_due(**_: Any) -> None:
    """Have every check that waits for its workflow looked at, each by itself: one may be slow."""
    for check_id in checking.due_checks(at=timezone.now()):
        ask.delay(check_id=str(check_id))


@shared_task(name="reviews.ask")
def ask(*, check_id: str, **_: Any) -> None:
    """Ask the workflow of one check."""
    checking.ask(check_id=UUID(check_id), clock=timezone.now)
