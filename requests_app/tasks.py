"""Background work on requests and grants."""

from typing import Any

from celery import shared_task
from django.utils import timezone

from requests_app.services import timekeeping


@shared_task(name="requests_app.keep_time")
def keep_time(**_: Any) -> None:
    """Note what time has brought about since the last call."""
    timekeeping.keep_time(at=timezone.now())
