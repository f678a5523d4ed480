"""What somebody decided, and what those who ask asked for before."""

from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from identity.subject import Subject
from requests_app import selectors
from requests_app.models import AccessRequest
from requests_app.models.request import AccessRequestQuerySet
from requests_app.states import RequestState
from reviews.hints import Earlier
from reviews.models import Review
from reviews.thresholds import Decision

# So many earlier requests of one person are looked at, the latest ones.
EARLIER_SEEN = 100


def pending_for(
    subject: Subject,
    *,
    mine: bool = True,
    role: str = "",
    requester: str = "",
    asked_before: datetime | None = None,
    at: datetime,
) -> AccessRequestQuerySet:
    """The pending requests that wait for the subject, or all that the subject may see.

    Those for this role, by the person of this address, or made before that moment.
    """
    among = AccessRequest.objects.all()
    if requester:
        among = among.filter(requester__email=requester)
    if asked_before is not None:
        among = among.filter(created_at__lte=asked_before)
    if role:
        among = among.for_role(role)
    if mine:
        return selectors.inbox_of(subject, at, among)
    return selectors.visible_to(subject, among.in_state(RequestState.PENDING, at))


def earlier_than(
    subject: Subject, requester_id: UUID, created_at: datetime, *, at: datetime
) -> list[Earlier]:
    """What this person asked for before that moment, as far as the subject may see it; the
    latest first, `EARLIER_SEEN` at most."""
    before = AccessRequest.objects.filter(requester=requester_id, created_at__lt=created_at)
    seen = selectors.visible_to(subject, before).order_by("-created_at", "-pk")
    rows = seen.values_list(
        "pk", "roles", "state", "duration", "created_at", "resolved_at", "pending_expires_at"
    )
    return [
        Earlier(
            id=pk,
            roles=roles,
            state=RequestState.EXPIRED if _ran_out(state, until, at) else state,
            duration=duration,
            created_at=asked_at,
            resolved_at=resolved_at,
        )
        for pk, roles, state, duration, asked_at, resolved_at, until in rows[:EARLIER_SEEN]
    ]


def _ran_out(state: str, until: datetime, at: datetime) -> bool:
    return state == RequestState.PENDING and until <= at


def decided_by(user_id: UUID) -> "QuerySet[Review]":
    """The reviews of this person that are decisions, the latest first."""
    decided = Review.objects.filter(reviewer=user_id).exclude(decision=Decision.COMMENT)
    return decided.order_by("-created_at", "-pk")
