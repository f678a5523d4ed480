"""The entry point for WSGI servers: plain HTTP, without WebSockets."""

import os

from django.core.wsgi import get_wsgi_application

from accessplane import checks

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "accessplane.settings.embedded")

application = get_wsgi_application()
checks.refuse_unsafe_start()
