"""Programs of workflows: where they keep their place, and real processes that run them."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import accessplane_client

ROOT = Path(__file__).parents[2]
PATIENCE = 60  # seconds, for a machine that is busy with other things


class KeptInMemory:
    """Keeps a place as long as the test lasts."""

    def __init__(self, place=None):
        self.place = place

    def get(self):
        return self.place

    def set(self, place):
        self.place = place


# An inventory and a tracker that are as small as possible.
STAND_INS = """
import logging

logging.basicConfig(level="INFO", format="%(message)s")


class jira:
    @staticmethod
    def get_ticket(reason):
        return "OPS-" in reason


def registered_computer(user):
    return user == "alice@example.com"
"""


def shown_program():
    """The first program of the page that tells how to write one (CONTRACT 6)."""
    page = (ROOT / "docs/how-to/write-a-workflow-in-python.md").read_text()
    return STAND_INS + page.split("```python\n")[1].split("```")[0]


class Program:
    """A script as a process of its own, with its own home; its log is read line by line."""

    def __init__(self, script, home, *, url, token, **environment):
        home.mkdir(exist_ok=True)
        clients = str(Path(accessplane_client.__file__).parents[1])
        inherited = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("ACCESSPLANE_", "XDG_", "PYTHON"))
        }
        ours = {
            "HOME": str(home),
            "PYTHONPATH": clients,
            "ACCESSPLANE_URL": url,
            "ACCESSPLANE_TOKEN": token,
        }
        self.log = ""
        self._process = subprocess.Popen(  # noqa: S603
            [sys.executable, "-c", script],
            env=inherited | ours | environment,
            stderr=subprocess.PIPE,
            text=True,
        )

    def logged(self, wanted):
        """Wait for the line of its log that has this in it."""
        alarm = threading.Timer(PATIENCE, self._process.kill)
        alarm.start()
        try:
            for line in self._process.stderr:
                self.log += line
                if wanted in line:
                    return line
        finally:
            alarm.cancel()
        raise AssertionError(f"It ended without {wanted!r}: {self.log}")

    def send(self, number):
        self._process.send_signal(number)

    def end(self):
        """Wait for its end: how it ended."""
        _, rest = self._process.communicate(timeout=PATIENCE)
        self.log += rest
        return self._process.returncode

    def kill(self):
        """End it now, if it runs."""
        self._process.kill()
        self._process.wait()
        self._process.stderr.close()
