"""The event stream of a real process: server-sent events, WebSocket and held answers."""

import json
from contextlib import ExitStack, suppress

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.cast import person
from tests.streams import Sse, Stage, call, in_background, received, web_socket

pytestmark = pytest.mark.embedded


@pytest.fixture(scope="module")
def stage(tmp_path_factory, prepared):
    """One plane for all tests of this module."""
    stage = Stage(tmp_path_factory.mktemp("plane"), prepared, ACCESSPLANE_STREAMS_PER_USER="5")
    yield stage
    stage.end()


@pytest.fixture
def opened():
    """Readers that are closed when the test is over."""
    with ExitStack() as stack:
        yield stack.enter_context


def refusal_of(web_socket_call):
    with pytest.raises(InvalidStatus) as refused, web_socket_call():
        pass
    response = refused.value.response
    return response.status_code, json.loads(response.body)


def close_code_of(socket):
    with suppress(ConnectionClosed):
        for _ in socket:
            pass  # whatever comes before
    return socket.close_code


def problem_at_the_end(stream):
    """The problem that ends a stream, whatever comes before it."""
    last = None
    while (found := stream.next()) is not None:
        last = found
    assert last["event"] == "problem"
    assert "id" not in last  # it is no place to go on from
    return json.loads(last["data"])


# --- what is read -------------------------------------------------------------------------------


def test_events_come_with_their_sequence_from_the_beginning_and_go_on(stage):
    with stage.sse("auditor") as stream:
        assert stream.block() == {"retry": "2000"}
        sequence = stage.note()
        found = [event["sequence"] for event in stream.until(sequence=sequence)]

    assert found == list(range(1, sequence + 1))


def test_what_is_sent_is_what_rest_has(stage):
    sequence = stage.note()
    (document,) = stage.call("auditor", "GET", f"events/?after={sequence - 1}&limit=1")[
        "results"
    ]

    with stage.sse("auditor", after=sequence - 1) as stream:
        assert stream.event() == document
    with stage.web_socket("auditor", after=sequence - 1) as socket:
        assert received(socket) == document
    held = in_background(stage.call, "auditor", "GET", f"events/?after={sequence}&wait=20")
    following = stage.note()
    assert [event["sequence"] for event in held.join()["results"]] == [following]


def test_nothing_on_the_way_is_to_keep_the_stream(stage):
    with stage.sse("auditor") as stream:
        headers = stream.answer.headers

    assert headers["Content-Type"] == "text/event-stream"
    assert "no-store" in headers["Cache-Control"]
    assert headers["X-Accel-Buffering"] == "no"
    assert "Accept" in headers["Vary"]


def test_a_reader_who_was_away_reads_on_from_where_he_stopped(stage):
    with stage.sse("auditor", after=stage.note()) as stream:
        missed = [stage.note() for _ in range(3)]
        last = stream.event()["sequence"]

    with stage.sse("auditor", after=1, headers={"Last-Event-ID": str(last)}) as stream:
        assert [stream.event()["sequence"] for _ in missed[1:]] == missed[1:]


@pytest.mark.parametrize("place", ["-1", "x", "1.5", str(2**63), "9" * 5000])
def test_a_place_that_is_none_is_refused(stage, place):
    with stage.sse("auditor", headers={"Last-Event-ID": place}) as stream:
        assert stream.status == 400
        assert json.loads(stream.answer.read())["code"] == "invalid_input"


def test_it_narrows_by_type_actor_and_object(stage):
    before = stage.note()
    made = stage.new_token("carol", name="narrow")
    stage.call("carol", "DELETE", f"tokens/{made['id']}/")
    stage.note()
    searches = [
        ({"about": made["id"]}, ["token.created", "token.revoked"]),
        ({"actor": "CAROL@example.com"}, ["token.created", "token.revoked"]),
        ({"about": made["id"], "type": "token.revoked"}, ["token.revoked"]),
    ]

    for search, types in searches:
        with stage.sse("auditor", after=before, **search) as stream:
            assert [stream.event()["type"] for _ in types] == types
        with stage.web_socket("auditor", after=before, **search) as socket:
            assert [received(socket)["type"] for _ in types] == types


@pytest.mark.parametrize(
    "query", [{"whoever": "bob"}, {"after": "x"}, {"about": "dba"}], ids=str
)
def test_what_cannot_be_is_refused_at_both_doors(stage, query):
    with stage.sse("auditor", **query) as stream:
        assert (stream.status, json.loads(stream.answer.read())["code"]) == (
            400,
            "invalid_input",
        )
    status, problem = refusal_of(lambda: stage.web_socket("auditor", **query))
    assert (status, problem["code"]) == (400, "invalid_input")


def test_what_a_client_says_means_nothing(stage):
    before = stage.note()
    with stage.web_socket("auditor", after=before) as socket:
        for said in ("hello", b"\0\1", '{"type": "subscribe"}'):
            socket.send(said)
        sequence = stage.note()
        assert received(socket)["sequence"] == sequence


# --- who sees what ------------------------------------------------------------------------------


def test_everybody_gets_what_he_or_she_may_see_and_nothing_else(stage, opened):
    before = stage.note()
    people = ("bob", "alice", "mallory", "auditor")
    streams = {who: opened(stage.sse(who, after=before)) for who in people}
    sockets = {who: opened(stage.web_socket(who, after=before)) for who in people}

    wish = {"roles": ["staging-db"], "reason": "a look"}
    request = stage.call("bob", "POST", "access-requests/", wish)
    stage.call(
        "alice", "POST", f"access-requests/{request['id']}/reviews/", {"decision": "DENY"}
    )
    sign = stage.note("mallory")

    story = ["access_request.created", "access_request.reviewed", "access_request.denied"]
    for who in ("bob", "alice"):
        assert [streams[who].event()["type"] for _ in story] == story
        assert [received(sockets[who])["type"] for _ in story] == story
    for found in (streams["mallory"].event(), received(sockets["mallory"])):
        assert (found["sequence"], found["type"]) == (sign, "token.created")
    assert [e["type"] for e in streams["auditor"].until(sequence=sign)] == [
        *story,
        "token.created",
    ]


def test_rights_that_are_lost_are_lost_with_the_next_event(stage):
    before = stage.note("ivan")
    stage.call("dana", "POST", "apply/", [person("erin", roles=["auditor"])])
    token = stage.call_manage_token("erin")
    with Sse(stage.port, {"Authorization": f"Bearer {token}"}, after=before) as stream:
        erin = stream.until(type="user.created")[-1]["about"]["id"]
        stage.call("dana", "POST", "apply/", [person("erin", roles=[])])
        for _ in range(3):
            stage.note("ivan")
        stage.call("dana", "POST", "apply/", [person("erin", display_name="Erin the last")])
        # The account itself is hers to see, before and after; what Ivan does is not.
        found = stream.until(type="user.updated") + stream.until(type="user.updated")

    assert {event["about"]["id"] for event in found if event["about"]["kind"] == "user"} == {
        erin
    }
    assert "ivan@example.com" not in {event["actor"]["name"] for event in found}


# --- when it ends -------------------------------------------------------------------------------


def test_a_token_that_is_revoked_ends_whatever_it_opened(stage, opened):
    made = stage.new_token("alice", name="to be revoked")
    last = stage.note()
    open_with = {"Authorization": f"Bearer {made['token']}"}
    stream = opened(Sse(stage.port, open_with, after=last))
    socket = opened(web_socket(stage.port, open_with, after=last))
    held = in_background(
        call, stage.port, made["token"], "GET", f"events/?after={last}&wait=30"
    )

    stage.call("alice", "DELETE", f"tokens/{made['id']}/")

    assert problem_at_the_end(stream)["code"] == "not_authenticated"
    assert close_code_of(socket) == 4401
    status, problem = held.join()
    assert (status, problem["code"]) == (401, "not_authenticated")


def test_a_token_that_expires_ends_a_silent_stream(stage):
    made = stage.new_token("alice", name="short", ttl="2s")
    open_with = {"Authorization": f"Bearer {made['token']}"}
    with (
        Sse(stage.port, open_with, after=2**40) as stream,
        web_socket(stage.port, open_with, after=2**40) as socket,
    ):
        assert problem_at_the_end(stream)["status"] == 401
        assert close_code_of(socket) == 4401


def test_somebody_who_is_made_inactive_hears_no_more(stage):
    stage.call("dana", "POST", "apply/", [person("frank", roles=["auditor"])])
    token = stage.call_manage_token("frank")
    open_with = {"Authorization": f"Bearer {token}"}
    last = stage.note()
    with (
        Sse(stage.port, open_with, after=last) as stream,
        web_socket(stage.port, open_with, after=last) as socket,
    ):
        stage.call("dana", "POST", "apply/", [person("frank", roles=["auditor"], active=False)])
        stage.note()

        assert problem_at_the_end(stream)["code"] == "not_authenticated"
        with pytest.raises(ConnectionClosed) as closed:
            received(socket)  # not even the event that says so
        assert closed.value.rcvd.code == 4401


def test_a_session_that_ends_closes_the_socket(stage):
    cookie = {"Cookie": f"sessionid={stage.cast['carol'].session}"}
    with web_socket(stage.port, cookie, origin=stage.origin, after=stage.note()) as socket:
        stage.sign_out("carol")

        assert close_code_of(socket) == 4401


# --- who comes in -------------------------------------------------------------------------------


def test_nobody_is_let_in_without_a_token_or_a_session(stage):
    with Sse(stage.port) as stream:
        assert stream.status == 401
    for headers in ({}, {"Authorization": "Bearer ap_wrong"}, {"Cookie": "sessionid=wrong"}):
        status, problem = refusal_of(lambda h=headers: web_socket(stage.port, h))
        assert (status, problem["code"]) == (401, "not_authenticated")


@pytest.mark.parametrize("origin", [None, "https://evil.example", "null"])
def test_a_session_opens_the_socket_for_our_own_pages_alone(stage, origin):
    cookie = {"Cookie": f"sessionid={stage.cast['bob'].session}"}

    status, problem = refusal_of(lambda: web_socket(stage.port, cookie, origin=origin))

    assert (status, problem["code"]) == (403, "not_permitted")
    with web_socket(stage.port, cookie, origin=stage.origin) as socket:
        assert received(socket)


def test_a_token_needs_no_page(stage):
    open_with = {"Authorization": f"Bearer {stage.cast['bob'].token}"}
    with web_socket(stage.port, open_with, origin="https://elsewhere.example") as socket:
        assert received(socket)


def test_an_address_without_a_socket_is_not_found(stage):
    status, problem = refusal_of(lambda: stage.web_socket("auditor", path="/ws/nothing/"))

    assert (status, problem["code"]) == (404, "not_found")


def test_a_person_has_so_many_streams_and_no_more(stage, opened):
    """Five in this plane, whatever they are; the sixth is refused until one of them is closed."""
    held = [opened(stage.sse("robot", after=2**40)) for _ in range(2)]
    held += [opened(stage.web_socket("robot", after=2**40)) for _ in range(3)]
    token = stage.cast["robot"].token

    with stage.sse("robot") as stream:
        assert stream.status == 429
        assert stream.answer.headers["Retry-After"] == "5"
        assert json.loads(stream.answer.read())["code"] == "too_many_requests"
    assert refusal_of(lambda: stage.web_socket("robot"))[1]["code"] == "too_many_requests"
    assert call(stage.port, token, "GET", f"events/?after={2**40}&wait=1")[0] == 429
    with stage.sse("bob") as stream:
        assert stream.status == 200  # each for himself

    held.pop().close()
    stage.until(
        lambda: call(stage.port, token, "GET", f"events/?after={2**40}&wait=1")[0] == 200
    )
