"""Pure: how messages look in Teams, as Adaptive Cards.

Whatever somebody wrote stands in text runs, which know no markdown: no link hides in it. What a
card asks about a deed stands in the card itself, below its button.
"""

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from accessplane.lib.words import gettext as _
from chatops.channels.inbound import DURATION, REASON
from chatops.messages import Deed, Fact, Message, Mood

Element = dict[str, Any]

CARD = "application/vnd.microsoft.card.adaptive"
DEED, OBJECT = "deed", "object_id"
START_DATE, START_TIME = "start_date", "start_clock"
_ACTION_STYLES = {Deed.APPROVE: "positive", Deed.DENY: "destructive"}
_STYLES = {Mood.WAITING: "warning", Mood.GOOD: "good", Mood.BAD: "attention"}

# Teams takes 28 KB. The facts count by the byte, the rest by the character, of 6 bytes at most.
_FACTS, _TEXT, _NEWS, _TITLE, _SUMMARY = 16_000, 2000, 1000, 300, 500
_REASON_LENGTH, _DURATION_LENGTH = 3000, 40


def card(message: Message, *, takes_answers: bool) -> Element:
    """How things stand, with what the reader may do about it where Teams brings the answers."""
    head = {
        "type": "Container",
        "style": _STYLES.get(message.mood, "emphasis"),
        "bleed": True,
        "items": [
            _rich([_run(_cut(message.title, _TITLE), size="Medium", weight="Bolder")]),
            _news(message),
        ],
    }
    actions = []
    if takes_answers and message.object_id:
        actions = [_form(deed, message.object_id) for deed in message.deeds]
    if message.link:
        actions.append(_link(_("Open"), message.link))
    return _card([head, *_facts(message.facts)], actions)


def news(message: Message) -> Element:
    """The news alone, for what follows the card."""
    return _card([_news(message)], [])


def linking(text: str, link: str, deed: Deed, object_id: UUID) -> Element:
    """What a stranger sees instead of the card: where he says who he is, to try again then."""
    then = _("After that, do it again here.")
    body = [_rich([_run(text)]), _rich([_run(then)])]
    return _card(body, [_link(_("Link this account"), link), _form(deed, object_id)])


def summary(message: Message) -> str:
    """What a notification says, where there is room for one line."""
    return _cut(f"{message.title}: {message.news}", _SUMMARY)


def attached(content: Element) -> list[Element]:
    """The card as the attachments of a message."""
    return [{"contentType": CARD, "content": content}]


def input_named(deed: Deed, field: str) -> str:
    """The id of an input: no two of a card are the same."""
    return f"{deed.lower()}_{field}"


# --- parts --------------------------------------------------------------------------------------


def _card(body: Sequence[Element], actions: Sequence[Element]) -> Element:
    shown: Element = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.5",
        "msteams": {"width": "Full"},
        "body": list(body),
    }
    return shown | ({"actions": list(actions)} if actions else {})


def _form(deed: Deed, object_id: UUID) -> Element:
    """A button that opens what the deed asks below it; nothing of it must be filled in."""
    send = {
        "type": "Action.Execute",
        "title": deed.label,
        "verb": deed.lower(),
        "data": {DEED: deed, OBJECT: str(object_id)},
    }
    style = {"style": _ACTION_STYLES[deed]} if deed in _ACTION_STYLES else {}
    asked = {"type": "AdaptiveCard", "body": list(_inputs(deed)), "actions": [send | style]}
    return {"type": "Action.ShowCard", "title": deed.label, "card": asked} | style


def _inputs(deed: Deed) -> Iterator[Element]:
    if deed is Deed.EXTEND:
        hint = _("Such as 2h, 1h30m or 3d. Empty: as long as the role allows.")
        yield _input(
            "Input.Text",
            input_named(deed, DURATION),
            _("For how much longer"),
            placeholder=hint,
            maxLength=_DURATION_LENGTH,
        )
    yield _input(
        "Input.Text",
        input_named(deed, REASON),
        _("Reason"),
        isMultiline=True,
        maxLength=_REASON_LENGTH,
    )
    if deed is Deed.APPROVE:
        label = _("Access begins; empty: as soon as it is approved")
        yield _input("Input.Date", input_named(deed, START_DATE), label)
        yield _input("Input.Time", input_named(deed, START_TIME), _("At"))


def _input(kind: str, name: str, label: str, **more: Any) -> Element:
    return {"type": kind, "id": name, "label": label, **more}


def _link(label: str, url: str) -> Element:
    return {"type": "Action.OpenUrl", "title": label, "url": url}


def _news(message: Message) -> Element:
    return _rich([_run(f"{message.mood.icon} {_cut(message.news, _NEWS)}")])


def _facts(facts: Sequence[Fact]) -> Iterator[Element]:
    """The facts below each other, until the card is full."""
    room = _FACTS
    for fact in facts:
        shown = _fact(fact)
        room -= len(json.dumps(shown, ensure_ascii=False).encode())
        if room < 0:
            yield _rich(
                [_run(_("There is more to know; open it in Access Plane."), isSubtle=True)]
            )
            return
        yield shown


def _fact(fact: Fact) -> Element:
    """A fact; a moment stands in the one element that shows it in the reader's own zone."""
    if isinstance(fact.value, datetime):
        moment = f"{fact.value.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
        text = f"**{fact.label}:** {{{{DATE({moment}, SHORT)}}}}, {{{{TIME({moment})}}}}"
        return {"type": "TextBlock", "text": text, "wrap": True, "spacing": "Small"}
    label = _run(f"{_cut(fact.label, _TITLE)}: ", weight="Bolder")
    return _rich([label, _run(_cut(fact.value, _TEXT))], spacing="Small")


def _rich(runs: Sequence[Element], **more: Any) -> Element:
    return {"type": "RichTextBlock", "inlines": list(runs), **more}


def _run(text: str, **looks: Any) -> Element:
    """A piece of text as it is written: what would be a date to Teams is none."""
    return {"type": "TextRun", "text": text.replace("{{", "{\u200b{"), **looks}


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
