"""Pure: what Slack sends when somebody does something there.

The payloads hold much more; this is what we look at. `Unreadable` is what is none of them.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl
from uuid import UUID

import msgspec

from accessplane.lib.errors import InvalidInput
from chatops.channels.inbound import DURATION, REASON, START
from chatops.channels.slack.blocks import DEED
from chatops.messages import Deed

_MOST_FIELDS = 50


class Unreadable(InvalidInput):
    """Not what Slack's reference describes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Click:
    """Somebody pressed a button of ours; `response_url` is empty on the Home tab."""

    account: str
    deed: Deed
    object_id: UUID
    trigger_id: str
    response_url: str
    at_home: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """Somebody sent a dialog of ours; what was left empty is an empty text, or no moment."""

    account: str
    deed: Deed
    object_id: UUID
    reason: str
    duration: str
    start_time: datetime | None
    at_home: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """Somebody typed our command, here `name`, and `text` after it."""

    account: str
    name: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeOpened:
    """Somebody looks at the Home tab."""

    account: str


class _User(msgspec.Struct):
    id: str


class _Action(msgspec.Struct):
    action_id: str
    value: str = ""


class _Input(msgspec.Struct):
    value: str | None = None
    selected_date_time: int | None = None


class _State(msgspec.Struct):
    values: dict[str, dict[str, _Input]] = {}


class _View(msgspec.Struct):
    callback_id: str = ""
    private_metadata: str = ""
    state: _State = msgspec.field(default_factory=_State)


class _Interaction(msgspec.Struct):
    type: str
    user: _User
    trigger_id: str = ""
    response_url: str = ""
    actions: list[_Action] = []
    view: _View | None = None


class _Typed(msgspec.Struct):
    user_id: str
    command: str
    text: str = ""


class _Event(msgspec.Struct):
    type: str
    user: str = ""
    tab: str = ""


class _Wrapped(msgspec.Struct):
    type: str
    event: _Event | None = None


class _Asked(msgspec.Struct):
    deed: Deed
    id: UUID
    at_home: bool


def interaction(payload: Mapping[str, Any]) -> Click | Submission | None:
    """The click or the submission; None for what needs no answer, such as a button with a link."""
    said = _converted(payload, _Interaction)
    view = said.view
    if said.type == "view_submission" and view and view.callback_id == DEED:
        return _submission(said.user.id, view)
    first = said.actions[0] if said.actions else None
    if said.type != "block_actions" or first is None:
        return None
    kind, _, deed = first.action_id.partition(":")
    if kind != DEED:
        return None
    try:
        return Click(
            account=said.user.id,
            deed=Deed(deed),
            object_id=UUID(first.value),
            trigger_id=said.trigger_id,
            response_url=said.response_url,
            at_home=view is not None,
        )
    except ValueError as error:
        raise Unreadable("This is no button of ours.") from error


def command(payload: Mapping[str, Any]) -> Command:
    """The command; Slack escapes three characters in what was typed."""
    said = _converted(payload, _Typed)
    text = said.text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    return Command(account=said.user_id, name=said.command, text=text)


def event(payload: Mapping[str, Any]) -> HomeOpened | None:
    """Who looks at the Home tab; None for any other event."""
    said = _converted(payload, _Wrapped)
    happened = said.event
    if said.type != "event_callback" or happened is None or not happened.user:
        return None
    if (happened.type, happened.tab) != ("app_home_opened", "home"):
        return None
    return HomeOpened(account=happened.user)


def _submission(account: str, view: _View) -> Submission:
    try:
        asked = msgspec.json.decode(view.private_metadata, type=_Asked)
        start = _input(view, START).selected_date_time
        return Submission(
            account=account,
            deed=asked.deed,
            object_id=asked.id,
            reason=_input(view, REASON).value or "",
            duration=_input(view, DURATION).value or "",
            start_time=None if start is None else datetime.fromtimestamp(start, UTC),
            at_home=asked.at_home,
        )
    except (msgspec.MsgspecError, ValueError, OverflowError, OSError) as error:
        raise Unreadable("This is no dialog of ours.") from error


def _input(view: _View, name: str) -> _Input:
    return next(iter(view.state.values.get(name, {}).values()), _Input())


def _converted(payload: Mapping[str, Any], into: Any) -> Any:
    try:
        return msgspec.convert(payload, into)
    except msgspec.ValidationError as error:
        raise Unreadable("This is nothing that Slack sends.") from error


def in_json(body: bytes | str) -> dict[str, Any]:
    """The JSON object that the body of an event is."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Unreadable("This is no JSON.") from error
    if not isinstance(found, dict):
        raise Unreadable("This is no JSON object.")
    return found


def in_form(body: bytes) -> dict[str, str]:
    """The fields of the form that the body of a command is."""
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError as error:
        raise Unreadable("This is no form.") from error
    return dict(pairs)


def in_json_in_form(body: bytes) -> dict[str, Any]:
    """The JSON object in the form that the body of an interaction is."""
    return in_json(in_form(body).get("payload", ""))
