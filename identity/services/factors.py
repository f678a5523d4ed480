"""Second factors: which somebody has, and the record of what became of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from allauth.mfa.models import Authenticator
from django.db import transaction

from accessplane.lib.actors import Actor
from audit.recorder import record
from identity.events import FactorAdded, FactorRemoved
from identity.models import User
from identity.services.sessions import end_other_sessions

# What allauth calls them, in the words of events and pages.
KINDS: Mapping[str, str] = {
    Authenticator.Type.TOTP: "app",
    Authenticator.Type.WEBAUTHN: "passkey",
    Authenticator.Type.RECOVERY_CODES: "recovery_codes",
}

NAME_LENGTH = 80


@dataclass(frozen=True, slots=True)
class Factor:
    """A second factor: its kind, and the name that its holder gave to a passkey."""

    kind: str
    name: str


def factors_of(user: User) -> dict[int, Factor]:
    """The second factors of the user, by their keys."""
    return {
        one.pk: Factor(KINDS[one.type], str(one.data.get("name", ""))[:NAME_LENGTH])
        for one in Authenticator.objects.filter(user=user).order_by("pk")
    }


def lock(user: User) -> dict[int, Factor]:
    """The second factors as they are before a change; two changes come one after the other."""
    User.objects.select_for_update().get(pk=user.pk)
    return factors_of(user)


def record_changes(
    *, user: User, before: Mapping[int, Factor], by: Actor, at: datetime
) -> None:
    """Record what differs from `before`, in the transaction that changed it."""
    after = factors_of(user)
    gone = [
        FactorRemoved(about=user.about, factor=f.kind, name=f.name)
        for key, f in before.items()
        if key not in after
    ]
    new = [
        FactorAdded(about=user.about, factor=f.kind, name=f.name)
        for key, f in after.items()
        if key not in before
    ]
    with transaction.atomic():
        record(*gone, *new, by=by, at=at)


def drop_all(*, user: User, by: Actor, at: datetime) -> int:
    """Take away all second factors of somebody who lost them, sessions with them; how many."""
    with transaction.atomic():
        before = lock(user)
        Authenticator.objects.filter(user=user).delete()
        record_changes(user=user, before=before, by=by, at=at)
        end_other_sessions(user=user, this=None, by=by, at=at)
    return len(before)
