"""The grant."""

from datetime import datetime
from typing import Any, Self

from django.db import models
from django.db.models import F, Q

from accessplane.lib.identifiers import new_id
from accessplane.lib.prepared import Slot
from audit.catalogue import About
from requests_app.states import OPEN_GRANT_STATES, GrantState

_OPEN = [str(state) for state in sorted(OPEN_GRANT_STATES)]


class GrantQuerySet(models.QuerySet["Grant"]):
    """Filters over grants; time is always an argument."""

    def in_force(self, at: datetime) -> Self:
        """Grants that give access at this moment, whatever the jobs have done (SEMANTICS 7.5)."""
        return self.filter(state=GrantState.ACTIVE, starts_at__lte=at, ends_at__gt=at)

    def due_to_start(self, at: datetime) -> Self:
        """Scheduled grants whose start has come."""
        return self.filter(state=GrantState.SCHEDULED, starts_at__lte=at)

    def not_over(self, at: datetime | Slot) -> Self:
        """Grants that give access at this moment or will."""
        return self.filter(state__in=_OPEN, ends_at__gt=at)

    def run_out(self, at: datetime) -> Self:
        """Grants that time has ended and no job has noted yet."""
        return self.filter(state=GrantState.ACTIVE, ends_at__lte=at)

    def in_state(self, state: GrantState, at: datetime) -> Self:
        """Grants that are in this state at this moment, whether a job has run or not."""
        match state:
            case GrantState.SCHEDULED | GrantState.ACTIVE:
                return self.filter(state=state, ends_at__gt=at)
            case GrantState.EXPIRED:
                return self.filter(Q(state=state) | Q(state__in=_OPEN, ends_at__lte=at))
            case _:
                return self.filter(state=state)


class AnyGrant:
    """What a grant says of itself, however it was read."""

    state: Any
    starts_at: Any
    ends_at: Any
    closed_at: Any

    def is_over(self, at: datetime) -> bool:
        """Whether it gives no access any more at this moment."""
        return self.state not in OPEN_GRANT_STATES or bool(self.ends_at <= at)

    @property
    def gives_until(self) -> datetime:
        """When it gives no access any more: its end, or when it was closed before."""
        until: datetime = min(self.ends_at, self.closed_at or self.ends_at)
        return until

    def is_due(self, at: datetime) -> bool:
        """Whether its start has come without anybody noticing."""
        return bool(self.state == GrantState.SCHEDULED and self.starts_at <= at)

    def state_at(self, at: datetime) -> GrantState:
        """The state at this moment: time ends a grant whether a job has run or not."""
        if self.state in OPEN_GRANT_STATES and self.ends_at <= at:
            return GrantState.EXPIRED
        return GrantState(self.state)


class Grant(AnyGrant, models.Model):
    """The access to one role that an approved request gives, from `starts_at` until `ends_at`.

    `closed_at` is when a person ended or revoked it, and `closed_reason` why.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    request = models.ForeignKey(
        "requests_app.AccessRequest", on_delete=models.PROTECT, related_name="grants"
    )
    user = models.ForeignKey("identity.User", on_delete=models.PROTECT, related_name="grants")
    role = models.ForeignKey("identity.Role", on_delete=models.PROTECT, related_name="grants")
    state = models.CharField(max_length=16, choices=[(s, s) for s in GrantState])
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    closed_reason = models.TextField(blank=True)
    warn_at = models.DateTimeField()
    warned_at = models.DateTimeField(null=True)

    objects = GrantQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="grant_ends_after_it_starts", condition=Q(ends_at__gt=F("starts_at"))
            ),
            models.CheckConstraint(
                name="grant_is_closed_by_somebody",
                condition=Q(state__in=["ENDED", "REVOKED"], closed_at__isnull=False)
                | (~Q(state__in=["ENDED", "REVOKED"]) & Q(closed_at=None)),
            ),
            models.UniqueConstraint(
                fields=["request", "role"], name="one_grant_for_each_requested_role"
            ),
        ]
        indexes = [
            models.Index(
                fields=["user", "role"], condition=Q(state__in=_OPEN), name="grant_of_user_open"
            ),
            models.Index(
                fields=["ends_at"], condition=Q(state__in=_OPEN), name="grant_open_until"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role_id} for {self.user_id}"

    @property
    def role_name(self) -> str:
        """The name of its role."""
        return self.role.name

    @property
    def about(self) -> About:
        """This grant, as events tell of it."""
        return About("grant", self.id, self.role.name)
