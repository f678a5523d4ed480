"""The examples as people start them: real processes, and what they print."""

import os
import re
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Self

import accessplane_client
import pytest
from django.conf import settings

WORKFLOWS = Path(settings.BASE_DIR) / "examples" / "workflows"
# The client library, and the look-ups that the programs in Python share.
PYTHONPATH = os.pathsep.join(
    [str(Path(accessplane_client.__file__).parents[1]), str(WORKFLOWS / "python")]
)
PATIENCE = 60  # seconds, for a machine that is busy with other things


def until(condition: Callable[[], Any], what: str) -> Any:
    """What the condition comes to, once it comes to something."""
    deadline = time.monotonic() + PATIENCE
    while not (found := condition()):
        assert time.monotonic() < deadline, f"Waited in vain: {what}"
        time.sleep(0.05)
    return found


class Program:
    """A program at work, in a process group of its own; what it prints is kept."""

    def __init__(
        self, *command: str | Path, cwd: Path = WORKFLOWS, environment: Mapping[str, str]
    ) -> None:
        self._lines: list[str] = []
        self.process = subprocess.Popen(  # noqa: S603
            [str(part) for part in command],
            cwd=cwd,
            env=bare_environment() | environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    @property
    def printed(self) -> str:
        return "".join(self._lines)

    def says(self, pattern: str) -> re.Match[str]:
        """Wait for it to print this."""

        def said() -> re.Match[str] | None:
            found = re.search(pattern, self.printed)
            assert found or self.process.poll() is None, f"It ended: {self.printed}"
            return found

        return until(said, f"{pattern!r} in {self.printed}")

    def signal(self, number: signal.Signals) -> None:
        """Send this to the program and whatever it started."""
        os.killpg(self.process.pid, number)

    def kill(self) -> None:
        """End it, without asking."""
        if self.process.poll() is None:
            self.signal(signal.SIGKILL)
        self.process.wait(timeout=PATIENCE)
        self._reader.join(timeout=PATIENCE)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()
        self.process.stdout.close()

    def _read(self) -> None:
        for line in self.process.stdout:
            self._lines.append(line)


def bare_environment() -> dict[str, str]:
    """The environment of the suite without what the suite itself was told in it."""
    ours = re.compile(r"ACCESSPLANE_|DJANGO_|DATABASE_URL|REDIS_URL|DATA$|XDG_|JIRA_|PORT$")
    kept = {name: value for name, value in os.environ.items() if not ours.match(name)}
    return kept | {"PYTHONPATH": PYTHONPATH, "PYTHONUNBUFFERED": "1"}


def needs(*programs: str) -> pytest.MarkDecorator:
    """Leaves a test out where a program is missing, and says so; in CI that is a failure."""
    missing = [name for name in programs if shutil.which(name) is None]
    packages = ["nodejs" if name == "node" else name for name in missing]
    return pytest.mark.skipif(
        bool(missing) and "CI" not in os.environ,
        reason=f"needs {', '.join(missing)}: apt-get install {' '.join(packages)}",
    )
