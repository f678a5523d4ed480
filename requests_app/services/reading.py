"""Reading requests and grants as they are at a moment, whatever the jobs have done.

The first question after the start of a scheduled grant makes its transition (SEMANTICS 7.5);
that is seen on the rows read, so that the usual read costs no statement more.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _

from accessplane.lib.errors import NotFound
from identity.models import User
from identity.selectors import subject_of
from identity.subject import Subject
from requests_app import selectors, shown
from requests_app.models import Grant
from requests_app.services import timekeeping
from requests_app.shown import ShownGrant, ShownRequest

Row = TypeVar("Row", ShownRequest, Grant)


def settled_requests(ids: Sequence[UUID], *, at: datetime) -> Sequence[ShownRequest]:
    """Those of the requests that exist, in this order; no grant waits to be started."""
    return _settled(lambda: shown.requests(ids), lambda request: request.all_grants, at=at)


def settled_grants(load: Callable[[], Sequence[Grant]], *, at: datetime) -> Sequence[Grant]:
    """The grants that `load` reads, none of which waits to be started."""
    return _settled(load, lambda grant: [grant], at=at)


def request_seen_by(user: User, request_id: UUID, *, at: datetime) -> ShownRequest:
    """One request that the user may see; `NotFound` otherwise."""
    return request_shown_to(subject_of(user, at=at), request_id, at=at)


def request_shown_to(subject: Subject, request_id: UUID, *, at: datetime) -> ShownRequest:
    """One request that the subject may see; `NotFound` otherwise."""
    found = settled_requests([request_id], at=at)
    if not found:
        raise NotFound(_("There is no such access request."))
    selectors.check_seen(subject, found[0])
    return found[0]


def grant_seen_by(user: User, grant_id: UUID, *, at: datetime) -> Grant:
    """One grant that the user may see; `NotFound` otherwise."""
    visible = selectors.grants_visible_to(subject_of(user, at=at))
    one = visible.filter(pk=grant_id).select_related("user", "role")
    found = settled_grants(lambda: list(one.all()), at=at)
    if not found:
        raise NotFound(_("There is no such grant."))
    return found[0]


def _settled(
    load: Callable[[], Sequence[Row]],
    grants_of: Callable[[Row], Iterable[Grant | ShownGrant]],
    *,
    at: datetime,
) -> Sequence[Row]:
    rows = load()
    due = {grant.user_id for row in rows for grant in grants_of(row) if grant.is_due(at)}
    if not due:
        return rows
    timekeeping.start_due(among=Q(user__in=due), at=at)
    return load()
