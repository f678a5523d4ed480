"""Pure: the documents of channels and routes, parsed once (CONTRACT 7)."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any, Self

import msgspec
from msgspec import Meta

from accessplane.lib.durations import parse_duration
from accessplane.lib.errors import InvalidInput
from accessplane.lib.matching import Pattern, compile_pattern
from identity.conditions import When
from identity.specs import Spec, parse
from policy.schedules import Window

NAME_LENGTH = 128
RECIPIENT_LENGTH = 254
MOST_RECIPIENTS = 100
SHORTEST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(days=7)
MOST_SECRETS = 2  # the one in use and the one that replaces it
DEFAULT_EVENTS = (compile_pattern("access_request.created"),)


class Recipient(str):
    """Whom a message goes to, in the words of the channel's service."""

    __slots__ = ()

    @classmethod
    def parse(cls, text: str) -> Self:
        """The recipient; `InvalidInput` for blank and over-long text."""
        if not 1 <= len(text.strip()) <= RECIPIENT_LENGTH:
            raise InvalidInput(f"A recipient has 1 to {RECIPIENT_LENGTH} characters.")
        return cls(text.strip())


class Pause(str):
    """How long a route waits: a text such as 30m or 1h30m, a minute to seven days."""

    __slots__ = ()

    @classmethod
    def parse(cls, text: str) -> Self:
        """The pause; `InvalidInput` for what is no length of time, too short or too long."""
        if not SHORTEST_PAUSE <= parse_duration(text) <= LONGEST_PAUSE:
            raise InvalidInput("A route waits for at least a minute and at most 7 days.")
        return cls(text)

    @property
    def length(self) -> timedelta:
        """The length of time."""
        return parse_duration(self)


def told(hint: str) -> Meta:
    """What a form says about a setting; for `Annotated`."""
    return Meta(description=hint)


class ChannelSpec(Spec, frozen=True):
    """The `spec` of a channel document; each type of channel has `settings` of its own."""

    type: str
    settings: Spec = Spec()
    active: bool = True


class RouteSpec(Spec, frozen=True):
    """The `spec` of a route document: which news goes where.

    No `events` are `access_request.created` alone. With `roles` or a `when`, only news of
    requests and grants can be meant. `after` so long a request is told of if nobody has decided
    by then, `remind` so often again until somebody has, and in the `quiet` windows nothing is
    sent.
    """

    channel: str
    roles: tuple[Pattern, ...] = ()
    when: When = When("")
    events: tuple[Pattern, ...] = ()
    recipients: tuple[Recipient, ...] = ()
    after: Pause | None = None
    remind: Pause | None = None
    quiet: tuple[Window, ...] = ()
    active: bool = True

    def __post_init__(self) -> None:
        if len(self.recipients) > MOST_RECIPIENTS:
            raise ValueError(f"a route has at most {MOST_RECIPIENTS} recipients")

    def wants(self, event_type: str) -> bool:
        """Whether news of this type is meant."""
        return any(one.matches(event_type) for one in self.events or DEFAULT_EVENTS)

    @property
    def is_about_waiting(self) -> bool:
        """Whether it means something for requests that nobody has decided, and for no other news."""
        return bool(self.after or self.remind)

    @property
    def delay(self) -> timedelta:
        """How long after the event it is told of."""
        return self.after.length if self.after else timedelta(0)

    @property
    def is_selective(self) -> bool:
        """Whether it looks at the request that the news is about."""
        return bool(self.roles or self.when)

    def is_for(self, roles: Sequence[str], facts: Mapping[str, Any]) -> bool:
        """Whether news of a request, or grant, of these roles is meant.

        `facts` are those of the request and its requester. One role that matches is enough.
        `ExpressionFailed` if the condition has no answer.
        """
        named = not self.roles or any(
            pattern.matches(role) for pattern in self.roles for role in roles
        )
        return named and self.when.holds(facts)


def parse_route(spec: Mapping[str, Any]) -> RouteSpec:
    """The route of a document's `spec`; `InvalidInput` ends in the path of what is wrong."""
    return parse(spec, RouteSpec)


def plain(spec: Spec) -> dict[str, Any]:
    """The whole spec as JSON values, with what was left out filled in."""
    values: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(spec, enc_hook=_text_of))
    return values


def _text_of(value: Any) -> str:
    return value.text if isinstance(value, Pattern) else str(value)


def check_name(name: str) -> None:
    """Refuse (`InvalidInput`) what cannot be the name of a channel or a route."""
    if (
        not 1 <= len(name) <= NAME_LENGTH
        or name != name.strip()
        or not name.isprintable()
        or "/" in name
    ):
        raise InvalidInput(
            f"{name[:40]!r} is no name: it has 1 to {NAME_LENGTH} characters, no / among them, "
            "and neither begins nor ends with a space."
        )


def listed(secret: str | Iterable[str]) -> tuple[str, ...]:
    """The secrets of a setting, of which there may be one, written by itself."""
    return (secret,) if isinstance(secret, str) else tuple(secret)
