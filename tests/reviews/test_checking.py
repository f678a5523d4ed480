"""Asking the workflows of a request: its verdicts, tries, leases, and what is too late."""

from datetime import timedelta

import pytest
from django.db import connection

from audit import services as audit
from requests_app.models import Check
from requests_app.services import timekeeping
from reviews.services import checking
from tests.cast import NOON
from tests.deeds import approve, ask, cancel, force, has_access, later
from tests.reviews.workflows import bot, check_of, events_of, webhook, work, work_by, workflow
from tests.witness import event_types, nothing_happens

pytestmark = pytest.mark.django_db

ALLOW, DENY, ABSTAIN = ({"verdict": word} for word in ("ALLOW", "DENY", "ABSTAIN"))
LEASE = checking.LEASE
FUNCTION = "tests.policy.functions.{}".format


# --- an answer ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "state"), [(ALLOW, "PASSED"), (DENY, "FAILED"), (ABSTAIN, "SKIPPED")]
)
def test_a_webhook_is_asked_and_its_verdict_taken(bob, policy, said, state):
    webhook(policy.url)
    policy.says(said | {"reason": "seen", "annotations": {"ticket": ["T-1"]}})
    request = ask(bob, reason="T-1")

    assert work(NOON) == 1

    check = check_of(request)
    assert (check.state, check.reason, check.tries) == (state, "seen", 0)
    assert check.annotations == {"ticket": ["T-1"]}
    assert (check.answered_at, check.next_at, check.problem) == (NOON, None, "")
    assert policy.heard[0]["request"]["id"] == str(request.pk)
    assert policy.ids == [str(check.pk)]
    (checked,) = events_of("checked")
    assert (checked.actor_kind, checked.actor_name) == ("system", "workflows")
    assert work(later(hours=1)) == 0


def test_a_function_is_asked_and_its_verdict_taken(bob, settings):
    settings.ACCESSPLANE_WORKFLOW_CALLABLES = [FUNCTION("denies")]
    workflow(engine="python", callable=FUNCTION("denies"))
    request = ask(bob)

    work(NOON)

    request.refresh_from_db()
    assert request.state == "DENIED"
    assert request.resolve_reason == "bob@example.com needs a ticket"


def test_no_function_runs_where_a_request_is_made(bob, settings, tmp_path):
    """Not for a request and not for a dry run: that is the web's process."""
    settings.ACCESSPLANE_WORKFLOW_CALLABLES = [FUNCTION("leaves_a_child_behind")]
    workflow(engine="python", callable=FUNCTION("leaves_a_child_behind"))
    written = tmp_path / "pid"

    request = ask(bob, reason=str(written))

    assert not written.exists()
    assert check_of(request).state == "PENDING"
    work(NOON)
    assert written.exists()
    assert check_of(request).state == "PASSED"


def test_the_last_verdict_approves(bob, alice, ivan, policy):
    webhook(policy.url)
    policy.says(ALLOW)
    request = ask(bob)
    approve(request, alice)
    approve(request, ivan)
    assert not has_access(bob)

    work(later(minutes=1))

    assert has_access(bob, at=later(minutes=1))
    assert request.grants.get().starts_at == later(minutes=1)


def test_nobody_is_asked_inside_a_transaction(bob, policy, django_assert_num_queries):
    """The call itself takes no statement: the row is leased before and settled after it."""
    webhook(policy.url)
    policy.says(ALLOW)
    ask(bob)
    outside = len(connection.savepoint_ids)
    real = checking.ENGINES["webhook"].ask

    class Watched:
        def ask(self, question, **more):
            assert len(connection.savepoint_ids) == outside
            with django_assert_num_queries(0):
                return real(question, **more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(checking.ENGINES, "webhook", Watched())
        work(NOON)

    assert policy.heard


# --- failures and tries -------------------------------------------------------------------------


def test_a_failure_is_tried_again_with_growing_pauses(bob, policy):
    webhook(policy.url)
    policy.says(500, 500, 500, ALLOW)
    request = ask(bob)
    at, pauses = NOON, []

    for tries in range(1, 4):
        assert work(at) == 1
        check = check_of(request)
        assert (check.state, check.tries) == ("PENDING", tries)
        assert check.problem.endswith("answered with the status 500.")
        pauses.append(check.next_at - at)
        assert work(check.next_at - timedelta(milliseconds=1)) == 0
        at = check.next_at
    work(at)

    assert pauses == [timedelta(seconds=2), timedelta(seconds=4), timedelta(seconds=8)]
    assert (check_of(request).state, check_of(request).problem) == ("PASSED", "")
    assert len(set(policy.ids)) == 1
    assert event_types() == ["access_request.created", "access_request.checked"]


def test_the_pauses_have_an_end_and_stay_within_the_timeout(bob, policy):
    webhook(policy.url, timeout="13d")
    policy.says(500)
    request = ask(bob, pending_ttl=timedelta(days=7))
    Check.objects.update(tries=30)
    work(NOON)
    assert check_of(request).next_at == later(minutes=15)

    Check.objects.update(deadline_at=later(minutes=20))
    work(later(minutes=15))
    assert check_of(request).next_at == later(minutes=20)


def test_a_secret_that_is_not_there_is_a_failure(bob, policy, monkeypatch):
    monkeypatch.delenv("POLICY_SECRET", raising=False)
    webhook(policy.url, secret="env:POLICY_SECRET")
    policy.says(ALLOW)
    request = ask(bob)

    work(NOON)

    assert policy.heard == []
    assert (
        check_of(request).problem
        == "The variable POLICY_SECRET is not set where the plane runs."
    )
    monkeypatch.setenv("POLICY_SECRET", "found again")
    work(check_of(request).next_at)
    assert check_of(request).state == "PASSED"


def test_a_rotated_secret_signs_what_was_asked_before(bob, policy):
    webhook(policy.url)
    policy.says(500, ALLOW)
    request = ask(bob)
    work(NOON)

    webhook(policy.url, secret=["a new secret for the webhook", "and the old one"])
    work(later(seconds=2))

    assert check_of(request).state == "PASSED"
    assert check_of(request).workflow.revealed_secrets()[0] == "a new secret for the webhook"


# --- leases -------------------------------------------------------------------------------------


def test_while_one_worker_asks_no_other_does(bob, policy, monkeypatch):
    webhook(policy.url)
    policy.says(ALLOW)
    request = ask(bob)
    real = checking.ENGINES["webhook"].ask

    class Slow:
        def ask(self, question, **more):
            assert work(later(seconds=59)) == 0
            checking.ask(check_id=check_of(request).pk, clock=lambda: later(seconds=59))
            return real(question, **more)

    monkeypatch.setitem(checking.ENGINES, "webhook", Slow())
    work(NOON)

    assert len(policy.heard) == 1


def test_a_worker_that_dies_is_replaced_and_asks_the_same_question(bob, policy, monkeypatch):
    webhook(policy.url)
    policy.says(ALLOW)
    request = ask(bob)
    with monkeypatch.context() as patch:
        patch.setattr(
            checking, "_take", lambda *_a, **_k: (_ for _ in ()).throw(KeyboardInterrupt)
        )
        with pytest.raises(KeyboardInterrupt):
            work(NOON)
    assert check_of(request).state == "PENDING"
    assert work(NOON + LEASE - timedelta(seconds=1)) == 0

    assert work(NOON + LEASE) == 1

    assert check_of(request).state == "PASSED"
    assert policy.ids == [str(check_of(request).pk)] * 2


def test_the_lease_outlasts_the_longest_call():
    assert LEASE > checking.LONGEST_CALL


def test_a_failure_nobody_foresaw_does_not_stop_the_clock(bob, policy, monkeypatch):
    """It is the worker's log that tells of it; the request is denied in time all the same."""

    class Broken:
        def ask(self, question, **more):
            raise RuntimeError("a bug")

    monkeypatch.setitem(checking.ENGINES, "webhook", Broken())
    webhook(policy.url, timeout="1m", on_failure="deny")
    request = ask(bob)
    with pytest.raises(RuntimeError):
        work(NOON)
    work(NOON + LEASE)

    request.refresh_from_db()
    assert (request.state, request.resolve_reason) == ("DENIED", checking.NO_ANSWER)


# --- too late -----------------------------------------------------------------------------------


@pytest.mark.parametrize("said", [ALLOW, DENY, 500, 202])
def test_an_answer_after_the_resolution_changes_nothing(bob, dana, policy, monkeypatch, said):
    bot("robo")
    webhook(policy.url, bot="robo@example.com")
    policy.says(said)
    request = ask(bob)
    real = checking.ENGINES["webhook"].ask

    class Slow:
        def ask(self, question, **more):
            force(request, dana, "APPROVED")
            return real(question, **more)

    monkeypatch.setitem(checking.ENGINES, "webhook", Slow())
    work(NOON)

    request.refresh_from_db()
    assert (request.state, check_of(request).state) == ("APPROVED", "PENDING")
    assert events_of("checked") == []
    assert has_access(bob)


def test_an_answer_after_the_expiry_changes_nothing(bob, policy):
    """No job has noticed yet; the clock has moved while the workflow was asked."""
    webhook(policy.url)
    policy.says(DENY)
    request = ask(bob, pending_ttl=timedelta(minutes=1))
    moments = iter([NOON, NOON, later(minutes=1)])

    work_by(lambda: next(moments))

    request.refresh_from_db()
    assert (request.state, check_of(request).state) == ("PENDING", "PENDING")
    assert events_of("checked") == []
    timekeeping.expire_requests(at=later(minutes=1))
    request.refresh_from_db()
    assert request.state == "EXPIRED"


def test_checks_of_resolved_requests_are_let_go(bob, alice, policy):
    webhook(policy.url)
    policy.says(ALLOW)
    request = ask(bob)
    cancel(request, bob)

    assert work(NOON) == 1
    assert work(later(days=1)) == 0

    assert policy.heard == []
    assert check_of(request).state == "PENDING"


def test_an_overdue_request_is_not_asked_about(bob, policy):
    webhook(policy.url)
    policy.says(ALLOW)
    request = ask(bob, pending_ttl=timedelta(minutes=1))

    work(later(minutes=1))

    assert policy.heard == []
    assert check_of(request).next_at is None


def test_a_check_that_is_gone_or_answered_is_no_work(bob, policy):
    webhook(policy.url)
    policy.says(ALLOW)
    request = ask(bob)
    work(NOON)

    with nothing_happens():
        checking.ask(check_id=check_of(request).pk, clock=lambda: later(minutes=1))
        checking.ask(check_id=request.pk, clock=lambda: later(minutes=1))
    assert len(policy.heard) == 1


def test_one_slow_workflow_does_not_hide_the_others(bob, carol, policy):
    """Whatever happens to one check, the others are asked."""
    webhook(policy.url)
    webhook("http://127.0.0.1:9/nobody", name="broken")
    policy.says(ALLOW)
    request = ask(bob)

    assert work(NOON) == 2

    assert check_of(request).state == "PASSED"
    assert "could not be reached" in check_of(request, "broken").problem
    audit.drain(at=NOON)
