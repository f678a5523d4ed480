"""Grants: given back, taken away; and the one question everybody asks of them."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accessplane.lib.actors import Actor
from accessplane.lib.errors import NotFound, NotPermitted
from audit.recorder import record
from identity.models import User
from identity.selectors import specs_of, subject_of
from identity.subject import Subject
from identity.user_spec import normalised_email
from requests_app import lifecycle, planning, selectors
from requests_app.models import AccessRequest, Grant
from requests_app.selectors import Holding
from requests_app.services import timekeeping


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """Whether somebody holds a role, through what (`static` or `grant`), and until when."""

    allowed: bool
    via: str | None = None
    grant_id: UUID | None = None
    ends_at: datetime | None = None


def end_grant(*, grant_id: UUID, user: User, reason: str, by: Actor, at: datetime) -> Grant:
    """Give a grant back, as its holder; giving back what is over already changes nothing."""
    planning.check_length(reason)
    timekeeping.start_due(among=Q(pk=grant_id), at=at)
    with transaction.atomic():
        grant = _lock_visible(grant_id, subject_of(user, at=at))
        if grant.user_id != user.pk:
            raise NotPermitted(_("Only its holder may give a grant back."))
        if grant.is_over(at):
            return grant
        record(lifecycle.end(grant, reason=reason, at=at), by=by, at=at)
    timekeeping.cancel_overtaken(grant=grant, at=at)
    return grant


def revoke_grant(*, grant_id: UUID, user: User, reason: str, by: Actor, at: datetime) -> Grant:
    """Take a grant away: with the verb, or as somebody who may review its request.

    Raises `ReasonRequired`, `NotFound`, `NotPermitted`, or `WrongState` if it is over already.
    """
    planning.check_given(reason)
    timekeeping.start_due(among=Q(pk=grant_id), at=at)
    with transaction.atomic():
        subject = subject_of(user, at=at)
        grant = _lock_visible(grant_id, subject)
        if not (subject.may("revoke", "grant") or _may_judge(subject, grant)):
            raise NotPermitted(_("You may not revoke this grant."))
        lifecycle.check_open(grant, at=at)
        record(lifecycle.revoke(grant, reason=reason, at=at), by=by, at=at)
    timekeeping.cancel_overtaken(grant=grant, at=at)
    return grant


def access_of(*, email: str, role: str, caller: User, at: datetime) -> Access:
    """Whether the user holds the role at this moment (SEMANTICS 7.5): the clock decides.

    Somebody unknown, inactive, or a role that does not exist: not allowed. `NotPermitted`
    unless the caller asks about himself or has `read` on `grant`. Two statements at most.
    """
    email = normalised_email(email)
    found = selectors.holdings(caller=caller, email=email, role=role, at=at)
    if any(holding.is_due(at) for holding in found):
        timekeeping.start_due(among=Q(user=caller) | Q(user__email=email), at=at)
        found = selectors.holdings(caller=caller, email=email, role=role, at=at)
    held = [holding for holding in found if holding.is_held(at)]
    if caller.email != email and not _may_read_grants(caller, held):
        raise NotPermitted(_("You may ask about your own access only."))
    return _access([h for h in held if (h.email, h.role) == (email, role)])


def _may_read_grants(caller: User, held: list[Holding]) -> bool:
    own = [(holding.role, holding.digest) for holding in held if holding.email == caller.email]
    return any(spec.gives("read", "grant") for spec in specs_of(own).values())


def _access(held: list[Holding]) -> Access:
    if not held:
        return Access(allowed=False)
    if any(holding.grant_id is None for holding in held):
        return Access(allowed=True, via="static")
    last = max(held, key=lambda holding: (holding.ends_at, holding.grant_id))
    return Access(allowed=True, via="grant", grant_id=last.grant_id, ends_at=last.ends_at)


def _lock_visible(grant_id: UUID, subject: Subject) -> Grant:
    among = selectors.grants_visible_to(subject).filter(pk=grant_id)
    grants = lifecycle.lock_grants(among)
    if not grants:
        raise NotFound(_("There is no such grant."))
    return grants[0]


def _may_judge(subject: Subject, grant: Grant) -> bool:
    people = AccessRequest.objects.select_related("requester", "author")
    return selectors.may_judge(subject, people.get(pk=grant.request_id))
