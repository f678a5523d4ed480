"""A terminal in which somebody types `ap`: a real process, with a home of its own."""

import os
import re
import shlex
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path

import accessplane_client

AP = [sys.executable, "-m", "accessplane_client.cli"]
PATIENCE = 60  # seconds, for a machine that is busy with other things


@dataclass(frozen=True)
class Said:
    """How a command ended, and what it said."""

    code: int
    out: str
    err: str

    @property
    def all(self) -> str:
        return self.out + self.err


class Terminal:
    """`bob("ap request list")`, as Bob would type it, who has an `alias tsh=ap`."""

    def __init__(self, home: Path, *, url: str = "", token: str = "") -> None:
        self.home = home
        login = {"ACCESSPLANE_URL": url, "ACCESSPLANE_TOKEN": token}
        self._login = {name: value for name, value in login.items() if value}
        self._begun: list[Running] = []

    def __call__(self, line: str, *, stdin: str = "") -> Said:
        """Type a line and wait for its end."""
        return self.begin(line, stdin=stdin).end()

    def begin(self, line: str, *, stdin: str = "") -> "Running":
        """Type a line whose command goes on for a while."""
        program, *arguments = shlex.split(line.replace("\\\n", ""))
        assert program in {"ap", "tsh"}
        running = Running([*AP, *arguments], self.environment(), stdin)
        self._begun.append(running)
        return running

    def close(self) -> None:
        """End what still runs."""
        for running in self._begun:
            running.kill()

    def environment(self) -> dict[str, str]:
        """What a command that is typed here finds around it."""
        inherited = {
            name: value
            for name, value in os.environ.items()
            if not re.match(r"ACCESSPLANE_|XDG_|PYTHONPATH$", name)
        }
        ours = {
            "HOME": str(self.home),
            "XDG_CONFIG_HOME": str(self.home),
            "PYTHONPATH": str(Path(accessplane_client.__file__).parents[1]),
        }
        return inherited | ours | self._login


class Running:
    """A command at work."""

    def __init__(self, command: list[str], environment: dict[str, str], stdin: str) -> None:
        self._read = {"out": "", "err": ""}
        self._process = subprocess.Popen(  # noqa: S603
            command,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._process.stdin.write(stdin)
        self._process.stdin.close()

    def said(self, stream: str, wanted: str) -> str:
        """Wait for the first line on `out` or `err` that has this in it."""
        pipe = self._process.stdout if stream == "out" else self._process.stderr
        alarm = threading.Timer(PATIENCE, self._process.kill)
        alarm.start()
        try:
            for line in pipe:
                self._read[stream] += line
                if wanted in line:
                    return line
        finally:
            alarm.cancel()
        raise AssertionError(f"It ended without {wanted!r} on {stream}: {self._read}")

    def end(self) -> Said:
        """Wait for its end."""
        self._process.stdin = None
        try:
            out, err = self._process.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            raise
        return Said(self._process.returncode, self._read["out"] + out, self._read["err"] + err)

    def kill(self) -> None:
        """End it now, if it runs."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdout, self._process.stderr):
            pipe.close()
