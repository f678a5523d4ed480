"""The entry point for ASGI servers."""

import gc
import os

import django
from django.urls import get_resolver

from accessplane import checks
from accessplane.threaded import ThreadedHandler

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "accessplane.settings.embedded")

django.setup(set_prefix=False)
checks.refuse_unsafe_start()
application = ThreadedHandler()
get_resolver().url_patterns  # noqa: B018 - loads the views before the first call asks for them

# What start-up made stays alive: looking through it again with every collection would cost more
# than the little that requests leave behind.
gc.collect()
gc.freeze()
gc.set_threshold(20_000, 10, 10)
