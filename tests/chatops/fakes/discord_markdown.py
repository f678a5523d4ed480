"""What Discord's clients make of a text: what is read, and what works in it.

After the public reference ("Message Formatting") and the guide to its markdown: a backslash takes
the meaning of any sign that is neither letter, digit nor space; inside the address of a masked
link it is left out.
"""

import re
from dataclasses import dataclass, field

_LINE_START = re.compile(r"(#{1,3} |-# |>{1,3} |[-*+] |\d+[.)] )")
_WORKING = [
    ("mention", re.compile(r"<@[!&]?\d+>|<#\d+>|<id:\w+>|</[^:>]+:\d+>|@everyone|@here")),
    ("time", re.compile(r"<t:-?\d+(:[tTdDfFsSR])?>")),
    ("emoji", re.compile(r"<a?:\w+:\d+>|:[^\s:]+:")),
    ("masked link", re.compile(r"\[[^\]]+\]\(\s*<?\w+\\?:(\\?/){2}[^\s)]+[^)]*\)")),
    ("link", re.compile(r"<?(https?|steam|discord)://[^\s<]+")),
    ("code", re.compile(r"```.+?```|``.+?``|`[^`]+`", re.DOTALL)),
    ("style", re.compile(r"\*\*.+?\*\*|__.+?__|~~.+?~~|\|\|.+?\|\||\*\S.*?\*|\b_\S.*?_\b", re.DOTALL)),
]  # fmt: skip
_ESCAPE = re.compile(r"\\([^0-9A-Za-z\s])")


@dataclass
class Seen:
    """`text` is what people read; `works` what does something, by kind and as it was written."""

    text: str = ""
    works: list[tuple[str, str]] = field(default_factory=list)


def seen(source: str) -> Seen:
    """A text of a message as people see it."""
    source = re.sub(r"\r\n|\r", "\n", source).replace("\f", "")
    found, place = Seen(), 0
    while place < len(source):
        escape = _ESCAPE.match(source, place)
        if escape:
            found.text += escape[1]
            place = escape.end()
            continue
        works = _working_at(source, place)
        if works:
            found.works.append(works)
            found.text += works[1]
            place += len(works[1])
            continue
        found.text += source[place]
        place += 1
    return found


def _working_at(source: str, place: int) -> tuple[str, str] | None:
    begins = source[:place].rpartition("\n")[2].strip() == ""
    line = _LINE_START.match(source, place) if begins else None
    if line:
        return "block", line[0]
    for kind, pattern in _WORKING:
        match = pattern.match(source, place)
        if match:
            return kind, match[0]
    return None
