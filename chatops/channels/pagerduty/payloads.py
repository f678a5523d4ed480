"""Pure: what PagerDuty's webhooks (version 3) say, and whether PagerDuty signed them."""

import hashlib
import hmac
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from accessplane.lib.errors import InvalidInput

ACKNOWLEDGED = "acknowledged"
_VERSION = "v1="
_MOST_SIGNATURES = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What a person did to an incident.

    `id` stays the same when it is sent again. `signs` are what a channel may give a meaning to:
    `acknowledged`, the id of an action that was run, or `field=value` of a field that was set.
    """

    id: str
    at: datetime
    account: str
    name: str
    incident: str
    signs: Sequence[str]


class _Reference(msgspec.Struct):
    id: Annotated[str, Meta(min_length=1, max_length=64)]
    type: str = ""
    summary: str | None = None


class _Event(msgspec.Struct):
    id: Annotated[str, Meta(min_length=1, max_length=128)]
    occurred_at: Annotated[datetime, Meta(tz=True)]
    data: msgspec.Raw
    agent: _Reference | None = None


class _Envelope(msgspec.Struct):
    event: _Event


class _Type(msgspec.Struct):
    event_type: str


class _Outside(msgspec.Struct):
    event: _Type


class _Invocation(msgspec.Struct):
    incident: _Reference
    action: _Reference


class _Field(msgspec.Struct):
    name: str
    value: Any = None


class _Fields(msgspec.Struct):
    incident: _Reference
    changed_custom_fields: list[_Field] = []


def is_signed(body: bytes, signatures: str, secrets: Iterable[str]) -> bool:
    """Whether one of the signatures (the header, comma-separated) is that of one of the secrets."""
    given = [
        one.strip().removeprefix(_VERSION).encode()
        for one in signatures.split(",")[:_MOST_SIGNATURES]
        if one.strip().startswith(_VERSION)
    ]
    right = [hmac.new(s.encode(), body, hashlib.sha256).hexdigest().encode() for s in secrets]
    return any(hmac.compare_digest(one, other) for one in given for other in right)


def done_in(body: bytes) -> Done | None:
    """What a person did; None for what nothing can follow from, `InvalidInput` for no event."""
    try:
        read = _READERS.get(msgspec.json.decode(body, type=_Outside).event.event_type)
        if read is None:
            return None
        event = msgspec.json.decode(body, type=_Envelope).event
        if event.agent is None or event.agent.type != "user_reference":
            return None
        incident, signs = read(event.data)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise InvalidInput("This is nothing that PagerDuty sends.") from error
    return Done(
        id=event.id,
        at=event.occurred_at,
        account=event.agent.id,
        name=event.agent.summary or event.agent.id,
        incident=incident,
        signs=signs,
    )


def _acknowledged(data: msgspec.Raw) -> tuple[str, list[str]]:
    return msgspec.json.decode(data, type=_Reference).id, [ACKNOWLEDGED]


def _invoked(data: msgspec.Raw) -> tuple[str, list[str]]:
    said = msgspec.json.decode(data, type=_Invocation)
    return said.incident.id, [said.action.id]


def _set(data: msgspec.Raw) -> tuple[str, list[str]]:
    said = msgspec.json.decode(data, type=_Fields)
    values = [
        (one.name, value)
        for one in said.changed_custom_fields
        for value in (one.value if isinstance(one.value, list) else [one.value])
    ]
    return said.incident.id, [f"{name}={value}" for name, value in values if value is not None]


_READERS = {
    "incident.acknowledged": _acknowledged,
    "incident.action_invocation.created": _invoked,
    "incident.custom_field_values.updated": _set,
}
