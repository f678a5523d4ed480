"""Moments as text: RFC 3339 in UTC, out and in (SEMANTICS 7.6)."""

from datetime import UTC, datetime, tzinfo
from typing import Any

from accessplane.lib.words import dated, pgettext


def text_of(moment: datetime) -> str:
    """An aware datetime as text, to the microsecond: 2026-11-22T18:40:00.000000Z."""
    return moment.astimezone(UTC).isoformat("T", "microseconds")[: -len("+00:00")] + "Z"


def text_or_none(moment: datetime | None) -> str | None:
    """The same, where there may be no moment."""
    return None if moment is None else text_of(moment)


def spoken(moment: datetime, zone: tzinfo = UTC) -> str:
    """A moment for people, in UTC unless they say which zone is theirs: Sun 22 Nov 2026, 18:40 UTC."""
    # Translators: the format of Django's `date` filter for "Sun 22 Nov 2026, 18:40".
    form = pgettext("moment", "D j M Y, H:i")
    when = moment.astimezone(zone)
    return f"{dated(when, form)} {when:%Z}"


def moment_from(text: Any) -> datetime | None:
    """The RFC 3339 time that a text is, in UTC; None if it is none, or has no zone."""
    if not isinstance(text, str) or "T" not in text.upper():
        return None
    try:
        moment = datetime.fromisoformat(text.upper())
        return moment.astimezone(UTC) if moment.tzinfo else None
    except (ValueError, OverflowError):
        return None
