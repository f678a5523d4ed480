"""Review a request, or resolve it by force."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from accessplane.lib.actors import Actor, ActorKind
from accessplane.lib.errors import Conflict, InvalidInput, NotPermitted
from accessplane.lib.writes import insert
from audit.catalogue import Event
from audit.recorder import record
from identity.conditions import review_facts, reviewer_facts
from identity.models import User
from identity.selectors import proof_lacking, subject_of
from identity.subject import Subject
from policy.verdicts import CheckState
from requests_app import lifecycle, planning, windows
from requests_app.models import AccessRequest
from requests_app.selectors import check_seen
from requests_app.services import timekeeping
from requests_app.states import RequestState
from reviews import eligibility, thresholds
from reviews.events import RequestReviewed
from reviews.models import Review
from reviews.services.settling import reviews_of, settle
from reviews.thresholds import Decision

UNSETTLED = {CheckState.PENDING, CheckState.FAILED}
Annotations = Mapping[str, Sequence[str]]


class FreshFactorRequired(NotPermitted):
    """Access to a sensitive role is approved by a person who has just proved a second factor."""

    code = "fresh_factor_required"


class AlreadyReviewed(Conflict):
    """One person, one review; comments aside."""

    code = "already_reviewed"


def submit_review(
    *,
    request_id: UUID,
    reviewer: User,
    decision: Decision,
    reason: str = "",
    start_time: datetime | None = None,
    annotations: Annotations | None = None,
    by: Actor,
    at: datetime,
) -> Review:
    """Judge a request; the review that settles it resolves it in the same transaction.

    The `request` of the answer holds the grants and reviews that it has now.
    The refusals come in the order of SEMANTICS 6.1, and nothing is stored then: the shape of
    the input, `NotFound`, `OwnRequest` or `NotPermittedToReview`, `AlreadyReviewed`,
    `AlreadyResolved`, the start time, and `FreshFactorRequired`. Two reviews at once come one after the other.
    """
    _check_shape(decision, reason, start_time, annotations, reviewer)
    with transaction.atomic():
        subject = subject_of(reviewer, at=at)
        request = timekeeping.lock_request(request_id, at=at)
        check_seen(subject, request)
        earlier = reviews_of(request)
        _check_may_speak(subject, request, decision, earlier)
        lifecycle.check_pending(request, at=at)
        windows.check_start(start_time, at=at)
        if decision is Decision.APPROVE:
            _check_proof(request, by, at=at)
        review = Review(
            request=request,
            reviewer=reviewer,
            number=len(earlier) + 1,
            decision=decision,
            reason=reason,
            annotations=dict(annotations or {}),
            met=_met(request, subject, decision, reason, annotations or {}),
            created_at=at,
            via=by.via,
        )
        insert(review)
        events = _after(review, [*earlier, review], start_time=start_time, at=at)
        record(_reviewed(review, reviewer, start_time), *events, by=by, at=at)
    return review


def check_may_decide(
    *, request_id: UUID, reviewer: User, decision: Decision, by: Actor, at: datetime
) -> None:
    """Refuse now what `submit_review` would refuse to this reviewer, whatever he is to write.

    For doors that ask for the reason in a second step. Nothing is stored.
    """
    with transaction.atomic():
        subject = subject_of(reviewer, at=at)
        request = timekeeping.lock_request(request_id, at=at)
        check_seen(subject, request)
        _check_may_speak(subject, request, decision, reviews_of(request))
        lifecycle.check_pending(request, at=at)
        if decision is Decision.APPROVE:
            _check_proof(request, by, at=at)


def force_resolution(
    *,
    request_id: UUID,
    user: User,
    state: RequestState,
    reason: str,
    start_time: datetime | None = None,
    by: Actor,
    at: datetime,
) -> AccessRequest:
    """Resolve a pending request without thresholds and checks (SEMANTICS 6.7).

    Needs the verb `update` on `access_request` from a static role, and never works on one's own
    request. Refusals in this order: shape, `NotFound`, `NotPermitted`, `OwnRequest`,
    `AlreadyResolved`, the start time, `FreshFactorRequired`. The event names the thresholds and checks that were skipped.
    """
    planning.check_given(reason)
    if start_time is not None and state != RequestState.APPROVED:
        raise _start_without_approval()
    with transaction.atomic():
        subject = subject_of(user, at=at)
        request = timekeeping.lock_request(request_id, at=at)
        check_seen(subject, request)
        if not subject.may_statically("update", "access_request"):
            raise NotPermitted(_("You may not resolve requests without their reviewers."))
        eligibility.check_not_own(subject, request)
        lifecycle.check_pending(request, at=at)
        windows.check_start(start_time, at=at)
        if state == RequestState.APPROVED:
            _check_proof(request, by, at=at)
        request.start_time = start_time or request.start_time
        skipped = lifecycle.Skipped(
            thresholds=[threshold["name"] for threshold in request.judgement["thresholds"]],
            checks=[c.name for c in lifecycle.lock_checks(request) if c.state in UNSETTLED],
        )
        events = lifecycle.resolve(request, state, reason=reason, at=at, skipped=skipped)
        record(*events, by=by, at=at)
    return request


def _check_shape(
    decision: Decision,
    reason: str,
    start_time: datetime | None,
    annotations: Annotations | None,
    reviewer: User,
) -> None:
    planning.check_length(reason)
    if start_time is not None and decision is not Decision.APPROVE:
        raise _start_without_approval()
    if annotations and not reviewer.is_bot:
        sentence = _("Only a bot's review carries annotations.")
        raise InvalidInput(sentence, errors={"annotations": [sentence]})


def _start_without_approval() -> InvalidInput:
    sentence = _("A start time comes only with an approval.")
    return InvalidInput(sentence, errors={"start_time": [sentence]})


def _check_may_speak(
    subject: Subject, request: AccessRequest, decision: Decision, earlier: Sequence[Review]
) -> None:
    """Whoever sees a request may comment on it; a judgement needs the right, and is one."""
    if decision is Decision.COMMENT:
        return
    eligibility.check_may_review(subject, request)
    if any(
        review.reviewer_id == subject.id and review.decision != Decision.COMMENT
        for review in earlier
    ):
        raise AlreadyReviewed(_("You reviewed this request already."))


def _check_proof(request: AccessRequest, by: Actor, *, at: datetime) -> None:
    """Below every door: no approval of a sensitive role without a fresh proof (SEMANTICS 6.8)."""
    if not proof_lacking(request.roles, by, at=at):
        return
    if by.kind is not ActorKind.USER:
        raise FreshFactorRequired(
            _("A person approves this, with a second factor. A bot cannot.")
        )
    address = f"{settings.ACCESSPLANE_PUBLIC_URL}/requests/{request.pk}"
    raise FreshFactorRequired(
        _(
            "Approving this needs your second factor, proved a moment ago. "
            "Open %(address)s and approve it there."
        )
        % {"address": address}
    )


def _met(
    request: AccessRequest,
    subject: Subject,
    decision: Decision,
    reason: str,
    annotations: Annotations,
) -> list[list[object]]:
    if decision is Decision.COMMENT:
        return []
    facts = (
        reviewer_facts(subject.role_names, subject.traits)
        | request.facts().named()
        | review_facts(reason, annotations)
    )
    return Review.met_as_json(thresholds.met_by(request.frozen_judgement(), facts))


def _after(
    review: Review, reviews: Sequence[Review], *, start_time: datetime | None, at: datetime
) -> Sequence[Event]:
    """What a review brings about; its reason says why, if it decides. A comment decides nothing."""
    request = review.request
    request.all_grants, request.all_reviews = [], list(reviews)
    request.all_checks = lifecycle.lock_checks(request)
    if review.decision == Decision.COMMENT:
        return []
    request.start_time = start_time or request.start_time
    events = settle(request, reason=review.reason, at=at)
    if not events and start_time is not None:
        lifecycle.move_start(request, start_time)
    return events


def _reviewed(review: Review, reviewer: User, start_time: datetime | None) -> Event:
    return RequestReviewed(
        about=review.request.about,
        review=review.pk,
        reviewer=reviewer.email,
        decision=review.decision,
        reason=review.reason,
        start_time=start_time,
        annotations={key: list(values) for key, values in review.annotations.items()},
    )
