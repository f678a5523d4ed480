"""Real processes: `manage.py` as people run it."""

import http.client
import os
import re
import signal
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

from django.conf import settings

# What a fleet cannot start without.
FLEET = {
    "DJANGO_SETTINGS_MODULE": "accessplane.settings.production",
    "ACCESSPLANE_SECRET_KEY": "kX9rTq2mVb7LzYwE4sNf6HcJ8uAd1GpR5oQi3tKx0ZyBvMnWjS",
    "ACCESSPLANE_PUBLIC_URL": "https://access.example.com",
    "DATABASE_URL": "postgres://plane:secret@db.example.com/plane",
    "REDIS_URL": "redis://redis.example.com/0",
}
READY = re.compile(r"^Access Plane is ready on http://127\.0\.0\.1:(\d+)$")


def manage(*arguments, **environment):
    """The finished `manage.py` command."""
    return run("manage.py", *arguments, **environment)


def run(*arguments, **environment):
    """Python with these arguments, in an environment without what the suite itself runs in."""
    return subprocess.run(  # noqa: S603
        [sys.executable, *arguments],
        cwd=settings.BASE_DIR,
        env=bare_environment() | environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def bare_environment():
    ours = re.compile(r"ACCESSPLANE_|DJANGO_|DATABASE_URL|REDIS_URL|CELERY_|EMAIL_URL|DATA$")
    return {name: value for name, value in os.environ.items() if not ours.match(name)}


class Plane:
    """The real process: `manage.py serve` or `demo` on a free port, with data of its own."""

    def __init__(self, data: Path, command: str = "serve", **environment: str) -> None:
        self.printed: list[str] = []
        self.process = subprocess.Popen(  # noqa: S603
            [sys.executable, "manage.py", command, "--port", "0"],
            cwd=settings.BASE_DIR,
            env=bare_environment() | {"DATA": str(data)} | environment,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.port = self._wait_until_ready()

    def _wait_until_ready(self) -> int:
        for line in self.process.stdout:
            self.printed.append(line.rstrip())
            ready = READY.match(line.rstrip())
            if ready:
                return int(ready.group(1))
        raise AssertionError(f"The process ended: {self.printed}")

    def get(self, path: str) -> tuple[int, bytes]:
        """The status and the body."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        with closing(connection):
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read()

    def stop(self, how: signal.Signals = signal.SIGTERM) -> tuple[int, float]:
        """The exit code, and the seconds that it took."""
        asked = time.monotonic()
        self.process.send_signal(how)
        self.printed += [line.rstrip() for line in self.process.stdout]
        self.process.stdout.close()
        return self.process.wait(timeout=10), time.monotonic() - asked

    def kill(self) -> None:
        """End it, without asking."""
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
