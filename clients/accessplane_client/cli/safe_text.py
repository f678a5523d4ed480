"""Text of other people, made harmless for a terminal: a reason must not move the cursor."""

import re

# Controls except the line feed, and what hides itself or turns the direction of writing. What
# follows an escape character stays and can be read: nothing is hidden from a reviewer.
_CONTROLS = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ud800-\udfff\ufeff]"
)


def clean(text: str) -> str:
    """Line feeds stay."""
    return _CONTROLS.sub("", text.replace("\t", " "))


def clean_line(text: str) -> str:
    return " ".join(clean(text).split("\n"))


def escape_in_json(document: str) -> str:
    """JSON text in which such characters stand as escapes; they occur in its strings only."""
    return _CONTROLS.sub(lambda found: f"\\u{ord(found.group()):04x}", document)


def has_controls(text: str) -> bool:
    return bool(_CONTROLS.search(text))
