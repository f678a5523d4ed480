"""Facts about the standing world."""

from dataclasses import dataclass, field
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
class UserInvited(Event):
    """Somebody has a link to set a first password with, until then. The link is nowhere."""

    type: ClassVar[str] = "user.invited"
    expires_at: datetime


@dataclass(frozen=True, kw_only=True)
class AddressConfirmed(Event):
    """Somebody has shown that the e-mail address is theirs."""

    type: ClassVar[str] = "user.address_confirmed"


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
class ConnectorCreated(Event):
    """People can sign in through another system; `spec` is its document without the secret."""

    type: ClassVar[str] = "connector.created"
    spec: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class ConnectorUpdated(Event):
    """It says something else from now on; `changed` names the fields."""

    type: ClassVar[str] = "connector.updated"
    spec: dict[str, Any]
    changed: list[str]


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
class FactorAdded(Event):
    """Somebody has one more way to prove who he or she is; `name` is what a passkey is called."""

    type: ClassVar[str] = "user.factor_added"
    factor: str
    name: str


@dataclass(frozen=True, kw_only=True)
class FactorRemoved(Event):
    """A second factor proves nothing any more."""

    type: ClassVar[str] = "user.factor_removed"
    factor: str
    name: str


@dataclass(frozen=True, kw_only=True)
class SessionEnded(Event):
    """A session of somebody's browser was ended; `began_at` and `ip` are of its sign-in."""

    type: ClassVar[str] = "user.session_ended"
    ip: str
    began_at: datetime


@dataclass(frozen=True, kw_only=True)
class LoginSucceeded(Event):
    """Somebody signed in on the pages; `proofs` says by what, in the order it was given."""

    type: ClassVar[str] = "login.succeeded"
    proofs: list[str] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class LoginFailed(Event):
    """Somebody known was not let in with what was given."""

    type: ClassVar[str] = "login.failed"
