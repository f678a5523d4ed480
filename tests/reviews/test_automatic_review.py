"""Workflows that review by themselves: what one allows, its bot approves, as any reviewer would."""

import pytest

from accessplane.lib import addresses
from audit import services as audit
from audit.models import AuditEvent, Delivery
from requests_app.services import timekeeping
from reviews.models import Review
from reviews.services import automation
from tests import cast
from tests.cast import NOON, person, role
from tests.deeds import approve, ask, cancel, comment, deny, has_access, later, review
from tests.reviews.workflows import bot, check_of, report, webhook, work, workflow
from tests.witness import event_types, nothing_happens

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

YES = {"engine": "expression", "expression": "request.reason != ''"}
NO = {"engine": "expression", "expression": "request.reason == ''"}
SORRY = "robo@example.com may not review this request."


@pytest.fixture
def robo(everybody):
    """A bot that may review what Alice may."""
    return bot("robo", "dba-reviewer", "engineering")


def fast_lane(**spec) -> None:
    workflow(**{"review": True, "bot": "robo@example.com", **YES, **spec})


def told(at=NOON) -> None:
    """What happened is told to whom it concerns."""
    audit.drain(at=at)


def test_what_it_allows_its_bot_approves(bob, robo):
    fast_lane()
    request = ask(bob, "staging-db", reason="T-1")

    told()

    request.refresh_from_db()
    assert request.state == "APPROVED"
    (approval,) = Review.objects.all()
    assert (approval.reviewer, approval.decision, approval.via) == (robo, "APPROVE", "system")
    assert approval.reason == request.resolve_reason == "The workflow ticket allows it."
    assert has_access(bob, "staging-db")
    assert event_types() == [
        "access_request.created",
        "access_request.checked",
        "access_request.reviewed",
        "access_request.approved",
        "grant.started",
    ]
    reviewed = AuditEvent.objects.get(type="access_request.reviewed")
    assert (reviewed.actor_kind, reviewed.actor_name) == ("bot", "robo@example.com")


def test_it_counts_as_one_person(bob, robo, alice):
    """dba takes two approvals, and the bot is one of them."""
    fast_lane()
    request = ask(bob, reason="T-1")
    told()
    request.refresh_from_db()
    assert request.state == "PENDING"

    approve(request, alice)

    request.refresh_from_db()
    assert request.state == "APPROVED"


def test_it_meets_filters_as_that_user_would(bob, robo):
    terms = {
        "roles": ["dba"],
        "thresholds": [
            {"filter": 'contains(reviewer.traits["kind"], "trusted")', "approve": 1},
            {"filter": 'contains(review.annotations["ticket"], "open")', "approve": 1},
        ],
    }
    cast.apply(role("developer", allow={"request": terms}))
    fast_lane()
    request = ask(bob, reason="T-1")
    told()
    request.refresh_from_db()
    assert (request.state, Review.objects.get().met) == ("PENDING", [])

    cancel(request, bob)
    more = {"roles": ["dba-reviewer"], "bot": True, "owner": "mallory@example.com"}
    cast.apply(person("robo", traits={"kind": ["trusted"]}, **more))
    again = ask(bob, reason="T-1")
    told()
    again.refresh_from_db()
    assert again.state == "APPROVED"


def test_the_annotations_of_the_verdict_are_the_reviews(bob, robo, httpserver, settings):
    settings.ACCESSPLANE_OUTBOUND_ALLOW = addresses.allowed(["localhost"])
    said = {"verdict": "ALLOW", "reason": "T-1 is open", "annotations": {"ticket": ["open"]}}
    httpserver.expect_request("/check").respond_with_json(said)
    terms = {
        "roles": ["dba"],
        "thresholds": [
            {"filter": 'contains(review.annotations["ticket"], "open")', "approve": 1}
        ],
    }
    cast.apply(role("developer", allow={"request": terms}))
    webhook(httpserver.url_for("/check"), review=True, bot="robo@example.com")
    request = ask(bob)
    told()
    assert not Review.objects.exists()

    work(NOON)
    told()

    request.refresh_from_db()
    assert (request.state, request.resolve_reason) == ("APPROVED", "T-1 is open")
    assert Review.objects.get().annotations == {"ticket": ["open"]}


def test_a_bot_that_reports_its_verdict_reviews_too(bob, robo):
    fast_lane(engine="bot", expression="")
    request = ask(bob, "staging-db")

    report(request, robo, "ALLOW", reason="T-1 is open")
    told()

    request.refresh_from_db()
    assert (request.state, request.resolve_reason) == ("APPROVED", "T-1 is open")


def test_what_is_false_abstains(bob, robo, alice):
    fast_lane(**NO)
    request = ask(bob, "staging-db", reason="T-1")
    told()

    request.refresh_from_db()
    assert (request.state, check_of(request).state) == ("PENDING", "SKIPPED")
    assert not Review.objects.exists()
    approve(request, alice)
    request.refresh_from_db()
    assert request.state == "APPROVED"


@pytest.mark.parametrize("verdict", ["DENY", "ABSTAIN"])
def test_no_other_verdict_is_a_review(bob, robo, verdict):
    fast_lane(engine="bot", expression="")
    request = ask(bob, "staging-db")

    report(request, robo, verdict)
    told()

    assert not Review.objects.exists()


def test_a_workflow_that_does_not_review_reviews_nothing(bob, robo):
    workflow(engine="bot", bot="robo@example.com")
    request = ask(bob, "staging-db")

    report(request, robo, "ALLOW")
    told()

    request.refresh_from_db()
    assert request.state == "PENDING"
    assert not Review.objects.exists()


def test_people_may_still_deny(bob, robo, alice):
    fast_lane()
    request = ask(bob, reason="T-1")
    told()

    deny(request, alice)

    request.refresh_from_db()
    assert request.state == "DENIED"


# --- who may not --------------------------------------------------------------------------------


def not_reviewed(request) -> bool:
    """Nothing is approved, and the check says why."""
    request.refresh_from_db()
    check = check_of(request)
    return (
        request.state == "PENDING"
        and not request.reviews.exists()
        and (check.state, check.problem) == ("PASSED", SORRY)
    )


def test_a_bot_without_the_right_approves_nothing(bob, everybody):
    bot("robo")
    fast_lane()
    request = ask(bob, "staging-db", reason="T-1")

    told()

    assert not_reviewed(request)
    assert not has_access(bob, "staging-db")


def test_nor_one_that_is_not_active(bob, robo):
    fast_lane()
    more = {"bot": True, "owner": "mallory@example.com", "active": False}
    cast.apply(person("robo", roles=["engineering"], **more))
    request = ask(bob, "staging-db", reason="T-1")

    told()

    assert not_reviewed(request)


def test_nor_one_that_has_become_a_person(bob, robo):
    fast_lane()
    request = ask(bob, "staging-db", reason="T-1")
    cast.apply(person("robo", roles=["engineering"]))

    told()

    assert not_reviewed(request)


def test_r5_1_never_its_own_request(everybody):
    robo = bot("robo", "engineering")
    fast_lane()
    request = ask(robo, "staging-db", reason="T-1")

    told()

    assert not_reviewed(request)


def test_r5_1_never_that_of_its_owner(bob, everybody):
    bot("robo", "engineering", owner="bob")
    fast_lane()
    request = ask(bob, "staging-db", reason="T-1")

    told()

    assert not_reviewed(request)


def test_the_right_is_that_of_the_moment(bob, robo):
    fast_lane()
    request = ask(bob, "staging-db", reason="T-1")
    more = {"bot": True, "owner": "mallory@example.com"}
    cast.apply(person("robo", **more))

    told()

    assert not_reviewed(request)


# --- again, and too late ------------------------------------------------------------------------


def test_told_twice_it_reviews_once(bob, robo):
    fast_lane()
    request = ask(bob, reason="T-1")
    told()
    Delivery.objects.update(state=Delivery.State.DUE, next_at=NOON)

    told()
    with nothing_happens():
        automation.approve_for(check_id=check_of(request).pk, at=NOON)

    assert request.reviews.count() == 1
    assert check_of(request).problem == ""
    assert not Delivery.objects.exclude(state=Delivery.State.DONE).exists()


def test_a_bot_that_has_reviewed_by_hand_is_not_asked_again(bob, robo):
    fast_lane()
    request = ask(bob, reason="T-1")
    review(request, robo, "DENY")

    told()

    assert [r.decision for r in request.reviews.all()] == ["DENY"]


def test_a_remark_is_no_review(bob, robo):
    fast_lane()
    request = ask(bob, reason="T-1")
    comment(request, robo, reason="looking")

    told()

    assert [r.decision for r in request.reviews.order_by("number")] == ["COMMENT", "APPROVE"]


def test_what_is_told_too_late_changes_nothing(bob, robo):
    """The request is overdue by the clock, cancelled, or denied, before the delivery comes."""
    fast_lane()
    overdue = ask(bob, "staging-db", reason="T-1")
    cancelled = ask(bob, "staging-web", reason="T-1")
    cancel(cancelled, bob)
    over = overdue.pending_expires_at

    automation.approve_for(check_id=check_of(overdue).pk, at=over)
    automation.approve_for(check_id=check_of(cancelled).pk, at=later(minutes=1))
    timekeeping.expire_requests(at=over)
    automation.approve_for(check_id=check_of(overdue).pk, at=over)

    assert not Review.objects.exists()
    assert check_of(overdue).problem == ""
    assert not has_access(bob, "staging-db", at=over)


def test_the_review_is_that_of_the_frozen_document(bob, robo):
    fast_lane()
    request = ask(bob, "staging-db", reason="T-1")
    workflow(**NO)

    told()

    request.refresh_from_db()
    assert request.state == "APPROVED"
