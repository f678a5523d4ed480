"""SEMANTICS 3: who may request what."""

import pytest

from tests.rules.plane import DAY, HOUR, Plane, at, role, user

FOR_OTHERS = [("create", "access_request_for_others")]


def problem_of(plane: Plane, actor: str, *roles: str, **more):
    """The refusal of a request, which its dry run must equal in every word (section 10)."""
    real = plane.try_asking(actor, *roles, **more)
    dry = plane.try_asking(actor, *roles, **more | {"dry_run": True})
    assert real.status >= 400, real.body
    assert dry == real
    return real


# --- 3.1 ----------------------------------------------------------------------------------------


def test_r3_1_the_roles_of_all_static_roles_add_up(bare):
    bare.apply(
        role("dba"),
        role("web"),
        role("one", request=["dba"]),
        role("two", request=["web"]),
        user("kim", "one", "two"),
    )

    assert bare.ask("kim", "dba", "web")["roles"] == ["dba", "web"]


def test_r3_1_a_deny_of_one_role_beats_the_allow_of_another(bare):
    bare.apply(
        role("dba"),
        role("web"),
        role("all", request=["*"]),
        role("less", deny_request=["db*"]),
        user("kim", "all", "less"),
    )

    problem_of(bare, "kim", "dba").refused(400, "role_not_requestable")
    assert bare.ask("kim", "web")["state"] == "PENDING"


def test_r3_1_the_literal_name_does_not_beat_a_deny(bare):
    bare.apply(role("dba"), role("r", request=["dba"], deny_request=["*"]), user("kim", "r"))

    problem_of(bare, "kim", "dba").refused(400, "role_not_requestable")


def test_r3_1_an_elevated_role_does_not_widen_what_may_be_requested(bare):
    bare.apply(
        role("dba"),
        role("more", request=["dba"]),
        role("asks", request=["more"]),
        role("judge", review=["*"]),
        user("kim", "asks"),
        user("jay", "judge"),
    )
    bare.grant_of("kim", "more", "jay")
    assert bare.holds("kim", "more")

    problem_of(bare, "kim", "dba").refused(400, "role_not_requestable")
    offered = bare.get("kim", "roles/requestable/").got()["results"]
    assert [row["name"] for row in offered] == ["more"]


def test_r3_1_an_elevated_role_does_not_narrow_it_either(bare):
    bare.apply(
        role("dba"),
        role("less", deny_request=["dba"]),
        role("asks", request=["less", "dba"]),
        role("judge", review=["*"]),
        user("kim", "asks"),
        user("jay", "judge"),
    )
    bare.grant_of("kim", "less", "jay")

    assert bare.ask("kim", "dba")["state"] == "PENDING"


def test_r3_1_a_role_without_an_allow_is_not_requestable(plane):
    problem_of(plane, "mallory", "dba").refused(400, "role_not_requestable")


# --- 3.2 ----------------------------------------------------------------------------------------


def test_r3_2_one_role_that_may_not_be_requested_fails_the_whole_request(plane):
    problem = problem_of(plane, "bob", "dba", "prod").refused(400, "role_not_requestable")

    assert "prod" in problem["detail"]
    assert plane.listed("root", "access-requests/") == []


@pytest.mark.parametrize("name", ["nothing", "prod"])
def test_r3_2_whether_a_role_exists_is_not_told(plane, name):
    problem = problem_of(plane, "bob", name).refused(400, "role_not_requestable")

    assert problem["detail"].replace(name, "X") == (
        problem_of(plane, "bob", "prod").body["detail"].replace("prod", "X")
    )


def test_r3_2_a_requestable_name_that_does_not_exist_is_not_found(plane):
    problem = problem_of(plane, "bob", "dev-none").refused(400, "role_not_found")

    assert "dev-none" in problem["detail"]


@pytest.mark.parametrize("roles", [["dev-none", "prod"], ["prod", "dev-none"]])
def test_r3_2_not_requestable_comes_before_not_found(plane, roles):
    problem_of(plane, "bob", *roles).refused(400, "role_not_requestable")


def test_r3_2_names_are_de_duplicated_and_sorted(plane):
    asked = plane.ask("bob", "dev-web", "dba", "dev-web", "dev-api", "dba")

    assert asked["roles"] == ["dba", "dev-api", "dev-web"]


def test_r3_2_there_is_one_grant_for_each_name_given_twice(plane):
    done = plane.approve("alice", plane.ask("bob", "dba", "dba"))

    assert [grant["role"] for grant in done["grants"]] == ["dba"]


def test_r3_2_case_counts_in_names(plane):
    problem_of(plane, "bob", "DBA").refused(400, "role_not_requestable")


def test_r3_2_nothing_requested_is_an_error(plane):
    problem_of(plane, "bob").refused(400, "nothing_requested")


@pytest.mark.parametrize(
    "name",
    ["", " ", "a b", " dba", "dba ", "-dba", ".dba", "dba\n", "dba!", "d\u00e4", "x" * 129,
     "\u202edba", "dba,dev-web"],
)  # fmt: skip
def test_r3_2_what_cannot_be_a_role_name_is_invalid_input(plane, name):
    problem_of(plane, "bob", name).refused(400, "invalid_input")


# --- 3.3 ----------------------------------------------------------------------------------------


def test_r3_3_a_star_alone_becomes_every_existing_requestable_role(plane):
    assert plane.ask("bob", "*")["roles"] == ["dba", "dev-api", "dev-web"]


def test_r3_3_a_star_leaves_out_what_is_held_statically_or_through_a_grant(plane):
    plane.apply(user("bob", "developer", "dev-api"))
    plane.grant_of("bob", "dba", "alice")

    assert plane.ask("bob", "*")["roles"] == ["dev-web"]


def test_r3_3_a_star_asks_again_for_what_is_held_no_more(plane):
    grant = plane.grant_of("bob", "dba", "alice")
    plane.end("bob", grant).got()

    assert plane.plan("bob", "*")["roles"] == ["dba", "dev-api", "dev-web"]


def test_r3_3_a_star_does_not_count_a_scheduled_grant_as_held(plane):
    plane.grant_of("bob", "dba", "alice", start_time=at(HOUR))

    assert "dba" in plane.plan("bob", "*")["roles"]
    plane.clock.set(HOUR)
    assert "dba" not in plane.plan("bob", "*")["roles"]


def test_r3_3_a_star_that_stands_for_nothing_is_an_error(plane):
    problem_of(plane, "mallory", "*").refused(400, "no_requestable_roles")

    plane.apply(user("bob", "developer", "dba", "dev-web", "dev-api"))
    problem_of(plane, "bob", "*").refused(400, "no_requestable_roles")


@pytest.mark.parametrize("others", [["dba"], ["dev-web", "dba"]])
def test_r3_3_a_star_beside_other_names_is_an_ordinary_unknown_name(plane, others):
    problem_of(plane, "bob", "*", *others).refused(400, "role_not_requestable")

    plane.apply(role("developer", request=["*"]))
    problem_of(plane, "bob", *others, "*").refused(400, "role_not_found")


def test_r3_3_other_patterns_are_no_names(plane):
    problem_of(plane, "bob", "dev-*").refused(400, "invalid_input")


def test_r3_3_a_star_of_denied_roles_leaves_them_out(plane):
    plane.apply(role("less", deny_request=["dev-*"]), user("bob", "developer", "less"))

    assert plane.ask("bob", "*")["roles"] == ["dba"]


def test_r3_3_a_star_does_not_become_admin(bare):
    bare.apply(role("dba"), role("asks", request=["*"]), user("kim", "asks"))

    assert bare.ask("kim", "*")["roles"] == ["dba", "requester", "reviewer"]


def test_r3_3_the_same_star_again_is_told_so(plane):
    plane.ask("bob", "dba", "dev-api", "dev-web")

    problem_of(plane, "bob", "*").refused(409, "duplicate_request")


# --- 3.4 ----------------------------------------------------------------------------------------


def test_r3_4_a_role_that_is_held_may_be_requested_by_its_name(plane):
    plane.apply(user("bob", "developer", "dba"))

    done = plane.approve("alice", plane.ask("bob", "dba"))

    assert done["grants"][0]["state"] == "ACTIVE"


def test_r3_4_held_roles_are_offered_and_marked(plane):
    plane.grant_of("bob", "dev-web", "alice")
    plane.apply(user("bob", "developer", "dba"))

    offered = plane.get("bob", "roles/requestable/").got()["results"]

    assert {row["name"]: row["held"] for row in offered} == {
        "dba": True,
        "dev-web": True,
        "dev-api": False,
    }


# --- 3.5 ----------------------------------------------------------------------------------------


def test_r3_5_asking_for_others_needs_the_verb(plane):
    problem_of(plane, "alice", "dba", for_user="bob@example.com").refused(403, "not_permitted")


def test_r3_5_the_verb_is_looked_at_before_the_person(plane):
    for nobody in ("nobody@example.com", "no address", "bob@example.com"):
        problem_of(plane, "alice", "dba", for_user=nobody).refused(403, "not_permitted")


@pytest.fixture
def desk(plane) -> Plane:
    """hal may ask for others, and for nothing himself."""
    plane.apply(role("desk", rules=FOR_OTHERS), user("hal", "desk"), user("gone", active=False))
    return plane


def test_r3_5_with_the_verb_an_unknown_or_inactive_person_is_invalid_input(desk):
    for nobody in ("nobody@example.com", "gone@example.com"):
        problem = problem_of(desk, "hal", "dba", for_user=nobody)
        assert "for_user" in problem.refused(400, "invalid_input")["errors"]


def test_r3_5_the_subject_is_the_requester_and_the_author_is_shown(desk):
    asked = desk.ask("hal", "dba", for_user="bob@example.com")

    assert (asked["requester"], asked["author"]) == ("bob@example.com", "hal@example.com")
    shown = desk.read(asked, "alice")
    assert (shown["requester"], shown["author"]) == ("bob@example.com", "hal@example.com")
    done = desk.approve("alice", asked)
    assert desk.grant(done["grants"][0])["user"] == "bob@example.com"
    assert desk.holds("bob", "dba")
    assert not desk.holds("hal", "dba")


def test_r3_5_the_subject_s_roles_decide_what_may_be_requested(desk):
    problem_of(desk, "hal", "dba").refused(400, "role_not_requestable")
    desk.apply(role("desk", rules=FOR_OTHERS, request=["prod"]))
    problem_of(desk, "hal", "prod", for_user="bob@example.com").refused(
        400, "role_not_requestable"
    )


def test_r3_5_an_elevated_role_does_not_let_one_ask_for_others(desk):
    desk.apply(role("developer", request=["desk", "dba"]))
    desk.apply(role("lead", review=["*"]))
    desk.grant_of("bob", "desk", "alice")
    assert desk.holds("bob", "desk")

    problem_of(desk, "bob", "dba", for_user="alice@example.com").refused(403, "not_permitted")


def test_r3_5_update_or_read_are_not_the_verb(desk):
    desk.apply(role("desk", rules=[("update", "access_request_for_others")]))
    problem_of(desk, "hal", "dba", for_user="bob@example.com").refused(403, "not_permitted")
    desk.apply(role("desk", rules=[("create", "access_request")]))
    problem_of(desk, "hal", "dba", for_user="bob@example.com").refused(403, "not_permitted")


@pytest.mark.parametrize("rule", [("*", "access_request_for_others"), ("create", "*")])
def test_r3_5_a_star_is_every_verb_and_every_resource(desk, rule):
    desk.apply(role("desk", rules=[rule]))

    assert desk.ask("hal", "dba", for_user="bob@example.com")["author"] == "hal@example.com"


def test_r3_5_asking_for_oneself_by_name_needs_no_verb(plane):
    asked = plane.ask("bob", "dba", for_user="BOB@Example.com")

    assert (asked["requester"], asked["author"]) == ("bob@example.com", "bob@example.com")


def test_r3_5_case_does_not_count_in_the_person_s_address(desk):
    assert desk.ask("hal", "dba", for_user="Bob@EXAMPLE.com")["requester"] == "bob@example.com"


def test_r3_5_the_prompts_reasons_and_suggestions_are_the_subject_s(desk):
    desk.apply(
        role("dba"),
        role(
            "developer",
            request={
                "roles": ["dba"],
                "suggested_reviewers": ["ivan@example.com"],
                "reason": {"mode": "required", "prompt": "Ticket?"},
            },
        ),
        role(
            "desk",
            rules=FOR_OTHERS,
            request={"roles": ["dba"], "suggested_reviewers": ["carol@example.com"]},
        ),
    )

    problem_of(desk, "hal", "dba", for_user="bob@example.com").refused(400, "reason_required")
    plan = desk.plan("hal", "dba", for_user="bob@example.com", reason="x")
    assert plan["suggested_reviewers"] == ["ivan@example.com"]
    assert plan["prompts"] == ["Ticket?"]


def test_r3_5_a_bot_asks_for_itself_and_its_owner_is_recorded(plane):
    plane.apply(user("bot", "developer", owner="ivan"))

    asked = plane.ask("bot", "dba")

    assert asked["requester"] == asked["author"] == "bot@example.com"
    assert asked["owner"] == "ivan@example.com"
    assert plane.approve("alice", asked)["state"] == "APPROVED"
    assert plane.holds("bot", "dba")


def test_r3_5_the_owner_of_a_person_s_request_is_nobody(plane):
    assert plane.ask("bob", "dba")["owner"] is None


def test_r3_5_the_subject_sees_the_request_and_the_author_too(desk):
    asked = desk.ask("hal", "dba", for_user="bob@example.com")

    assert asked["id"] in desk.listed("bob", "access-requests/?scope=mine")
    assert desk.read(asked, "hal")["id"] == asked["id"]


def test_r3_5_an_administrator_has_the_verb(plane):
    assert plane.ask("root", "dba", for_user="bob@example.com")["author"] == "root@example.com"


# --- 3.6 ----------------------------------------------------------------------------------------


def test_r3_6_the_same_set_again_is_told_so_with_the_id(plane):
    first = plane.ask("bob", "dev-web", "dba")

    for again in (["dba", "dev-web"], ["dev-web", "dba", "dba"]):
        problem = problem_of(plane, "bob", *again).refused(409, "duplicate_request")
        assert first["id"] in problem["detail"]


@pytest.mark.parametrize(
    "more", [{"reason": "another"}, {"duration": "1h"}, {"start_time": at(60)}]
)
def test_r3_6_another_reason_or_duration_makes_no_difference(plane, more):
    plane.ask("bob", "dba")

    problem_of(plane, "bob", "dba", **more).refused(409, "duplicate_request")


def test_r3_6_a_part_or_more_is_another_request(plane):
    plane.ask("bob", "dba", "dev-web")

    assert plane.ask("bob", "dba")["state"] == "PENDING"
    assert plane.ask("bob", "dba", "dev-web", "dev-api")["state"] == "PENDING"


def test_r3_6_another_person_may_ask_for_the_same(plane):
    plane.apply(user("kim", "developer"))
    plane.ask("bob", "dba")

    assert plane.ask("kim", "dba")["state"] == "PENDING"


def test_r3_6_the_same_person_is_the_subject_whoever_writes(plane):
    first = plane.ask("root", "dba", for_user="bob@example.com")

    assert (
        first["id"]
        in problem_of(plane, "bob", "dba").refused(409, "duplicate_request")["detail"]
    )
    problem_of(plane, "root", "dba", for_user="bob@example.com").refused(
        409, "duplicate_request"
    )


def test_r3_6_a_scheduled_or_active_grant_stands_in_the_way(plane):
    plane.grant_of("bob", "dba", "alice", start_time=at(HOUR))
    problem_of(plane, "bob", "dba").refused(409, "duplicate_request")

    plane.clock.set(2 * HOUR)
    problem_of(plane, "bob", "dba").refused(409, "duplicate_request")


def test_r3_6_any_grant_of_the_request_is_enough(plane):
    done = plane.approve("alice", plane.ask("bob", "dba", "dev-web"))
    plane.end("bob", done["grants"][0]).got()

    problem_of(plane, "bob", "dba", "dev-web").refused(409, "duplicate_request")
    plane.end("bob", done["grants"][1]).got()
    assert plane.ask("bob", "dba", "dev-web")["state"] == "PENDING"


def test_r3_6_a_grant_that_time_has_ended_stands_in_nobody_s_way(plane):
    plane.grant_of("bob", "dba", "alice", duration="1h")

    plane.clock.set(HOUR - 1)
    problem_of(plane, "bob", "dba").refused(409, "duplicate_request")
    plane.clock.set(HOUR)
    assert plane.ask("bob", "dba")["state"] == "PENDING"


def test_r3_6_a_request_that_waited_too_long_stands_in_nobody_s_way(plane):
    plane.ask("bob", "dba", pending_ttl="1h")

    plane.clock.set(HOUR)
    assert plane.ask("bob", "dba")["state"] == "PENDING"


def test_r3_6_a_denied_or_cancelled_request_stands_in_nobody_s_way(plane):
    plane.deny("alice", plane.ask("bob", "dba"))
    second = plane.ask("bob", "dba")
    plane.cancel("bob", second).got()

    assert plane.ask("bob", "dba")["state"] == "PENDING"


def test_r3_6_a_revoked_grant_stands_in_nobody_s_way(plane):
    plane.revoke("alice", plane.grant_of("bob", "dba", "alice")).got()

    assert plane.ask("bob", "dba")["state"] == "PENDING"


def test_r3_6_a_grant_whose_holder_lost_the_right_before_its_start_stands_in_nobody_s_way(
    plane,
):
    plane.grant_of("bob", "dba", "alice", start_time=at(HOUR))
    plane.apply(user("bob"))
    plane.clock.set(HOUR + 1)
    assert not plane.holds("bob", "dba")
    plane.apply(user("bob", "developer"))

    assert plane.ask("bob", "dba")["state"] == "PENDING"


def test_r3_6_an_extension_is_no_duplicate_of_what_it_extends(plane):
    grant = plane.grant_of("bob", "dba", "alice")

    assert plane.plan("bob", "dba", extends=grant["id"])["roles"] == ["dba"]
    assert plane.ask("bob", "dba", extends=grant["id"])["state"] == "PENDING"


def test_r3_6_a_dry_run_stands_in_nobody_s_way(plane):
    plane.plan("bob", "dba")

    plane.plan("bob", "dba")
    assert plane.ask("bob", "dba")["state"] == "PENDING"


# --- 3.7 ----------------------------------------------------------------------------------------


def needing(plane: Plane, *rules: dict, options: dict | None = None, **more) -> None:
    """bob holds one role for each rule, all of which permit dba."""
    names = [f"needs-{number}" for number, _ in enumerate(rules)]
    plane.apply(
        role("dba"),
        *[
            role(
                name, request={"roles": ["dba"], "reason": rule}, options=options or {}, **more
            )
            for name, rule in zip(names, rules, strict=True)
        ],
        user("bob", *names),
    )


@pytest.mark.parametrize("letter", ["a", "ä", "€", "\U0001d54f"])
def test_r3_7_a_reason_has_at_most_4096_bytes(plane, letter):
    most = 4096 // len(letter.encode())

    problem_of(plane, "bob", "dba", reason=letter * (most + 1)).refused(400, "reason_too_long")
    assert plane.ask("bob", "dba", reason=letter * most)["reason"] == letter * most


def test_r3_7_the_bytes_count_and_not_the_letters(plane):
    problem_of(plane, "bob", "dba", reason="a" * 4095 + "ä").refused(400, "reason_too_long")


@pytest.mark.parametrize("blank", ["", " ", "\n\t ", "\u00a0\u2003"])
def test_r3_7_white_space_alone_is_no_reason(plane, blank):
    needing(plane, {"mode": "required"})

    problem_of(plane, "bob", "dba", reason=blank).refused(400, "reason_required")
    problem_of(plane, "bob", "dba").refused(400, "reason_required")
    assert plane.ask("bob", "dba", reason=f"{blank}x")["reason"] == f"{blank}x"


def test_r3_7_no_mode_is_optional(plane):
    needing(plane, {}, {"mode": ""}, {"mode": "optional"})

    assert plane.ask("bob", "dba")["reason"] == ""


@pytest.mark.parametrize("mode", ["always", "Required", "REQUIRED", " required", 1, None, True])
def test_r3_7_another_mode_is_refused_when_the_role_is_saved(bare, mode):
    answer = bare.try_apply(role("r", request={"roles": ["dba"], "reason": {"mode": mode}}))

    assert answer.status == 400
    if isinstance(mode, str):
        answer.refused(400, "invalid_reason_mode")


def test_r3_7_one_role_that_requires_a_reason_is_enough(plane):
    needing(plane, {}, {"mode": "required"}, {"mode": "optional"})

    problem_of(plane, "bob", "dba").refused(400, "reason_required")


def test_r3_7_a_role_that_permits_nothing_requested_requires_nothing(plane):
    plane.apply(
        role("dba"),
        role("other", request={"roles": ["dev-*"], "reason": {"mode": "required"}}),
        role("simple", request=["dba"]),
        user("bob", "other", "simple"),
    )

    assert plane.ask("bob", "dba")["reason"] == ""
    problem_of(plane, "bob", "dba", "dev-web").refused(400, "reason_required")


def test_r3_7_patterns_and_claim_mappings_count(plane):
    rule = {"mode": "required"}
    mapping = {"claim": "team", "value": "*", "roles": ["$1"]}
    for request in ({"roles": ["d*"]}, {"roles": ["^.*$"]}, {"claims_to_roles": [mapping]}):
        plane.apply(
            role("needs", request=request | {"reason": rule}),
            role("simple", request=["dba"]),
            user("bob", "simple", "needs", traits={"team": ["dba"]}),
        )
        problem_of(plane, "bob", "dba").refused(400, "reason_required")


def test_r3_7_any_held_role_with_request_access_reason_requires_one(plane):
    plane.apply(
        role("careful", options={"request_access": "reason"}),
        user("bob", "developer", "careful"),
    )

    problem_of(plane, "bob", "dba").refused(400, "reason_required")
    assert plane.plan("bob", "dba", reason="x")["reason_required"] is True


def test_r3_7_the_option_of_a_requested_role_is_not_that_of_a_held_one(plane):
    plane.apply(role("dba", options={"request_access": "reason"}))

    assert plane.ask("bob", "dba")["reason"] == ""


@pytest.mark.parametrize("way", ["always", "optional"])
def test_r3_7_request_access_always_demands_nothing(plane, way):
    plane.apply(
        role("eager", options={"request_access": way}), user("bob", "developer", "eager")
    )

    assert plane.ask("bob", "dba")["reason"] == ""


def test_r3_7_a_pattern_is_searched_for_anywhere(plane):
    needing(plane, {"pattern": r"(?i)ticket #\d+"})

    problem_of(plane, "bob", "dba", reason="TICKET 12").refused(400, "reason_pattern")
    assert plane.ask("bob", "dba", reason="see\nTICKET #12, please")["state"] == "PENDING"


@pytest.mark.parametrize("mode", ["optional", "", None])
def test_r3_7_a_pattern_binds_every_reason_that_is_given_whatever_the_mode(plane, mode):
    needing(plane, {"pattern": "T-[0-9]+"} | ({"mode": mode} if mode is not None else {}))

    problem_of(plane, "bob", "dba", reason="none").refused(400, "reason_pattern")
    assert plane.ask("bob", "dba")["reason"] == ""


def test_r3_7_a_blank_reason_is_not_searched(plane):
    needing(plane, {"pattern": "T-[0-9]+"})

    assert plane.ask("bob", "dba", reason="  ")["state"] == "PENDING"


def test_r3_7_several_patterns_must_all_be_found(plane):
    needing(plane, {"pattern": "T-[0-9]+"}, {"pattern": "because"})

    for reason in ("T-1", "because", "T because"):
        problem_of(plane, "bob", "dba", reason=reason).refused(400, "reason_pattern")
    assert plane.ask("bob", "dba", reason="because T-1")["state"] == "PENDING"


def test_r3_7_the_pattern_of_a_role_that_permits_nothing_requested_is_not_searched(plane):
    plane.apply(
        role("other", request={"roles": ["dev-*"], "reason": {"pattern": "T-1"}}),
        user("bob", "developer", "other"),
    )

    assert plane.ask("bob", "dba", reason="x")["state"] == "PENDING"
    problem_of(plane, "bob", "dev-web", reason="x").refused(400, "reason_pattern")


@pytest.mark.parametrize("pattern", ["[", "(", "a**", r"(a)\1", "{{x}}"])
def test_r3_7_a_broken_pattern_is_refused_when_the_role_is_saved(bare, pattern):
    document = role("r", request={"roles": ["dba"], "reason": {"pattern": pattern}})

    bare.try_apply(document).refused(400, "invalid_pattern")


def test_r3_7_all_prompts_that_apply_are_shown_sorted_each_once(plane):
    plane.apply(
        role("a", request={"roles": ["dba"], "reason": {"prompt": "Zebra?"}}),
        role("b", request={"roles": ["d*"], "reason": {"prompt": "Apple?"}}),
        role("c", request={"roles": ["dba"], "reason": {"prompt": "Zebra?"}}),
        role("d", request={"roles": ["dev-web"], "reason": {"prompt": "Not this"}}),
        role("e", options={"request_prompt": "Melon?"}),
        user("bob", "a", "b", "c", "d", "e"),
    )

    assert plane.plan("bob", "dba")["prompts"] == ["Apple?", "Melon?", "Zebra?"]
    offers = plane.get("bob", "roles/requestable/").got()["results"]
    assert next(row for row in offers if row["name"] == "dba")["prompts"] == [
        "Apple?",
        "Melon?",
        "Zebra?",
    ]


def test_r3_7_the_terms_are_offered_beside_each_role(plane):
    plane.apply(
        role(
            "developer",
            request={"roles": ["dba"], "reason": {"mode": "required"}, "max_duration": "2h"},
        ),
        role("dba", description="Databases", labels={"title": "DBA"}),
    )

    assert plane.get("bob", "roles/requestable/").got()["results"] == [
        {
            "name": "dba",
            "title": "DBA",
            "description": "Databases",
            "held": False,
            "limit_seconds": 2 * HOUR,
            "reason_required": True,
            "prompts": [],
        }
    ]


def test_r3_an_inactive_user_asks_for_nothing(plane):
    plane.secret_of("bob")
    plane.apply(user("bob", "developer", active=False))

    plane.try_asking("bob", "dba").refused(401, "not_authenticated")
    problem_of(plane, "root", "dba", for_user="bob@example.com").refused(400, "invalid_input")


def test_r3_a_role_made_later_is_requestable_at_once(plane):
    problem_of(plane, "bob", "dev-new").refused(400, "role_not_found")
    plane.apply(role("dev-new"))

    assert plane.ask("bob", "dev-new")["state"] == "PENDING"


def test_r3_asking_does_not_depend_on_the_day(plane):
    plane.clock.set(300 * DAY)

    assert plane.ask("bob", "dba")["state"] == "PENDING"
