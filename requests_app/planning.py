"""Pure: everything that is computed from the requester's roles when a request is made.

The plan is frozen on the request: later edits of roles do not change it (SEMANTICS 0, 3.7, 4, 9).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec

from accessplane.lib.errors import InvalidInput
from accessplane.lib.words import gettext as _
from identity import annotations, requestable, specs
from identity.role_spec import DEFAULT_THRESHOLD, RoleSpec, Threshold
from identity.subject import Subject
from requests_app import windows

REASON_BYTES = 4096

# For each requested role, the held roles that permit it.
Permitting = Mapping[str, Sequence[RoleSpec]]


class ReasonRequired(InvalidInput):
    """A role asks for a reason, and white space alone is none."""

    code = "reason_required"


class ReasonPattern(InvalidInput):
    """The reason lacks what a role looks for in it."""

    code = "reason_pattern"


class ReasonTooLong(InvalidInput):
    """The reason is longer than anybody will read."""

    code = "reason_too_long"


class RoleThresholds(msgspec.Struct, frozen=True):
    """For one requested role, its sets of indexes into the flat list: OR inside, AND between."""

    role: str
    sets: tuple[tuple[int, ...], ...]


class Judgement(msgspec.Struct, frozen=True):
    """How many reviews of which kind settle a request: kept with the request as JSON."""

    thresholds: tuple[Threshold, ...]
    by_role: tuple[RoleThresholds, ...]


def judgement_from(value: Any) -> Judgement:
    """The judgement that `judgement_as_json` made `value` of."""
    return msgspec.convert(value, Judgement, dec_hook=specs.decode)


def judgement_as_json(judgement: Judgement) -> Any:
    """The judgement as JSON values."""
    return msgspec.to_builtins(judgement, enc_hook=str)


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What asking for certain roles takes, and how long access to them lasts at most."""

    limit: timedelta | None
    reason_required: bool
    prompts: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a request comes to; `limit` is None where the rules set none."""

    roles: tuple[str, ...]
    judgement: Judgement
    duration: timedelta
    requested_duration: timedelta | None
    limit: timedelta | None
    pending_ttl: timedelta
    start_time: datetime | None
    annotations: dict[str, list[str]]
    reason_required: bool
    prompts: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What the requester says, its shape checked already; None is "not said"."""

    roles: tuple[str, ...]
    reason: str = ""
    suggested_reviewers: tuple[str, ...] | None = None
    duration: timedelta | None = None
    pending_ttl: timedelta | None = None
    start_time: datetime | None = None


def plan(subject: Subject, wish: Wish, requested: Sequence[RoleSpec], *, at: datetime) -> Plan:
    """The plan of a request by `subject` for the existing, requestable roles `requested`.

    Raises the refusal of the reason, the duration, the pending time or the start.
    """
    permitting = permitting_roles(subject, wish.roles)
    terms = terms_of(subject, permitting, requested)
    check_reason(wish.reason, permitting, terms)
    windows.check_start(wish.start_time, at=at)
    return Plan(
        roles=wish.roles,
        judgement=judgement_of(permitting),
        duration=windows.granted_duration(wish.duration, terms.limit),
        requested_duration=wish.duration,
        limit=terms.limit,
        pending_ttl=windows.pending_ttl(wish.pending_ttl),
        start_time=wish.start_time,
        annotations=annotations_of(subject, permitting),
        reason_required=terms.reason_required,
        prompts=terms.prompts,
    )


def permitting_roles(subject: Subject, names: Iterable[str]) -> Permitting:
    """For each requested role, the held roles whose allow patterns match it, in their order."""
    held = [(role, requestable.permitted_by(role, subject.traits)) for role in subject.roles]
    return {name: [role for role, permits in held if permits.allow(name)] for name in names}


def terms_of(subject: Subject, permitting: Permitting, requested: Sequence[RoleSpec]) -> Terms:
    """The terms under which the subject may ask for these roles (SEMANTICS 3.7, 7.2)."""
    asked_by = _distinct(permitting)
    prompts = {role.options.request_prompt for role in subject.roles}
    prompts |= {role.allow.request.reason.prompt for role in asked_by}
    return Terms(
        limit=windows.limit_of(permitting.values(), requested),
        reason_required=any(r.options.request_access == "reason" for r in subject.roles)
        or any(role.allow.request.reason.mode == "required" for role in asked_by),
        prompts=sorted(prompts - {""}),
    )


def check_reason(reason: str, permitting: Permitting, terms: Terms) -> None:
    """Refuse a reason that is too long, missing, or without what is looked for (SEMANTICS 3.7)."""
    check_length(reason)
    if not reason.strip():
        if terms.reason_required:
            sentence = " ".join([_("A reason is required."), *terms.prompts])
            raise ReasonRequired(sentence, errors={"reason": [sentence]})
        return
    for role in _distinct(permitting):
        if not role.allow.request.reason.pattern.is_found_in(reason):
            wanted = role.allow.request.reason
            raise ReasonPattern(
                _("The reason lacks what is asked for: %(hint)s") % {"hint": wanted.prompt}
                if wanted.prompt
                else _("The reason must contain %(pattern)s") % {"pattern": wanted.pattern}
            )


def check_length(reason: str) -> None:
    """Refuse (`ReasonTooLong`) a reason of more than 4096 bytes, whoever gives it."""
    if len(reason.encode(errors="replace")) > REASON_BYTES:
        raise ReasonTooLong(
            _("A reason has at most %(bytes)s bytes.") % {"bytes": REASON_BYTES}
        )


def check_given(reason: str) -> None:
    """Refuse (`ReasonRequired`) a blank reason where the deed itself asks for one."""
    check_length(reason)
    if not reason.strip():
        sentence = _("A reason is required.")
        raise ReasonRequired(sentence, errors={"reason": [sentence]})


def judgement_of(permitting: Permitting) -> Judgement:
    """The thresholds in one flat list, equal ones once, and the sets of each role (SEMANTICS 4)."""
    flat: dict[Threshold, int] = {}
    by_role = [
        RoleThresholds(
            role=name,
            sets=tuple(
                tuple(
                    flat.setdefault(threshold, len(flat))
                    for threshold in role.allow.request.thresholds or (DEFAULT_THRESHOLD,)
                )
                for role in roles
            ),
        )
        for name, roles in permitting.items()
    ]
    return Judgement(thresholds=tuple(flat), by_role=tuple(by_role))


def annotations_of(subject: Subject, permitting: Permitting) -> dict[str, list[str]]:
    """What the permitting roles note on the request, less what any held role denies, sorted."""
    pairs = {
        pair
        for role in _distinct(permitting)
        for pair in annotations.expanded(role.allow.request.annotations, subject.traits)
    }
    for role in subject.roles:
        pairs -= annotations.expanded(role.deny.request.annotations, subject.traits)
    found: dict[str, list[str]] = {}
    for key, value in sorted(pairs):
        found.setdefault(key, []).append(value)
    return found


def default_suggestions(subject: Subject) -> list[str]:
    """The addresses that all held roles suggest, in their order, each once (SEMANTICS 9.1)."""
    return list(
        dict.fromkeys(
            email.lower()
            for role in subject.roles
            for email in role.allow.request.suggested_reviewers
        )
    )


def _distinct(permitting: Permitting) -> list[RoleSpec]:
    return list({role.name: role for roles in permitting.values() for role in roles}.values())
