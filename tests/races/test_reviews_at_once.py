"""SEMANTICS 6.5: two at the same moment are as if one came after the other."""

from functools import partial

import pytest

from audit.models import AuditEvent
from requests_app.models import Grant
from requests_app.services import timekeeping
from tests.deeds import approve, ask, cancel, deny, force, later
from tests.races.at_once import at_once, refusals

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


def ends_of(request):
    """The types of the events that tell of the request's end."""
    told = AuditEvent.objects.filter(about_id=request.pk, type__startswith="access_request.")
    kinds = told.order_by("pk").values_list("type", flat=True)
    return [kind for kind in kinds if kind not in (CREATED, REVIEWED)]


CREATED, REVIEWED = "access_request.created", "access_request.reviewed"


def test_r6_5_two_approvals_at_once_resolve_once(bob, alice, ivan, rounds):
    for at in rounds:
        request = ask(bob, "dba", "staging-db", at=at)

        results = at_once(
            partial(approve, request, alice, at=at), partial(approve, request, ivan, at=at)
        )

        request.refresh_from_db()
        assert refusals(results) == []
        assert request.state == "APPROVED"
        assert ends_of(request) == ["access_request.approved"]
        assert sorted(request.grants.values_list("role__name", flat=True)) == [
            "dba",
            "staging-db",
        ]
        assert sorted(request.reviews.values_list("number", flat=True)) == [1, 2]


def test_r6_5_where_one_is_enough_the_other_comes_too_late(bob, alice, ivan, rounds):
    for at in rounds:
        request = ask(bob, "staging-db", at=at)

        results = at_once(
            partial(approve, request, alice, at=at), partial(deny, request, ivan, at=at)
        )

        request.refresh_from_db()
        assert refusals(results) == ["already_resolved"]
        assert request.reviews.count() == 1
        decision = request.reviews.get().decision
        assert request.state == {"APPROVE": "APPROVED", "DENY": "DENIED"}[decision]
        assert request.grants.count() == (1 if decision == "APPROVE" else 0)
        assert len(ends_of(request)) == 1


def test_one_reviewer_pressing_twice_reviews_once(bob, alice, rounds):
    for at in rounds:
        request = ask(bob, "dba", at=at)

        results = at_once(*[partial(approve, request, alice, at=at)] * 3)

        request.refresh_from_db()
        assert refusals(results) == ["already_reviewed", "already_reviewed"]
        assert request.state == "PENDING"
        assert request.reviews.count() == 1


def test_a_review_and_a_cancellation_at_once(bob, alice, rounds):
    for at in rounds:
        request = ask(bob, "staging-db", at=at)

        results = at_once(
            partial(approve, request, alice, at=at), partial(cancel, request, bob, at=at)
        )

        request.refresh_from_db()
        assert refusals(results) == ["already_resolved"]
        assert request.state in {"APPROVED", "CANCELLED"}
        assert request.grants.exists() == (request.state == "APPROVED")
        assert ends_of(request) == [f"access_request.{request.state.lower()}"]


def test_a_review_and_the_expiry_job_at_once(bob, alice, rounds):
    """The review read the clock a second before the end, the job at the end."""
    for at in rounds:
        request = ask(bob, "staging-db", at=at)
        over = request.pending_expires_at

        results = at_once(
            partial(approve, request, alice, at=later(of=over, seconds=-1)),
            partial(timekeeping.expire_requests, at=over),
        )

        request.refresh_from_db()
        assert request.state in {"APPROVED", "EXPIRED"}
        expired = request.state == "EXPIRED"
        assert refusals(results) == (["already_resolved"] if expired else [])
        assert results[1] == (1 if expired else 0)
        assert request.grants.exists() == (not expired)
        assert ends_of(request) == [f"access_request.{request.state.lower()}"]


def test_a_review_and_a_forced_denial_at_once(bob, alice, dana, rounds):
    for at in rounds:
        request = ask(bob, "staging-db", at=at)

        results = at_once(
            partial(approve, request, alice, at=at),
            partial(force, request, dana, "DENIED", at=at),
        )

        request.refresh_from_db()
        assert refusals(results) == ["already_resolved"]
        assert request.forced == (request.state == "DENIED")
        assert Grant.objects.filter(request=request).exists() == (request.state == "APPROVED")
        assert len(ends_of(request)) == 1


def test_r3_6_the_same_question_twice_at_once_is_asked_once(bob, rounds):
    for at in rounds:
        results = at_once(*[partial(ask, bob, "dba", "staging-db", at=at)] * 3)

        assert refusals(results) == ["duplicate_request", "duplicate_request"]
        assert bob.access_requests.filter(created_at=at).count() == 1


def test_r3_6_nor_by_way_of_somebody_who_asks_for_him(bob, dana, rounds):
    for at in rounds:
        results = at_once(
            partial(ask, bob, "dba", at=at), partial(ask, dana, "dba", for_user=bob, at=at)
        )

        assert refusals(results) == ["duplicate_request"]
        assert bob.access_requests.filter(created_at=at).count() == 1
