"""Pure: how messages and dialogs look in Discord: embeds, buttons and modals.

Whatever somebody wrote is escaped, and no message mentions anybody.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import IntEnum
from typing import Any
from uuid import UUID

from accessplane.lib.words import gettext as _
from accessplane.lib.words import gettext_lazy
from chatops.channels.discord.markdown import clipped, moment, size
from chatops.channels.inbound import DURATION, REASON, START, Outcome, Sheet
from chatops.messages import Deed, Fact, Message, Mood

Part = dict[str, Any]

DEED = "deed"
_COLOURS = {
    Mood.WAITING: 0xF0B232,
    Mood.GOOD: 0x23A55A,
    Mood.BAD: 0xF23F43,
    Mood.OVER: 0x80848E,
}
_NOBODY: dict[str, list[str]] = {"parse": []}
_EPHEMERAL = 64
_MESSAGE, _MODAL = 4, 9  # types of answers to an interaction

# Discord's own limits; of the 6000 characters of an embed some are left for its footer.
_TITLE, _NAME, _VALUE, _FIELDS, _WHOLE = 256, 256, 1024, 25, 5900
_NEWS, _SENTENCE, _URL = 2000, 1000, 512
_DISPLAY = 2000  # of what a dialog shows, half of what fits
_SHORT = 40
_REASON_LENGTH, _LINE_LENGTH = 3000, 40
_MORE = gettext_lazy("There is more to know; open it in Access Plane.")


class Kind(IntEnum):
    """The types of components."""

    ROW = 1
    BUTTON = 2
    TEXT_INPUT = 4
    TEXT = 10
    LABEL = 18


class Style(IntEnum):
    """How a button looks; `LINK` leads somewhere and tells nobody."""

    PRIMARY = 1
    SECONDARY = 2
    SUCCESS = 3
    DANGER = 4
    LINK = 5


_STYLES = {Deed.APPROVE: Style.SUCCESS, Deed.DENY: Style.DANGER, Deed.EXTEND: Style.PRIMARY}
_INPUTS = {
    REASON: (gettext_lazy("Reason"), "", {"style": 2, "max_length": _REASON_LENGTH}),
    START: (
        gettext_lazy("Access begins"),
        gettext_lazy("Empty: as soon as it is approved. Else in 3h, or 2026-03-02 15:00 UTC."),
        {"style": 1, "max_length": _LINE_LENGTH},
    ),
    DURATION: (
        gettext_lazy("For how much longer"),
        gettext_lazy("Such as 2h, 1h30m or 3d. Empty: as long as the role allows."),
        {"style": 1, "max_length": _LINE_LENGTH},
    ),
}


def mark(deed: Deed, object_id: UUID) -> str:
    """What a button or a dialog carries, so that it is known what it was for."""
    return f"{DEED}:{deed}:{object_id}"


# --- messages -----------------------------------------------------------------------------------


def card(message: Message) -> Part:
    """How things stand, with what the reader may do about it."""
    title = clipped(message.title, _TITLE)
    news = _news(message)
    fields, is_whole = _fields(message.facts, _WHOLE - size(title) - size(news["description"]))
    embed = {"title": title, **news, "fields": fields}
    if not is_whole:
        embed["footer"] = {"text": str(_MORE)}
    if message.link:
        embed["url"] = message.link
    object_id = message.object_id
    buttons = [_button(deed, object_id) for deed in message.deeds] if object_id else []
    return _with_buttons({"embeds": [embed]}, [*buttons, *_link(_("Open"), message.link)])


def reply(message: Message, card_id: str) -> Part:
    """The news alone, as a reply to the card; in an embed, because those show no previews."""
    return {
        "embeds": [_news(message)],
        "allowed_mentions": _NOBODY,
        "message_reference": {"message_id": card_id, "fail_if_not_exists": False},
    }


# --- answers to whoever pressed something ---------------------------------------------------------


def dialog(sheet: Sheet) -> Part:
    """The window that asks for what a deed needs."""
    lines = [f"**{clipped(sheet.title, _TITLE)}**"]
    room = _DISPLAY - size(lines[0])
    for fact in sheet.facts:
        line = f"**{clipped(fact.label, _NAME)}:** {_value(fact, _VALUE // 2)}"
        room -= size(line) + 1
        if room < 0:
            lines.append(str(_MORE))
            break
        lines.append(line)
    shown = {"type": Kind.TEXT, "content": "\n".join(lines)}
    window = {
        "custom_id": mark(sheet.deed, sheet.object_id),
        "title": sheet.deed.label,
        "components": [shown, *[_input(name) for name in sheet.fields if name in _INPUTS]],
    }
    return {"type": _MODAL, "data": window}


def whisper(outcome: Outcome) -> Part:
    """How it went, for nobody but whoever did it."""
    text = clipped(outcome.text, _SENTENCE)
    buttons = _link(_("Link this account"), outcome.link)
    if outcome.link and not buttons:
        text = f"{text}\n<{outcome.link}>"
    data = {"content": text, "flags": _EPHEMERAL}
    return {"type": _MESSAGE, "data": _with_buttons(data, buttons)}


# --- parts --------------------------------------------------------------------------------------


def _news(message: Message) -> Part:
    said = f"{message.mood.icon} {clipped(message.news, _NEWS)}"
    return {"description": said, "color": _COLOURS[message.mood]}


def _fields(facts: Iterable[Fact], room: int) -> tuple[list[Part], bool]:
    """The facts until the embed is full, and whether all of them are there."""
    fields: list[Part] = []
    for fact in facts:
        name, value = clipped(fact.label, _NAME), _value(fact, _VALUE)
        room -= size(name) + size(value)
        if room < 0 or len(fields) == _FIELDS:
            return fields, False
        is_short = isinstance(fact.value, datetime) or len(fact.value) <= _SHORT
        fields.append({"name": name, "value": value, "inline": is_short})
    return fields, True


def _value(fact: Fact, most: int) -> str:
    """Never empty, which Discord refuses."""
    if isinstance(fact.value, datetime):
        return moment(fact.value)
    return clipped(fact.value, most).strip() or "-"


def _input(name: str) -> Part:
    label, hint, how = _INPUTS[name]
    field = {"type": Kind.TEXT_INPUT, "custom_id": name, "required": False, **how}
    described = {"description": str(hint)} if hint else {}
    return {"type": Kind.LABEL, "label": str(label), **described, "component": field}


def _button(deed: Deed, object_id: UUID) -> Part:
    return {
        "type": Kind.BUTTON,
        "style": _STYLES.get(deed, Style.SECONDARY),
        "label": deed.label,
        "custom_id": mark(deed, object_id),
    }


def _link(label: str, url: str) -> list[Part]:
    """The button that leads there; none where there is nothing, or where it is too long."""
    if not 0 < len(url) <= _URL:
        return []
    return [{"type": Kind.BUTTON, "style": Style.LINK, "label": label, "url": url}]


def _with_buttons(document: Part, buttons: Sequence[Part]) -> Part:
    """The message with its buttons; an edit takes away those that it does not name."""
    rows = [{"type": Kind.ROW, "components": list(buttons)}] if buttons else []
    return document | {"components": rows, "allowed_mentions": _NOBODY}
