"""Pure: what a workflow is shown of a request, and of who asks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from accessplane.lib.instants import text_of, text_or_none
from identity.conditions import RequestFacts, requester_facts


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """A request as workflows see it; `request_id` is None while nobody has made it (a dry run).

    `requester_roles` are the names of the static roles.
    """

    request_id: UUID | None
    request: RequestFacts
    duration: timedelta
    start_time: datetime | None
    extends: UUID | None
    requester_roles: Sequence[str]
    requester_traits: Mapping[str, Sequence[str]]

    def named(self) -> dict[str, Any]:
        """The facts under the names that conditions use (SEMANTICS 2)."""
        requester = requester_facts(self.requester_roles, self.requester_traits)
        return self.request.named() | requester

    def document(self) -> dict[str, Any]:
        """The facts as JSON values, as webhooks, bots and functions get them."""
        return {
            "request": {
                "id": self.request_id and str(self.request_id),
                "user": self.request.user,
                "roles": list(self.request.roles),
                "reason": self.request.reason,
                "annotations": {k: list(v) for k, v in self.request.annotations.items()},
                "created_at": text_of(self.request.created_at),
                "start_time": text_or_none(self.start_time),
                "duration_seconds": int(self.duration.total_seconds()),
                "extends": self.extends and str(self.extends),
            },
            "requester": {
                "user": self.request.user,
                "roles": list(self.requester_roles),
                "traits": {k: list(v) for k, v in self.requester_traits.items()},
            },
        }
