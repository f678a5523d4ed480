"""Who is away, and who is told instead of what waits for his review. No right goes over."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from accessplane.lib.actors import Actor
from accessplane.lib.errors import InvalidInput, NotFound, NotPermitted
from audit.recorder import record
from chatops import selectors
from chatops.events import Delegated, DelegationChanged, DelegationEnded
from chatops.models import Delegation
from identity.models import User
from identity.user_spec import normalised_email

LONGEST = timedelta(days=366)


def delegate(
    *,
    user: User,
    delegate: str,
    starts_at: datetime | None,
    ends_at: datetime,
    by: Actor,
    at: datetime,
) -> Delegation:
    """From `starts_at` on, now unless said, until `ends_at` the person of this address is told.

    `NotPermitted` for a bot, who is told nothing. `InvalidInput` names the field: the delegate
    is another active person, and it ends later than now and than it starts, within 366 days.
    """
    if user.is_bot:
        raise NotPermitted(_("A bot is told nothing that somebody else could be told instead."))
    starts_at = starts_at or at
    if not max(starts_at, at) < ends_at <= at + LONGEST:
        raise _wrong(
            "ends_at", _("It ends later than it starts and than now, within 366 days.")
        )
    other = User.objects.filter(
        email=normalised_email(delegate), is_active=True, is_bot=False
    ).first()
    if other is None:
        raise _wrong("delegate", _("There is no active person of this address."))
    if other.pk == user.pk:
        raise _wrong("delegate", _("Nobody stands in for himself."))
    made = Delegation(
        user=user, delegate=other, starts_at=starts_at, ends_at=ends_at, created_at=at
    )
    with transaction.atomic():
        made.save(force_insert=True)
        record(_event_of(made, Delegated), by=by, at=at)
    return made


def end_delegation(*, delegation_id: UUID, user: User, by: Actor, at: datetime) -> Delegation:
    """Take a delegation of `user` back; `NotFound` if it is not theirs or is over."""
    with transaction.atomic():
        own = selectors.delegations_of(user, at=at).select_for_update(of=("self",))
        found = own.filter(pk=delegation_id).first()
        if found is None:
            raise NotFound(_("There is no such delegation."))
        Delegation.objects.filter(pk=found.pk).delete()
        record(_event_of(found, DelegationEnded), by=by, at=at)
    return found


def _event_of(made: Delegation, fact: type[DelegationChanged]) -> DelegationChanged:
    return fact(
        about=made.user.about,
        delegation=made.pk,
        delegate=made.delegate.email,
        starts_at=made.starts_at,
        ends_at=made.ends_at,
    )


def _wrong(field: str, sentence: str) -> InvalidInput:
    return InvalidInput(sentence, errors={field: [sentence]})
