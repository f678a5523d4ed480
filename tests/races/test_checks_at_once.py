"""Checks under SEMANTICS 6.5: workers, bots and reviewers at the same moment."""

from functools import partial

import pytest

from audit.models import AuditEvent
from policy.verdicts import Effect, Verdict
from reviews.services import automation, checking
from tests.deeds import approve, ask, cancel, deny, later
from tests.races.at_once import at_once, refusals
from tests.reviews.workflows import bot, check_of, report, workflow

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def robo(everybody):
    robo = bot("robo")
    workflow(engine="bot", bot="robo@example.com")
    return robo


def told_of(request, *kinds: str) -> list[str]:
    """The events of these kinds about the request, without their noun."""
    told = AuditEvent.objects.filter(about_id=request.pk).order_by("pk")
    types = [kind.partition(".")[2] for kind in told.values_list("type", flat=True)]
    return [kind for kind in types if kind in kinds]


ENDS = ("approved", "denied", "cancelled", "expired")


def test_two_workers_ask_once(bob, rounds, monkeypatch):
    asked = []

    class Counting:
        def ask(self, question, **more):
            asked.append(question.key)
            return Verdict(Effect.ALLOW)

    monkeypatch.setitem(checking.ENGINES, "webhook", Counting())
    workflow(engine="webhook", url="https://policy.example.com", secret="a secret")
    for at in rounds:
        request = ask(bob, at=at)
        check = check_of(request)

        at_once(*[partial(checking.ask, check_id=check.pk, clock=lambda at=at: at)] * 3)

        assert asked.count(str(check.pk)) == 1
        assert check_of(request).state == "PASSED"
        assert told_of(request, "checked") == ["checked"]


def test_the_same_verdict_twice_at_once_is_taken_once(bob, robo, rounds):
    for at in rounds:
        request = ask(bob, at=at)

        results = at_once(*[partial(report, request, robo, "ALLOW", at=at)] * 3)

        assert refusals(results) == []
        assert told_of(request, "checked") == ["checked"]


def test_of_two_verdicts_at_once_one_is_taken(bob, robo, rounds):
    for at in rounds:
        request = ask(bob, at=at)

        results = at_once(
            partial(report, request, robo, "ALLOW", at=at),
            partial(report, request, robo, "DENY", at=at),
        )

        request.refresh_from_db()
        state = check_of(request).state
        assert refusals(results) == [
            {"PASSED": "wrong_state", "FAILED": "already_resolved"}[state]
        ]
        assert request.state == {"PASSED": "PENDING", "FAILED": "DENIED"}[state]
        assert told_of(request, "checked") == ["checked"]


def test_the_last_review_and_the_last_check_at_once_approve_once(bob, alice, robo, rounds):
    for at in rounds:
        request = ask(bob, "staging-db", at=at)

        results = at_once(
            partial(approve, request, alice, at=at),
            partial(report, request, robo, "ALLOW", at=at),
        )

        request.refresh_from_db()
        assert refusals(results) == []
        assert request.state == "APPROVED"
        assert request.grants.count() == 1
        assert told_of(request, *ENDS) == ["approved"]


def test_a_denial_and_an_allowing_check_at_once_deny_once(bob, alice, robo, rounds):
    for at in rounds:
        request = ask(bob, "staging-db", at=at)

        at_once(
            partial(deny, request, alice, at=at), partial(report, request, robo, "ALLOW", at=at)
        )

        request.refresh_from_db()
        assert request.state == "DENIED"
        assert not request.grants.exists()
        assert told_of(request, *ENDS) == ["denied"]


def test_two_checks_at_once_resolve_once(bob, alice, robo, rounds):
    other = bot("other")
    workflow("device", engine="bot", bot="other@example.com")
    for at in rounds:
        request = ask(bob, "staging-db", at=at)
        approve(request, alice, at=at)

        results = at_once(
            partial(report, request, robo, "ALLOW", at=at),
            partial(report, request, other, "ALLOW", workflow="device", at=at),
        )

        request.refresh_from_db()
        assert refusals(results) == []
        assert request.state == "APPROVED"
        assert request.grants.count() == 1
        assert told_of(request, *ENDS) == ["approved"]


def test_a_cancellation_and_a_verdict_at_once(bob, robo, rounds):
    for at in rounds:
        request = ask(bob, at=at)

        results = at_once(
            partial(cancel, request, bob, at=at), partial(report, request, robo, "DENY", at=at)
        )

        request.refresh_from_db()
        assert refusals(results) == ["already_resolved"]
        assert request.state in {"CANCELLED", "DENIED"}
        assert told_of(request, *ENDS) == [request.state.lower()]


def test_the_deadline_and_the_verdict_at_once(bob, everybody, rounds):
    """The worker gives up at the very moment when the bot speaks."""
    robo = bot("robo")
    workflow(engine="bot", bot="robo@example.com", timeout="1m", on_failure="deny")
    for at in rounds:
        request = ask(bob, at=at)
        check, over = check_of(request), later(of=at, minutes=1)

        results = at_once(
            partial(checking.ask, check_id=check.pk, clock=lambda over=over: over),
            partial(report, request, robo, "ALLOW", at=over),
        )

        request.refresh_from_db()
        failed = check_of(request).state == "FAILED"
        assert refusals(results) == (["already_resolved"] if failed else [])
        assert request.state == ("DENIED" if failed else "PENDING")
        assert told_of(request, "checked") == ["checked"]


def test_the_bot_of_a_fast_lane_reviews_once(bob, everybody, rounds, sleeping_relay):
    bot("robo", "dba-reviewer")
    allows = {"engine": "expression", "expression": "request.reason == ''"}
    workflow(review=True, bot="robo@example.com", **allows)
    for at in rounds:
        request = ask(bob, at=at)
        check = check_of(request)

        at_once(*[partial(automation.approve_for, check_id=check.pk, at=at)] * 3)

        assert request.reviews.count() == 1
        assert told_of(request, "reviewed") == ["reviewed"]
        assert check_of(request).problem == ""
