"""Programs that go on where they stopped, and bear a plane that is away."""

import logging
import threading

import pytest
from accessplane_client.workflows import runner

from tests.clients.judging import let_in
from tests.clients.programs import KeptInMemory
from tests.clients.small_plane import SmallPlane

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


@pytest.mark.parametrize("notice", [SmallPlane.hang_up, lambda plane: plane.ask("dba")])
def test_a_token_that_is_revoked_meanwhile_ends_it(small_plane, judging, notice):
    with judging(ticket=let_in) as program:
        request = small_plane.ask("dba")
        small_plane.wait_for_verdict(request)
        small_plane.refusal = 401, "not_authenticated"
        notice(small_plane)
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
        small_plane.wait_for(lambda: small_plane.calls["one"] == 3)  # check, request, who am I
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
