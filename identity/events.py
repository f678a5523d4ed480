"""Facts about the standing world."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from audit.catalogue import Event


@dataclass(frozen=True, kw_only=True)
class UserCreated(Event):
    """Somebody is known to the plane."""

    type: ClassVar[str] = "user.created"
    roles: list[str]
    active: bool


@dataclass(frozen=True, kw_only=True)
class UserUpdated(Event):
    """Somebody's roles, traits or standing changed; `changed` names the fields."""

    type: ClassVar[str] = "user.updated"
    roles: list[str]
    active: bool
    changed: list[str]


@dataclass(frozen=True, kw_only=True)
class RoleCreated(Event):
    """A role exists; `spec` is its whole document."""

    type: ClassVar[str] = "role.created"
    spec: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class RoleUpdated(Event):
    """A role says something else from now on; `spec` is its whole document."""

    type: ClassVar[str] = "role.updated"
    spec: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class TokenCreated(Event):
    """Somebody can act over the API with a new token. Its secret is nowhere."""

    type: ClassVar[str] = "token.created"
    user: str
    expires_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class TokenRevoked(Event):
    """A token opens nothing any more."""

    type: ClassVar[str] = "token.revoked"
    user: str


@dataclass(frozen=True, kw_only=True)
class LoginSucceeded(Event):
    """Somebody signed in on the pages."""

    type: ClassVar[str] = "login.succeeded"


@dataclass(frozen=True, kw_only=True)
class LoginFailed(Event):
    """Somebody known was not let in with what was given."""

    type: ClassVar[str] = "login.failed"
