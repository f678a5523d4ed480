"""The entry point for ASGI servers."""

import os

import django

from accessplane import checks
from accessplane.threaded import ThreadedHandler

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "accessplane.settings.embedded")

django.setup(set_prefix=False)
checks.refuse_unsafe_start()
application = ThreadedHandler()
