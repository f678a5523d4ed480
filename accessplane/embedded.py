"""The whole plane in one process: the web server, the relay, a worker and the beat.

The web server has the main thread. Relay, worker and beat have a thread each and are begun again when
they end. Nothing here is the only copy of anything: the work is rows in the database, so the
process may end at any moment and the next one takes up what was left.
"""

import contextlib
import ctypes
import http.client
import logging
import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from threading import Event, Thread
from types import FrameType
from typing import Any, cast

import uvicorn
from celery.worker import state as worker_state
from celery.worker.worker import WorkController
from django.conf import settings
from django.db import connections
from django.utils import timezone

from accessplane.celery import app as celery_app
from accessplane.lib.backoff import next_delay
from audit import outbox, services

logger = logging.getLogger(__name__)

WORKER_THREADS = 4
M_ARENA_MAX = -8  # of glibc's malloc.h
FIRST_PAUSE = timedelta(seconds=1)
LONGEST_PAUSE = timedelta(minutes=1)
STEADY = 60.0  # seconds after which an end is a new misfortune and not the same one again
GATHER = 0.03  # seconds in which the relay lets more events come, to move them together
MOST_SAID = 64 * 1024  # bytes in one frame of a WebSocket's client, who has nothing to say
LAST_ANSWERS = 0.4  # seconds that a stopping server gives the requests it is answering
LAST_TASKS = 0.3  # and a stopping worker its tasks


class PortTaken(Exception):
    """The address cannot be listened on; the message says why."""


def listen(host: str, port: int) -> socket.socket:
    """A socket that is bound and waits. Port 0 picks a free one. Raises `PortTaken`."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=1024)
    except OSError as refusal:
        why = (refusal.strerror or str(refusal)).partition(" (")[0]
        raise PortTaken(
            f"Access Plane cannot listen on {host}, port {port}: {why}. "
            "If another program has the port, choose another one: PORT=8001 or --port 8001."
        ) from refusal


def address_of(listener: socket.socket) -> str:
    """The base URL at which the listener is reached from this machine."""
    host, port = listener.getsockname()[:2]
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def run(listener: socket.socket) -> int:
    """Serve on the listener until SIGINT or SIGTERM; the exit code."""
    share_memory()
    stopping = Event()
    wanted = Event()
    # A set flag costs less than a message to the worker, and many make one run of the relay.
    outbox.wake_with(wanted.set)
    helpers = [
        Supervised("relay", partial(relay, wanted=wanted), stopping),
        Supervised("worker", work, stopping),
        Supervised("beat", beat, stopping),
    ]
    for helper in helpers:
        helper.start()
    Thread(target=announce, args=(address_of(listener), stopping), daemon=True).start()
    server = Server(server_config())
    server.run(sockets=[listener])
    stopping.set()
    cast("Any", worker_state).should_stop = 0
    helpers[-1].join(timeout=1)
    _let_tasks_end(time.monotonic() + LAST_TASKS)
    return 0 if server.started else 1


def share_memory() -> None:
    """Let the threads take memory from few arenas: glibc's own habit is eight for each core."""
    with contextlib.suppress(AttributeError, OSError):  # another C library
        ctypes.CDLL(None).mallopt(M_ARENA_MAX, 2)


def leave(code: int) -> None:
    """End the process now.

    Threads may still wait, for a slow service or a held request. Python would wait for them, or
    take itself apart under them.
    """
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


class Supervised:
    """Keeps `task` going in a thread: when it ends before `stopping` is set, it is begun again."""

    def __init__(self, name: str, task: Callable[[Event], None], stopping: Event) -> None:
        self.name = name
        self._task = task
        self._stopping = stopping
        self._thread = Thread(target=self._keep_going, name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def join(self, timeout: float) -> None:
        self._thread.join(timeout)

    def _keep_going(self) -> None:
        ends = 0
        while not self._stopping.is_set():
            began = time.monotonic()
            self._once()
            if self._stopping.is_set():
                return
            ends = 1 if time.monotonic() - began > STEADY else ends + 1
            pause = next_delay(ends, first=FIRST_PAUSE, longest=LONGEST_PAUSE)
            logger.warning("The %s ended; it begins again in %s.", self.name, pause)
            self._stopping.wait(pause.total_seconds())

    def _once(self) -> None:
        try:
            self._task(self._stopping)
        except Exception:
            logger.exception("The %s failed.", self.name)
        finally:
            connections.close_all()


def relay(stopping: Event, *, wanted: Event) -> None:
    """Drain the log whenever that is wanted, until `stopping` is set."""
    while not stopping.is_set():
        if wanted.wait(timeout=0.5):
            stopping.wait(GATHER)
            wanted.clear()
            services.drain(at=timezone.now())


def work(_stopping: Event) -> None:
    """Run tasks as they come; returns when the worker stops or breaks."""
    worker = WorkController(
        app=celery_app,
        hostname="embedded",
        pool="threads",
        concurrency=WORKER_THREADS,
        prefetch_multiplier=0,  # acknowledgements come late here; a limit would stall a burst
        without_gossip=True,
        without_mingle=True,
        without_heartbeat=True,
    )
    worker.start()


def beat(stopping: Event) -> None:
    """Send the periodic tasks of the database's schedule until `stopping` is set."""
    from django_celery_beat.schedulers import DatabaseScheduler

    scheduler = DatabaseScheduler(app=celery_app)
    try:
        while not stopping.is_set():
            stopping.wait(scheduler.tick())
    finally:
        scheduler.close()


def server_config() -> uvicorn.Config:
    """The web server: quiet, and without patience when it stops."""
    proxies = getattr(settings, "ACCESSPLANE_TRUSTED_PROXIES", [])
    return uvicorn.Config(
        "accessplane.asgi:application",
        lifespan="off",
        ws="websockets-sansio",
        ws_max_size=MOST_SAID,
        ws_per_message_deflate=False,  # it would keep some 100 kB for each idle connection
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=bool(proxies),
        forwarded_allow_ips=proxies,
        timeout_graceful_shutdown=cast("int", LAST_ANSWERS),
    )


class Server(uvicorn.Server):
    """Uvicorn's, which leaves what follows a signal to its caller."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Stop on SIGINT and SIGTERM. Uvicorn's own would raise the signal again afterwards."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self.handle_exit)
        yield

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin to stop, and say no more: cutting off held requests is no error now."""
        logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
        super().handle_exit(sig, frame)


def announce(url: str, stopping: Event) -> None:
    """Print that the plane is ready once it truly answers."""
    while not stopping.wait(0.05):
        if answers(url):
            sys.stdout.write(f"Access Plane is ready on {url}\n")
            sys.stdout.flush()
            return


def answers(url: str) -> bool:
    """Whether the server answers that it is alive."""
    connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=10)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _let_tasks_end(deadline: float) -> None:
    active: Any = worker_state.active_requests
    while active and time.monotonic() < deadline:
        time.sleep(0.01)
