"""What time brings about. Each step is safe to run twice, and on two workers at once.

Who may do what is decided by the clock at the moment of the question (SEMANTICS 7.3, 7.5); these
steps write it down, so that people and targets hear of it.
"""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from accessplane.lib.actors import system
from audit.catalogue import Event
from audit.recorder import record
from identity import requestable
from identity.selectors import static_subject_of
from requests_app import lifecycle
from requests_app.models import AccessRequest, Grant
from requests_app.models.grant import GrantQuerySet
from requests_app.models.request import AccessRequestQuerySet
from requests_app.states import RequestState

BATCH = 1000
CLOCK = system("clock")

_NO_LONGER = "When the start came, the requester was not allowed to request this any more."


def keep_time(*, at: datetime) -> int:
    """Note everything that time has brought about; return how many rows changed."""
    return (
        expire_requests(at=at)
        + cancel_overtaken(at=at)
        + start_due(at=at)
        + warn_of_end(at=at)
        + expire_grants(at=at)
    )


def expire_requests(*, at: datetime) -> int:
    """Note the requests that waited too long (SEMANTICS 7.3)."""
    overdue = AccessRequest.objects.filter(
        state=RequestState.PENDING, pending_expires_at__lte=at
    )
    return _settle(overdue, RequestState.EXPIRED, "Nobody decided in time.", at=at)


def cancel_overtaken(*, grant: Grant | None = None, at: datetime) -> int:
    """Note the extensions whose grant is over, of one grant or of all (SEMANTICS 8.2)."""
    pending = AccessRequest.objects.filter(
        state=RequestState.PENDING, extends__isnull=False
    ).in_state(RequestState.CANCELLED, at)
    if grant is not None:
        pending = pending.filter(extends=grant)
    return _settle(pending, RequestState.CANCELLED, "The grant to extend is over.", at=at)


def start_due(*, among: Q | None = None, at: datetime) -> int:
    """Begin scheduled grants, some of them or all, whose start has come (SEMANTICS 7.4).

    A grant whose holder may not request its request's roles any more is revoked instead.
    """
    due = Grant.objects.due_to_start(at).filter(among or Q())
    return _each(due, lambda grant: _begin(grant, at=at), at=at)


def lock_request(request_id: UUID, *, at: datetime) -> AccessRequest:
    """The request, locked in the caller's transaction; `NotFound` if there is none.

    The grant that it would extend has begun, or is revoked, if its start has come.
    """
    request = lifecycle.lock(request_id)
    if request.extends is not None and request.extends.is_due(at):
        start_due(among=Q(pk=request.extends.pk), at=at)
        request.extends.refresh_from_db()
    return request


def warn_of_end(*, at: datetime) -> int:
    """Tell the holders of grants that end soon (SEMANTICS 8.4)."""
    ending = Grant.objects.in_force(at).filter(warn_at__lte=at, warned_at=None)
    return _each(ending, lambda grant: lifecycle.warn(grant, at=at), at=at)


def expire_grants(*, at: datetime) -> int:
    """Note the grants that time has ended."""
    return _each(Grant.objects.run_out(at), lifecycle.expire, at=at)


def _settle(
    requests: AccessRequestQuerySet, to: RequestState, reason: str, *, at: datetime
) -> int:
    settled = 0
    for request_id in _ids(requests):
        with transaction.atomic():
            request = lifecycle.lock(request_id)
            if request.state == RequestState.PENDING and request.state_at(at) == to:
                record(*lifecycle.resolve(request, to, reason=reason, at=at), by=CLOCK, at=at)
                settled += 1
    return settled


def _each(due: GrantQuerySet, step: Callable[[Grant], Event], *, at: datetime) -> int:
    """Take a step with each grant that is still due once it is locked."""
    taken = 0
    for grant_id in _ids(due):
        with transaction.atomic():
            for grant in lifecycle.lock_grants(due.filter(pk=grant_id)):
                record(step(grant), by=CLOCK, at=at)
                taken += 1
    return taken


def _begin(grant: Grant, *, at: datetime) -> Event:
    subject = static_subject_of(grant.user)
    names = grant.request.roles
    allowed = requestable.requestable_among(subject, names)
    if list(allowed) == list(names):
        return lifecycle.start(grant)
    return lifecycle.revoke(grant, reason=_NO_LONGER, at=at)


def _ids(rows: GrantQuerySet | AccessRequestQuerySet) -> list[UUID]:
    return list(rows.order_by("pk").values_list("pk", flat=True)[:BATCH])
