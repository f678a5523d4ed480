"""submit_review refuses in one order, and then nothing has changed (SEMANTICS 6.1)."""

import pytest

from accessplane.lib.errors import InvalidInput, NotFound
from requests_app import lifecycle, planning, windows
from requests_app.services import timekeeping
from reviews import eligibility
from reviews.services import reviewing
from tests.deeds import (
    approve,
    ask,
    cancel,
    comment,
    deny,
    force,
    granted_dba,
    later,
    review,
)
from tests.factories.identity import RoleFactory, UserFactory
from tests.witness import nothing_happens


def reviewer_of_dba():
    """Somebody more who may review dba, and has not yet."""
    judge = RoleFactory(spec={"allow": {"review_requests": {"roles": ["dba"]}}})
    return UserFactory(holding=[judge])


# Each story has every fault from some point on; what is told is the first of them.
WRONG_SHAPE = [
    ({"reason": "x" * 4097}, planning.ReasonTooLong),
    ({"annotations": {"ticket": ["1"]}}, InvalidInput),
]


@pytest.fixture
def everything_is_wrong(bob, alice, ivan):
    """Bob's request was denied; Alice reviewed it. Whoever comes now comes too late."""
    request = ask(bob)
    approve(request, alice)
    deny(request, ivan)
    return request


LONG_AGO = {"start_time": later(days=-1)}


@pytest.mark.parametrize(("fault", "refusal"), WRONG_SHAPE)
def test_r6_1_first_the_shape(everything_is_wrong, mallory, fault, refusal):
    with nothing_happens(), pytest.raises(refusal):
        approve(everything_is_wrong, mallory, **LONG_AGO, **fault)


@pytest.mark.parametrize("decision", ["DENY", "COMMENT"])
def test_r6_1_a_start_time_beside_another_decision_is_a_matter_of_shape(
    everything_is_wrong, mallory, decision
):
    with nothing_happens(), pytest.raises(InvalidInput) as refusal:
        review(everything_is_wrong, mallory, decision, start_time=later(days=30))

    assert (refusal.value.code, list(refusal.value.errors)) == ("invalid_input", ["start_time"])


@pytest.mark.parametrize("say", [approve, deny, comment])
def test_r6_1_then_visible(everything_is_wrong, mallory, say):
    with nothing_happens(), pytest.raises(NotFound):
        say(everything_is_wrong, mallory)


def test_r6_1_then_own_before_any_right(everything_is_wrong, bob):
    with nothing_happens(), pytest.raises(eligibility.OwnRequest):
        approve(everything_is_wrong, bob, **LONG_AGO)


def test_r6_1_then_the_right(everything_is_wrong, auditor):
    with nothing_happens(), pytest.raises(eligibility.NotPermittedToReview):
        approve(everything_is_wrong, auditor, **LONG_AGO)


def test_r6_1_then_once_a_person(everything_is_wrong, alice):
    with nothing_happens(), pytest.raises(reviewing.AlreadyReviewed):
        approve(everything_is_wrong, alice, **LONG_AGO)


def test_r6_1_then_pending(everything_is_wrong):
    somebody = reviewer_of_dba()

    with nothing_happens(), pytest.raises(lifecycle.AlreadyResolved, match="DENIED"):
        approve(everything_is_wrong, somebody, **LONG_AGO)


@pytest.mark.parametrize(
    ("start", "refusal"),
    [
        (later(seconds=-61), windows.StartTimeInPast),
        (later(days=7, seconds=1), windows.StartTimeTooFar),
    ],
)
def test_r6_1_then_the_start_time(bob, alice, start, refusal):
    request = ask(bob)

    with nothing_happens(), pytest.raises(refusal):
        approve(request, alice, start_time=start)


@pytest.mark.parametrize("start", [later(seconds=-60), later(days=7)])
def test_r7_4_a_start_a_minute_ago_or_in_seven_days_is_allowed(bob, alice, ivan, start, noon):
    request = ask(bob)
    approve(request, ivan)

    approve(request, alice, start_time=start)

    assert request.grants.get().starts_at == max(start, noon)


def test_nobody_judges_twice_with_another_mind(bob, alice):
    request = ask(bob)
    approve(request, alice)

    with nothing_happens(), pytest.raises(reviewing.AlreadyReviewed):
        deny(request, alice)


@pytest.mark.parametrize("settle", ["approved", "denied", "cancelled", "expired", "forced"])
@pytest.mark.parametrize("say", [approve, deny, comment])
def test_r6_1_what_is_settled_is_settled_for_every_word(bob, alice, ivan, dana, settle, say):
    request = ask(bob)
    {
        "approved": lambda: [approve(request, alice), approve(request, ivan)],
        "denied": lambda: deny(request, alice),
        "cancelled": lambda: cancel(request, bob),
        "expired": lambda: timekeeping.expire_requests(at=request.pending_expires_at),
        "forced": lambda: force(request, dana, "APPROVED"),
    }[settle]()
    somebody = reviewer_of_dba()

    with nothing_happens(), pytest.raises(lifecycle.AlreadyResolved):
        say(request, somebody)


@pytest.mark.parametrize("say", [approve, deny, comment])
def test_r7_3_from_the_moment_it_expires_it_is_expired_though_no_job_has_run(bob, alice, say):
    request = ask(bob)

    with nothing_happens(), pytest.raises(lifecycle.AlreadyResolved, match="EXPIRED"):
        say(request, alice, at=request.pending_expires_at)


def test_r8_2_an_extension_of_a_grant_that_is_over_is_not_reviewed(bob, alice, ivan):
    grant = granted_dba(bob)
    extension = ask(bob, "dba", extends=grant)

    with nothing_happens(), pytest.raises(lifecycle.AlreadyResolved, match="CANCELLED"):
        approve(extension, alice, at=grant.ends_at)
