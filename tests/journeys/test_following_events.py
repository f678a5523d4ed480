"""Whoever follows the events misses nothing, whatever happens to the plane or to the line."""

import signal

import pytest

from tests.streams import Stage, received

pytestmark = pytest.mark.embedded


@pytest.fixture
def stages(tmp_path, prepared):
    """Starts planes on the same data, one after the other."""
    found = []

    def start(**environment):
        found.append(Stage(tmp_path, None if found else prepared, **environment))
        return found[-1]

    yield start
    for each in found:
        each.end()


def test_a_follower_lives_through_the_death_of_the_plane(stages):
    """Bob asks before, while nobody listens, and after; the follower has it all, once."""
    first = stages()
    with first.sse("auditor", type="access_request.created") as stream:
        asked = [ask(first, "dba")]
        seen = [stream.event()]
        first.process.send_signal(signal.SIGKILL)
        first.process.wait()
        assert stream.lost()

    second = stages()
    asked.append(ask(second, "staging-db"))
    last = {"Last-Event-ID": str(seen[-1]["sequence"])}
    with second.sse("auditor", headers=last, type="access_request.created") as stream:
        seen.append(stream.event())
        asked.append(ask(second, "staging-web"))
        seen.append(stream.event())

    assert [event["about"]["id"] for event in seen] == asked


def test_a_story_told_live_is_the_story_told_afterwards(stages):
    """What came over the line, added up, is what the log says when it is read anew."""
    stage = stages()
    before = stage.note("ivan")
    with (
        stage.sse("bob", after=before) as stream,
        stage.web_socket("bob", after=before) as socket,
    ):
        request = ask(stage, "staging-db")
        review = {"decision": "APPROVE", "reason": "go on"}
        stage.call("alice", "POST", f"access-requests/{request}/reviews/", review)
        (grant,) = stage.call("bob", "GET", f"access-requests/{request}/")["grants"]
        stage.call("bob", "POST", f"grants/{grant['id']}/end/", {})
        told = stream.until(type="grant.ended")
        heard = [received(socket) for _ in told]

    assert told == heard
    assert told == stage.call("bob", "GET", f"events/?after={before}")["results"]
    assert [event["type"] for event in told] == [
        "access_request.created",
        "access_request.reviewed",
        "access_request.approved",
        "grant.started",
        "grant.ended",
    ]


def ask(stage, role):
    wish = {"roles": [role], "reason": "ticket #1"}
    return stage.call("bob", "POST", "access-requests/", wish)["id"]
