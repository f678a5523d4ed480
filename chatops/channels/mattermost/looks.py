"""Pure: how messages and dialogs look in Mattermost.

Whatever somebody wrote is escaped: it mentions nobody, and no link hides in it. Mattermost reads
Markdown with three parsers (server, web, mobile) that do not agree on what a backslash escapes, so
what it does not escape in all of them is parted by a sign of no width.
"""

import re
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from accessplane.lib.instants import spoken
from accessplane.lib.words import gettext as _
from accessplane.lib.words import gettext_lazy
from chatops.channels.inbound import DURATION, REASON, START, Outcome, Sheet
from chatops.messages import Deed, Fact, Message, Mood

Part = dict[str, Any]

_STYLES = {Deed.APPROVE: "success", Deed.DENY: "danger"}
_COLOURS = {
    Mood.WAITING: "#2d6cdf",
    Mood.GOOD: "#2e8b57",
    Mood.BAD: "#c0392b",
    Mood.OVER: "#8a8f98",
}

# Below Mattermost's own limits: 16,383 signs for a message, 800,000 for attachments.
_TITLE, _TEXT, _FIELD, _SHORT = 200, 3000, 1500, 60
_WHOLE, _FIELDS = 12_000, 40
_INTRODUCTION = 4000
_REASON_LENGTH, _LINE_LENGTH = 3000, 40

_MORE = gettext_lazy("There is more to know; open it in Access Plane.")
_JOINER = "\u2060"  # has no width, and is no part of a word
# Mentions, channels, entities, addresses and :emoji:, in this order.
_PARTED = re.compile(r"[@~]|&(?=[#A-Za-z])|(?<!\d):(?=\S)|:(?=[^\s\d])")
_MARKS = re.compile(r"[\\`*_\[\]#>|]|\.(?=[A-Za-z])|^[-+](?=\s)", re.MULTILINE)


def escaped(text: str) -> str:
    """The text, so that Mattermost reads no mention, link, picture or Markdown in it."""
    parted = _PARTED.sub(rf"\g<0>{_JOINER}", text)
    return _MARKS.sub(r"\\\g<0>", parted)


# --- posts --------------------------------------------------------------------------------------


def card(message: Message, context_of: Callable[[Deed, UUID], Part], url: str) -> Part:
    """How things stand, as the props of a post; its buttons call `url` with their context."""
    attachment = {
        "fallback": _cut(f"{message.title}: {message.news}", _TEXT),
        "color": _COLOURS[message.mood],
        # With a link it is plain text, without one it is Markdown.
        "title": _cut(message.title, _TITLE)
        if message.link
        else _clipped(message.title, _TITLE),
        "title_link": message.link,
        "text": news(message),
        "fields": _fields(message.facts),
        "actions": [
            _button(deed, context_of(deed, message.object_id), url)
            for deed in message.deeds
            if message.object_id
        ],
    }
    return {"attachments": [attachment]}


def news(message: Message) -> str:
    """The news alone, for the thread below the card."""
    return f"{message.mood.icon} {_clipped(message.news, _TEXT)}"


# --- what only one person sees ------------------------------------------------------------------


def whisper(outcome: Outcome) -> Part:
    """The answer to a press that one person reads, below the post."""
    text = _clipped(outcome.text, _TEXT)
    return {"ephemeral_text": text, "skip_slack_parsing": True}


def complaint(outcome: Outcome) -> Part:
    """The answer to a dialog that stays open, at the field that it is about if there is one."""
    text = _cut(outcome.text, _TEXT)
    return {"errors": {outcome.field: text}} if outcome.field else {"error": text}


def dialog(sheet: Sheet, state: str) -> Part:
    """The dialog that asks for what a deed needs: why, and from when or for how long."""
    facts = [f"**{_clipped(sheet.title, _TITLE)}**"]
    room = _INTRODUCTION
    for fact in sheet.facts:
        line = f"**{escaped(fact.label)}:** {_value(fact, _FIELD)}"
        room -= len(line)
        if room < 0:
            facts.append(str(_MORE))
            break
        facts.append(line)
    return {
        "callback_id": sheet.deed,
        "title": sheet.deed.label,
        "introduction_text": "\n\n".join(facts),
        "elements": [_element(name) for name in sheet.fields],
        "submit_label": sheet.deed.label,
        "notify_on_cancel": False,
        "state": state,
    }


def linking(outcome: Outcome, state: str) -> Part:
    """The dialog that asks nothing, and shows the link to one person."""
    text = _clipped(outcome.text, _TEXT)
    linking = _("[Link this account](%(link)s), then press the button again.") % {
        "link": outcome.link
    }
    return {
        "callback_id": "link",
        "title": _("Whose account is this?"),
        "introduction_text": f"{text}\n\n{linking}",
        "elements": [],
        "submit_label": _("Close"),
        "notify_on_cancel": False,
        "state": state,
    }


# --- parts --------------------------------------------------------------------------------------


def _button(deed: Deed, context: Part, url: str) -> Part:
    return {
        "id": deed.replace(
            "_", ""
        ).lower(),  # letters and digits alone: it stands in an address
        "type": "button",
        "name": deed.label,
        "style": _STYLES.get(deed, "default"),
        "integration": {"url": url, "context": context},
    }


def _fields(facts: Iterable[Fact]) -> list[Part]:
    """Short facts side by side, long ones below each other, until the message is full."""
    fields: list[Part] = []
    room = _WHOLE
    for fact in facts:
        value = _value(fact, _FIELD)
        room -= len(value)
        if room < 0 or len(fields) == _FIELDS:
            return [*fields, {"title": "", "value": str(_MORE), "short": False}]
        is_short = len(value) <= _SHORT and "\n" not in value
        label = _cut(fact.label, _TITLE)
        fields.append({"title": label, "value": value, "short": is_short})
    return fields


def _value(fact: Fact, most: int) -> str:
    value = fact.value
    return spoken(value) if isinstance(value, datetime) else _clipped(value, most)


def _clipped(text: str, most: int) -> str:
    """The text, escaped, and cut so that it has at most so many signs then."""
    whole = escaped(text[: most + 1])  # escaping never shortens
    if len(whole) <= most:
        return whole
    kept = whole[: most - 1]
    is_halved = (len(kept) - len(kept.rstrip("\\"))) % 2  # a backslash lost what it is for
    return f"{kept[:-1] if is_halved else kept}…"


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _line(name: str, label: str, help_text: str) -> Part:
    return {
        "name": name,
        "display_name": label,
        "type": "text",
        "optional": True,
        "max_length": _LINE_LENGTH,
        "help_text": help_text,
    }


def _element(name: str) -> Part:
    if name == START:
        hint = _("In UTC, such as 2026-12-31 18:00. Empty: as soon as it is approved.")
        return _line(START, _("Access begins"), hint)
    if name == DURATION:
        hint = _("Such as 2h, 1h30m or 3d. Empty: as long as the role allows.")
        return _line(DURATION, _("For how much longer"), hint)
    return {
        "name": REASON,
        "display_name": _("Reason"),
        "type": "textarea",
        "optional": True,
        "max_length": _REASON_LENGTH,
    }
