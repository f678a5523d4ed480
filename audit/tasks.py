"""Background work of the log."""

from typing import Any

from celery import shared_task
from django.utils import timezone

from audit import services


@shared_task(name="audit.drain")
def drain(**_: Any) -> None:
    """Relay what was committed and deliver what is due."""
    services.drain(at=timezone.now())
