"""What Slack takes and shows as blocks and views: the limits of its public reference."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

Block = dict[str, Any]

BOT = "U0PLANEBOT"  # the account of the app


class Refusal(Exception):
    """`ok: false` with this error."""


@dataclass
class Shown:
    """A message: where it stands, and what it says now."""

    channel: str
    ts: str
    text: str
    blocks: list[dict[str, Any]]
    thread_ts: str = ""
    metadata: dict[str, Any] | None = None
    user: str = BOT
    edits: int = 0

    @property
    def words(self) -> str:
        return words_of(self.blocks)

    @property
    def buttons(self) -> list[str]:
        return [one["text"]["text"] for one in buttons_in(self.blocks)]


def words_of(blocks: list[Block]) -> str:
    """All texts in blocks, as sent."""
    return "\n".join(_texts(blocks))


def buttons_in(blocks: list[Block]) -> list[Block]:
    rows = [one["elements"] for one in blocks if one["type"] == "actions"]
    return [button for row in rows for button in row]


def button_in(blocks: list[Block], label: str) -> Block:
    (found,) = [one for one in buttons_in(blocks) if one["text"]["text"] == label]
    return found


def check_blocks(blocks: list[Block], *, most: int) -> None:
    """Refuse what Slack would: it says no more than that."""
    if not 1 <= len(blocks) <= most or not all(map(_is_block, blocks)):
        raise Refusal("invalid_blocks")


def check_view(view: Block, kind: str) -> Block:
    """The view, if it is one of this kind."""
    if view["type"] != kind or len(json.dumps(view)) > 250_000:
        raise Refusal("invalid_arguments")
    check_blocks(view["blocks"], most=100)
    titles = [view[name]["text"] for name in ("title", "submit", "close") if name in view]
    if any(len(title) > 24 for title in titles) or (kind == "modal" and "title" not in view):
        raise Refusal("invalid_arguments")
    if any(b["type"] == "input" for b in view["blocks"]) and "submit" not in view:
        raise Refusal("invalid_arguments")
    return view


def _is_block(block: Block) -> bool:
    check = _BLOCKS.get(block["type"]) if isinstance(block, dict) else None
    return check is not None and check(block)


def _is_header(block: Block) -> bool:
    return block["text"]["type"] == "plain_text" and 1 <= len(block["text"]["text"]) <= 150


def _is_section(block: Block) -> bool:
    fields = block.get("fields", [])
    whole = [block["text"]] if "text" in block else []
    return (
        bool(whole or fields)
        and len(fields) <= 10
        and all(1 <= len(one["text"]) <= 2000 for one in fields)
        and all(1 <= len(one["text"]) <= 3000 for one in whole)
    )


def _is_actions(block: Block) -> bool:
    ids = [one["action_id"] for one in block["elements"]]
    return len(set(ids)) == len(ids) <= 25 and all(map(_is_button, block["elements"]))


def _is_button(one: Block) -> bool:
    known = one.get("style", "primary") in {"primary", "danger"}
    return known and len(one["text"]["text"]) <= 75 and len(one.get("value", "")) <= 2000


def _is_input(block: Block) -> bool:
    kind = block["element"]["type"]
    fits = block["element"].get("max_length", 1) <= 3000
    return kind in {"plain_text_input", "datetimepicker"} and fits and "block_id" in block


_BLOCKS: dict[str, Callable[[Block], bool]] = {
    "header": _is_header,
    "section": _is_section,
    "context": lambda block: 1 <= len(block["elements"]) <= 10,
    "actions": _is_actions,
    "input": _is_input,
}


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for one in value:
            yield from _texts(one)
    elif isinstance(value, dict):
        if isinstance(value.get("text"), str):
            yield value["text"]
        for one in value.values():
            yield from _texts(one)
