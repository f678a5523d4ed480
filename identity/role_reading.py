"""Pure: roles for people who read them: who may ask for one, who may not, what a change changed.

What decides is in `requestable`; the patterns are asked there one at a time, so that nothing here can
say anything else than the decision.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from accessplane.lib.matching import compile_pattern
from identity import claims
from identity.requestable import role_names
from identity.role_spec import GUARDED_PRESETS, AllowRequest, ClaimMapping, RoleSpec


@dataclass(frozen=True, slots=True)
class ByTrait:
    """A role is asked for by people whose trait `claim` matches `value`: `entry` stands for it."""

    claim: str
    value: str
    entry: str


@dataclass(frozen=True, slots=True)
class Way:
    """Holders of `role` may ask: by `patterns`, or, with the right traits, by `traits`; on the
    terms of `terms`."""

    role: str
    patterns: tuple[str, ...]
    traits: tuple[ByTrait, ...]
    terms: AllowRequest


@dataclass(frozen=True, slots=True)
class Change:
    """One place in a document, with what stood there and what stands there now; None is nothing."""

    path: str
    was: Any
    now: Any


def ways_to(name: str, roles: Iterable[RoleSpec]) -> list[Way]:
    """Which of these roles let their holders ask for the role of this name, and through what."""
    found = []
    for role in roles:
        terms = role.allow.request
        patterns = tuple(
            pattern.text for pattern in terms.roles if role_names([pattern], [], {}).allow(name)
        )
        traits = tuple(_by_traits(terms.claims_to_roles, name))
        if patterns or traits:
            found.append(Way(role.name, patterns, traits, terms))
    return found


def forbidding(name: str, roles: Iterable[RoleSpec]) -> list[str]:
    """The names of those of these roles that forbid all their holders to ask for it."""
    return [
        role.name for role in roles if role_names(role.deny.request.roles, [], {}).deny(name)
    ]


def changes_between(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """Where two documents differ, by path; a list is one value."""
    was, now = dict(_flat(before)), dict(_flat(after))
    return [
        Change(path, was.get(path), now.get(path))
        for path in sorted(was.keys() | now.keys())
        if was.get(path) != now.get(path)
    ]


def _by_traits(mappings: Iterable[ClaimMapping], name: str) -> Iterator[ByTrait]:
    for mapping in mappings:
        for entry in mapping.roles:
            if _could_mean(entry, name):
                yield ByTrait(mapping.claim, mapping.value.text, entry)


def _could_mean(entry: str, name: str) -> bool:
    """Whether an entry stands for the name, whatever its captures stand for."""
    if claims.has_capture(entry):
        # What holds a capture becomes a literal name, and never that of a guarded preset.
        return name not in GUARDED_PRESETS and claims.could_become(entry, name)
    return role_names([compile_pattern(entry)], [], {}).allow(name)


def _flat(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping) and value:
        for key, item in value.items():
            yield from _flat(item, f"{path}.{key}" if path else str(key))
    elif path:
        yield path, value
