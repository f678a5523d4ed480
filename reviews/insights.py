"""What the page of insights shows: how fast and by whom it is decided, and how much access there is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any

from django.utils.translation import gettext as _

from accessplane.lib.durations import in_words
from accessplane.lib.words import dated, pgettext
from identity.subject import Subject
from requests_app import page_data
from reviews import charts, figures
from reviews.charts import Series
from reviews.figures import Tally

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
PERIODS = (4, 12, 26, 52)  # weeks
# Where one class of lengths ends and the next begins.
_LENGTHS = (5 * MINUTE, 15 * MINUTE, HOUR, 4 * HOUR, DAY, 3 * DAY)
_AGES = (HOUR, 4 * HOUR, DAY, 3 * DAY)
_DAILY_UP_TO = 12  # weeks; beyond, access in force is looked at once a week


@dataclass(frozen=True, slots=True)
class Week:
    """A row of the table of times to decision."""

    begins: date
    count: int
    median: str
    ninth: str


@dataclass(frozen=True, slots=True)
class Row:
    """A row with a bar: its parts end to end, as places and widths."""

    name: str
    title: str
    counts: Sequence[int]
    bars: list[tuple[str, str]]


def insights(subject: Subject, *, weeks: int, at: datetime) -> dict[str, Any]:
    """Everything on the page, for so many weeks, the present one included."""
    begin = _monday(at) - (weeks - 1) * figures.WEEK
    end = at + timedelta(microseconds=1)  # what is decided at this moment counts
    return page_data.common(subject, at=at) | {
        "begins": begin,
        **_times(begin, end, weeks),
        **_lengths(begin, end),
        "roles": _titled(figures.decisions_by_role(begin, end)),
        "reviewers": _rows(figures.decisions_by_reviewer(begin, end)),
        "ages": _ages(at),
        **_access(weeks, at),
    }


def sees_insights(subject: Subject) -> bool:
    """Whether these figures are for this viewer: whoever may read all that they are counted from."""
    return bool(page_data.navigation(subject)["sees_insights"])


def _times(begin: datetime, end: datetime, weeks: int) -> dict[str, Any]:
    whole, by_week = figures.times_to_decide(begin, end)
    mondays = [begin + number * figures.WEEK for number in range(weeks)]
    speeds = [by_week.get(number) for number in range(weeks)]
    chart = charts.line_chart(
        [
            Series(_("half"), "median", [speed.median if speed else None for speed in speeds]),
            Series(
                _("nine in ten"), "ninth", [speed.ninth if speed else None for speed in speeds]
            ),
        ],
        [_day(monday) for monday in mondays],
        write=charts.short_length,
        lengths=True,
    )
    table = [
        Week(monday.date(), speed.count, _words(speed.median), _words(speed.ninth))
        for monday, speed in zip(mondays, speeds, strict=True)
        if speed
    ]
    said = (
        {"count": whole.count, "median": _words(whole.median), "ninth": _words(whole.ninth)}
        if whole
        else None
    )
    return {"speed": said, "times": chart, "weeks_table": table}


def _lengths(begin: datetime, end: datetime) -> dict[str, Any]:
    counts = figures.decisions_by_length(begin, end, _LENGTHS)
    return {"lengths": _counted(_LENGTHS, counts)}


def _ages(at: datetime) -> list[Row]:
    return _counted(_AGES, figures.pending_by_age(at, _AGES))


def _counted(bounds: Sequence[timedelta], counts: Sequence[int]) -> list[Row]:
    """How many are in each of the classes that the bounds make."""
    return [
        Row(words, words, [count], charts.shares([count], max(counts)))
        for words, count in zip(_classes(bounds), counts, strict=True)
    ]


def _access(weeks: int, at: datetime) -> dict[str, Any]:
    """Access in force now, and at this time of the days or weeks before."""
    step = DAY if weeks <= _DAILY_UP_TO else figures.WEEK
    begin = at - weeks * figures.WEEK
    marks = (at - begin) // step + 1
    counts = figures.grants_in_force(begin, step, marks)
    days = [begin + number * step for number in range(marks)]
    chart = charts.line_chart(
        [Series(_("%(number)s now") % {"number": counts[-1]}, "force", counts)],
        [_day(day) for day in days],
        write=lambda number: f"{number:.0f}",
    )
    a_week = figures.WEEK // step
    return {
        "force": chart if any(counts) else None,
        "force_table": list(zip(map(datetime.date, days), counts, strict=True))[::a_week],
    }


def _titled(tallies: Sequence[Tally]) -> list[Row]:
    titles = page_data.titles_of(tally.name for tally in tallies)
    return _rows(tallies, {name: title.title for name, title in titles.items()})


def _rows(tallies: Sequence[Tally], titles: dict[str, str] | None = None) -> list[Row]:
    most = max((tally.approved + tally.denied for tally in tallies), default=0)
    return [
        Row(
            tally.name,
            (titles or {}).get(tally.name, tally.name),
            [tally.approved, tally.denied],
            charts.shares([tally.approved, tally.denied], most),
        )
        for tally in tallies
    ]


def _classes(bounds: Sequence[timedelta]) -> list[str]:
    """The classes that the bounds make, in words."""
    said = [in_words(bound) for bound in bounds]
    return [
        _("less than %(length)s") % {"length": said[0]},
        *(
            _("%(low)s to %(high)s") % {"low": low, "high": high}
            for low, high in pairwise(said)
        ),
        _("%(length)s or more") % {"length": said[-1]},
    ]


def _words(seconds: float) -> str:
    """A length to the minute, or to the second below one."""
    unit = MINUTE if seconds >= MINUTE.total_seconds() else timedelta(seconds=1)
    return in_words(round(timedelta(seconds=seconds) / unit) * unit)


def _monday(at: datetime) -> datetime:
    day = at.astimezone(UTC).date()
    return datetime.combine(day - timedelta(days=day.weekday()), time(tzinfo=UTC))


def _day(moment: datetime) -> str:
    return dated(moment, pgettext("day", "j M"))
