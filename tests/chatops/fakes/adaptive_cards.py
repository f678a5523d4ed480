"""What Teams takes as an Adaptive Card, and what people see of one."""

import json
from collections.abc import Iterator
from typing import Any

Element = dict[str, Any]

LARGEST = 28 * 1024
_COMMON = {"type", "spacing", "separator", "id", "isVisible"}
_TEXT = {"text", "size", "weight", "color", "isSubtle"}
_INPUT = _COMMON | {"label", "isRequired", "errorMessage", "value", "placeholder"}
_ELEMENTS = {
    "TextBlock": _COMMON | _TEXT | {"wrap", "maxLines"},
    "RichTextBlock": _COMMON | {"inlines", "horizontalAlignment"},
    "Container": _COMMON | {"items", "style", "bleed"},
    "Input.Text": _INPUT | {"isMultiline", "maxLength"},
    "Input.Date": _INPUT | {"min", "max"},
    "Input.Time": _INPUT | {"min", "max"},
}
_ACTIONS = {
    "Action.OpenUrl": {"type", "title", "url", "style"},
    "Action.ShowCard": {"type", "title", "card", "style"},
    "Action.Execute": {"type", "title", "verb", "data", "style"},
}
_STYLES = {"default", "emphasis", "good", "attention", "warning", "accent"}


def is_card(card: Element) -> bool:
    """Whether Teams would take and show it whole."""
    ids = [one["id"] for one in _elements(card) if one["type"].startswith("Input.")]
    return (
        card["type"] == "AdaptiveCard"
        and card["version"] == "1.5"
        and len(json.dumps(card, ensure_ascii=False).encode()) <= LARGEST
        and len(ids) == len(set(ids))
        and len(card.get("actions", [])) <= 6
        and all(map(_is_element, _elements(card)))
        and all(map(_is_action, _actions(card)))
    )


def lines(card: Element) -> list[str]:
    """The card as somebody reads it, line by line; nothing of it is markdown but text blocks."""
    shown = []
    for one in _elements(card):
        if one["type"] == "RichTextBlock":
            shown.append("".join(run["text"] for run in one["inlines"]))
        if one["type"] == "TextBlock":
            shown.append(one["text"])
    return shown


def titles(card: Element) -> list[str]:
    """The labels of the buttons."""
    return [action["title"] for action in card.get("actions", [])]


def action_named(card: Element, title: str) -> Element:
    """The button with this label; of one that opens a form, the form's own button."""
    (found,) = [one for one in card.get("actions", []) if one["title"] == title]
    return found["card"]["actions"][0] if found["type"] == "Action.ShowCard" else found


def _elements(card: Element) -> Iterator[Element]:
    for one in card.get("body", []):
        yield one
        yield from one.get("items", [])
    for action in card.get("actions", []):
        yield from _elements(action.get("card", {}))


def _actions(card: Element) -> Iterator[Element]:
    for action in card.get("actions", []):
        yield action
        yield from _actions(action.get("card", {}))


def _is_element(one: Element) -> bool:
    fits = one.keys() <= _ELEMENTS.get(one["type"], set())
    runs = one.get("inlines", [])
    known = {"type", *_TEXT}
    return (
        fits
        and one.get("style", "default") in _STYLES
        and all(run["type"] == "TextRun" and run.keys() <= known for run in runs)
    )


def _is_action(one: Element) -> bool:
    fits = one.keys() <= _ACTIONS.get(one["type"], set())
    return fits and one.get("style", "default") in {"default", "positive", "destructive"}
