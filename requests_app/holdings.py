"""Which grants a list shows: those that somebody may see, narrowed by person, role, state and time."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db.models import Q

from identity.subject import Subject
from identity.user_spec import normalised_email
from requests_app import selectors
from requests_app.models import Grant
from requests_app.models.grant import GrantQuerySet
from requests_app.states import GrantState


class Stage(StrEnum):
    """Which part of their lives grants are in."""

    NOT_OVER = "open"
    OVER = "past"
    ANY = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantSearch:
    """What to look for; None does not narrow.

    `user` and `role` are whole names, `person` and `words` parts of them. `since` and `until` hold
    for grants that give access at some moment from the one to the other, which is excluded.
    """

    user: str | None = None
    role: str | None = None
    person: str | None = None
    words: str | None = None
    state: GrantState | None = None
    stage: Stage = Stage.ANY
    in_force: bool | None = None
    since: datetime | None = None
    until: datetime | None = None


def grants_found(subject: Subject, search: GrantSearch, *, at: datetime) -> GrantQuerySet:
    """The grants that the subject may see and the search finds, in no order.

    States are those of the moment; whoever is due to start must have been started before.
    """
    found = Grant.objects.filter(
        _named(search) & _within(search),
        pk__in=selectors.grants_visible_to(subject).values("pk"),
    )
    if search.state is not None:
        found = found.in_state(search.state, at)
    if search.in_force is not None:
        in_force = Q(pk__in=Grant.objects.in_force(at).values("pk"))
        found = found.filter(in_force if search.in_force else ~in_force)
    match search.stage:
        case Stage.NOT_OVER:
            return found.not_over(at)
        case Stage.OVER:
            return found.exclude(pk__in=Grant.objects.not_over(at).values("pk"))
        case _:
            return found


def _named(search: GrantSearch) -> Q:
    named = Q()
    if search.user is not None:
        named &= Q(user__email=normalised_email(search.user))
    if search.role is not None:
        named &= Q(role__name=search.role)
    if search.person is not None:
        name = search.person
        named &= Q(user__email__icontains=name) | Q(user__display_name__icontains=name)
    if search.words is not None:
        words = search.words
        named &= Q(role__name__icontains=words) | Q(role__labels__title__icontains=words)
    return named


def _within(search: GrantSearch) -> Q:
    within = Q()
    if search.until is not None:
        within &= Q(starts_at__lt=search.until)
    if search.since is not None:
        still = Q(closed_at=None) | Q(closed_at__gt=search.since)
        within &= Q(ends_at__gt=search.since) & still
    return within
