"""The frame: loads the Celery app, so that every process enqueues to the right broker."""

from accessplane import lean

lean.import_small()

from accessplane.celery import app as celery_app  # noqa: E402 - what it imports is small now

__all__ = ["celery_app"]
