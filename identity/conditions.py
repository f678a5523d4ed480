"""Pure: which names the conditions of documents may use, and the facts behind them.

SEMANTICS 2. A filter sees the review too; a where does not. Neither sees the requester's traits:
a reviewer must not learn them by probing. A when, of a route or a workflow, sees the requester
and no reviewer: there is none yet.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from accessplane.lib.expressions import Condition, Kind, Scope, compile_condition

_REQUEST = {
    "request.roles": Kind.LIST,
    "request.reason": Kind.TEXT,
    "request.annotations": Kind.MAP,
    "request.user": Kind.TEXT,
    "request.created_at": Kind.TEXT,
}
_REVIEWER = {"reviewer.roles": Kind.LIST, "reviewer.traits": Kind.MAP}
_REQUESTER = {"requester.roles": Kind.LIST, "requester.traits": Kind.MAP}
_REVIEW = {"review.reason": Kind.TEXT, "review.annotations": Kind.MAP}
_ALIASES = {"request.system_annotations": "request.annotations"}

WHERE = Scope(_REVIEWER | _REQUEST, aliases=_ALIASES)
FILTER = Scope(_REVIEWER | _REQUEST | _REVIEW, aliases=_ALIASES)
WHEN = Scope(_REQUESTER | _REQUEST, aliases=_ALIASES)


class Where(str):
    """The text of a condition on who may review; empty holds always."""

    __slots__ = ()

    def compiled(self) -> Condition | None:
        """The compiled condition, None if it is empty; `InvalidExpression` if it is wrong."""
        return compile_condition(self, WHERE) if self else None


class Filter(str):
    """The text of a condition on which reviews count; empty counts every review."""

    __slots__ = ()

    def compiled(self) -> Condition | None:
        """The compiled condition, None if it is empty; `InvalidExpression` if it is wrong."""
        return compile_condition(self, FILTER) if self else None


class When(str):
    """The text of a condition on which requests a route or a workflow is for; empty: all."""

    __slots__ = ()

    def compiled(self) -> Condition | None:
        """The compiled condition, None if it is empty; `InvalidExpression` if it is wrong."""
        return compile_condition(self, WHEN) if self else None


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestFacts:
    """What conditions may know of a request."""

    roles: Sequence[str]
    reason: str
    annotations: Mapping[str, Sequence[str]]
    user: str
    created_at: datetime

    def named(self) -> dict[str, Any]:
        """The facts under the names that conditions use."""
        return {
            "request.roles": list(self.roles),
            "request.reason": self.reason,
            "request.annotations": self.annotations,
            "request.user": self.user,
            "request.created_at": self.created_at.isoformat(),
        }


def reviewer_facts(roles: Iterable[str], traits: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """What conditions may know of a reviewer: the names of static roles, and the traits."""
    return {"reviewer.roles": list(roles), "reviewer.traits": traits}


def requester_facts(
    roles: Iterable[str], traits: Mapping[str, Sequence[str]]
) -> dict[str, Any]:
    """What a when may know of the requester: the names of static roles, and the traits."""
    return {"requester.roles": list(roles), "requester.traits": traits}


def review_facts(reason: str, annotations: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """What a threshold's filter may know of the review itself."""
    return {"review.reason": reason, "review.annotations": annotations}
