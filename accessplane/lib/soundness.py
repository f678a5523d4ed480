"""Text that every database can store."""

from collections.abc import Mapping
from typing import Any


def is_sound(value: Any) -> bool:
    """Whether no text in these values holds U+0000 or half of a surrogate pair."""
    if isinstance(value, str):
        return "\0" not in value and _is_encodable(value)
    if isinstance(value, Mapping):
        return all(is_sound(key) and is_sound(item) for key, item in value.items())
    if isinstance(value, (list, tuple)):
        return all(is_sound(item) for item in value)
    return True


def _is_encodable(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
