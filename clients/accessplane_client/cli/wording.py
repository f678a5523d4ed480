"""Times, lengths, numbers and names, in words."""

from collections.abc import Sequence
from datetime import UTC, datetime

MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
NUMBERS = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
UNITS = (("day", 86400), ("hour", 3600), ("minute", 60), ("second", 1))
NAMES_SHOWN = 5


def time_text(moment: datetime | None) -> str:
    """`03 Apr 21 03:58 UTC`, whatever the locale."""
    if moment is None:
        return ""
    at = moment.astimezone(UTC)
    return f"{at:%d} {MONTHS[at.month - 1]} {at:%y %H:%M} UTC"


def duration_text(seconds: int) -> str:
    """`1 hour 30 minutes`: the two largest units, exact as far as these go."""
    parts = []
    for unit, length in UNITS:
        count, seconds = divmod(seconds, length)
        if count:
            parts.append(f"{count} {unit if count == 1 else unit + 's'}")
    return " ".join(parts[:2]) or "0 seconds"


def number(count: int) -> str:
    return NUMBERS[count] if 0 <= count < len(NUMBERS) else str(count)


def listed(names: Sequence[str], last: str = "and") -> str:
    """`a, b and c`; of many names the first few."""
    names = list(names)
    if len(names) > NAMES_SHOWN:
        names = [*names[: NAMES_SHOWN - 1], f"{len(names) - NAMES_SHOWN + 1} others"]
    if len(names) < 2:  # noqa: PLR2004
        return "".join(names)
    return f"{', '.join(names[:-1])} {last} {names[-1]}"


def sentence(text: str) -> str:
    """With a full stop, unless it has its own end."""
    text = text.strip()
    return text if text.endswith((".", "!", "?")) else f"{text}."
