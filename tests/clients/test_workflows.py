"""Programs that judge for a custom workflow, against a plane of a few calls over real HTTP."""

import asyncio
import logging
import threading
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from accessplane_client import (
    ABSTAIN,
    AccessDenied,
    AsyncPlane,
    Plane,
    PlaneError,
    Verdict,
    abstain,
    allow,
    wire,
)
from accessplane_client.workflows import runner

from tests.clients.programs import KeptInMemory


@pytest.fixture(autouse=True)
def hurry(monkeypatch):
    """What is tried again is tried again soon."""
    monkeypatch.setattr(runner, "FIRST_PAUSE", 0.05)
    monkeypatch.setattr(wire, "FIRST_PAUSE", 0.01)
    sleep = asyncio.sleep
    monkeypatch.setattr(wire, "pause_async", lambda seconds: sleep(min(seconds, 0.1)))


@pytest.fixture
def judging(small_plane):
    """`with judging(ticket=handler) as program`: a program at work; its place is `program.kept`."""

    @contextmanager
    def run(*, kept=None, concurrency=4, **handlers):
        small_plane.calls.clear()
        program = Program(small_plane.url, handlers, kept or KeptInMemory(), concurrency)
        try:
            yield program
        finally:
            program.end()

    return run


class Program:
    """`AsyncPlane.run` on an event loop of its own."""

    def __init__(self, url, handlers, kept, concurrency):
        self.kept = kept
        self.error = None
        self._loop = asyncio.new_event_loop()
        self._plane = AsyncPlane(url, "ap_bot")
        for name, handler in handlers.items():
            self._plane.workflow(name.replace("_", "-"))(handler)
        self._thread = threading.Thread(target=self._run, args=[concurrency])
        self._thread.start()

    def _run(self, concurrency):
        running = self._plane.run(state=self.kept, concurrency=concurrency, until_signal=False)
        self._task = self._loop.create_task(running)
        try:
            self._loop.run_until_complete(self._task)
        except PlaneError as error:
            self.error = error
        except asyncio.CancelledError:
            pass
        finally:
            self._loop.run_until_complete(self._plane.close())
            self._loop.close()

    def end(self):
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._task.cancel)
        self._thread.join(timeout=20)
        assert not self._thread.is_alive()

    def ended_by_itself(self):
        self._thread.join(timeout=20)
        return self.error


def let_in(_req):
    return None


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


@pytest.mark.parametrize("names_checks", [True, False])
def test_each_workflow_of_a_program_has_its_own_requests(small_plane, judging, names_checks):
    small_plane.names_checks = names_checks
    with judging(ticket=let_in, device=denied) as program:
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


# --- from where it stopped ----------------------------------------------------------------------


def test_what_waited_before_the_program_ran_is_found_on_all_pages(small_plane, judging):
    waiting = [small_plane.ask("dba") for _ in range(5)]

    with judging(ticket=let_in) as program:
        for request in waiting:
            small_plane.wait_for_verdict(request)

    assert program.kept.place == 5
    assert [small_plane.counted(request) for request in waiting] == [1] * 5


def test_it_goes_on_after_its_place(small_plane, judging):
    small_plane.ask("dba")
    with judging(ticket=let_in) as program:
        small_plane.wait_for(lambda: program.kept.place == 1)
    later = [small_plane.ask("dba") for _ in range(3)]

    with judging(ticket=let_in, kept=program.kept) as program:
        small_plane.wait_for(lambda: program.kept.place == 4)

    assert [small_plane.counted(request) for request in later] == [1] * 3
    assert small_plane.resumed[-1] == 1


def test_the_place_waits_for_a_handler_that_is_at_work(small_plane, judging):
    may_end = threading.Event()

    def handler(req):
        if req.reason == "slow":
            may_end.wait(20)

    with judging(ticket=handler) as program:
        small_plane.wait_until_read()
        small_plane.ask("dba", reason="slow")
        quick = small_plane.ask("dba")
        small_plane.wait_for_verdict(quick)
        assert program.kept.place == 0
        may_end.set()
        small_plane.wait_for(lambda: program.kept.place == 2)


def test_what_was_still_to_be_tried_again_is_found_after_a_restart(small_plane, judging):
    def broken(_req):
        raise ConnectionError("jira is down")

    with judging(ticket=broken) as program:
        small_plane.wait_until_read()
        request = small_plane.ask("dba")
        small_plane.wait_for(lambda: program.kept.place == 1)
    assert small_plane.state_of(request) == "PENDING"

    with judging(ticket=let_in, kept=program.kept):
        small_plane.wait_for_verdict(request)


def test_a_place_in_another_log_is_none(small_plane, judging):
    small_plane.ask("dba")

    with judging(ticket=let_in, kept=KeptInMemory(300)) as program:
        small_plane.wait_for(lambda: program.kept.place == 1)
        fresh = small_plane.ask("dba")
        small_plane.wait_for_verdict(fresh)


def test_a_request_of_which_no_event_told_is_found_by_the_sweep(
    small_plane, judging, monkeypatch
):
    monkeypatch.setattr(runner, "SWEEP_EVERY", 0.1)

    with judging(ticket=let_in):
        told = small_plane.ask("dba")
        small_plane.wait_for_verdict(told)
        untold = small_plane.ask("dba", told=False)
        small_plane.wait_for_verdict(untold)


def test_a_place_that_cannot_be_kept_stops_nothing(small_plane, judging, caplog):
    class Full(KeptInMemory):
        def set(self, place):
            raise OSError("No space left on device")

    with judging(ticket=let_in, kept=Full()):
        for _ in range(2):
            request = small_plane.ask("dba")
            small_plane.wait_for_verdict(request)

    assert "No space left" in caplog.text


# --- a plane that is away, and one that refuses -------------------------------------------------


def test_it_bears_it_when_the_plane_is_away(small_plane, judging, caplog):
    caplog.set_level(logging.WARNING, "accessplane_client")
    with judging(ticket=let_in):
        first = small_plane.ask("dba")
        small_plane.wait_for_verdict(first)
        small_plane.stop()
        second = small_plane.ask("dba")
        small_plane.wait_for(lambda: "Trying again" in caplog.text)
        small_plane.start()
        small_plane.wait_for_verdict(second)


def test_it_bears_it_when_the_plane_is_away_at_the_start(small_plane, judging, monkeypatch):
    monkeypatch.setattr(runner, "jittered", lambda *_, **__: 0.05)
    request = small_plane.ask("dba")
    small_plane.refusal = 503, "busy"

    with judging(ticket=let_in):
        small_plane.wait_for(lambda: small_plane.calls["events"] > 8)
        small_plane.refusal = None
        small_plane.wait_for_verdict(request)


def test_it_goes_on_without_a_stream(small_plane, judging):
    small_plane.streams = False

    with judging(ticket=let_in):
        for _ in range(3):
            request = small_plane.ask("dba")
            small_plane.wait_for_verdict(request)


def test_a_token_that_is_not_known_ends_it(small_plane, judging):
    small_plane.refusal = 401, "not_authenticated"

    with judging(ticket=let_in) as program:
        error = program.ended_by_itself()

    assert (error.status, error.code) == (401, "not_authenticated")
    assert "needs another token" in error.detail


def test_a_token_that_is_revoked_meanwhile_ends_it(small_plane, judging):
    with judging(ticket=let_in) as program:
        request = small_plane.ask("dba")
        small_plane.wait_for_verdict(request)
        small_plane.refusal = 401, "not_authenticated"
        small_plane.hang_up()
        assert program.ended_by_itself().status == 401


def test_the_token_of_somebody_else_ends_it(small_plane, judging):
    request = small_plane.ask("dba")
    small_plane.check(request, "ticket")["of_another_bot"] = True

    with judging(ticket=let_in) as program:
        error = program.ended_by_itself()

    assert error.status == 403
    assert "`spec.bot` of the workflow ticket" in error.detail
    assert small_plane.reports == []


def test_a_bot_is_passed_over_for_what_it_asks_itself(small_plane, judging):
    own = small_plane.ask("dba", user="bot@example.com")
    small_plane.check(own, "ticket")["of_another_bot"] = True

    with judging(ticket=let_in):
        request = small_plane.ask("dba")
        small_plane.wait_for_verdict(request)

    assert small_plane.state_of(own) == "PENDING"


def test_the_check_of_a_bot_of_before_is_passed_over(small_plane, judging):
    with judging(ticket=let_in) as program:
        small_plane.wait_for_verdict(small_plane.ask("dba"))
        with small_plane.news:
            old = small_plane.ask("dba")
            small_plane.check(old, "ticket")["of_another_bot"] = True
        small_plane.wait_for_verdict(small_plane.ask("dba"))
        small_plane.wait_for(lambda: program.kept.place == 3)

    assert small_plane.state_of(old) == "PENDING"


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
