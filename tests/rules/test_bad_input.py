"""What is wrong in a call is refused with 400 and named; never a 500, and nothing is stored.

Every field of every call gets values of the wrong kind; Hypothesis then tries whole bodies. The
same must hold on PostgreSQL, which takes less text than SQLite does.
"""

import base64
import json
from contextlib import nullcontext
from typing import Any
from unittest.mock import patch
from urllib.parse import quote

import pytest
from django.apps import apps
from django.db import transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from accessplane.rest.throttling import PerToken
from tests.rules.plane import MISSING, PROBLEM, Answer, Plane, address, role, user

APPS = ("audit", "identity", "requests_app", "reviews")
LONG = "x" * 5_000
DEEP: Any = "x"
for _ in range(50):
    DEEP = {"a": [DEEP]}

NO_TEXT = [None, 1, 1.5, True, [], {}, ["a"], {"a": "b"}]
NO_LIST = ["dba", 1, True, {}, {"0": "dba"}, [1], [None], [True], [["dba"]], [{}], [""], DEEP]
NO_FLAG = ["true", "", 0, 1, "no", [], {}, 2.5]
NO_ID = ["", "x", 5, True, 0, -1, 2**200, 1.5, [], {}, "0" * 36, MISSING[:-1], f"{{{MISSING}}}"]
NO_TIME = ["", "now", "2026-03-02", 1772452800, True, [], {}, "2026-03-02T13:00:00", LONG]
NO_LENGTH = ["", "x", -1, 0, True, [], {}, LONG, 10**400, -(10**400), "9" * 400 + "h"]
# Text that no database could keep, written as JSON has it.
NO_STORE = [r'"a\u0000b"', r'"\ud800"', r'"\udc00x"', r'{"\u0000": "a"}']


@pytest.fixture
def stage(db, clock) -> Plane:
    """bob has a request that waits and a grant; alice reviews; `ids` are theirs."""
    plane = Plane(clock, nullcontext)
    plane.apply(
        role("dba"),
        role("dev-web"),
        role("dev-api"),
        role("developer", request=["dba", "dev-*"]),
        role("lead", review=["*"]),
        user("bob", "developer"),
        user("alice", "lead"),
        user("robot", "lead", bot=True),
    )
    plane.ids = {
        "asked": plane.ask("bob", "dba")["id"],
        "grant": plane.grant_of("bob", "dev-web", "alice")["id"],
    }
    for name in ("bob", "alice", "robot", "root"):
        plane.secret_of(name)
    return plane


def rows() -> dict[str, int]:
    return {
        model._meta.label: model._base_manager.count()
        for name in APPS
        for model in apps.get_app_config(name).get_models()
    }


ASK, REVIEW = "access-requests/", "access-requests/{asked}/reviews/"
RESOLVE, CANCEL = "access-requests/{asked}/resolve/", "access-requests/{asked}/cancel/"
END, REVOKE = "grants/{grant}/end/", "grants/{grant}/revoke/"

# Who calls, and a body that is right.
CALLS: dict[str, tuple[str, dict[str, Any]]] = {
    ASK: ("bob", {"roles": ["dev-api"]}),
    REVIEW: ("alice", {"decision": "APPROVE"}),
    RESOLVE: ("root", {"state": "APPROVED", "reason": "x"}),
    CANCEL: ("bob", {}),
    END: ("bob", {}),
    REVOKE: ("alice", {"reason": "x"}),
    "tokens/": ("bob", {}),
}
FIELDS: dict[str, dict[str, list[Any]]] = {
    ASK: {
        "roles": [*NO_LIST, None, [LONG], ["dba"] * 501],
        "reason": [one for one in NO_TEXT if one is not None] + [LONG],
        "suggested_reviewers": [*NO_LIST, [LONG], ["a@example.com"] * 501],
        "duration": NO_LENGTH,
        "pending_ttl": NO_LENGTH,
        "start_time": NO_TIME,
        "extends": NO_ID,
        "for_user": [one for one in NO_TEXT if one is not None] + ["", LONG],
        "dry_run": [*NO_FLAG, None],
    },
    REVIEW: {
        "decision": [*NO_TEXT, "", "approve", LONG],
        "reason": [one for one in NO_TEXT if one is not None] + [LONG],
        "start_time": NO_TIME,
        "annotations": [
            "a",
            1,
            True,
            [],
            {"a": "b"},
            {"a": [1]},
            {"a": [[]]},
            {"a": None},
            DEEP,
        ],
    },
    RESOLVE: {
        "state": [*NO_TEXT, "", "EXPIRED", "approved", LONG],
        "reason": [*NO_TEXT, "", LONG],
        "start_time": NO_TIME,
    },
    CANCEL: {"reason": [one for one in NO_TEXT if one is not None] + [LONG]},
    END: {"reason": [one for one in NO_TEXT if one is not None] + [LONG]},
    REVOKE: {"reason": [*NO_TEXT, "", LONG]},
    "tokens/": {
        "name": [one for one in NO_TEXT if one is not None] + ["x" * 101],
        "ttl": [*NO_LENGTH, "367d"],
    },
}


def send(plane: Plane, call: str, body: Any, **more: Any) -> Answer:
    return plane.call(CALLS[call][0], "POST", call.format(**plane.ids), body, **more)


def check_problem(answer: Answer, status: int) -> dict[str, Any]:
    """A problem document with everything that RFC 9457 and the contract want of it."""
    assert (answer.status, answer.content_type) == (status, PROBLEM), answer.body
    problem = answer.body
    assert set(problem) == {"type", "title", "status", "detail", "code", "errors"}
    assert problem["status"] == status
    assert problem["type"].endswith(problem["code"])
    assert all(isinstance(problem[key], str) and problem[key] for key in ("title", "detail"))
    for sentences in problem["errors"].values():
        assert sentences
        assert all(isinstance(sentence, str) and sentence for sentence in sentences)
    return problem


@pytest.mark.parametrize(
    ("call", "field"), [(call, field) for call in FIELDS for field in FIELDS[call]]
)
def test_every_field_refuses_what_it_is_not(stage, call, field):
    before = rows()

    for value in FIELDS[call][field]:
        body = CALLS[call][1] | {field: value}
        answer = send(stage, call, body)
        assert answer.status == 400, (value, answer.body)
        problem = check_problem(answer, 400)
        named = [name for name in problem["errors"] if name.split(".")[0] == field]
        assert named or problem["code"] != "invalid_input", (value, problem)
    assert rows() == before


@pytest.mark.parametrize("call", CALLS)
def test_the_right_body_is_taken(stage, call):
    assert send(stage, call, CALLS[call][1]).status in {200, 201}


@pytest.mark.parametrize("call", CALLS)
def test_an_unknown_field_is_refused_by_its_name(stage, call):
    before = rows()
    for name in ("nothing", "id", "state ", "Reason", "__proto__", "\u202eroles", "non_field"):
        for value in (None, 1, "x", DEEP):
            problem = check_problem(send(stage, call, CALLS[call][1] | {name: value}), 400)
            assert problem["code"] == "invalid_input"
            assert name in problem["errors"]
    assert rows() == before


@pytest.mark.parametrize("call", CALLS)
def test_a_missing_field_is_refused_by_its_name(stage, call):
    for field in CALLS[call][1]:
        body = {key: value for key, value in CALLS[call][1].items() if key != field}
        problem = check_problem(send(stage, call, body), 400)
        assert field in problem["errors"] or problem["code"] == "reason_required"


BROKEN_JSON = [
    b"{", b"}", b"[", b"nul", b"'a'", b'{"a":}', b'{"a" 1}', b"{} {}", b'{"a": NaN}', b"Infinity",
    b'{"roles": ["dba"], "roles": ["prod"]}', b"\xff\xfe", b'"\xed\xa0\x80"', b"\xef\xbb\xbf{}",
    b"[" * 100_000, b'{"a":' * 100_000, b"[" * 990 + b"]" * 990, b"1" * 5_000, b"\x00", b"  ,",
]  # fmt: skip
NO_OBJECT = [b"[]", b"null", b"1", b'"roles"', b"true", b'[{"roles": ["dba"]}]', b"1e400"]


@pytest.mark.parametrize("call", [*CALLS, "apply/"])
def test_what_is_no_json_object_is_refused(stage, call):
    before = rows()
    for text in [*BROKEN_JSON, *NO_OBJECT]:
        if call == "apply/":
            if text == b"[]":
                continue
            answer = stage.call("root", "POST", "apply/", text)
        else:
            answer = send(stage, call, text)
        assert check_problem(answer, 400)["code"] == "invalid_input", text[:40]
    assert rows() == before


@pytest.mark.parametrize("call", CALLS)
def test_text_that_cannot_be_stored_is_refused(stage, call):
    before = rows()
    for field in FIELDS[call]:
        for text in NO_STORE:
            rest = json.dumps({k: v for k, v in CALLS[call][1].items() if k != field})
            comma = ", " if rest != "{}" else ""
            body = f'{rest[:-1]}{comma}"{field}": {text}}}'
            check_problem(send(stage, call, body.encode()), 400)
            listed = f'{rest[:-1]}{comma}"{field}": [{text}]}}'
            check_problem(send(stage, call, listed.encode()), 400)
    assert rows() == before


@pytest.mark.parametrize(
    "reason",
    ["\u202eright to left", "\\u0000 six letters", "\U0001f600", "\u0085\u2028", "a\u0300", "\x01",
     "<script>alert(1)</script>", "'; drop table users; --", "{{7*7}}", "%s%n", "\ufffe\uffff"],
)  # fmt: skip
def test_odd_but_sound_text_is_kept_as_it_is(stage, reason):
    asked = stage.ask("bob", "dev-api", reason=reason)

    assert stage.read(asked)["reason"] == reason


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "text/html",
                                  "multipart/form-data; boundary=x", "application/xml", "nothing"])  # fmt: skip
@pytest.mark.parametrize("call", [*CALLS, "apply/"])
def test_another_content_type_is_415(stage, call, kind):
    before = rows()
    path = call.format(**stage.ids)
    answer = stage.call(CALLS.get(call, ("root",))[0], "POST", path, b"roles=dba", kind=kind)

    assert check_problem(answer, 415)["code"] == "unsupported_media_type"
    assert rows() == before


def test_yaml_is_for_configuration_only(stage):
    answer = send(stage, ASK, b"roles: [dba]", kind="application/yaml")

    assert check_problem(answer, 415)["code"] == "unsupported_media_type"


def test_a_body_that_is_too_large_is_413(stage):
    answer = send(stage, ASK, {"roles": ["dev-api"], "reason": "x" * 2_000_000})

    assert check_problem(answer, 413)["code"] == "too_large"


def test_an_accept_that_cannot_be_served_is_no_crash(stage):
    answer = stage.call("bob", "GET", "users/me/", headers={"Accept": "image/png"})

    assert answer.status in {200, 406}
    assert "json" in answer.content_type


def test_too_many_calls_are_429_with_retry_after(stage):
    with patch.object(PerToken, "get_rate", lambda _self: "1/m"):
        answers = [stage.get("bob", "users/me/") for _ in range(2)]
        response = stage._client.get(
            "/api/v1/users/me/", headers={"Authorization": f"Bearer {stage.secret_of('bob')}"}
        )

    assert check_problem(answers[-1], 429)["code"] == "too_many_requests"
    assert int(response.headers["Retry-After"]) >= 1


# --- addresses ----------------------------------------------------------------------------------


@pytest.mark.parametrize("below", ["", "v1/", "v1/nothing", "v1/access-requests", "v2/", "v1/users",
                                   "v1/access-requests/x/", "v1/grants/1/", "v1/%00/", "v1/\u202e",
                                   "v1/access-requests/" + "0" * 36 + "/"])  # fmt: skip
@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("actor", [None, "bob"])
def test_an_unknown_address_below_api_is_a_problem_document(stage, below, method, actor):
    answer = stage.call(actor, method, f"/api/{below}")

    assert check_problem(answer, 404)["code"] == "not_found"


@pytest.mark.parametrize(
    "id_",
    ["x", "1", "%00", MISSING.upper(), MISSING.replace("-", ""), f"{MISSING}0", "%E2%80%AE"],
)
def test_an_id_that_is_none_is_404(stage, id_):
    for method, path in [
        ("GET", "access-requests/{}/"),
        ("POST", "access-requests/{}/reviews/"),
        ("POST", "access-requests/{}/cancel/"),
        ("POST", "access-requests/{}/resolve/"),
        ("GET", "grants/{}/"),
        ("POST", "grants/{}/end/"),
        ("POST", "grants/{}/revoke/"),
        ("DELETE", "tokens/{}/"),
    ]:
        check_problem(stage.call("root", method, path.format(id_)), 404)


@pytest.mark.parametrize(
    "name",
    ["%00", "a%00b@example.com", "%ED%A0%80", "%FF", "%0A", "%20", "..%2F", "x" * 3000, "*"],
)
def test_a_name_that_nobody_has_is_404(stage, name):
    for path in ("users/{}/", "roles/{}/"):
        check_problem(stage.get("root", path.format(name)), 404)


# --- query parameters ---------------------------------------------------------------------------

LISTS = {
    "access-requests/": {
        "state": ["", "pending", "OPEN", "%00", "PENDING,DENIED"],
        "scope": ["", "everything", "MINE", "%00"],
        "role": ["%00", "x" * 129, ""],
        "requester": ["%00", "x" * 255, ""],
        "search": ["%00", "x" * 201, ""],
        "created_after": ["", "yesterday", "2026-03-02", "1", "%00", "x" * 3000],
        "created_before": ["", "2026-03-02T00:00:00", "1e9"],
    },
    "grants/": {
        "user": ["%00", "x" * 255, ""],
        "role": ["%00", "x" * 129, ""],
        "state": ["", "active", "PENDING", "%00"],
        "in_force": ["", "yes", "1", "TRUE", "%00"],
    },
    "events/": {
        "after": ["", "-1", "x", "1e2", "9" * 30, "%00", "1.5"],
        "type": ["%00", "x" * 65, ""],
        "actor": ["%00", "x" * 255, ""],
        "about": ["", "x", "1", "%00"],
        "since": ["", "now", "2026"],
        "until": ["", "2026-03-02 00:00"],
        "wait": ["", "-1", "61", "x", "1e1", "%00"],
    },
    "users/": {},
    "roles/": {},
    "tokens/": {},
    "roles/requestable/": {},
}
BAD_LIMITS = [
    "0",
    "201",
    "abc",
    "1e2",
    "-1",
    "",
    "1.0",
    "+5",
    " 5",
    "%205",
    "9" * 50,
    "%D9%A1",
    "%00",
]


@pytest.mark.parametrize(
    ("path", "name"), [(path, name) for path in LISTS for name in LISTS[path]]
)
def test_every_parameter_refuses_what_it_is_not(stage, path, name):
    for value in LISTS[path][name]:
        problem = check_problem(stage.get("root", f"{path}?{name}={value}"), 400)
        assert (problem["code"], list(problem["errors"])) == ("invalid_input", [name]), value


@pytest.mark.parametrize("path", LISTS)
def test_a_limit_is_a_number_from_1_to_200(stage, path):
    for limit in BAD_LIMITS:
        problem = check_problem(stage.get("root", f"{path}?limit={limit}"), 400)
        assert (problem["code"], list(problem["errors"])) == ("invalid_input", ["limit"]), limit
    for limit in ("1", "200"):
        assert len(stage.get("root", f"{path}?limit={limit}").got()["results"]) <= int(limit)


def cursor(text: str) -> str:
    return quote(base64.b64encode(text.encode()).decode())


BROKEN_CURSORS = [
    "x", "%25%25%25", "====", "%C3%A9", "%00", cursor("p=\0"), cursor("o=x"), cursor("o=-1"),
    cursor("nothing"), "a" * 5_000,
]  # fmt: skip
BROKEN_MOMENTS = [cursor("p=x"), cursor("p=2026"), cursor("p=99999-01-01T00:00:00Z")]


@pytest.mark.parametrize("path", [one for one in LISTS if one != "events/"])
def test_a_broken_cursor_is_refused(stage, path):
    by_time = path in {"access-requests/", "grants/", "tokens/"}
    for broken in BROKEN_CURSORS + (BROKEN_MOMENTS if by_time else []):
        answer = stage.get("root", f"{path}?cursor={broken}")
        assert answer.status == 400, broken
        problem = check_problem(answer, 400)
        assert (problem["code"], list(problem["errors"])) == ("invalid_input", ["cursor"]), (
            broken
        )


SINGLE = [
    "access-requests/{asked}/", "grants/{grant}/", "users/me/", "users/bob@example.com/",
    "roles/dba/", "access/check/?role=dba",
]  # fmt: skip


@pytest.mark.parametrize("path", [*LISTS, *SINGLE])
def test_an_unknown_parameter_is_refused_by_its_name(stage, path):
    path = path.format(**stage.ids)
    for name in ("nothing", "Limit", "format", "page", "__class__"):
        joined = f"{path}{'&' if '?' in path else '?'}{name}=x"
        problem = check_problem(stage.get("root", joined), 400)
        assert problem["code"] == "invalid_input", name
        assert name in problem["errors"]


@pytest.mark.parametrize("path", SINGLE)
def test_a_single_object_has_no_pages(stage, path):
    path = path.format(**stage.ids)
    for name in ("limit", "cursor"):
        joined = f"{path}{'&' if '?' in path else '?'}{name}=5"
        assert name in check_problem(stage.get("root", joined), 400)["errors"]


@pytest.mark.parametrize("call", CALLS)
def test_a_change_takes_no_parameters(stage, call):
    before = rows()
    path = call.format(**stage.ids)
    answer = stage.post(CALLS[call][0], f"{path}?nothing=1", CALLS[call][1])

    assert "nothing" in check_problem(answer, 400)["errors"]
    assert rows() == before


@pytest.mark.parametrize("value", ["", "%00", "x" * 1001])
def test_the_access_check_refuses_what_is_no_name(stage, value):
    check_problem(stage.get("root", f"access/check/?role={value}"), 400)
    check_problem(stage.get("root", f"access/check/?role=dba&user={value}"), 400)
    check_problem(stage.get("root", "access/check/"), 400)


# --- configuration ------------------------------------------------------------------------------

ENVELOPE = {"kind": "role", "version": "v1", "metadata": {"name": "made"}}
BAD_DOCUMENTS: list[Any] = [
    None, 1, "role", [], {}, {"kind": "role"}, ENVELOPE | {"version": "v2"},
    ENVELOPE | {"version": 1}, ENVELOPE | {"kind": "nothing"}, ENVELOPE | {"kind": None},
    ENVELOPE | {"nothing": 1}, ENVELOPE | {"spec": None}, ENVELOPE | {"spec": []},
    ENVELOPE | {"spec": "x"}, ENVELOPE | {"metadata": {}}, ENVELOPE | {"metadata": None},
    ENVELOPE | {"metadata": {"name": None}}, ENVELOPE | {"metadata": {"name": ""}},
    ENVELOPE | {"metadata": {"name": "made", "nothing": 1}},
    ENVELOPE | {"metadata": {"name": "made", "labels": {"a": 1}}},
    ENVELOPE | {"metadata": {"name": "made", "labels": []}},
    ENVELOPE | {"metadata": {"name": "made", "description": 1}},
    ENVELOPE | {"metadata": {"name": "made", "description": "x" * 2001}},
    ENVELOPE | {"spec": {"nothing": 1}}, ENVELOPE | {"spec": {"allow": {"nothing": 1}}},
    ENVELOPE | {"spec": {"allow": None}}, ENVELOPE | {"spec": {"allow": {"logins": "x"}}},
    ENVELOPE | {"spec": {"allow": {"rules": [{"resources": ["x"], "verbs": ["read"]}]}}},
    ENVELOPE | {"spec": {"allow": {"rules": [{"resources": ["user"], "verbs": ["x"]}]}}},
    ENVELOPE | {"spec": {"allow": {"rules": [{"resources": ["user"]}]}}},
    ENVELOPE | {"spec": {"allow": {"request": {"roles": "dba"}}}},
    ENVELOPE | {"spec": {"allow": {"request": {"roles": [1]}}}},
    ENVELOPE | {"spec": {"allow": {"request": {"roles": [""]}}}},
    ENVELOPE | {"spec": {"allow": {"request": {"roles": ["x" * 2000]}}}},
    ENVELOPE | {"spec": {"allow": {"request": {"annotations": {"a": "b"}}}}},
    ENVELOPE | {"spec": {"allow": {"request": {"suggested_reviewers": "a"}}}},
    ENVELOPE | {"spec": {"allow": {"request": {"max_duration": DEEP}}}},
    ENVELOPE | {"spec": {"allow": {"request": {"claims_to_roles": [{"claim": "a"}]}}}},
    ENVELOPE | {"spec": {"deny": {"rules": []}}}, ENVELOPE | {"spec": {"options": {"x": 1}}},
    ENVELOPE | {"spec": {"options": {"request_access": "sometimes"}}},
    ENVELOPE | {"spec": {"name": "other"}}, ENVELOPE | {"spec": {"allow": DEEP}},
]  # fmt: skip
USER = {"kind": "user", "version": "v1", "metadata": {"name": "made@example.com"}}
BAD_USERS: list[Any] = [
    USER | {"metadata": {"name": name}}
    for name in ("", "made", "made@", "@example.com", "a b@example.com", "x" * 250 + "@example.com",
                 "made@example.com\n.x", "m\u00e4de@example.com", "made@@example.com")
] + [
    USER | {"spec": spec}
    for spec in (
        {"nothing": 1}, {"roles": "dba"}, {"roles": ["nothing"]}, {"roles": [1]},
        {"roles": [LONG]}, {"traits": []}, {"traits": {"a": "b"}}, {"traits": {"a": [1]}},
        {"traits": {"a": DEEP}}, {"bot": "yes"}, {"bot": None}, {"active": 1},
        {"owner": "bob@example.com"}, {"bot": True, "owner": "nobody@example.com"},
        {"bot": True, "owner": "robot@example.com"}, {"bot": True, "owner": "made@example.com"},
        {"display_name": "x" * 255}, {"display_name": 1}, {"password": 1},
    )
]  # fmt: skip


@pytest.mark.parametrize("documents", [BAD_DOCUMENTS, BAD_USERS], ids=["roles", "users"])
def test_a_wrong_document_is_refused_with_its_place_and_nothing_is_stored(stage, documents):
    before = rows()
    for document in documents:
        good = {**ENVELOPE, "metadata": {"name": "good"}}
        problem = check_problem(stage.post("root", "apply/", [good, document]), 400)
        assert "document 2" in problem["detail"], document
    assert rows() == before


def test_a_person_does_not_become_a_bot_of_its_own(stage):
    before = rows()
    check_problem(stage.try_apply(user("bob", bot=True, owner="bob")), 400)
    stage.apply(user("own", owner="bob"))
    check_problem(stage.try_apply(user("bob", bot=True)), 400)

    assert rows()["identity.User"] == before["identity.User"] + 1


@pytest.mark.parametrize(
    "twins",
    [
        [ENVELOPE, ENVELOPE],
        [USER, USER],
        [USER, USER | {"metadata": {"name": address("MADE")}}],
    ],
)
def test_the_same_document_twice_is_refused(stage, twins):
    check_problem(stage.post("root", "apply/", twins), 400)


BROKEN_YAML = [
    "a: &x [1]\nb: *x", "a: 1\na: 2", "[" * 50_000, "{a: " * 5_000, "\t", "a: [", "!!python/name:os",
    "? [a]\n: b", "1: b", "<<: {a: b}", "--- %", "kind: !!bool x", "kind: !!timestamp x",
    'kind: !!int ""', 'kind: !!float ""', "kind: !!binary \u00e4", "kind: !!set {a}", "scalar",
    "- a", 'kind: "\\0"', 'kind: "\\ud800"', "kind: 2026-02-31", "kind: 1_000:99:99", "!!null x: 1",
    "%YAML 9.9\n---\na: 1", "kind: !!omap [a]", "kind: !!pairs 1", "*a", "!",
]  # fmt: skip
ODD_VALUES = [
    "!!bool x", "!!timestamp x", '!!int ""', '!!float ""', "!!set {a, b}", "!!binary YWJj",
    "2026-03-02", ".nan", ".inf", '"\\0"', '"\\ud800"', "!!omap [a: b]", "{a: !!set {b}}", "0x",
    "!!float x", "9" * 5_000, "[" * 200 + "]" * 200,
]  # fmt: skip


def yaml(plane: Plane, text: str | bytes) -> Answer:
    data = text if isinstance(text, bytes) else text.encode()
    return plane.call("root", "POST", "apply/", data, kind="application/yaml")


def test_broken_yaml_is_refused(stage):
    before = rows()
    for text in BROKEN_YAML:
        assert yaml(stage, text).status == 400, text[:40]
        check_problem(yaml(stage, text), 400)
    for data in (b"\xff\xfe", b"\x00", "kind: role".encode("utf-16")):
        check_problem(yaml(stage, data), 400)
    assert rows() == before


@pytest.mark.parametrize(
    "place",
    [
        "metadata: {{name: {}}}",
        "metadata: {{name: made, description: {}}}",
        "metadata: {{name: made, labels: {{a: {}}}}}",
        "metadata: {{name: made}}\nspec: {{allow: {{logins: {}}}}}",
        "metadata: {{name: made}}\nspec: {{allow: {{request: {{roles: {}}}}}}}",
        "metadata: {{name: made}}\nspec: {{allow: {{request: {{roles: [{}]}}}}}}",
        "metadata: {{name: made}}\nspec: {{allow: {{request: {{annotations: {{k: {}}}}}}}}}",
        "metadata: {{name: made}}\nspec: {{allow: {{request: {{annotations: {{k: [{}]}}}}}}}}",
        "metadata: {{name: made}}\nspec: {{allow: {{request: {{max_duration: {}}}}}}}",
        "metadata: {{name: made}}\nspec: {{allow: {{request: {{thresholds: [{{approve: {}}}]}}}}}}",
        "metadata: {{name: made}}\nspec: {{options: {{max_session_ttl: {}}}}}",
    ],
)
def test_odd_yaml_values_never_crash(stage, place):
    before = rows()
    for value in ODD_VALUES:
        text = "kind: role\nversion: v1\n" + place.format(value)
        with transaction.atomic():
            answer = yaml(stage, text)
            if answer.status != 200:
                check_problem(answer, 400)
                assert rows() == before
            transaction.set_rollback(True)


# --- anything -----------------------------------------------------------------------------------

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=30),
    st.sampled_from(["dba", "dev-api", "*", "bob@example.com", "1h", "APPROVE", MISSING, LONG]),
)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=10), inner, max_size=4)
    ),
    max_leaves=8,
)


def bodies(call: str) -> st.SearchStrategy[Any]:
    known = st.fixed_dictionaries({}, optional=dict.fromkeys(FIELDS[call], JSON))
    almost = known.map(lambda some: CALLS[call][1] | some)
    return st.one_of(almost, known, JSON)


FUZZED = settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.mark.parametrize("call", CALLS)
def test_no_body_whatever_makes_a_call_fail(stage, call):
    @FUZZED
    @given(body=bodies(call))
    @example(body={})
    def run(body: Any) -> None:
        with transaction.atomic():
            before = rows()
            text = json.dumps(body, ensure_ascii=True).encode()
            answer = send(stage, call, text)
            assert answer.status < 500
            if answer.status >= 400:
                check_problem(answer, answer.status)
                assert rows() == before
            transaction.set_rollback(True)

    run()


SPECS = st.fixed_dictionaries(
    {},
    optional={
        "allow": st.fixed_dictionaries(
            {},
            optional={
                "request": st.fixed_dictionaries(
                    {},
                    optional=dict.fromkeys(
                        ("roles", "claims_to_roles", "thresholds", "reason", "annotations",
                         "max_duration", "suggested_reviewers"),
                        JSON,
                    ),
                ),
                "review_requests": JSON,
                "rules": JSON,
            },
        ),
        "deny": JSON,
        "options": JSON,
        "roles": JSON,
        "traits": JSON,
        "owner": JSON,
    },
)  # fmt: skip


def test_no_document_whatever_makes_apply_fail(stage):
    @FUZZED
    @given(
        kind=st.sampled_from(["role", "user"]),
        name=st.one_of(st.text(max_size=20), st.just("made"), st.just("made@example.com")),
        spec=st.one_of(SPECS, JSON),
    )
    def run(kind: str, name: str, spec: Any) -> None:
        document = {"kind": kind, "version": "v1", "metadata": {"name": name}, "spec": spec}
        with transaction.atomic():
            answer = stage.post("root", "apply/", json.dumps([document]).encode())
            assert answer.status < 500
            if answer.status >= 400:
                check_problem(answer, 400)
            transaction.set_rollback(True)

    run()


@pytest.mark.parametrize("path", LISTS)
def test_no_query_whatever_makes_a_list_fail(stage, path):
    names = [*LISTS[path], "limit", "cursor", "nothing"]

    @FUZZED
    @given(
        query=st.dictionaries(
            st.sampled_from(names),
            st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
            max_size=3,
        )
    )
    def run(query: dict[str, str]) -> None:
        if query.get("wait", "").strip().isdigit():
            return
        text = "&".join(f"{key}={quote(value)}" for key, value in query.items())
        answer = stage.get("root", f"{path}?{text}")
        assert answer.status in {200, 400}
        if answer.status == 400:
            assert set(check_problem(answer, 400)["errors"]) <= set(names)

    run()
