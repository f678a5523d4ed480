"""Processes that get a time and no longer, and whose children end with them."""

import contextlib
import os
import selectors
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

COMPLAINT_KEPT = 4000  # bytes of what was written last
_PIECE = 64 * 1024
# How often a child is looked at whose own children hold its pipes open.
_GLANCE = 0.1


class Stopped(Exception):
    """The process had to be stopped."""


class TookTooLong(Stopped):
    """It was not done in its time."""


class WroteTooMuch(Stopped):
    """It wrote more than anybody will read."""


@dataclass(frozen=True, slots=True)
class Finished:
    """What came of a process: its exit code (negative: the signal that ended it), all that it
    wrote to its standard output, and the end of what it wrote to its standard error."""

    code: int
    written: bytes
    complaint: bytes


def run(
    command: Sequence[str],
    said: bytes,
    *,
    cwd: Path,
    env: Mapping[str, str],
    patience: timedelta,
    largest: int,
) -> Finished:
    """Start `command`, give it `said` to read, and wait until it is done.

    Raises `TookTooLong` after `patience`, and `WroteTooMuch` after `largest` bytes of standard
    output. However it ends, what it started and left in its group is killed.
    """
    end = time.monotonic() + patience.total_seconds()
    with tempfile.TemporaryFile() as given:  # a pipe would fill up if nobody read it
        given.write(said)
        given.seek(0)
        child = subprocess.Popen(  # noqa: S603 - the caller says what, and no shell reads it
            command,
            stdin=given,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=cwd,
            env=env,
            start_new_session=True,
        )
    with child:
        try:
            written, complaint = _heard(child, end, largest)
            code = child.wait(_left(end))
        except subprocess.TimeoutExpired as error:
            raise TookTooLong from error
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
    return Finished(code, written, complaint)


def _heard(child: subprocess.Popen[bytes], end: float, largest: int) -> tuple[bytes, bytes]:
    """What the child writes until it closes both pipes, or is gone and left them to others."""
    written, complaint = bytearray(), bytearray()
    with selectors.DefaultSelector() as pipes:
        for pipe, heard in ((child.stdout, written), (child.stderr, complaint)):
            assert pipe is not None
            pipes.register(pipe, selectors.EVENT_READ, heard)
        while pipes.get_map():
            is_gone = child.poll() is not None
            ready = pipes.select(min(_left(end), _GLANCE))
            for key, _ in ready:
                piece = os.read(key.fd, _PIECE)
                key.data.extend(piece)
                if not piece:
                    pipes.unregister(key.fileobj)
            if is_gone and not ready:
                break
            if len(written) > largest:
                raise WroteTooMuch
            del complaint[:-COMPLAINT_KEPT]
    return bytes(written), bytes(complaint)


def _left(end: float) -> float:
    left = end - time.monotonic()
    if left <= 0:
        raise TookTooLong
    return left
