"""Facts about requests and grants."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import ClassVar
from uuid import UUID

from audit.catalogue import Event
from requests_app.states import GrantState, RequestState


@dataclass(frozen=True, kw_only=True)
class RequestCreated(Event):
    """Somebody asks."""

    type: ClassVar[str] = "access_request.created"
    leads_to: ClassVar[str] = RequestState.PENDING
    requester: str
    author: str
    owner: str | None
    roles: list[str]
    reason: str
    suggested_reviewers: list[str]
    annotations: dict[str, list[str]]
    duration_seconds: timedelta
    pending_expires_at: datetime
    start_time: datetime | None
    extends: UUID | None
    checks: list[str] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class RequestChecked(Event):
    """A workflow gave its verdict on a request."""

    type: ClassVar[str] = "access_request.checked"
    leads_to: ClassVar[str] = RequestState.PENDING
    check: UUID
    workflow: str
    verdict: str
    reason: str
    annotations: dict[str, list[str]]


@dataclass(frozen=True, kw_only=True)
class CheckHeld(Event):
    """A workflow gave no verdict in its time, and the request waits for it."""

    type: ClassVar[str] = "access_request.check_held"
    leads_to: ClassVar[str] = RequestState.PENDING
    check: UUID
    workflow: str
    problem: str


@dataclass(frozen=True, kw_only=True)
class RequestResolved(Event):
    """What all ends of a request tell. A forced one names what it skipped."""

    requester: str
    roles: list[str]
    reason: str
    forced: bool = False
    skipped_thresholds: list[str] = field(default_factory=list)
    skipped_checks: list[str] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class RequestApproved(RequestResolved):
    """A request became access."""

    type: ClassVar[str] = "access_request.approved"
    leads_to: ClassVar[str] = RequestState.APPROVED


@dataclass(frozen=True, kw_only=True)
class RequestDenied(RequestResolved):
    """A request was turned down."""

    type: ClassVar[str] = "access_request.denied"
    leads_to: ClassVar[str] = RequestState.DENIED


@dataclass(frozen=True, kw_only=True)
class RequestExpired(RequestResolved):
    """Nobody decided in time."""

    type: ClassVar[str] = "access_request.expired"
    leads_to: ClassVar[str] = RequestState.EXPIRED


@dataclass(frozen=True, kw_only=True)
class RequestCancelled(RequestResolved):
    """The requester took the request back, or the grant it would extend is over."""

    type: ClassVar[str] = "access_request.cancelled"
    leads_to: ClassVar[str] = RequestState.CANCELLED


@dataclass(frozen=True, kw_only=True)
class GrantChanged(Event):
    """What all events of a grant tell."""

    request: UUID
    user: str
    role: str
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, kw_only=True)
class GrantScheduled(GrantChanged):
    """Access is approved and begins later."""

    type: ClassVar[str] = "grant.scheduled"
    leads_to: ClassVar[str] = GrantState.SCHEDULED


@dataclass(frozen=True, kw_only=True)
class GrantStarted(GrantChanged):
    """Access begins."""

    type: ClassVar[str] = "grant.started"
    leads_to: ClassVar[str] = GrantState.ACTIVE


@dataclass(frozen=True, kw_only=True)
class GrantExtended(GrantChanged):
    """Access lasts longer; `extension` is the request that was approved for it."""

    type: ClassVar[str] = "grant.extended"
    extension: UUID


@dataclass(frozen=True, kw_only=True)
class GrantEndingSoon(GrantChanged):
    """Access is about to end; its holder may want to save work, or ask for more."""

    type: ClassVar[str] = "grant.ending_soon"
    leads_to: ClassVar[str] = GrantState.ACTIVE


@dataclass(frozen=True, kw_only=True)
class GrantEnded(GrantChanged):
    """The holder gave access back."""

    type: ClassVar[str] = "grant.ended"
    leads_to: ClassVar[str] = GrantState.ENDED
    reason: str


@dataclass(frozen=True, kw_only=True)
class GrantRevoked(GrantChanged):
    """Somebody, or a change of the rules before the start, took access away."""

    type: ClassVar[str] = "grant.revoked"
    leads_to: ClassVar[str] = GrantState.REVOKED
    reason: str


@dataclass(frozen=True, kw_only=True)
class GrantExpired(GrantChanged):
    """Time ended access."""

    type: ClassVar[str] = "grant.expired"
    leads_to: ClassVar[str] = GrantState.EXPIRED
