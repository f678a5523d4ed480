"""Patterns over names and values (SEMANTICS 1), on an engine with linear time (RE2).

A pattern is a regular expression if it begins with `^` and ends with `$`; otherwise it is
literal text in which `*` stands for any run of characters.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import re2

from accessplane.lib.errors import InvalidInput

MAX_PATTERN_LENGTH = 1024
# What a match costs grows with its groups; nobody fills in more than a few.
MAX_CAPTURES = 32
# RE2's own bound for one compiled expression and its state cache is 8 MiB; we keep many.
_MAX_MEMORY = 2 << 20
_SHOWN = 80


class InvalidPattern(InvalidInput):
    """A pattern that could never match as meant: a deny that never bites (SEMANTICS 1)."""

    code = "invalid_pattern"


class Pattern:
    """A compiled pattern; make one with `compile_pattern`. Equal if the texts are."""

    # No dataclass: readers of documents would take one for an object with fields.
    __slots__ = ("_expression", "is_literal", "text")

    def __init__(self, text: str, *, is_literal: bool, _expression: Any) -> None:
        self.text = text
        self.is_literal = is_literal
        self._expression = _expression

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Pattern) and other.text == self.text

    def __hash__(self) -> int:
        return hash(self.text)

    def __repr__(self) -> str:
        return f"Pattern({self.text!r})"

    def matches(self, value: str) -> bool:
        """Whether the whole of `value` matches, case counting (SEMANTICS 1)."""
        if self._expression is None:
            return value == self.text
        return self._expression.fullmatch(sound(value)) is not None

    def captures(self, value: str) -> tuple[str, ...] | None:
        """What the groups, or each `*`, stood for if the whole of `value` matches; else None.

        A group that took no part is an empty text. Of two `*`, the first takes what it can.
        """
        if self._expression is None:
            return () if value == self.text else None
        found = _capturing(self.text).fullmatch(sound(value))
        return found and tuple(found.groups(""))


@dataclass(frozen=True, slots=True)
class Search:
    """A regular expression that is looked for anywhere; make one with `compile_search`."""

    text: str
    _expression: Any = field(repr=False, compare=False)

    def found_in(self, value: str) -> bool:
        """Whether some part of `value` matches (`reason.pattern`, SEMANTICS 3.7)."""
        return self._expression.search(sound(value)) is not None


@lru_cache(maxsize=2048)
def compile_pattern(text: str) -> Pattern:
    """The pattern that `text` is (SEMANTICS 1).

    `InvalidPattern` for an empty or over-long text, for `{{` and `}}`, for an invalid regular
    expression, and for one with more than `MAX_CAPTURES` groups or `*`.
    """
    _check_text(text)
    if not _is_regex(text) and "*" not in text:
        return Pattern(text, is_literal=True, _expression=None)
    if _capturing(text).groups > MAX_CAPTURES:
        raise InvalidPattern(
            f"{_shown(text)} has more than {MAX_CAPTURES} groups or wildcards."
        )
    return Pattern(text, is_literal=False, _expression=_compile(text, capture=False))


@lru_cache(maxsize=256)
def compile_search(text: str) -> Search:
    """The regular expression `text` (RE2 syntax, `(?i)` included), to be found anywhere.

    `InvalidPattern` in the same cases as `compile_pattern`, the number of groups aside.
    """
    _check_text(text)
    return Search(text, _expression=_re2(text, text=text, capture=False))


def any_matches(patterns: Iterable[Pattern], value: str) -> bool:
    """Whether one of `patterns` matches the whole of `value`; none of no patterns does."""
    return any(pattern.matches(value) for pattern in patterns)


def sound(value: str) -> str:
    """`value`, each lone surrogate replaced by U+FFFD; text that is sound already stays as it is.

    The engines read UTF-8, which has no surrogates; JSON and Python texts may hold them.
    """
    if value.isascii():
        return value
    return value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _check_text(text: str) -> None:
    if not text:
        raise InvalidPattern("A pattern is not empty.")
    if len(text) > MAX_PATTERN_LENGTH:
        raise InvalidPattern(f"A pattern has at most {MAX_PATTERN_LENGTH} characters.")
    if "{{" in text or "}}" in text:
        raise InvalidPattern(
            f"{_shown(text)} is not a pattern: templates are not filled in here."
        )
    if sound(text) != text:
        raise InvalidPattern(f"{_shown(text)} is not a pattern: it is not valid text.")


def _is_regex(text: str) -> bool:
    return text.startswith("^") and text.endswith("$")


@lru_cache(maxsize=256)
def _capturing(text: str) -> Any:
    """Apart from the expression that only answers yes or no, which needs no such care of groups."""
    return _compile(text, capture=True)


def _compile(text: str, *, capture: bool) -> Any:
    if _is_regex(text):
        # As it stands: a full match takes `^a|b$` as `a` or `b`, and an anchor that turns out to
        # be escaped (`\$`) or inside a group keeps its meaning, which cutting it off would lose.
        return _re2(text, text=text, capture=capture)
    source = "(?s)" + "(.*)".join(re2.escape(part) for part in text.split("*"))
    return _re2(source, text=text, capture=capture)


def _re2(source: str, *, text: str, capture: bool) -> Any:
    options = re2.Options()
    options.log_errors = False
    options.max_mem = _MAX_MEMORY
    options.never_capture = not capture
    try:
        return re2.compile(source, options=options)
    except re2.error as error:
        why = error.args[0].decode(errors="replace")[:_SHOWN]
        raise InvalidPattern(f"{_shown(text)} is not a valid pattern: {why}.") from error


def _shown(text: str) -> str:
    return repr(sound(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."))
