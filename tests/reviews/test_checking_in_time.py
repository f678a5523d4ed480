"""The time for an answer: when it is over, and a promise to answer later."""

from datetime import timedelta

import pytest

from requests_app.models import Check
from reviews.services import checking
from tests.cast import NOON
from tests.deeds import approve, ask, later
from tests.reviews.workflows import bot, check_of, events_of, report, webhook, work, workflow
from tests.witness import event_types

pytestmark = pytest.mark.django_db

ALLOW, DENY, ABSTAIN = ({"verdict": word} for word in ("ALLOW", "DENY", "ABSTAIN"))


# --- the time for an answer is over -------------------------------------------------------------


def test_hold_keeps_it_waiting_and_says_so_once(bob, policy):
    webhook(policy.url, timeout="1m")
    policy.says(500)
    request = ask(bob)
    at = NOON
    while at <= later(hours=1):
        work(at)
        at = check_of(request).next_at

    request.refresh_from_db()
    check = check_of(request)
    assert (request.state, check.state) == ("PENDING", "PENDING")
    assert check.problem.endswith("answered with the status 500.")
    (held,) = events_of("check_held")
    assert held.at == later(minutes=1)
    assert held.data["workflow"] == "ticket"
    assert held.data["problem"].endswith("answered with the status 500.")

    policy.says(DENY | {"reason": "back again"})
    work(at)
    request.refresh_from_db()
    assert (request.state, request.resolve_reason) == ("DENIED", "back again")


def test_hold_is_the_rule_unless_the_document_says_otherwise(bob, policy):
    webhook(policy.url, timeout="1m", on_failure="hold")
    policy.says(500)
    request = ask(bob)
    work(NOON)
    work(later(minutes=1))

    assert check_of(request).state == "PENDING"
    assert len(events_of("check_held")) == 1


def test_deny_denies_with_what_went_wrong(bob, policy):
    webhook(policy.url, timeout="1m", on_failure="deny")
    policy.says(500)
    request = ask(bob)
    work(NOON)
    work(later(seconds=59))
    request.refresh_from_db()
    assert request.state == "PENDING"
    asked = len(policy.heard)

    work(later(minutes=1))

    request.refresh_from_db()
    assert (request.state, check_of(request).state) == ("DENIED", "FAILED")
    assert "answered with the status 500" in request.resolve_reason
    assert len(policy.heard) == asked
    assert event_types()[-2:] == ["access_request.checked", "access_request.denied"]


def test_a_bot_that_says_nothing_is_held_once(bob):
    robo = bot("robo")
    workflow(engine="bot", bot="robo@example.com", timeout="1m")
    request = ask(bob)
    assert work(later(seconds=59)) == 0

    assert work(later(minutes=1)) == 1
    assert work(later(hours=1)) == 0

    check = check_of(request)
    assert (check.state, check.problem, check.next_at) == ("PENDING", checking.NO_ANSWER, None)
    assert len(events_of("check_held")) == 1
    report(request, robo, "ALLOW", at=later(hours=2))
    assert (check_of(request).state, check_of(request).problem) == ("PASSED", "")


def test_a_bot_that_says_nothing_may_be_a_no(bob):
    bot("robo")
    workflow(engine="bot", bot="robo@example.com", timeout="1m", on_failure="deny")
    request = ask(bob)

    work(later(minutes=1))

    request.refresh_from_db()
    assert (request.state, request.resolve_reason) == ("DENIED", checking.NO_ANSWER)


@pytest.mark.parametrize("said", [{}, {"on_failure": "abstain"}])
def test_abstain_lets_people_decide(bob, alice, ivan, policy, said):
    """A failing fast lane never blocks people."""
    bot("robo", "dba-reviewer")
    webhook(policy.url, timeout="1m", review=True, bot="robo@example.com", **said)
    policy.says(500)
    request = ask(bob)
    approve(request, alice)
    approve(request, ivan)
    work(NOON)

    work(later(minutes=1))

    request.refresh_from_db()
    assert (request.state, check_of(request).state) == ("APPROVED", "SKIPPED")
    assert request.reviews.count() == 2
    assert events_of("check_held") == []


def test_a_call_does_not_outlast_the_time_for_an_answer(bob, policy, monkeypatch):
    given = []

    class Patient:
        def ask(self, question, *, patience, at):
            given.append(patience)

    monkeypatch.setitem(checking.ENGINES, "webhook", Patient())
    bot("robo")
    webhook(policy.url, timeout="20s", bot="robo@example.com")
    request = ask(bob)
    work(NOON)
    assert given == [timedelta(seconds=20)]

    Check.objects.update(next_at=later(seconds=19.9))
    work(later(seconds=19.9))
    Check.objects.update(next_at=later(minutes=1))
    work(later(minutes=1))
    assert given[1:] == [checking.SHORTEST_CALL, checking.LONGEST_CALL]
    assert check_of(request).state == "PENDING"


# --- a promise ----------------------------------------------------------------------------------


def test_a_promised_verdict_is_waited_for(bob, policy):
    robo = bot("robo")
    webhook(policy.url, timeout="1h", bot="robo@example.com")
    policy.says(202)
    request = ask(bob)

    work(NOON)
    assert work(later(minutes=59)) == 0
    check = check_of(request)
    assert (check.state, check.problem, check.tries) == ("PENDING", "", 0)
    report(request, robo, "ALLOW", reason="later", at=later(minutes=59))

    assert (check_of(request).state, check_of(request).reason) == ("PASSED", "later")
    assert len(policy.heard) == 1


def test_a_promise_after_a_failure_is_no_failure(bob, policy):
    bot("robo")
    webhook(policy.url, bot="robo@example.com")
    policy.says(500, 202)
    request = ask(bob)
    work(NOON)
    work(later(seconds=2))

    assert check_of(request).problem == ""


def test_a_broken_promise_is_held_and_remembered(bob, policy):
    bot("robo")
    webhook(policy.url, timeout="1m", bot="robo@example.com")
    policy.says(202)
    request = ask(bob)
    work(NOON)
    work(later(minutes=1))

    check = check_of(request)
    assert (check.state, check.problem) == ("PENDING", checking.NO_ANSWER)
    assert check.next_at == later(minutes=1) + checking.LONGEST_PAUSE
    work(check.next_at)
    assert check_of(request).problem == checking.NO_ANSWER
    assert len(events_of("check_held")) == 1
    assert set(policy.ids) == {str(check.pk)}


def test_the_bot_may_be_quicker_than_the_promise(bob, policy):
    """It reports before the call that promises has come back."""
    robo = bot("robo")
    webhook(policy.url, bot="robo@example.com")
    policy.says(202)
    request = ask(bob)
    real = checking.ENGINES["webhook"].ask

    class Overtaken:
        def ask(self, question, **more):
            report(request, robo, "ALLOW", reason="quick")
            return real(question, **more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(checking.ENGINES, "webhook", Overtaken())
        work(NOON)

    assert (check_of(request).state, check_of(request).reason) == ("PASSED", "quick")
    assert len(events_of("checked")) == 1
