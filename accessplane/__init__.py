"""The frame: loads the Celery app, so that every process enqueues to the right broker."""

from accessplane.celery import app as celery_app

__all__ = ["celery_app"]
