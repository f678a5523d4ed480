"""What is answered to people in Slack, whichever door it came through.

Everything here was verified to come from Slack. What we refuse, whoever did it reads, alone.
"""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accessplane.lib.errors import DomainError, InvalidInput
from accessplane.lib.words import in_the_planes_language
from chatops.channels.base import DeliveryFailed
from chatops.channels.slack import blocks, commands, payloads
from chatops.channels.slack.payloads import Click, Command, Submission
from chatops.services import answers, deeds
from chatops.services.answers import NotLinked
from chatops.services.slack import lists
from chatops.services.slack.desks import Desk, user_behind
from identity.models import User
from requests_app.planning import Wish
from requests_app.services import asking
from requests_app.states import already

log = logging.getLogger(__name__)

Document = dict[str, Any]
UNKNOWN = gettext_lazy(
    "Access Plane does not know yet whose account this is. Link it, then do this again."
)


class Kind(StrEnum):
    """What Slack says, by the names that Socket Mode has for it."""

    INTERACTION = "interactive"
    COMMAND = "slash_commands"
    EVENT = "events_api"


def answer_to_body(desk: Desk, kind: Kind, body: bytes, *, at: datetime) -> Document:
    """`answer` to what the body of a call holds, and the echo that a new address is tried with.

    Raises `InvalidInput` for what Slack does not send.
    """
    payload = _READ[kind](body)
    if kind is Kind.EVENT and payload.get("type") == "url_verification":
        return {"challenge": str(payload.get("challenge"))}
    return answer(desk, kind, payload, at=at)


def answer(desk: Desk, kind: Kind, payload: Mapping[str, Any], *, at: datetime) -> Document:
    """Do what was said and return what Slack is to get as its answer; often nothing.

    Raises `InvalidInput` for what Slack does not send.
    """
    with in_the_planes_language():
        return _answer(desk, kind, payload, at=at)


def _answer(desk: Desk, kind: Kind, payload: Mapping[str, Any], *, at: datetime) -> Document:
    if kind is Kind.COMMAND:
        return _command(desk, payloads.command(payload), at=at)
    if kind is Kind.EVENT:
        opened = payloads.event(payload)
        if opened:
            _show_home(desk, opened.account, at=at)
        return {}
    said = payloads.interaction(payload)
    if isinstance(said, Submission):
        return _submission(desk, said, at=at)
    if said:
        _click(desk, said, at=at)
    return {}


_READ: dict[Kind, Callable[[bytes], Mapping[str, Any]]] = {
    Kind.INTERACTION: payloads.in_json_in_form,
    Kind.COMMAND: payloads.in_form,
    Kind.EVENT: payloads.in_json,
}


def _click(desk: Desk, click: Click, *, at: datetime) -> None:
    """Open the dialog, or say why not."""
    try:
        user = user_behind(desk, click.account)
        by = answers.actor_through(user, desk.channel)
        sheet = deeds.sheet_for(click.deed, click.object_id, user, by=by, at=at)
        desk.slack.open_window(click.trigger_id, blocks.dialog(sheet, at_home=click.at_home))
    except NotLinked as stranger:
        _tell(desk, click, str(UNKNOWN), link=stranger.link)
    except DomainError as refusal:
        _tell(desk, click, refusal.detail)
    except DeliveryFailed as failure:
        log.warning("A dialog could not be opened: %s", failure.sentence)
        _tell(desk, click, _("Slack did not open the window in time. Press the button again."))


def _submission(desk: Desk, said: Submission, *, at: datetime) -> Document:
    """Do it; the window closes, or shows what is wrong."""
    try:
        user = user_behind(desk, said.account)
        by = answers.actor_through(user, desk.channel)
        deeds.do(said.deed, said.object_id, said, user=user, by=by, at=at)
    except NotLinked as stranger:
        return _update(blocks.notice(str(UNKNOWN), link=stranger.link))
    except InvalidInput as refusal:
        field = deeds.field_of(refusal, said.deed)
        if field:
            return {"response_action": "errors", "errors": {field: refusal.detail}}
        return _update(blocks.notice(refusal.detail))
    except DomainError as refusal:
        return _update(blocks.notice(refusal.detail))
    if said.at_home:
        _show_home(desk, said.account, at=at)
    return {"response_action": "clear"}


def _command(desk: Desk, command: Command, *, at: datetime) -> Document:
    """Do what was typed; the answer is for whoever typed it."""
    verb, rest = commands.verb_of(command.text)
    told = _COMMANDS.get(verb)
    if told is None:
        return blocks.whisper(commands.help_text(command.name))
    try:
        return told(desk, user_behind(desk, command.account), rest, command.name, at)
    except NotLinked as stranger:
        return blocks.whisper(str(UNKNOWN), link=stranger.link)
    except DomainError as refusal:
        return blocks.whisper(refusal.detail)


def _request(desk: Desk, user: User, rest: str, name: str, at: datetime) -> Document:
    asked = commands.asked_for(rest, name=name)
    wish = Wish(roles=asked.roles, reason=asked.reason, duration=asked.duration)
    by = answers.actor_through(user, desk.channel)
    request, _is_new = asking.create_request(wish=wish, author=user, by=by, at=at)
    state = request.state_at(at)
    return blocks.whisper(
        _("You asked for %(roles)s. The request is %(state)s.")
        % {"roles": ", ".join(request.roles), "state": already(state)},
        blocks=blocks.listing(_("You asked for access"), lists.sketched(request.pk, at=at), ""),
    )


def _list(_desk: Desk, user: User, _rest: str, _name: str, at: datetime) -> Document:
    shown = [
        *blocks.listing(
            _("What you hold"), lists.held_by(user, at=at), _("You hold nothing for a time.")
        ),
        *blocks.listing(
            _("What you asked for"),
            lists.asked_by(user, at=at),
            _("None of your requests waits."),
        ),
        *blocks.sentence(lists.may_ask_for(user, at=at)),
    ]
    return blocks.whisper(_("What you hold, and what you asked for"), blocks=shown)


def _review(_desk: Desk, user: User, _rest: str, _name: str, at: datetime) -> Document:
    waiting = lists.waiting_for(user, at=at)
    shown = blocks.listing(_("Waiting for you"), waiting, _("Nothing waits for you."))
    return blocks.whisper(_("Waiting for you"), blocks=shown)


_COMMANDS: dict[str, Callable[[Desk, User, str, str, datetime], Document]] = {
    "request": _request,
    "list": _list,
    "review": _review,
}


def _show_home(desk: Desk, account: str, *, at: datetime) -> None:
    """Publish the Home tab of whoever looks at it."""
    try:
        view = lists.home_of(user_behind(desk, account), at=at)
    except NotLinked as stranger:
        view = blocks.strangers_home(str(UNKNOWN), link=stranger.link)
    try:
        desk.slack.show_home(account, view)
    except DeliveryFailed as failure:
        log.warning("A Home tab could not be shown: %s", failure.sentence)


def _tell(desk: Desk, click: Click, text: str, *, link: str = "") -> None:
    """Say it to whoever pressed the button: below the message, or in a window on the Home tab."""
    try:
        if click.response_url:
            desk.slack.whisper(click.response_url, blocks.whisper(text, link=link))
        else:
            desk.slack.open_window(click.trigger_id, blocks.notice(text, link=link))
    except DeliveryFailed as failure:
        log.warning("A refusal could not be shown: %s", failure.sentence)


def _update(view: Document) -> Document:
    return {"response_action": "update", "view": view}
