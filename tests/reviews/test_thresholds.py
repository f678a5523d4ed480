"""Reviews against thresholds: tables, and the laws behind them (SEMANTICS 4 and 6.3)."""

from itertools import permutations
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from identity.conditions import Filter
from identity.role_spec import DEFAULT_THRESHOLD, Part, Threshold, parse_role
from identity.subject import Subject
from requests_app import planning
from requests_app.planning import Judgement, RoleThresholds
from reviews.thresholds import Decision, Met, ReviewFact, met_by, tally

APPROVE, DENY = Decision.APPROVE, Decision.DENY


def judgement(*thresholds, **sets):
    """`judgement(a, b, dba=[[0], [1]])`: dba needs a and b; without roles, dba needs any."""
    sets = sets or {"dba": [range(len(thresholds))]}
    by_role = tuple(
        RoleThresholds(role=name, sets=tuple(map(tuple, of_role)))
        for name, of_role in sets.items()
    )
    return Judgement(thresholds=thresholds, by_role=by_role)


def threshold(approve=1, deny=1, **more):
    return Threshold(approve=approve, deny=deny, **more)


def all_of(*counts, deny=1):
    return Threshold(all_of=tuple(Part(approve=count) for count in counts), deny=deny)


def said(decisions):
    """`said("A0 D1 A0:12")`: the first approves and meets threshold 0, the second denies and
    meets threshold 1, the third approves and meets the parts 1 and 2 of threshold 0. `A` alone
    meets nothing."""
    facts = []
    for number, text in enumerate(decisions.split()):
        decision = {"A": APPROVE, "D": DENY, "C": Decision.COMMENT}[text[0]]
        met = []
        for one in filter(None, text[1:].split(",")):
            index, _, parts = one.partition(":")
            met.append(Met(int(index), tuple(int(part) for part in parts)))
        facts.append(ReviewFact(UUID(int=number), decision, tuple(met)))
    return facts


# --- what is frozen (SEMANTICS 4.1, 4.2) ----------------------------------------------------------


def frozen(names, **held):
    """What is frozen for a request for `names` by somebody who holds these roles."""
    subject = Subject(
        id=UUID(int=1),
        email="bob@example.com",
        traits={},
        roles=tuple(
            parse_role(name, {"allow": {"request": request}}) for name, request in held.items()
        ),
    )
    return planning.judgement_of(planning.permitting_roles(subject, names))


TWO = {"name": "two", "approve": 2}
LEAD = {"name": "lead", "filter": 'contains(reviewer.roles, "lead")'}


def test_r4_1_each_permitting_role_contributes_one_set():
    judged = frozen(
        ["dba"],
        developer={"roles": ["dba"], "thresholds": [TWO, LEAD]},
        on_call={"roles": ["db*"], "thresholds": [LEAD]},
        intern={"roles": ["staging"], "thresholds": [TWO]},
    )

    assert [one.name for one in judged.thresholds] == ["two", "lead"]
    assert judged.by_role == (RoleThresholds(role="dba", sets=((0, 1), (1,))),)


def test_r4_1_an_empty_list_counts_as_one_default_threshold():
    judged = frozen(["dba"], developer={"roles": ["dba"]})

    assert judged == judgement(DEFAULT_THRESHOLD)
    assert (DEFAULT_THRESHOLD.name, DEFAULT_THRESHOLD.approve, DEFAULT_THRESHOLD.deny) == (
        "default",
        1,
        1,
    )


def test_r4_2_equal_thresholds_stand_once_and_unequal_ones_apart():
    judged = frozen(
        ["dba", "staging"],
        developer={"roles": ["*"], "thresholds": [TWO]},
        tester={"roles": ["staging"], "thresholds": [TWO, TWO | {"deny": 2}]},
    )

    assert [(one.name, one.deny) for one in judged.thresholds] == [("two", 1), ("two", 2)]
    assert judged.by_role == (
        RoleThresholds(role="dba", sets=((0,),)),
        RoleThresholds(role="staging", sets=((0,), (0, 1))),
    )


# --- plain thresholds -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "reviews", "reached"),
    [
        (threshold(), "", None),
        (threshold(), "A0", "APPROVED"),
        (threshold(), "D0", "DENIED"),
        (threshold(2), "A0", None),
        (threshold(2), "A0 A0", "APPROVED"),
        (threshold(2), "A0 D0", "DENIED"),
        (threshold(2, deny=2), "A0 D0", None),
        (threshold(2, deny=2), "D0 D0", "DENIED"),
        (threshold(2), "A0 A", None),
        (threshold(1), "D", None),
        (threshold(1), "C0", None),
    ],
)
def test_r6_3_one_threshold_counts_the_reviews_that_meet_it(rule, reviews, reached):
    assert tally(judgement(rule), said(reviews)) == reached


@pytest.mark.parametrize("reviews", ["", "A0", "A0 A0 A0"])
def test_r4_4_zero_approvals_never_approve(reviews):
    assert tally(judgement(threshold(0)), said(reviews)) is None


@pytest.mark.parametrize("reviews", ["", "D0", "D0 D0 D0"])
def test_r4_4_zero_denials_never_deny(reviews):
    assert tally(judgement(threshold(deny=0)), said(reviews)) is None


def test_r6_3_a_denial_takes_no_approval_back():
    rule = threshold(2, deny=2)

    assert tally(judgement(rule), said("A0 D0 A0")) == "APPROVED"


def test_r6_3_a_denial_is_looked_at_before_any_approval():
    """A review that reaches one threshold's denials beats the other threshold's approvals."""
    two = judgement(threshold(1, deny=0), threshold(5, deny=1))

    assert tally(two, said("A0 D1")) == "DENIED"


def test_r6_3_any_threshold_denies_even_one_that_is_not_needed():
    either = judgement(threshold(2), threshold(1))

    assert tally(either, said("A0 D1")) == "DENIED"


A, B, C = (threshold(name=name) for name in "abc")


@pytest.mark.parametrize(
    ("sets", "reviews", "reached"),
    [
        # OR inside a set
        ({"dba": [[0, 1]]}, "A0", "APPROVED"),
        ({"dba": [[0, 1]]}, "A1", "APPROVED"),
        ({"dba": [[0, 1]]}, "A2", None),
        # AND between the sets of a role
        ({"dba": [[0], [1]]}, "A0", None),
        ({"dba": [[0], [1]]}, "A1", None),
        ({"dba": [[0], [1]]}, "A0 A1", "APPROVED"),
        ({"dba": [[0], [1]]}, "A0,1", "APPROVED"),
        ({"dba": [[0, 2], [1, 2]]}, "A2", "APPROVED"),
        # AND between the roles
        ({"dba": [[0]], "staging": [[1]]}, "A0", None),
        ({"dba": [[0]], "staging": [[1]]}, "A1", None),
        ({"dba": [[0]], "staging": [[1]]}, "A0 A1", "APPROVED"),
        ({"dba": [[0]], "staging": [[0, 1]]}, "A0", "APPROVED"),
        ({"dba": [[0], [1]], "staging": [[2]]}, "A0 A1", None),
        ({"dba": [[0], [1]], "staging": [[2]]}, "A0 A1 A2", "APPROVED"),
    ],
)
def test_r6_3_or_inside_a_set_and_between_sets_and_between_roles(sets, reviews, reached):
    assert tally(judgement(A, B, C, **sets), said(reviews)) == reached


@pytest.mark.parametrize("sets", [{"dba": []}, {"dba": [[]]}, {"dba": [[0]], "staging": []}])
def test_nothing_to_reach_is_never_reached(sets):
    assert tally(judgement(A, **sets), said("A0")) is None


def test_no_role_at_all_is_never_approved():
    assert tally(Judgement(thresholds=(A,), by_role=()), said("A0")) is None


# --- thresholds with parts (SEMANTICS 4.3) --------------------------------------------------------


@pytest.mark.parametrize(
    ("counts", "reviews", "reached"),
    [
        # everybody fits one part
        ((1, 1), "A0:0", None),
        ((1, 1), "A0:0 A0:0", None),
        ((1, 1), "A0:0 A0:1", "APPROVED"),
        # one person's approval serves one part
        ((1, 1), "A0:01", None),
        ((1, 1), "A0:01 A0:01", "APPROVED"),
        ((1, 1), "A0:01 A0:0", "APPROVED"),
        ((1, 1), "A0:0 A0:01", "APPROVED"),
        # an assignment must exist: whoever came first may have to move
        ((1, 1, 1), "A0:01 A0:01 A0:0", None),
        ((1, 1, 1), "A0:012 A0:01 A0:0", "APPROVED"),
        ((1, 1, 1), "A0:0 A0:01 A0:12", "APPROVED"),
        ((1, 1, 1), "A0:12 A0:01 A0:0", "APPROVED"),
        ((1, 1, 1), "A0:1 A0:12 A0:12", None),
        # counts
        ((2, 1), "A0:0 A0:1", None),
        ((2, 1), "A0:0 A0:0 A0:1", "APPROVED"),
        ((2, 1), "A0:0 A0:01 A0:01", "APPROVED"),
        ((2, 2), "A0:01 A0:01 A0:01", None),
        ((2, 2), "A0:01 A0:01 A0:0 A0:1", "APPROVED"),
        ((2, 2), "A0:0 A0:0 A0:0 A0:1", None),
        # a part that nobody can reach
        ((0, 1), "A0:0 A0:1", None),
        # who meets no part serves none
        ((1, 1), "A0:0 A", None),
    ],
)
def test_r4_3_every_part_is_reached_with_different_people(counts, reviews, reached):
    assert tally(judgement(all_of(*counts)), said(reviews)) == reached


@pytest.mark.parametrize(
    ("deny", "reviews", "reached"),
    [
        (1, "D0:0", "DENIED"),
        (1, "D0:1", "DENIED"),
        (1, "D", None),
        (2, "D0:01", None),
        (2, "D0:0 D0:1", "DENIED"),
        (0, "D0:0 D0:1", None),
    ],
)
def test_r4_3_its_denials_are_those_that_match_any_part(deny, reviews, reached):
    assert tally(judgement(all_of(1, 1, deny=deny)), said(reviews)) == reached


def brute_force(counts, people):
    """Whether some way of giving people to places serves every part."""
    places = [part for part, count in enumerate(counts) for _ in range(count)]
    return all(counts) and any(
        all(place in fits for place, fits in zip(places, order, strict=False))
        for order in permutations(people, len(places))
    )


@settings(max_examples=150, deadline=None)
@given(
    counts=st.lists(st.integers(0, 2), min_size=1, max_size=3),
    people=st.lists(st.sets(st.integers(0, 2)), max_size=6),
)
def test_r4_3_an_assignment_is_found_exactly_if_there_is_one(counts, people):
    reviews = [
        ReviewFact(UUID(int=n), APPROVE, (Met(0, tuple(sorted(fits))),) if fits else ())
        for n, fits in enumerate(people)
    ]

    reached = tally(judgement(all_of(*counts)), reviews)

    assert (reached == "APPROVED") == brute_force(counts, people)


# --- which thresholds a review meets (SEMANTICS 6.2) ----------------------------------------------

LEADS = 'contains(reviewer.traits["team"], "leads")'
MANAGER = 'contains(reviewer.roles, "manager")'


@pytest.mark.parametrize(
    ("team", "roles", "met"),
    [
        ([], [], (Met(0),)),
        (["leads"], [], (Met(0), Met(1), Met(2, (0,)))),
        ([], ["manager"], (Met(0), Met(2, (1,)))),
        (["leads"], ["manager"], (Met(0), Met(1), Met(2, (0, 1)))),
        (["Leads"], ["managers"], (Met(0),)),
    ],
)
def test_r6_2_no_filter_is_met_by_everybody_a_filter_by_some(team, roles, met):
    rules = judgement(
        threshold(),
        threshold(filter=Filter(LEADS)),
        Threshold(all_of=(Part(filter=Filter(LEADS)), Part(filter=Filter(MANAGER)))),
    )
    facts = {
        "reviewer.traits": {"team": team},
        "reviewer.roles": roles,
        "request.roles": ["dba"],
        "request.reason": "",
        "request.annotations": {},
        "request.user": "bob@example.com",
        "request.created_at": "2026-03-02T12:00:00Z",
        "review.reason": "",
        "review.annotations": {},
    }

    assert met_by(rules, facts) == met


# --- laws -----------------------------------------------------------------------------------------

RULES = st.builds(threshold, st.integers(0, 3), st.integers(0, 3)) | st.builds(
    all_of, st.integers(0, 2), st.integers(0, 2), deny=st.integers(0, 3)
)


@st.composite
def judgements(draw):
    rules = draw(st.lists(RULES, min_size=1, max_size=3))
    indexes = st.integers(0, len(rules) - 1)
    sets = st.lists(st.lists(indexes, min_size=1, max_size=2), min_size=1, max_size=2)
    of_roles = draw(st.lists(sets, min_size=1, max_size=2))
    return judgement(*rules, **{f"role-{n}": a_set for n, a_set in enumerate(of_roles)})


@st.composite
def reviews_of(draw, rules, decisions=(APPROVE, DENY)):
    met = []
    for index, rule in enumerate(rules.thresholds):
        if draw(st.booleans()):
            parts = draw(st.sets(st.integers(0, 1), min_size=1)) if rule.all_of else ()
            met.append(Met(index, tuple(sorted(parts))))
    reviewer = UUID(int=draw(st.integers(0, 2**64)))
    return ReviewFact(reviewer, draw(st.sampled_from(decisions)), tuple(met))


@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_r6_3_the_order_of_the_same_reviews_does_not_matter(data):
    """However they are ordered, the same reviews add up to the same state."""
    rules = data.draw(judgements())
    reviews = data.draw(st.lists(reviews_of(rules), max_size=6))

    assert tally(rules, data.draw(st.permutations(reviews))) == tally(rules, reviews)


@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_r6_3_another_approval_never_undoes_an_approval(data):
    rules = data.draw(judgements())
    reviews = data.draw(st.lists(reviews_of(rules), max_size=5))
    another = data.draw(reviews_of(rules, decisions=(APPROVE,)))

    before, after = tally(rules, reviews), tally(rules, [*reviews, another])

    assert before is None or after == before


@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_r6_3_without_an_approval_nothing_is_approved_and_without_a_denial_nothing_denied(data):
    rules = data.draw(judgements())

    assert tally(rules, data.draw(st.lists(reviews_of(rules, (DENY,))))) in {None, "DENIED"}
    assert tally(rules, data.draw(st.lists(reviews_of(rules, (APPROVE,))))) in {
        None,
        "APPROVED",
    }
