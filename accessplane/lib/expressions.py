"""The one condition language (SEMANTICS 2): compile, check, evaluate.

CEL (cel-expr-python) parses and checks types, cut down to this language; this module is all that
knows it. Which names an expression may use is the caller's `Scope`; no product word stands here.

A condition decides who gets in, hence two guards and an evaluation of our own. The engine knows
no other function, macro or operator than ours; and its tree is read against our own list, so
that what a later version learns stays out. The tree is then evaluated here and not there: version
0.1.3 never frees what it hands to a Python function, and gives errors back as values.
Here nothing can fail: a missing key is an empty list, and patterns and kinds were checked before.
"""

import operator
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property, lru_cache
from types import MappingProxyType
from typing import Any

from cel_expr_python import cel

from accessplane.lib.errors import InvalidInput
from accessplane.lib.matching import InvalidPattern, compile_pattern, sound

MAX_EXPRESSION_BYTES = 2048
MAX_LIST_ITEMS = 10_000
MAX_FACT_CHARACTERS = 1_000_000


class InvalidExpression(InvalidInput):
    """Text that is no condition in its scope; the sentence says where and why."""

    code = "invalid_expression"


class ExpressionFailed(Exception):
    """The facts were missing, of the wrong kind or too large: there is no answer.

    Neither yes nor no on purpose: in an allow block the one would be wrong, in a deny block
    the other. The caller decides on the safe side.
    """


class Kind(Enum):
    """What a name stands for."""

    TEXT = "TEXT"
    LIST = "LIST"  # of texts
    MAP = "MAP"  # from text to list of texts
    TRUTH = "TRUTH"  # what comparing gives; no fact is one


@dataclass(frozen=True)
class Scope:
    """The dotted names that an expression may use, and second names for some of them.

    Facts are given under the names, not the aliases.
    """

    kinds: Mapping[str, Kind]
    aliases: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.kinds.keys() >= set(self.aliases.values()):
            raise ValueError("An alias is another name for one of the scope's names.")
        # Copies: compiled conditions are kept under their scope, which must not change.
        object.__setattr__(self, "kinds", MappingProxyType(dict(self.kinds)))
        object.__setattr__(self, "aliases", MappingProxyType(dict(self.aliases)))

    def __hash__(self) -> int:
        return hash((frozenset(self.kinds), frozenset(self.aliases)))  # asked often

    @cached_property
    def names(self) -> dict[str, Kind]:
        """Every name an expression may write, aliases included."""
        return {**self.kinds, **{alias: self.kinds[of] for alias, of in self.aliases.items()}}


@dataclass(frozen=True)
class Condition:
    """A compiled expression; make one with `compile_condition`. May be shared by threads."""

    text: str
    scope: Scope
    _tree: "_Node" = field(repr=False, compare=False)
    _used: Mapping[str, Collection[str]] = field(repr=False, compare=False)

    def holds(self, facts: Mapping[str, object]) -> bool:
        """Whether the condition is true of `facts`, keyed by the names of the scope (SEMANTICS 2).

        A key that a map lacks is an empty list. Only the facts that the expression names are
        looked at. `ExpressionFailed` if one of them is missing, of the wrong kind or too large.
        """
        names = self.scope.names
        bound = {
            name: _bind(self.scope.aliases.get(name, name), names[name], facts, keys)
            for name, keys in self._used.items()
        }
        return bool(_value(self._tree, bound))


@lru_cache(maxsize=1024)
def compile_condition(text: str, scope: Scope) -> Condition:
    """The condition that `text` is in `scope` (SEMANTICS 2).

    `InvalidExpression`, with line and column, for whatever is not in the language: syntax, names,
    functions, the number and kinds of arguments, a result that is not true or false, a key or a
    pattern that is not written out, an invalid pattern; also for empty, over-long and too deeply
    nested text. Empty text is no condition: the caller knows what its absence means.
    """
    if not text.strip():
        raise InvalidExpression("An expression is not empty.")
    if sound(text) != text or len(text.encode()) > MAX_EXPRESSION_BYTES:
        raise InvalidExpression(
            f"An expression is text of at most {MAX_EXPRESSION_BYTES} bytes."
        )
    try:
        program = _environment(scope).compile(text)
    except RuntimeError as error:
        raise InvalidExpression(_in_words(str(error), scope)) from error
    tree = _tree(program.serialize())
    reader = _Reader(scope, text)
    kind = reader.read(tree)
    if kind is not Kind.TRUTH:
        raise reader.refusal(tree, f"a condition is true or false; this is a {_word(kind)}")
    return Condition(text, scope, tree, reader.used)


# The whole language: what may be applied to what, under the engine's names for the operators.
_SIGNATURES: dict[str, tuple[tuple[Kind, ...], ...]] = {
    "contains": ((Kind.LIST, Kind.TEXT),),
    "equals": ((Kind.TEXT, Kind.TEXT), (Kind.LIST, Kind.LIST)),
    "regexp.match": ((Kind.TEXT, Kind.TEXT), (Kind.LIST, Kind.TEXT)),
    "!_": ((Kind.TRUTH,),),
    "_&&_": ((Kind.TRUTH, Kind.TRUTH),),
    "_||_": ((Kind.TRUTH, Kind.TRUTH),),
    "_==_": ((Kind.TEXT, Kind.TEXT), (Kind.LIST, Kind.LIST), (Kind.TRUTH, Kind.TRUTH)),
    "_!=_": ((Kind.TEXT, Kind.TEXT), (Kind.LIST, Kind.LIST), (Kind.TRUTH, Kind.TRUTH)),
    "@in": ((Kind.TEXT, Kind.LIST),),
    "_[_]": ((Kind.MAP, Kind.TEXT),),
}
# What the engine keeps of its own library. Macros (`all`, `has`, `map`) are its only loops.
_LIBRARY = """
stdlib:
  disable_macros: true
  include_functions: [
    {name: "!_"}, {name: "_&&_"}, {name: "_||_"}, {name: "_==_"}, {name: "_!=_"},
    {name: "@in"}, {name: "_[_]", overloads: [{id: index_map}]}]
"""
_FUNCTIONS = ("contains", "equals", "regexp.match")
_TYPES = {
    Kind.TEXT: cel.Type.STRING,
    Kind.LIST: cel.Type.List(cel.Type.STRING),
    Kind.MAP: cel.Type.Map(cel.Type.STRING, cel.Type.List(cel.Type.STRING)),
}


@lru_cache(maxsize=32)
def _environment(scope: Scope) -> Any:
    functions = {
        name: [
            cel.Overload(f"{name}{kinds}", cel.Type.BOOL, [_TYPES[kind] for kind in kinds])
            for kinds in _SIGNATURES[name]
        ]
        for name in _FUNCTIONS
    }
    return cel.NewEnv(
        config=cel.NewEnvConfigFromYaml(_LIBRARY),
        variables={name: _TYPES[kind] for name, kind in scope.names.items()},
        functions=[cel.FunctionDecl(*function) for function in functions.items()],
    )


def _bind(
    name: str, kind: Kind, facts: Mapping[str, object], keys: Collection[str]
) -> str | list[str] | dict[str, list[str]]:
    if name not in facts:
        raise ExpressionFailed(f"The fact {name} is missing.")
    value = facts[name]
    if kind is Kind.TEXT and isinstance(value, str):
        return _bounded([value], name)[0]
    if kind is Kind.LIST and isinstance(value, list | tuple):
        return _bounded(value, name)
    if kind is Kind.MAP and isinstance(value, Mapping):
        values = {key: value.get(key, ()) for key in keys}
        if all(isinstance(one, list | tuple) for one in values.values()):
            return {key: _bounded(texts, f"{name}[{key!r}]") for key, texts in values.items()}
    raise ExpressionFailed(f"The fact {name} is no {_word(kind)}.")


def _bounded(texts: Sequence[object], name: str) -> list[str]:
    bounded = [text for text in texts if isinstance(text, str)]
    if len(bounded) != len(texts):
        raise ExpressionFailed(f"The fact {name} holds something that is no text.")
    if len(bounded) > MAX_LIST_ITEMS or sum(map(len, bounded)) > MAX_FACT_CHARACTERS:
        raise ExpressionFailed(f"The fact {name} is too large.")
    return bounded


@dataclass(frozen=True, slots=True)
class _Node:
    sort: str  # "text", "truth", "name", "call", "list", or "other": none of the language
    value: Any  # what is written out, the name or the function
    parts: tuple["_Node", ...]
    offset: int


def _value(node: _Node, facts: Mapping[str, Any]) -> Any:
    if node.sort == "name":
        return facts[node.value]
    if node.sort in {"text", "truth"}:
        return node.value
    parts = [_value(part, facts) for part in node.parts]
    return parts if node.sort == "list" else _MEANINGS[node.value](*parts)


def _matches(value: str | Sequence[str], pattern: str) -> bool:
    compiled = compile_pattern(pattern)
    return any(compiled.matches(one) for one in ([value] if isinstance(value, str) else value))


# Two lists are equal if they have the same texts in the same order.
_MEANINGS: dict[str, Callable[..., Any]] = {
    "contains": operator.contains,
    "equals": operator.eq,
    "regexp.match": _matches,
    "!_": operator.not_,
    "_&&_": operator.and_,
    "_||_": operator.or_,
    "_==_": operator.eq,
    "_!=_": operator.ne,
    "@in": lambda text, texts: text in texts,
    "_[_]": operator.getitem,
}


class _Reader:
    """Reads a tree against `_SIGNATURES`, noting which names and keys it looks up."""

    def __init__(self, scope: Scope, text: str) -> None:
        self.used: dict[str, set[str]] = {}
        self._names = scope.names
        self._text = text

    def refusal(self, node: _Node, why: str) -> InvalidExpression:
        before = self._text[: node.offset]
        line, column = before.count("\n") + 1, node.offset - before.rfind("\n")
        return InvalidExpression(f"Line {line}, column {column}: {why}.")

    def read(self, node: _Node) -> Kind:
        """The kind of `node`; `InvalidExpression` for what is not in the language."""
        if node.sort == "call":
            return self._call(node)
        if node.sort == "name" and node.value in self._names:
            self.used.setdefault(node.value, set())
            return self._names[node.value]
        if node.sort == "list":
            for part in node.parts:
                if self.read(part) is not Kind.TEXT:
                    raise self.refusal(part, "a list holds texts only")
            return Kind.LIST
        if node.sort in {"text", "truth"}:
            return Kind(node.sort.upper())
        raise self.refusal(node, "only texts, lists of texts, true and false are known here")

    def _call(self, node: _Node) -> Kind:
        kinds = tuple(self.read(part) for part in node.parts)
        if kinds not in _SIGNATURES.get(node.value, ()):
            raise self.refusal(node, _misapplied(node.value, ", ".join(map(_word, kinds))))
        if node.value not in {"_[_]", "regexp.match"}:
            return Kind.TRUTH
        first, second = node.parts
        # Written out, so that it is checked now and not when somebody's access depends on it.
        if second.sort != "text":
            raise self.refusal(second, "a key or a pattern is a text in quotes")
        if node.value == "_[_]":
            self.used[first.value].add(second.value)
            return Kind.LIST
        try:
            compile_pattern(second.value)
        except InvalidPattern as invalid:
            raise self.refusal(second, invalid.detail.removesuffix(".")) from invalid
        return Kind.TRUTH


def _message(data: bytes) -> dict[int, list[Any]]:
    """The fields of one protobuf message by their numbers, as the wire format has them."""
    fields: dict[int, list[Any]] = {}
    at = 0
    while at < len(data):
        tag, at = _varint(data, at)
        value: int | bytes
        if tag & 7 == 0:
            value, at = _varint(data, at)
        else:  # 1: eight bytes, 2: as many as it says; CEL's tree has no others
            size, at = (8, at) if tag & 7 == 1 else _varint(data, at)
            value, at = data[at : at + size], at + size
        fields.setdefault(tag >> 3, []).append(value)
    return fields


def _varint(data: bytes, at: int) -> tuple[int, int]:
    end = at
    while data[end] & 0x80:
        end += 1
    digits = enumerate(data[at : end + 1])
    return sum((byte & 0x7F) << 7 * place for place, byte in digits), end + 1


def _tree(serialized: bytes) -> _Node:
    """The engine's checked tree: a `cel.expr.CheckedExpr` inside an `Any`, the published form."""
    checked = _message(_message(serialized)[2][0])
    entries = map(_message, _message(checked[5][0]).get(4, ()))
    offsets = {entry[1][0]: entry.get(2, [0])[0] for entry in entries}
    return _node(checked[4][0], offsets)


_BOOL = 2  # in a constant
# The fields of a `cel.expr.Expr`: its sort here, and where its value and its parts stand in it.
_SHAPES = {
    3: ("text", 6, 0),
    4: ("name", 1, 0),
    5: ("key", 2, 1),
    6: ("call", 2, 3),
    7: ("list", 0, 1),
}


def _node(data: bytes, offsets: Mapping[int, int]) -> _Node:
    fields = _message(data)
    number = next(number for number in range(3, 10) if number in fields)
    inner = _message(fields[number][0])
    sort, value_at, parts_at = _SHAPES.get(number, ("other", 0, 0))
    value = inner.get(value_at, [b""])[0].decode()
    if sort == "text" and value_at not in inner:  # a constant of another type
        sort, value = "truth" if _BOOL in inner else "other", inner.get(_BOOL) == [1]
    parts = tuple(_node(part, offsets) for part in inner.get(parts_at, ()))
    offset = offsets.get(fields[2][0], 0)
    if sort == "key":  # `traits.team` is `traits["team"]`
        sort, value, parts = "call", "_[_]", (*parts, _Node("text", value, (), offset))
    return _Node(sort, value, parts, offset)


_ENGINE_SAYS = re.compile(
    r"undeclared reference to '(?P<unknown>.*?)' .*"
    r"|found no matching overload for '(?P<function>.*?)' applied to '\((?P<given>.*)\)'.*"
    r"|Syntax error: (?:\w+ input|no viable alternative at input|token recognition error at:)"
    r" (?P<odd>.*?)(?: expecting .*)?"
)


def _in_words(message: str, scope: Scope) -> str:
    """What the engine found first, for people."""
    found = re.search(r"ERROR: <input>:(\d+):(\d+): (.*?)(?: \[\w+\])?\n", f"{message}\n")
    if not found:  # the engine has no position for what it did not finish reading
        deep = "recursion" in message
        return f"The expression is {'nested too deeply' if deep else f'not valid: {message}'}."
    line, column, why = found.groups()
    return f"Line {line}, column {column}: {_saying(why, scope)}."


def _saying(why: str, scope: Scope) -> str:
    found = _ENGINE_SAYS.fullmatch(why)
    if not found:
        return why
    if found["function"]:
        given = found["given"].replace("map(string, list(string))", "map")
        given = given.replace("list(string)", "list").replace("string", "text")
        return _misapplied(found["function"], given)
    if found["odd"]:
        early = found["odd"] == "'<EOF>'"
        return "it ends too early" if early else f"{found['odd']} is not expected here"
    unknown = found["unknown"]
    for function in _FUNCTIONS:  # the wrong number of arguments
        if unknown in {function, function.partition(".")[0]}:
            return f"use it as {_usage(function)}"
    known = ", ".join([*scope.names, *_FUNCTIONS])
    return f"'{_operator(unknown)}' is not known here; known are {known}"


def _misapplied(function: str, given: str) -> str:
    if function in _FUNCTIONS:
        return f"use it as {_usage(function)}, not with ({given})"
    return f"'{_operator(function)}' does not take ({given})"


def _usage(function: str) -> str:
    kinds = _SIGNATURES[function]
    return " or ".join(f"{function}({', '.join(map(_word, each))})" for each in kinds)


def _operator(name: str) -> str:
    """As people write it; the engine says `_&&_`, `@in`, `_?_:_`."""
    return name if name.isidentifier() else name.replace("_", "").removeprefix("@")


def _word(kind: Kind) -> str:
    return "true or false" if kind is Kind.TRUTH else kind.value.lower()
