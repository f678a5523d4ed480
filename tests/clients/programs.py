"""Programs of workflows: where they keep their place, and real processes that run them."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import accessplane_client

PATIENCE = 60  # seconds, for a machine that is busy with other things


class KeptInMemory:
    """Keeps a place as long as the test lasts."""

    def __init__(self, place=None):
        self.place = place

    def get(self):
        return self.place

    def set(self, place):
        self.place = place


# The program of CONTRACT 6, with an inventory and a tracker that are as small as possible.
DEVICE_AND_TICKET = """
import logging

from accessplane_client import AccessDenied, Plane

logging.basicConfig(level="INFO", format="%(message)s")


class jira:
    @staticmethod
    def get_ticket(reason):
        return "OPS-" in reason


def registered_computer(user):
    return user == "alice@example.com"


plane = Plane.from_env()


@plane.workflow("device-and-ticket")
def process_request(req):
    if "admin" in req.roles and not registered_computer(req.user):
        raise AccessDenied("use registered computer for privileged access")
    if "contractor" in req.traits["team"] and not jira.get_ticket(req.reason):
        raise AccessDenied("provide an active JIRA ticket")


plane.run()
"""


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
