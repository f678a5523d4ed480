"""Requests as they are shown: with their people, grants, reviews and checks, read in one statement.

They are for looking at. What changes a request locks it and reads the models.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Any
from uuid import UUID

import msgspec
from django.apps import apps
from django.db.models import OuterRef, QuerySet, UUIDField

from accessplane.lib.gathered import as_text, gathered, together
from accessplane.lib.prepared import Prepared
from requests_app.models import AccessRequest, Check, Grant
from requests_app.models.grant import AnyGrant
from requests_app.models.request import AnyRequest


class _Row(msgspec.Struct, array_like=True):
    """What the database writes as a list of these fields, in this order."""


class Person(_Row):
    """Who asks, or for whom."""

    pk: UUID
    email: str
    display_name: str
    owner_id: UUID | None

    def get_short_name(self) -> str:
        """What to call the person in a sentence."""
        return self.display_name or self.email


class ShownGrant(_Row, AnyGrant):
    """A grant of a shown request."""

    role_name: str
    id: UUID
    user_id: UUID
    state: str
    starts_at: datetime
    ends_at: datetime
    closed_at: datetime | None
    closed_reason: str


class ExtendedGrant(_Row, AnyGrant):
    """The grant that a shown request would extend."""

    id: UUID
    request_id: UUID
    state: str
    starts_at: datetime
    ends_at: datetime
    closed_at: datetime | None


class ShownReview(_Row):
    """A review of a shown request."""

    number: int
    id: UUID
    reviewer_email: str
    decision: str
    reason: str
    annotations: dict[str, list[str]]
    met: list[Any]
    created_at: datetime
    via: str


class ShownCheck(_Row):
    """A check of a shown request."""

    name: str
    state: str
    reason: str
    problem: str
    tries: int
    next_at: datetime | None


class _Own(_Row):
    """What stands in the row of the request itself."""

    id: UUID
    state: str
    owner_id: UUID | None
    roles: list[str]
    reason: str
    suggested_reviewers: list[str]
    annotations: dict[str, list[str]]
    judgement: Any
    created_at: datetime
    pending_expires_at: datetime
    start_time: datetime | None
    duration: timedelta
    requested_duration: timedelta | None
    limit: timedelta | None
    extends_id: UUID | None
    via: str
    resolved_at: datetime | None
    resolve_reason: str
    forced: bool


class ShownRequest(_Own, AnyRequest):
    """A request with all that is shown of it; `owner_email` is that of a bot's owner."""

    requester: Person
    author: Person
    owner_email: str | None
    extended: list[ExtendedGrant]
    all_grants: list[ShownGrant]
    all_reviews: list[ShownReview]
    all_checks: list[ShownCheck]

    def __post_init__(self) -> None:
        """The database gathers in no order."""
        self.all_grants.sort(key=attrgetter("role_name"))
        self.all_reviews.sort(key=attrgetter("number"))
        self.all_checks.sort(key=attrgetter("name"))

    @property
    def extends(self) -> ExtendedGrant | None:
        """The grant that it would extend."""
        return self.extended[0] if self.extended else None


def requests(ids: Sequence[UUID]) -> list[ShownRequest]:
    """Those of the requests that exist, in this order (one statement)."""
    if not ids:
        return []
    ((text,),) = _REQUESTS.rows(ids=ids)
    found = {request.id: request for request in _requests_from(text)}
    return [found[pk] for pk in ids if pk in found]


_requests_from = msgspec.json.Decoder(list[ShownRequest], strict=False).decode
_RENAMED = {"pk": "id", "role_name": "role__name", "reviewer_email": "reviewer__email"}


def _columns(of: type[_Row], at: str = "") -> list[str]:
    return [at + _RENAMED.get(field, field) for field in of.__struct_fields__]


def _of_ids(ids: Any) -> "QuerySet[Any, Any]":
    one = {"request": OuterRef("pk")}
    reviews = apps.get_model("reviews", "Review")._default_manager  # an app above knows them
    return as_text(
        AccessRequest.objects.filter(pk__in=ids),
        *_columns(_Own),
        together(*_columns(Person, "requester__")),
        together(*_columns(Person, "author__")),
        "owner__email",
        gathered(Grant.objects.filter(pk=OuterRef("extends")), *_columns(ExtendedGrant)),
        gathered(Grant.objects.filter(**one), *_columns(ShownGrant)),
        gathered(reviews.filter(**one), *_columns(ShownReview)),
        gathered(Check.objects.filter(**one), *_columns(ShownCheck)),
    )


_REQUESTS = Prepared(_of_ids, ids=[UUIDField()])
