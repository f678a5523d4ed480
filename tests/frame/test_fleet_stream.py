"""The event stream of a fleet: several web processes on one PostgreSQL, none of which relays."""

import asyncio
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import ExitStack, suppress

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from audit import outbox, services
from audit.recorder import record
from identity.events import LoginSucceeded
from identity.services import tokens
from tests import cast
from tests.factories.identity import TokenFactory
from tests.frame.processes import FLEET, bare_environment
from tests.streams import (
    PATIENCE,
    Sse,
    bearer,
    open_all,
    received,
    threads_of,
    web_socket,
)

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

SECURE = {"Host": "access.example.com", "X-Forwarded-Proto": "https"}
UVICORN = ("-m", "uvicorn", "accessplane.asgi:application", "--log-level=warning")
SECRET = "ap_the-auditor-s-own"


class Web:
    """A web process as production runs it."""

    def __init__(self, database, redis, **more):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        environment = FLEET | {
            "DATABASE_URL": database,
            "REDIS_URL": redis,
            "ACCESSPLANE_STREAMS_PER_USER": "1000",
            "ACCESSPLANE_THROTTLE_TOKEN": "100000/s",
            **more,
        }
        self.process = subprocess.Popen(  # noqa: S603
            [sys.executable, *UVICORN, f"--port={self.port}"],
            cwd=settings.BASE_DIR,
            env=bare_environment() | environment,
        )
        self._wait_until_it_answers()

    def _wait_until_it_answers(self):
        deadline = time.monotonic() + 30
        while True:
            with suppress(OSError), socket.create_connection(("127.0.0.1", self.port)):
                return
            assert self.process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.05)

    def sse(self, token=SECRET, **more):
        return Sse(self.port, bearer(token) | SECURE, **more)

    def web_socket(self, token=SECRET, **more):
        return web_socket(self.port, bearer(token) | SECURE, **more)

    def end(self):
        self.process.kill()
        self.process.wait()


@pytest.fixture
def web(everybody, redis_url, monkeypatch):
    """Starts web processes; nobody is woken by a commit, the tests relay by themselves."""
    monkeypatch.setattr(outbox, "_waker", None)
    TokenFactory(user=cast.called("auditor"), digest=tokens.digest_of(SECRET))
    services.drain(at=timezone.now())
    with ExitStack() as processes:

        def start(**more):
            server = connection.settings_dict
            user, password = server["USER"], server["PASSWORD"]
            place = f"{server['HOST'] or 'localhost'}:{server['PORT'] or 5432}"
            process = Web(
                f"postgres://{user}:{password}@{place}/{server['NAME']}", redis_url, **more
            )
            processes.callback(process.end)
            return process

        yield start


def sign_in(user):
    with transaction.atomic():
        record(LoginSucceeded(about=user.about), by=cast.STAGE, at=timezone.now())


def relay():
    services.drain(at=timezone.now())


def newest(user):
    return {"type": "login.succeeded", "about": str(user.pk)}


def test_every_process_hears_what_one_of_them_did(web, bob):
    first, second = web(), web()
    with (
        first.sse(**newest(bob)) as stream,
        second.web_socket(**newest(bob)) as opened_socket,
        second.sse(**newest(bob)) as other,
    ):
        sign_in(bob)
        relay()

        found = stream.event()
        assert received(opened_socket) == found == other.event()


def test_nobody_misses_what_commits_late(web, bob, alice):
    """The slow transaction wrote first and commits last; readers have gone on meanwhile."""
    process = web()
    recorded, overtaken = threading.Event(), threading.Event()

    def slow():
        try:
            with transaction.atomic():
                record(LoginSucceeded(about=bob.about), by=cast.STAGE, at=timezone.now())
                recorded.set()
                assert overtaken.wait(PATIENCE)
        finally:
            connection.close()

    with (
        process.sse(type="login.succeeded") as stream,
        process.web_socket(type="login.succeeded") as opened_socket,
    ):
        writer = threading.Thread(target=slow)
        writer.start()
        assert recorded.wait(PATIENCE)
        sign_in(alice)
        relay()
        quick = stream.event()
        assert received(opened_socket) == quick
        overtaken.set()
        writer.join()
        relay()
        late = stream.event()
        assert received(opened_socket) == late

    names = [event["about"]["name"] for event in (quick, late)]
    assert names == ["alice@example.com", "bob@example.com"]
    assert late["sequence"] == quick["sequence"] + 1
    with process.sse(type="login.succeeded", after=quick["sequence"]) as stream:
        assert stream.event() == late


def test_many_readers_leave_the_pool_of_connections_alone(web, bob):
    """The watcher keeps one of three; all readers share the others while they open."""
    process = web(ACCESSPLANE_DATABASE_POOL="3")

    async def listen():
        readers = await open_all(process.port, SECRET, SECURE, **newest(bob))
        try:
            assert threads_of(process.process) < 60
            # Beside the pool's: the test's own, and what is just being closed. No reader's.
            assert await elsewhere(connections_to_the_database) <= 3 + 3
            await elsewhere(sign_in, bob)
            await elsewhere(relay)
            hearing = [reader.readuntil(b'"login.succeeded"') for reader, _ in readers]
            await asyncio.wait_for(asyncio.gather(*hearing), PATIENCE)
        finally:
            for _, writer in readers:
                writer.close()

    asyncio.run(listen())


async def elsewhere(function, *arguments):
    """What the function answers in another thread, which leaves no connection behind."""

    def work():
        try:
            return function(*arguments)
        finally:
            connection.close()

    return await asyncio.to_thread(work)


def connections_to_the_database():
    """Those of others than the one that asks."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND application_name = ''"
            " AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )
        return cursor.fetchone()[0]


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_open_streams_do_not_keep_a_web_process_from_stopping(web, bob, how):
    """Uvicorn waits for every answer, for ever if it was told nothing else."""
    process = web()
    with process.sse(**newest(bob)) as stream, process.web_socket(**newest(bob)):
        began = time.monotonic()
        process.process.send_signal(how)
        process.process.wait(timeout=PATIENCE)
        elapsed = time.monotonic() - began

        assert stream.next() is None
    assert elapsed < 1.5


def test_a_process_that_lost_its_database_for_a_moment_tells_everything(web, bob):
    process = web()
    with process.sse(**newest(bob)) as stream:
        sign_in(bob)
        relay()
        first = stream.event()
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        sign_in(bob)
        relay()

        assert stream.event()["sequence"] > first["sequence"]
