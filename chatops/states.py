"""Pure: what is owed to whom, and the states of a posting."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from chatops.messages import Audience


class PostingState(StrEnum):
    """How far a posting has come. A FAILED one can be sent again.

    SENT and SKIPPED are final. What had to wait is skipped if it is no news any more.
    """

    DUE = "DUE"
    SENT = "SENT"
    FAILED = "FAILED"
    SKIPPED = "SKIPPED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Owed:
    """Somebody who is to be told of an event, not before `at`; `in_place_of` is an address."""

    channel_id: UUID
    recipient: str
    audience: Audience
    route_id: UUID | None = None
    at: datetime
    in_place_of: str = ""
