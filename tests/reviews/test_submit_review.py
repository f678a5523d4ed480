"""submit_review: what a review does (SEMANTICS 6)."""

import pytest
from django.db import IntegrityError, transaction

from audit.models import AuditEvent
from reviews.models import Review
from tests.cast import apply, person, role
from tests.deeds import (
    approve,
    ask,
    comment,
    deny,
    has_access,
    later,
)
from tests.witness import event_types

CREATED, REVIEWED = "access_request.created", "access_request.reviewed"
APPROVED, DENIED = "access_request.approved", "access_request.denied"


def state_of(request):
    request.refresh_from_db()
    return request.state


def test_two_approvals_become_access(bob, alice, ivan, noon):
    request = ask(bob, reason="ticket #1")

    approve(request, alice, reason="fine")
    assert state_of(request) == "PENDING"
    assert not has_access(bob)

    approve(request, ivan, reason="go ahead", at=later(hours=1))
    assert state_of(request) == "APPROVED"
    assert request.resolve_reason == "go ahead"
    assert request.resolved_at == later(hours=1)
    grant = request.grants.get()
    assert (grant.starts_at, grant.ends_at) == (later(hours=1), later(hours=9))
    assert has_access(bob, at=later(hours=1))
    assert event_types() == [CREATED, REVIEWED, REVIEWED, APPROVED, "grant.started"]


def test_one_denial_ends_it(bob, alice, ivan):
    request = ask(bob)
    approve(request, alice)

    deny(request, ivan, reason="not today")

    assert state_of(request) == "DENIED"
    assert request.resolve_reason == "not today"
    assert not request.grants.exists()
    assert event_types() == [CREATED, REVIEWED, REVIEWED, DENIED]


def test_a_review_is_recorded_as_it_was_made(bob, alice, noon):
    request = ask(bob)

    made = approve(request, alice, reason="fine", at=later(minutes=5))

    made.refresh_from_db()
    assert (made.number, made.decision, made.reason) == (1, "APPROVE", "fine")
    assert (made.reviewer, made.created_at, made.via) == (alice, later(minutes=5), "cli")
    told = AuditEvent.objects.get(type=REVIEWED)
    assert (told.actor_name, told.about_id) == (alice.email, request.pk)
    assert told.data == {
        "review": str(made.pk),
        "reviewer": alice.email,
        "decision": "APPROVE",
        "reason": "fine",
        "start_time": None,
        "annotations": {},
    }


def test_r6_1_whoever_sees_a_request_may_remark_on_it_and_that_counts_for_nothing(
    bob, alice, auditor
):
    request = ask(bob)

    for who in (bob, auditor, alice, alice):
        comment(request, who, reason="hm")

    assert state_of(request) == "PENDING"
    assert list(request.reviews.values_list("decision", "met")) == [("COMMENT", [])] * 4
    approve(request, alice)  # a remark is no review


def test_r6_2_what_a_review_meets_is_not_computed_again(bob, alice, ivan):
    apply(
        role(
            "developer",
            allow={
                "request": {
                    "roles": ["dba"],
                    "thresholds": [
                        {
                            "filter": 'contains(reviewer.traits["team"], "databases")',
                            "approve": 2,
                        }
                    ],
                }
            },
        )
    )
    request = ask(bob)
    approve(request, alice)
    apply(person("alice", roles=["dba-reviewer"], traits={"team": ["payments"]}))

    approve(request, ivan)

    assert state_of(request) == "APPROVED"


def test_r6_2_a_review_that_meets_no_threshold_is_stored_and_moves_nothing(bob, alice, ivan):
    thresholds = [{"filter": 'contains(reviewer.traits["team"], "security")', "approve": 1}]
    apply(role("developer", allow={"request": {"roles": ["dba"], "thresholds": thresholds}}))
    request = ask(bob)

    approve(request, alice)
    deny(request, ivan)

    assert state_of(request) == "PENDING"
    assert [one.met for one in request.reviews.order_by("number")] == [[], []]


def test_r4_frozen_a_later_edit_of_the_role_does_not_loosen_a_pending_request(bob, alice):
    request = ask(bob)
    loose = [{"name": "anybody", "approve": 1}]
    apply(role("developer", allow={"request": {"roles": ["dba"], "thresholds": loose}}))

    approve(request, alice)

    assert state_of(request) == "PENDING"


def test_r6_6_the_last_start_time_that_was_given_wins(bob, alice, ivan, noon):
    request = ask(bob, start_time=later(hours=1))
    approve(request, alice, start_time=later(hours=2))
    approve(request, ivan, start_time=later(hours=3))

    grant = request.grants.get()
    assert (grant.state, grant.starts_at) == ("SCHEDULED", later(hours=3))
    assert event_types()[-1] == "grant.scheduled"


def test_r6_6_an_approval_without_a_start_time_leaves_the_one_that_was_given(bob, alice, ivan):
    request = ask(bob)
    approve(request, alice, start_time=later(hours=2))
    approve(request, ivan)

    assert request.grants.get().starts_at == later(hours=2)


def test_a_bots_review_carries_annotations_that_filters_see(bob, alice, robot):
    thresholds = [{"filter": 'contains(review.annotations["risk"], "low")', "approve": 1}]
    apply(
        role("developer", allow={"request": {"roles": ["dba"], "thresholds": thresholds}}),
        person("robot", roles=["dba-reviewer"], bot=True),
    )
    request = ask(bob)
    approve(request, alice)
    assert state_of(request) == "PENDING"

    robot.refresh_from_db()
    approve(request, robot, annotations={"risk": ["low"]})

    assert state_of(request) == "APPROVED"


def test_the_database_too_takes_one_review_per_person(bob, alice):
    """Whatever way a second one might come, past every use case."""
    made = approve(ask(bob), alice)
    made.pk, made.number = None, 2

    with pytest.raises(IntegrityError), transaction.atomic():
        Review.objects.bulk_create([Review(**_fields(made))])


def _fields(made):
    names = [field.attname for field in Review._meta.fields if not field.primary_key]
    return {name: getattr(made, name) for name in names}
