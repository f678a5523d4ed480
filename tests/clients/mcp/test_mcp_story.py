"""`ap mcp` against the real server: an agent asks over MCP, people decide over REST."""

from contextlib import contextmanager

import pytest
from accessplane_client import Plane
from django.utils import timezone

from audit.models import AuditEvent
from identity.models import ApiToken
from requests_app.models import AccessRequest, Grant
from tests.cast import called
from tests.clients import demo

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
NOBODYS = "9c721e54-b049-4ef8-a7f6-c777aa066764"


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
