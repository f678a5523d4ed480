"""Does an answer hold what a case expects of it? Pure: values in, a complaint or nothing out."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

MISSING = object()
NEAR = timedelta(seconds=20)
PRECISE = timedelta(seconds=2)


@dataclass(frozen=True)
class Found:
    """What a path leads to, and the object it stands in (for matchers that look beside it)."""

    value: Any
    beside: Any


def look_up(document: Any, path: str) -> Found:
    """Follow a dotted path; a number is an index, `*` every element of a list."""
    beside, value = None, document
    parts = path.split(".")
    for position, part in enumerate(parts):
        if part == "*":
            rest = ".".join(parts[position + 1 :])
            return Found(_each(value, rest), document)
        beside, value = value, _step(value, part)
    return Found(value, beside)


def _each(value: Any, rest: str) -> Any:
    if not isinstance(value, list):
        return MISSING
    if not rest:
        return value
    found = []
    for one in value:
        inner = look_up(one, rest).value
        found += inner if "*" in rest.split(".") and isinstance(inner, list) else [inner]
    return found


def _step(value: Any, part: str) -> Any:
    if isinstance(value, list) and part.isdigit():
        return value[int(part)] if int(part) < len(value) else MISSING
    if isinstance(value, Mapping):
        return value.get(part, MISSING)
    return MISSING


def complaint(expected: Any, found: Found, *, name: str = "value") -> str:
    """Why what was found is not what was expected, in one line; empty if it is."""
    if isinstance(expected, Mapping) and any(key.startswith("$") for key in expected):
        held = all(_MATCHERS[key](found, argument) for key, argument in expected.items())
    else:
        held = _same(found.value, expected)
    if held:
        return ""
    shown = "nothing" if found.value is MISSING else json.dumps(found.value, default=str)
    return f"{name} is {shown}, not {json.dumps(expected)}"


def _same(value: Any, expected: Any) -> bool:
    """Equal as JSON: `true` is not 1 there."""
    return value is not MISSING and _canonical(value) == _canonical(expected)


def _canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True, default=repr)


def _set(found: Found, expected: list[Any]) -> bool:
    return isinstance(found.value, list) and (
        {_canonical(one) for one in found.value} == {_canonical(one) for one in expected}
    )


def _count(found: Found, expected: int) -> bool:
    return isinstance(found.value, list) and len(found.value) == expected


def _only(found: Found, expected: dict[str, list[str]]) -> bool:
    if not isinstance(found.value, list):
        return False
    return {one for one in found.value if one in expected["of"]} == set(expected["are"])


def _near(found: Found, expected: str) -> bool:
    return _apart(found.value, expected) <= NEAR


def _seconds_after(found: Found, expected: tuple[str, int]) -> bool:
    field, seconds = expected
    earlier = _time(look_up(found.beside, field).value)
    if earlier is None:
        return False
    return _apart(found.value, (earlier + timedelta(seconds=seconds)).isoformat()) <= PRECISE


def _apart(value: Any, expected: str) -> timedelta:
    one, other = _time(value), _time(expected)
    return abs(one - other) if one and other else timedelta.max


def _time(value: Any) -> datetime | None:
    """An aware time, or nothing: a time without a zone is none."""
    try:
        time = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return time if time.tzinfo else None


def _contains(found: Found, expected: str) -> bool:
    return isinstance(found.value, str) and expected.casefold() in found.value.casefold()


def _empty(found: Found, expected: bool) -> bool:
    return (found.value is MISSING or found.value in (None, "", [], {})) is expected


def _present(found: Found, expected: bool) -> bool:
    return _empty(found, not expected)


def _in_order(found: Found, expected: list[Any]) -> bool:
    if not isinstance(found.value, list):
        return False
    rest: Iterator[Any] = iter(found.value)
    return all(any(_same(one, wanted) for one in rest) for wanted in expected)


def _increasing(found: Found, expected: bool) -> bool:
    if not isinstance(found.value, list):
        return False
    pairs = zip(found.value, found.value[1:], strict=False)
    return all(earlier < later for earlier, later in pairs) is expected


_MATCHERS: dict[str, Callable[[Found, Any], bool]] = {
    "$set": _set,
    "$count": _count,
    "$only": _only,
    "$near": _near,
    "$seconds_after": _seconds_after,
    "$icontains": _contains,
    "$empty": _empty,
    "$present": _present,
    "$in_order": _in_order,
    "$increasing": _increasing,
}
