"""A sender that is killed between sending and settling: a real process and a real signal."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.chatops.conftest import SECRET
from tests.chatops.fakes.slack import Workspace
from tests.chatops.receiver import Receiver

ROOT = Path(__file__).parent.parent.parent

PREPARE = f"""
from tests import cast, deeds
from tests.chatops.conftest import channel, route
from audit import services
cast.enter(at=timezone.now())
cast.apply(channel("hook", sys.argv[1], {SECRET!r}), route("all", "hook"), at=timezone.now())
deeds.ask(cast.called("bob"), "dba", at=timezone.now())
services.drain(at=timezone.now())
"""
PREPARE_SLACK = """
from types import SimpleNamespace
from tests import cast, deeds
from tests.chatops.conftest import route
from tests.chatops.slack_door import slack_channel
from audit import services
cast.enter(at=timezone.now())
slack = slack_channel(SimpleNamespace(url=sys.argv[1]))
cast.apply(slack, route("room", "slack", recipients=["#security"]), at=timezone.now())
deeds.ask(cast.called("bob"), "dba", at=timezone.now())
services.drain(at=timezone.now())
"""
COMMENT = """
from tests import cast, deeds
from audit import services
request = cast.called("bob").access_requests.get()
deeds.comment(request, cast.called("alice"), at=timezone.now())
services.drain(at=timezone.now())
"""
SEND = """
from chatops.services import sending
print(sending.send_due(at=timezone.now() + timedelta(seconds=float(sys.argv[1]))))
"""
START = """
import sys
from datetime import timedelta
import django
django.setup()
from django.utils import timezone
"""


@pytest.fixture
def plane(tmp_path, prepared):
    """`plane(code, *arguments)`: a process of an embedded plane that runs this."""
    env = {
        **os.environ,
        "DATA": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "accessplane.settings.embedded",
        "ACCESSPLANE_OUTBOUND_ALLOW": "127.0.0.1",
        "PYTHONPATH": str(ROOT),
    }
    env.pop("DATABASE_URL", None)

    def run(code: str, *arguments: str) -> subprocess.Popen:
        command = [sys.executable, "-c", START + code, *arguments]
        return subprocess.Popen(  # noqa: S603 - our own
            command, cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True
        )

    prepared.plane(tmp_path)
    return run


def test_a_killed_sender_costs_a_delay_and_the_receiver_can_tell(plane, receiver: Receiver):
    prepared = plane(PREPARE, receiver.url)
    assert prepared.wait(60) == 0
    prepared.communicate()
    victims = []
    receiver.meanwhile = lambda _: victims[0].kill() if victims else None

    victims.append(plane(SEND, "0"))
    out, _ = victims[0].communicate(timeout=60)
    assert (victims[0].returncode, out) == (-signal.SIGKILL, "")
    victims.clear()
    assert len(receiver.calls) == 1

    soon, _ = plane(SEND, "5").communicate(timeout=60)
    later, _ = plane(SEND, "120").communicate(timeout=60)
    after, _ = plane(SEND, "240").communicate(timeout=60)

    assert (soon, later, after) == ("0\n", "1\n", "0\n")
    first, second = receiver.calls
    assert first.id == second.id
    assert first.body == second.body


def test_in_slack_nothing_arrives_twice(plane, slack_space: Workspace):
    """Killed after the first card was posted, and later after the first news in a thread."""
    places = ["U0BOB", "U0ALICE", "U0IVAN", "C0SECURITY"]
    for name in ("bob", "alice", "ivan"):
        slack_space.hire(name)
    slack_space.found("security")
    slack_space.now = time.time
    said_by(plane(PREPARE_SLACK, slack_space.url))

    kill_while_posting(plane, slack_space)
    assert len(slack_space.messages) == 1
    assert said_by(plane(SEND, "5")) == "0"
    assert said_by(plane(SEND, "120")) == "4"
    assert [slack_space.card(place).edits for place in places] == [0, 0, 0, 0]

    said_by(plane(COMMENT))
    kill_while_posting(plane, slack_space, after="180")
    assert len(slack_space.messages) == 5
    assert said_by(plane(SEND, "300")) == "4"
    assert said_by(plane(SEND, "600")) == "0"
    for place in places:
        assert len(slack_space.thread(slack_space.card(place))) == 1


def kill_while_posting(plane, space: Workspace, after: str = "0") -> None:
    """A sender dies when its first message is out, before it hears of that."""
    victims = []
    space.meanwhile = lambda method: victims[0].kill() if method == "chat.postMessage" else None
    victims.append(plane(SEND, after))
    out, _ = victims[0].communicate(timeout=60)
    assert (victims[0].returncode, out) == (-signal.SIGKILL, "")
    space.meanwhile = lambda _method: None


def said_by(process: subprocess.Popen) -> str:
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    return out.strip()
