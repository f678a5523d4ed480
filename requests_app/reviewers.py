"""Who may review a request, or would one like it (SEMANTICS 5)."""

from collections.abc import Callable, Collection, Hashable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import CharField, Q

from accessplane.lib.prepared import Prepared
from identity import reviewable
from identity.conditions import RequestFacts
from identity.models import Role
from identity.role_spec import RoleSpec
from identity.selectors import specs_of, static_holders
from identity.subject import Subject
from requests_app.models.request import AnyRequest
from requests_app.states import RequestState

_Judge = Callable[[RequestFacts], bool]


def is_kept_from(subject: Subject, asking: Collection[Any]) -> bool:
    """Whether SEMANTICS 5.1 keeps the subject from reviewing what these people ask."""
    people = {user.pk for user in asking}
    owners = {user.owner_id for user in asking}
    return subject.id in people | owners or subject.owner_id in people


def requested_and_reviewing(
    names: Sequence[str],
) -> tuple[dict[str, RoleSpec], list[RoleSpec]]:
    """The requested roles that exist, and the roles that give a right to review (one statement)."""
    rows = _REQUESTED_AND_REVIEWING.rows(names=names)
    specs = specs_of((name, digest) for name, digest, _ in rows)
    requested = {name: specs[name] for name in names if name in specs}
    return requested, [specs[name] for name, _, reviews in rows if reviews]


_REQUESTED_AND_REVIEWING = Prepared(
    lambda names: Role.objects.filter(Q(name__in=names) | Q(reviews=True)).values_list(
        "name", "digest", "reviews"
    ),
    names=[CharField()],
)


def possible_reviewers(
    facts: RequestFacts, asking: Collection[Any], reviewing: Sequence[RoleSpec]
) -> list[Subject]:
    """The active users who may review such a request now, by address (SEMANTICS 5).

    `asking` are its requester and its author, `reviewing` the roles that give review rights.
    """
    names = [role.name for role in reviewing if reviewable.may_concern(role, facts.roles)]
    if not names:
        return []
    return [
        subject
        for subject in static_holders(names)
        if not is_kept_from(subject, asking) and reviewable.may_review(subject, facts)
    ]


def reviewers_of(request: AnyRequest) -> list[Subject]:
    """The active users who may review this request now, by address."""
    _, reviewing = requested_and_reviewing(request.roles)
    asking = (request.requester, request.author)
    found = possible_reviewers(request.facts(), asking, reviewing)
    return [subject for subject in found if subject.id != request.owner_id]


def reviewer_names(request: AnyRequest) -> list[str]:
    """The addresses of those who may review this request now (SEMANTICS 5.7)."""
    return [subject.email for subject in reviewers_of(request)]


def reviewers_of_each(asked: Sequence[tuple[RequestFacts, Collection[Any]]]) -> list[list[str]]:
    """For each of these requests the active users who may review it now, by address (SEMANTICS 5).

    Beside its facts each has the people who ask. Two statements, however many there are.
    """
    names = sorted({name for facts, _ in asked for name in facts.roles})
    if not names:
        return [[] for _ in asked]
    _, reviewing = requested_and_reviewing(names)
    concerning = [role.name for role in reviewing if reviewable.may_concern(role, names)]
    holders = static_holders(concerning) if concerning else []
    rights = _rights_of(holders)
    return [
        [
            subject.email
            for subject in holders
            if not is_kept_from(subject, asking) and rights[subject.id](facts)
        ]
        for facts, asking in asked
    ]


def still_to_decide(requests: Sequence[Any], *, at: datetime) -> dict[UUID, list[str]]:
    """For each pending one of these shown requests those who may decide it and have not yet."""
    pending = [r for r in requests if r.state_at(at) == RequestState.PENDING]
    found = reviewers_of_each([(r.facts(), (r.requester, r.author)) for r in pending])
    return {
        request.id: [
            email
            for email in people
            if email != request.owner_email and email not in _decided(request)
        ]
        for request, people in zip(pending, found, strict=True)
    }


def _decided(request: Any) -> set[str]:
    reviews = request.all_reviews
    return {review.reviewer_email for review in reviews if review.decision != "COMMENT"}


def _rights_of(holders: Sequence[Subject]) -> dict[UUID, _Judge]:
    """What each of them may review: people with the same roles have the same rights, unless these
    look at the person."""
    known: dict[Hashable, _Judge] = {}
    found = {}
    for subject in holders:
        personal = any(_looks_at_the_person(role) for role in subject.roles)
        key: Hashable = subject.id if personal else tuple(subject.role_names)
        if key not in known:
            known[key] = reviewable.judge_of(subject)
        found[subject.id] = known[key]
    return found


def _looks_at_the_person(role: RoleSpec) -> bool:
    blocks = (role.allow.review_requests, role.deny.review_requests)
    return any(block.claims_to_roles or block.where for block in blocks)
