"""The Atlassian Document Format, as far as Jira's public reference describes it and we use it."""

from typing import Any

LONGEST = 32_767
_BLOCKS = {"paragraph", "heading", "bulletList", "orderedList", "rule", "panel", "codeBlock"}
_INLINE = {"text", "hardBreak", "mention", "emoji", "inlineCard", "date", "status"}
_MARKS = {"strong": set(), "em": set(), "code": set(), "link": {"href"}}


class NoDocument(Exception):
    """What Jira answers 400 to, with INVALID_INPUT."""


def check(document: Any) -> None:
    """Refuse what is no document of paragraphs and their texts."""
    _need(isinstance(document, dict) and set(document) == {"version", "type", "content"})
    _need(document["version"] == 1)
    _need(document["type"] == "doc")
    for block in document["content"]:
        _need(block.get("type") in _BLOCKS)
        _need(set(block) <= {"type", "content", "attrs"})
        for node in block["content"]:
            _inline(node)


def words_of(document: Any) -> str:
    """What people read, a line for each paragraph and each break; wiki markup as it is."""
    if isinstance(document, str):
        return document
    return "\n".join(
        "".join(node.get("text", "\n") for node in block["content"])
        for block in document["content"]
    )


def links_of(document: Any) -> list[str]:
    """Where the links of the document lead."""
    nodes = [node for block in document["content"] for node in block["content"]]
    marks = [mark for node in nodes for mark in node.get("marks", [])]
    return [mark["attrs"]["href"] for mark in marks if mark["type"] == "link"]


def kinds_of(document: Any) -> set[str]:
    """The types of its nodes."""
    return {block["type"] for block in document["content"]} | {
        node["type"] for block in document["content"] for node in block["content"]
    }


def _inline(node: Any) -> None:
    _need(node.get("type") in _INLINE)
    if node["type"] != "text":
        return
    _need(set(node) <= {"type", "text", "marks"})
    _need(isinstance(node["text"], str) and len(node["text"]) > 0)
    for mark in node.get("marks", []):
        _need(mark["type"] in _MARKS)
        _need(set(mark.get("attrs", {})) == _MARKS[mark["type"]])


def _need(is_so: bool) -> None:
    if not is_so:
        raise NoDocument
