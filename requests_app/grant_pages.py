"""What the page of grants shows of each."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from accessplane.lib.durations import in_words
from accessplane.lib.instants import text_of, text_or_none
from identity.subject import Subject
from requests_app import selectors
from requests_app.holdings import GrantSearch, Stage, grants_found
from requests_app.models import Grant
from requests_app.models.grant import GrantQuerySet

COLUMNS = (
    "id", "user", "role", "state", "starts_at", "ends_at", "closed_at", "reason", "request",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A grant as the list has it; `request` is None for whoever may not see it."""

    id: UUID
    user: str
    role: str
    title: str
    state: str
    starts_at: datetime
    ends_at: datetime
    length: str
    reason: str
    request: UUID | None
    request_id: UUID
    may_end: bool
    may_revoke: bool


def grants_listed(subject: Subject, search: GrantSearch, *, at: datetime) -> GrantQuerySet:
    """What the list shows: of what is not over, that which ends first on top; else the latest."""
    found = grants_found(subject, search, at=at)
    order = "ends_at" if search.stage is Stage.NOT_OVER else "-starts_at"
    return found.order_by(order, order.replace("ends_at", "pk").replace("starts_at", "pk"))


def rows_of(subject: Subject, grants: Iterable[Grant], *, at: datetime) -> list[Row]:
    """The grants as this viewer has them; they were read by `with_request`."""
    return [_row(subject, grant, at) for grant in grants]


def with_request(grants: GrantQuerySet) -> GrantQuerySet:
    """The grants with all that a row says of them, in one statement."""
    return grants.select_related("user", "role", "request__requester", "request__author")


def cells_of(grant: Grant, *, at: datetime) -> Sequence[Any]:
    """A grant as a line of an export; its user and role are loaded."""
    return (
        grant.pk,
        grant.user.email,
        grant.role_name,
        str(grant.state_at(at)),
        text_of(grant.starts_at),
        text_of(grant.ends_at),
        text_or_none(grant.closed_at),
        grant.closed_reason,
        grant.request_id,
    )


def _row(subject: Subject, grant: Grant, at: datetime) -> Row:
    request = grant.request
    is_over, is_holder = grant.is_over(at), grant.user_id == subject.id
    may_revoke = subject.may("revoke", "grant") or selectors.may_judge(subject, request)
    return Row(
        id=grant.pk,
        user=grant.user.email,
        role=grant.role_name,
        title=grant.role.title,
        state=str(grant.state_at(at)),
        starts_at=grant.starts_at,
        ends_at=grant.gives_until,
        length=in_words(grant.ends_at - grant.starts_at),
        reason=grant.closed_reason,
        request=request.pk if selectors.sees_uninvolved(subject, request) else None,
        request_id=request.pk,
        may_end=is_holder and not is_over,
        may_revoke=may_revoke and not is_holder and not is_over,
    )
