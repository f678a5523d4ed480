"""What the plane answers is what its OpenAPI document declares: every key, and no other."""

import copy
import re
from datetime import timedelta
from typing import Any

import jsonschema
import pytest
import yaml
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.validation import validate_schema

from chatops.services import sending
from tests.rules.doors import doors
from tests.rules.plane import (
    HOUR,
    MISSING,
    Answer,
    Plane,
    at,
    role,
    route_to,
    user,
    webhook,
    workflow,
)

OWN = {"schema/", "docs/", ""}
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")

formats = jsonschema.FormatChecker(["uuid", "email"])


@formats.checks("date-time")
def _is_moment(value: Any) -> bool:
    return not isinstance(value, str) or MOMENT.fullmatch(value) is not None


@pytest.fixture(scope="session")
def document() -> dict[str, Any]:
    return SchemaGenerator().get_schema(request=None, public=True)


@pytest.fixture(scope="session")
def strict(document) -> dict[str, Any]:
    """The document, in which an object has its declared keys and no other."""
    closed = copy.deepcopy(document)
    for schema in closed["components"]["schemas"].values():
        _close(schema)
    return closed


def _close(schema: dict[str, Any]) -> None:
    if "properties" in schema:
        schema.setdefault("additionalProperties", False)


def test_the_document_is_valid(document):
    validate_schema(document)


def test_every_call_is_declared(document):
    declared = {
        (method.upper(), path)
        for path, operations in document["paths"].items()
        for method in operations
    }
    served = {
        (method, _plain(door.route))
        for door in doors()
        if door.is_api and door.route.removeprefix("api/v1/") not in OWN
        for method in door.methods
    }

    assert declared == served


def _plain(route: str) -> str:
    """`<uuid:request_id>` and `(?P<email>...)` as the document writes them."""
    route = re.sub(r"\(\?P<(\w+)>.*?\)(?=/)", r"{\1}", route.replace("^", "").replace("$", ""))
    return "/" + re.sub(r"<\w+:(\w+)>", r"{\1}", route)


def test_every_object_that_goes_out_has_all_its_keys(document):
    """A key that may be missing would have to be guessed."""
    optional = {("Threshold", "all_of")}
    for name, schema in document["components"]["schemas"].items():
        if name in _sent_in(document):
            continue
        required = set(schema.get("required", ()))
        for key in schema.get("properties", {}):
            assert key in required or (name, key) in optional, f"{name}.{key}"


def _sent_in(document: dict[str, Any]) -> set[str]:
    """The schemas that requests use."""
    found: set[str] = set()
    for operations in document["paths"].values():
        for operation in operations.values():
            found |= set(re.findall(r"schemas/(\w+)", str(operation.get("requestBody", ""))))
    return found


class Checked:
    """Calls whose answers are held against the document."""

    def __init__(self, plane: Plane, strict: dict[str, Any]) -> None:
        self.plane = plane
        self.strict = strict
        self.answered: set[tuple[str, str, int]] = set()

    def __call__(self, actor: str | None, method: str, path: str, body: Any = None) -> Any:
        answer = self.plane.call(actor, method, path, body)
        self.check(method, path, answer)
        return answer.body

    def check(self, method: str, path: str, answer: Answer) -> None:
        template = self._template(f"/api/v1/{path.partition('?')[0]}")
        responses = self.strict["paths"][template][method.lower()]["responses"]
        assert str(answer.status) in responses, f"{method} {template} {answer.status}"
        schema = responses[str(answer.status)]["content"][answer.content_type]["schema"]
        whole = schema | {"components": self.strict["components"]}
        jsonschema.Draft202012Validator(whole, format_checker=formats).validate(answer.body)
        self.answered.add((method, template, answer.status))

    def _template(self, path: str) -> str:
        if path in self.strict["paths"]:
            return path
        for template in sorted(self.strict["paths"], key=lambda t: t.count("{")):
            pattern = re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(template))
            if re.fullmatch(pattern, path):
                return template
        raise AssertionError(f"{path} is not declared")


@pytest.fixture
def call(plane, strict) -> Checked:
    return Checked(plane, strict)


def _play_requests(call: Checked) -> None:
    """From a dry run to two grants that are over, with an extension in between."""
    plane = call.plane
    parts = [{"name": "a"}, {"name": "b", "filter": 'contains(reviewer.roles, "lead")'}]
    plane.apply(
        role(
            "developer",
            request={
                "roles": ["dba", "dev-*"],
                "thresholds": [
                    {"name": "both", "all_of": parts},
                    {"name": "one", "approve": 2},
                ],
                "annotations": {"service": ["pay"]},
                "suggested_reviewers": ["ivan@example.com"],
                "max_duration": "4h",
            },
        ),
        role("dba", labels={"title": "DBA"}, description="Databases"),
        user("robot", "developer", "lead", owner="mallory"),
    )
    wish = {"roles": ["dba", "dev-web"], "reason": "x", "duration": "9h", "pending_ttl": "1d"}

    call("bob", "POST", "access-requests/", wish | {"dry_run": True})
    asked = call("bob", "POST", "access-requests/", wish)
    where = f"access-requests/{asked['id']}/"
    call("auditor", "POST", f"{where}reviews/", {"decision": "COMMENT", "reason": "hm"})
    call(
        "robot",
        "POST",
        f"{where}reviews/",
        {"decision": "APPROVE", "annotations": {"a": ["b"]}},
    )
    call("bob", "GET", where)
    call("ivan", "GET", "access-requests/?scope=reviewable")
    call("alice", "POST", f"{where}reviews/", {"decision": "APPROVE", "start_time": at(HOUR)})
    grants = call("bob", "GET", where)["grants"]
    call("alice", "GET", "access-requests/?state=APPROVED&limit=1")
    plane.clock.set(HOUR)
    for query in ("role=dba", "role=developer", "role=nothing"):
        call("bob", "GET", f"access/check/?{query}")
    call("bob", "GET", "grants/?in_force=true")
    call("bob", "GET", f"grants/{grants[0]['id']}/")
    more = {"roles": ["dba"], "extends": grants[0]["id"]}
    extension = call("bob", "POST", "access-requests/", more)
    call("bob", "POST", f"grants/{grants[0]['id']}/end/", {"reason": "done"})
    call("alice", "POST", f"grants/{grants[1]['id']}/revoke/", {"reason": "left"})
    call("root", "GET", f"access-requests/{extension['id']}/")


def _play_other_ends(call: Checked) -> None:
    """Requests that are denied by force, cancelled, and forgotten."""
    forced = call("robot", "POST", "access-requests/", {"roles": ["dba"]})
    body = {"state": "DENIED", "reason": "no"}
    call("root", "POST", f"access-requests/{forced['id']}/resolve/", body)
    taken = call("bob", "POST", "access-requests/", {"roles": ["dev-api"]})
    call("bob", "POST", f"access-requests/{taken['id']}/cancel/", {})
    waiting = call("bob", "POST", "access-requests/", {"roles": ["dev-api"]})
    call.plane.clock.set(20 * 24 * HOUR)
    call("root", "GET", f"access-requests/{waiting['id']}/")


def _play_people(call: Checked) -> None:
    """Users, roles, tokens, configuration, and the log of all that."""
    call("bob", "GET", "users/me/")
    call("root", "GET", "users/?limit=2")
    call("root", "GET", "users/robot@example.com/")
    call("root", "POST", "users/bob@example.com/invitation/", {})
    call("root", "GET", "roles/")
    call("bob", "GET", "roles/dba/")
    call("bob", "GET", "roles/requestable/")
    made = call("bob", "POST", "tokens/", {"name": "laptop", "ttl": "1h"})
    call("bob", "GET", "tokens/")
    call("bob", "DELETE", f"tokens/{made['id']}/")
    call(
        "root",
        "POST",
        "apply/",
        [role("r", request={"suggested_reviewers": ["no@example.com"]})],
    )
    assert call("root", "GET", "events/?limit=200")["results"]


def _play_workflows(call: Checked) -> None:
    """A workflow, and the verdict of its bot."""
    document = workflow("ticket", engine="bot", bot="robot@example.com", roles=["dba"])
    call("root", "POST", "apply/", [document])
    call("root", "GET", "workflows/")
    call("root", "GET", "workflows/ticket/")
    asked = call("bob", "POST", "access-requests/", {"roles": ["dba"], "duration": "2h"})
    assert asked["checks"][0]["state"] == "PENDING"
    where = f"access-requests/{asked['id']}/checks/ticket/"
    assert call("robot", "GET", where)["facts"]["requester"]["user"] == "bob@example.com"
    answered = call("robot", "POST", where, {"verdict": "ALLOW", "reason": "it is open"})
    assert answered["checks"][0]["state"] == "PASSED"


def _play_explanations(call: Checked) -> None:
    """Why somebody may ask, may not, and what it would take; a workflow has a say."""
    document = workflow("open", engine="expression", expression="true", roles=["dev-web"])
    call("root", "POST", "apply/", [document])
    told = call("bob", "GET", "access-requests/explanation/?role=dev-web&duration=2h")
    assert told["checks"]
    for who, query in [
        ("bob", "role=dba&role=prod"),
        ("bob", "role=dev-none"),
        ("bob", ""),
        ("root", "role=dba&user=bob@example.com&reason=x"),
        ("mallory", "role=dba&user=bob@example.com"),
        ("root", "role=dba&user=nobody@example.com"),
    ]:
        call(who, "GET", f"access-requests/explanation/?{query}")


def _play_channels(call: Checked) -> None:
    """A channel that goes nowhere, what did not arrive through it, and one more try."""
    documents = [webhook("hook", "http://127.0.0.1/"), route_to("all", "hook")]
    call("root", "POST", "apply/", documents)
    call("root", "GET", "channels/")
    call("root", "GET", "routes/")
    call("root", "GET", "routes/all/")
    call("bob", "POST", "access-requests/", {"roles": ["dev-api"], "duration": "3h"})
    sending.send_due(at=call.plane.clock.now())
    (failed,) = call("root", "GET", "postings/?state=FAILED")["results"]
    assert call("root", "GET", "channels/hook/")["problem"] is not None
    call("root", "GET", f"postings/{failed['id']}/")
    call("root", "POST", f"postings/{failed['id']}/send/", {})
    assert call("root", "POST", "channels/hook/test/", {})["delivered"] is False


def _play_delegations(call: Checked) -> None:
    """Alice is away, and comes back."""
    end = (call.plane.clock.now() + timedelta(days=3)).isoformat()
    body = {"delegate": "root@example.com", "ends_at": end}
    made = call("alice", "POST", "delegations/", body)
    assert call("alice", "GET", "delegations/")["results"] == [made]
    call("alice", "DELETE", f"delegations/{made['id']}/")


def test_a_whole_story_is_answered_as_declared(call):
    _play_explanations(call)
    _play_requests(call)
    _play_other_ends(call)
    _play_people(call)
    _play_workflows(call)
    _play_channels(call)
    _play_delegations(call)

    succeeded = {(method, path) for method, path, status in call.answered if status < 300}
    declared = {
        (method.upper(), path)
        for path, operations in call.strict["paths"].items()
        for method in operations
    }
    assert succeeded == declared, "these calls were not part of the story"


def test_the_refusals_are_answered_as_declared(call):
    plane = call.plane
    asked = plane.ask("bob", "dba")
    where = f"access-requests/{asked['id']}/"
    grant = plane.grant_of("bob", "dev-web", "alice")

    call("bob", "POST", "access-requests/", {"roles": "x", "nothing": 1})
    call("bob", "POST", "access-requests/", {"roles": ["dba"]})
    call("bob", "POST", "access-requests/", {"roles": ["dba"], "for_user": "alice@example.com"})
    call("bob", "POST", "access-requests/", {"roles": ["dba"], "extends": MISSING})
    call("bob", "POST", f"{where}reviews/", {"decision": "APPROVE"})
    call("mallory", "POST", f"{where}reviews/", {"decision": "APPROVE"})
    call("bob", "GET", "access-requests/?nothing=1")
    call(None, "GET", "users/me/")
    call("mallory", "GET", where)
    call("mallory", "GET", "access/check/?user=bob@example.com&role=dba")
    call("mallory", "POST", "apply/", [role("r")])
    call("alice", "POST", f"{where}cancel/", {})
    call("bob", "POST", f"{where}resolve/", {"state": "DENIED", "reason": "x"})
    call("alice", "POST", f"grants/{grant['id']}/end/", {})
    call("mallory", "GET", f"grants/{grant['id']}/")
    call("bob", "DELETE", f"tokens/{MISSING}/")

    assert {status for _, _, status in call.answered} >= {400, 401, 403, 404, 409}


def test_the_schema_is_served_and_is_the_same(plane, document):
    answer = plane.get(None, "schema/")

    served = yaml.safe_load(answer.got(200))
    assert set(served["paths"]) == set(document["paths"])
    assert served["openapi"].startswith("3.1")
