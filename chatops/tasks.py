"""Background work of the channels."""

from typing import Any

from celery import shared_task
from django.utils import timezone

from chatops.services import sending


@shared_task(name="chatops.send_due")
def send_due(**_: Any) -> None:
    """Send what is due. The rows say what that is; a call too many does nothing."""
    sending.send_due(at=timezone.now())
