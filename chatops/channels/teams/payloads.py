"""Pure: what the Bot Connector sends when somebody does something in Teams.

The activities hold much more; this is what we look at.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, tzinfo
from hashlib import sha256
from typing import Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Meta

from accessplane.lib.errors import InvalidInput
from accessplane.lib.words import gettext as _
from chatops.channels.inbound import DURATION, REASON, Reply, Said
from chatops.channels.teams import cards
from chatops.messages import Deed

CHANNEL = "msteams"
_MESSAGE = "application/vnd.microsoft.activity.message"
_LONGEST_ID = 1024

Text = Annotated[str, Meta(max_length=_LONGEST_ID)]


class _Tenant(msgspec.Struct):
    id: Text = ""


class _ChannelData(msgspec.Struct):
    tenant: _Tenant = msgspec.field(default_factory=_Tenant)


class Origin(msgspec.Struct, rename="camel"):
    """Where an activity comes from, as it says itself."""

    channel_id: Text = ""
    service_url: Text = ""
    channel_data: _ChannelData = msgspec.field(default_factory=_ChannelData)

    @property
    def tenant(self) -> str:
        """The id of the organisation; empty if it names none."""
        return self.channel_data.tenant.id


class _Kind(msgspec.Struct):
    type: Text
    name: Text | None = None


class _Account(msgspec.Struct, rename="camel"):
    aad_object_id: UUID | None = None
    name: str | None = None


class _Action(msgspec.Struct):
    data: dict[str, Any] = {}


class _Value(msgspec.Struct):
    action: _Action


class _Activity(msgspec.Struct, rename="camel"):
    id: Annotated[str, Meta(min_length=1, max_length=_LONGEST_ID)]
    sender: _Account = msgspec.field(name="from")
    value: _Value
    local_timezone: Text | None = None
    local_timestamp: datetime | None = None


class _Asked(msgspec.Struct):
    """What a button of ours carries."""

    deed: Deed
    object_id: UUID


def origin_of(body: bytes) -> Origin | None:
    """Where the activity says it comes from; None if it is none."""
    try:
        return msgspec.json.decode(body, type=Origin)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None


def said_in(body: bytes) -> Said | Reply | None:
    """What somebody decided with a button of a card; a `Reply` if he has to be asked again.

    None for what is no button, `InvalidInput` for what is no activity of Teams, or no card of ours.
    """
    try:
        kind = msgspec.json.decode(body, type=_Kind)
        if (kind.type, kind.name) != ("invoke", "adaptiveCard/action"):
            return None
        activity = msgspec.json.decode(body, type=_Activity)
        asked = msgspec.convert(activity.value.action.data, _Asked)
        return _said(activity, asked)
    except (msgspec.MsgspecError, ValueError, OverflowError, RecursionError) as error:
        raise InvalidInput("This is nothing that Teams sends.") from error


def message(text: str) -> Reply:
    """A sentence that Teams shows to whoever pressed the button."""
    return _answered(_MESSAGE, text)


def card(content: Mapping[str, Any]) -> Reply:
    """A card that whoever pressed the button sees instead of the one it was on."""
    return _answered(cards.CARD, content)


def _answered(kind: str, value: Any) -> Reply:
    return Reply(document={"statusCode": 200, "type": kind, "value": value})


def _said(activity: _Activity, asked: _Asked) -> Said | Reply:
    if activity.sender.aad_object_id is None:
        return message(_("Teams does not say who you are: sign in to Teams and try again."))
    inputs = activity.value.action.data

    def given(field: str) -> str:
        text = inputs.get(cards.input_named(asked.deed, field))
        return "" if text is None else msgspec.convert(text, str).strip()

    day, clock = given(cards.START_DATE), given(cards.START_TIME)
    zone = _zone_of(activity)
    if clock and not day:
        return message(_("Choose the day on which the access begins as well."))
    if day and zone is None:
        return message(
            _(
                "Teams does not say which time zone is yours. "
                "Open the request to choose a start time."
            )
        )
    return Said(
        key=_key(activity.id),
        account=str(activity.sender.aad_object_id),
        deed=asked.deed,
        object_id=asked.object_id,
        reason=given(REASON),
        duration=given(DURATION),
        start_time=_moment(day, clock, zone) if zone and day else None,
        name=activity.sender.name or "",
    )


def _moment(day: str, clock: str, zone: tzinfo) -> datetime:
    at = time.fromisoformat(clock) if clock else time()
    begins = datetime.combine(date.fromisoformat(day), at.replace(tzinfo=None), tzinfo=zone)
    return begins.astimezone(UTC)


def _zone_of(activity: _Activity) -> tzinfo | None:
    """The zone of whoever pressed the button: by its name, else as far as it is from UTC."""
    if activity.local_timezone:
        try:
            return ZoneInfo(activity.local_timezone)
        except (KeyError, ValueError, OSError):
            pass
    return activity.local_timestamp.tzinfo if activity.local_timestamp else None


def _key(activity_id: str) -> str:
    """The activity's id, which stays when it is sent again, at a length that is kept."""
    return sha256(activity_id.encode()).hexdigest()
