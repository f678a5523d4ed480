"""SEMANTICS 9.1 to 9.3: suggested reviewers, annotations, who would be told."""

import pytest

from tests.rules.plane import Plane, role, user

# --- 9.1 ----------------------------------------------------------------------------------------


def suggesting(plane: Plane, *lists: list[str]) -> Plane:
    """bob holds one role for each list of suggested reviewers; all permit dba."""
    names = [f"held-{number}" for number, _ in enumerate(lists)]
    plane.apply(
        *[
            role(
                name,
                request={
                    "roles": ["dba"],
                    "suggested_reviewers": [
                        one if "@" in one else f"{one}@example.com" for one in people
                    ],
                },
            )
            for name, people in zip(names, lists, strict=True)
        ],
        user("bob", *names),
    )
    return plane


def addresses(*names: str) -> list[str]:
    return [f"{name}@example.com" for name in names]


def test_r9_1_the_union_over_all_held_roles_in_their_order_each_once(plane):
    suggesting(plane, ["ivan", "alice"], [], ["carol", "ivan"])

    wanted = addresses("ivan", "alice", "carol")
    assert plane.plan("bob", "dba")["suggested_reviewers"] == wanted
    assert plane.ask("bob", "dba")["suggested_reviewers"] == wanted


def test_r9_1_the_order_is_that_of_the_user_s_roles(plane):
    suggesting(plane, ["ivan"], ["alice"])
    plane.apply(user("bob", "held-1", "held-0"))

    assert plane.plan("bob", "dba")["suggested_reviewers"] == addresses("alice", "ivan")


def test_r9_1_roles_that_permit_nothing_requested_suggest_too(plane):
    plane.apply(
        role("other", request={"suggested_reviewers": addresses("carol")}),
        user("bob", "developer", "other"),
    )

    assert plane.plan("bob", "dba")["suggested_reviewers"] == addresses("carol")


def test_r9_1_the_requester_s_list_replaces_it(plane):
    suggesting(plane, ["ivan"])

    asked = plane.ask("bob", "dba", suggested_reviewers=addresses("carol", "alice", "carol"))

    assert asked["suggested_reviewers"] == addresses("carol", "alice")


def test_r9_1_case_does_not_count(plane):
    suggesting(plane, ["IVAN@Example.com", "ivan"])

    assert plane.plan("bob", "dba")["suggested_reviewers"] == addresses("ivan")
    mixed = ["Carol@EXAMPLE.com", "carol@example.com"]
    assert plane.plan("bob", "dba", suggested_reviewers=mixed)["suggested_reviewers"] == (
        addresses("carol")
    )


@pytest.mark.parametrize("nobody", ["nobody@example.com", "gone@example.com", "carol", "dba"])
def test_r9_1_an_unknown_or_inactive_one_is_an_error_that_names_it(plane, nobody):
    plane.apply(user("gone", "lead", active=False))
    given = [*addresses("alice"), nobody]

    problem = plane.try_asking("bob", "dba", suggested_reviewers=given).refused(
        400, "unknown_reviewer"
    )

    assert nobody in problem["detail"]
    dry = plane.try_asking("bob", "dba", suggested_reviewers=given, dry_run=True)
    assert dry.body == problem


def test_r9_1_in_a_role_s_list_such_a_one_is_passed_over_with_a_warning(plane):
    plane.apply(user("gone", "lead", active=False))
    people = addresses("nobody", "ivan", "gone")
    applied = plane.apply(
        role("developer", request={"roles": ["dba"], "suggested_reviewers": people})
    )

    assert len(applied["warnings"]) == 2
    assert "nobody@example.com" in applied["warnings"][0]
    assert "gone@example.com" in applied["warnings"][1]
    assert plane.plan("bob", "dba")["suggested_reviewers"] == addresses("ivan")


def test_r9_1_a_leaver_is_passed_over_at_once(plane):
    suggesting(plane, ["ivan", "carol"])
    plane.apply(user("ivan", "lead", active=False))

    assert plane.plan("bob", "dba")["suggested_reviewers"] == addresses("carol")


def test_r9_1_a_reviewer_of_the_same_call_is_known(bare):
    people = addresses("late")
    applied = bare.apply(role("r", request={"suggested_reviewers": people}), user("late"))

    assert applied["warnings"] == []


def test_r9_1_nobody_is_suggested_if_nothing_says_so(plane):
    assert plane.plan("bob", "dba")["suggested_reviewers"] == []


def test_r9_1_the_suggestions_are_frozen(plane):
    suggesting(plane, ["ivan"])
    asked = plane.ask("bob", "dba")
    suggesting(plane, ["carol"])

    assert plane.read(asked)["suggested_reviewers"] == addresses("ivan")


# --- 9.2 ----------------------------------------------------------------------------------------


def annotated(
    plane: Plane, *blocks: dict, deny: dict | None = None, traits=None, permits="dba"
):
    """The annotations of a request for dba by bob, who holds roles with these."""
    names = [f"held-{number}" for number, _ in enumerate(blocks)]
    plane.apply(
        *[
            role(name, request={"roles": [permits], "annotations": block})
            for name, block in zip(names, blocks, strict=True)
        ],
        role("less", deny_request={"annotations": deny or {}}),
        user("bob", *names, "less", traits=traits or {}),
    )
    plan = plane.plan("bob", "dba")["annotations"]
    asked = plane.ask("bob", "dba")["annotations"]
    assert plan == asked
    return asked


@pytest.mark.parametrize(
    ("blocks", "traits", "deny", "wanted"),
    [
        ([{}], {}, {}, {}),
        ([{"k": ["b", "a", "b"]}], {}, {}, {"k": ["a", "b"]}),
        ([{"k": ["b"]}, {"k": ["a"], "j": ["c"]}], {}, {}, {"j": ["c"], "k": ["a", "b"]}),
        ([{"k": ["{{external.t}}"]}], {"t": ["y", "x"]}, {}, {"k": ["x", "y"]}),
        ([{"k": ["{{ external.t }}"]}], {"t": ["x"]}, {}, {"k": ["x"]}),
        ([{"k": ["{{external.t}}", "z"]}], {}, {}, {"k": ["z"]}),
        ([{"k": ["{{external.t}}"]}], {}, {}, {}),
        ([{"k": ["{{external.t}}"]}], {"t": []}, {}, {}),
        ([{"k": ["on-{{external.t}}-call"]}], {"t": ["x"]}, {}, {"k": ["on-x-call"]}),
        ([{"k": ["a", "b"]}], {}, {"k": ["a"]}, {"k": ["b"]}),
        ([{"k": ["a"]}], {}, {"k": ["a"]}, {}),
        ([{"k": ["a"]}], {}, {"j": ["a"]}, {"k": ["a"]}),
        ([{"k": ["a"]}], {}, {"k": ["A"]}, {"k": ["a"]}),
        ([{"k": ["x", "y"]}], {"t": ["x"]}, {"k": ["{{external.t}}"]}, {"k": ["y"]}),
        ([{"k": []}], {}, {}, {}),
        ([{"k": ["*"]}], {}, {"k": ["*"]}, {}),
        ([{"k": ["a"]}], {}, {"k": ["*"]}, {"k": ["a"]}),
    ],
)
def test_r9_2_what_the_permitting_roles_note_less_what_a_deny_takes(
    plane, blocks, traits, deny, wanted
):
    assert annotated(plane, *blocks, traits=traits, deny=deny) == wanted


def test_r9_2_a_role_that_permits_nothing_requested_notes_nothing(plane):
    plane.apply(
        role("other", request={"roles": ["dev-*"], "annotations": {"k": ["v"]}}),
        user("bob", "developer", "other"),
    )

    assert plane.plan("bob", "dba")["annotations"] == {}
    assert plane.plan("bob", "dba", "dev-web")["annotations"] == {"k": ["v"]}


def test_r9_2_a_deny_of_any_held_role_counts(plane):
    plane.apply(
        role("developer", request={"roles": ["dba"], "annotations": {"k": ["v", "w"]}}),
        role("less", deny_request={"annotations": {"k": ["v"]}}),
        user("bob", "developer", "less"),
    )

    assert plane.plan("bob", "dba")["annotations"] == {"k": ["w"]}


TEMPLATES = ["{{internal.t}}", "{{external}}", "{{external.}}", "{{email.local(external.t)}}", "{{", "}}",
     "{{external.t", 'x{{regexp.replace(external.t, "a", "b")}}', "{{external.t}}{{external.u}}",
     "{{external.t.u}}", "{{}}", "{{ }}", "{{EXTERNAL.t}}"]  # fmt: skip


@pytest.mark.parametrize("side", ["request", "deny_request"])
def test_r9_2_any_other_template_is_refused_when_the_role_is_saved(bare, side):
    for value in TEMPLATES:
        document = role("r", **{side: {"annotations": {"k": [value]}}})
        bare.try_apply(document).refused(400, "invalid_expression")


def test_r9_2_annotations_are_read_only(plane):
    answer = plane.try_asking("bob", "dba", annotations={"k": ["v"]})

    assert "annotations" in answer.refused(400, "invalid_input")["errors"]


def test_r9_2_annotations_are_frozen(plane):
    plane.apply(
        role("developer", request={"roles": ["dba"], "annotations": {"k": ["{{external.t}}"]}}),
        user("bob", "developer", traits={"t": ["x"]}),
    )
    asked = plane.ask("bob", "dba")
    plane.apply(user("bob", "developer", traits={"t": ["y"]}))

    assert plane.read(asked)["annotations"] == {"k": ["x"]}


def test_r9_2_a_where_sees_them(plane):
    plane.apply(
        role("developer", request={"roles": ["dba"], "annotations": {"k": ["v"]}}),
        role(
            "lead", review={"roles": ["*"], "where": 'contains(request.annotations["k"], "v")'}
        ),
    )

    assert plane.plan("bob", "dba")["possible_reviewers"] == addresses("alice", "carol", "ivan")


# --- 9.3 ----------------------------------------------------------------------------------------


def test_r9_3_the_suggested_reviewers_are_told(plane):
    plan = plane.plan("bob", "dba", suggested_reviewers=addresses("mallory", "alice"))

    assert set(plan["recipients"]) == set(addresses("mallory", "alice"))


def test_r9_3_without_any_everybody_who_may_review_is_told(plane):
    assert set(plane.plan("bob", "dba")["recipients"]) == set(
        addresses("alice", "ivan", "carol")
    )


def test_r9_3_the_requester_is_never_told_as_a_reviewer(plane):
    plan = plane.plan("bob", "dba", suggested_reviewers=addresses("bob", "alice"))

    assert set(plan["recipients"]) == set(addresses("alice"))
