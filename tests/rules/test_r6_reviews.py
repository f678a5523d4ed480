"""SEMANTICS 6: a review, its refusals in their order, what it leads to, and force."""

import itertools

import pytest

from tests.rules.plane import DAY, HOUR, MISSING, Plane, at, role, user


@pytest.fixture
def two(plane) -> Plane:
    """bob's requests need two approvals, or two denials."""
    plane.apply(
        role(
            "developer",
            request={"roles": ["dba", "dev-*"], "thresholds": [{"approve": 2, "deny": 2}]},
        )
    )
    return plane


def untouched(plane: Plane, asked, *, reviews: int = 0) -> bool:
    now = plane.read(asked)
    return len(now["reviews"]) == reviews


# --- 6.1 ----------------------------------------------------------------------------------------


def test_r6_1_the_shape_comes_before_everything(two):
    asked = two.ask("bob", "dba")
    wrong = [
        ({"decision": "MAYBE"}, "invalid_decision"),
        ({"decision": "approve"}, "invalid_decision"),
        ({"decision": "PENDING"}, "invalid_decision"),
        ({}, "invalid_input"),
        ({"decision": "APPROVE", "roles": ["dba"]}, "invalid_input"),
        ({"decision": "APPROVE", "reviewer": "ivan@example.com"}, "invalid_input"),
        ({"decision": "APPROVE", "reason": "x" * 4097}, "reason_too_long"),
        ({"decision": "DENY", "start_time": at(HOUR)}, "invalid_input"),
        ({"decision": "COMMENT", "start_time": at(HOUR)}, "invalid_input"),
        ({"decision": "APPROVE", "start_time": "tomorrow"}, "invalid_input"),
        ({"decision": "APPROVE", "annotations": {"a": ["b"]}}, "invalid_input"),
    ]

    for body, code in wrong:
        for name in ("alice", "mallory", "bob", "auditor"):
            path = f"access-requests/{asked['id']}/reviews/"
            two.post(name, path, body).refused(400, code)
        two.post("alice", f"access-requests/{MISSING}/reviews/", body).refused(400, code)
    assert untouched(two, asked)


def test_r6_1_a_decision_of_another_type_is_refused(two):
    asked = two.ask("bob", "dba")

    for decision in (None, 1, True, [], {}, ["APPROVE"], ""):
        answer = two.post(
            "alice", f"access-requests/{asked['id']}/reviews/", {"decision": decision}
        )
        assert answer.status == 400
        assert answer.body["code"] in {"invalid_decision", "invalid_input"}


def test_r6_1_visible_comes_before_may_review(two):
    asked = two.ask("bob", "dba")

    two.review("mallory", asked, start_time=at(-DAY)).refused(404, "not_found")
    two.review("auditor", asked, start_time=at(-DAY)).refused(403, "not_permitted_to_review")
    assert untouched(two, asked)


def test_r6_1_may_review_comes_before_reviewed_and_resolved(two):
    asked = two.ask("bob", "dba")
    two.approve("alice", asked)
    two.cancel("bob", asked).got()
    two.apply(user("alice"))

    two.review("alice", asked).refused(403, "not_permitted_to_review")
    two.review("bob", asked).refused(403, "own_request")
    two.review("auditor", asked).refused(403, "not_permitted_to_review")


@pytest.mark.parametrize("second", ["APPROVE", "DENY"])
def test_r6_1_a_second_review_is_refused_whatever_it_says(two, second):
    asked = two.ask("bob", "dba")
    two.approve("alice", asked)

    two.review("alice", asked, second).refused(409, "already_reviewed")
    assert untouched(two, asked, reviews=1)


def test_r6_1_comments_are_aside(two):
    asked = two.ask("bob", "dba")
    two.review("alice", asked, "COMMENT", reason="hm").got(201)
    two.review("alice", asked, "COMMENT", reason="hm").got(201)

    assert two.approve("alice", asked)["thresholds"][0]["approvals"] == 1
    two.review("alice", asked, "COMMENT", reason="well").got(201)
    assert two.state(asked) == "PENDING"


def test_r6_1_reviewed_comes_before_resolved_and_resolved_before_the_start(two):
    asked = two.ask("bob", "dba")
    two.approve("alice", asked)
    two.cancel("bob", asked).got()

    two.review("alice", asked, start_time=at(-DAY)).refused(409, "already_reviewed")
    two.review("ivan", asked, start_time=at(-DAY)).refused(409, "already_resolved")


@pytest.mark.parametrize("state", ["APPROVED", "DENIED", "CANCELLED", "EXPIRED"])
def test_r6_1_already_resolved_names_the_state(plane, state):
    asked = plane.ask("bob", "dba")
    if state in {"APPROVED", "DENIED"}:
        plane.force("root", asked, state).got()
    elif state == "CANCELLED":
        plane.cancel("bob", asked).got()
    else:
        plane.clock.set(7 * DAY)

    for decision in ("APPROVE", "DENY", "COMMENT"):
        problem = plane.review("alice", asked, decision).refused(409, "already_resolved")
        assert state in problem["detail"]
    assert state in plane.cancel("bob", asked).refused(409, "already_resolved")["detail"]
    assert state in plane.force("root", asked).refused(409, "already_resolved")["detail"]
    assert plane.read(asked)["state"] == state


def test_r6_1_the_start_time_comes_last(two):
    asked = two.ask("bob", "dba")

    two.review("alice", asked, start_time=at(-61)).refused(400, "start_time_in_past")
    two.review("alice", asked, start_time=at(7 * DAY + 1)).refused(400, "start_time_too_far")
    assert untouched(two, asked)
    assert two.approve("alice", asked, start_time=at(7 * DAY))["start_time"]


def test_r6_1_whoever_sees_a_request_may_comment_on_it(two):
    asked = two.ask("bob", "dba")

    for name in ("bob", "alice", "auditor", "root"):
        review = two.review(name, asked, "COMMENT", reason="a word").got(201)["review"]
        assert (review["decision"], review["reason"]) == ("COMMENT", "a word")
    two.review("mallory", asked, "COMMENT").refused(404, "not_found")
    now = two.read(asked)
    assert now["state"] == "PENDING"
    assert now["thresholds"][0]["approvals"] == now["thresholds"][0]["denials"] == 0


def test_r6_1_a_refusal_leaves_no_event(two):
    asked = two.ask("bob", "dba")
    before = two.told()
    two.review("bob", asked).refused(403, "own_request")
    two.review("mallory", asked).refused(404, "not_found")
    two.review("alice", asked, start_time=at(-DAY)).refused(400, "start_time_in_past")

    assert two.told() == before


# --- 6.2 ----------------------------------------------------------------------------------------


def test_r6_2_what_a_review_meets_is_never_computed_again(plane):
    text = 'contains(reviewer.traits["t"], "x")'
    plane.apply(
        role(
            "developer",
            request={"roles": ["dba"], "thresholds": [{"filter": text, "approve": 2}]},
        ),
        user("alice", "lead", traits={"t": ["x"]}),
    )
    asked = plane.ask("bob", "dba")
    assert plane.approve("alice", asked)["thresholds"][0]["approvals"] == 1
    assert plane.approve("ivan", asked)["thresholds"][0]["approvals"] == 1
    plane.apply(
        user("alice", "lead"),
        user("ivan", "lead", traits={"t": ["x"]}),
        user("carol", "lead", traits={"t": ["x"]}),
    )

    assert plane.read(asked)["thresholds"][0]["approvals"] == 1
    assert plane.approve("carol", asked)["state"] == "APPROVED"


def test_r6_2_a_review_that_meets_none_is_stored_and_shown_and_moves_nothing(plane):
    text = 'contains(reviewer.traits["t"], "x")'
    plane.apply(role("developer", request={"roles": ["dba"], "thresholds": [{"filter": text}]}))
    asked = plane.ask("bob", "dba")

    after = plane.deny("alice", asked, reason="no")

    assert after["state"] == "PENDING"
    assert [review["reviewer"] for review in after["reviews"]] == ["alice@example.com"]
    assert after["thresholds"][0]["denials"] == 0
    plane.review("alice", asked).refused(409, "already_reviewed")


# --- 6.3 ----------------------------------------------------------------------------------------


def test_r6_3_or_inside_a_set(plane):
    plane.apply(
        role(
            "developer",
            request={
                "roles": ["dba"],
                "thresholds": [
                    {"name": "two", "approve": 2},
                    {
                        "name": "lead",
                        "approve": 1,
                        "filter": 'contains(reviewer.traits["t"], "lead")',
                    },
                ],
            },
        ),
        user("ivan", "lead", traits={"t": ["lead"]}),
        user("kim", "developer"),
    )

    assert plane.approve("ivan", plane.ask("bob", "dba"))["state"] == "APPROVED"
    other = plane.ask("kim", "dba")
    assert plane.approve("alice", other)["state"] == "PENDING"
    assert plane.approve("carol", other)["state"] == "APPROVED"


def test_r6_3_and_between_the_requested_roles(plane):
    plane.apply(
        role("x", request={"roles": ["dba"], "thresholds": [{"name": "one", "approve": 1}]}),
        role(
            "y", request={"roles": ["dev-web"], "thresholds": [{"name": "two", "approve": 2}]}
        ),
        user("bob", "x", "y"),
    )
    asked = plane.ask("bob", "dba", "dev-web")

    assert plane.approve("alice", asked)["state"] == "PENDING"
    done = plane.approve("ivan", asked)
    assert done["state"] == "APPROVED"
    assert [grant["role"] for grant in done["grants"]] == ["dba", "dev-web"]


def test_r6_3_any_threshold_that_denies_denies_the_whole(plane):
    plane.apply(
        role(
            "x",
            request={
                "roles": ["dba"],
                "thresholds": [{"name": "one", "approve": 3, "deny": 3}],
            },
        ),
        role(
            "y",
            request={
                "roles": ["dev-web"],
                "thresholds": [{"name": "two", "approve": 3, "deny": 1}],
            },
        ),
        user("bob", "x", "y"),
    )
    asked = plane.ask("bob", "dba", "dev-web")

    done = plane.deny("alice", asked, reason="not today")

    assert (done["state"], done["resolve_reason"], done["grants"]) == (
        "DENIED",
        "not today",
        [],
    )


def test_r6_3_a_denial_takes_no_approval_back(two):
    asked = two.ask("bob", "dba")
    two.approve("alice", asked)

    after = two.deny("carol", asked)
    assert (after["thresholds"][0]["approvals"], after["thresholds"][0]["denials"]) == (1, 1)
    assert two.approve("ivan", asked)["state"] == "APPROVED"


@pytest.mark.parametrize(
    "order", [order for order in itertools.permutations("AADD") if order[0] == "A"][:6:2]
)
def test_r6_3_reviews_count_in_their_order(two, order):
    two.apply(user("dora", "lead"))
    asked = two.ask("bob", "dba")
    people = iter(("alice", "ivan", "carol", "dora"))
    counts = {"A": 0, "D": 0}

    for letter in order:
        counts[letter] += 1
        after = two.review(next(people), asked, {"A": "APPROVE", "D": "DENY"}[letter])
        after = after.got(201)["request"]["state"]
        if counts[letter] == 2:
            assert after == {"A": "APPROVED", "D": "DENIED"}[letter]
            break
        assert after == "PENDING"


def test_r6_4_the_reason_of_the_deciding_review_is_the_resolve_reason(two):
    asked = two.ask("bob", "dba")
    two.approve("alice", asked, reason="first")

    done = two.approve("ivan", asked, reason="second")

    assert done["resolve_reason"] == "second"
    assert two.read(asked)["resolve_reason"] == "second"
    assert done["resolved_at"] == done["reviews"][1]["created_at"]


def test_r6_4_there_are_no_checks_without_workflows(plane):
    asked = plane.ask("bob", "dba")

    assert asked["checks"] == []
    assert plane.plan("bob", "dev-web")["checks"] == []


def test_r6_5_one_grant_is_made_for_each_requested_role(plane):
    done = plane.approve("alice", plane.ask("bob", "dba", "dev-api", "dev-web"))

    assert [grant["role"] for grant in done["grants"]] == ["dba", "dev-api", "dev-web"]
    assert len({grant["id"] for grant in done["grants"]}) == 3
    assert {grant["state"] for grant in done["grants"]} == {"ACTIVE"}
    types = plane.told(about=done["grants"][0]["id"])
    assert types == ["grant.started"]


def test_r6_5_the_story_stands_in_the_log_in_its_order(two):
    asked = two.ask("bob", "dba")
    two.approve("alice", asked)
    two.approve("ivan", asked)

    story = [kind for kind in two.told() if kind.split(".")[0] in {"access_request", "grant"}]
    assert story == [
        "access_request.created",
        "access_request.reviewed",
        "access_request.reviewed",
        "access_request.approved",
        "grant.started",
    ]


# --- 6.6 ----------------------------------------------------------------------------------------


def test_r6_6_the_last_start_time_wins(two):
    asked = two.ask("bob", "dba", start_time=at(HOUR))
    assert two.approve("alice", asked, start_time=at(2 * HOUR))["start_time"] == (
        at(2 * HOUR).replace("Z", ".000000Z")
    )

    done = two.approve("ivan", asked, start_time=at(3 * HOUR))

    grant = done["grants"][0]
    assert (grant["state"], grant["starts_at"]) == (
        "SCHEDULED",
        at(3 * HOUR).replace("Z", ".000000Z"),
    )


def test_r6_6_an_approval_without_a_start_leaves_the_one_before(two):
    asked = two.ask("bob", "dba")
    two.approve("alice", asked, start_time=at(2 * HOUR))

    grant = two.approve("ivan", asked)["grants"][0]

    assert grant["starts_at"] == at(2 * HOUR).replace("Z", ".000000Z")


def test_r6_6_an_approval_that_no_threshold_counts_moves_the_start_too(plane):
    text = 'contains(reviewer.traits["t"], "x")'
    plane.apply(
        role("developer", request={"roles": ["dba"], "thresholds": [{"filter": text}]}),
        user("ivan", "lead", traits={"t": ["x"]}),
    )
    asked = plane.ask("bob", "dba")
    plane.approve("alice", asked, start_time=at(HOUR))

    assert plane.approve("ivan", asked)["grants"][0]["state"] == "SCHEDULED"


# --- 6.7 ----------------------------------------------------------------------------------------


@pytest.fixture
def chief(two) -> Plane:
    """max may force, and nothing else."""
    two.apply(role("chief", rules=[("update", "access_request"), ("read", "access_request")]))
    two.apply(user("max", "chief"))
    return two


@pytest.mark.parametrize("state", ["APPROVED", "DENIED"])
def test_r6_7_the_verb_resolves_without_thresholds(chief, state):
    asked = chief.ask("bob", "dba")

    done = chief.force("max", asked, state, reason="on call").got()

    assert (done["state"], done["forced"], done["resolve_reason"]) == (state, True, "on call")
    assert len(done["grants"]) == (1 if state == "APPROVED" else 0)
    assert done["reviews"] == []
    assert chief.holds("bob", "dba") is (state == "APPROVED")


def test_r6_7_the_event_names_the_thresholds_that_were_skipped(chief):
    chief.apply(
        role(
            "developer",
            request={"roles": ["dba"], "thresholds": [{"name": "two people", "approve": 2}]},
        )
    )
    chief.force("max", chief.ask("bob", "dba")).got()

    event = chief.events(type="access_request.approved")[0]
    assert event["data"]["forced"] is True
    assert event["data"]["skipped_thresholds"] == ["two people"]
    assert event["actor"]["name"] == "max@example.com"


def test_r6_7_a_decision_by_reviews_is_not_forced(plane):
    done = plane.approve("alice", plane.ask("bob", "dba"))

    assert done["forced"] is False
    assert plane.events(type="access_request.approved")[0]["data"]["skipped_thresholds"] == []


@pytest.mark.parametrize("reason", ["", "  ", "\n"])
def test_r6_7_it_needs_a_reason_that_is_not_blank(chief, reason):
    asked = chief.ask("bob", "dba")

    chief.force("max", asked, reason=reason).refused(400, "reason_required")
    path = f"access-requests/{asked['id']}/resolve/"
    assert chief.post("max", path, {"state": "DENIED"}).status == 400
    assert chief.state(asked) == "PENDING"


def test_r6_7_a_start_time_may_come_with_an_approval(chief):
    asked = chief.ask("bob", "dba", start_time=at(HOUR))

    done = chief.force("max", asked, start_time=at(2 * HOUR)).got()

    assert done["grants"][0]["state"] == "SCHEDULED"
    assert done["grants"][0]["starts_at"] == at(2 * HOUR).replace("Z", ".000000Z")


def test_r6_7_a_start_time_with_a_denial_is_invalid_input(chief):
    asked = chief.ask("bob", "dba")

    chief.force("max", asked, "DENIED", start_time=at(HOUR)).refused(400, "invalid_input")
    chief.force("max", asked, start_time=at(-DAY)).refused(400, "start_time_in_past")
    chief.force("max", asked, start_time=at(8 * DAY)).refused(400, "start_time_too_far")
    assert chief.state(asked) == "PENDING"


def test_r6_7_the_order_of_refusals(chief):
    chief.apply(role("developer", request=["dba"], rules=[("update", "access_request")]))
    asked = chief.ask("bob", "dba")
    chief.apply(user("blind", "developer"))
    later = {"start_time": at(-DAY)}

    # shape, before anything
    for name in ("mallory", "auditor", "bob", "max"):
        chief.force(name, asked, "PENDING").refused(400, "invalid_decision")
        chief.force(name, asked, reason=" ").refused(400, "reason_required")
    # visible: the verb alone shows nothing
    chief.force("mallory", asked, **later).refused(404, "not_found")
    chief.force("blind", asked, **later).refused(404, "not_found")
    # the verb before own
    chief.force("auditor", asked, **later).refused(403, "not_permitted")
    chief.force("alice", asked, **later).refused(403, "not_permitted")
    # own before pending
    chief.force("bob", asked, **later).refused(403, "own_request")
    chief.cancel("bob", asked).got()
    chief.force("bob", asked, **later).refused(403, "own_request")
    chief.force("auditor", asked).refused(403, "not_permitted")
    # pending
    chief.force("max", asked).refused(409, "already_resolved")


def test_r6_7_without_the_verb_the_own_request_is_a_matter_of_the_verb(chief):
    asked = chief.ask("bob", "dba")

    chief.force("bob", asked).refused(403, "not_permitted")


def test_r6_7_an_elevated_role_does_not_let_one_force(chief):
    chief.apply(
        role("stranger", request=["chief"]),
        role("lead", review=["chief"]),
        user("kim", "developer"),
    )
    grant = chief.grant_of("mallory", "chief", "alice")
    assert grant["state"] == "ACTIVE"
    asked = chief.ask("kim", "dba")
    assert chief.read(asked, "mallory")["state"] == "PENDING"

    chief.force("mallory", asked).refused(403, "not_permitted")


@pytest.mark.parametrize(
    "rule", [("create", "access_request"), ("update", "grant"), ("read", "*")]
)
def test_r6_7_another_verb_is_not_enough(chief, rule):
    chief.apply(role("chief", rules=[rule, ("read", "access_request")]))

    chief.force("max", chief.ask("bob", "dba")).refused(403, "not_permitted")


def test_r6_7_a_forced_decision_is_final(chief):
    asked = chief.ask("bob", "dba")
    chief.force("max", asked, "DENIED").got()

    chief.force("max", asked).refused(409, "already_resolved")
    chief.review("alice", asked).refused(409, "already_resolved")
    assert chief.state(asked) == "DENIED"


# --- cancelling ---------------------------------------------------------------------------------


def test_r0_only_the_requester_cancels(plane):
    plane.apply(
        role("desk", rules=[("create", "access_request_for_others")]), user("hal", "desk")
    )
    asked = plane.ask("hal", "dba", for_user="bob@example.com")

    for name in ("hal", "alice", "root", "auditor"):
        plane.cancel(name, asked).refused(403, "not_permitted")
    plane.cancel("mallory", asked).refused(404, "not_found")
    done = plane.cancel("bob", asked, reason="changed my mind").got()
    assert (done["state"], done["resolve_reason"]) == ("CANCELLED", "changed my mind")
    assert plane.state(asked) == "CANCELLED"


@pytest.mark.parametrize("state", ["APPROVED", "DENIED"])
def test_r0_a_resolved_state_is_final(plane, state):
    asked = plane.ask("bob", "dba")
    (plane.approve if state == "APPROVED" else plane.deny)("alice", asked)

    plane.cancel("bob", asked).refused(409, "already_resolved")
    plane.review("ivan", asked, "DENY").refused(409, "already_resolved")
    plane.clock.set(8 * DAY)
    assert plane.state(asked) == state
