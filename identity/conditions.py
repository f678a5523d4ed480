"""Pure: which names the conditions of documents may use, and the facts behind them.

SEMANTICS 2. A filter sees the review too; a where does not. Neither sees the requester's traits:
a reviewer must not learn them by probing. The operator's own conditions, of workflows and routes,
see them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Self

from accessplane.lib.expressions import Condition, Kind, Scope, compile_condition

_REQUEST = {
    "request.roles": Kind.LIST,
    "request.reason": Kind.TEXT,
    "request.annotations": Kind.MAP,
    "request.user": Kind.TEXT,
    "request.created_at": Kind.TEXT,
}
_REVIEWER = {"reviewer.roles": Kind.LIST, "reviewer.traits": Kind.MAP}
_REVIEW = {"review.reason": Kind.TEXT, "review.annotations": Kind.MAP}
_ALIASES = {"request.system_annotations": "request.annotations"}

_REQUESTER = {"requester.roles": Kind.LIST, "requester.traits": Kind.MAP}

WHERE = Scope(_REVIEWER | _REQUEST, aliases=_ALIASES)
FILTER = Scope(_REVIEWER | _REQUEST | _REVIEW, aliases=_ALIASES)
WHEN = Scope(_REQUESTER | _REQUEST, aliases=_ALIASES)


class _ConditionText(str):
    """The text of a condition in `scope`; empty holds always."""

    __slots__ = ()
    scope: ClassVar[Scope]

    @classmethod
    def parse(cls, text: str) -> Self:
        """The text, once it is known to be a condition; `InvalidExpression` if it is wrong."""
        condition = cls(text.strip())
        condition.compiled()
        return condition

    def compiled(self) -> Condition | None:
        """The compiled condition, None if it is empty; `InvalidExpression` if it is wrong."""
        return compile_condition(self, self.scope) if self else None

    def holds(self, facts: Mapping[str, Any]) -> bool:
        """Whether it holds of these facts; `ExpressionFailed` if there is no answer."""
        condition = self.compiled()
        return condition is None or condition.holds(facts)


class Where(_ConditionText):
    """A condition on who may review."""

    __slots__ = ()
    scope = WHERE


class Filter(_ConditionText):
    """A condition on which reviews count."""

    __slots__ = ()
    scope = FILTER


class When(_ConditionText):
    """A condition on the requests that a workflow or a route is for."""

    __slots__ = ()
    scope = WHEN


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


def review_facts(reason: str, annotations: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """What a threshold's filter may know of the review itself."""
    return {"review.reason": reason, "review.annotations": annotations}


def requester_facts(
    roles: Iterable[str], traits: Mapping[str, Sequence[str]]
) -> dict[str, Any]:
    """What an operator's condition may know of the requester besides."""
    return {"requester.roles": list(roles), "requester.traits": traits}
