"""What Discord takes as messages, embeds, components and answers: its public reference's limits."""

import json
import re
from collections.abc import Iterator
from typing import Any

Part = dict[str, Any]

ROW, BUTTON, TEXT_INPUT, TEXT, LABEL = 1, 2, 4, 10, 18
LINK_STYLE = 5
_MESSAGE_FIELDS = {
    "content", "nonce", "enforce_nonce", "embeds", "allowed_mentions", "message_reference",
    "components", "flags",
}  # fmt: skip
_EMBED_FIELDS = {"title", "description", "url", "color", "fields", "footer", "timestamp"}


class Refusal(Exception):
    """A status, and Discord's own code for it."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.document = {"message": message, "code": code}


def length(text: str) -> int:
    """In units of UTF-16, as the clients count."""
    return len(text.encode("utf-16-le")) // 2


def check_message(message: Part, *, is_edit: bool = False) -> None:
    """Refuse what Discord would refuse, or would show otherwise than it was meant."""
    _need(message.keys() <= _MESSAGE_FIELDS, "There is a field that messages do not have")
    _need(message.get("allowed_mentions") == {"parse": []}, "Somebody could be mentioned")
    _need(length(message.get("content", "")) <= 2000, "content is too long")
    _need(len(message.get("embeds", [])) <= 10, "too many embeds")
    if not message.get("content") and not message.get("embeds"):
        raise Refusal(400, 50006, "Cannot send an empty message")
    _need(
        sum(map(_embed, message.get("embeds", []))) <= 6000, "Embed size exceeds maximum size"
    )
    check_rows(message.get("components", []))
    if not is_edit:
        nonce = message.get("nonce", "")
        _need(isinstance(nonce, str) and length(nonce) <= 25, "nonce is too long")


def check_rows(rows: list[Part]) -> None:
    """Rows of buttons of a message."""
    _need(len(rows) <= 5 and all(row["type"] == ROW for row in rows), "these are no rows")
    for row in rows:
        _need(1 <= len(row["components"]) <= 5, "a row has one to five buttons")
        _need(all(map(_is_button, row["components"])), "this is no button")
    marks = [b["custom_id"] for b in buttons_in(rows) if "custom_id" in b]
    _need(len(marks) == len(set(marks)), "Component custom id cannot be duplicated")


def check_answer(answer: Part, *, to_modal: bool) -> None:
    """An answer to an interaction; a dialog opens no other one."""
    assert len(json.dumps(answer)) < 100_000
    data = answer.get("data", {})
    if answer["type"] == 1:
        assert not data
    elif answer["type"] == 4:
        assert data["flags"] == 64, "others read this"
        assert data["allowed_mentions"] == {"parse": []}
        assert 1 <= length(data["content"]) <= 2000
        check_rows(data["components"])
    else:
        assert (answer["type"], to_modal) == (9, False)
        _check_modal(data)


def buttons_in(rows: list[Part]) -> list[Part]:
    return [button for row in rows for button in row["components"]]


def fields_of(modal: Part) -> dict[str, Part]:
    """The fields of a dialog that is open, by their names."""
    labels = [one for one in modal["components"] if one["type"] == LABEL]
    return {one["component"]["custom_id"]: one["component"] for one in labels}


def texts_in(value: Any) -> Iterator[str]:
    """All that Discord reads its markdown in."""
    if isinstance(value, list):
        for one in value:
            yield from texts_in(one)
    elif isinstance(value, dict):
        for name, one in value.items():
            if name in {"title", "description", "name", "value", "content"}:
                yield one
            elif name in {"embeds", "fields", "components"}:
                yield from texts_in(one)


def _check_modal(data: Part) -> None:
    assert 1 <= length(data["custom_id"]) <= 100
    assert 1 <= length(data["title"]) <= 45
    assert 1 <= len(data["components"]) <= 5
    shown = [one["content"] for one in data["components"] if one["type"] == TEXT]
    assert all(shown)
    assert sum(map(length, shown)) <= 4000
    for label in data["components"]:
        assert label["type"] in {TEXT, LABEL}
        if label["type"] == LABEL:
            assert 1 <= length(label["label"]) <= 45
            assert length(label.get("description", "")) <= 100
            field = label["component"]
            assert (field["type"], field["style"] in {1, 2}) == (TEXT_INPUT, True)
            assert 1 <= field["max_length"] <= 4000
            assert "label" not in field
    names = list(fields_of(data))
    assert len(set(names)) == len(names)


def _embed(embed: Part) -> int:
    """What counts of its size."""
    _need(embed.keys() <= _EMBED_FIELDS, "There is a field that embeds do not have")
    _need(length(embed.get("title", "")) <= 256, "title is too long")
    _need(length(embed.get("description", "")) <= 4096, "description is too long")
    _need(0 <= embed.get("color", 0) <= 0xFFFFFF, "this is no colour")
    _need(
        re.match("https?://", embed.get("url", "https://")) is not None, "Not a well formed URL"
    )
    footer = embed.get("footer", {}).get("text", "")
    _need(length(footer) <= 2048, "footer is too long")
    fields = embed.get("fields", [])
    _need(len(fields) <= 25, "too many fields")
    for one in fields:
        _need(length(one["name"].strip()) >= 1 and length(one["name"]) <= 256, "name")
        _need(length(one["value"].strip()) >= 1 and length(one["value"]) <= 1024, "value")
    texts = [embed.get("title", ""), embed.get("description", ""), footer]
    texts += [text for one in fields for text in (one["name"], one["value"])]
    return sum(map(length, texts))


def _is_button(one: Part) -> bool:
    if one["type"] != BUTTON or not 1 <= length(one["label"]) <= 80:
        return False
    if one["style"] == LINK_STYLE:
        return "custom_id" not in one and 1 <= length(one["url"]) <= 512
    return (
        one["style"] in {1, 2, 3, 4}
        and 1 <= length(one["custom_id"]) <= 100
        and "url" not in one
    )


def _need(is_fine: bool, message: str) -> None:
    if not is_fine:
        raise Refusal(400, 50035, f"Invalid Form Body: {message}")
