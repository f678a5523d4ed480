"""How many messages one worker sends, of a thousand requests at once, to a Slack that is no limit.

The Slack is the one of the tests, in this process; what it takes to answer is in the seconds, and
not in those of the sender's processor.
"""

import json
import subprocess
import sys
from pathlib import Path

from bench.organisation import ENGINEERS
from bench.server import ROOT, environment_for
from bench.table import table
from tests.chatops.fakes.slack import Workspace, working

REQUESTS = 1000
HEADINGS = ("of 1,000 requests at once", "messages/s", "CPU ms each", "messages")


def telling_table(data: Path) -> str:
    """What planning and sending cost, and whether every message arrived."""
    with working() as space:
        for address in ENGINEERS:
            name = address.partition("@")[0]
            space.hire(name)
        space.found("security")
        noted = json.loads(_sender(space, data))
        arrived = len(space.messages)
    messages = noted["messages"]
    if not messages == arrived == 2 * REQUESTS:
        raise RuntimeError(f"{arrived} messages arrived, and {messages} were noted.")
    rows = [
        _row("planned in their order", noted["planned"], messages),
        _row("sent to Slack by one worker", noted["sent"], messages),
    ]
    return table(HEADINGS, rows)


def _sender(space: Workspace, data: Path) -> str:
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-m", "bench.sender", space.url, str(REQUESTS)],
        cwd=ROOT,
        env=environment_for(data)
        | {
            "DJANGO_SETTINGS_MODULE": "accessplane.settings.embedded",
            "ACCESSPLANE_OUTBOUND_ALLOW": "127.0.0.1",
        },
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return done.stdout


def _row(name: str, took: tuple[float, float], messages: int) -> tuple[str, ...]:
    seconds, cpu = took
    return name, f"{messages / seconds:.0f}", f"{1000 * cpu / messages:.2f}", str(messages)
