"""SEMANTICS 6.4: the checks of a request, as bots, reviewers and requesters see them."""

import pytest

from requests_app.models import AccessRequest
from tests.rules.plane import (
    DAY,
    HOUR,
    MISSING,
    Plane,
    address,
    at,
    role,
    seconds_of,
    user,
    workflow,
)
from tests.witness import nothing_happens

PEOPLE = ("root", "bob", "alice", "ivan", "mallory", "auditor", "robo", "other")
DONE = {"ALLOW": "PASSED", "ABSTAIN": "SKIPPED", "DENY": "FAILED"}


@pytest.fixture
def judged(plane) -> Plane:
    """bob's requests for dba have a check `ticket`, which the bot robo answers."""
    plane.apply(
        user("robo", owner="mallory"),
        user("other", owner="mallory"),
        workflow("ticket", engine="bot", bot=address("robo"), roles=["dba"]),
    )
    for name in PEOPLE:  # a new token is an event, too
        plane.secret_of(name)
    return plane


def say(plane: Plane, asked, verdict: str, name: str = "ticket", *, by: str = "robo", **more):
    path = f"access-requests/{asked['id']}/checks/{name}/"
    return plane.post(by, path, {"verdict": verdict} | more)


def checks_of(plane: Plane, asked) -> dict[str, str]:
    return {check["workflow"]: check["state"] for check in plane.read(asked)["checks"]}


def story(plane: Plane, asked) -> list[str]:
    """What was told of the request, without its noun."""
    return [kind.partition(".")[2] for kind in plane.told(about=asked["id"])]


# --- the states of a check ----------------------------------------------------------------------


def test_r6_4_a_check_is_pending_until_its_workflow_answers(judged):
    asked = judged.ask("bob", "dba")

    assert asked["state"] == "PENDING"
    assert asked["checks"] == [
        {
            "workflow": "ticket",
            "state": "PENDING",
            "reason": "",
            "problem": "",
            "tries": 0,
            "next_try_at": None,
        }
    ]
    (created,) = judged.events(about=asked["id"])
    assert created["data"]["checks"] == ["ticket"]


@pytest.mark.parametrize("verdict", DONE)
def test_r6_4_each_verdict_has_its_state(judged, verdict):
    asked = judged.ask("bob", "dba")

    answered = say(judged, asked, verdict, reason="seen", annotations={"ticket": ["T-1"]}).got()

    (check,) = answered["checks"]
    assert (check["state"], check["reason"]) == (DONE[verdict], "seen")
    told = judged.events(about=asked["id"], type="access_request.checked")
    assert [event["data"] for event in told] == [
        {
            "check": told[0]["data"]["check"],
            "workflow": "ticket",
            "verdict": verdict,
            "reason": "seen",
            "annotations": {"ticket": ["T-1"]},
        }
    ]
    assert told[0]["actor"]["kind"] == "bot"
    assert told[0]["actor"]["name"] == "robo@example.com"


def test_r6_4_a_request_without_workflows_has_no_checks(judged):
    asked = judged.ask("bob", "dev-web")

    assert asked["checks"] == []
    assert judged.approve("alice", asked)["state"] == "APPROVED"


# --- what checks and thresholds come to ---------------------------------------------------------


@pytest.mark.parametrize("verdict", ["ALLOW", "ABSTAIN"])
def test_r6_4_the_last_check_approves_when_the_thresholds_are_met(judged, verdict):
    asked = judged.ask("bob", "dba")

    waiting = judged.approve("alice", asked, reason="fine")
    assert (waiting["state"], waiting["grants"]) == ("PENDING", [])
    approved = say(judged, asked, verdict, reason="the ticket is open").got()

    assert approved["state"] == "APPROVED"
    assert approved["resolve_reason"] == "the ticket is open"
    assert [grant["role"] for grant in approved["grants"]] == ["dba"]
    assert story(judged, asked) == ["created", "reviewed", "checked", "approved"]
    assert judged.holds("bob", "dba")


@pytest.mark.parametrize("verdict", ["ALLOW", "ABSTAIN"])
def test_r6_4_the_last_review_approves_when_the_checks_are_done(judged, verdict):
    asked = judged.ask("bob", "dba")

    waiting = say(judged, asked, verdict, reason="the ticket is open").got()
    assert (waiting["state"], waiting["grants"]) == ("PENDING", [])
    approved = judged.approve("alice", asked, reason="fine")

    assert approved["state"] == "APPROVED"
    assert approved["resolve_reason"] == "fine"
    assert story(judged, asked) == ["created", "checked", "reviewed", "approved"]


def test_r6_4_an_abstention_alone_approves_nothing(judged):
    asked = judged.ask("bob", "dba")

    assert say(judged, asked, "ABSTAIN").got()["state"] == "PENDING"
    assert not judged.holds("bob", "dba")


@pytest.mark.parametrize("approved_before", [False, True])
def test_r6_4_a_failed_check_denies_at_once(judged, approved_before):
    asked = judged.ask("bob", "dba")
    if approved_before:
        judged.approve("alice", asked, reason="fine")

    denied = say(judged, asked, "DENY", reason="no such ticket").got()

    assert denied["state"] == "DENIED"
    assert denied["resolve_reason"] == "no such ticket"
    assert denied["grants"] == []
    assert story(judged, asked)[-2:] == ["checked", "denied"]
    judged.review("ivan", asked).refused(409, "already_resolved")
    assert not judged.holds("bob", "dba")


def test_r6_4_a_threshold_denies_while_checks_are_awaited(judged):
    asked = judged.ask("bob", "dba")

    denied = judged.deny("alice", asked, reason="not today")

    assert denied["state"] == "DENIED"
    assert denied["resolve_reason"] == "not today"
    assert checks_of(judged, asked) == {"ticket": "PENDING"}
    with nothing_happens():
        say(judged, asked, "ALLOW").refused(409, "already_resolved")


def test_r6_4_later_reviews_count_while_only_checks_are_awaited(judged):
    asked = judged.ask("bob", "dba")
    assert judged.approve("alice", asked)["state"] == "PENDING"

    denied = judged.deny("ivan", asked, reason="I know more")

    assert denied["state"] == "DENIED"
    assert denied["resolve_reason"] == "I know more"
    assert [r["decision"] for r in denied["reviews"]] == ["APPROVE", "DENY"]


def test_r6_4_a_later_approval_counts_and_moves_the_start(judged):
    asked = judged.ask("bob", "dba")
    judged.approve("alice", asked)
    judged.approve("ivan", asked, start_time=at(3 * HOUR))

    approved = say(judged, asked, "ALLOW").got()

    assert approved["state"] == "APPROVED"
    assert seconds_of(approved["grants"][0]["starts_at"]) == 3 * HOUR


def test_r6_4_the_approval_waits_for_every_check(judged):
    judged.apply(workflow("device", engine="bot", bot=address("other"), roles=["*"]))
    asked = judged.ask("bob", "dba")
    judged.approve("alice", asked)

    assert say(judged, asked, "ALLOW").got()["state"] == "PENDING"
    assert checks_of(judged, asked) == {"device": "PENDING", "ticket": "PASSED"}
    assert say(judged, asked, "ABSTAIN", "device", by="other").got()["state"] == "APPROVED"


def test_r6_4_one_failed_check_denies_whatever_the_others_say(judged):
    judged.apply(workflow("device", engine="bot", bot=address("other")))
    asked = judged.ask("bob", "dba")
    judged.approve("alice", asked)
    say(judged, asked, "ALLOW").got()

    assert say(judged, asked, "DENY", "device", by="other").got()["state"] == "DENIED"


# --- expressions --------------------------------------------------------------------------------


def expression(name: str, text: str, **more):
    return workflow(name, engine="expression", expression=text, **more)


def test_r6_4_an_expression_is_judged_in_the_creating_call(plane):
    ticket = expression("ticket", 'regexp.match(request.reason, "^T-[0-9]+$")')
    ticket["metadata"]["description"] = "Name a ticket, such as T-12."
    plane.apply(ticket)

    denied = plane.ask("bob", "dba", reason="please")

    assert denied["state"] == "DENIED"
    assert denied["resolve_reason"] == "Name a ticket, such as T-12."
    assert denied["checks"][0]["state"] == "FAILED"
    assert denied["checks"][0]["reason"] == "Name a ticket, such as T-12."
    assert story(plane, denied) == ["created", "checked", "denied"]
    assert [e["actor"]["kind"] for e in plane.events(about=denied["id"])] == [
        "user",
        "system",
        "system",
    ]
    plane.review("alice", denied).refused(409, "already_resolved")


def test_r6_4_an_expression_that_holds_passes(plane):
    plane.apply(expression("ticket", 'request.reason != ""'))

    asked = plane.ask("bob", "dba", reason="T-1")

    assert asked["state"] == "PENDING"
    assert checks_of(plane, asked) == {"ticket": "PASSED"}
    assert story(plane, asked) == ["created", "checked"]
    assert plane.approve("alice", asked)["state"] == "APPROVED"


def test_r6_4_without_a_description_the_reason_names_the_workflow(plane):
    plane.apply(expression("ticket", 'request.reason == "x"'))

    assert "ticket" in plane.ask("bob", "dba")["resolve_reason"]


def test_r6_4_a_denied_request_does_not_stand_in_the_way(plane):
    plane.apply(expression("ticket", 'request.reason != ""'))
    assert plane.ask("bob", "dba")["state"] == "DENIED"

    assert plane.ask("bob", "dba", reason="T-1")["state"] == "PENDING"


# --- which workflows bind -----------------------------------------------------------------------


def test_r6_4_any_requested_role_binds(judged):
    judged.apply(role("developer", request=["dba", "dev-*", "prod"]))

    assert checks_of(judged, judged.ask("bob", "dev-api", "dba")) == {"ticket": "PENDING"}
    assert checks_of(judged, judged.ask("bob", "dev-api", "dev-web")) == {}


def test_r6_4_when_sees_the_requester(plane):
    plane.apply(
        user("robo", owner="mallory"),
        workflow(
            "contractors",
            engine="bot",
            bot=address("robo"),
            when='contains(requester.traits["team"], "contractor")'
            ' && contains(requester.roles, "developer")',
        ),
    )
    assert plane.ask("bob", "dba")["checks"] == []

    plane.apply(user("bob", "developer", traits={"team": ["contractor"]}))
    assert checks_of(plane, plane.ask("bob", "dev-web")) == {"contractors": "PENDING"}


def test_r6_4_when_does_not_see_elevated_roles(plane):
    """Who one is, is a matter of static roles."""
    plane.grant_of("bob", "dba", "alice")
    plane.apply(
        user("robo", owner="mallory"),
        workflow(
            "dbas", engine="bot", bot=address("robo"), when='contains(requester.roles, "dba")'
        ),
    )

    assert plane.ask("bob", "dev-web")["checks"] == []


def test_r6_4_an_inactive_workflow_does_not_bind(judged):
    judged.apply(
        workflow("ticket", engine="bot", bot=address("robo"), roles=["dba"], active=False)
    )

    assert judged.ask("bob", "dba")["checks"] == []


def test_r6_4_a_workflow_binds_during_its_hours_alone(judged):
    """The plane begins on a Monday at 12:00 in London, which is 13:00 in Berlin."""
    hours = {"timezone": "Europe/Berlin", "days": ["mon"], "from": "08:00", "to": "14:00"}
    judged.apply(workflow("ticket", engine="bot", bot=address("robo"), during=[hours]))
    assert checks_of(judged, judged.ask("bob", "dba")) == {"ticket": "PENDING"}

    judged.clock.set(HOUR)
    assert judged.ask("bob", "dev-web")["checks"] == []
    judged.clock.set(DAY)
    assert judged.ask("bob", "dev-api")["checks"] == []


# --- frozen with the plan -----------------------------------------------------------------------


def test_r6_4_the_bot_is_frozen_with_the_plan(judged):
    asked = judged.ask("bob", "dba")
    judged.apply(workflow("ticket", engine="bot", bot=address("other"), roles=["prod"]))

    with nothing_happens():
        say(judged, asked, "ALLOW", by="other").refused(404, "not_found")
    assert say(judged, asked, "ALLOW").got()["checks"][0]["state"] == "PASSED"


def test_r6_4_which_workflows_bind_is_frozen_with_the_plan(judged):
    asked = judged.ask("bob", "dba")
    judged.apply(
        workflow("ticket", engine="bot", bot=address("robo"), active=False),
        workflow("late", engine="bot", bot=address("robo")),
    )

    assert checks_of(judged, asked) == {"ticket": "PENDING"}
    assert judged.approve("alice", asked)["state"] == "PENDING"
    assert say(judged, asked, "ALLOW").got()["state"] == "APPROVED"


# --- saying it again ----------------------------------------------------------------------------


@pytest.mark.parametrize("verdict", ["ALLOW", "ABSTAIN"])
def test_r6_4_the_same_verdict_again_changes_nothing(judged, verdict):
    asked = judged.ask("bob", "dba")
    say(judged, asked, verdict, reason="first").got()

    with nothing_happens():
        again = say(judged, asked, verdict, reason="second", annotations={"a": ["b"]}).got(200)

    assert again["checks"][0]["reason"] == "first"


def test_r6_4_so_it_does_after_it_has_resolved_the_request(judged):
    """Whoever lost the answer asks again; a retry is no error."""
    asked = judged.ask("bob", "dba")
    say(judged, asked, "DENY", reason="first").got()

    with nothing_happens():
        assert say(judged, asked, "DENY", reason="second").got()["resolve_reason"] == "first"


def test_r6_4_another_verdict_is_refused(judged):
    asked = judged.ask("bob", "dba")
    say(judged, asked, "ALLOW").got()

    for verdict in ("DENY", "ABSTAIN"):
        with nothing_happens():
            say(judged, asked, verdict).refused(409, "wrong_state")
    assert checks_of(judged, asked) == {"ticket": "PASSED"}


def test_r6_4_after_the_resolution_another_verdict_comes_too_late(judged):
    asked = judged.ask("bob", "dba")
    say(judged, asked, "DENY").got()

    with nothing_happens():
        say(judged, asked, "ALLOW").refused(409, "already_resolved")


def test_r6_4_a_first_verdict_after_the_end_comes_too_late(judged):
    cancelled = judged.ask("bob", "dba")
    judged.cancel("bob", cancelled).got()
    overdue = judged.ask("bob", "dba", pending_ttl="1h")
    judged.clock.set(HOUR)

    for asked in (cancelled, overdue):
        with nothing_happens():
            say(judged, asked, "ALLOW").refused(409, "already_resolved")
    assert judged.state(overdue) == "EXPIRED"
    assert checks_of(judged, overdue) == {"ticket": "PENDING"}


# --- refusals, in their order -------------------------------------------------------------------

WRONG = [
    ({}, "invalid_input"),
    ({"verdict": "MAYBE"}, "invalid_input"),
    ({"verdict": "allow"}, "invalid_input"),
    ({"verdict": None}, "invalid_input"),
    ({"verdict": True}, "invalid_input"),
    ({"verdict": ["ALLOW"]}, "invalid_input"),
    ({"verdict": "PASSED"}, "invalid_input"),
    ({"verdict": "ALLOW", "state": "PASSED"}, "invalid_input"),
    ({"verdict": "ALLOW", "reason": 1}, "invalid_input"),
    ({"verdict": "ALLOW", "reason": "x" * 4097}, "reason_too_long"),
    ({"verdict": "ALLOW", "reason": "ä" * 2049}, "reason_too_long"),
    ({"verdict": "ALLOW", "annotations": []}, "invalid_input"),
    ({"verdict": "ALLOW", "annotations": {"a": "b"}}, "invalid_input"),
    ({"verdict": "ALLOW", "annotations": {"a": [1]}}, "invalid_input"),
    ({"verdict": "ALLOW", "annotations": {"a": ["x" * 1001]}}, "invalid_input"),
    ({"verdict": "ALLOW", "annotations": {"a": ["x"] * 101}}, "invalid_input"),
    ({"verdict": "ALLOW", "annotations": {"": ["x"]}}, "invalid_input"),
    ({"verdict": "ALLOW", "annotations": {"x" * 129: ["x"]}}, "invalid_input"),
    ({"verdict": "ALLOW", "annotations": {f"{n}": [] for n in range(101)}}, "invalid_input"),
]


@pytest.mark.parametrize(("body", "code"), WRONG)
def test_r6_4_the_shape_comes_first(judged, body, code):
    asked = judged.ask("bob", "dba")

    with nothing_happens():
        for who in ("robo", "other", "alice", "mallory"):
            judged.post(who, f"access-requests/{asked['id']}/checks/ticket/", body).refused(
                400, code
            )
        judged.post("robo", f"access-requests/{MISSING}/checks/ticket/", body).refused(
            400, code
        )


def test_r6_4_a_reason_of_4096_bytes_is_taken(judged):
    asked = judged.ask("bob", "dba")

    assert say(judged, asked, "ALLOW", reason="ä" * 2048).got()["checks"][0]["reason"]


def test_r6_4_then_whether_it_is_there_to_be_seen(judged):
    asked = judged.ask("bob", "dba")
    judged.cancel("bob", asked).got()

    with nothing_happens():
        for who in ("other", "mallory"):
            say(judged, asked, "ALLOW", by=who).refused(404, "not_found")
            judged.get(who, f"access-requests/{asked['id']}/checks/ticket/").refused(
                404, "not_found"
            )
        say(judged, {"id": MISSING}, "ALLOW").refused(404, "not_found")
        for name in ("tickets", "Ticket", "..", "%20", "a%2Fb", "\u00e4"):
            path = f"access-requests/{asked['id']}/checks/{name}/"
            assert judged.post("robo", path, {"verdict": "ALLOW"}).status == 404


def test_r6_4_then_whose_verdict_it_is(judged):
    """Whoever sees the request is told so, and also after it is resolved."""
    judged.apply(workflow("device", engine="bot", bot=address("other")))
    asked = judged.ask("bob", "dba")
    judged.cancel("bob", asked).got()

    with nothing_happens():
        for who in ("bob", "alice", "auditor", "root", "other"):
            say(judged, asked, "ALLOW", by=who).refused(403, "not_permitted")
            judged.get(who, f"access-requests/{asked['id']}/checks/ticket/").refused(
                403, "not_permitted"
            )
    say(judged, asked, "ALLOW").refused(409, "already_resolved")


def test_r6_4_nobody_judges_what_he_asks(judged):
    """Neither the bot that asks, nor the one that asks for somebody else."""
    for_others = role("deputy", rules=[("create", "access_request_for_others")])
    judged.apply(for_others, user("robo", "developer", "deputy", owner="mallory"))
    own = judged.ask("robo", "dba")
    for_bob = judged.ask("robo", "dba", for_user=address("bob"))

    for asked in (own, for_bob):
        with nothing_happens():
            for verdict in DONE:
                say(judged, asked, verdict).refused(403, "not_permitted")
            judged.get("robo", f"access-requests/{asked['id']}/checks/ticket/").refused(
                403, "not_permitted"
            )


def test_r6_4_a_workflow_without_a_bot_is_nobodys_to_answer(judged):
    judged.apply(expression("ticket", 'request.reason == ""'))
    asked = judged.ask("bob", "dba")

    with nothing_happens():
        say(judged, asked, "DENY", by="root").refused(403, "not_permitted")
        say(judged, asked, "DENY").refused(404, "not_found")


# --- what the bot sees --------------------------------------------------------------------------


def test_r5_5_the_named_bot_sees_the_request_and_no_other_bot_does(judged):
    asked, unrelated = judged.ask("bob", "dba"), judged.ask("bob", "dev-web")

    assert judged.listed("robo", "access-requests/") == [asked["id"]]
    assert judged.read(asked, "robo")["reason"] == asked["reason"]
    assert judged.told("robo", about=asked["id"]) == ["access_request.created"]
    judged.get("robo", f"access-requests/{unrelated['id']}/").refused(404, "not_found")
    assert judged.listed("other", "access-requests/") == []
    judged.get("other", f"access-requests/{asked['id']}/").refused(404, "not_found")
    assert judged.told("other", about=asked["id"]) == []


def test_r5_5_the_named_bot_may_not_review(judged):
    asked = judged.ask("bob", "dba")

    with nothing_happens():
        judged.review("robo", asked).refused(403, "not_permitted_to_review")
    assert judged.listed("robo", "access-requests/?scope=reviewable") == []


def test_r6_4_the_bot_is_shown_the_facts_of_now(judged):
    asked = judged.ask("bob", "dba", reason="T-1", duration="2h")
    judged.apply(user("bob", "developer", "stranger", traits={"team": ["payments"]}))

    document = judged.get("robo", f"access-requests/{asked['id']}/checks/ticket/").got()

    assert (document["workflow"], document["state"]) == ("ticket", "PENDING")
    assert document["facts"] == {
        "request": {
            "id": asked["id"],
            "user": "bob@example.com",
            "roles": ["dba"],
            "reason": "T-1",
            "annotations": {},
            "created_at": asked["created_at"],
            "start_time": None,
            "duration_seconds": 2 * HOUR,
            "extends": None,
        },
        "requester": {
            "user": "bob@example.com",
            "roles": ["developer", "stranger"],
            "traits": {"team": ["payments"]},
        },
    }


def test_r6_4_the_check_stays_readable_after_the_end(judged):
    asked = judged.ask("bob", "dba")
    say(judged, asked, "DENY", reason="no").got()

    document = judged.get("robo", f"access-requests/{asked['id']}/checks/ticket/").got()

    assert (document["state"], document["reason"]) == ("FAILED", "no")


# --- other ends of a request --------------------------------------------------------------------


def test_r6_7_force_ignores_the_checks_and_names_them(judged):
    judged.apply(workflow("device", engine="bot", bot=address("other")))
    asked = judged.ask("bob", "dba")
    say(judged, asked, "ALLOW", "device", by="other").got()

    forced = judged.force("root", asked).got()

    assert (forced["state"], forced["forced"]) == ("APPROVED", True)
    (approved,) = judged.events(about=asked["id"], type="access_request.approved")
    assert approved["data"]["skipped_checks"] == ["ticket"]
    assert checks_of(judged, asked) == {"device": "PASSED", "ticket": "PENDING"}


def test_r6_7_the_named_bot_may_not_force(judged):
    asked = judged.ask("bob", "dba")

    with nothing_happens():
        judged.force("robo", asked).refused(403, "not_permitted")


def test_r8_2_extensions_have_checks_too(judged):
    asked = judged.ask("bob", "dba")
    say(judged, asked, "ALLOW").got()
    grant = judged.approve("alice", asked)["grants"][0]

    extension = judged.ask("bob", "dba", extends=grant["id"])
    facts = judged.get("robo", f"access-requests/{extension['id']}/checks/ticket/").got()
    assert facts["facts"]["request"]["extends"] == grant["id"]
    assert judged.approve("alice", extension)["state"] == "PENDING"
    assert judged.grant(grant)["ends_at"] == grant["ends_at"]
    assert say(judged, extension, "ALLOW").got()["state"] == "APPROVED"
    assert judged.grant(grant)["ends_at"] > grant["ends_at"]


def test_r8_2_a_check_of_an_overtaken_extension_comes_too_late(judged):
    asked = judged.ask("bob", "dba")
    say(judged, asked, "ALLOW").got()
    grant = judged.approve("alice", asked)["grants"][0]
    extension = judged.ask("bob", "dba", extends=grant["id"])
    judged.end("bob", grant).got()

    with nothing_happens():
        say(judged, extension, "ALLOW").refused(409, "already_resolved")


# --- dry run ------------------------------------------------------------------------------------


def test_r10_a_dry_run_names_the_checks_and_asks_nobody(judged):
    judged.apply(
        expression("reason", 'request.reason != ""'),
        expression("short", "request.reason == ''"),
    )
    with nothing_happens():
        plan = judged.plan("bob", "dba", reason="T-1")

    checks = {check["workflow"]: check["state"] for check in plan["checks"]}
    assert checks == {"reason": "PASSED", "short": "FAILED", "ticket": "PENDING"}
    assert [check["problem"] for check in plan["checks"]] == ["", "", ""]
    assert not AccessRequest.objects.exists()
    assert judged.listed("robo", "access-requests/") == []


def test_r10_a_dry_run_shows_what_the_operators_functions_would_say(judged, settings):
    names = ("allows", "denies", "breaks")
    settings.ACCESSPLANE_WORKFLOW_CALLABLES = [f"tests.policy.functions.{n}" for n in names]
    judged.apply(
        *[
            workflow(n, engine="python", callable=f"tests.policy.functions.{n}", roles=["dba"])
            for n in names
        ]
    )
    with nothing_happens():
        plan = judged.plan("bob", "dba", reason="T-1")

    checks = {check["workflow"]: check for check in plan["checks"]}
    assert {name: checks[name]["state"] for name in names} == {
        "allows": "PASSED",
        "denies": "FAILED",
        "breaks": "PENDING",
    }
    assert checks["denies"]["reason"]
    assert "failed" in checks["breaks"]["problem"]


# --- reading workflows --------------------------------------------------------------------------


def test_workflows_are_read_by_people_with_the_verb(judged):
    assert [w["name"] for w in judged.get("auditor", "workflows/").got()["results"]] == [
        "ticket"
    ]
    spec = judged.get("root", "workflows/ticket/").got()["spec"]
    assert spec == {"engine": "bot", "bot": "robo@example.com", "roles": ["dba"]}
    assert judged.get("robo", "workflows/").got()["results"] == []
    for who in ("bob", "alice", "robo"):
        judged.get(who, "workflows/ticket/").refused(404, "not_found")
    for name in ("tickets", "%00", "..", "%20"):
        assert judged.get("root", f"workflows/{name}/").status == 404


def test_whoever_may_change_workflows_is_said_by_the_verbs(judged):
    changed = workflow("ticket", engine="bot", bot=address("other"))
    judged.apply(role("editor", rules=[("update", "workflow")]), user("mallory", "editor"))

    with nothing_happens():
        judged.try_apply(changed, by="bob").refused(403, "not_permitted")
        judged.try_apply(workflow("new", **changed["spec"]), by="mallory").refused(
            403, "not_permitted"
        )
    judged.try_apply(changed, by="mallory").got()
    assert judged.told(type="workflow.updated") == ["workflow.updated"]
