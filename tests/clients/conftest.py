import asyncio
import json
from contextlib import contextmanager

import httpx
import pytest
from accessplane_client import Plane, wire
from accessplane_client.cli import account, app, session
from accessplane_client.workflows import runner

from tests.clients.judging import Program
from tests.clients.programs import KeptInMemory
from tests.clients.small_plane import SmallPlane

URL = "https://plane.example.com"


class CannedPlane:
    """Gives the answers it was told, in their order, and remembers the calls."""

    def __init__(self):
        self.calls = []
        self._next = []

    def __call__(self, call):
        self.calls.append(call)
        assert self._next, f"Nobody expected {call.method} {call.url}"
        given = self._next.pop(0)
        if isinstance(given, httpx.RequestError):
            given.request = call
        if isinstance(given, BaseException):
            raise given
        return given

    def answers(self, document, status=200, **headers):
        self._next.append(httpx.Response(status, json=document, headers=headers))

    def says(self, text, status=200, **headers):
        self._next.append(httpx.Response(status, text=text, headers=headers))

    def refuses(self, status, code, detail="No.", errors=None, **headers):
        document = {
            "type": "about:blank",
            "title": "No",
            "status": status,
            "code": code,
            "detail": detail,
            "errors": errors or {},
        }
        self._next.append(
            httpx.Response(
                status,
                content=json.dumps(document),
                headers={"Content-Type": "application/problem+json", **headers},
            )
        )

    def fails(self, error):
        self._next.append(error)

    @property
    def is_done(self):
        return not self._next

    @property
    def last_body(self):
        return json.loads(self.calls[-1].content)

    @property
    def paths(self):
        return [f"{call.method} {call.url.raw_path.decode()}" for call in self.calls]


@pytest.fixture
def canned():
    return CannedPlane()


@pytest.fixture
def pauses(monkeypatch):
    """How long the client would have slept between its attempts."""
    slept = []
    monkeypatch.setattr(wire, "pause", slept.append)
    return slept


@pytest.fixture
def client(canned, pauses):
    with Plane(URL, "ap_bob", transport=httpx.MockTransport(canned)) as plane:
        yield plane


@pytest.fixture
def pending():
    """Bob's request for dba as the plane sends it, with a field of the future."""
    return {
        "id": "9c721e54-b049-4ef8-a7f6-c777aa066764",
        "state": "PENDING",
        "requester": "bob@example.com",
        "author": "bob@example.com",
        "roles": ["dba"],
        "reason": "ticket #123",
        "suggested_reviewers": ["alice@example.com", "ivan@example.com"],
        "annotations": {},
        "created_at": "2021-04-03T03:58:00Z",
        "pending_expires_at": "2121-04-10T03:58:00Z",
        "start_time": None,
        "duration_seconds": 28800,
        "requested_duration_seconds": None,
        "resolved_at": None,
        "resolve_reason": "",
        "forced": False,
        "thresholds": [
            {
                "name": "two people",
                "filter": "",
                "approve": 2,
                "deny": 1,
                "approvals": 0,
                "denials": 0,
                "roles": ["dba"],
            }
        ],
        "reviews": [],
        "checks": [{"workflow": "ticket", "state": "PASSED", "reason": ""}],
        "grants": [],
        "possible_reviewers": ["alice@example.com", "ivan@example.com", "rosa@example.com"],
        "url": "https://plane.example.com/requests/9c721e54-b049-4ef8-a7f6-c777aa066764",
        "mood": "hopeful",
    }


@pytest.fixture
def approved(pending):
    reviews = [
        {
            "reviewer": who,
            "decision": "APPROVE",
            "reason": why,
            "created_at": "2021-04-03T04:00:00Z",
        }
        for who, why in [
            ("alice@example.com", "proceed with caution"),
            ("ivan@example.com", "granted."),
        ]
    ]
    grant = {
        "id": "11111111-b049-4ef8-a7f6-c777aa066764",
        "role": "dba",
        "state": "ACTIVE",
        "starts_at": "2021-04-03T04:00:00Z",
        "ends_at": "2021-04-03T12:00:00Z",
    }
    return pending | {
        "state": "APPROVED",
        "reviews": reviews,
        "grants": [grant],
        "resolve_reason": "granted.",
    }


@pytest.fixture
def ap(canned, pauses, monkeypatch, tmp_path, capsys):
    """Runs `ap` as Bob against the canned plane: the exit code, stdout, stderr."""

    def connect(url, token):
        return Plane(url, token, transport=httpx.MockTransport(canned), via="cli")

    def run(*arguments):
        code = app.run(arguments)
        said = capsys.readouterr()
        return code, said.out, said.err

    monkeypatch.setattr(session, "connect", connect)
    monkeypatch.setattr(account, "connect", connect)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("ACCESSPLANE_URL", URL)
    monkeypatch.setenv("ACCESSPLANE_TOKEN", "ap_bob")
    return run


@pytest.fixture
def small_plane():
    """A plane of a few calls over real HTTP."""
    plane = SmallPlane()
    yield plane
    plane.stop()


@pytest.fixture
def hurry(monkeypatch):
    """What is tried again is tried again soon."""
    monkeypatch.setattr(runner, "FIRST_PAUSE", 0.05)
    monkeypatch.setattr(wire, "FIRST_PAUSE", 0.01)
    sleep = asyncio.sleep
    monkeypatch.setattr(wire, "pause_async", lambda seconds: sleep(min(seconds, 0.1)))


@pytest.fixture
def judging(small_plane, hurry):
    """`with judging(ticket=handler) as program`: a program at work; its place is `program.kept`."""

    @contextmanager
    def run(*, kept=None, concurrency=4, **handlers):
        small_plane.calls.clear()
        program = Program(small_plane.url, handlers, kept or KeptInMemory(), concurrency)
        try:
            yield program
        finally:
            program.end()

    return run
