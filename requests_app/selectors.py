"""What somebody may see, what waits for somebody, and who holds what."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from django.apps import apps
from django.db.models import (
    Case,
    CharField,
    DateTimeField,
    Exists,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    UUIDField,
    Value,
    When,
)
from django.utils.translation import gettext as _

from accessplane.lib.errors import NotFound
from accessplane.lib.gathered import as_text
from accessplane.lib.prepared import Prepared, Slot
from identity import reviewable
from identity.conditions import RequestFacts
from identity.models import Role, RoleAssignment, User
from identity.selectors import DUE, ELEVATED
from identity.subject import Subject
from requests_app import reviewers
from requests_app.models import AccessRequest, Check, Grant
from requests_app.models.grant import GrantQuerySet
from requests_app.models.request import (
    AccessRequestQuerySet,
    AnyRequest,
    only_for_roles,
    pending_at,
)
from requests_app.states import GrantState, RequestState

COUNTING_DECISIONS = ("APPROVE", "DENY")


# --- what may be seen (SEMANTICS 5.1, 5.5) ------------------------------------------------------


def visible_to(
    subject: Subject, among: AccessRequestQuerySet | None = None
) -> AccessRequestQuerySet:
    """The requests, of `among` or of all, that the subject may see (SEMANTICS 5.5).

    One statement more than the caller's own, and only for people with review rights.
    """
    requests = AccessRequest.objects.all() if among is None else among
    if subject.may("read", "access_request"):
        return requests
    seen = own_to(subject) | _reviewed_by(subject)
    if subject.is_bot:
        seen |= Q(pk__in=_checks_by(subject).values("request"))
    reviewable_ones = reviewable_by(subject, requests)
    if reviewable_ones is not None:
        seen |= reviewable_ones
    return requests.filter(seen)


def own_to(subject: Subject) -> Q:
    """Requests that the subject is kept from reviewing: own ones, in every sense of 5.1."""
    own = (
        Q(requester=subject.id)
        | Q(author=subject.id)
        | Q(owner=subject.id)
        | Q(requester__owner=subject.id)
        | Q(author__owner=subject.id)
    )
    if subject.owner_id is not None:
        own |= Q(requester=subject.owner_id) | Q(author=subject.owner_id)
    return own


def is_own(subject: Subject, request: AnyRequest) -> bool:
    """Whether the subject is kept from reviewing this request: `own_to` of one in hand."""
    asking = (request.requester, request.author)
    return subject.id == request.owner_id or reviewers.is_kept_from(subject, asking)


def may_judge(subject: Subject, request: AnyRequest) -> bool:
    """Whether the subject may review this request, were it pending (SEMANTICS 5); no statement."""
    return not is_own(subject, request) and reviewable.may_review(subject, request.facts())


def sees(subject: Subject, request: AnyRequest) -> bool:
    """Whether the subject may see this request: `visible_to` of one in hand."""
    return (
        sees_uninvolved(subject, request)
        or AccessRequest.objects.filter(_reviewed_by(subject), pk=request.id).exists()
        or (subject.is_bot and _checks_by(subject).filter(request=request.id).exists())
    )


def sees_uninvolved(subject: Subject, request: AnyRequest) -> bool:
    """Whether the subject sees this request without having judged it, or being asked to by a
    workflow; no statement."""
    return (
        subject.may("read", "access_request")
        or is_own(subject, request)
        or reviewable.may_review(subject, request.facts())
    )


def check_seen(subject: Subject, request: AnyRequest) -> None:
    """Refuse (`NotFound`) a request that is not for the subject to see."""
    if not sees(subject, request):
        raise NotFound(_("There is no such access request."))


def reviewable_by(subject: Subject, among: AccessRequestQuerySet) -> Q | None:
    """What holds for those of `among` whose roles the subject may review; None without any right.

    Without conditions the roles decide, and the database selects by them. A condition sees the
    reason and more: then each candidate is judged here.
    """
    roles = [role for role in subject.roles if reviewable.may_review_any(role)]
    if not roles:
        return None
    if any(reviewable.is_conditional(role) for role in subject.roles):
        may_review = reviewable.judge_of(subject)
        judged = [each.id for each in _candidates(among) if may_review(each.facts())]
        return Q(pk__in=judged)
    existing = [name for (name,) in _ROLE_NAMES.rows()]
    return only_for_roles(reviewable.unconditional_names(subject, existing))


_ROLE_NAMES = Prepared(lambda: Role.objects.values_list("name"))


class _Candidate(msgspec.Struct, array_like=True):
    """A request as far as conditions look at it."""

    id: UUID
    roles: list[str]
    reason: str
    annotations: dict[str, list[str]]
    user: str
    created_at: datetime

    def facts(self) -> RequestFacts:
        """What conditions may know of it."""
        return RequestFacts(
            roles=self.roles,
            reason=self.reason,
            annotations=self.annotations,
            user=self.user,
            created_at=self.created_at,
        )


_candidates_from = msgspec.json.Decoder(list[_Candidate]).decode


def _candidates(among: AccessRequestQuerySet) -> list[_Candidate]:
    columns = ("id", "roles", "reason", "annotations", "requester__email", "created_at")
    rows = list(as_text(among, *columns))
    return _candidates_from(rows[0][0]) if rows else []  # none of nothing is not even asked


def grants_visible_to(subject: Subject) -> GrantQuerySet:
    """The grants that the subject may see (SEMANTICS 5.5)."""
    if subject.may("read", "grant") or subject.may("revoke", "grant"):
        return Grant.objects.all()
    seen = Q(user=subject.id) | Q(request__author=subject.id)
    reviewable_ones = reviewable_by(subject, AccessRequest.objects.filter(grants__isnull=False))
    if reviewable_ones is not None:
        not_own = AccessRequest.objects.filter(reviewable_ones).exclude(own_to(subject))
        seen |= Q(request__in=not_own.values("pk"))
    return Grant.objects.filter(seen)


def _checks_by(subject: Subject) -> "QuerySet[Check]":
    """The checks whose verdict is the bot's to report."""
    return Check.objects.filter(bot=subject.id)


def _reviewed_by(subject: Subject) -> Q:
    """The requests that the subject reviewed; a comment is no review."""
    reviews = apps.get_model("reviews", "Review")._default_manager  # an app above knows them
    own = reviews.filter(reviewer=subject.id, decision__in=COUNTING_DECISIONS)
    return Q(Exists(own.filter(request=OuterRef("pk"))))


def latest_checks_of(workflow_id: UUID, subject: Subject, count: int) -> "QuerySet[Check]":
    """The workflow's checks of those requests that the subject may see, newest first."""
    seen = visible_to(subject).values("pk")
    checks = Check.objects.filter(workflow=workflow_id, request__in=seen)
    latest = checks.select_related("request__requester")
    return latest.order_by("-request__created_at", "-pk")[:count]


def who_is_involved(request_ids: Collection[UUID]) -> dict[UUID, set[UUID]]:
    """Who reviewed each of these requests, and the bots named by its workflows (one statement).

    A comment is no review.
    """
    reviewed = AccessRequest.objects.filter(
        pk__in=request_ids, reviews__decision__in=COUNTING_DECISIONS
    ).values_list("pk", "reviews__reviewer")
    asked = Check.objects.filter(request__in=request_ids, bot__is_bot=True)
    found: dict[UUID, set[UUID]] = {pk: set() for pk in request_ids}
    for pk, person in reviewed.union(asked.values_list("request", "bot")):
        found[pk].add(person)
    return found


def reviewed_by(subject: Subject, among: AccessRequestQuerySet) -> AccessRequestQuerySet:
    """Those of `among` that the subject reviewed; a comment is no review."""
    return among.filter(_reviewed_by(subject))


def inbox_of(
    subject: Subject, at: datetime, among: AccessRequestQuerySet | None = None
) -> AccessRequestQuerySet:
    """The requests that wait for the subject: pending, reviewable, and not reviewed yet."""
    requests = AccessRequest.objects.all() if among is None else among
    pending = requests.in_state(RequestState.PENDING, at)
    waiting = reviewable_by(subject, pending)
    if waiting is None:
        return requests.none()
    return pending.filter(waiting).exclude(own_to(subject)).exclude(_reviewed_by(subject))


def asked_before(
    requester: User, names: Sequence[str], extends: Grant | None, at: datetime
) -> UUID | None:
    """The id of a request that stands in the way of asking the same again (SEMANTICS 3.6, 8.2).

    For an extension that is another pending extension of the grant; else a request for exactly
    these roles that is pending, or a grant of which gives access now or later.
    """
    if extends is not None:
        pending = AccessRequest.objects.filter(pending_at(at), extends=extends)
        return next(iter(pending.values_list("pk", flat=True)), None)
    in_the_way = _IN_THE_WAY.rows(requester=requester.pk, at=at)
    return next((pk for pk, roles in in_the_way if roles == list(names)), None)


def _in_the_way(requester: Slot, at: Slot) -> "QuerySet[Any, Any]":
    """The ids and roles of somebody's requests that are pending, or give access now or later."""
    open_grants = Grant.objects.filter(request=OuterRef("pk")).not_over(at)
    granted = Q(state=RequestState.APPROVED) & Exists(open_grants)
    asked = AccessRequest.objects.filter(pending_at(at) | granted, requester=requester)
    return asked.values_list("pk", "roles")


_IN_THE_WAY = Prepared(_in_the_way, requester=UUIDField(), at=DateTimeField())


# --- who holds what (SEMANTICS 7.5) -------------------------------------------------------------


def elevated_roles(user_id: Slot, at: Slot) -> "QuerySet[Grant, tuple[int, str, str]]":
    """The roles of the user's grants that have begun by the clock, as identity reads them.

    Rows of position, name and digest; the position tells grants in force from those whose start
    has come without anybody noticing.
    """
    position = Case(
        When(state=GrantState.ACTIVE, then=Value(ELEVATED)),
        default=Value(DUE),
        output_field=IntegerField(),
    )
    begun = Grant.objects.not_over(at).filter(user=user_id, starts_at__lte=at)
    return begun.values_list(position, "role__name", "role__digest")


@dataclass(frozen=True, slots=True)
class Holding:
    """That a user holds a role: all the time if `grant_id` is None, else through that grant."""

    email: str
    role: str
    digest: str
    grant_id: UUID | None
    starts_at: datetime | None
    ends_at: datetime | None
    state: str | None

    def is_held(self, at: datetime) -> bool:
        """Whether it gives the role at this moment."""
        return self.grant_id is None or (
            self.state == GrantState.ACTIVE and self._has_started(at)
        )

    def is_due(self, at: datetime) -> bool:
        """Whether its start has come and nobody has noticed."""
        return self.state == GrantState.SCHEDULED and self._has_started(at)

    def _has_started(self, at: datetime) -> bool:
        return self.starts_at is not None and self.starts_at <= at


def holdings(*, caller: User, email: str, role: str, at: datetime) -> list[Holding]:
    """Holdings, held or to come, in one statement: of this role by the active user `email`,
    and all those of a caller who asks about somebody else."""
    if caller.email == email:
        rows = _OWN_HOLDINGS.rows(caller=caller.pk, role=role, at=at)
    else:
        rows = _HOLDINGS.rows(caller=caller.pk, email=email, role=role, at=at)
    return [Holding(*row) for row in rows]


def _holdings(wanted: Q, at: Slot) -> "QuerySet[Any, Any]":
    """Rows of `Holding`, of active users."""
    static = RoleAssignment.objects.filter(wanted, user__is_active=True).values_list(
        "user__email",
        "role__name",
        "role__digest",
        Value(None, output_field=UUIDField()),
        Value(None, output_field=DateTimeField()),
        Value(None, output_field=DateTimeField()),
        Value(None, output_field=CharField()),
    )
    open_grants = Grant.objects.not_over(at).filter(wanted, user__is_active=True)
    grants = open_grants.values_list(
        "user__email", "role__name", "role__digest", "pk", "starts_at", "ends_at", "state"
    )
    return static.union(grants, all=True)


_OWN_HOLDINGS = Prepared(
    lambda caller, role, at: _holdings(Q(user=caller, role__name=role), at),
    caller=UUIDField(),
    role=CharField(),
    at=DateTimeField(),
)
_HOLDINGS = Prepared(
    lambda caller, email, role, at: _holdings(
        Q(user=caller) | Q(user__email=email, role__name=role), at
    ),
    caller=UUIDField(),
    email=CharField(),
    role=CharField(),
    at=DateTimeField(),
)
