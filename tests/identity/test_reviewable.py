"""Whose requests somebody may review, judged from roles alone."""

from collections.abc import Callable
from uuid import uuid4

import pytest

from accessplane.lib.expressions import MAX_FACT_CHARACTERS
from identity import reviewable
from identity.conditions import RequestFacts
from identity.role_spec import parse_role
from identity.subject import Subject
from tests.cast import NOON

WHERE = 'request.reason != ""'
# A reason that is too large to be looked at: no condition on it has an answer.
TOO_LARGE = "x" * (MAX_FACT_CHARACTERS + 1)


def asked(*roles: str, reason: str = "") -> RequestFacts:
    return RequestFacts(
        roles=roles, reason=reason, annotations={}, user="bob@example.com", created_at=NOON
    )


def rights(**spec) -> Callable[[RequestFacts], bool]:
    subject = Subject(
        id=uuid4(), email="alice@example.com", traits={}, roles=(parse_role("lead", spec),)
    )
    return reviewable.judge_of(subject)


@pytest.mark.parametrize(
    ("roles", "allowed"),
    [(("dba",), True), (("web",), True), (("dba", "web"), True), (("dba", "other"), False)],
)
def test_every_role_must_be_allowed_by_some_block(roles, allowed):
    both = rights(allow={"review_requests": {"roles": ["dba", "w*"]}})

    assert both(asked(*roles)) is allowed


def test_a_request_for_nothing_is_for_nobody():
    assert not rights(allow={"review_requests": {"roles": ["*"]}})(asked())


def test_one_denied_role_is_enough():
    careful = rights(
        allow={"review_requests": {"roles": ["*"]}},
        deny={"review_requests": {"roles": ["dba"], "where": 'request.reason == ""'}},
    )

    assert not careful(asked("dba", "web"))
    assert careful(asked("dba", "web", reason="r"))
    assert careful(asked("web"))


def test_what_cannot_be_judged_opens_nothing():
    allowing = rights(allow={"review_requests": {"roles": ["dba"], "where": WHERE}})
    denying = rights(
        allow={"review_requests": {"roles": ["dba"]}},
        deny={"review_requests": {"roles": ["dba"], "where": WHERE}},
    )

    assert not allowing(asked("dba", reason=TOO_LARGE))
    assert not denying(asked("dba", reason=TOO_LARGE))
    assert allowing(asked("dba", reason="r"))
    assert denying(asked("dba"))
