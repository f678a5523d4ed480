"""The request that a handler is asked about."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Self

from accessplane_client.errors import UnexpectedAnswer


class Values(dict[str, list[Any]]):
    """Lists by name. A name that is missing has an empty list, as in the plane's conditions."""

    def __init__(self, given: Mapping[str, Any]) -> None:
        super().__init__((name, _list(value)) for name, value in given.items())

    def __missing__(self, name: str) -> list[Any]:
        return []

    def get(self, name: str, default: Any = None) -> Any:
        """Like indexing: an empty list where there is nothing and no default."""
        return super().get(name, [] if default is None else default)


@dataclass(frozen=True, kw_only=True)
class CheckedRequest:
    """What a workflow is shown of a request and of who asks: the facts at the time of asking.

    `user` is the requester's e-mail address; `requester_roles` are held all the time.
    """

    id: str
    workflow: str
    user: str
    roles: list[str]
    reason: str = ""
    annotations: Values = field(default_factory=lambda: Values({}))
    requester_roles: list[str] = field(default_factory=list)
    traits: Values = field(default_factory=lambda: Values({}))
    duration: timedelta = timedelta(0)
    created_at: datetime
    start_time: datetime | None = None
    extends: str | None = None
    facts: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @property
    def duration_seconds(self) -> int:
        return int(self.duration.total_seconds())

    @classmethod
    def read(cls, facts: Mapping[str, Any], *, workflow: str) -> Self:
        """From the facts of a check; `facts` itself stays at hand for what is newer than this."""
        try:
            request, requester = facts["request"], facts["requester"]
            return cls(
                id=str(request["id"]),
                workflow=workflow,
                user=str(requester["user"]),
                roles=[*request["roles"]],
                reason=request.get("reason") or "",
                annotations=Values(request.get("annotations") or {}),
                requester_roles=[*requester.get("roles", [])],
                traits=Values(requester.get("traits") or {}),
                duration=timedelta(seconds=request.get("duration_seconds") or 0),
                created_at=datetime.fromisoformat(request["created_at"]),
                start_time=_time(request.get("start_time")),
                extends=request.get("extends"),
                facts=facts,
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise UnexpectedAnswer(
                f"The plane sent facts that this version does not understand: {error!r}."
            ) from error


def _list(value: Any) -> list[Any]:
    return [*value] if isinstance(value, (list, tuple)) else [value]


def _time(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
