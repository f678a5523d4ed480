"""Pure: texts as Jira shows them, of which nothing but our own link does anything.

Version 3 of the API takes documents of the Atlassian Document Format, in which a text is a text.
Version 2 takes wiki markup, so that everything is put where none is read.
"""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from accessplane.lib.words import gettext_lazy as _

LONGEST_SUMMARY = 255
# Jira takes 32,767 characters, and does not say whether those of the text or of the document.
LONGEST = 30_000
LONGEST_LINE = 3_000
_LEFT_OUT = _("There is more on the page of the request.")
_OPENS = re.compile(r"[{\[]")
_NOTHING = "\u200b"  # no width: after a bracket it takes away what the bracket would mean


@dataclass(frozen=True, slots=True)
class Line:
    """A paragraph, which may begin with a label."""

    text: str
    label: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """Where a text leads."""

    text: str
    url: str


def summary(title: str) -> str:
    """The title in one line, no longer than Jira takes."""
    return _cut(" ".join(_plain(title).split()), LONGEST_SUMMARY)


def adf(lines: Iterable[Line], link: Link | None = None) -> dict[str, Any]:
    """The document of these lines, which ends in the link."""
    blocks = [_paragraph(_nodes(line)) for line in _non_empty(lines)]
    last = [_paragraph(_link_nodes(link))] if link else []
    return {"version": 1, "type": "doc", "content": [*_within(blocks, last), *last]}


def wiki(lines: Iterable[Line], link: Link | None = None) -> str:
    """The same as wiki markup."""
    written = [
        _OPENS.sub(lambda found: found[0] + _NOTHING, _labelled(line))
        for line in _non_empty(lines)
    ]
    text = "{noformat}\n" + _cut("\n".join(written), LONGEST) + "\n{noformat}"
    return f"{text}\n[{link.text}|{link.url}]" if link else text


def _non_empty(lines: Iterable[Line]) -> list[Line]:
    cut = (Line(_cut(_plain(one.text), LONGEST_LINE), _plain(one.label)) for one in lines)
    return [line for line in cut if line.text]


def _labelled(line: Line) -> str:
    return f"{line.label}: {line.text}" if line.label else line.text


def _within(blocks: Sequence[Any], last: Sequence[Any]) -> list[Any]:
    """As many of the blocks, from the first on, as there is room for beside the last ones."""
    room = LONGEST - len(json.dumps(last))
    kept: list[Any] = []
    for block in blocks:
        room -= len(json.dumps(block))
        if room < 0:
            return [*kept, _paragraph([_text(str(_LEFT_OUT))])]
        kept.append(block)
    return kept


def _nodes(line: Line) -> list[dict[str, Any]]:
    nodes = [_text(f"{line.label}: ", {"type": "strong"})] if line.label else []
    for number, part in enumerate(line.text.split("\n")):
        nodes += [{"type": "hardBreak"}] if number else []
        nodes += [_text(part)] if part else []
    return nodes


def _link_nodes(link: Link) -> list[dict[str, Any]]:
    return [_text(link.text, {"type": "link", "attrs": {"href": link.url}})]


def _paragraph(nodes: Sequence[Any]) -> dict[str, Any]:
    return {"type": "paragraph", "content": list(nodes)}


def _text(text: str, *marks: Any) -> dict[str, Any]:
    return {"type": "text", "text": text} | ({"marks": list(marks)} if marks else {})


def _plain(text: str) -> str:
    """The text without what is not to be seen, such as what turns its direction."""
    kept = "".join(one for one in text if one.isprintable() or one == "\n")
    return kept.strip()


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 1] + "…"
