"""What the pages of roles show: what a role opens, who may ask for it, who decides, who holds it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from accessplane.lib.errors import NotFound
from audit import page_data as log
from audit.models import LedgerEntry
from identity import requestable, reviewable, role_reading
from identity.models import Role, User
from identity.role_reading import Change, Way
from identity.role_spec import DEFAULT_THRESHOLD, RoleSpec, Threshold
from identity.selectors import (
    names_of,
    roles_visible_to,
    specs_of,
    static_holders,
    subject_of,
    users_visible_to,
)
from identity.subject import Subject
from requests_app import page_data, planning, reviewers, selectors
from requests_app.models import AccessRequest
from requests_app.page_data import Title
from requests_app.planning import Terms
from requests_app.services import reading, timekeeping

NAMES_SHOWN = 8
_HOLDERS = 50
_REQUESTS = 10
_CHANGES = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A role as the list has it."""

    name: str
    title: str
    description: str
    is_held: bool
    is_requestable: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """Who may ask by holding `title`, and what that takes; `is_own`: the viewer holds it.

    One of `thresholds` must be reached.
    """

    title: Title
    way: Way
    thresholds: tuple[Threshold, ...]
    is_own: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Deciders:
    """People who may review requests for a role: how many, and what the first of them are called."""

    count: int
    names: list[str]

    @property
    def others(self) -> int:
        """How many are not named."""
        return self.count - len(self.names)


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """A change of a role's document: the line of the log, and what is different since."""

    line: log.Line
    changes: list[Change]


def roles_found(subject: Subject, words: str, *, requestable_only: bool) -> "QuerySet[Role]":
    """The roles that the subject may see and in which these words stand, by name."""
    roles = roles_visible_to(subject)
    if words:
        roles = roles.filter(
            Q(name__icontains=words)
            | Q(description__icontains=words)
            | Q(labels__title__icontains=words)
        )
    if requestable_only:
        names = roles.values_list("name", flat=True)
        roles = roles.filter(name__in=requestable.requestable_among(subject, names))
    return roles.order_by("name")


def rows_of(subject: Subject, roles: Sequence[Role]) -> list[Row]:
    """The roles as the list shows them; no statement."""
    held = _held_by(subject)
    requestable_ones = set(
        requestable.requestable_among(subject, [role.name for role in roles])
    )
    return [
        Row(
            name=role.name,
            title=role.title,
            description=role.description,
            is_held=role.name in held,
            is_requestable=role.name in requestable_ones,
        )
        for role in roles
    ]


def role_page(user: User, name: str, *, at: datetime) -> dict[str, Any]:
    """All that the page of one role shows to this viewer; `NotFound` if he may not see it."""
    subject = subject_of(user, at=at)
    role = roles_visible_to(subject).filter(name=name).first()
    if role is None:
        raise NotFound(_("There is no such role."))
    timekeeping.start_due(among=Q(role=role), at=at)
    known = _visible_specs(subject)
    spec = known[role.name]
    (row,) = rows_of(subject, [role])
    terms = _terms(subject, spec) if row.is_requestable else None
    decides = row.is_requestable or reviewable.could_review(subject, name)
    return page_data.common(subject, at=at) | {
        "role": role,
        "row": row,
        "spec": spec,
        "terms": terms,
        "askings": _askings(subject, name, list(known.values())),
        "forbidding": role_reading.forbidding(name, known.values()),
        "sees_all_roles": subject.may("read", "role"),
        "deciders": _deciders(name) if decides or subject.may("read", "user") else None,
        **_holders(subject, role, at=at),
        "requests": _requests(subject, name, at=at),
        "edits": _edits(role),
    }


def _held_by(subject: Subject) -> set[str]:
    return {role.name for role in (*subject.roles, *subject.elevated)}


def _visible_specs(subject: Subject) -> dict[str, RoleSpec]:
    return specs_of(roles_visible_to(subject).order_by("name").values_list("name", "digest"))


def _terms(subject: Subject, spec: RoleSpec) -> Terms:
    permitting = planning.permitting_roles(subject, [spec.name])
    return planning.terms_of(subject, permitting, [spec])


def _askings(subject: Subject, name: str, known: Sequence[RoleSpec]) -> list[Asking]:
    """Who may ask, as far as the viewer sees the roles that say so; own ones first."""
    ways = role_reading.ways_to(name, known)
    titles = page_data.titles_of(way.role for way in ways)
    own = set(subject.role_names)
    found = [
        Asking(
            title=titles[way.role],
            way=way,
            thresholds=way.terms.thresholds or (DEFAULT_THRESHOLD,),
            is_own=way.role in own,
        )
        for way in ways
    ]
    return sorted(found, key=lambda asking: not asking.is_own)


def _deciders(name: str) -> Deciders:
    """The active users who may review requests for it, conditions aside."""
    _, reviewing = reviewers.requested_and_reviewing([name])
    names = [role.name for role in reviewing if reviewable.may_concern(role, [name])]
    holders = static_holders(names) if names else []
    emails = [one.email for one in holders if reviewable.could_review(one, name)]
    called = names_of(emails[:NAMES_SHOWN])
    return Deciders(count=len(emails), names=[called[email] for email in called])


def _holders(subject: Subject, role: Role, *, at: datetime) -> dict[str, Any]:
    """Who holds it now, as far as the viewer sees people and grants; the first of each."""
    static = users_visible_to(subject).filter(assignments__role=role, is_active=True)
    grants = selectors.grants_visible_to(subject).in_force(at).filter(role=role)
    return {
        "standing": static.order_by("email")[:_HOLDERS],
        "grants": grants.select_related("user").order_by("ends_at", "pk")[:_HOLDERS],
        "sees_all_holders": subject.may("read", "user") and _sees_all_grants(subject),
        "most_holders": _HOLDERS,
    }


def _sees_all_grants(subject: Subject) -> bool:
    return subject.may("read", "grant") or subject.may("revoke", "grant")


def _requests(subject: Subject, name: str, *, at: datetime) -> list[dict[str, Any]]:
    """The latest requests for it that the viewer may see."""
    asked = selectors.visible_to(subject, AccessRequest.objects.all().for_role(name))
    ids = asked.order_by("-created_at", "-pk").values_list("pk", flat=True)[:_REQUESTS]
    return page_data.rows_of(reading.settled_requests(list(ids), at=at), at=at)


def _edits(role: Role) -> list[Edit]:
    """The latest changes of its document, newest first. Who sees the role sees its events."""
    entries = LedgerEntry.objects.filter(event__about_id=role.pk).select_related("event")
    newest = list(entries.order_by("-sequence")[: _CHANGES + 1])
    specs = [entry.event.data.get("spec", {}) for entry in newest]
    lines = log.lines_of(newest)
    # The first document is no change; one whose forerunner is not read is compared with itself.
    before = [*specs[1:], *specs[-1:]]
    return [
        Edit(line=line, changes=role_reading.changes_between(was, now))
        for line, was, now in zip(lines, before, specs, strict=True)
    ][:_CHANGES]
