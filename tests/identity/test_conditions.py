"""Which names a condition may use depends on whose condition it is (SEMANTICS 2)."""

import pytest

from accessplane.lib.expressions import InvalidExpression
from identity.conditions import Filter, RequestFacts, When, Where, requester_facts
from tests.cast import NOON

FACTS = (
    requester_facts(["developer"], {"team": ["db"]})
    | RequestFacts(
        roles=["dba"],
        reason="ticket #1",
        annotations={},
        user="bob@example.com",
        created_at=NOON,
    ).named()
)


@pytest.mark.parametrize(
    "text",
    [
        'contains(requester.roles, "developer")',
        'contains(requester.traits["team"], "db")',
        'contains(request.roles, "dba") && request.user == "bob@example.com"',
        '!contains(requester.traits.nothing, "db")',
        "request.system_annotations.x == []",
    ],
)
def test_a_when_sees_the_request_and_the_requester(text):
    assert When(text).compiled().holds(FACTS)


def test_an_empty_when_is_no_condition():
    assert When("").compiled() is None


@pytest.mark.parametrize("text", ['contains(reviewer.roles, "a")', 'review.reason == ""'])
def test_a_when_sees_no_reviewer_and_no_review(text):
    with pytest.raises(InvalidExpression):
        When(text).compiled()


@pytest.mark.parametrize("kind", [Where, Filter])
def test_nobody_else_sees_the_requester(kind):
    with pytest.raises(InvalidExpression):
        kind('contains(requester.traits.team, "db")').compiled()
