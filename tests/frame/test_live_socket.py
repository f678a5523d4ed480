"""Live status in a real process: hints for what a viewer may see, and nothing else of it."""

import json
from contextlib import ExitStack, suppress

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.streams import Stage, received, web_socket

pytestmark = pytest.mark.embedded

LIVE = "/ws/live/"


@pytest.fixture(scope="module")
def stage(tmp_path_factory, prepared):
    """One plane for all tests of this module."""
    stage = Stage(tmp_path_factory.mktemp("plane"), prepared)
    stage.note()  # what made the cast is in the ledger from here on
    yield stage
    stage.end()


@pytest.fixture
def live(stage):
    """`live("bob")`: a socket of bob's that is closed when the test is over."""
    with ExitStack() as stack:
        yield lambda who, **query: stack.enter_context(
            stage.web_socket(who, path=LIVE, **query)
        )


def ask(stage, reason):
    wish = {"roles": ["staging-db"], "reason": reason}
    return stage.call("bob", "POST", "access-requests/", wish)


def review(stage, request, who="alice", decision="APPROVE"):
    path = f"access-requests/{request['id']}/reviews/"
    stage.call(who, "POST", path, {"decision": decision})


def hint(kind, found, state):
    return {"type": "changed", "kind": kind, "id": found["id"], "state": state}


def until(socket, wanted):
    """The hints up to this one."""
    found = [received(socket)]
    while found[-1] != wanted:
        found.append(received(socket))
    return found


def refusal_of(open_socket):
    with pytest.raises(InvalidStatus) as refused, open_socket():
        pass
    response = refused.value.response
    return response.status_code, json.loads(response.body)["code"]


def test_a_request_is_followed_from_its_beginning_to_its_access(stage, live):
    sockets = [live("bob"), live("alice")]

    request = ask(stage, "a story")
    for socket in sockets:
        assert received(socket) == hint("access_request", request, "PENDING")
    review(stage, request)
    (grant,) = stage.call("bob", "GET", f"access-requests/{request['id']}/")["grants"]
    for socket in sockets:
        told = until(socket, hint("grant", grant, "ACTIVE"))
        assert hint("access_request", request, "APPROVED") in told
    stage.call("bob", "POST", f"grants/{grant['id']}/end/", {})
    for socket in sockets:
        assert received(socket) == hint("grant", grant, "ENDED")


def test_whoever_may_not_see_it_hears_nothing_of_it(stage, live):
    socket = live("mallory")

    review(stage, ask(stage, "a secret"), decision="DENY")
    sign = stage.new_token("mallory", name="a sign")

    assert received(socket) == hint("token", sign, "")


def test_it_begins_now_unless_an_earlier_place_is_said(stage, live):
    before = stage.note("bob")
    request = ask(stage, "a start")
    review(stage, request, decision="DENY")

    told = until(live("bob", after=before), hint("access_request", request, "DENIED"))
    assert {each["id"] for each in told} == {request["id"]}
    late = live("bob")
    sign = stage.new_token("bob", name="now")
    assert received(late) == hint("token", sign, "")


@pytest.mark.parametrize("query", [{"after": "x"}, {"type": "login.succeeded"}], ids=str)
def test_what_cannot_be_is_refused(stage, query):
    assert refusal_of(lambda: stage.web_socket("bob", path=LIVE, **query)) == (
        400,
        "invalid_input",
    )


def test_nobody_is_let_in_without_a_token_or_a_session(stage):
    for headers in ({}, {"Authorization": "Bearer ap_wrong"}, {"Cookie": "sessionid=wrong"}):
        refused = refusal_of(lambda h=headers: web_socket(stage.port, h, path=LIVE))
        assert refused == (401, "not_authenticated")


@pytest.mark.parametrize("origin", [None, "https://evil.example", "null"])
def test_a_session_opens_it_for_our_own_pages_alone(stage, origin):
    cookie = {"Cookie": f"sessionid={stage.cast['bob'].session}"}

    def from_there():
        return web_socket(stage.port, cookie, path=LIVE, origin=origin)

    assert refusal_of(from_there) == (403, "not_permitted")
    with web_socket(stage.port, cookie, path=LIVE, origin=stage.origin) as socket:
        sign = stage.new_token("bob", name="from a page")
        assert received(socket) == hint("token", sign, "")


def test_it_ends_with_the_session(stage):
    cookie = {"Cookie": f"sessionid={stage.cast['carol'].session}"}
    with web_socket(stage.port, cookie, path=LIVE, origin=stage.origin) as socket:
        stage.sign_out("carol")
        with suppress(ConnectionClosed):
            for _ in socket:
                pass

        assert socket.close_code == 4401
