"""Pure: whose requests may this subject review (SEMANTICS 5.2, 5.3)."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from accessplane.lib.expressions import ExpressionFailed
from identity.conditions import RequestFacts, Where, reviewer_facts
from identity.requestable import RoleNames, role_names
from identity.role_spec import ReviewBlock, RoleSpec
from identity.subject import Subject


def may_review(subject: Subject, request: RequestFacts) -> bool:
    """Whether the subject's static roles allow reviewing a request with these facts.

    Deny comes first: one block that holds and names any requested role. Then every requested
    role must be matched by some allow block that holds. Who the requester is plays no part here
    (SEMANTICS 5.1).
    """
    return judge_of(subject)(request)


def judge_of(subject: Subject) -> Callable[[RequestFacts], bool]:
    """`may_review` for many requests: patterns are matched once for each role that is named, and
    only conditions of blocks that name a requested role are looked at, each once for a request."""
    denying, allowing = _blocks(subject, denying=True), _blocks(subject, denying=False)
    own = reviewer_facts(subject.role_names, subject.traits)
    is_plain = not any(block.where for block, _ in (*denying, *allowing))

    @cache
    def denied_by(role: str) -> list[ReviewBlock]:
        return [block for block, names in denying if names.deny(role)]

    @cache
    def allowed_by(role: str) -> list[ReviewBlock]:
        return [block for block, names in allowing if names.allow(role)]

    def judge(request: RequestFacts) -> bool:
        facts = own if is_plain else {**own, **request.named()}
        known: dict[tuple[Where, bool], bool] = {}

        def holds(block: ReviewBlock, *, on_failure: bool) -> bool:
            if not block.where:
                return True
            key = (block.where, on_failure)
            if key not in known:
                known[key] = _holds(block.where, facts, on_failure=on_failure)
            return known[key]

        if any(holds(b, on_failure=True) for role in request.roles for b in denied_by(role)):
            return False
        return bool(request.roles) and all(
            any(holds(block, on_failure=False) for block in allowed_by(role))
            for role in request.roles
        )

    return judge


def may_review_any(role: RoleSpec) -> bool:
    """Whether holding this role gives a right to review at all."""
    return not role.allow.review_requests.is_empty


def could_review(subject: Subject, name: str) -> bool:
    """Whether the subject may review requests for this role alone, conditions aside: those that
    look at the request are taken to open what they open, and to close nothing."""
    return not any(
        names.deny(name) for block, names in _blocks(subject, denying=True) if not block.where
    ) and any(names.allow(name) for _, names in _blocks(subject, denying=False))


def may_concern(role: RoleSpec, names: Sequence[str]) -> bool:
    """Whether holding the role could, with the right traits, allow reviewing any of `names`."""
    block = role.allow.review_requests
    if block.claims_to_roles:
        return True
    allowed = role_names(block.roles, (), {})
    return any(allowed.allow(name) for name in names)


def is_conditional(role: RoleSpec) -> bool:
    """Whether what the role says of reviewing depends on more than the requested roles."""
    return bool(role.allow.review_requests.where or role.deny.review_requests.where)


def unconditional_names(subject: Subject, names: Iterable[str]) -> list[str]:
    """Those of `names` that the subject may review, of subjects without conditional roles.

    Such a subject may review exactly the requests that ask for nothing else.
    """
    allowed = [found for _, found in _blocks(subject, denying=False)]
    denied = [found for _, found in _blocks(subject, denying=True)]
    return [
        name
        for name in names
        if any(found.allow(name) for found in allowed)
        and not any(found.deny(name) for found in denied)
    ]


def _blocks(subject: Subject, *, denying: bool) -> list[tuple[ReviewBlock, RoleNames]]:
    """The review blocks of the subject's roles that say something, with the names they match."""
    blocks = [(role.deny if denying else role.allow).review_requests for role in subject.roles]
    return [
        (block, role_names(block.roles, block.claims_to_roles, subject.traits))
        for block in blocks
        if not block.is_empty
    ]


def _holds(where: Where, facts: Mapping[str, Any], *, on_failure: bool) -> bool:
    """Whether the condition holds; one that cannot be judged counts as what opens nothing."""
    try:
        return where.holds(facts)
    except ExpressionFailed:
        return on_failure
