"""Decide about several requests, one by one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from accessplane.lib.actors import Actor
from accessplane.lib.errors import DomainError
from identity.models import User
from reviews.models import Review
from reviews.services import reviewing
from reviews.thresholds import Decision


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """What somebody decides about one request, and why."""

    request_id: UUID
    decision: Decision
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of a ruling: it counts, or why it does not."""

    ruling: Ruling
    refusal: DomainError | None = None


def decide_each(
    rulings: Sequence[Ruling], *, reviewer: User, by: Actor, at: datetime
) -> list[Outcome]:
    """Submit each as a review of its own; one that is refused stops no other.

    The same sent twice counts once, and is no refusal the second time.
    """
    return [_outcome(ruling, reviewer=reviewer, by=by, at=at) for ruling in rulings]


def _outcome(ruling: Ruling, *, reviewer: User, by: Actor, at: datetime) -> Outcome:
    try:
        reviewing.submit_review(
            request_id=ruling.request_id,
            reviewer=reviewer,
            decision=ruling.decision,
            reason=ruling.reason,
            by=by,
            at=at,
        )
    except DomainError as refusal:
        is_there = isinstance(refusal, reviewing.AlreadyReviewed) and _counts(ruling, reviewer)
        return Outcome(ruling=ruling, refusal=None if is_there else refusal)
    return Outcome(ruling=ruling)


def _counts(ruling: Ruling, reviewer: User) -> bool:
    """Whether exactly this was said before."""
    return Review.objects.filter(
        request=ruling.request_id,
        reviewer=reviewer,
        decision=ruling.decision,
        reason=ruling.reason,
    ).exists()
