"""Whose an e-mail address is: shown by a link that was sent to it, or said by a connector."""

from datetime import UTC, datetime, timedelta

from django.core import signing
from django.db import transaction

from accessplane.lib.actors import Actor
from accessplane.lib.errors import NotFound
from audit.recorder import record
from identity import letters
from identity.events import AddressConfirmed
from identity.models import User

LINK_TTL = timedelta(days=3)

_SALT = "identity.address"


def send_link(user: User, *, at: datetime) -> None:
    """Send the user the link that confirms the address of now; raises `MailNotSent`."""
    until = at + LINK_TTL
    key = key_of(user, until=until)
    letters.send("address", to=user.email, door="account_confirm_email", key=key, until=until)


def key_of(user: User, *, until: datetime) -> str:
    """What the link says: whose address it confirms, which one, and until when it may."""
    said = [str(user.pk), user.email, int(until.timestamp())]
    return signing.Signer(salt=_SALT).sign_object(said)


def behind(key: str, *, at: datetime) -> User | None:
    """The user whose address of now the link confirms; None if it confirms nothing any more."""
    try:
        pk, email, until = signing.Signer(salt=_SALT).unsign_object(key)
    except signing.BadSignature:
        return None
    if datetime.fromtimestamp(until, UTC) <= at:
        return None
    return User.objects.filter(pk=pk, email=email, is_active=True).first()


def confirm(user: User, *, by: Actor, at: datetime) -> None:
    """Note that the address is the person's; `NotFound` if it is another one by now, or if the
    user is inactive. Once more changes nothing."""
    with transaction.atomic():
        users = User.objects.select_for_update().filter(email=user.email, is_active=True)
        locked = users.filter(pk=user.pk).first()
        if locked is None:
            raise NotFound("There is no such user.")
        note_confirmed(locked, by=by, at=at)


def note_confirmed(user: User, *, by: Actor, at: datetime) -> None:
    """The same for a locked user, in the caller's transaction."""
    if user.has_confirmed_email:
        return
    user.confirmed_email = user.email
    user.save(update_fields=["confirmed_email"])
    record(AddressConfirmed(about=user.about), by=by, at=at)
