"""Socket Mode: a real process, connected to a WebSocket as Slack would offer one."""

import json
import os
import signal
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Queue
from threading import Event, Thread
from typing import Any

import pytest
import trustme
from websockets.sync.server import ServerConnection, serve

from accessplane.lib import outbound
from chatops.channels.base import DeliveryFailed
from chatops.channels.slack.channel import Slack, is_secure_socket
from tests.chatops.fakes.block_kit import words_of
from tests.chatops.fakes.slack import Workspace, working
from tests.chatops.slack_door import slack_channel

ROOT = Path(__file__).parent.parent.parent
START = """
import json, sys
import django
django.setup()
from django.utils import timezone
"""
PREPARE = """
from tests import cast
at = timezone.now()
cast.enter(at=at)
cast.apply(json.loads(sys.argv[1]), at=at)
"""
COUNT = """
from requests_app.models import AccessRequest
from reviews.models import Review
print(AccessRequest.objects.filter(via="slack").count(), Review.objects.filter(via="slack").count())
"""


@pytest.fixture
def plane(tmp_path, prepared):
    """`plane(*arguments)`: a process of an embedded plane."""
    env = {
        **os.environ,
        "DATA": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "accessplane.settings.embedded",
        "ACCESSPLANE_OUTBOUND_ALLOW": "127.0.0.1",
        "PYTHONPATH": str(ROOT),
    }
    env.pop("DATABASE_URL", None)

    def run(*arguments: str) -> subprocess.Popen:
        return subprocess.Popen(  # noqa: S603 - our own
            [sys.executable, *arguments],
            cwd=ROOT,
            env=env,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    prepared.plane(tmp_path)
    return run


def done(process: subprocess.Popen) -> str:
    """What the process printed, once it has ended well."""
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    return out


@contextmanager
def sockets() -> Iterator[tuple[str, Queue]]:
    """An address, and the connections to it as they come."""
    came: Queue[ServerConnection] = Queue()
    over = Event()

    def hold(connection: ServerConnection) -> None:
        came.put(connection)
        over.wait(60)

    with serve(hold, "127.0.0.1", 0) as server:
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"ws://127.0.0.1:{server.socket.getsockname()[1]}/link/?ticket=1", came
        finally:
            over.set()
            server.shutdown()
            thread.join(5)


class Line:
    """One connection, from Slack's end."""

    def __init__(self, connection: ServerConnection) -> None:
        self._connection = connection
        self.send({"type": "hello", "num_connections": 1})

    def send(self, document: dict[str, Any]) -> None:
        self._connection.send(json.dumps(document))

    def ask(self, kind: str, payload: Any, envelope: str) -> Any:
        """The payload of the acknowledgement."""
        self.send({
            "type": kind,
            "envelope_id": envelope,
            "payload": payload,
            "accepts_response_payload": kind != "events_api",
        })  # fmt: skip
        answer = json.loads(self._connection.recv(timeout=30))
        assert answer["envelope_id"] == envelope
        return answer.get("payload")


def test_the_story_over_a_socket(plane, slack_space):
    with sockets() as (address, came):
        slack_space.socket_url = address
        for name in ("bob", "alice"):
            slack_space.hire(name)
        done(plane("-c", START + PREPARE, json.dumps(slack_channel(slack_space))))
        listening = plane("manage.py", "slack_socket", "--channel", "slack")
        try:
            line = Line(came.get(timeout=60))
            ask_and_approve(slack_space, line)

            line.send({"type": "disconnect", "reason": "refresh_requested"})
            line = Line(came.get(timeout=60))
            assert "Nothing" in words_of(review(slack_space, line, "e5")["blocks"])
        finally:
            listening.send_signal(signal.SIGTERM)
        assert done(listening) == "Connected for slack.\n"
    assert done(plane("-c", START + COUNT)) == "1 1\n"


def ask_and_approve(space, line: Line) -> None:
    typed = space.type_("U0BOB", "request dba because ticket #123")
    assert "PENDING" in line.ask("slash_commands", typed, "e1")["text"]
    assert line.ask("slash_commands", typed, "e1") is None  # a replay
    assert line.ask("shortcuts", {}, "e2") is None
    assert line.ask("interactive", {"type": "block_actions"}, "e2b") is None

    line.ask("events_api", space.open_home("U0ALICE"), "e3")
    assert "Bob asks for dba" in words_of(space.homes["U0ALICE"]["blocks"])
    line.ask("interactive", space.press_at_home("U0ALICE", "Approve"), "e4")
    sent = space.submit("U0ALICE", reason="by socket")
    assert line.ask("interactive", sent, "e4b") == {"response_action": "clear"}
    assert line.ask("interactive", sent, "e4c")["response_action"] == "update"


def review(space, line: Line, envelope: str) -> Any:
    return line.ask("slash_commands", space.type_("U0ALICE", "review"), envelope)


def test_without_a_channel_it_says_so(plane):
    process = plane("manage.py", "slack_socket")
    _, err = process.communicate(timeout=60)

    assert process.returncode == 1
    assert "There is no active Slack channel with an app_token." in err


def test_a_token_that_slack_refuses_is_named_and_not_shown(plane, slack_space):
    document = slack_channel(slack_space, app_token="xapp-wrong")
    done(plane("-c", START + PREPARE, json.dumps(document)))

    process = plane("manage.py", "slack_socket")
    _, err = process.communicate(timeout=60)

    assert process.returncode == 1
    assert "slack: Slack refused apps.connections.open: the token is not valid" in err
    assert "xapp-wrong" not in err


@pytest.mark.parametrize(
    "address",
    [
        "ws://wss.slack.com/link/?ticket=1",
        "wss://wss.slack.com:444/link/",
        "wss://user:x@wss.slack.com/",
        "https://wss.slack.com/",
        "wss.slack.com",
        "",
    ],
)
def test_only_a_secure_socket_is_taken_from_a_secure_api(address):
    assert not is_secure_socket(address)


@pytest.mark.parametrize(
    "address", ["wss://wss.slack.com/link/?t=1", "wss://wss.slack.com:443/"]
)
def test_a_secure_socket(address):
    assert is_secure_socket(address)


@pytest.fixture
def tls_space(tmp_path, monkeypatch) -> Iterator[Workspace]:
    """Slack behind a certificate that the plane trusts."""
    authority, context = trustme.CA(), ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("localhost").configure_cert(context)
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    outbound._trust.cache_clear()
    with working(context) as found:
        yield found
    outbound._trust.cache_clear()


def test_an_api_behind_tls_leads_to_a_socket_behind_tls(tls_space, db):
    slack = Slack(slack_channel(tls_space)["spec"]["settings"] | {"link_by_email": True})

    tls_space.socket_url = "wss://wss.slack.example/link/?ticket=1"
    assert slack.socket_url() == tls_space.socket_url
    tls_space.socket_url = "ws://wss.slack.example/link/?ticket=1"
    with pytest.raises(DeliveryFailed, match="not secure"):
        slack.socket_url()
