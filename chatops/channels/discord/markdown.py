"""Pure: what somebody wrote, so that Discord shows it and does nothing else with it."""

import re
from datetime import datetime

# Discord drops or turns these before it reads its markdown; some turn the reading direction.
_NEW_LINES = re.compile(r"\r\n?|[\u2028\u2029]")
_UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
# A colon makes links and emoji, but none before a space or in a time of the day.
_ANYWHERE = re.compile(r"[\\`*_~|<>\[\]@]|(?<![0-9]):(?![ \n])|:(?![ \n0-9])")
_AT_LINE_START = re.compile(r"^([^\S\n]*)([#+-])", re.MULTILINE)
_NUMBERED = re.compile(r"^([^\S\n]*\d+)([.)])", re.MULTILINE)
_BEYOND = "\uffff"


def escaped(text: str) -> str:
    """The text, so that Discord reads no mention, link, list or style in it."""
    seen = _UNSEEN.sub("", _NEW_LINES.sub("\n", text))
    marked = _ANYWHERE.sub(r"\\\g<0>", seen)
    return _NUMBERED.sub(r"\1\\\2", _AT_LINE_START.sub(r"\1\\\2", marked))


def size(text: str) -> int:
    """Its length in units of UTF-16, the longest of the ways to count characters."""
    return len(text) + sum(letter > _BEYOND for letter in text)


def clipped(text: str, most: int) -> str:
    """The text, escaped, and cut so that it has at most so many characters then."""
    whole = escaped(text)
    if size(whole) <= most:
        return whole
    while size(escaped(text)) >= most:
        text = text[: len(text) * 9 // 10]
    return f"{escaped(text)}…"


def moment(when: datetime) -> str:
    """A moment that Discord shows in the reader's own zone; `when` is aware."""
    return f"<t:{int(when.timestamp())}:f>"
