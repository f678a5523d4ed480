"""Pure: why somebody may ask for a role or may not, and what asking would take.

Nothing is decided here: the same functions that decide are asked one pattern at a time, so that
an explanation cannot say anything else than the decision (SEMANTICS 3.1, 3.7, 4, 7.2).
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

import msgspec

from identity.requestable import RoleNames, Traits, requestable_among, role_names
from identity.role_spec import AllowRequest, ClaimMapping, DenyRequest, RoleSpec
from identity.subject import Subject
from policy.verdicts import CheckState
from requests_app import planning, windows
from requests_app.planning import Judgement, Permitting


class Effect(StrEnum):
    """What a held role says of a name that somebody asks for."""

    DENIES = "denies"
    ALLOWS = "allows"
    # A pattern matches a preset; only the literal name hands those out (SEMANTICS 1).
    GUARDED = "guarded"
    # A role that is held for a while would allow it; asking looks at static ones (SEMANTICS 0).
    ELEVATED = "elevated"


class Held(StrEnum):
    """Through what a role is held."""

    STATIC = "static"
    GRANT = "grant"


@dataclass(frozen=True, slots=True, kw_only=True)
class Because:
    """One place in a held role that speaks of the name: a pattern, or a claim mapping's entry.

    `claim` and `value` are the mapping's, and empty for a plain pattern.
    """

    effect: Effect
    role: str
    pattern: str
    claim: str = ""
    value: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How somebody stands to one role that is asked for.

    `exists` is None where it is not told (SEMANTICS 3.2). `silent` names the static roles if none
    of them speaks of the name: one of them, or another one, would have to allow it.
    """

    name: str
    exists: bool | None
    held: Held | None
    requestable: bool
    because: tuple[Because, ...]
    silent: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """Under which terms these roles may be asked for, and which roles set them."""

    reason_required: bool
    reason_required_by: tuple[str, ...]
    reason_patterns: tuple[tuple[str, str], ...]  # the role, and what it looks for
    prompts: tuple[str, ...]
    duration: timedelta
    limit: timedelta | None
    limit_set_by: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """A set of thresholds of the judgement, by index: one of them must be reached.

    `roles` are the requested ones that need it, `demanded_by` the held ones that say so.
    """

    roles: tuple[str, ...]
    demanded_by: tuple[str, ...]
    indexes: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownCheck:
    """A workflow that would be asked; PENDING where its verdict is not known."""

    workflow: str
    state: CheckState
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """What a request for roles that may all be asked for would take.

    `called` says how sentences call the first of the possible reviewers.
    """

    conditions: Conditions
    judgement: Judgement
    needs: tuple[Need, ...]
    possible_reviewers: tuple[str, ...]
    called: Mapping[str, str] = field(default_factory=dict)
    checks: tuple[KnownCheck, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """What the real call would refuse with."""

    code: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """The answer to "why can't I?" about one user; `name` calls somebody else than the asker."""

    user: str
    name: str
    refusal: Refusal | None
    roles: tuple[Standing, ...]
    outlook: Outlook | None

    @property
    def denied_by(self) -> list[str]:
        """The workflows that would deny the request if it were made."""
        checks = self.outlook.checks if self.outlook else ()
        return [check.workflow for check in checks if check.state == CheckState.FAILED]


def standing_of(
    subject: Subject, name: str, *, existing: Collection[str], tells_all: bool
) -> Standing:
    """How the subject stands to the name.

    `existing` holds the names that exist. Whether this one does is told where asking would tell
    it, or the subject holds it; and to whoever may read all roles (`tells_all`).
    """
    requestable = bool(requestable_among(subject, [name]))
    held = _held(subject, name)
    because = tuple(_because(subject, name))
    spoken = {Effect.ALLOWS, Effect.DENIES} & {one.effect for one in because}
    return Standing(
        name=name,
        exists=name in existing if requestable or held or tells_all else None,
        held=held,
        requestable=requestable,
        because=because,
        silent=() if spoken else tuple(subject.role_names),
    )


def conditions_of(
    subject: Subject,
    permitting: Permitting,
    requested: Sequence[RoleSpec],
    *,
    duration: timedelta | None,
) -> Conditions:
    """The terms of asking, and the roles behind each (SEMANTICS 3.7, 7.2)."""
    terms = planning.terms_of(subject, permitting, requested)
    asked_by = {role.name: role for roles in permitting.values() for role in roles}
    required_by = [role.name for role in subject.roles if _requires_reason(role, asked_by)]
    reasons = [(role.name, role.allow.request.reason.pattern) for role in asked_by.values()]
    return Conditions(
        reason_required=terms.reason_required,
        reason_required_by=tuple(required_by),
        reason_patterns=tuple((name, str(pattern)) for name, pattern in reasons if pattern),
        prompts=tuple(terms.prompts),
        duration=windows.granted_duration(duration, terms.limit),
        limit=terms.limit,
        limit_set_by=tuple(_limit_set_by(terms.limit, permitting, requested)),
    )


def needs_of(judgement: Judgement, permitting: Permitting) -> tuple[Need, ...]:
    """Each set of thresholds once, with the roles that need it and those that demand it."""
    needing: dict[tuple[int, ...], dict[str, None]] = {}
    demanding: dict[tuple[int, ...], dict[str, None]] = {}
    for asked in judgement.by_role:
        for a_set, role in zip(asked.sets, permitting[asked.role], strict=True):
            needing.setdefault(a_set, {})[asked.role] = None
            demanding.setdefault(a_set, {})[role.name] = None
    return tuple(
        Need(roles=tuple(roles), demanded_by=tuple(demanding[a_set]), indexes=a_set)
        for a_set, roles in needing.items()
    )


def _because(subject: Subject, name: str) -> list[Because]:
    """Whatever the subject's roles say of the name; what denies comes first."""
    denying = [
        Because(effect=Effect.DENIES, role=role.name, **place)
        for role in subject.roles
        for names, place in _places(role.deny.request, subject.traits)
        if names.deny(name)
    ]
    speaking = [
        Because(
            effect=Effect.ALLOWS if names.allow(name) else Effect.GUARDED,
            role=role.name,
            **place,
        )
        for role in subject.roles
        for names, place in _places(role.allow.request, subject.traits)
        if names.deny(name)
    ]
    if any(one.effect is Effect.ALLOWS for one in speaking):
        return denying + speaking
    return denying + speaking + list(_elevated(subject, name))


def _elevated(subject: Subject, name: str) -> Iterator[Because]:
    for role in subject.elevated:
        for names, place in _places(role.allow.request, subject.traits):
            if names.allow(name):
                yield Because(effect=Effect.ELEVATED, role=role.name, **place)


def _places(
    block: AllowRequest | DenyRequest, traits: Traits
) -> Iterator[tuple[RoleNames, dict[str, str]]]:
    """Each pattern and each entry of a mapping by itself: the names it means, and what it is."""
    for pattern in block.roles:
        yield role_names([pattern], [], traits), {"pattern": pattern.text}
    for mapping in block.claims_to_roles:
        for entry in mapping.roles:
            alone: ClaimMapping = msgspec.structs.replace(mapping, roles=(entry,))
            yield (
                role_names([], [alone], traits),
                {"pattern": entry, "claim": mapping.claim, "value": mapping.value.text},
            )


def _held(subject: Subject, name: str) -> Held | None:
    if name in subject.role_names:
        return Held.STATIC
    return Held.GRANT if any(role.name == name for role in subject.elevated) else None


def _requires_reason(role: RoleSpec, asked_by: Collection[str]) -> bool:
    return role.options.request_access == "reason" or (
        role.name in asked_by and role.allow.request.reason.mode == "required"
    )


def _limit_set_by(
    limit: timedelta | None, permitting: Permitting, requested: Sequence[RoleSpec]
) -> list[str]:
    """The held roles whose `max_duration` is the limit; without any, the requested roles whose
    `max_session_ttl` is."""
    if limit is None:
        return []
    setting = {
        role.name
        for roles in permitting.values()
        if windows.limit_of([roles], []) == limit
        for role in roles
        if role.allow.request.max_duration == limit
    }
    ttls = {role.name for role in requested if role.options.max_session_ttl == limit}
    return sorted(setting or ttls)
