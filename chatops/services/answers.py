"""What people answer through a channel: who they are there, and what they decide.

A door checks first that its service really sent the message; then the deed is the same use case
as on the pages, with the same refusals.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from accessplane.lib.actors import Actor, ActorKind, Via
from accessplane.lib.errors import InvalidInput, NotFound, NotPermitted
from accessplane.lib.identifiers import new_id
from audit.recorder import record
from chatops import selectors
from chatops.events import AccountLinked, AccountUnlinked
from chatops.models import ChannelConfig, Heard, LinkedAccount
from identity.models import User
from identity.subject import Subject
from identity.user_spec import normalised_email

LINK_LASTS = timedelta(minutes=15)
# Longer than any service lets a message be old.
REMEMBERED = timedelta(days=1)
_SALT = "chatops.link"


class NotLinked(NotPermitted):
    """Nobody here is known to be this account; `link` is where its owner says who it is."""

    code = "not_linked"

    def __init__(self, detail: str, *, link: str) -> None:
        super().__init__(detail)
        self.link = link


@dataclass(frozen=True, slots=True)
class Offer:
    """An account that wants to be linked, as its signed link says; `email`: to this user alone."""

    channel: ChannelConfig
    external_id: str
    key: str
    email: str = ""


def user_behind(channel: ChannelConfig, external_id: str, *, verified_email: str = "") -> User:
    """The active user that acts as this account of the channel's service.

    `verified_email` is the address that the service vouches for, and is given only where the
    operator lets it count. Raises `NotLinked` for anybody else.
    """
    linked = LinkedAccount.objects.filter(channel=channel, external_id=external_id)
    user = User.objects.filter(linked_accounts__in=linked).first()
    if user is None and verified_email:
        people = User.objects.filter(is_bot=False)
        user = people.filter(email=normalised_email(verified_email)).first()
    if user is None or not user.is_active:
        raise NotLinked(
            _("This account is linked to nobody here yet."),
            link=link_address(channel, external_id),
        )
    return user


def actor_through(user: User, channel: ChannelConfig) -> Actor:
    """The user, acting through this channel."""
    return Actor(
        kind=ActorKind.BOT if user.is_bot else ActorKind.USER,
        name=user.email,
        via=Via(channel.type),
        id=user.pk,
    )


def hear(channel: ChannelConfig, key: str, *, at: datetime) -> bool:
    """Whether this message of the service is new; taken once, it never is again.

    Notes of messages that are too old to be accepted anyway are thrown away.
    """
    try:
        with transaction.atomic():
            Heard.objects.filter(at__lt=at - REMEMBERED).delete()
            Heard.objects.create(channel=channel, key=key, at=at)
    except IntegrityError:
        return False
    return True


def link_address(channel: ChannelConfig, external_id: str, *, email: str = "") -> str:
    """The address of the page on which whoever is signed in says that the account is his.

    It is for that account alone, works once, and for a quarter of an hour. One that others see
    too names the `email` that the service has for the account: nobody else can use it.
    """
    offer = {
        "channel": str(channel.pk),
        "account": external_id,
        "key": str(new_id()),
        "email": normalised_email(email) if email else "",
    }
    token = signing.dumps(offer, salt=_SALT)
    return f"{settings.ACCESSPLANE_PUBLIC_URL}{reverse('account-link-page', args=[token])}"


def offer_of(token: str) -> Offer:
    """The account that a link is for; `InvalidInput` if it is none of ours, used, or too old."""
    try:
        said = signing.loads(token, salt=_SALT, max_age=LINK_LASTS)
    except signing.BadSignature as error:
        raise _dead_link() from error
    channel = ChannelConfig.objects.filter(pk=UUID(said["channel"]), is_active=True).first()
    if channel is None or Heard.objects.filter(channel=channel, key=said["key"]).exists():
        raise _dead_link()
    return Offer(channel, said["account"], said["key"], said["email"])


def link_account(*, token: str, user: User, by: Actor, at: datetime) -> LinkedAccount:
    """From now on the account of the link acts as this user, and no longer as anybody else."""
    offer = offer_of(token)
    if user.is_bot:
        raise NotPermitted(_("A bot has no account to link."))
    if offer.email and offer.email != user.email:
        raise NotPermitted(_("This account belongs to somebody with another e-mail address."))
    with transaction.atomic():
        if not hear(offer.channel, offer.key, at=at):
            raise _dead_link()
        account, _is_new = LinkedAccount.objects.update_or_create(
            channel=offer.channel,
            external_id=offer.external_id,
            defaults={"user": user, "linked_at": at},
        )
        event = AccountLinked(
            about=user.about, channel=offer.channel.name, account=offer.external_id
        )
        record(event, by=by, at=at)
    return account


def unlink_account(*, account_id: UUID, user: User, by: Actor, at: datetime) -> None:
    """The account acts as nobody any more; one that is not the user's own is passed over."""
    with transaction.atomic():
        own = LinkedAccount.objects.filter(pk=account_id, user=user)
        for account in own.select_related("channel", "user"):
            _unlink(account, by=by, at=at)


def unlink_anybodys_account(
    *, account_id: UUID, subject: Subject, by: Actor, at: datetime
) -> LinkedAccount:
    """The account acts as nobody any more, whosever it was, with `update` on `user`.

    `NotFound` for who does not see it, `NotPermitted` without the verb.
    """
    with transaction.atomic():
        visible = selectors.accounts_visible_to(subject).select_for_update(of=("self",))
        account = visible.filter(pk=account_id).first()
        if account is None:
            raise NotFound(_("There is no such account."))
        if not subject.may("update", "user"):
            raise NotPermitted(_("You may not unlink the accounts of others."))
        _unlink(account, by=by, at=at)
    return account


def _unlink(account: LinkedAccount, *, by: Actor, at: datetime) -> None:
    event = AccountUnlinked(
        about=account.user.about, channel=account.channel.name, account=account.external_id
    )
    record(event, by=by, at=at)
    LinkedAccount.objects.filter(pk=account.pk).delete()


def _dead_link() -> InvalidInput:
    return InvalidInput(_("This link is no longer good. Ask for a new one where you got it."))
