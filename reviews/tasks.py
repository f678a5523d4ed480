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
        # One that nobody takes in its time is handed out anew; then this one is too many.
        lasts = checking.LEASE.total_seconds()
        ask.apply_async(kwargs={"check_id": str(check_id)}, expires=lasts)


@shared_task(name="reviews.ask")
def ask(*, check_id: str, **_: Any) -> None:
    """Ask the workflow of one check."""
    checking.ask(check_id=UUID(check_id), clock=timezone.now)
