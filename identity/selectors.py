"""Who holds which roles, and what the roles say."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import F, Q, QuerySet, Value
from django.db.models.fields import IntegerField

from identity import requestable
from identity.models import ApiToken, Role, RoleAssignment, User
from identity.role_spec import RoleSpec, parse_role
from identity.subject import Subject

_specs: dict[str, RoleSpec] = {}
_SPECS_KEPT = 10_000

# Where roles that are not static stand among the positions of those that are.
_ELEVATED, _DUE = -1, -2


@dataclass(frozen=True, slots=True)
class Elevation:
    """Roles held through grants, which the app above knows.

    `roles(user_id, at)` are those of grants in force; `due` are those of grants whose start has
    come without anybody noticing; `start_due(user_id, at)` makes up for that (SEMANTICS 7.5).
    """

    roles: Callable[[UUID, datetime], "QuerySet[Role]"]
    due: Callable[[UUID, datetime], "QuerySet[Role]"]
    start_due: Callable[[UUID, datetime], None]


_elevation: list[Elevation] = []


def register_elevation(elevation: Elevation) -> None:
    """Take the app that knows grants."""
    _elevation[:] = [elevation]


def subject_of(user: User, *, at: datetime) -> Subject:
    """The user with all roles held at this moment: static and elevated, in one statement.

    An inactive user holds nothing (SEMANTICS 7.5).
    """
    if not user.is_active:
        return _subject(user, roles=())
    rows = _held_by(user.pk, at)
    if any(position == _DUE for position, _, _ in rows):
        for elevation in _elevation:
            elevation.start_due(user.pk, at)
        rows = [row for row in _held_by(user.pk, at) if row[0] != _DUE]
    specs = specs_of((name, digest) for _, name, digest in rows)
    return _subject(
        user,
        roles=[specs[name] for position, name, _ in rows if position >= 0],
        elevated=[specs[name] for position, name, _ in rows if position == _ELEVATED],
    )


def static_subject_of(user: User) -> Subject:
    """The user with the static roles alone, in one statement; none if inactive."""
    if not user.is_active:
        return _subject(user, roles=())
    held = RoleAssignment.objects.filter(user=user).order_by("position")
    rows = list(held.values_list("role__name", "role__digest"))
    specs = specs_of(rows)
    return _subject(user, roles=[specs[name] for name, _ in rows])


def _held_by(user_id: UUID, at: datetime) -> list[tuple[int, str, str]]:
    held = RoleAssignment.objects.filter(user=user_id).values_list(
        "position", "role__name", "role__digest"
    )
    more = [
        roles.values_list(Value(position, output_field=IntegerField()), "name", "digest")
        for elevation in _elevation
        for position, roles in (
            (_ELEVATED, elevation.roles(user_id, at)),
            (_DUE, elevation.due(user_id, at)),
        )
    ]
    return sorted(held.union(*more, all=True))


def static_subjects(assignments: Q) -> list[Subject]:
    """The active users who have such assignments, each with all static roles, by address."""
    holders = RoleAssignment.objects.filter(assignments, user__is_active=True)
    held = RoleAssignment.objects.filter(user__in=holders.values("user"))
    rows = held.select_related("user").annotate(name=F("role__name"), digest=F("role__digest"))
    found = [
        (row.user, row.name, row.digest) for row in rows.order_by("user__email", "position")
    ]
    specs = specs_of((name, digest) for _, name, digest in found)
    users = {user.pk: user for user, _, _ in found}
    roles = defaultdict[UUID, list[RoleSpec]](list)
    for user, name, _ in found:
        roles[user.pk].append(specs[name])
    return [_subject(user, roles=roles[pk]) for pk, user in users.items()]


def _subject(
    user: User, *, roles: Iterable[RoleSpec], elevated: Iterable[RoleSpec] = ()
) -> Subject:
    return Subject(
        id=user.pk,
        email=user.email,
        traits=user.traits,
        owner_id=user.owner_id,
        roles=tuple(roles),
        elevated=tuple(elevated),
    )


def specs_of(digests: Iterable[tuple[str, str]]) -> dict[str, RoleSpec]:
    """The parsed roles of these pairs of name and digest, by name.

    A digest stands for one content for ever, so what was parsed once stays true: no statement
    for roles seen before, one for all the others.
    """
    wanted = dict(digests)
    missing = [name for name, digest in wanted.items() if digest not in _specs]
    if missing:
        if len(_specs) > _SPECS_KEPT:
            _specs.clear()
        for role in Role.objects.filter(name__in=missing):
            wanted[role.name] = role.digest  # it may have changed since the pair was read
            _specs[role.digest] = parse_role(role.name, role.spec)
    return {name: _specs[digest] for name, digest in wanted.items()}


def roles_named(names: Sequence[str]) -> dict[str, Role]:
    """Those of the roles that exist, by name."""
    return {role.name: role for role in Role.objects.filter(name__in=names)}


def users_named(emails: Iterable[str]) -> dict[str, User]:
    """Those of the users that exist, active or not, by address."""
    return {user.email: user for user in User.objects.filter(email__in=set(emails))}


def token_of(digest: str, *, at: datetime) -> ApiToken | None:
    """The token of this digest with its user, if it opens anything at this moment."""
    tokens = ApiToken.objects.select_related("user").filter(
        Q(expires_at=None) | Q(expires_at__gt=at), digest=digest, revoked_at=None
    )
    return tokens.filter(user__is_active=True).first()


def users_visible_to(subject: Subject) -> "QuerySet[User]":
    """Everybody for people with `read` on `user`, else oneself."""
    return (
        User.objects.all()
        if subject.may("read", "user")
        else User.objects.filter(pk=subject.id)
    )


def roles_visible_to(subject: Subject) -> "QuerySet[Role]":
    """Every role for people with `read` on `role`, else those held and those requestable."""
    if subject.may("read", "role"):
        return Role.objects.all()
    held = {role.name for role in (*subject.roles, *subject.elevated)}
    return Role.objects.filter(name__in=held.union(requestable_names(subject)))


def requestable_names(subject: Subject) -> list[str]:
    """The names of the existing roles that the subject may request, sorted (SEMANTICS 3.1)."""
    names = Role.objects.order_by("name").values_list("name", flat=True)
    return requestable.requestable_among(subject, names)


def tokens_of(subject: Subject) -> "QuerySet[ApiToken]":
    """The subject's own tokens that were not revoked."""
    return ApiToken.objects.filter(user_id=subject.id, revoked_at=None)
