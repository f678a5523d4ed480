"""SEMANTICS 4: thresholds, as they are frozen when a request is made."""

import pytest

from tests.rules.plane import Plane, role, user


def frozen(plane: Plane, requested: list[str], *held: dict) -> list[dict]:
    """The thresholds of a request by kim, who holds roles with these `request` blocks."""
    names = [f"held-{number}" for number, _ in enumerate(held)]
    plane.apply(
        *[role(name) for name in requested],
        *[role(name, request=block) for name, block in zip(names, held, strict=True)],
        role("judge", review=["*"]),
        user("kim", *names),
        *[user(name, "judge") for name in ("j1", "j2", "j3", "j4")],
    )
    return plane.plan("kim", *requested)["thresholds"]


def numbers(thresholds: list[dict]) -> list[tuple]:
    return [(t["name"], t["approve"], t["deny"], t["roles"]) for t in thresholds]


def test_r4_1_an_empty_list_is_one_threshold_default(bare):
    found = frozen(bare, ["dba"], {"roles": ["dba"]})

    assert found == [
        {
            "name": "default",
            "filter": "",
            "approve": 1,
            "deny": 1,
            "approvals": 0,
            "denials": 0,
            "roles": ["dba"],
        }
    ]


def test_r4_1_each_held_role_contributes_one_set(bare):
    frozen(
        bare,
        ["dba"],
        {"roles": ["dba"], "thresholds": [{"name": "two", "approve": 2, "deny": 1}]},
        {"roles": ["d*"], "thresholds": [{"name": "three", "approve": 3, "deny": 1}]},
    )
    asked = bare.ask("kim", "dba")

    assert bare.approve("j1", asked)["state"] == "PENDING"
    assert bare.approve("j2", asked)["state"] == "PENDING"
    assert bare.approve("j3", asked)["state"] == "APPROVED"


def test_r4_1_a_role_that_permits_nothing_requested_contributes_nothing(bare):
    found = frozen(
        bare,
        ["dba"],
        {"roles": ["dba"]},
        {"roles": ["web"], "thresholds": [{"name": "hard", "approve": 9}]},
        {"thresholds": [{"name": "alone", "approve": 9}]},
    )

    assert numbers(found) == [("default", 1, 1, ["dba"])]


def test_r4_1_the_default_counts_as_a_set_beside_another(bare):
    frozen(
        bare,
        ["dba"],
        {"roles": ["dba"]},
        {"roles": ["dba"], "thresholds": [{"name": "two", "approve": 2, "deny": 2}]},
    )
    asked = bare.ask("kim", "dba")

    assert bare.approve("j1", asked)["state"] == "PENDING"
    assert bare.deny("j2", asked)["state"] == "DENIED"


def test_r4_1_each_requested_role_has_sets_of_its_own(bare):
    found = frozen(
        bare,
        ["dba", "web"],
        {"roles": ["dba"], "thresholds": [{"name": "a", "approve": 1}]},
        {"roles": ["web"], "thresholds": [{"name": "b", "approve": 2}]},
        {"roles": ["*"], "thresholds": [{"name": "c", "approve": 3}]},
    )

    assert sorted(numbers(found)) == [
        ("a", 1, 1, ["dba"]),
        ("b", 2, 1, ["web"]),
        ("c", 3, 1, ["dba", "web"]),
    ]


def test_r4_1_a_claim_mapping_makes_a_role_permit(bare):
    mapping = {"claim": "t", "value": "*", "roles": ["$1"]}
    bare.apply(
        role("dba"),
        role("plain", request=["dba"]),
        role(
            "mapped",
            request={"claims_to_roles": [mapping], "thresholds": [{"name": "m", "approve": 2}]},
        ),
        user("kim", "plain", "mapped", traits={"t": ["dba"]}),
        user("lou", "plain", "mapped", traits={"t": ["x"]}),
    )

    assert {t["name"] for t in bare.plan("kim", "dba")["thresholds"]} == {"default", "m"}
    assert {t["name"] for t in bare.plan("lou", "dba")["thresholds"]} == {"default"}


def test_r4_2_equal_thresholds_stand_once(bare):
    same = {"name": "x", "approve": 2, "deny": 1}
    found = frozen(
        bare,
        ["dba", "web"],
        {"roles": ["dba", "web"], "thresholds": [same, same]},
        {"roles": ["dba"], "thresholds": [same]},
    )

    assert numbers(found) == [("x", 2, 1, ["dba", "web"])]


@pytest.mark.parametrize(
    "other",
    [
        {"name": "y"},
        {"approve": 3},
        {"deny": 2},
        {"filter": 'contains(reviewer.roles, "judge")'},
    ],
)
def test_r4_2_thresholds_that_differ_in_one_field_stand_beside_each_other(bare, other):
    one = {"name": "x", "approve": 2, "deny": 1}
    found = frozen(bare, ["dba"], {"roles": ["dba"], "thresholds": [one, one | other]})

    assert len(found) == 2


def test_r4_2_one_review_counts_once_for_a_threshold_of_two_sets(bare):
    same = {"name": "x", "approve": 2, "deny": 2}
    frozen(
        bare,
        ["dba"],
        {"roles": ["dba"], "thresholds": [same]},
        {"roles": ["dba"], "thresholds": [same]},
    )
    asked = bare.ask("kim", "dba")

    after = bare.approve("j1", asked)
    assert (after["state"], after["thresholds"][0]["approvals"]) == ("PENDING", 1)
    assert bare.approve("j2", asked)["state"] == "APPROVED"


def test_r4_2_a_later_edit_of_the_role_does_not_change_what_is_frozen(bare):
    frozen(bare, ["dba"], {"roles": ["dba"], "thresholds": [{"name": "two", "approve": 2}]})
    asked = bare.ask("kim", "dba")
    bare.apply(role("held-0", request={"roles": ["dba"], "thresholds": [{"approve": 1}]}))

    assert bare.approve("j1", asked)["state"] == "PENDING"
    assert bare.read(asked)["thresholds"][0]["name"] == "two"
    assert bare.approve("j2", asked)["state"] == "APPROVED"


def test_r4_2_roles_taken_from_the_requester_do_not_change_it_either(bare):
    frozen(bare, ["dba"], {"roles": ["dba"], "thresholds": [{"name": "two", "approve": 2}]})
    asked = bare.ask("kim", "dba")
    bare.apply(user("kim"))

    assert bare.read(asked)["thresholds"][0]["name"] == "two"


# --- 4.3 ----------------------------------------------------------------------------------------

PEER, MANAGER = 'contains(reviewer.roles, "peer")', 'contains(reviewer.roles, "manager")'


@pytest.fixture
def together(bare) -> Plane:
    """kim's dba needs a peer and a manager, two different people; one of either may deny."""
    parts = [
        {"name": "peer", "filter": PEER, "approve": 1},
        {"name": "manager", "filter": MANAGER, "approve": 1},
    ]
    bare.apply(
        role("dba"),
        role("peer"),
        role("manager"),
        role(
            "asks",
            request={
                "roles": ["dba"],
                "thresholds": [{"name": "both", "all_of": parts, "deny": 2}],
            },
        ),
        role("judge", review=["dba"]),
        user("kim", "asks"),
        user("pat", "judge", "peer"),
        user("pia", "judge", "peer"),
        user("max", "judge", "manager"),
        user("mo", "judge", "manager", "peer"),
        user("max2", "judge", "manager", "peer"),
        user("none", "judge"),
        user("none2", "judge"),
    )
    return bare


@pytest.mark.parametrize(
    ("people", "states"),
    [
        (["pat", "max"], ["PENDING", "APPROVED"]),
        (["max", "pat"], ["PENDING", "APPROVED"]),
        (["mo"], ["PENDING"]),
        (["mo", "pat"], ["PENDING", "APPROVED"]),
        (["mo", "max"], ["PENDING", "APPROVED"]),
        (["pat", "mo"], ["PENDING", "APPROVED"]),
        (["max", "mo"], ["PENDING", "APPROVED"]),
        (["mo", "max2"], ["PENDING", "APPROVED"]),
        (["pat", "pia"], ["PENDING", "PENDING"]),
        (["pat", "pia", "mo"], ["PENDING", "PENDING", "APPROVED"]),
        (["none", "mo"], ["PENDING", "PENDING"]),
    ],
)
def test_r4_3_every_part_needs_its_count_with_different_people(together, people, states):
    asked = together.ask("kim", "dba")

    assert [together.approve(name, asked)["state"] for name in people] == states


def test_r4_3_the_shape_of_a_threshold_with_parts(together):
    threshold = together.approve("mo", together.ask("kim", "dba"))["thresholds"][0]

    assert threshold["all_of"] == [
        {"name": "peer", "filter": PEER, "approve": 1, "approvals": 1},
        {"name": "manager", "filter": MANAGER, "approve": 1, "approvals": 1},
    ]
    assert (threshold["name"], threshold["deny"], threshold["roles"]) == ("both", 2, ["dba"])


def test_r4_3_denials_are_those_of_reviewers_who_fit_any_part(together):
    asked = together.ask("kim", "dba")

    assert together.deny("none", asked)["state"] == "PENDING"
    assert together.deny("pat", asked)["state"] == "PENDING"
    assert together.deny("none2", asked)["state"] == "PENDING"
    assert together.deny("max", asked)["state"] == "DENIED"


def test_r4_3_a_reviewer_who_fits_both_parts_denies_once(together):
    asked = together.ask("kim", "dba")

    after = together.deny("mo", asked)
    assert (after["state"], after["thresholds"][0]["denials"]) == ("PENDING", 1)


def test_r4_3_an_assignment_is_found_wherever_it_exists(bare):
    """Three people who fit so that only one assignment works, in the least helpful order."""
    parts = [
        {"name": name, "filter": f'contains(reviewer.traits["p"], "{name}")', "approve": count}
        for name, count in (("a", 2), ("b", 1), ("c", 1))
    ]
    bare.apply(
        role("dba"),
        role("asks", request={"roles": ["dba"], "thresholds": [{"all_of": parts}]}),
        role("judge", review=["dba"]),
        user("kim", "asks"),
        user("abc", "judge", traits={"p": ["a", "b", "c"]}),
        user("ab", "judge", traits={"p": ["a", "b"]}),
        user("a1", "judge", traits={"p": ["a"]}),
        user("a2", "judge", traits={"p": ["a"]}),
    )
    asked = bare.ask("kim", "dba")

    states = [bare.approve(name, asked)["state"] for name in ("abc", "ab", "a1", "a2")]

    assert states == ["PENDING", "PENDING", "PENDING", "APPROVED"]


def test_r4_3_enough_people_are_not_enough_if_no_assignment_exists(bare):
    """Three people for three parts; but only one of them fits the first two."""
    parts = [
        {"name": name, "filter": f'contains(reviewer.traits["p"], "{name}")'} for name in "abc"
    ]
    bare.apply(
        role("dba"),
        role("asks", request={"roles": ["dba"], "thresholds": [{"all_of": parts}]}),
        role("judge", review=["dba"]),
        user("kim", "asks"),
        user("abc", "judge", traits={"p": ["a", "b", "c"]}),
        user("c1", "judge", traits={"p": ["c"]}),
        user("c2", "judge", traits={"p": ["c"]}),
        user("b1", "judge", traits={"p": ["b"]}),
    )
    asked = bare.ask("kim", "dba")

    states = [bare.approve(name, asked)["state"] for name in ("abc", "c1", "c2", "b1")]

    assert states == ["PENDING", "PENDING", "PENDING", "APPROVED"]


def test_r4_3_parts_of_zero_never_approve(bare):
    parts = [{"approve": 0}, {"approve": 1}]
    frozen(bare, ["dba"], {"roles": ["dba"], "thresholds": [{"all_of": parts}]})
    asked = bare.ask("kim", "dba")

    assert [bare.approve(j, asked)["state"] for j in ("j1", "j2")] == ["PENDING", "PENDING"]


@pytest.mark.parametrize(
    "threshold",
    [
        {"all_of": []},
        {"all_of": [{"approve": 1}], "filter": "true"},
        {"all_of": [{"approve": 1, "deny": 1}]},
        {"all_of": [{"approve": 1, "all_of": []}]},
        {"all_of": [{"approve": -1}]},
        {"all_of": {"approve": 1}},
        {"all_of": [{"approve": "1"}]},
        {"all_of": [{"nothing": 1}]},
    ],
)
def test_r4_3_another_shape_is_refused_when_the_role_is_saved(bare, threshold):
    answer = bare.try_apply(role("r", request={"thresholds": [threshold]}))

    answer.refused(400, "invalid_input")


# --- 4.4 ----------------------------------------------------------------------------------------


def test_r4_4_approve_zero_never_approves(bare):
    frozen(bare, ["dba"], {"roles": ["dba"], "thresholds": [{"approve": 0, "deny": 1}]})
    asked = bare.ask("kim", "dba")

    assert [bare.approve(j, asked)["state"] for j in ("j1", "j2")] == ["PENDING", "PENDING"]
    assert bare.deny("j3", asked)["state"] == "DENIED"


def test_r4_4_deny_zero_never_denies(bare):
    frozen(bare, ["dba"], {"roles": ["dba"], "thresholds": [{"approve": 1, "deny": 0}]})
    asked = bare.ask("kim", "dba")

    assert [bare.deny(j, asked)["state"] for j in ("j1", "j2")] == ["PENDING", "PENDING"]
    assert bare.approve("j3", asked)["state"] == "APPROVED"


def test_r4_4_a_request_is_not_approved_by_itself(bare):
    frozen(bare, ["dba"], {"roles": ["dba"], "thresholds": [{"approve": 0, "deny": 0}]})

    assert bare.ask("kim", "dba")["state"] == "PENDING"


@pytest.mark.parametrize("thresholds", [[{"approve": 1}], [{}], {"approve": 1}, "x"])
def test_r4_4_thresholds_in_a_deny_block_are_refused(bare, thresholds):
    document = role("r", deny_request={"roles": ["dba"], "thresholds": thresholds})

    bare.try_apply(document).refused(400, "deny_thresholds_forbidden")
    bare.get("root", "roles/r/").refused(404, "not_found")


@pytest.mark.parametrize("field", ["approve", "deny"])
def test_r4_4_what_is_no_count_is_refused(bare, field):
    for count in (-1, "1", 1.5, None, [], 10**30):
        answer = bare.try_apply(role("r", request={"thresholds": [{field: count}]}))
        answer.refused(400, "invalid_input")


@pytest.mark.parametrize("text", ["nothing(", "unknown", "1"])
def test_r4_4_a_filter_that_does_not_parse_is_refused(bare, text):
    for threshold in ({"filter": text}, {"all_of": [{"filter": text}]}):
        bare.try_apply(role("r", request={"thresholds": [threshold]})).refused(
            400, "invalid_expression"
        )
