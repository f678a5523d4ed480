"""Requests as they are shown: with their people, grants, reviews and checks, read in one statement.

They are for looking at. What changes a request locks it and reads the models.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import islice
from operator import attrgetter
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from django.apps import apps
from django.db.models import OuterRef, QuerySet, UUIDField

from accessplane.lib.gathered import gathered
from accessplane.lib.prepared import Prepared
from requests_app.models import AccessRequest, Check, Grant
from requests_app.models.grant import AnyGrant
from requests_app.models.request import AnyRequest


class Person(NamedTuple):
    """Who asks, or for whom."""

    pk: UUID
    email: str
    display_name: str
    owner_id: UUID | None

    def get_short_name(self) -> str:
        """What to call the person in a sentence."""
        return self.display_name or self.email


class ShownGrant(AnyGrant, msgspec.Struct, array_like=True):
    """A grant of a shown request."""

    role_name: str
    id: UUID
    user_id: UUID
    state: str
    starts_at: datetime
    ends_at: datetime
    closed_at: datetime | None
    closed_reason: str


class ExtendedGrant(AnyGrant, msgspec.Struct):
    """The grant that a shown request would extend."""

    request_id: UUID
    state: str
    starts_at: datetime
    ends_at: datetime
    closed_at: datetime | None


class ShownReview(msgspec.Struct, array_like=True):
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


class ShownCheck(msgspec.Struct, array_like=True):
    """A check of a shown request."""

    name: str
    state: str
    reason: str
    problem: str
    tries: int
    next_at: datetime | None


class Columns(msgspec.Struct):
    """What stands in the row of a request itself."""

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


class ShownRequest(AnyRequest, Columns):
    """A request with all that is shown of it; `owner_email` is that of a bot's owner."""

    requester: Person
    author: Person
    owner_email: str | None
    extends: ExtendedGrant | None
    all_grants: list[ShownGrant]
    all_reviews: list[ShownReview]
    all_checks: list[ShownCheck]


def requests(ids: Sequence[UUID]) -> list[ShownRequest]:
    """Those of the requests that exist, in this order (one statement)."""
    if not ids:
        return []
    found = {row[0]: row for row in _REQUESTS.rows(ids=ids)}
    return [_request(*found[pk]) for pk in ids if pk in found]


# --- reading ------------------------------------------------------------------------------------

_OWN = Columns.__struct_fields__
_PERSON = ("id", "email", "display_name", "owner_id")
_EXTENDED = ExtendedGrant.__struct_fields__
_GRANT = ("role__name", *ShownGrant.__struct_fields__[1:])
_REVIEW = [
    "reviewer__email" if field == "reviewer_email" else field
    for field in ShownReview.__struct_fields__
]
_grants_from = msgspec.json.Decoder(list[ShownGrant]).decode
_reviews_from = msgspec.json.Decoder(list[ShownReview]).decode
_checks_from = msgspec.json.Decoder(list[ShownCheck]).decode


def _rows(ids: Any) -> "QuerySet[Any, Any]":
    one = {"request": OuterRef("pk")}
    reviews = apps.get_model("reviews", "Review")._default_manager  # an app above knows them
    return AccessRequest.objects.filter(pk__in=ids).values_list(
        *_OWN,
        *(f"requester__{field}" for field in _PERSON),
        *(f"author__{field}" for field in _PERSON),
        "owner__email",
        *(f"extends__{field}" for field in _EXTENDED),
        gathered(Grant.objects.filter(**one), *_GRANT),
        gathered(reviews.filter(**one), *_REVIEW),
        gathered(Check.objects.filter(**one), *ShownCheck.__struct_fields__),
    )


_REQUESTS = Prepared(_rows, ids=[UUIDField()])


def _request(*row: Any) -> ShownRequest:
    columns = iter(row)
    own = [*islice(columns, len(_OWN))]
    requester = Person(*islice(columns, len(_PERSON)))
    author = Person(*islice(columns, len(_PERSON)))
    owner_email = next(columns)
    extended = [*islice(columns, len(_EXTENDED))]
    grants, reviews, checks = columns
    others: list[Any] = [
        requester,
        author,
        owner_email,
        ExtendedGrant(*extended) if extended[0] else None,
        sorted(_grants_from(grants), key=attrgetter("role_name")),
        sorted(_reviews_from(reviews), key=attrgetter("number")),
        sorted(_checks_from(checks), key=attrgetter("name")),
    ]
    return ShownRequest(*own, *others)
