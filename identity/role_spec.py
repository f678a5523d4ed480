"""Pure: the role document, parsed once into structures that do not change (CONTRACT 2)."""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Literal

import msgspec

from accessplane.lib.durations import parse_duration
from accessplane.lib.errors import InvalidInput
from accessplane.lib.matching import Pattern, compile_pattern, compile_search
from identity import annotations, claims
from identity.conditions import Filter, Where

LONGEST = timedelta(days=14)
MAX_COUNT = 1000
# No allow pattern but its literal name hands these out (SEMANTICS 1).
GUARDED_PRESETS = frozenset({"admin", "auditor"})

Resource = Literal[
    "access_request", "access_request_for_others", "grant", "user", "role", "workflow",
    "channel", "route", "target", "event", "token", "*",
]  # fmt: skip
Verb = Literal["list", "read", "create", "update", "delete", "revoke", "*"]

_ROLE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._\-:@/]{0,127}", re.ASCII)


class DenyThresholdsForbidden(InvalidInput):
    """A deny block denies; what would a threshold in it count?"""

    code = "deny_thresholds_forbidden"


class MaxDurationTooLong(InvalidInput):
    """Longer than any access may be (SEMANTICS 7.2)."""

    code = "max_duration_too_long"


class InvalidReasonMode(InvalidInput):
    """A reason is required or optional, nothing else."""

    code = "invalid_reason_mode"


class Length(timedelta):
    """A length of time in a document: a text such as 1h30m, or seconds; at most 14 days."""


class ReasonMode(str):
    """`required` or `optional`; empty is optional."""

    __slots__ = ()


class ReasonPattern(str):
    """The text of a regular expression that is looked for in a reason; empty asks nothing."""

    __slots__ = ()

    def is_found_in(self, reason: str) -> bool:
        """Whether the reason holds what is asked for, anywhere (SEMANTICS 3.7)."""
        return not self or compile_search(self).found_in(reason)


def _as_value_error(check: Any, value: Any) -> Any:
    """What `check` makes of `value`; msgspec adds the path to a ValueError and keeps its cause."""
    try:
        return check(value)
    except InvalidInput as refusal:
        raise ValueError(refusal.detail) from refusal


def _check_count(count: int) -> None:
    if not 0 <= count <= MAX_COUNT:
        raise ValueError(f"a count is a number from 0 to {MAX_COUNT}")


class Document(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A part of the document: a field that we do not know is an error."""


class Part(Document, frozen=True):
    """One part of a threshold that needs different people (SEMANTICS 4.3)."""

    name: str = ""
    filter: Filter = Filter()
    approve: int = 1

    def __post_init__(self) -> None:
        _check_count(self.approve)


class Threshold(Document, frozen=True):
    """A rule of how many approvals or denials decide (SEMANTICS 4.3, 4.4)."""

    name: str = ""
    filter: Filter = Filter()
    approve: int = 1
    deny: int = 1
    all_of: tuple[Part, ...] | None = None

    def __post_init__(self) -> None:
        _check_count(self.approve)
        _check_count(self.deny)
        if self.all_of is None:
            return
        if not self.all_of:
            raise ValueError("`all_of` without a part would be reached by nobody's approval")
        if self.filter or self.approve != 1:
            raise ValueError("beside `all_of`, the parts carry `filter` and `approve`")


DEFAULT_THRESHOLD = Threshold(name="default", approve=1, deny=1)


class ClaimMapping(Document, frozen=True):
    """Adds `roles` for each value of the trait `claim` that matches `value` (SEMANTICS 1)."""

    claim: str
    value: Pattern
    roles: tuple[str, ...]

    def __post_init__(self) -> None:
        _as_value_error(claims.check_entries, self.roles)


class ReasonRule(Document, frozen=True):
    """What is asked of a reason (SEMANTICS 3.7)."""

    mode: ReasonMode = ReasonMode("optional")
    prompt: str = ""
    pattern: ReasonPattern = ReasonPattern("")


class AllowRequest(Document, frozen=True):
    """What the holder may ask for, and under which terms."""

    roles: tuple[Pattern, ...] = ()
    claims_to_roles: tuple[ClaimMapping, ...] = ()
    thresholds: tuple[Threshold, ...] = ()
    suggested_reviewers: tuple[str, ...] = ()
    max_duration: Length | None = None
    reason: ReasonRule = ReasonRule()
    annotations: dict[str, tuple[str, ...]] = {}

    def __post_init__(self) -> None:
        _as_value_error(annotations.check, self.annotations)


class DenyRequest(Document, frozen=True):
    """What the holder may not ask for, whatever else allows it."""

    roles: tuple[Pattern, ...] = ()
    claims_to_roles: tuple[ClaimMapping, ...] = ()
    annotations: dict[str, tuple[str, ...]] = {}

    def __post_init__(self) -> None:
        _as_value_error(annotations.check, self.annotations)


class ReviewBlock(Document, frozen=True):
    """Whose requests the holder may, or may not, review (SEMANTICS 5.2, 5.3)."""

    roles: tuple[Pattern, ...] = ()
    claims_to_roles: tuple[ClaimMapping, ...] = ()
    where: Where = Where()

    @property
    def is_empty(self) -> bool:
        """Whether the block names no role at all, and so says nothing."""
        return not (self.roles or self.claims_to_roles)


class Rule(Document, frozen=True):
    """Verbs on resources of the plane itself."""

    resources: tuple[Resource, ...]
    verbs: tuple[Verb, ...]

    def gives(self, verb: str, resource: str) -> bool:
        """Whether this rule gives the verb on the resource."""
        return ("*" in self.verbs or verb in self.verbs) and (
            "*" in self.resources or resource in self.resources
        )


class Allow(Document, frozen=True):
    """What holding the role gives."""

    logins: tuple[str, ...] = ()
    kubernetes_groups: tuple[str, ...] = ()
    db_roles: tuple[str, ...] = ()
    rules: tuple[Rule, ...] = ()
    request: AllowRequest = AllowRequest()
    review_requests: ReviewBlock = ReviewBlock()


class Deny(Document, frozen=True):
    """What holding the role takes; deny always wins."""

    request: DenyRequest = DenyRequest()
    review_requests: ReviewBlock = ReviewBlock()


class Options(Document, frozen=True):
    """How the role is held, and how asking is offered to its holder."""

    max_session_ttl: Length | None = None
    request_access: Literal["optional", "reason", "always"] = "optional"
    request_prompt: str = ""


class RoleSpec(Document, frozen=True):
    """The `spec` of a role document; `name` comes from its metadata."""

    name: str
    allow: Allow = Allow()
    deny: Deny = Deny()
    options: Options = Options()

    def gives(self, verb: str, resource: str) -> bool:
        """Whether holding the role gives the verb on the resource."""
        return any(rule.gives(verb, resource) for rule in self.allow.rules)


def check_role_name(name: str) -> None:
    """Refuse (`InvalidInput`) what cannot be a role's name (SEMANTICS 0)."""
    if not _ROLE_NAME.fullmatch(name):
        raise InvalidInput(
            f"{name[:40]!r} is no role name: it begins with a letter or digit, goes on with "
            "letters, digits and . _ - : @ /, and has at most 128 characters."
        )


def parse_role(name: str, spec: Mapping[str, Any]) -> RoleSpec:
    """The role of a document's `spec` (JSON values).

    Raises `InvalidInput`, or its subclass with the code of what is wrong; the sentence ends in
    the path of the offending place, such as `spec.allow.request.roles[0]`.
    """
    if "name" in spec:
        raise InvalidInput("Unknown field `name` at `spec`.")
    if _at(spec, "deny", "request", "thresholds"):
        raise DenyThresholdsForbidden("A deny block cannot hold thresholds.")
    try:
        return msgspec.convert({**spec, "name": name}, RoleSpec, dec_hook=decode)
    except msgspec.ValidationError as error:
        raise _refusal(error) from error


def _at(spec: Any, *path: str) -> Any:
    for key in path:
        spec = spec.get(key) if isinstance(spec, Mapping) else None
    return spec


def decode(wanted: type, value: Any) -> Any:
    """msgspec's hook for the types of our own; a ValueError gets the path from msgspec."""
    if wanted is Length:
        return _as_value_error(_length, value)
    if not isinstance(value, str):
        raise TypeError(f"Expected `str`, got `{type(value).__name__}`")
    return _as_value_error(_TEXTS[wanted], value)


def _length(value: Any) -> Length:
    length = Length(seconds=parse_duration(value).total_seconds())
    if length > LONGEST:
        raise MaxDurationTooLong("No access lasts longer than 14 days.")
    return length


def _mode(text: str) -> ReasonMode:
    if text not in {"", "required", "optional"}:
        raise InvalidReasonMode(f"A reason's mode is required or optional, not {text!r}.")
    return ReasonMode(text or "optional")


def _filter(text: str) -> Filter:
    condition = Filter(text.strip())
    condition.compiled()
    return condition


def _where(text: str) -> Where:
    condition = Where(text.strip())
    condition.compiled()
    return condition


def _reason_pattern(text: str) -> ReasonPattern:
    if text:
        compile_search(text)
    return ReasonPattern(text)


_TEXTS = {
    Pattern: compile_pattern,
    ReasonPattern: _reason_pattern,
    Filter: _filter,
    Where: _where,
    ReasonMode: _mode,
}


def _refusal(error: msgspec.ValidationError) -> InvalidInput:
    """The refusal behind msgspec's error, with the path where it happened."""
    sentence = str(error).replace("`$", "`spec").replace("Object contains unknown", "Unknown")
    cause = error.__cause__ and error.__cause__.__cause__
    kind = type(cause) if isinstance(cause, InvalidInput) else InvalidInput
    return kind(sentence)
