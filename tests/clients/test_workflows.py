"""Programs that judge for a custom workflow, against a plane of a few calls over real HTTP."""

import asyncio
import threading
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from accessplane_client import ABSTAIN, AccessDenied, Plane, Verdict, abstain, allow
from accessplane_client.workflows.asked import Values

from tests.clients.judging import let_in

# --- verdicts -----------------------------------------------------------------------------------


def denied(_req):
    raise AccessDenied("provide an active JIRA ticket")


async def allowed_later(_req):
    await asyncio.sleep(0)
    return allow("ticket is open", annotations={"ticket": "OPS-1"})


@pytest.mark.parametrize(
    ("handler", "state", "reason"),
    [
        (let_in, "PASSED", ""),
        (denied, "FAILED", "provide an active JIRA ticket"),
        (allowed_later, "PASSED", "ticket is open"),
        (lambda _: abstain("not mine"), "SKIPPED", "not mine"),
        (lambda _: Verdict("DENY", "no"), "FAILED", "no"),
        (lambda _: ABSTAIN, "SKIPPED", ""),
        (partial(allowed_later), "PASSED", "ticket is open"),
    ],
    ids=["none", "raises", "async", "abstains", "verdict", "constant", "partial"],
)
def test_what_a_handler_says_is_reported(small_plane, judging, handler, state, reason):
    with judging(ticket=handler):
        request = small_plane.ask("dba")
        small_plane.wait_for_verdict(request)

    assert small_plane.check(request, "ticket") == {
        "workflow": "ticket",
        "state": state,
        "reason": reason,
    }


@pytest.mark.parametrize("returned", [True, False, "yes", 0])
def test_a_handler_that_returns_anything_else_says_nothing(
    small_plane, judging, returned, caplog
):
    asked = []

    def handler(req):
        asked.append(req.id)
        return returned if len(asked) < 3 else None

    with judging(ticket=handler):
        request = small_plane.ask("dba")
        small_plane.wait_for_verdict(request)

    assert len(asked) == 3
    assert [report[2] for report in small_plane.reports] == ["ALLOW"]
    assert "allow(), deny() or abstain()" in caplog.text


def test_a_handler_that_fails_is_asked_again_and_holds_nobody_up(small_plane, judging, caplog):
    asked = []

    def handler(req):
        asked.append(req.id)
        if req.reason == "broken" and asked.count(req.id) < 4:
            raise ConnectionError("jira is down")

    with judging(ticket=handler, concurrency=1) as program:
        small_plane.wait_until_read()
        broken = small_plane.ask("dba", reason="broken")
        fine = small_plane.ask("dba")
        small_plane.wait_for_verdict(fine)
        assert small_plane.state_of(broken) == "PENDING"
        small_plane.wait_for_verdict(broken)

    assert asked.count(broken) == 4
    assert "jira is down" in caplog.text
    assert "Traceback" in caplog.text
    assert program.kept.place == 2


def test_a_request_that_is_resolved_meanwhile_is_let_go(small_plane, judging):
    asked = []

    def handler(req):
        asked.append(req.id)
        small_plane.requests[req.id]["state"] = "CANCELLED"

    with judging(ticket=handler) as program:
        small_plane.wait_until_read()
        gone = small_plane.ask("dba")
        small_plane.wait_for(lambda: program.kept.place == 1)

    assert asked == [gone]
    assert small_plane.reports == [(gone, "ticket", "ALLOW", 409)]


def test_another_verdict_than_before_is_let_go(small_plane, judging):
    def handler(req):
        small_plane.judge(req.id, "ticket", "ABSTAIN")

    with judging(ticket=handler) as program:
        small_plane.wait_until_read()
        request = small_plane.ask("dba")
        small_plane.wait_for(lambda: program.kept.place == 1)

    assert small_plane.state_of(request) == "SKIPPED"
    assert [report[3] for report in small_plane.reports] == [200, 409]


def test_what_was_judged_already_is_not_asked_again(small_plane, judging):
    asked = []
    with judging(ticket=let_in) as program:
        small_plane.wait_for_verdict(small_plane.ask("dba"))
        small_plane.wait_for(lambda: program.kept.place == 1)
    judged = small_plane.ask("dba")
    small_plane.judge(judged, "ticket", "ABSTAIN")

    with judging(ticket=asked.append, kept=program.kept):
        small_plane.wait_for(lambda: program.kept.place == 2)

    assert asked == []
    assert small_plane.state_of(judged) == "SKIPPED"


def test_a_reason_that_is_too_long_still_denies(small_plane, judging):
    def handler(_req):
        raise AccessDenied("ä" * 5000)

    with judging(ticket=handler):
        request = small_plane.ask("dba")
        small_plane.wait_for_verdict(request)

    assert small_plane.check(request, "ticket")["reason"] == "ä" * 2048


# --- what a handler sees ------------------------------------------------------------------------


def test_a_handler_sees_the_request_and_who_asks(small_plane, judging):
    seen = []

    with judging(ticket=seen.append):
        request = small_plane.ask(
            "admin", "dba", reason="ticket #123", traits={"team": ["contractor"]}
        )
        small_plane.wait_for_verdict(request)

    (req,) = seen
    assert "admin" in req.roles
    assert "dmi" not in req.roles
    assert "contractor" in req.traits["team"]
    assert "contractor" not in req.traits["country"]
    assert req.traits.get("country") == []
    assert "country" not in req.traits
    assert (req.id, req.user, req.reason) == (request, "bob@example.com", "ticket #123")
    assert req.requester_roles == ["developer"]
    assert req.annotations["pagerduty_services"] == ["payments"]
    assert (req.duration, req.duration_seconds) == (timedelta(hours=2), 7200)
    assert req.created_at == datetime(2026, 3, 2, 12, tzinfo=UTC)
    assert req.start_time is None


def test_a_trait_that_is_one_text_is_a_list_of_one():
    traits = Values({"team": "contractors"})

    assert "contractor" not in traits["team"]
    assert traits["team"] == ["contractors"]


@pytest.mark.parametrize("names_checks", [True, False])
def test_each_workflow_of_a_program_has_its_own_requests(small_plane, judging, names_checks):
    small_plane.names_checks = names_checks
    with judging(ticket=let_in, device=denied) as program:
        small_plane.wait_until_read()
        one = small_plane.ask("dba", workflows=["ticket"])
        other = small_plane.ask("dba", workflows=["device", "somebody-else's"])
        both = small_plane.ask("dba", workflows=["device", "ticket"])
        for request, workflow in [(one, "ticket"), (other, "device"), (both, "device")]:
            small_plane.wait_for_verdict(request, workflow)
        small_plane.ask("dba", workflows=["somebody-else's"])
        small_plane.wait_for(lambda: program.kept.place == 4)

    assert small_plane.state_of(one, "ticket") == "PASSED"
    assert small_plane.state_of(other, "device") == "FAILED"
    assert small_plane.state_of(other, "somebody-else's") == "PENDING"
    assert small_plane.state_of(both, "device") == "FAILED"
    assert small_plane.calls["one"] == (4 if names_checks else 8)


def test_as_many_are_at_work_at_once_as_are_allowed(small_plane, judging):
    at_work, most, together = set(), [], threading.Barrier(3, timeout=10)

    def handler(req):
        at_work.add(req.id)
        together.wait()
        most.append(len(at_work))
        together.wait()
        at_work.discard(req.id)

    with judging(ticket=handler, concurrency=3):
        requests = [small_plane.ask("dba") for _ in range(12)]
        for request in requests:
            small_plane.wait_for_verdict(request)

    assert max(most) == 3


# --- how a program is written -------------------------------------------------------------------


def test_a_handler_stays_the_function_that_it_is():
    plane = Plane("http://127.0.0.1:1", "ap_bot")

    assert plane.workflow("ticket")(let_in) is let_in


def test_mistakes_in_a_program_are_said():
    plane = Plane("http://127.0.0.1:1", "ap_bot")

    with pytest.raises(TypeError, match="is named"):
        plane.workflow(let_in)
    with pytest.raises(ValueError, match="no workflow to run"):
        plane.run()
    plane.workflow("ticket")(let_in)
    with pytest.raises(ValueError, match="already"):
        plane.workflow("ticket")(denied)
