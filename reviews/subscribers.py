"""What judging does when something has happened."""

from uuid import UUID

from celery import current_app
from django.db import transaction
from django.utils import timezone

from audit.models import LedgerEntry
from audit.subscriptions import subscribes_to
from policy.verdicts import Effect
from requests_app.events import RequestChecked, RequestCreated
from reviews.services import automation


@subscribes_to(
    RequestCreated.type,
    name="reviews.ask_workflows",
    concern=lambda event: bool(event.data["checks"]),
)
def ask_workflows(_: LedgerEntry) -> None:
    """A new request has checks: their workflows are asked without waiting for the beat."""
    transaction.on_commit(_wake, robust=True)


@subscribes_to(
    RequestChecked.type,
    name="reviews.review_by_itself",
    concern=lambda event: event.data["verdict"] == Effect.ALLOW,
)
def review_by_itself(entry: LedgerEntry) -> None:
    """A workflow has allowed a request; if it reviews, its bot approves."""
    check_id = UUID(entry.event.data["check"])
    automation.approve_for(check_id=check_id, at=timezone.now())


def _wake() -> None:
    current_app.send_task("reviews.ask_due")
