"""Pure: times of the week, in which a workflow applies or a route is quiet."""

import re
from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from identity.specs import Spec

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]

_DAYS: tuple[Day, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)", re.ASCII)
_END_OF_DAY = "24:00"
_MINUTE = timedelta(minutes=1)
_DAY_MINUTES = 24 * 60
_LOOK_AHEAD = timedelta(days=8)


class ClockTime(str):
    """A time of day, `HH:MM`; `24:00` is the end of the day."""

    __slots__ = ()

    @classmethod
    def parse(cls, text: str) -> Self:
        """The time of day; ValueError for anything else."""
        if text != _END_OF_DAY and not _CLOCK.fullmatch(text):
            raise ValueError(f"{text[:20]!r} is no time of day such as 08:30")
        return cls(text)

    @property
    def minutes(self) -> int:
        """The minutes since midnight."""
        hours, minutes = self.split(":")
        return int(hours) * 60 + int(minutes)


class Window(Spec, frozen=True):
    """From one time of day until another on some days of the week, the end excluded.

    A window that ends at or before its beginning lasts into the next day.
    """

    timezone: str = "UTC"
    days: tuple[Day, ...] = _DAYS
    from_: ClockTime = msgspec.field(default=ClockTime("00:00"), name="from")
    to: ClockTime = ClockTime(_END_OF_DAY)

    def __post_init__(self) -> None:
        if not self.days:
            raise ValueError("a window is open on at least one day")
        try:
            ZoneInfo(self.timezone)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError(f"{self.timezone[:40]!r} is no time zone") from error

    def covers(self, at: datetime) -> bool:
        """Whether the moment lies in the window, by the clocks of its zone."""
        local = at.astimezone(ZoneInfo(self.timezone))
        now = local.time().replace(tzinfo=None)
        begin, end = self.from_.minutes, self.to.minutes
        if begin < end:
            return self._is_on(local) and begin <= _minutes(now) < end
        if _minutes(now) >= begin:
            return self._is_on(local)
        return _minutes(now) < end and self._is_on(local - timedelta(days=1))

    def covers_until(self, at: datetime) -> datetime:
        """Until when it covers all moments from `at` on, which it covers; perhaps it covers more.

        Where the clocks of its zone are changed before its end, the next minute: a window ends
        when they pass its end, and that may be in the hour that they leave out.
        """
        zone, whole = ZoneInfo(self.timezone), at.replace(second=0, microsecond=0)
        local = at.astimezone(zone)
        left = (self.to.minutes - _minutes(local.time())) % _DAY_MINUTES or _DAY_MINUTES
        end = whole + left * _MINUTE
        same = end.astimezone(zone).utcoffset() == local.utcoffset()
        return end if same else whole + _MINUTE

    def _is_on(self, local: datetime) -> bool:
        return _DAYS[local.weekday()] in self.days


def covered(windows: Sequence[Window], at: datetime) -> bool:
    """Whether one of the windows covers the moment; without any, all times are covered."""
    return not windows or any(window.covers(at) for window in windows)


def uncovered_from(windows: Sequence[Window], at: datetime) -> datetime | None:
    """The first moment from `at` on that none of the windows covers; None if there is none soon.

    A week shows all that windows do, and a day more what the clocks of their zones do to them.
    """
    moment = at
    while moment < at + _LOOK_AHEAD:
        ends = [one.covers_until(moment) for one in windows if one.covers(moment)]
        if not ends:
            return moment
        moment = max(ends)
    return None


def _minutes(clock: time) -> int:
    return clock.hour * 60 + clock.minute
