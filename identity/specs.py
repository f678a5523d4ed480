"""Pure: what the specs of all kinds of documents share (CONTRACT 2).

A spec is a structure that does not change. Its fields may be of types that know their own
grammar; whoever parses one gets the refusal with the path of the offending place.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, TypeVar

import msgspec

from accessplane.lib.durations import parse_duration
from accessplane.lib.errors import InvalidInput
from accessplane.lib.matching import Pattern, compile_pattern

LONGEST = timedelta(days=14)


class MaxDurationTooLong(InvalidInput):
    """Longer than any access may be (SEMANTICS 7.2)."""

    code = "max_duration_too_long"


class Spec(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A part of a document: a field that we do not know is an error."""


class Length(timedelta):
    """A length of time in a document: a text such as 1h30m, or seconds; at most 14 days."""


Structure = TypeVar("Structure", bound=Spec)


def parse(spec: Mapping[str, Any], into: type[Structure]) -> Structure:
    """The structure of a document's `spec` (JSON values).

    Raises `InvalidInput`, or its subclass with the code of what is wrong; the sentence ends in
    the path of the offending place, such as `spec.allow.request.roles[0]`.
    """
    try:
        return msgspec.convert(spec, into, dec_hook=decode)
    except msgspec.ValidationError as error:
        raise _refusal(error) from error


def decode(wanted: type, value: Any) -> Any:
    """msgspec's hook for the types of our own; a ValueError gets the path from msgspec."""
    if wanted is Length:
        return as_value_error(_length, value)
    if not isinstance(value, str):
        raise TypeError(f"Expected `str`, got `{type(value).__name__}`")
    read: Callable[[str], Any] = (
        compile_pattern if wanted is Pattern else wanted.parse  # type: ignore[attr-defined]
    )
    return as_value_error(read, value)


def as_value_error(check: Callable[[Any], Any], value: Any) -> Any:
    """What `check` makes of `value`; msgspec adds the path to a ValueError and keeps its cause."""
    try:
        return check(value)
    except InvalidInput as refusal:
        raise ValueError(refusal.detail) from refusal


def _length(value: Any) -> Length:
    length = Length(seconds=parse_duration(value).total_seconds())
    if length > LONGEST:
        raise MaxDurationTooLong("No access lasts longer than 14 days.")
    return length


def _refusal(error: msgspec.ValidationError) -> InvalidInput:
    """The refusal behind msgspec's error, with the path where it happened."""
    sentence = str(error).replace("`$", "`spec").replace("Object contains unknown", "Unknown")
    cause = error.__cause__ and error.__cause__.__cause__
    kind = type(cause) if isinstance(cause, InvalidInput) else InvalidInput
    return kind(sentence)
