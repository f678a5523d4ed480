"""Pure: how long a request waits, and when access begins and ends (SEMANTICS 7)."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from accessplane.lib.errors import InvalidInput
from accessplane.lib.words import gettext as _
from identity.role_spec import RoleSpec
from identity.specs import LONGEST

DEFAULT_DURATION = timedelta(hours=8)
LONGEST_PENDING = timedelta(days=7)
FARTHEST_START = timedelta(days=7)
WARN_BEFORE = timedelta(minutes=15)
COUNTS_AS_NOW = timedelta(minutes=1)


class DurationTooLong(InvalidInput):
    """Longer than any access may be."""

    code = "duration_too_long"


class PendingTtlTooLong(InvalidInput):
    """Longer than any request may wait."""

    code = "pending_ttl_too_long"


class StartTimeInPast(InvalidInput):
    """Access cannot have begun already."""

    code = "start_time_in_past"


class StartTimeTooFar(InvalidInput):
    """Access cannot be planned that far ahead."""

    code = "start_time_too_far"


def limit_of(
    permitting: Iterable[Iterable[RoleSpec]], requested: Iterable[RoleSpec]
) -> timedelta | None:
    """The longest access that the rules give, None if they set no limit (SEMANTICS 7.2).

    `permitting` holds, for each requested role, the held roles that permit it.
    """
    largest = [
        max(lengths)
        for roles in permitting
        if (
            lengths := [length for role in roles if (length := role.allow.request.max_duration)]
        )
    ]
    if largest:
        return min(largest)
    return min(
        (length for role in requested if (length := role.options.max_session_ttl)), default=None
    )


def granted_duration(requested: timedelta | None, limit: timedelta | None) -> timedelta:
    """How long access will last; `DurationTooLong` beyond what any access may (SEMANTICS 7.2)."""
    if requested is None:
        return limit or DEFAULT_DURATION
    if requested > LONGEST:
        raise DurationTooLong(_("No access lasts longer than 14 days."))
    return min(requested, limit) if limit else requested


def pending_ttl(requested: timedelta | None) -> timedelta:
    """How long the request waits; `PendingTtlTooLong` above seven days (SEMANTICS 7.3)."""
    if requested is not None and requested > LONGEST_PENDING:
        raise PendingTtlTooLong(_("A request waits at most 7 days."))
    return requested or LONGEST_PENDING


def check_start(start: datetime | None, *, at: datetime) -> None:
    """Refuse a start that is past, or more than seven days after this call (SEMANTICS 7.4)."""
    if start is None:
        return
    if start < at - COUNTS_AS_NOW:
        raise StartTimeInPast(_("The start time is in the past."))
    if start > at + FARTHEST_START:
        raise StartTimeTooFar(_("The start time is more than 7 days ahead."))


def span(
    *, approved_at: datetime, start: datetime | None, duration: timedelta
) -> tuple[datetime, datetime]:
    """When access begins and ends, the end excluded: its clock starts with it (SEMANTICS 7.1)."""
    begins = max(approved_at, start) if start else approved_at
    return begins, begins + duration


def extended_end(
    *, starts_at: datetime, ends_at: datetime, duration: timedelta, limit: timedelta | None
) -> datetime:
    """The end of a grant that is extended: never beyond its limit (SEMANTICS 8.2)."""
    return min(ends_at + duration, starts_at + (limit or LONGEST))


def warning_at(starts_at: datetime, ends_at: datetime) -> datetime:
    """When the holder hears of the end: 15 minutes before, or a tenth of the whole if that is
    less (SEMANTICS 8.4)."""
    return ends_at - min(WARN_BEFORE, (ends_at - starts_at) / 10)
