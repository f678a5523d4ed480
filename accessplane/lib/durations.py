"""Lengths of time as people write them: "1h30m", in and out (SEMANTICS 7.6)."""

import math
import re
from datetime import timedelta

from accessplane.lib.errors import InvalidInput
from accessplane.lib.words import gettext as _
from accessplane.lib.words import ngettext, npgettext

_SECONDS = {"d": 86_400, "h": 3_600, "m": 60, "s": 1}

# [0-9], not \d: Arabic-Indic digits are no duration. Nine digits are 31 years of seconds, and
# keep the arithmetic small whatever was sent.
_TEXT = re.compile("".join(f"(?:([0-9]{{1,9}}){unit})?" for unit in _SECONDS))


class InvalidDuration(InvalidInput):
    """No length of time, or not a positive one."""

    code = "invalid_duration"


def parse_duration(value: object) -> timedelta:
    """The length that `value` stands for; `InvalidDuration` unless it is more than zero.

    A text has each of the units d, h, m and s at most once, the largest first, without spaces:
    "90s", "30m", "8h", "4d", "1h30m". A number is seconds; a fraction
    of one does not count (SEMANTICS 7.6).
    """
    if isinstance(value, str):
        seconds: float = _seconds_in(value)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        seconds = value
    else:
        raise InvalidDuration(_("A duration is a text such as 1h30m, or a number of seconds."))
    try:
        duration = timedelta(seconds=math.floor(seconds))
    except (OverflowError, ValueError) as beyond:  # ValueError: not a number
        raise InvalidDuration(_("The duration is too long, or no length at all.")) from beyond
    # After the conversion: a fraction of a second has become zero by now.
    if duration <= timedelta(0):
        raise InvalidDuration(_("A duration is longer than zero."))
    return duration


def format_duration(duration: timedelta) -> str:
    """`duration` as `parse_duration` reads it: "1h30m".

    Whole seconds, rounded down, so that no text promises more than there is; zero and less
    is "0s".
    """
    return "".join(f"{count}{unit}" for unit, count in _split(duration)) or "0s"


def in_words(duration: timedelta) -> str:
    """`duration` for a page: "8 hours", "1 hour 30 minutes"; rounded as `format_duration` does."""
    return " ".join(_counted(count, unit) for unit, count in _split(duration)) or _counted(
        0, "s"
    )


def in_words_from(duration: timedelta) -> str:
    """The same for what is so far from now, or ago: some languages bend the words there."""
    return " ".join(_counted_from(count, unit) for unit, count in _split(duration))


def _counted(count: int, unit: str) -> str:
    match unit:
        case "d":
            words = ngettext("%(count)s day", "%(count)s days", count)
        case "h":
            words = ngettext("%(count)s hour", "%(count)s hours", count)
        case "m":
            words = ngettext("%(count)s minute", "%(count)s minutes", count)
        case _:
            words = ngettext("%(count)s second", "%(count)s seconds", count)
    return words % {"count": count}


def _counted_from(count: int, unit: str) -> str:
    match unit:
        case "d":
            words = npgettext("from now", "%(count)s day", "%(count)s days", count)
        case "h":
            words = npgettext("from now", "%(count)s hour", "%(count)s hours", count)
        case _:
            words = npgettext("from now", "%(count)s minute", "%(count)s minutes", count)
    return words % {"count": count}


def _seconds_in(text: str) -> int:
    found = _TEXT.fullmatch(text)
    if not text or not found:
        raise InvalidDuration(
            _("A duration is written like 90s, 30m, 8h, 4d or 1h30m: the largest unit first.")
        )
    return sum(
        int(count or 0) * size
        for count, size in zip(found.groups(), _SECONDS.values(), strict=True)
    )


def _split(duration: timedelta) -> list[tuple[str, int]]:
    rest = max(0, duration // timedelta(seconds=1))
    parts = []
    for unit, size in _SECONDS.items():
        count, rest = divmod(rest, size)
        if count:
            parts.append((unit, count))
    return parts
