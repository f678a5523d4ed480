"""Facts about channels, routes and what was posted. No secret is ever among them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from audit.catalogue import Event


@dataclass(frozen=True, kw_only=True)
class ChannelChanged(Event):
    """What all events of a channel tell: its document, with its secrets left out."""

    spec: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class ChannelCreated(ChannelChanged):
    """There is a new way out."""

    type: ClassVar[str] = "channel.created"


@dataclass(frozen=True, kw_only=True)
class ChannelUpdated(ChannelChanged):
    """A channel is another one from now on; `changed` names the fields."""

    type: ClassVar[str] = "channel.updated"
    changed: list[str]


@dataclass(frozen=True, kw_only=True)
class ChannelArchived(ChannelChanged):
    """Nothing goes out through this channel any more, until it is made active again."""

    type: ClassVar[str] = "channel.archived"


@dataclass(frozen=True, kw_only=True)
class RouteChanged(Event):
    """What all events of a route tell: its whole document."""

    spec: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class RouteCreated(RouteChanged):
    """Some news goes somewhere from now on."""

    type: ClassVar[str] = "route.created"


@dataclass(frozen=True, kw_only=True)
class RouteUpdated(RouteChanged):
    """Other news goes, or it goes elsewhere."""

    type: ClassVar[str] = "route.updated"
    changed: list[str]


@dataclass(frozen=True, kw_only=True)
class RouteArchived(RouteChanged):
    """Nothing goes this way any more, until the route is made active again."""

    type: ClassVar[str] = "route.archived"


@dataclass(frozen=True, kw_only=True)
class PostingChanged(Event):
    """What all events of a posting tell. `event` and `event_type` are those of the news."""

    channel: str
    route: str
    recipient: str
    event: UUID
    event_type: str


@dataclass(frozen=True, kw_only=True)
class PostingFailed(PostingChanged):
    """Some news did not arrive, and nobody tries any longer."""

    type: ClassVar[str] = "posting.failed"
    reason: str
    tries: int


@dataclass(frozen=True, kw_only=True)
class PostingRetried(PostingChanged):
    """Somebody had failed news sent again."""

    type: ClassVar[str] = "posting.retried"


@dataclass(frozen=True, kw_only=True)
class DelegationChanged(Event):
    """What both events of a delegation tell: who is told in the user's place, and when."""

    delegation: UUID
    delegate: str
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, kw_only=True)
class Delegated(DelegationChanged):
    """Somebody else is to be told of what waits for this user's review."""

    type: ClassVar[str] = "user.delegated"


@dataclass(frozen=True, kw_only=True)
class DelegationEnded(DelegationChanged):
    """The user took it back before its time."""

    type: ClassVar[str] = "user.delegation_ended"


@dataclass(frozen=True, kw_only=True)
class AccountLinked(Event):
    """An account at a channel's service acts as this user from now on."""

    type: ClassVar[str] = "user.account_linked"
    channel: str
    account: str


@dataclass(frozen=True, kw_only=True)
class AccountUnlinked(Event):
    """An account at a channel's service acts as nobody any more."""

    type: ClassVar[str] = "user.account_unlinked"
    channel: str
    account: str
