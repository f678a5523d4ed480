"""SEMANTICS 1: patterns, the guarded presets, claim mappings."""

import pytest

from tests.rules.plane import Plane, role, user


def requestable(plane: Plane, request, names, *, traits=None, deny=None) -> list[str]:
    """Those of `names`, all of which exist, that somebody with this allow block may ask for."""
    request = {"roles": request} if isinstance(request, list) else request
    plane.apply(
        *[role(name) for name in names if name not in {"admin", "auditor"}],
        role("asks", request=request, deny_request=deny or {}),
        user("kim", "asks", traits=traits or {}),
    )
    offered = plane.get("kim", "roles/requestable/?limit=200").got()["results"]
    return [row["name"] for row in offered if row["name"] in names]


# --- text and stars -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pattern", "matched"),
    [
        ("dba", {"dba"}),
        ("db*", {"dba", "db", "db.a"}),
        ("*ba", {"dba", "xdba"}),
        ("*", {"dba", "db", "db.a", "xdba", "DBA", "d-a"}),
        ("d*a", {"dba", "db.a", "d-a"}),
        ("d.a", set()),
        ("d?a", set()),
        ("[d]ba", set()),
        ("dba|db", set()),
        ("^dba", set()),
        ("dba$", set()),
        ("**", {"dba", "db", "db.a", "xdba", "DBA", "d-a"}),
    ],
)
def test_r1_a_pattern_is_literal_text_with_stars_anchored_at_both_ends(bare, pattern, matched):
    names = ["dba", "db", "db.a", "xdba", "DBA", "d-a"]

    assert set(requestable(bare, [pattern], names)) == matched


def test_r1_case_counts(bare):
    assert requestable(bare, ["Db*", "^X.*$"], ["dba", "Dba", "xa", "Xa"]) == ["Dba", "Xa"]


@pytest.mark.parametrize(
    ("pattern", "matched"),
    [
        ("^a|b$", {"a", "b"}),
        ("^a$", {"a"}),
        ("^(?:a|ab)$", {"a", "ab"}),
        ("^.$", {"a", "b"}),
        ("^(?i)A$", {"a"}),
        ("^a|ab|c$", {"a", "ab"}),
        ("^$", set()),
        (r"^\w+$", {"a", "b", "ab", "xa", "bx"}),
    ],
)
def test_r1_a_regular_expression_matches_the_whole_value(bare, pattern, matched):
    assert set(requestable(bare, [pattern], ["a", "b", "ab", "xa", "bx"])) == matched


@pytest.mark.parametrize(
    ("value", "is_matched"),
    [
        ("team\nlead", True),
        ("team\r\n\u2028lead", True),
        ("teamlead\n", False),
        ("team", False),
    ],
)
def test_r1_a_star_stands_for_line_ends_too(bare, value, is_matched):
    mapping = {"claim": "t", "value": "team*lead", "roles": ["dba"]}
    found = requestable(bare, {"claims_to_roles": [mapping]}, ["dba"], traits={"t": [value]})

    assert found == (["dba"] if is_matched else [])


def test_r1_a_regular_expression_does_not_stop_at_a_line_end(bare):
    mapping = {"claim": "t", "value": "^lead$", "roles": ["dba"]}
    found = requestable(
        bare, {"claims_to_roles": [mapping]}, ["dba"], traits={"t": ["lead\n", "x\nlead"]}
    )

    assert found == []


PLACES = ("request", "deny_request", "review", "deny_review")


@pytest.mark.parametrize("place", PLACES)
def test_r1_braces_are_refused_when_the_role_is_saved(bare, place):
    for pattern in ("{{external.x}}", "a{{", "}}", "^{{a}}$", "{{ x", "a}}b*"):
        answer = bare.try_apply(role("asks", **{place: {"roles": [pattern]}}))
        answer.refused(400, "invalid_pattern")
    bare.get("root", "roles/asks/").refused(404, "not_found")


@pytest.mark.parametrize("place", PLACES)
def test_r1_an_invalid_regular_expression_is_refused_when_the_role_is_saved(bare, place):
    for pattern in ("^[$", "^($", "^a**$", r"^(a)\1$", "^(?=a)$", "^a{2000}$"):
        answer = bare.try_apply(role("asks", **{place: [pattern]}))
        answer.refused(400, "invalid_pattern")


def test_r1_a_pattern_in_a_claim_mapping_is_checked_too(bare):
    for mapping in (
        {"claim": "t", "value": "^[$", "roles": ["dba"]},
        {"claim": "t", "value": "a", "roles": ["^[$"]},
        {"claim": "t", "value": "a", "roles": ["{{x}}"]},
        {"claim": "t", "value": "{{x}}", "roles": ["dba"]},
    ):
        for place in ("request", "deny_request", "review", "deny_review"):
            document = role("asks", **{place: {"claims_to_roles": [mapping]}})
            bare.try_apply(document).refused(400, "invalid_pattern")


def test_r1_a_pattern_in_an_expression_is_checked_too(bare):
    for text in ('regexp.match(request.roles, "^[$")', 'regexp.match(request.reason, "{{x}}")'):
        thresholds = [{"filter": text}]
        refused = bare.try_apply(role("asks", request={"thresholds": thresholds}))
        refused.refused(400, "invalid_expression")


def test_r1_one_bad_pattern_refuses_the_whole_call(bare):
    bare.try_apply(role("dba"), role("asks", request=["dba", "^[$"]))

    bare.get("root", "roles/dba/").refused(404, "not_found")


def test_r1_an_evil_expression_takes_linear_time(bare):
    mapping = {"claim": "t", "value": "^(a+)+b$", "roles": ["dba"]}

    assert (
        requestable(
            bare, {"claims_to_roles": [mapping]}, ["dba"], traits={"t": ["a" * 5_000 + "c"]}
        )
        == []
    )


# --- the guarded presets ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "pattern", ["*", "^admin$", "^.*$", "adm*", "*dmin", "^admin|auditor$"]
)
def test_r1_no_star_and_no_expression_hands_out_admin(bare, pattern):
    assert requestable(bare, [pattern], ["admin", "auditor", "dba"]) in ([], ["dba"])


def test_r1_their_literal_names_hand_out_admin_and_auditor(bare):
    assert requestable(bare, ["admin", "auditor"], ["admin", "auditor"]) == ["admin", "auditor"]


def test_r1_requester_and_reviewer_are_not_guarded(bare):
    assert requestable(bare, ["re*"], ["requester", "reviewer"]) == ["requester", "reviewer"]


@pytest.mark.parametrize("pattern", ["*", "^adm.*$", "admin"])
def test_r1_deny_patterns_match_the_presets_like_any_other(bare, pattern):
    found = requestable(bare, ["admin"], ["admin"], deny={"roles": [pattern]})

    assert found == []


@pytest.mark.parametrize("entry", ["$1", "${1}", "ad$2"])
def test_r1_a_captured_text_never_names_a_preset(bare, entry):
    mapping = {"claim": "t", "value": r"^((?:ad)?(min|mins))$", "roles": [entry]}
    names = ["admin", "min", "admins"]
    traits = {"t": ["admin", "admins", "min"]}

    found = requestable(bare, {"claims_to_roles": [mapping]}, names, traits=traits)

    assert found
    assert "admin" not in found


def test_r1_a_captured_text_denies_a_preset_like_any_other(bare):
    mapping = {"claim": "t", "value": "*", "roles": ["$1"]}
    found = requestable(
        bare,
        ["admin"],
        ["admin"],
        traits={"t": ["admin"]},
        deny={"claims_to_roles": [mapping]},
    )

    assert found == []


def test_r1_a_literal_entry_of_a_mapping_names_a_preset(bare):
    mapping = {"claim": "t", "value": "*", "roles": ["admin"]}

    assert requestable(
        bare, {"claims_to_roles": [mapping]}, ["admin", "auditor"], traits={"t": ["x"]}
    ) == ["admin"]


def test_r1_no_star_lets_anybody_review_requests_for_admin(bare):
    bare.apply(
        role("asks", request=["admin"]),
        role("broad", review=["*"]),
        role("exact", review=["admin"]),
        user("kim", "asks"),
        user("broad", "broad"),
        user("exact", "exact"),
    )
    asked = bare.ask("kim", "admin")

    assert asked["possible_reviewers"] == ["exact@example.com"]
    bare.review("broad", asked).refused(404, "not_found")
    bare.approve("exact", asked)


# --- claim mappings -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "entries", "traits", "found"),
    [
        ("x", ["dba"], {"team": ["x"]}, {"dba"}),
        ("x", ["dba"], {"team": ["X"]}, set()),
        ("x", ["dba"], {"other": ["x"]}, set()),
        ("x", ["dba"], {"Team": ["x"]}, set()),
        ("x", ["dba"], {}, set()),
        ("x", ["dba"], {"team": []}, set()),
        ("x", ["dba"], {"team": ["y", "x"]}, {"dba"}),
        ("x", ["d*"], {"team": ["x"]}, {"dba", "dev", "dev-web"}),
        ("x", ["^d.a$", "^dev$"], {"team": ["x"]}, {"dba", "dev"}),
        ("dev-*", ["dev-$1"], {"team": ["dev-web", "dev-api"]}, {"dev-web"}),
        ("*-*", ["$2-$1"], {"team": ["web-dev"]}, {"dev-web"}),
        ("^(d)(.*)$", ["${1}${2}"], {"team": ["dba"]}, {"dba"}),
        ("^(?P<all>.*)$", ["$1"], {"team": ["dba"]}, {"dba"}),
        ("^dba|dev$", ["$1"], {"team": ["dba"]}, set()),
        ("^(dba)|dev$", ["$1"], {"team": ["dev"]}, set()),
        ("*", ["$1"], {"team": ["*"]}, set()),
        ("*", ["$1"], {"team": ["^.*$"]}, set()),
        ("*", ["$1"], {"team": ["d*"]}, set()),
        ("*", ["$1*"], {"team": ["d"]}, set()),
        ("*", ["$1"], {"team": [""]}, set()),
        ("*", ["$2", "dba"], {"team": ["x"]}, {"dba"}),
        ("*", ["${1}v"], {"team": ["de"]}, {"dev"}),
        ("*", ["$1"], {"team": ["$1", "dba"]}, {"dba"}),
    ],
)
def test_r1_a_claim_mapping_adds_its_entries_for_each_matching_value(
    bare, value, entries, traits, found
):
    mapping = {"claim": "team", "value": value, "roles": entries}
    names = ["dba", "dev", "dev-web"]

    assert set(requestable(bare, {"claims_to_roles": [mapping]}, names, traits=traits)) == found


def test_r1_mappings_and_roles_add_up(bare):
    request = {
        "roles": ["dba"],
        "claims_to_roles": [
            {"claim": "a", "value": "1", "roles": ["dev"]},
            {"claim": "b", "value": "1", "roles": ["ops"]},
        ],
    }
    names = ["dba", "dev", "ops"]

    assert requestable(bare, request, names, traits={"a": ["1"], "b": ["2"]}) == ["dba", "dev"]


def test_r1_a_mapping_in_a_deny_block_takes_away(bare):
    mapping = {"claim": "team", "value": "*", "roles": ["dev-$1"]}
    found = requestable(
        bare,
        ["*"],
        ["dev-web", "dev-api"],
        traits={"team": ["web"]},
        deny={"claims_to_roles": [mapping]},
    )

    assert found == ["dev-api"]


def test_r1_a_mapping_gives_rights_to_review_too(bare):
    mapping = {"claim": "team", "value": "*", "roles": ["dev-$1"]}
    bare.apply(
        role("dev-web"),
        role("dev-api"),
        role("asks", request=["*"]),
        role("judge", review={"claims_to_roles": [mapping]}),
        user("kim", "asks"),
        user("jay", "judge", traits={"team": ["web"]}),
    )

    assert bare.ask("kim", "dev-web")["possible_reviewers"] == ["jay@example.com"]
    assert bare.ask("kim", "dev-api")["possible_reviewers"] == []
