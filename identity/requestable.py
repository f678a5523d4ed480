"""Pure: what may this subject ask for (SEMANTICS 1 and 3)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from accessplane.lib.errors import InvalidInput
from accessplane.lib.matching import Pattern, compile_pattern
from accessplane.lib.words import gettext as _
from identity import claims
from identity.role_spec import GUARDED_PRESETS, ClaimMapping, RoleSpec
from identity.subject import Subject

Traits = Mapping[str, Sequence[str]]


class RoleNotRequestable(InvalidInput):
    """A role of the request may not be requested by this person."""

    code = "role_not_requestable"


@dataclass(frozen=True, slots=True)
class RoleNames:
    """A set of role names, given by patterns and by captured texts."""

    patterns: tuple[Pattern, ...]
    captured: frozenset[str]

    def allow(self, role: str) -> bool:
        """Whether the set hands out `role`; a guarded preset only by its literal name."""
        if role in GUARDED_PRESETS:
            return any(p.is_literal and p.matches(role) for p in self.patterns)
        return self.deny(role)

    def deny(self, role: str) -> bool:
        """Whether the set withholds `role`."""
        return role in self.captured or any(p.matches(role) for p in self.patterns)


def role_names(
    patterns: Iterable[Pattern], mappings: Iterable[ClaimMapping], traits: Traits
) -> RoleNames:
    """The names that patterns and claim mappings give somebody with these traits (SEMANTICS 1)."""
    found, captured = list(patterns), set[str]()
    for mapping in mappings:
        for value in traits.get(mapping.claim, ()):
            captures = mapping.value.captures(value)
            if captures is None:
                continue
            for entry in mapping.roles:
                if claims.has_capture(entry):
                    captured.add(claims.filled_in(entry, captures))
                elif entry:
                    found.append(compile_pattern(entry))
    return RoleNames(tuple(found), frozenset(captured - {""}))


def permitted_by(role: RoleSpec, traits: Traits) -> RoleNames:
    """The role names that this held role permits its holder to request."""
    request = role.allow.request
    return role_names(request.roles, request.claims_to_roles, traits)


def requestable_among(subject: Subject, names: Iterable[str]) -> list[str]:
    """Those of `names` that the subject may request, in their order (SEMANTICS 3.1)."""
    allowed = [permitted_by(role, subject.traits) for role in subject.roles]
    denied = [
        role_names(role.deny.request.roles, role.deny.request.claims_to_roles, subject.traits)
        for role in subject.roles
    ]
    return [
        name
        for name in names
        if any(names_.allow(name) for names_ in allowed)
        and not any(names_.deny(name) for names_ in denied)
    ]


def check_requestable(subject: Subject, names: Sequence[str]) -> None:
    """Refuse (`RoleNotRequestable`) unless each of `names` may be requested (SEMANTICS 3.2)."""
    requestable = set(requestable_among(subject, names))
    for name in names:
        if name not in requestable:
            raise RoleNotRequestable(
                _("The role %(role)s may not be requested by %(email)s.")
                % {"role": name, "email": subject.email},
                errors={
                    "roles": [_("The role %(role)s may not be requested.") % {"role": name}]
                },
            )
