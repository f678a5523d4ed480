"""Every pair of states: what may become what (SEMANTICS 0), and that nobody gets around it."""

import pytest

from requests_app import lifecycle
from requests_app.models import AccessRequest, Grant
from requests_app.states import (
    GrantState,
    RequestState,
    can_move_grant,
    can_move_request,
)
from tests.cast import NOON
from tests.deeds import later
from tests.factories.requests_app import AccessRequestFactory, GrantFactory
from tests.witness import nothing_happens

REQUEST_MOVES = {
    ("PENDING", "APPROVED"),
    ("PENDING", "DENIED"),
    ("PENDING", "EXPIRED"),
    ("PENDING", "CANCELLED"),
}
# What was scheduled and is over has begun in between, or was revoked then (SEMANTICS 7.4).
GRANT_MOVES = {
    ("SCHEDULED", "ACTIVE"),
    ("SCHEDULED", "ENDED"),
    ("SCHEDULED", "REVOKED"),
    ("ACTIVE", "EXPIRED"),
    ("ACTIVE", "ENDED"),
    ("ACTIVE", "REVOKED"),
}
REQUEST_PAIRS = [(before, after) for before in RequestState for after in RequestState]
GRANT_PAIRS = [(before, after) for before in GrantState for after in GrantState]

MOVE_GRANT = {
    GrantState.ACTIVE: lifecycle.start,
    GrantState.EXPIRED: lifecycle.expire,
    GrantState.ENDED: lambda grant: lifecycle.end(grant, reason="", at=NOON),
    GrantState.REVOKED: lambda grant: lifecycle.revoke(grant, reason="a leak", at=NOON),
}


def test_the_states_are_those_that_the_product_speaks_of():
    assert {str(state) for state in RequestState} == {
        "PENDING",
        "APPROVED",
        "DENIED",
        "EXPIRED",
        "CANCELLED",
    }
    assert {str(state) for state in GrantState} == {
        "SCHEDULED",
        "ACTIVE",
        "EXPIRED",
        "ENDED",
        "REVOKED",
    }


@pytest.mark.parametrize(("before", "after"), REQUEST_PAIRS)
def test_the_table_of_requests(before, after):
    assert can_move_request(before, after) == ((before, after) in REQUEST_MOVES)


@pytest.mark.parametrize(("before", "after"), GRANT_PAIRS)
def test_the_table_of_grants(before, after):
    assert can_move_grant(before, after) == ((before, after) in GRANT_MOVES)


@pytest.mark.parametrize(
    ("before", "after"), [pair for pair in REQUEST_PAIRS if pair[1] != RequestState.PENDING]
)
def test_a_request_moves_along_the_table_only(before, after, everybody):
    request = in_state(before)

    if (before, after) in REQUEST_MOVES:
        lifecycle.resolve(request, after, reason="decided", at=later(hours=1))
        request.refresh_from_db()
        assert request.state == after
        assert request.resolved_at == later(hours=1)
        assert request.resolve_reason == "decided"
    else:
        with (
            nothing_happens(),
            pytest.raises(lifecycle.AlreadyResolved, match=f"is {before} already"),
        ):
            lifecycle.resolve(request, after, reason="again", at=later(hours=1))


@pytest.mark.parametrize(
    ("before", "after"), [pair for pair in GRANT_PAIRS if pair[1] != GrantState.SCHEDULED]
)
def test_a_grant_moves_along_the_table_only(before, after, db):
    grant = GrantFactory(**{str(before).lower(): True} if before != GrantState.ACTIVE else {})

    if (before, after) in GRANT_MOVES:
        MOVE_GRANT[after](grant)
        grant.refresh_from_db()
        assert grant.state == after
        assert (grant.closed_at is not None) == (
            after in {GrantState.ENDED, GrantState.REVOKED}
        )
    else:
        with nothing_happens(), pytest.raises(lifecycle.WrongState):
            MOVE_GRANT[after](grant)


def test_r7_3_waiting_ends_by_the_clock(db):
    request = AccessRequestFactory(pending_expires_at=later(hours=1))

    assert request.state_at(later(hours=1, microseconds=-1)) == RequestState.PENDING
    assert request.state_at(later(hours=1)) == RequestState.EXPIRED
    assert_listed_as(request, RequestState.EXPIRED, at=later(hours=1))


@pytest.mark.parametrize("state", [s for s in RequestState if s != RequestState.PENDING])
def test_r7_3_what_is_resolved_is_not_expired_by_the_clock(state, db):
    request = in_state(state)

    assert request.state_at(later(days=365)) == state
    assert_listed_as(request, state, at=later(days=365))


def test_r8_2_an_extension_is_cancelled_from_the_end_of_its_grant(db):
    grant = GrantFactory()
    extension = AccessRequestFactory(extends=grant, requester=grant.user)
    over = grant.ends_at

    assert extension.state_at(over.replace(hour=over.hour - 1)) == RequestState.PENDING
    assert extension.state_at(over) == RequestState.CANCELLED
    assert_listed_as(extension, RequestState.CANCELLED, at=over)


def test_r7_5_a_grant_ends_by_the_clock_whatever_was_written(db):
    active, scheduled = GrantFactory(), GrantFactory(scheduled=True)

    assert active.state_at(active.ends_at) == GrantState.EXPIRED
    assert scheduled.state_at(scheduled.ends_at) == GrantState.EXPIRED
    assert not active.is_over(later(hours=8, microseconds=-1))
    assert_grant_listed_as(active, GrantState.EXPIRED, at=active.ends_at)


@pytest.mark.parametrize("state", [GrantState.ENDED, GrantState.REVOKED])
def test_r7_5_who_closed_a_grant_is_not_forgotten_when_its_time_comes(state, db):
    grant = GrantFactory(**{str(state).lower(): True})

    assert grant.state_at(later(days=365)) == state
    assert_grant_listed_as(grant, state, at=later(days=365))


def in_state(state):
    trait = {str(state).lower(): True} if state != RequestState.PENDING else {}
    return AccessRequestFactory(**trait)


def assert_listed_as(request, state, *, at):
    """The queries see the same state as the row in hand."""
    found = {s for s in RequestState if AccessRequest.objects.in_state(s, at).contains(request)}
    assert found == {state}


def assert_grant_listed_as(grant, state, *, at):
    found = {s for s in GrantState if Grant.objects.in_state(s, at).contains(grant)}
    assert found == {state}
