"""The Celery app and the beat's schedule. Rows in the database drive the work; Celery wakes."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "accessplane.settings.embedded")

app = Celery("accessplane")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
