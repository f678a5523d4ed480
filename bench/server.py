"""Server processes, started and stopped here: what they use, and how to call them."""

import http.client
import json
import os
import re
import sqlite3
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
READY = re.compile(r"^Access Plane is ready on http://([\d.]+):(\d+)$")
OURS = re.compile(r"ACCESSPLANE_|DJANGO_|DATABASE_URL|REDIS_URL|CELERY_|EMAIL_URL|DATA$")
QUIET = 0.3  # seconds after the last relayed event in which its tasks come to their end


@dataclass(frozen=True, slots=True)
class Call:
    """One request, and who makes it: by a token, or in a browser by a session."""

    method: str
    path: str
    token: str = ""
    body: object = None
    session: str = ""


class Server(AbstractContextManager["Server"]):
    """A Python program that serves until it is stopped, with data of its own."""

    def __init__(self, *arguments: str, data: Path, **environment: str) -> None:
        self.data = data
        began = time.perf_counter()
        self._process = subprocess.Popen(  # noqa: S603
            [sys.executable, *arguments],
            cwd=ROOT,
            env=environment_for(data) | environment,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.host, self.port = self._wait_until_ready()
        self.seconds_to_start = time.perf_counter() - began

    def __exit__(self, *_: object) -> None:
        """Stop the process, which has the right to be slow but not to stay."""
        self._process.terminate()
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    @property
    def cpu(self) -> float:
        """The seconds of processor that the process has used, user and system, to the nanosecond.

        The number is the clock that clock_getcpuclockid(3) names for another process.
        """
        return time.clock_gettime(~self._process.pid << 3 | 2)

    @property
    def megabytes(self) -> float:
        """The memory that the process has in hand."""
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        return int(status.partition("VmRSS:")[2].split()[0]) / 1000

    def rest(self) -> None:
        """Return once nothing is left of what the calls before have set going."""
        while self._owes():
            time.sleep(0.02)
        time.sleep(QUIET)

    def idle_use(self, seconds: float) -> float:
        """How much of a processor the process uses when nobody calls."""
        self.rest()
        cpu, began = self.cpu, time.perf_counter()
        time.sleep(seconds)
        return (self.cpu - cpu) / (time.perf_counter() - began)

    def _wait_until_ready(self) -> tuple[str, int]:
        output = self._process.stdout
        assert output is not None
        for line in output:
            if ready := READY.match(line.rstrip()):
                Thread(target=output.read, daemon=True).start()  # a full pipe would stop it
                return ready.group(1), int(ready.group(2))
        raise RuntimeError(f"The server ended with {self._process.wait()} before it was ready.")

    def _owes(self) -> bool:
        """Whether events wait for the relay, or deliveries for their first try."""
        database = self.data / "plane.sqlite3"
        if not database.exists():
            return False
        with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
            (owes,) = connection.execute(
                "SELECT EXISTS (SELECT 1 FROM audit_outboxentry)"
                " OR EXISTS (SELECT 1 FROM audit_delivery WHERE state = 'DUE' AND tries = 0)"
            ).fetchone()
        return bool(owes)


class Line:
    """One connection that is kept open from call to call."""

    def __init__(self, server: Server) -> None:
        self._connection = http.client.HTTPConnection(server.host, server.port, timeout=60)

    def send(self, call: Call) -> Any:
        """The JSON of the answer, or a page's text. Raises `RuntimeError` for a refusal, and for
        a way that leads elsewhere."""
        headers = {"Authorization": f"Bearer {call.token}"} if call.token else {}
        if call.session:
            headers["Cookie"] = f"sessionid={call.session}"
        body = None
        if call.body is not None:
            body = json.dumps(call.body).encode()
            headers["Content-Type"] = "application/json"
        self._connection.request(call.method, call.path, body, headers)
        answer = self._connection.getresponse()
        content = answer.read()
        if answer.status >= http.HTTPStatus.MULTIPLE_CHOICES:
            raise RuntimeError(f"{call.method} {call.path}: {answer.status} {content[:500]!r}")
        is_page = answer.headers.get_content_type() == "text/html"
        return content.decode() if is_page else json.loads(content)

    def send_all(self, calls: Sequence[Call]) -> list[Any]:
        """The answers to several calls, one after the other."""
        return [self.send(call) for call in calls]


def manage(*arguments: str, data: Path) -> str:
    """What `manage.py` prints for these arguments."""
    done = subprocess.run(  # noqa: S603
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=environment_for(data),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def environment_for(data: Path) -> dict[str, str]:
    """The environment without what somebody may have set for other purposes."""
    inherited = {name: value for name, value in os.environ.items() if not OURS.match(name)}
    return inherited | {"DATA": str(data)}
