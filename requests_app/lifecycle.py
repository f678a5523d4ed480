"""The only writer of the state of requests, their checks, and grants.

Every function needs the caller's transaction and takes rows that the caller has locked, the
request before its checks and grants. What happened is returned as events, for the caller to record.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import CharField, QuerySet, UUIDField
from django.utils.translation import gettext as _

from accessplane.lib.errors import Conflict, NotFound
from accessplane.lib.prepared import Prepared
from accessplane.lib.writes import insert, update
from audit.catalogue import Event
from identity.models import Role
from policy.verdicts import STATE_OF, Verdict
from requests_app import windows
from requests_app.events import (
    CheckHeld,
    GrantChanged,
    GrantEnded,
    GrantEndingSoon,
    GrantExpired,
    GrantExtended,
    GrantRevoked,
    GrantScheduled,
    GrantStarted,
    RequestApproved,
    RequestCancelled,
    RequestChecked,
    RequestCreated,
    RequestDenied,
    RequestExpired,
    RequestResolved,
)
from requests_app.models import AccessRequest, Check, Grant, RequestedRole
from requests_app.models.grant import GrantQuerySet
from requests_app.states import (
    GrantState,
    RequestState,
    already,
    can_move_grant,
    can_move_request,
)

_RESOLVED: dict[RequestState, type[RequestResolved]] = {
    RequestState.APPROVED: RequestApproved,
    RequestState.DENIED: RequestDenied,
    RequestState.EXPIRED: RequestExpired,
    RequestState.CANCELLED: RequestCancelled,
}


_WAITING = ("problem", "next_at")


class AlreadyResolved(Conflict):
    """The request is settled; the sentence names its state."""

    code = "already_resolved"


class WrongState(Conflict):
    """The grant is not in a state that allows this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """The names of what a forced decision did without."""

    thresholds: Sequence[str]
    checks: Sequence[str]


# --- requests -----------------------------------------------------------------------------------


def lock(request_id: UUID) -> AccessRequest:
    """The request of this id, locked, with its people; `NotFound` if there is none."""
    found: list[AccessRequest] = _LOCKED.objects(pk=request_id)
    if not found:
        raise NotFound(_("There is no such access request."))
    return found[0]


def _locked(pk: Any) -> "QuerySet[AccessRequest]":
    rows = AccessRequest.objects.filter(pk=pk).select_for_update(of=("self",))
    return rows.select_related("requester", "author", "owner", "extends")


_LOCKED = Prepared(_locked, pk=UUIDField())


def create(request: AccessRequest, checks: Sequence[Check]) -> Sequence[Event]:
    """Store a new request as pending, with the checks that were frozen into its plan."""
    request.state = RequestState.PENDING
    request.all_grants, request.all_reviews, request.all_checks = [], [], list(checks)
    insert(request)
    insert(*checks)
    insert(*[RequestedRole(request=request, name=name) for name in request.roles])
    return [
        RequestCreated(
            about=request.about,
            requester=request.requester.email,
            author=request.author.email,
            owner=request.owner.email if request.owner else None,
            roles=request.roles,
            reason=request.reason,
            suggested_reviewers=request.suggested_reviewers,
            annotations=request.annotations,
            duration_seconds=request.duration,
            pending_expires_at=request.pending_expires_at,
            start_time=request.start_time,
            extends=request.extends_id,
            checks=[check.name for check in checks],
        )
    ]


def check_pending(request: AccessRequest, *, at: datetime) -> None:
    """Refuse (`AlreadyResolved`) a request that is not pending at this moment."""
    state = request.state_at(at)
    if state != RequestState.PENDING:
        raise AlreadyResolved(
            _("This request is %(state)s already.") % {"state": already(state)}
        )


def resolve(
    request: AccessRequest,
    to: RequestState,
    *,
    reason: str,
    at: datetime,
    skipped: Skipped | None = None,
) -> Sequence[Event]:
    """Settle a locked request for good; an approval opens its grants, or extends its grant.

    `skipped` is given for a forced decision alone. Raises `AlreadyResolved`.
    """
    _check_move(request, to, at=at)
    request.resolved_at = request.resolved_by(at) or at
    request.state, request.resolve_reason = to, reason
    request.forced = skipped is not None
    update(request, "state", "resolved_at", "resolve_reason", "forced", "start_time")
    resolved = _RESOLVED[to](
        about=request.about,
        requester=request.requester.email,
        roles=request.roles,
        reason=reason,
        forced=request.forced,
        skipped_thresholds=list(skipped.thresholds) if skipped else [],
        skipped_checks=list(skipped.checks) if skipped else [],
    )
    if to != RequestState.APPROVED:
        return [resolved]
    if request.extends is None:
        return [resolved, *_open(request, at=at)]
    return [resolved, *_extend(request, request.extends, at=at)]


def move_start(request: AccessRequest, start_time: datetime) -> None:
    """Set when access shall begin; the last one given wins (SEMANTICS 6.6)."""
    request.start_time = start_time
    update(request, "start_time")


def _check_move(request: AccessRequest, to: RequestState, *, at: datetime) -> None:
    before = request.state_at(at)
    # What time or a grant's end has decided already, a job only writes down.
    noted = before == to and request.state == RequestState.PENDING
    if not noted and not can_move_request(before, to):
        raise AlreadyResolved(
            _("This request is %(state)s already.") % {"state": already(before)}
        )


# --- checks -------------------------------------------------------------------------------------


def lock_checks(request: AccessRequest) -> list[Check]:
    """The checks of a locked request with their workflows, by name: its lock is theirs."""
    checks: list[Check] = _CHECKS.objects(request=request.pk)
    return checks


_CHECKS = Prepared(
    lambda request: (
        Check.objects.filter(request=request).select_related("workflow").order_by("name")
    ),
    request=UUIDField(),
)


def answer(check: Check, verdict: Verdict, *, at: datetime) -> None:
    """Write the verdict on a pending check, stored or about to be (SEMANTICS 6.4)."""
    check.state = STATE_OF[verdict.effect]
    check.reason = verdict.reason
    check.annotations = {key: list(values) for key, values in verdict.annotations.items()}
    check.problem, check.next_at, check.answered_at = "", None, at


def checked(request: AccessRequest, check: Check, verdict: Verdict) -> Event:
    """What is told of a check's answer."""
    return RequestChecked(
        about=request.about,
        check=check.pk,
        workflow=check.name,
        verdict=verdict.effect,
        reason=verdict.reason,
        annotations=check.annotations,
    )


def judge(
    request: AccessRequest, check: Check, verdict: Verdict, *, at: datetime
) -> Sequence[Event]:
    """A pending check of a locked, pending request gets its verdict."""
    answer(check, verdict, at=at)
    check.save(update_fields=["state", "reason", "annotations", *_WAITING, "answered_at"])
    return [checked(request, check, verdict)]


def postpone(check: Check, *, problem: str, tries: int, until: datetime) -> None:
    """Look at a pending check again later; `problem` says what is missing."""
    check.problem, check.tries, check.next_at = problem, tries, until
    check.save(update_fields=["problem", "tries", "next_at"])


def let_go(check: Check) -> None:
    """Look no more at a pending check: its request was resolved without it."""
    check.next_at = None
    check.save(update_fields=["next_at"])


def note(check: Check, problem: str) -> None:
    """Say what is wrong about an answered check of a locked request."""
    check.problem = problem
    check.save(update_fields=["problem"])


def hold(
    request: AccessRequest, check: Check, *, problem: str, until: datetime | None
) -> Event:
    """The time for a pending check's answer is over, and the request waits for it all the same.

    `until` is when its workflow is to be asked again; None if it is not for the plane to ask.
    """
    check.problem, check.next_at, check.deadline_at = problem, until, None
    check.save(update_fields=[*_WAITING, "deadline_at"])
    return CheckHeld(about=request.about, check=check.pk, workflow=check.name, problem=problem)


# --- grants -------------------------------------------------------------------------------------


def lock_grants(among: GrantQuerySet) -> list[Grant]:
    """These grants, locked in the order of their ids."""
    rows = among.order_by("pk").select_for_update(of=("self",))
    return list(rows.select_related("user", "role", "request"))


def check_open(grant: Grant, *, at: datetime) -> None:
    """Refuse (`WrongState`) a grant that gives no access any more at this moment."""
    if grant.is_over(at):
        raise WrongState(
            _("This grant is %(state)s already.") % {"state": already(grant.state_at(at))}
        )


def start(grant: Grant) -> Event:
    """Access of a scheduled grant begins."""
    _move(grant, GrantState.ACTIVE)
    return _told(GrantStarted, grant)


def expire(grant: Grant) -> Event:
    """Time has ended a grant."""
    _move(grant, GrantState.EXPIRED)
    return _told(GrantExpired, grant)


def end(grant: Grant, *, reason: str, at: datetime) -> Event:
    """The holder gives the grant back."""
    _close(grant, GrantState.ENDED, reason=reason, at=at)
    return _told(GrantEnded, grant, reason=reason)


def revoke(grant: Grant, *, reason: str, at: datetime) -> Event:
    """The grant is taken away."""
    _close(grant, GrantState.REVOKED, reason=reason, at=at)
    return _told(GrantRevoked, grant, reason=reason)


def warn(grant: Grant, *, at: datetime) -> Event:
    """The grant is about to end."""
    grant.warned_at = at
    update(grant, "warned_at")
    return _told(GrantEndingSoon, grant)


def _open(request: AccessRequest, *, at: datetime) -> list[Event]:
    starts_at, ends_at = windows.span(
        approved_at=at, start=request.start_time, duration=request.duration
    )
    state = GrantState.ACTIVE if starts_at <= at else GrantState.SCHEDULED
    grants = [
        Grant(
            request=request,
            user=request.requester,
            role=role,
            state=state,
            starts_at=starts_at,
            ends_at=ends_at,
            warn_at=windows.warning_at(starts_at, ends_at),
        )
        for role in _ROLES.objects(names=request.roles)
    ]
    insert(*grants)
    request.all_grants = grants
    opened = GrantStarted if state == GrantState.ACTIVE else GrantScheduled
    return [_told(opened, grant) for grant in grants]


# The name is all that a new grant says of its role.
_ROLES = Prepared(
    lambda names: Role.objects.filter(name__in=names).order_by("name").only("name"),
    names=[CharField()],
)


def _extend(request: AccessRequest, extended: Grant, *, at: datetime) -> list[Event]:
    (grant,) = lock_grants(Grant.objects.filter(pk=extended.pk))
    if grant.is_over(at):
        raise AlreadyResolved(
            _("This request is %(state)s already.") % {"state": already(RequestState.CANCELLED)}
        )
    grant.ends_at = windows.extended_end(
        starts_at=grant.starts_at,
        ends_at=grant.ends_at,
        duration=request.duration,
        limit=request.limit,
    )
    grant.warn_at = windows.warning_at(grant.starts_at, grant.ends_at)
    grant.warned_at = None
    update(grant, "ends_at", "warn_at", "warned_at")
    return [_told(GrantExtended, grant, extension=request.pk)]


def _close(grant: Grant, to: GrantState, *, reason: str, at: datetime) -> None:
    grant.closed_at, grant.closed_reason = at, reason
    _move(grant, to)


def _move(grant: Grant, to: GrantState) -> None:
    if not can_move_grant(GrantState(grant.state), to):
        raise WrongState(f"This grant is {grant.state}; it cannot become {to}.")
    grant.state = to
    update(grant, "state", "closed_at", "closed_reason")


def _told(event: type[GrantChanged], grant: Grant, **more: Any) -> Event:
    return event(
        about=grant.about,
        request=grant.request_id,
        user=grant.user.email,
        role=grant.role.name,
        starts_at=grant.starts_at,
        ends_at=grant.ends_at,
        **more,
    )
