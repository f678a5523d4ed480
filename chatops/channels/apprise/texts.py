"""Pure: what is sent, as plain text that does nothing where it is read."""

import re
from datetime import datetime

from accessplane.lib.instants import spoken
from chatops.messages import Message

LONGEST_FACT = 500
# A name after @ or in angle brackets calls people in most of these services.
_CALL = re.compile(r"@(?=\S)")
_IN_AN_ADDRESS = re.compile(r"(?<=[\w.+-])@(?=\w)")
_BRACKET = re.compile(r"<(?=\S)")
_LINK = re.compile(r"\](?=\()")


def whole(message: Message) -> str:
    """The news and how things stand; the link comes early, because long texts are cut."""
    facts = [f"{fact.label}: {_value(fact.value)}" for fact in message.facts]
    return "\n".join([*_head(message), *([""] if facts else []), *facts])


def news(message: Message) -> str:
    """What is new about what was told before."""
    return "\n".join(_head(message))


def harmless(text: str) -> str:
    """The text with nothing in it that calls people, or hides where a link leads."""
    parts = _IN_AN_ADDRESS.split(text)
    calm = "@".join(_CALL.sub("@\N{ZERO WIDTH SPACE}", part) for part in parts)
    calm = _BRACKET.sub("\N{SINGLE LEFT-POINTING ANGLE QUOTATION MARK}", calm)
    return _LINK.sub("] ", calm)


def _head(message: Message) -> list[str]:
    more_time = f"Extend: {message.more_time}" if message.more_time else ""
    return [line for line in (harmless(message.news), message.link, more_time) if line]


def _value(value: str | datetime) -> str:
    if isinstance(value, datetime):
        return spoken(value)
    shown = value if len(value) <= LONGEST_FACT else f"{value[:LONGEST_FACT]}…"
    return harmless(shown)
