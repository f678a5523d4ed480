"""Pure: how messages, dialogs and the Home tab look in Slack, as Block Kit.

Whatever somebody wrote is escaped and marked verbatim: it mentions nobody, and no link hides in it.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from accessplane.lib.instants import spoken
from accessplane.lib.words import gettext as _
from accessplane.lib.words import pgettext
from chatops.channels.inbound import DURATION, REASON, START, Sheet
from chatops.messages import Deed, Fact, Message

Block = dict[str, Any]

DEED = "deed"
VALUE = "value"
_STYLES = {Deed.APPROVE: "primary", Deed.DENY: "danger"}

# Slack's own limits, and for a whole message something below them.
_HEADER, _TEXT, _FIELD, _FIELDS = 150, 2900, 200, 10
_WHOLE, _SECTIONS = 9000, 40
# Of a list: how many items, and how much of each.
MOST, _BRIEF, _BRIEFLY = 7, 120, 6
_REASON_LENGTH = 3000


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One line of a list, with what can be done about it; `object_id` says to what."""

    title: str
    facts: tuple[Fact, ...] = ()
    deeds: tuple[Deed, ...] = ()
    object_id: UUID
    link: str = ""


def escaped(text: str) -> str:
    """The text, so that Slack reads no mention, link or date in it."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def moment(when: datetime) -> str:
    """A moment that Slack shows in the reader's own zone; `when` is aware."""
    pattern = pgettext("moment", "{date_short_pretty} at {time}")
    return f"<!date^{int(when.timestamp())}^{pattern}^{spoken(when)}>"


# --- messages -----------------------------------------------------------------------------------


def card(message: Message) -> list[Block]:
    """How things stand, with what the reader may do about it."""
    news = f"{message.mood.icon} {_clipped(message.news, _TEXT)}"
    blocks = [_header(message.title), _section(news), *_facts(message.facts)]
    buttons = [_button(deed, message.object_id) for deed in message.deeds if message.object_id]
    if message.link:
        buttons.append(_link(_("Open"), message.link))
    if buttons:
        blocks.append({"type": "actions", "elements": buttons})
    return blocks


def reply(message: Message) -> list[Block]:
    """The news alone, for the thread below the card."""
    return [_section(f"{message.mood.icon} {_clipped(message.news, _TEXT)}")]


def fallback(message: Message) -> str:
    """What a notification says, where there is room for one line."""
    return _clipped(f"{message.title}: {message.news}", _TEXT)


# --- what only one person sees ------------------------------------------------------------------


def whisper(text: str, *, link: str = "", blocks: Sequence[Block] = ()) -> dict[str, Any]:
    """A message for one person; with a `link`, the button that leads there."""
    shown = list(blocks) or _told(text, link)
    return {
        "response_type": "ephemeral",
        "replace_original": False,
        "text": _clipped(text, _TEXT),
        "blocks": shown,
    }


def notice(text: str, *, link: str = "") -> dict[str, Any]:
    """A window that says something and asks nothing."""
    return {
        "type": "modal",
        "title": _plain("Access Plane"),
        "close": _plain(_("Close")),
        "blocks": _told(text, link),
    }


def dialog(sheet: Sheet, *, at_home: bool) -> dict[str, Any]:
    """The window that asks for what a deed needs: why, and from when or for how long."""
    said = {"deed": sheet.deed, "id": str(sheet.object_id), "at_home": at_home}
    head = _section(f"*{_clipped(sheet.title, _FIELD)}*")
    return {
        "type": "modal",
        "callback_id": DEED,
        "private_metadata": json.dumps(said),
        "title": _plain(sheet.deed.label),
        "submit": _plain(sheet.deed.label),
        "close": _plain(_("Cancel")),
        "blocks": [head, *_facts(sheet.facts), *[_asked(name) for name in sheet.fields]],
    }


def home(
    waiting: Sequence[Item], held: Sequence[Item], asked: Sequence[Item], *, link: str
) -> dict[str, Any]:
    """The Home tab: what waits for the reader, what he holds, what he asked for."""
    blocks = [
        *_list(_("Waiting for you"), waiting, _("Nothing waits for you.")),
        *_list(_("What you hold"), held, _("You hold nothing for a time.")),
        *_list(_("What you asked for"), asked, _("None of your requests waits.")),
        {"type": "actions", "elements": [_link(_("Open Access Plane"), link)]},
    ]
    return {"type": "home", "blocks": blocks}


def strangers_home(text: str, *, link: str) -> dict[str, Any]:
    """The Home tab of an account that is nobody here."""
    return {"type": "home", "blocks": _told(text, link)}


def listing(title: str, items: Sequence[Item], empty: str) -> list[Block]:
    """A list, as the answer to a command: of more than `MOST` items it says that there are."""
    return _list(title, items, empty)


def sentence(text: str) -> list[Block]:
    """One sentence."""
    return [_section(_clipped(text, _TEXT))]


# --- parts --------------------------------------------------------------------------------------


def _told(text: str, link: str) -> list[Block]:
    blocks = [_section(_clipped(text, _TEXT))]
    if link:
        blocks.append({"type": "actions", "elements": [_link(_("Link this account"), link)]})
    return blocks


def _list(title: str, items: Sequence[Item], empty: str) -> list[Block]:
    blocks = [_header(title)]
    for item in items[:MOST]:
        blocks.append(_section(f"*{_clipped(item.title, _FIELD)}*"))
        blocks += _brief(item.facts)
        buttons = [_button(deed, item.object_id) for deed in item.deeds]
        if item.link:
            buttons.append(_link(_("Open"), item.link))
        if buttons:
            blocks.append({"type": "actions", "elements": buttons})
    if len(items) > MOST:
        blocks.append(_small(_("There are more of them; open Access Plane to see all.")))
    return blocks if items else [*blocks, _section(empty)]


def _brief(facts: Sequence[Fact]) -> list[Block]:
    """The first of the facts, in one block: a list has room for no more."""
    fields = [_mrkdwn(_fact(fact, _BRIEF)) for fact in facts[:_BRIEFLY]]
    return [{"type": "section", "fields": fields}] if fields else []


def _fact(fact: Fact, most: int) -> str:
    value = fact.value
    shown = moment(value) if isinstance(value, datetime) else _clipped(value, most)
    return f"*{_clipped(fact.label, _FIELD)}*\n{shown}"


def _facts(facts: Iterable[Fact]) -> list[Block]:
    """Short facts side by side, long ones below each other, until the message is full."""
    blocks: list[Block] = []
    room = _WHOLE
    for fact in facts:
        value = fact.value
        is_long = isinstance(value, str) and (len(value) > _FIELD or "\n" in value)
        text = _fact(fact, _TEXT // 2)
        room -= len(text)
        if room < 0 or len(blocks) == _SECTIONS:
            return [*blocks, _small(_("There is more to know; open it in Access Plane."))]
        last = blocks[-1].get("fields") if blocks else None
        if is_long:
            blocks.append(_section(text))
        elif last is not None and len(last) < _FIELDS:
            last.append(_mrkdwn(text))
        else:
            blocks.append({"type": "section", "fields": [_mrkdwn(text)]})
    return blocks


def _clipped(text: str, most: int) -> str:
    """The text, escaped, and cut so that it has at most so many characters then."""
    whole = escaped(text)
    if len(whole) <= most:
        return whole
    while len(escaped(text)) >= most:
        text = text[: len(text) * 9 // 10]
    return f"{escaped(text)}…"


def _header(text: str) -> Block:
    cut = text if len(text) <= _HEADER else f"{text[: _HEADER - 1]}…"
    return {"type": "header", "text": _plain(cut)}


def _section(text: str) -> Block:
    return {"type": "section", "text": _mrkdwn(text)}


def _small(text: str) -> Block:
    return {"type": "context", "elements": [_mrkdwn(text)]}


def _mrkdwn(text: str) -> Block:
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def _plain(text: str) -> Block:
    return {"type": "plain_text", "text": text, "emoji": False}


def _button(deed: Deed, object_id: UUID | None) -> Block:
    style = {"style": _STYLES[deed]} if deed in _STYLES else {}
    return {
        "type": "button",
        "action_id": f"{DEED}:{deed}",
        "text": _plain(deed.label),
        "value": str(object_id),
        **style,
    }


def _link(label: str, url: str) -> Block:
    return {"type": "button", "action_id": "open", "text": _plain(label), "url": url}


def _asked(field: str) -> Block:
    if field == START:
        hint = _("Empty: as soon as it is approved.")
        return _input(START, _("Access begins"), {"type": "datetimepicker"}, hint)
    if field == DURATION:
        hint = _("Such as 2h, 1h30m or 3d. Empty: as long as the role allows.")
        return _input(DURATION, _("For how much longer"), _text_input(), hint)
    return _input(REASON, _("Reason"), _text_input(multiline=True))


def _input(name: str, label: str, element: Block, hint: str = "") -> Block:
    block = {
        "type": "input",
        "block_id": name,
        "optional": True,
        "label": _plain(label),
        "element": {**element, "action_id": VALUE},
    }
    return block | ({"hint": _plain(hint)} if hint else {})


def _text_input(*, multiline: bool = False) -> Block:
    return {
        "type": "plain_text_input",
        "multiline": multiline,
        "max_length": _REASON_LENGTH if multiline else 40,
    }
