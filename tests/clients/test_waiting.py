import httpx
import pytest
from accessplane_client import PlaneError, waiting, wire

NONE = {"next": None, "previous": None, "results": []}


def events(*sequences):
    results = [{"sequence": number, "type": "access_request.reviewed"} for number in sequences]
    return NONE | {"results": results}


@pytest.fixture
def clock(monkeypatch):
    """Time passes only by sleeping."""

    class Clock:
        now = 1000.0
        slept = []

        def sleep(self, seconds):
            self.slept.append(seconds)
            self.now += seconds

        def monotonic(self):
            return self.now

        def time(self):
            return self.now

    stopped = Clock()
    monkeypatch.setattr(waiting, "time", stopped)
    monkeypatch.setattr(wire, "pause", stopped.sleep)
    return stopped


def test_a_decision_is_read_from_the_request_when_an_event_says_to_look(
    client, canned, clock, pending, approved
):
    canned.answers(events(5))
    canned.answers(pending)
    canned.answers(events(6))
    canned.answers(approved)
    seen = []

    decided = client.wait_for_decision(pending["id"], on_change=seen.append)

    assert decided.is_approved
    assert seen == [decided]
    assert canned.calls[2].url.params["after"] == "5"
    assert canned.calls[2].url.params["about"] == pending["id"]
    assert clock.slept == []


def test_what_is_decided_already_is_not_waited_for(client, canned, clock, approved):
    canned.answers(events(5))
    canned.answers(approved)

    assert client.wait_for_decision(approved["id"]).is_approved


def test_without_events_the_request_is_read_every_two_seconds(
    client, canned, clock, pending, approved
):
    canned.refuses(404, "not_found")
    canned.answers(pending)
    canned.refuses(404, "not_found")
    canned.answers(pending)
    canned.refuses(404, "not_found")
    canned.answers(approved)

    assert client.wait_for_decision(pending["id"]).is_approved
    assert clock.slept == [2.0, 2.0]


def test_answers_that_are_not_held_open_do_not_make_it_hurry(
    client, canned, clock, pending, approved
):
    canned.answers(NONE)
    canned.answers(pending)
    canned.answers(NONE)
    canned.answers(approved)

    assert client.wait_for_decision(pending["id"]).is_approved
    assert clock.slept == [2.0]


def test_waiting_ends_in_time_with_the_request_as_it_is(client, canned, clock, pending):
    canned.answers(NONE)
    for _ in range(3):
        canned.answers(pending)
        canned.answers(NONE)
    canned.answers(pending)

    assert client.wait_for_decision(pending["id"], timeout=5).is_pending
    assert clock.slept == [2.0, 2.0, 1.0]


def test_an_outage_is_borne(client, canned, clock, pending, approved):
    canned.answers(NONE)
    canned.answers(pending)
    for _ in range(8):
        canned.fails(httpx.ConnectError("Out of order"))
    canned.answers(events(6))
    canned.answers(approved)

    assert client.wait_for_decision(pending["id"]).is_approved


def test_an_outage_that_lasts_is_said(client, canned, clock, pending, monkeypatch):
    monkeypatch.setattr(waiting, "OUTAGE_BORNE", 1.0)
    canned.answers(NONE)
    canned.answers(pending)
    for _ in range(8):
        canned.fails(httpx.ConnectError("Out of order"))

    with pytest.raises(PlaneError, match="Nothing answers"):
        client.wait_for_decision(pending["id"])


def test_a_token_that_is_revoked_meanwhile_ends_the_waiting(client, canned, clock, pending):
    canned.answers(NONE)
    canned.answers(pending)
    canned.refuses(401, "not_authenticated")

    with pytest.raises(PlaneError) as refused:
        client.wait_for_decision(pending["id"])

    assert refused.value.code == "not_authenticated"
