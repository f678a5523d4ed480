"""`ap mcp` against the real server: an agent asks over MCP, people decide over REST."""

import re
from contextlib import contextmanager
from functools import partial

import httpx
import pytest
from accessplane_client import Plane
from django.utils import timezone

from accessplane.lib.actors import console
from audit.models import AuditEvent
from identity import documents
from identity.models import ApiToken
from identity.services import configuration
from requests_app.models import AccessRequest, Grant
from tests.cast import called
from tests.clients import agents, demo
from tests.clients.terminal import Terminal

pytestmark = pytest.mark.django_db(transaction=True)

WHY = "ticket #123: find the slow query"
TOOLS = {
    "list_requestable_roles": "reads",
    "preview_request": "reads",
    "request_access": "asks",
    "wait_for_decision": "reads",
    "show_request": "reads",
    "list_my_requests": "reads",
    "list_my_access": "reads",
    "end_access": "destroys",
    "cancel_request": "destroys",
}
HELLO = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
NOBODYS = "9c721e54-b049-4ef8-a7f6-c777aa066764"


@pytest.fixture
def plane(live_server):
    """The address of a plane with the demo organisation and Scout, Carol's bot."""
    demo.enter()
    configuration.apply_documents(
        documents.from_values([agents.BOT], source="the bot"),
        by=console("tests"),
        may=configuration.everything,
        at=timezone.now(),
    )
    yield live_server.url
    demo.wait_for_the_server()


@pytest.fixture
def terminal(plane, tmp_path):
    """`terminal(token=...)`: a place to type `ap mcp` in. Nothing of it outlives the test."""
    opened = []

    def _terminal(**login):
        home = tmp_path / str(len(opened))
        home.mkdir()
        opened.append(Terminal(home, url=plane, **login))
        return opened[-1]

    yield _terminal
    for each in opened:
        each.close()


@pytest.fixture
def server(terminal):
    """The address of `ap mcp --http`, which was given no token."""
    said = terminal().begin("ap mcp --http --port 0").said("err", "Agents reach")
    return re.search(r" at (http://127\.0\.0\.1:\d+/mcp) ", said)[1]


@pytest.fixture
def over_stdio(terminal):
    return lambda mode="auto": agents.over_stdio(
        terminal(token=demo.token_of("scout")), mode=mode
    )


@pytest.fixture
def over_http(server):
    return lambda mode="auto": agents.over_http(server, demo.token_of("scout"), mode=mode)


@pytest.fixture(params=["stdio", "http"])
def scout(request):
    with request.getfixturevalue(f"over_{request.param}")() as agent:
        yield agent


@contextmanager
def as_person(plane, name):
    with Plane(plane, demo.token_of(name)) as person:
        yield person


def decide(plane, request_id, decision, *names):
    for name in names:
        with as_person(plane, name) as person:
            person.review(request_id, decision, reason="looked at it")


# --- the story ----------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["auto", "legacy"])
@pytest.mark.parametrize("transport", ["over_stdio", "over_http"])
def test_an_agent_asks_people_approve_and_it_gives_back(plane, request, transport, mode):
    with request.getfixturevalue(transport)(mode) as scout:
        asked = scout.does("request_access", roles=["dba"], reason=WHY, duration="30m")
        waiting = scout.begins("wait_for_decision", request_id=asked["id"], max_seconds=50)
        decide(plane, asked["id"], "APPROVE", "alice", "ivan")
        waited = waiting.result(timeout=60).structured_content
        held = scout.does("list_my_access")
        (grant,) = held["grants"]
        given_back = scout.does("end_access", grant_id=grant["id"], reason="found it")
        again = scout.does("end_access", grant_id=grant["id"])
        after = scout.does("list_my_access")

    assert (asked["state"], asked["via"], asked["duration_seconds"]) == ("PENDING", "mcp", 1800)
    assert waited["decided"] is True
    assert waited["request"]["state"] == "APPROVED"
    assert [each["reviewer"] for each in waited["request"]["reviews"]] == [
        "alice@example.com",
        "ivan@example.com",
    ]
    assert (held["user"], held["owner"]) == ("scout@example.com", "carol@example.com")
    assert grant["role"] == "dba"
    assert 1700 < grant["seconds_left"] <= 1800
    assert (given_back["state"], given_back["seconds_left"]) == ("ENDED", 0)
    assert again == given_back  # as its hint says
    assert after["grants"] == []
    assert Grant.objects.get().state_at(timezone.now()) == "ENDED"
    made = AuditEvent.objects.get(type="access_request.created")
    assert (made.actor_kind, made.actor_name, made.actor_via) == (
        "bot",
        "scout@example.com",
        "mcp",
    )
    assert AuditEvent.objects.get(type="grant.ended").actor_via == "mcp"


def test_before_it_asks_it_sees_what_it_may_ask_for_and_who_would_decide(scout):
    roles = scout.does("list_requestable_roles")["roles"]
    plan = scout.does("preview_request", roles=["dba"], reason=WHY, duration="12h")

    by_name = {role["name"]: role for role in roles}
    assert set(by_name) == {"dba", "staging-db", "staging-web"}
    dba = by_name["dba"]
    assert dba["title"] == "Database administrator"
    assert (dba["limit_seconds"], dba["reason_required"], dba["held"]) == (28800, True, False)
    assert dba["prompts"] == ["Which ticket or incident is this for?"]
    assert (plan["duration_seconds"], plan["requested_duration_seconds"]) == (28800, 43200)
    assert plan["thresholds"][0]["approve"] == 2
    assert plan["possible_reviewers"] == ["alice@example.com", "ivan@example.com"]
    assert not AccessRequest.objects.exists()


def test_waiting_ends_with_its_time_and_the_request_stays(scout):
    asked = scout.does("request_access", roles=["dba"], reason=WHY)
    waited = scout.does("wait_for_decision", request_id=asked["id"], max_seconds=1)

    assert waited["decided"] is False
    assert waited["request"]["state"] == "PENDING"
    assert "Call wait_for_decision again" in waited["next"]
    ((_, total, message),) = scout.progress
    assert total == 1
    assert "two of alice@example.com and ivan@example.com must approve" in message
    assert AccessRequest.objects.get().state_at(timezone.now()) == "PENDING"


def test_a_denial_is_heard_with_its_reason(plane, scout):
    asked = scout.does("request_access", roles=["dba"], reason=WHY)
    decide(plane, asked["id"], "DENY", "alice")
    waited = scout.does("wait_for_decision", request_id=asked["id"])

    assert waited["decided"] is True
    assert waited["request"]["state"] == "DENIED"
    assert waited["request"]["reviews"][0]["reason"] == "looked at it"
    assert "Do not ask again" in waited["next"]


def test_it_sees_its_own_requests_and_takes_one_back(plane, scout):
    with as_person(plane, "bob") as bob:
        bob.create_request(["staging-db"], reason="mine")
    first = scout.does("request_access", roles=["staging-db"], reason=WHY)
    second = scout.does("request_access", roles=["dba"], reason=WHY)

    listed = scout.does("list_my_requests")
    newest = scout.does("list_my_requests", limit=1)
    cancelled = scout.does("cancel_request", request_id=first["id"], reason="not needed")
    pending = scout.does("list_my_requests", state="PENDING")
    shown = scout.does("show_request", request_id=first["id"])

    assert [each["id"] for each in listed["requests"]] == [second["id"], first["id"]]
    assert listed["more"] is False
    assert [each["id"] for each in newest["requests"]] == [second["id"]]
    assert newest["more"] is True
    assert cancelled["state"] == shown["state"] == "CANCELLED"
    assert [each["id"] for each in pending["requests"]] == [second["id"]]


# --- what it cannot do --------------------------------------------------------------------------


def test_no_tool_decides_and_each_says_what_it_does(scout):
    tools = scout.tools

    assert set(tools) == set(TOOLS)
    for name, kind in TOOLS.items():
        hints = tools[name].annotations
        assert hints.read_only_hint is (kind == "reads")
        assert kind == "reads" or hints.destructive_hint is (kind == "destroys")
        assert hints.open_world_hint is False
        assert len(tools[name].description) > 40
        assert tools[name].input_schema["additionalProperties"] is False
        assert tools[name].output_schema["type"] == "object"
        assert all(
            "description" in each for each in tools[name].input_schema["properties"].values()
        )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"roles": ["prod-admin"], "reason": WHY}, "role_not_requestable: "),
        ({"roles": ["dba"]}, "reason_required: "),
        ({"roles": ["dba"], "reason": WHY, "duration": "soon"}, "invalid_duration: "),
        ({"roles": ["dba"], "reason": WHY, "length": "5m"}, "length"),
        ({"roles": []}, "roles"),
    ],
)
def test_a_refusal_has_a_code_and_a_sentence_and_nothing_is_asked(over_http, arguments, said):
    with over_http() as scout:
        told = scout.is_refused("request_access", **arguments)

    assert said in told
    assert not AccessRequest.objects.exists()


def test_what_is_not_its_own_is_not_there(plane, over_http):
    with as_person(plane, "bob") as bob, over_http() as scout:
        bobs = bob.create_request(["dba"], reason=WHY).id
        for tool in ("show_request", "cancel_request", "wait_for_decision"):
            assert "not_found: " in scout.is_refused(tool, request_id=bobs)
            assert "not_found: " in scout.is_refused(tool, request_id=NOBODYS)
        assert "malformed_id: " in scout.is_refused("show_request", request_id=bobs[:8])
        assert "not_found: " in scout.is_refused("end_access", grant_id=NOBODYS)

    assert AccessRequest.objects.get().state_at(timezone.now()) == "PENDING"


def test_a_token_that_is_revoked_ends_what_it_could(over_stdio):
    with over_stdio() as scout:
        scout.does("list_my_access")
        ApiToken.objects.filter(user=called("scout")).update(revoked_at=timezone.now())
        told = scout.is_refused("request_access", roles=["dba"], reason=WHY)

    assert "not_authenticated: " in told
    assert not AccessRequest.objects.exists()


# --- who is let in ------------------------------------------------------------------------------


def test_over_stdio_a_person_is_refused_and_told_how_to_make_a_bot(terminal):
    secret = demo.token_of("bob")

    said = terminal(token=secret)("ap mcp")

    assert (said.code, said.out) == (1, "")
    assert "belongs to bob@example.com, who is no bot" in said.err
    for needed in ("kind: user", "bot: true", "owner: bob@example.com", "create_token"):
        assert needed in said.err
    assert secret not in said.all


@pytest.mark.parametrize(
    ("login", "why"), [({}, "ap login"), ({"token": "ap_wrong"}, "This token is unknown")]
)
def test_over_stdio_nobody_in_particular_is_refused(terminal, login, why):
    said = terminal(**login)("ap mcp")

    assert (said.code, said.out) == (1, "")
    assert why in said.err
    assert "ap_wrong" not in said.all


def test_a_token_is_not_written_anywhere(terminal):
    secret = demo.token_of("scout")
    typed = terminal(token=secret)
    with agents.over_stdio(typed) as scout:
        scout.does("list_my_access")
        scout.is_refused("show_request", request_id=NOBODYS)

    assert secret not in (typed.home / "stderr").read_text()


def calling(server, token=None, **headers):
    """A bare call, as no MCP client would make it."""
    accepted = {"Accept": "application/json, text/event-stream"}
    presented = {"Authorization": f"Bearer {token}"} if token else {}
    return httpx.post(server, json=HELLO, headers=accepted | presented | headers)


def test_over_http_every_call_says_who_makes_it(server):
    nobody = calling(server)
    unknown = calling(server, "ap_wrong")
    basic = calling(server, Authorization="Basic c2NvdXQ6c2VjcmV0")
    person = calling(server, demo.token_of("bob"))
    revoked = calling(server, demo.token_of("scout", revoked_at=timezone.now()))
    scout = calling(server, demo.token_of("scout"))

    for refused in (nobody, unknown, basic, revoked):
        assert refused.status_code == 401
        assert refused.headers["WWW-Authenticate"].startswith("Bearer")
        assert refused.json()["error"] == "not_authenticated"
    assert person.status_code == 403
    assert person.json()["error"] == "not_a_bot"
    assert "bot: true" in person.json()["error_description"]
    assert scout.status_code == 200
    assert '"request_access"' in scout.text


@pytest.mark.parametrize("path", ["/", "/healthz", "/.well-known/oauth-protected-resource"])
def test_nothing_else_is_served(server, path):
    address = server.removesuffix("/mcp") + path

    assert httpx.get(address).status_code == 401
    assert calling(address, demo.token_of("scout")).status_code == 404


@pytest.mark.parametrize(
    ("header", "status"),
    [
        ({"Host": "evil.example.com"}, 421),
        ({"Host": "evil.example.com:80"}, 421),
        ({"Host": "localhost:1"}, 421),
        ({"Origin": "https://evil.example.com"}, 403),
        ({"Origin": "http://localhost:1"}, 403),
        ({"Origin": "null"}, 403),
    ],
)
def test_a_page_of_somebody_else_is_kept_out_before_its_token_is_tried(server, header, status):
    kept_out = calling(server, demo.token_of("scout"), **header)
    without = calling(server, **header)

    assert kept_out.status_code == without.status_code == status
    assert "request_access" not in kept_out.text


def test_a_page_of_our_own_address_is_let_in(server):
    origin = server.removesuffix("/mcp")

    assert calling(server, demo.token_of("scout"), Origin=origin).status_code == 200


def test_the_server_has_no_authority_of_its_own(plane, terminal):
    """A token around it is never used, not even a bot's."""
    typed = terminal(token=demo.token_of("scout"))
    said = typed.begin("ap mcp --http --port 0").said("err", "Agents reach")

    refused = calling(re.search(r"http://127[^ ]+", said)[0])

    assert refused.status_code == 401


def test_two_agents_at_one_server_are_two(server):
    ask = partial(agents.over_http, server)
    with ask(demo.token_of("scout")) as scout:
        configured = {**agents.BOT, "metadata": {"name": "rover@example.com"}}
        configuration.apply_documents(
            documents.from_values([configured], source="another bot"),
            by=console("tests"),
            may=configuration.everything,
            at=timezone.now(),
        )
        with ask(demo.token_of("rover")) as rover:
            mine = scout.does("request_access", roles=["dba"], reason=WHY)
            refused = rover.is_refused("cancel_request", request_id=mine["id"])
            names = [each.does("list_my_access")["user"] for each in (scout, rover)]

    assert "not_found: " in refused
    assert names == ["scout@example.com", "rover@example.com"]
    assert AccessRequest.objects.get().state_at(timezone.now()) == "PENDING"


# --- how it is started --------------------------------------------------------------------------


def test_whoever_listens_everywhere_says_by_which_name(terminal):
    said = terminal().begin("ap mcp --http --host 0.0.0.0 --port 0").end()

    assert said.code == 1
    assert "--allowed-host" in said.err


def test_whoever_listens_beyond_this_machine_hears_that_it_is_not_encrypted(terminal):
    begun = terminal().begin(
        "ap mcp --http --host 0.0.0.0 --port 0 --allowed-host mcp.example.com"
    )

    assert "Agents reach" in begun.said("err", "Agents reach")
    assert "put TLS in front" in begun.said("err", "not encrypted")


def test_a_port_that_is_taken_is_an_error_with_a_sentence(terminal, server):
    port = re.search(r":(\d+)/", server)[1]

    said = terminal()(f"ap mcp --http --port {port}")

    assert said.code == 1
    assert f"port {port}" in said.err
