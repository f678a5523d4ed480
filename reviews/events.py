"""Facts about reviews."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from audit.catalogue import Event
from requests_app.states import RequestState


@dataclass(frozen=True, kw_only=True)
class RequestReviewed(Event):
    """Somebody judged a request, or remarked on it."""

    type: ClassVar[str] = "access_request.reviewed"
    leads_to: ClassVar[str] = RequestState.PENDING
    review: UUID
    reviewer: str
    decision: str
    reason: str
    start_time: datetime | None
    annotations: dict[str, list[str]]
