"""Who holds which roles, and what the roles say."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any, cast
from uuid import UUID

from django.conf import settings
from django.db.models import CharField, DateTimeField, Q, QuerySet, UUIDField

from accessplane.lib.actors import Actor
from accessplane.lib.prepared import Prepared, Slot
from audit.models import AuditEvent
from identity import proof, requestable
from identity.events import UserCreated, UserUpdated
from identity.models import ApiToken, Connector, Role, RoleAssignment, User
from identity.role_spec import RoleSpec, parse_role
from identity.subject import Subject

_specs: dict[str, RoleSpec] = {}
_SPECS_KEPT = 10_000

# Where roles that are not static stand among the positions of those that are: held through a
# grant in force, or through one whose start has come without anybody noticing.
ELEVATED, DUE = -1, -2

HeldRole = tuple[int, str, str]  # position, name, digest


@dataclass(frozen=True, slots=True)
class Elevation:
    """Roles held through grants, which the app above knows.

    `roles(user_id, at)` is a query for rows of `HeldRole`; `start_due(user_id, at)` begins the grants that
    are due (SEMANTICS 7.5).
    """

    roles: Callable[[Slot, Slot], "QuerySet[Any, HeldRole]"]
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
    if any(position == DUE for position, _, _ in rows):
        for elevation in _elevation:
            elevation.start_due(user.pk, at)
        rows = _held_by(user.pk, at)
    specs = specs_of((name, digest) for _, name, digest in rows)
    return _subject(
        user,
        roles=[specs[name] for position, name, _ in rows if position >= 0],
        elevated=[specs[name] for position, name, _ in rows if position == ELEVATED],
    )


def _held_by(user_id: UUID, at: datetime) -> list[HeldRole]:
    return sorted(_HELD.rows(user_id=user_id, at=at))


def _held(user_id: Slot, at: Slot) -> "QuerySet[Any, HeldRole]":
    static = _static_roles(user_id)
    elevated = [elevation.roles(user_id, at) for elevation in _elevation]
    return static.union(*elevated, all=True)


def _static_roles(user_id: Slot) -> "QuerySet[Any, HeldRole]":
    return RoleAssignment.objects.filter(user=user_id).values_list(
        "position", "role__name", "role__digest"
    )


_HELD = Prepared(_held, user_id=UUIDField(), at=DateTimeField())
_STATIC = Prepared(_static_roles, user_id=UUIDField())


def static_subject_of(user: User) -> Subject:
    """The user with the static roles alone, in one statement; none if inactive."""
    if not user.is_active:
        return _subject(user, roles=())
    rows = sorted(_STATIC.rows(user_id=user.pk))
    specs = specs_of((name, digest) for _, name, digest in rows)
    return _subject(user, roles=[specs[name] for _, name, _ in rows])


def static_holders(names: Sequence[str]) -> list[Subject]:
    """The active users who hold one of these roles statically, each with all static roles, by
    address."""
    rows = _HOLDERS.rows(names=names)
    specs = specs_of((name, digest) for *_, name, digest in rows)
    subjects = []
    for (user_id, email), own in groupby(rows, key=itemgetter(0, 1)):
        held_by_one = list(own)
        _, _, traits, owner_id, _, _ = held_by_one[0]
        roles = tuple(specs[name] for *_, name, _ in held_by_one)
        subjects.append(
            Subject(id=user_id, email=email, traits=traits, owner_id=owner_id, roles=roles)
        )
    return subjects


def _holders(names: Any) -> "QuerySet[Any, Any]":
    holders = RoleAssignment.objects.filter(role__name__in=names, user__is_active=True)
    held = RoleAssignment.objects.filter(user__in=holders.values("user"))
    return held.order_by("user__email", "position").values_list(
        "user", "user__email", "user__traits", "user__owner", "role__name", "role__digest"
    )


_HOLDERS = Prepared(_holders, names=[CharField()])


def _subject(
    user: User, *, roles: Iterable[RoleSpec], elevated: Iterable[RoleSpec] = ()
) -> Subject:
    return Subject(
        id=user.pk,
        email=user.email,
        traits=user.traits,
        owner_id=user.owner_id,
        is_bot=user.is_bot,
        roles=tuple(roles),
        elevated=tuple(elevated),
    )


def specs_of(digests: Iterable[tuple[str, str]]) -> dict[str, RoleSpec]:
    """The parsed roles of these pairs of name and digest, by name.

    A digest stands for one content for ever, so what was parsed once stays true: no statement
    for roles seen before, one for all the others.
    """
    known = {name: _specs.get(digest) for name, digest in digests}
    missing = [name for name, spec in known.items() if spec is None]
    found = {name: spec for name, spec in known.items() if spec is not None}
    if missing:
        if len(_specs) > _SPECS_KEPT:
            _specs.clear()
        for role in Role.objects.filter(name__in=missing):
            # Under the digest it has now: it may have changed since the pair was read.
            _specs[role.digest] = found[role.name] = parse_role(role.name, role.spec)
    return found


def roles_named(names: Sequence[str]) -> dict[str, Role]:
    """Those of the roles that exist, by name."""
    return {role.name: role for role in Role.objects.filter(name__in=names)}


def proof_lacking(names: Sequence[str], actor: Actor, *, at: datetime) -> bool:
    """Whether this actor may not approve access to these roles for want of a fresh second factor;
    no statement where the operator demands none."""
    demand: proof.Demand = settings.ACCESSPLANE_FACTOR_DEMAND
    if not demand.labels:
        return False
    labels = Role.objects.filter(name__in=names).values_list("labels", flat=True)
    return proof.lacks_proof(demand, labels, actor, at)


def users_named(emails: Iterable[str]) -> dict[str, User]:
    """Those of the users that exist, active or not, by address."""
    wanted = sorted(set(emails))
    return {user.email: user for user in _USERS.objects(emails=wanted)} if wanted else {}


def names_of(emails: Iterable[str]) -> dict[str, str]:
    """What to call those of these people who exist, by address."""
    return {email: user.get_short_name() for email, user in users_named(emails).items()}


_USERS = Prepared(lambda emails: User.objects.filter(email__in=emails), emails=[CharField()])


def token_of(digest: str, *, at: datetime) -> ApiToken | None:
    """The token of this digest with its user, if it opens anything at this moment."""
    for token in _TOKEN.objects(digest=digest):
        if token.is_open(at) and token.user.is_active:
            return cast("ApiToken", token)
    return None


_TOKEN = Prepared(
    lambda digest: ApiToken.objects.filter(digest=digest).select_related("user"),
    digest=CharField(),
)


def connectors() -> "QuerySet[Connector]":
    """The connectors through which people may sign in, by name."""
    return Connector.objects.filter(is_active=True).order_by("name")


def connector_named(name: str) -> Connector | None:
    """The active connector of this name."""
    return connectors().filter(name=name).first()


def connectors_visible_to(subject: Subject) -> "QuerySet[Connector]":
    """Every connector for people with `read` on `connector`."""
    return (
        Connector.objects.all()
        if subject.may("read", "connector")
        else Connector.objects.none()
    )


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


def who_may_request(name: str) -> list[str]:
    """The addresses of the active users who may request the role of this name, sorted."""
    digests = Role.objects.values_list("name", "digest")
    asking = [
        spec.name
        for spec in specs_of(digests).values()
        if spec.allow.request.roles or spec.allow.request.claims_to_roles
    ]
    return [
        subject.email
        for subject in static_holders(asking)
        if requestable.requestable_among(subject, [name])
    ]


def tokens_visible_to(subject: Subject) -> "QuerySet[ApiToken]":
    """Everybody's tokens for people with `read` or `revoke` on `token`, else one's own."""
    if subject.may("read", "token") or subject.may("revoke", "token"):
        return ApiToken.objects.select_related("user")
    return tokens_of(subject).select_related("user")


def tokens_of(subject: Subject) -> "QuerySet[ApiToken]":
    """The subject's own tokens, revoked ones among them."""
    return ApiToken.objects.filter(user_id=subject.id)


def last_description_of(user: User) -> AuditEvent | None:
    """The event of who last set the user's name, traits and roles; None if nobody did."""
    described = Q(type=UserCreated.type) | (
        Q(type=UserUpdated.type) & ~Q(data__changed=["password"])
    )
    events = AuditEvent.objects.filter(described, about_id=user.pk)
    return events.order_by("-at", "-id").first()
