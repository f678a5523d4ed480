"""The entry point for ASGI servers."""

import gc
import os
import signal

import django
from channels.routing import ProtocolTypeRouter
from django.urls import get_resolver

from accessplane import checks, lean
from accessplane.threaded import ThreadedHandler

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "accessplane.settings.embedded")

django.setup(set_prefix=False)
checks.refuse_unsafe_start()

from accessplane import sockets  # noqa: E402 - views can be loaded from here on
from audit import watching  # noqa: E402

http = ThreadedHandler()
application = ProtocolTypeRouter({"http": http, "websocket": sockets.SocketHandler(http)})
for addresses in (None, sockets.ADDRESSES):
    get_resolver(addresses).url_patterns  # noqa: B018 - loads the views before the first call


def is_stopping() -> bool:
    """Whether the server was asked to stop. Uvicorn tells applications only after their last
    answer, and a stream has none."""
    server = getattr(signal.getsignal(signal.SIGTERM), "__self__", None)
    return bool(getattr(server, "should_exit", False))


watching.watcher().is_stopping = is_stopping

# What start-up made stays alive: looking through it again with every collection would cost more
# than the little that requests leave behind.
gc.collect()
lean.give_back()
gc.freeze()
gc.set_threshold(2_000, 10, 10)
