"""Pure: the role document, parsed once into structures that do not change (CONTRACT 2)."""

import re
from collections.abc import Mapping
from typing import Any, Literal, Self

from accessplane.lib.errors import InvalidInput
from accessplane.lib.matching import Pattern, compile_search
from identity import annotations, claims, specs
from identity.conditions import Filter, Where
from identity.specs import Length, Spec, as_value_error

MAX_COUNT = 1000
# No allow pattern but its literal name hands these out (SEMANTICS 1).
GUARDED_PRESETS = frozenset({"admin", "auditor"})

Resource = Literal[
    "access_request", "access_request_for_others", "grant", "user", "role", "workflow",
    "channel", "route", "connector", "target", "event", "token", "*",
]  # fmt: skip
Verb = Literal["list", "read", "create", "update", "delete", "revoke", "*"]

_ROLE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._\-:@/]{0,127}", re.ASCII)


class DenyThresholdsForbidden(InvalidInput):
    """A deny block denies; what would a threshold in it count?"""

    code = "deny_thresholds_forbidden"


class InvalidReasonMode(InvalidInput):
    """A reason is required or optional, nothing else."""

    code = "invalid_reason_mode"


class ReasonMode(str):
    """`required` or `optional`; empty is optional."""

    __slots__ = ()

    @classmethod
    def parse(cls, text: str) -> Self:
        """The mode; `InvalidReasonMode` for any other text."""
        if text not in {"", "required", "optional"}:
            raise InvalidReasonMode(f"A reason's mode is required or optional, not {text!r}.")
        return cls(text or "optional")


class ReasonPattern(str):
    """The text of a regular expression that is looked for in a reason; empty asks nothing."""

    __slots__ = ()

    @classmethod
    def parse(cls, text: str) -> Self:
        """The text, once it is known to be a regular expression; `InvalidPattern` otherwise."""
        if text:
            compile_search(text)
        return cls(text)

    def is_found_in(self, reason: str) -> bool:
        """Whether the reason holds what is asked for, anywhere (SEMANTICS 3.7)."""
        return not self or compile_search(self).found_in(reason)


def _check_count(count: int) -> None:
    if not 0 <= count <= MAX_COUNT:
        raise ValueError(f"a count is a number from 0 to {MAX_COUNT}")


class Part(Spec, frozen=True):
    """One part of a threshold that needs different people (SEMANTICS 4.3)."""

    name: str = ""
    filter: Filter = Filter()
    approve: int = 1

    def __post_init__(self) -> None:
        _check_count(self.approve)


class Threshold(Spec, frozen=True):
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


class ClaimMapping(Spec, frozen=True):
    """Adds `roles` for each value of the trait `claim` that matches `value` (SEMANTICS 1)."""

    claim: str
    value: Pattern
    roles: tuple[str, ...]

    def __post_init__(self) -> None:
        as_value_error(claims.check_entries, self.roles)


class ReasonRule(Spec, frozen=True):
    """What is asked of a reason (SEMANTICS 3.7)."""

    mode: ReasonMode = ReasonMode("optional")
    prompt: str = ""
    pattern: ReasonPattern = ReasonPattern("")


class AllowRequest(Spec, frozen=True):
    """What the holder may ask for, and under which terms."""

    roles: tuple[Pattern, ...] = ()
    claims_to_roles: tuple[ClaimMapping, ...] = ()
    thresholds: tuple[Threshold, ...] = ()
    suggested_reviewers: tuple[str, ...] = ()
    max_duration: Length | None = None
    reason: ReasonRule = ReasonRule()
    annotations: dict[str, tuple[str, ...]] = {}

    def __post_init__(self) -> None:
        as_value_error(annotations.check, self.annotations)


class DenyRequest(Spec, frozen=True):
    """What the holder may not ask for, whatever else allows it."""

    roles: tuple[Pattern, ...] = ()
    claims_to_roles: tuple[ClaimMapping, ...] = ()
    annotations: dict[str, tuple[str, ...]] = {}

    def __post_init__(self) -> None:
        as_value_error(annotations.check, self.annotations)


class ReviewBlock(Spec, frozen=True):
    """Whose requests the holder may, or may not, review (SEMANTICS 5.2, 5.3)."""

    roles: tuple[Pattern, ...] = ()
    claims_to_roles: tuple[ClaimMapping, ...] = ()
    where: Where = Where()

    @property
    def is_empty(self) -> bool:
        """Whether the block names no role at all, and so says nothing."""
        return not (self.roles or self.claims_to_roles)


class Rule(Spec, frozen=True):
    """Verbs on resources of the plane itself."""

    resources: tuple[Resource, ...]
    verbs: tuple[Verb, ...]

    def gives(self, verb: str, resource: str) -> bool:
        """Whether this rule gives the verb on the resource."""
        return ("*" in self.verbs or verb in self.verbs) and (
            "*" in self.resources or resource in self.resources
        )


class Allow(Spec, frozen=True):
    """What holding the role gives."""

    logins: tuple[str, ...] = ()
    kubernetes_groups: tuple[str, ...] = ()
    db_roles: tuple[str, ...] = ()
    rules: tuple[Rule, ...] = ()
    request: AllowRequest = AllowRequest()
    review_requests: ReviewBlock = ReviewBlock()


class Deny(Spec, frozen=True):
    """What holding the role takes; deny always wins."""

    request: DenyRequest = DenyRequest()
    review_requests: ReviewBlock = ReviewBlock()


class Options(Spec, frozen=True):
    """How the role is held, and how asking is offered to its holder."""

    max_session_ttl: Length | None = None
    request_access: Literal["optional", "reason", "always"] = "optional"
    request_prompt: str = ""


class RoleSpec(Spec, frozen=True):
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
    return specs.parse({**spec, "name": name}, RoleSpec)


def _at(spec: Any, *path: str) -> Any:
    for key in path:
        spec = spec.get(key) if isinstance(spec, Mapping) else None
    return spec
