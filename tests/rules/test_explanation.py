"""The explanation (SEMANTICS 3.2, 5.7, 10): it says what the real call would, to whoever may know,
and stores nothing."""

from typing import Any
from urllib.parse import urlencode

import pytest

from tests.rules.plane import DAY, HOUR, Answer, Plane, role, user, workflow
from tests.rules.test_r10_dry_run import rows


def asked(plane: Plane, actor: str, *roles: str, **more: str) -> Answer:
    query = urlencode([*(("role", name) for name in roles), *more.items()])
    return plane.get(actor, f"access-requests/explanation/?{query}")


def explained(plane: Plane, actor: str, *roles: str, **more: str) -> Any:
    return asked(plane, actor, *roles, **more).got(200)


def one(document: Any, name: str) -> Any:
    return next(found for found in document["roles"] if found["name"] == name)


@pytest.fixture
def careful(plane) -> Plane:
    """bob's role asks for a ticket and two people; alice, ivan and rosa have names."""
    plane.apply(
        role(
            "developer",
            request={
                "roles": ["dba", "dev-*"],
                "thresholds": [{"name": "two people", "approve": 2, "deny": 1}],
                "max_duration": "4h",
                "reason": {"mode": "required", "prompt": "Ticket?", "pattern": "#[0-9]+"},
            },
        ),
        role("lead", review={"roles": ["dba"], "where": 'request.reason != ""'}),
        user("alice", "lead", display_name="Alice"),
        user("ivan", "lead", display_name="Ivan"),
        user("carol", display_name="Carol"),
        user("rosa", "lead", display_name="Rosa"),
    )
    return plane


# --- who would have to agree ----------------------------------------------------------------------


def test_it_says_who_would_have_to_agree_and_what_it_takes(careful):
    told = explained(careful, "bob", "dba", reason="#1", duration="2h")

    assert (told["allowed"], told["refusal"], told["denied_by"]) == (True, None, [])
    assert told["summary"] == "Two of Alice, Ivan and Rosa must agree."
    assert told["possible_reviewers"] == [
        "alice@example.com", "ivan@example.com", "rosa@example.com",
    ]  # fmt: skip
    assert told["terms"] == {
        "reason_required": True,
        "reason_required_by": ["developer"],
        "reason_patterns": [{"role": "developer", "pattern": "#[0-9]+"}],
        "prompts": ["Ticket?"],
        "duration_seconds": 2 * HOUR,
        "limit_seconds": 4 * HOUR,
        "limit_set_by": ["developer"],
        "sentences": [
            "A reason is required: the role developer says so.",
            "The role developer looks for #[0-9]+ in the reason.",
            "At most 4 hours: the role developer says so.",
        ],
    }
    (need,) = told["needs"]
    assert (need["roles"], need["demanded_by"]) == (["dba"], ["developer"])
    assert need["thresholds"][0]["approve"] == 2


def test_what_it_says_is_what_the_dry_run_says(careful):
    told = explained(careful, "bob", "dba", reason="#1", duration="9h")
    plan = careful.plan("bob", "dba", reason="#1", duration="9h")

    assert told["possible_reviewers"] == plan["possible_reviewers"]
    assert told["checks"] == plan["checks"]
    assert told["terms"]["duration_seconds"] == plan["duration_seconds"]
    assert told["needs"][0]["thresholds"] == plan["thresholds"]


def test_two_people_of_one_name_are_called_by_their_addresses(careful):
    careful.apply(user("ivan", "lead", display_name="Alice"))

    told = explained(careful, "bob", "dba", reason="#1")

    assert told["summary"] == "Two of alice@example.com, ivan@example.com and Rosa must agree."


def test_what_a_refused_request_would_take_is_told_all_the_same(careful):
    """The missing reason is no reason to say that nobody can decide."""
    told = explained(careful, "bob", "dba")

    assert told["refusal"] == {
        "code": "reason_required",
        "detail": "A reason is required. Ticket?",
    }
    assert told["summary"] == "A reason is required. Ticket?"
    assert told["needs"][0]["sentence"] == "Two of Alice, Ivan and Rosa must agree."
    assert told["terms"]["duration_seconds"] == 4 * HOUR


def test_an_optional_reason_that_is_missing_stays_missing(careful):
    careful.apply(role("developer", request=["dba"]))

    told = explained(careful, "bob", "dba")

    assert told["allowed"]
    assert told["summary"] == "One must agree, and nobody can now."


# --- why not --------------------------------------------------------------------------------------

WISHES: dict[str, dict[str, Any]] = {
    "nothing": {"roles": []},
    "not requestable": {"roles": ["prod"]},
    "one of two is not": {"roles": ["dev-web", "prod"]},
    "not found": {"roles": ["dev-none"]},
    "no name": {"roles": ["a b"]},
    "a star among others": {"roles": ["*", "dba"]},
    "too long a reason": {"roles": ["dev-web"], "reason": "x" * 4097},
    "too long": {"roles": ["dev-web"], "duration": "15d"},
    "a duplicate": {"roles": ["dba"]},
    "too many": {"roles": [f"dev-{n}" for n in range(201)]},
}


@pytest.mark.parametrize("case", WISHES)
def test_a_refusal_is_the_one_of_the_real_call(plane, case):
    plane.ask("bob", "dba")
    before = rows()
    wish = WISHES[case]

    real = plane.post("bob", "access-requests/", wish)
    more = {name: wish[name] for name in ("reason", "duration") if name in wish}
    told = explained(plane, "bob", *wish["roles"], **more)

    assert not told["allowed"]
    assert told["refusal"] == {"code": real.body["code"], "detail": real.body["detail"]}
    assert told["summary"]
    assert rows() == before


@pytest.mark.parametrize(
    "query", ["duration=soon", "duration=0s", "nothing=1", "user=", "role=", "reason=%00"]
)
def test_what_is_no_question_is_400(plane, query):
    assert plane.get("bob", f"access-requests/explanation/?{query}").status == 400


def test_star_stands_for_what_it_would_become(plane):
    told = explained(plane, "bob", "*")

    assert [found["name"] for found in told["roles"]] == ["dba", "dev-api", "dev-web"]
    assert told["allowed"]
    assert explained(plane, "mallory", "*")["refusal"]["code"] == "no_requestable_roles"


def test_the_role_that_forbids_is_named(plane):
    plane.apply(
        role("contractor", deny_request=["dba"]), user("bob", "developer", "contractor")
    )

    told = explained(plane, "bob", "dba")

    assert told["summary"] == "You may not ask for dba: the role contractor forbids it."
    assert [(b["effect"], b["role"]) for b in one(told, "dba")["because"]] == [
        ("denies", "contractor"),
        ("allows", "developer"),
    ]


def test_the_roles_that_could_allow_it_are_named(plane):
    told = explained(plane, "mallory", "dba")

    assert one(told, "dba")["silent_roles"] == ["stranger"]
    assert (
        told["summary"] == "You may not ask for dba: none of your roles allows it (stranger)."
    )


def test_a_role_held_for_a_while_does_not_let_ask(plane):
    plane.apply(role("dev-web", request=["prod"]))
    plane.grant_of("bob", "dev-web", "alice")

    told = explained(plane, "bob", "prod")

    assert [b["effect"] for b in one(told, "prod")["because"]] == ["elevated"]
    assert not told["allowed"]


def test_what_is_held_is_said(plane):
    plane.grant_of("bob", "dev-web", "alice")
    told = explained(plane, "bob", "dev-web", "dba", "developer")

    assert [one(told, name)["held"] for name in ("dev-web", "dba", "developer")] == [
        "grant", None, "static",
    ]  # fmt: skip


# --- workflows ------------------------------------------------------------------------------------


def test_a_condition_that_denies_is_told_before_anybody_asks(plane):
    freeze = workflow("freeze", engine="expression", expression='request.reason == "fire"')
    plane.apply(freeze, workflow("ticket", engine="bot", bot="robot@example.com"), ROBOT)

    told = explained(plane, "bob", "dba", reason="curiosity")

    assert (told["allowed"], told["denied_by"]) == (True, ["freeze"])
    assert told["summary"].startswith("It would be denied: the check freeze says no:")
    assert plane.ask("bob", "dba", reason="curiosity")["state"] == "DENIED"
    told = explained(plane, "bob", "dba", reason="fire")
    assert [(c["workflow"], c["state"]) for c in told["checks"]] == [
        ("freeze", "PASSED"),
        ("ticket", "PENDING"),
    ]
    assert told["summary"].endswith("must agree. The check ticket must pass.")


def test_nobody_knows_what_a_workflow_would_say_of_a_refused_request(careful):
    careful.apply(workflow("freeze", engine="expression", expression='request.reason == "a"'))

    told = explained(careful, "bob", "dba")

    assert [check["state"] for check in told["checks"]] == ["PENDING"]
    assert told["denied_by"] == []


ROBOT = user("robot", owner="mallory")


# --- who may know ---------------------------------------------------------------------------------


def test_it_stores_nothing(careful):
    careful.secret_of("bob")
    before = rows()

    explained(careful, "bob", "dba", reason="#1")
    explained(careful, "bob", "prod")

    assert rows() == before


def test_what_may_not_be_asked_for_is_told_alike_whether_it_exists_or_not(plane):
    """SEMANTICS 3.2: the other order would tell which roles exist."""
    real, missing = explained(plane, "bob", "prod"), explained(plane, "bob", "prox")

    assert str(real).replace("prod", "prox") == str(missing)
    assert one(real, "prod")["exists"] is None
    assert one(explained(plane, "root", "prod"), "prod")["exists"] is True
    assert one(explained(plane, "root", "prox"), "prox")["exists"] is False


def test_roles_that_the_asker_does_not_hold_are_named_nowhere(plane):
    """Neither who could allow it, nor who reviews it."""
    plane.apply(role("secret-club", request=["prod"]), user("zoe", "secret-club"))

    told = str(explained(plane, "mallory", "prod", "dba"))

    assert "secret-club" not in told
    assert "developer" not in told
    assert "alice" not in told
    assert "lead" not in told


def test_the_traits_of_reviewers_are_no_part_of_it(plane):
    plane.apply(
        role(
            "developer",
            request={
                "roles": ["dba"],
                "thresholds": [{"filter": 'contains(reviewer.traits["team"], "leads")'}],
            },
        ),
        user("alice", "lead", traits={"team": ["leads"]}),
        user("ivan", "lead", traits={"team": ["hidden"]}),
    )

    told = explained(plane, "bob", "dba")

    assert "hidden" not in str(told)
    assert told["summary"] == (
        "One of alice@example.com, carol@example.com and ivan@example.com must agree, "
        "and only reviews that meet its condition count."
    )


@pytest.mark.parametrize(
    "rules", [[], [("read", "user")], [("read", "role")], [("read", "access_request")]]
)
def test_about_somebody_else_needs_both_verbs_before_the_person_is_looked_at(plane, rules):
    plane.apply(role("desk", rules=rules), user("hal", "desk"))

    for somebody in ("bob@example.com", "nobody@example.com"):
        asked(plane, "hal", "dba", user=somebody).refused(403, "not_permitted")


def test_with_both_verbs_somebody_unknown_or_inactive_is_invalid(plane):
    plane.apply(user("old", "developer", active=False))

    for somebody in ("nobody@example.com", "old@example.com"):
        problem = asked(plane, "auditor", "dba", user=somebody).refused(400, "invalid_input")
        assert "user" in problem["errors"]


def test_with_both_verbs_the_answer_is_about_the_other(plane):
    plane.apply(user("bob", "developer", display_name="Bob"))

    told = explained(plane, "auditor", "prod", user="BOB@example.com")

    assert told["user"] == "bob@example.com"
    assert (
        told["summary"]
        == "Bob may not ask for prod: none of Bob's roles allows it (developer)."
    )
    assert explained(plane, "auditor", "dba", user="bob@example.com")["allowed"]


def test_what_somebody_else_asked_for_and_holds_is_for_those_who_may_read_it(plane):
    plane.apply(role("desk", rules=[("read", "user"), ("read", "role")]), user("hal", "desk"))
    request = plane.ask("bob", "dba")
    plane.grant_of("bob", "dev-web", "alice")

    for names in (["dba"], ["dev-web"]):
        told = explained(plane, "hal", *names, user="bob@example.com")
        assert told["refusal"] is None
        assert told["roles"][0]["held"] is None
        assert request["id"] not in str(told)
        assert told["summary"].endswith("must agree.")

    told = explained(plane, "auditor", "dba", user="bob@example.com")
    assert told["refusal"]["code"] == "duplicate_request"
    assert told["summary"] == "bob@example.com asked for exactly this already."
    held = explained(plane, "auditor", "dev-web", "dba", user="bob@example.com")
    assert one(held, "dev-web")["held"] == "grant"


def test_time_is_asked_as_everywhere(plane):
    """A grant that is over is held no more."""
    plane.grant_of("bob", "dev-web", "alice", duration="1h")
    plane.clock.set(DAY)

    assert one(explained(plane, "bob", "dev-web"), "dev-web")["held"] is None
