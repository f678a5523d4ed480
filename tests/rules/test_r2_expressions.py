"""SEMANTICS 2: the one language of conditions, as filters and wheres use it."""

import pytest

from tests.rules.plane import Plane, role, user

TRAITS = {"team": ["leads", "db"], "level": ["3"], "odd name": ["x"]}


def counts(plane: Plane, text: str) -> bool:
    """Whether a review by jay meets a threshold with this filter."""
    plane.apply(
        role("dba"),
        role(
            "asks",
            request={
                "roles": ["dba"],
                "annotations": {"service": ["pay", "web"]},
                "thresholds": [{"filter": text, "approve": 2}],
            },
        ),
        role("judge", review=["*"]),
        user("kim", "asks", traits={"secret": ["s"]}),
        user("jay", "judge", traits=TRAITS),
    )
    after = plane.approve("jay", plane.ask("kim", "dba", reason="ticket #7"))
    return after["thresholds"][0]["approvals"] == 1


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ('contains(reviewer.roles, "judge")', True),
        ('contains(reviewer.roles, "judg")', False),
        ('contains(reviewer.traits["team"], "leads")', True),
        ("contains(reviewer.traits.team, 'leads')", True),
        ('contains(reviewer.traits["none"], "leads")', False),
        ('!contains(reviewer.traits["none"], "leads")', True),
        ('contains(reviewer.traits["odd name"], "x")', True),
        ('equals(request.reason, "ticket #7")', True),
        ('equals(reviewer.traits["team"], ["leads", "db"])', True),
        ('equals(reviewer.traits["team"], reviewer.roles)', False),
        ('equals(reviewer.traits["none"], reviewer.traits["other"])', True),
        ('regexp.match(request.reason, "ticket*")', True),
        ('regexp.match(request.reason, "ticket")', False),
        ('regexp.match(request.reason, "^ticket #[0-9]+$")', True),
        ('regexp.match(reviewer.traits["team"], "^l.*$")', True),
        ('regexp.match(reviewer.traits["none"], "*")', False),
        ('regexp.match(request.roles, "db*")', True),
        ('request.reason == "ticket #7" && "dba" in request.roles', True),
        ('request.reason != "ticket #7" || "ops" in request.roles', False),
        ('!(request.reason == "x") && (true || false)', True),
        ('contains(request.annotations["service"], "pay")', True),
        ('contains(request.system_annotations["service"], "pay")', True),
        ("contains(request.annotations.service, 'pay')", True),
        ('request.user == "kim@example.com"', True),
        ('regexp.match(request.created_at, "2026-03-02*")', True),
        ('review.reason == ""', True),
        ('contains(review.annotations["k"], "v")', False),
        ('"leads" in reviewer.traits["team"]', True),
    ],
)
def test_r2_what_an_expression_says(bare, text, holds):
    assert counts(bare, text) is holds


@pytest.mark.parametrize(("said", "holds"), [("fine", True), ("bad", False)])
def test_r2_a_filter_may_ask_for_the_review_s_reason(plane, said, holds):
    plane.apply(
        role(
            "developer",
            request={"roles": ["dba"], "thresholds": [{"filter": 'review.reason == "fine"'}]},
        )
    )
    after = plane.approve("alice", plane.ask("bob", "dba"), reason=said)

    assert (after["state"] == "APPROVED") is holds


def test_r2_the_annotations_of_a_review_are_a_bot_s_only(plane):
    text = 'contains(review.annotations["on_call"], "yes")'
    plane.apply(
        role("developer", request={"roles": ["dba"], "thresholds": [{"filter": text}]}),
        user("pager", "lead", bot=True),
    )
    asked = plane.ask("bob", "dba")
    said = {"on_call": ["yes"]}

    plane.review("alice", asked, annotations=said).refused(400, "invalid_input")
    assert plane.approve("carol", asked)["state"] == "PENDING"
    assert plane.approve("pager", asked, annotations=said)["state"] == "APPROVED"


BROKEN = [
    "contains(reviewer.roles)",
    'contains(reviewer.roles, "a", "b")',
    'contains("a", reviewer.roles)',
    "equals(reviewer.roles)",
    'equals(reviewer.roles, "a")',
    "regexp.match(request.reason)",
    'regexp.match(request.reason, "^[$")',
    'regexp.replace(request.reason, "a", "b")',
    "nothing",
    'reviewer.nothing == "a"',
    'requester.traits["team"] == ["a"]',
    'contains(requester.roles, "a")',
    'contains(user.roles, "a")',
    'request.user.name == "a"',
    "request.reason",
    "reviewer.roles",
    '"text"',
    "1 == 1",
    "true &&",
    "&& true",
    "(true",
    "true)",
    "size(request.reason) == 1",
    'request.roles.exists(r, r == "a")',
    "has(request.reason)",
    'request.reason + "a" == "b"',
    "true ? true : false",
    "now() == now()",
    "reviewer.traits[request.reason] == []",
    "!request.reason",
    'request.roles == "dba"',
    'request.reason.contains("a")',
    'contains(reviewer.roles, "unfinished)',
]


PLACES = {
    "filter": lambda text: role("r", request={"thresholds": [{"filter": text}]}),
    "part": lambda text: role("r", request={"thresholds": [{"all_of": [{"filter": text}]}]}),
    "where": lambda text: role("r", review={"roles": ["dba"], "where": text}),
    "deny where": lambda text: role("r", deny_review={"roles": ["dba"], "where": text}),
}


@pytest.mark.parametrize("place", PLACES)
def test_r2_what_is_not_in_the_language_is_refused_when_the_role_is_saved(bare, place):
    for text in BROKEN:
        answer = bare.try_apply(PLACES[place](text))
        assert answer.status == 400, text
        assert "spec." in answer.refused(400, "invalid_expression")["detail"]


def test_r2_the_refusal_names_the_position(bare):
    text = 'contains(reviewer.roles, "a") &&\n  nothing'
    answer = bare.try_apply(role("r", request={"thresholds": [{"filter": text}]}))

    detail = answer.refused(400, "invalid_expression")["detail"]
    assert "line 2" in detail.lower()
    assert "nothing" in detail


@pytest.mark.parametrize(
    "name", ["review.reason == 'a'", 'contains(review.annotations["k"], "a")']
)
def test_r2_a_where_does_not_see_the_review(bare, name):
    bare.try_apply(role("r", review={"roles": ["dba"], "where": name})).refused(
        400, "invalid_expression"
    )


def test_r2_a_deep_or_long_expression_is_refused_and_harms_nobody(bare):
    for text in ("(" * 500 + "true" + ")" * 500, "true" + " && true" * 2000):
        answer = bare.try_apply(role("r", request={"thresholds": [{"filter": text}]}))
        answer.refused(400, "invalid_expression")


def test_r2_a_where_sees_the_reviewer_and_the_request(bare):
    where = 'contains(reviewer.traits["team"], "db") && request.reason != ""'
    bare.apply(
        role("dba"),
        role("asks", request=["dba"]),
        role("judge", review={"roles": ["dba"], "where": where}),
        user("kim", "asks"),
        user("jay", "judge", traits={"team": ["db"]}),
        user("lou", "judge", traits={"team": ["web"]}),
    )
    with_reason = bare.ask("kim", "dba", reason="x")
    bare.cancel("kim", with_reason).got()
    without = bare.ask("kim", "dba")

    assert with_reason["possible_reviewers"] == ["jay@example.com"]
    assert without["possible_reviewers"] == []


def test_r2_conditions_see_static_roles_only(bare):
    bare.apply(
        role("dba"),
        role("lead"),
        role(
            "asks",
            request={
                "roles": ["dba"],
                "thresholds": [{"filter": 'contains(reviewer.roles, "lead")'}],
            },
        ),
        role("judge", request=["lead"], review=["*"]),
        user("kim", "asks"),
        user("jay", "judge"),
        user("lou", "judge"),
    )
    bare.grant_of("jay", "lead", "lou")
    assert bare.holds("jay", "lead")

    assert bare.approve("jay", bare.ask("kim", "dba"))["state"] == "PENDING"


def test_r2_white_space_around_a_condition_is_no_condition(bare):
    bare.apply(
        role("dba"),
        role("asks", request={"roles": ["dba"], "thresholds": [{"filter": "  \n "}]}),
        role("judge", review={"roles": ["dba"], "where": " "}),
        user("kim", "asks"),
        user("jay", "judge"),
    )

    assert bare.approve("jay", bare.ask("kim", "dba"))["state"] == "APPROVED"
