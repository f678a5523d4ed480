"""The access request."""

from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from accessplane.lib.identifiers import new_id
from accessplane.lib.prepared import Slot
from audit.catalogue import About
from identity.conditions import RequestFacts
from identity.subject import Subject
from policy.facts import Facts
from requests_app import planning
from requests_app.states import RequestState

if TYPE_CHECKING:
    from requests_app.models.check import Check
    from requests_app.models.grant import Grant


class AccessRequestQuerySet(models.QuerySet["AccessRequest"]):
    """Filters over requests; time is always an argument."""

    def in_state(self, state: RequestState, at: datetime) -> Self:
        """Requests that are in this state at this moment, whether a job has run or not."""
        stored = Q(state=state)
        unsettled = Q(state=RequestState.PENDING)
        waited = F("pending_expires_at")
        match state:
            case RequestState.PENDING:
                return self.filter(pending_at(at))
            case RequestState.EXPIRED:
                expired = unsettled & Q(pending_expires_at__lte=at) & _grant_open_at(waited)
                return self.filter(stored | expired)
            case RequestState.CANCELLED:
                over = _grant_over_by(at) & _grant_over_by(waited)
                return self.filter(stored | (unsettled & over))
            case _:
                return self.filter(stored)

    def for_role(self, name: str) -> Self:
        """Requests that ask for this role, among others perhaps."""
        asked = RequestedRole.objects.filter(request=OuterRef("pk"), name=name)
        return self.filter(Exists(asked))


def only_for_roles(names: list[str]) -> Q:
    """Requests that ask for nothing but roles of these names."""
    others = RequestedRole.objects.filter(request=OuterRef("pk")).exclude(name__in=names)
    return Q(~Exists(others))


def pending_at(at: datetime | Slot) -> Q:
    """Requests that are pending at this moment, whether a job has run or not."""
    return Q(state=RequestState.PENDING, pending_expires_at__gt=at) & _grant_open_at(at)


def _grant_open_at(moment: datetime | F | Slot) -> Q:
    """No extension, or one whose grant is not over at this moment."""
    not_closed = Q(extends__closed_at=None) | Q(extends__closed_at__gt=moment)
    return Q(extends=None) | (Q(extends__ends_at__gt=moment) & not_closed)


def _grant_over_by(moment: datetime | F) -> Q:
    """An extension whose grant is over at this moment."""
    return Q(extends__ends_at__lte=moment) | Q(extends__closed_at__lte=moment)


class AnyRequest:
    """What a request says of itself, however it was read."""

    id: Any
    state: Any
    requester: Any
    author: Any
    owner_id: Any
    extends: Any
    roles: Any
    reason: Any
    annotations: Any
    created_at: Any
    pending_expires_at: Any
    resolved_at: Any

    def state_at(self, at: datetime) -> RequestState:
        """The state at this moment (SEMANTICS 7.3, 8.2), whether a job has run or not."""
        if self.state != RequestState.PENDING or self.waits_until > at:
            return RequestState(self.state)
        overtaken = self.extends is not None and self.waits_until == self.extends.gives_until
        return RequestState.CANCELLED if overtaken else RequestState.EXPIRED

    def resolved_by(self, at: datetime) -> datetime | None:
        """When the request was settled, as of this moment; None while it is pending."""
        overdue = self.state == RequestState.PENDING and self.waits_until <= at
        settled: datetime | None = self.waits_until if overdue else self.resolved_at
        return settled

    @property
    def waits_until(self) -> datetime:
        """When time settles the request if nobody does: an extension dies with its grant."""
        until: datetime = self.pending_expires_at
        return until if self.extends is None else min(until, self.extends.gives_until)

    def facts(self) -> RequestFacts:
        """What conditions may know of this request."""
        return RequestFacts(
            roles=self.roles,
            reason=self.reason,
            annotations=self.annotations,
            user=self.requester.email,
            created_at=self.created_at,
        )


class AccessRequest(AnyRequest, models.Model):
    """ "I want these roles, for this reason, this long", with its frozen plan.

    `state` is what was last written; `state_at` is the truth at a moment. The reviews of a
    request, which an app above knows, are its reverse relation `reviews`.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    state = models.CharField(max_length=16, choices=[(s, s) for s in RequestState])
    requester = models.ForeignKey(
        "identity.User", on_delete=models.PROTECT, related_name="access_requests"
    )
    author = models.ForeignKey("identity.User", on_delete=models.PROTECT, related_name="+")
    owner = models.ForeignKey(
        "identity.User", on_delete=models.PROTECT, related_name="+", null=True
    )
    roles = models.JSONField()
    reason = models.TextField(blank=True)
    suggested_reviewers = models.JSONField(default=list)
    annotations = models.JSONField(default=dict)
    judgement = models.JSONField()
    created_at = models.DateTimeField()
    pending_expires_at = models.DateTimeField()
    start_time = models.DateTimeField(null=True)
    duration = models.DurationField()
    requested_duration = models.DurationField(null=True)
    limit = models.DurationField(null=True)
    extends = models.ForeignKey(
        "requests_app.Grant", on_delete=models.PROTECT, related_name="extensions", null=True
    )
    via = models.CharField(max_length=16)
    resolved_at = models.DateTimeField(null=True)
    resolve_reason = models.TextField(blank=True)
    forced = models.BooleanField(default=False)

    # Where the request was read with its parts, these are they.
    all_grants: "list[Grant]"
    all_reviews: list[Any]
    all_checks: "list[Check]"

    objects = AccessRequestQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="request_is_pending_or_resolved",
                condition=Q(state=RequestState.PENDING, resolved_at=None)
                | (~Q(state=RequestState.PENDING) & Q(resolved_at__isnull=False)),
            ),
        ]
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="request_newest_first"),
            models.Index(
                fields=["pending_expires_at"],
                condition=Q(state=RequestState.PENDING),
                name="request_pending_until",
            ),
        ]

    def __str__(self) -> str:
        return f"{', '.join(self.roles)} for {self.requester_id}"

    @property
    def about(self) -> About:
        """This request, as events tell of it."""
        return About("access_request", self.id, ", ".join(self.roles)[:254])

    @property
    def owner_email(self) -> str | None:
        """The address of the owner of a bot that asks."""
        return self.owner.email if self.owner else None

    def frozen_judgement(self) -> planning.Judgement:
        """The thresholds that were frozen when the request was made."""
        return planning.judgement_from(self.judgement)

    def shown_to_workflows(self, requester: Subject) -> Facts:
        """What workflows see of this request; `requester` has the static roles of now."""
        return Facts(
            request_id=self.pk,
            request=self.facts(),
            duration=self.duration,
            start_time=self.start_time,
            extends=self.extends_id,
            requester_roles=requester.role_names,
            requester_traits=requester.traits,
        )


class RequestedRole(models.Model):
    """The index from a role's name to the requests that ask for it."""

    id = models.BigAutoField(primary_key=True)
    request = models.ForeignKey(
        AccessRequest, on_delete=models.CASCADE, related_name="requested_roles"
    )
    name = models.CharField(max_length=128)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["request", "name"], name="a_role_is_asked_for_once"
            ),
        ]
        indexes = [models.Index(fields=["name"], name="requested_role_name")]

    def __str__(self) -> str:
        return self.name
