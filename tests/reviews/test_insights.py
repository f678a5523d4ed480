"""The figures of the page of insights, against what was counted by hand."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from identity.models import Role
from requests_app.models import AccessRequest, Grant, RequestedRole
from requests_app.states import GrantState, RequestState
from reviews import figures, insights
from reviews.figures import Speed, Tally
from tests import deeds
from tests.cast import NOON

MINUTE, HOUR, DAY, WEEK = (
    timedelta(**{unit: 1}) for unit in ("minutes", "hours", "days", "weeks")
)
# NOON is a Monday: the week before began a week and twelve hours earlier.
BEGIN = datetime(2026, 2, 23, tzinfo=UTC)
END = BEGIN + 2 * WEEK
MIDNIGHT = BEGIN + WEEK


@pytest.fixture
def decided(bob):
    """`decided(MINUTE * 9)`: Bob asked for dba so long before `at`, and was approved then."""

    def decide(took, *, at=NOON, to=RequestState.APPROVED, roles=("dba",)):
        request = AccessRequest.objects.create(
            state=to,
            requester=bob,
            author=bob,
            roles=list(roles),
            judgement={"thresholds": [], "by_role": []},
            created_at=at - took,
            pending_expires_at=at + DAY,
            duration=HOUR,
            via="api",
            resolved_at=None if to == RequestState.PENDING else at,
        )
        for name in roles:
            RequestedRole.objects.create(request=request, name=name)
        return request

    return decide


@pytest.fixture
def granted(decided):
    """`granted(start, end)`: access to dba from the one to the other, perhaps closed before."""

    def grant(starts_at, ends_at, *, closed_at=None, state=GrantState.EXPIRED):
        return Grant.objects.create(
            request=(request := decided(HOUR, at=starts_at)),
            user=request.requester,
            role=Role.objects.get(name="dba"),
            state=state,
            starts_at=starts_at,
            ends_at=ends_at,
            closed_at=closed_at,
            warn_at=ends_at,
        )

    return grant


@pytest.mark.parametrize(
    ("minutes", "median", "ninth"),
    [
        ([7], 7, 7),
        ([1, 3], 2, 3),
        ([5, 1, 3], 3, 5),
        ([4, 1, 3, 2], 2.5, 4),
        (range(1, 11), 5.5, 9),
        (range(1, 12), 6, 10),
        (range(1, 21), 10.5, 18),
        ([2, 2, 2, 2], 2, 2),
    ],
)
def test_half_and_nine_in_ten(decided, minutes, median, ninth):
    for number in minutes:
        decided(number * MINUTE)

    whole, weeks = figures.times_to_decide(BEGIN, END)

    assert whole == Speed(len(minutes), median * 60, ninth * 60)
    assert weeks == {1: whole}


def test_each_week_is_counted_by_itself(decided):
    for minutes, at in (
        (10, MIDNIGHT - MINUTE),
        (20, BEGIN),
        (30, BEGIN + DAY),
        (40, BEGIN + DAY),
        (99, MIDNIGHT),
        (98, NOON),
        (97, NOON),
        (50, END),
    ):
        decided(minutes * MINUTE, at=at)
    decided(1 * MINUTE, at=BEGIN - timedelta(microseconds=1))

    whole, weeks = figures.times_to_decide(BEGIN, END)

    assert weeks == {0: Speed(4, 1500, 2400), 1: Speed(3, 5880, 5940)}
    assert whole == Speed(7, 2400, 5940)


def test_only_decisions_count(decided):
    for state in (RequestState.CANCELLED, RequestState.EXPIRED, RequestState.PENDING):
        decided(MINUTE, to=state)

    assert figures.times_to_decide(BEGIN, END) == (None, {})
    assert figures.decisions_by_length(BEGIN, END, [HOUR]) == [0, 0]
    assert figures.decisions_by_role(BEGIN, END) == []


def test_lengths_begin_with_their_bound(decided):
    for took in (timedelta(0), 5 * MINUTE - timedelta(milliseconds=1), 5 * MINUTE, HOUR, DAY):
        decided(took)

    assert figures.decisions_by_length(BEGIN, END, [5 * MINUTE, HOUR]) == [2, 1, 2]


def test_by_role(decided):
    for _ in range(3):
        decided(MINUTE, roles=("dba", "staging-db"))
    decided(MINUTE, to=RequestState.DENIED)
    decided(MINUTE, roles=("staging-web",), to=RequestState.DENIED, at=END)

    assert figures.decisions_by_role(BEGIN, END) == [
        Tally("dba", 3, 1),
        Tally("staging-db", 3, 0),
    ]


def test_those_with_the_most_decisions_are_named(decided):
    for number in range(12):
        for _ in range(number + 1):
            decided(MINUTE, roles=(f"role-{number}",))

    found = figures.decisions_by_role(BEGIN, END)

    assert [tally.approved for tally in found] == [12, 11, 10, 9, 8, 7, 6, 5, 4, 3]


def test_by_reviewer(bob, alice, ivan):
    first, second = deeds.ask(bob, "dba"), deeds.ask(bob, "staging-db")
    deeds.approve(first, alice)
    deeds.comment(first, ivan)
    deeds.deny(first, ivan)
    deeds.approve(second, alice)

    assert figures.decisions_by_reviewer(BEGIN, END) == [
        Tally("alice@example.com", 2, 0),
        Tally("ivan@example.com", 0, 1),
    ]
    assert figures.decisions_by_reviewer(BEGIN, NOON) == []


def test_what_waits_by_age(decided):
    for age in (0 * HOUR, HOUR - MINUTE, HOUR, 5 * HOUR, 23 * HOUR):
        decided(age, to=RequestState.PENDING)
    AccessRequest.objects.filter(created_at=NOON).update(pending_expires_at=NOON)

    assert figures.pending_by_age(NOON, [HOUR, 4 * HOUR]) == [1, 1, 2]


def test_access_in_force_is_what_the_clock_says(granted):
    granted(BEGIN - DAY, BEGIN)  # over as the first mark comes
    granted(BEGIN - DAY, BEGIN + MINUTE)
    granted(BEGIN, BEGIN + DAY)  # from the first mark to before the second
    granted(BEGIN + HOUR, BEGIN + 9 * DAY)
    granted(
        BEGIN + HOUR, BEGIN + 9 * DAY, closed_at=BEGIN + 30 * HOUR, state=GrantState.REVOKED
    )
    granted(BEGIN + 2 * DAY, BEGIN + 9 * DAY, closed_at=BEGIN + DAY, state=GrantState.ENDED)
    granted(BEGIN + 3 * DAY, BEGIN + 9 * DAY, state=GrantState.SCHEDULED)
    granted(BEGIN + 9 * DAY, BEGIN + 10 * DAY)

    found = figures.grants_in_force(BEGIN, DAY, 4)

    marks = [BEGIN + n * DAY for n in range(4)]
    assert found == [2, 2, 1, 2]
    assert found == [_counted_one_by_one(mark) for mark in marks]


def _counted_one_by_one(mark) -> int:
    return sum(
        grant.starts_at <= mark < min(grant.ends_at, grant.closed_at or grant.ends_at)
        for grant in Grant.objects.all()
    )


@pytest.mark.parametrize("weeks", insights.PERIODS)
def test_the_statements_are_as_many_however_much_there_is(decided, granted, auditor, weeks):
    def statements() -> int:
        from identity.selectors import subject_of

        subject = subject_of(auditor, at=NOON)
        with CaptureQueriesContext(connection) as found:
            insights.insights(subject, weeks=weeks, at=NOON)
        return len(found)

    decided(HOUR, roles=("role-0",))
    statements()
    few = statements()
    for number in range(1, 40):
        decided(number * HOUR, at=NOON - number * DAY, roles=(f"role-{number % 7}",))
        granted(NOON - number * DAY, NOON)

    assert statements() == few <= 9
