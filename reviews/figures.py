"""How deciding goes: figures that the database counts, a statement for each chart."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, DateTimeField, F, IntegerField, Q, QuerySet, Value, Window
from django.db.models.functions import Coalesce, Greatest, Least, RowNumber

from accessplane.lib.spans import Seconds, mark_after, span_of
from requests_app.models import AccessRequest, Grant, RequestedRole
from requests_app.models.request import pending_at
from requests_app.states import RequestState
from reviews.models import Review
from reviews.thresholds import Decision

WEEK = timedelta(weeks=1)
MOST_ROWS = 10

Bounds = Sequence[timedelta]


@dataclass(frozen=True, slots=True)
class Speed:
    """How long decisions took: half of `count` at most `median` seconds, nine in ten `ninth`."""

    count: int
    median: float
    ninth: float


@dataclass(frozen=True, slots=True)
class Tally:
    """How often somebody, or for a role, was approved and denied."""

    name: str
    approved: int
    denied: int


def times_to_decide(begin: datetime, end: datetime) -> tuple[Speed | None, dict[int, Speed]]:
    """The speed of the whole period, and of each of its weeks in which something was decided.

    A decision is an approval or a denial, by people or checks; it counts in the week in which it
    was made. The median of an even number is the mean of the two in the middle, the ninth decile
    is the smallest length that nine in ten do not exceed.
    """
    ranked = _decided(begin, end).annotate(
        seconds=Seconds("created_at", "resolved_at"),
        week=span_of("resolved_at", begin=begin, step=WEEK),
        **_ranks("", partition_by=[F("week")]),
        **_ranks("all_", partition_by=None),
    )
    # `middle` is 0, 1 or 2 on the one or two rows in the middle, `ninth` 0 to 9 on that row.
    wanted = Q(middle__range=(0, 2)) | Q(ninth__range=(0, 9))
    wanted |= Q(all_middle__range=(0, 2)) | Q(all_ninth__range=(0, 9))
    rows = list(
        ranked.filter(wanted).values(
            "week", "seconds", "size", "middle", "ninth", "all_size", "all_middle", "all_ninth"
        )
    )
    weeks = {
        week: _speed([row for row in rows if row["week"] == week], "")
        for week in {row["week"] for row in rows}
    }
    return (_speed(rows, "all_") if rows else None), weeks


def decisions_by_length(begin: datetime, end: datetime, bounds: Bounds) -> list[int]:
    """How many decisions took less than each of these ascending lengths and not less than the one
    before; the last number is those that took longer than all."""
    decided = _decided(begin, end).annotate(seconds=Seconds("created_at", "resolved_at"))
    return _counted(decided, "seconds", [bound.total_seconds() for bound in bounds])


def decisions_by_role(begin: datetime, end: datetime) -> list[Tally]:
    """The roles that were decided on most; a request for several counts for each of them."""
    asked = RequestedRole.objects.filter(request__in=_decided(begin, end))
    approved = Count("pk", filter=Q(request__state=RequestState.APPROVED))
    denied = Count("pk", filter=Q(request__state=RequestState.DENIED))
    return _tallies(asked, "name", approved, denied)


def decisions_by_reviewer(begin: datetime, end: datetime) -> list[Tally]:
    """The people who reviewed most; comments aside."""
    made = Review.objects.filter(created_at__gte=begin, created_at__lt=end)
    approved = Count("pk", filter=Q(decision=Decision.APPROVE))
    denied = Count("pk", filter=Q(decision=Decision.DENY))
    counting = made.exclude(decision=Decision.COMMENT)
    return _tallies(counting, "reviewer__email", approved, denied)


def pending_by_age(at: datetime, bounds: Bounds) -> list[int]:
    """How many requests wait, by how long they have waited; as `decisions_by_length`."""
    now = Value(at, output_field=DateTimeField())
    waiting = AccessRequest.objects.filter(pending_at(at)).annotate(
        age=Seconds(F("created_at"), now)
    )
    return _counted(waiting, "age", [bound.total_seconds() for bound in bounds])


def grants_in_force(begin: datetime, step: timedelta, marks: int) -> list[int]:
    """How many grants gave access at `begin`, one `step` later, and so on, `marks` times."""
    end = begin + step * (marks - 1)
    lasting = Grant.objects.annotate(
        until=Least("ends_at", Coalesce("closed_at", "ends_at"))
    ).filter(Q(until__gt=begin), starts_at__lte=end, until__gt=F("starts_at"))
    changes = _at_marks(lasting, "starts_at", 1, begin, step).union(
        _at_marks(lasting, "until", -1, begin, step), all=True
    )
    by_mark = [0] * marks
    for mark, sign, count in changes:
        if mark < marks:
            by_mark[mark] += sign * count
    return [sum(by_mark[: mark + 1]) for mark in range(marks)]


def _decided(begin: datetime, end: datetime) -> "QuerySet[AccessRequest]":
    return AccessRequest.objects.filter(
        state__in=[RequestState.APPROVED, RequestState.DENIED],
        resolved_at__gte=begin,
        resolved_at__lt=end,
    )


def _ranks(prefix: str, *, partition_by: Any) -> dict[str, Any]:
    """How far each row is from the middle of its like, and from where nine in ten end."""
    place = Window(RowNumber(), partition_by=partition_by, order_by=[F("seconds"), F("pk")])
    size = Window(Count("pk"), partition_by=partition_by)
    return {
        f"{prefix}size": size,
        f"{prefix}middle": place * 2 - size,
        f"{prefix}ninth": place * 10 - size * 9,
    }


def _speed(rows: Sequence[Mapping[str, Any]], prefix: str) -> Speed:
    middle = [row["seconds"] for row in rows if row[f"{prefix}middle"] in range(3)]
    (ninth,) = (row["seconds"] for row in rows if row[f"{prefix}ninth"] in range(10))
    return Speed(rows[0][f"{prefix}size"], sum(middle) / len(middle), ninth)


def _counted(rows: "QuerySet[Any]", field: str, bounds: Sequence[float]) -> list[int]:
    counts = {}
    for number, (low, high) in enumerate(zip([None, *bounds], [*bounds, None], strict=True)):
        within = Q() if low is None else Q(**{f"{field}__gte": low})
        within &= Q() if high is None else Q(**{f"{field}__lt": high})
        counts[f"in_{number}"] = Count("pk", filter=within)
    found = rows.aggregate(**counts)
    return [found[name] for name in counts]


def _tallies(rows: "QuerySet[Any]", name: str, approved: Count, denied: Count) -> list[Tally]:
    counted = rows.values_list(name).annotate(approved=approved, denied=denied, all=Count("pk"))
    return [
        Tally(*row)
        for row in counted.order_by("-all", name).values_list(name, "approved", "denied")[
            :MOST_ROWS
        ]
    ]


def _at_marks(
    grants: "QuerySet[Grant]", field: str, sign: int, begin: datetime, step: timedelta
) -> "QuerySet[Any, Any]":
    """At which marks they begin to count, or no longer count, and how many do."""
    after = mark_after(field, begin=begin, step=step)
    mark = Greatest(after, Value(0), output_field=IntegerField())
    return (
        grants.annotate(mark=mark, sign=Value(sign, output_field=IntegerField()))
        .values("mark", "sign")
        .annotate(count=Count("pk"))
        .values_list("mark", "sign", "count")
        .order_by()
    )
