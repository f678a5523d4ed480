"""Pure: role names made from the captures of a claim mapping (SEMANTICS 1)."""

import re
from collections.abc import Iterable, Sequence

from accessplane.lib.matching import compile_pattern

_CAPTURE = re.compile(r"\$(?:\{(\d{1,3})\}|(\d{1,3}))", re.ASCII)


def has_capture(entry: str) -> bool:
    """Whether `entry` names a capture: `$1` or `${1}`."""
    return _CAPTURE.search(entry) is not None


def could_become(entry: str, name: str) -> bool:
    """Whether some captures would make `name` of the entry."""
    parts = re.split(_CAPTURE, entry)[:: _CAPTURE.groups + 1]
    return re.fullmatch(".*".join(map(re.escape, parts)), name, re.DOTALL) is not None


def check_entries(entries: Iterable[str]) -> None:
    """Refuse (`InvalidPattern`) an entry that would silently never match."""
    for entry in entries:
        # What a capture will stand for cannot break the pattern around it: it becomes a literal.
        compile_pattern(_CAPTURE.sub("x", entry))


def filled_in(entry: str, captures: Sequence[str]) -> str:
    """`entry` with its captures replaced; a capture that does not exist is an empty text."""

    def capture(found: re.Match[str]) -> str:
        number = int(found[1] or found[2])
        return captures[number - 1] if 1 <= number <= len(captures) else ""

    return _CAPTURE.sub(capture, entry)
