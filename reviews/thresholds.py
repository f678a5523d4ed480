"""Pure: reviews against thresholds, per role -> the state reached, or none yet (SEMANTICS 4, 6.3)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from accessplane.lib.expressions import ExpressionFailed
from identity.conditions import Filter
from identity.role_spec import Threshold
from policy.verdicts import CheckState, combine
from requests_app.planning import Judgement
from requests_app.states import RequestState


class Decision(StrEnum):
    """What a reviewer says; a comment counts for nothing."""

    APPROVE = "APPROVE"
    DENY = "DENY"
    COMMENT = "COMMENT"


@dataclass(frozen=True, slots=True)
class Met:
    """A threshold whose filter a review meets; of one with parts, the parts it meets."""

    threshold: int
    parts: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class ReviewFact:
    """One review, as far as counting goes: who, what, and the thresholds it meets."""

    reviewer: UUID
    decision: Decision
    met: tuple[Met, ...]


def met_by(judgement: Judgement, facts: Mapping[str, Any]) -> tuple[Met, ...]:
    """The thresholds whose filter holds for a review with these facts (SEMANTICS 6.2)."""
    met = []
    for index, threshold in enumerate(judgement.thresholds):
        if threshold.all_of is None:
            if _holds(threshold.filter, facts):
                met.append(Met(index))
            continue
        parts = tuple(
            n for n, part in enumerate(threshold.all_of) if _holds(part.filter, facts)
        )
        if parts:
            met.append(Met(index, parts))
    return tuple(met)


def tally(judgement: Judgement, reviews: Sequence[ReviewFact]) -> RequestState | None:
    """The state that these reviews add up to; None while they do not (SEMANTICS 6.3).

    Asked after each review. A threshold that denies comes first; else the thresholds are met
    when each requested role has, in every one of its sets, one threshold that is reached. A
    denial takes no approval back.
    """
    thresholds = list(enumerate(judgement.thresholds))
    if any(denies(threshold, index, reviews) for index, threshold in thresholds):
        return RequestState.DENIED
    reached = {index for index, threshold in thresholds if approves(threshold, index, reviews)}
    return RequestState.APPROVED if _all_met(judgement, reached) else None


def resolution(
    judgement: Judgement, reviews: Sequence[ReviewFact], checks: Iterable[CheckState]
) -> RequestState | None:
    """The state that reviews and checks come to together; None while they do not (SEMANTICS 6.4).

    Approved when the thresholds are met and no check is pending or failed; denied as soon as a
    threshold denies or a check fails.
    """
    together = combine(checks)
    if together is CheckState.FAILED:
        return RequestState.DENIED
    reached = tally(judgement, reviews)
    waits = reached is RequestState.APPROVED and together is CheckState.PENDING
    return None if waits else reached


def denies(threshold: Threshold, index: int, reviews: Sequence[ReviewFact]) -> bool:
    """Whether so many denials that meet the threshold are there; a count of 0 never denies."""
    return 0 < threshold.deny <= len(_said(Decision.DENY, index, reviews))


def approves(threshold: Threshold, index: int, reviews: Sequence[ReviewFact]) -> bool:
    """Whether the threshold's approvals are reached; a count of 0 never approves."""
    approvals = _said(Decision.APPROVE, index, reviews)
    if threshold.all_of is None:
        return 0 < threshold.approve <= len(approvals)
    wanted = [part.approve for part in threshold.all_of]
    return all(wanted) and _can_serve(wanted, [met.parts for met in approvals])


def _all_met(judgement: Judgement, reached: set[int]) -> bool:
    """OR inside a set, AND between sets, AND between roles; no role and no set are never met."""
    return bool(judgement.by_role) and all(
        role.sets and all(reached.intersection(a_set) for a_set in role.sets)
        for role in judgement.by_role
    )


def _said(decision: Decision, index: int, reviews: Iterable[ReviewFact]) -> list[Met]:
    """What the reviews of this decision meet of the threshold; those that meet none are out."""
    return [
        met
        for review in reviews
        if review.decision is decision
        for met in review.met
        if met.threshold == index
    ]


def _can_serve(wanted: Sequence[int], people: Sequence[tuple[int, ...]]) -> bool:
    """Whether people can be given to parts, one part each, so that every part has its number.

    `people` holds the parts each person fits. A matching, grown by augmenting paths.
    """
    places = [part for part, count in enumerate(wanted) for _ in range(count)]
    if len(places) > len(people):
        return False
    served: dict[int, int] = {}  # person -> place

    def find(place: int, tried: set[int]) -> bool:
        for person, fits in enumerate(people):
            if places[place] not in fits or person in tried:
                continue
            tried.add(person)
            if person not in served or find(served[person], tried):
                served[person] = place
                return True
        return False

    return all(find(place, set()) for place in range(len(places)))


def _holds(condition: Filter, facts: Mapping[str, Any]) -> bool:
    try:
        return condition.holds(facts)
    except ExpressionFailed:
        return False
