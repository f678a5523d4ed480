"""Where a program keeps how far it has read the audit log."""

import hashlib
import json
import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from accessplane_client.private_files import write_privately

log = logging.getLogger(__name__)

STATE = "ACCESSPLANE_STATE"


class Places(Protocol):
    """Keeps one number for one program, over its restarts.

    The number spares reading again. What it loses is found again: a program that starts looks for
    every request that still waits for it.
    """

    def get(self) -> int | None:
        """The sequence that was kept last, or None."""

    def set(self, place: int) -> None:
        """Keep this one instead."""


State = Places | Path | str | None


def places_of(
    state: State, environ: Mapping[str, str], *, url: str, workflows: Sequence[str]
) -> Places:
    """`state` itself, or a file: the one it names, that ACCESSPLANE_STATE names, or its own.

    Where a directory is named, the program has a file of its own in it.
    """
    if not isinstance(state, (str, Path, type(None))):
        return state
    named = state or environ.get(STATE)
    path = Path(named) if named else _state_directory(environ)
    if not named or path.is_dir():
        program = hashlib.sha256("\n".join([url, *workflows]).encode()).hexdigest()[:16]
        path = path / f"workflows-{program}.json"
    return PlaceFile(path, url)


def _state_directory(environ: Mapping[str, str]) -> Path:
    base = Path(environ.get("XDG_STATE_HOME") or "")
    return (base if base.is_absolute() else Path.home() / ".local/state") / "accessplane"


class PlaceFile:
    """A small JSON file, readable by its owner alone. A place in another plane is none here."""

    def __init__(self, path: Path, url: str) -> None:
        self._path = path
        self._url = url

    def get(self) -> int | None:
        try:
            kept = json.loads(self._path.read_text(encoding="utf-8"))
            return int(kept["sequence"]) if kept["plane"] == self._url else None
        except FileNotFoundError:
            return None
        except (ValueError, KeyError, TypeError):
            log.warning("%s holds no place in a log; starting without one.", self._path)
            return None

    def set(self, place: int) -> None:
        """In one step: whoever reads finds the old place or the new one."""
        write_privately(self._path, json.dumps({"plane": self._url, "sequence": place}))
