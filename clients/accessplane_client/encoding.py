"""How Python's values are said to the plane, and how its lists are taken apart."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

from accessplane_client.errors import PlaneError, UnexpectedAnswer


def query(params: Mapping[str, object]) -> dict[str, str | list[str]]:
    """Query parameters; None is left out, and a list is a parameter that is repeated."""
    return {
        name: [_text(each) for each in value] if isinstance(value, list) else _text(value)
        for name, value in params.items()
        if value is not None
    }


def body(fields: Mapping[str, object]) -> dict[str, object]:
    """A JSON object; None is left out."""
    return {name: _plain(value) for name, value in fields.items() if value is not None}


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(_plain(value))


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise PlaneError(f"The time {value} says no time zone.", code="invalid_input")
        return value.isoformat()
    if isinstance(value, timedelta):
        return int(value.total_seconds())
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, tuple):
        return list(value)
    return value


def results(answer: Any) -> list[Any]:
    """The elements of a list, which is a page or comes whole."""
    found = answer.get("results") if isinstance(answer, dict) else answer
    if not isinstance(found, list):
        raise UnexpectedAnswer("The plane sent no list where one was expected.")
    return found


def next_cursor(answer: Any) -> str | None:
    """Where the next page begins. Only the cursor is taken from its address, never the host."""
    address = answer.get("next") if isinstance(answer, dict) else None
    return parse_qs(urlsplit(address).query).get("cursor", [None])[0] if address else None


def member(answer: Any, name: str) -> Any:
    if not isinstance(answer, dict) or name not in answer:
        raise UnexpectedAnswer(f"The plane's answer lacks {name!r}.")
    return answer[name]
