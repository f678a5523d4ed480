"""Invitations: a link by mail with which somebody sets a first password."""

import secrets
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction

from accessplane.lib.actors import Actor
from accessplane.lib.errors import Conflict, NotFound, NotPermitted
from audit.recorder import record
from identity import letters, selectors
from identity.events import UserInvited
from identity.models import Invitation, User
from identity.services import addresses, logins
from identity.services.tokens import digest_of
from identity.subject import Subject


class NotInvitable(Conflict):
    """There is no first password for this user to set."""

    code = "not_invitable"


class NoInvitation(NotFound):
    """It was used, or is over, or never was."""


def may_be_invited(user: User) -> bool:
    """Whether a first password is the user's to set."""
    is_ours = user.is_active and not user.is_bot and not user.managed_by
    return is_ours and not user.has_usable_password()


def invite(*, user_id: UUID, subject: Subject, by: Actor, at: datetime) -> Invitation:
    """Send the user a link that is good for one use and some days; one of before opens nothing.

    `NotFound` for who does not see the user, `NotPermitted` without `update` on `user`,
    `NotInvitable` for bots, for whoever is inactive, managed by a connector or has a password
    already. Outside of any transaction; with `MailNotSent` the invitation stands, and nobody has
    its link: invite again.
    """
    secret = secrets.token_urlsafe(32)
    with transaction.atomic():
        user = _locked(user_id, subject)
        invitation, _ = Invitation.objects.update_or_create(
            user=user,
            defaults={
                "digest": digest_of(secret),
                "created_at": at,
                "expires_at": at + settings.ACCESSPLANE_INVITATION_TTL,
            },
        )
        event = UserInvited(about=user.about, expires_at=invitation.expires_at)
        record(event, by=by, at=at)
    letters.send(
        "invitation",
        to=user.email,
        door="invitation-page",
        key=secret,
        until=invitation.expires_at,
        inviter=by.name,
    )
    return invitation


def behind(secret: str, *, at: datetime) -> User | None:
    """The user who may set a first password with this secret, if it opens anything."""
    found = Invitation.objects.filter(digest=digest_of(secret), expires_at__gt=at)
    invitation = found.select_related("user").first()
    if invitation is None or not may_be_invited(invitation.user):
        return None
    return invitation.user


def accept(*, secret: str, password: str, by: Actor, at: datetime) -> User:
    """Set the first password; the address is confirmed with it, and the link opens nothing more.

    Raises `NoInvitation`. The door checks that the password is a good one.
    """
    with transaction.atomic():
        user = _locked_behind(secret, at=at)
        withdraw(user)
        user.set_password(password)
        user.save(update_fields=["password"])
        logins.record_new_password(user=user, by=by, at=at)
        addresses.note_confirmed(user, by=by, at=at)
    return user


def withdraw(user: User) -> None:
    """Let the user's link, if there is one, open nothing from now on."""
    Invitation.objects.filter(user=user).delete()


def _locked_behind(secret: str, *, at: datetime) -> User:
    """Looked at again under the lock of the user, which every change of a user takes first."""
    found = behind(secret, at=at)
    if found is not None:
        User.objects.select_for_update().get(pk=found.pk)
        found = behind(secret, at=at)
    if found is None:
        raise NoInvitation("This link opens nothing any more.")
    return found


def _locked(user_id: UUID, subject: Subject) -> User:
    visible = selectors.users_visible_to(subject).select_for_update(of=("self",))
    user = visible.filter(pk=user_id).first()
    if user is None:
        raise NotFound("There is no such user.")
    if not subject.may("update", "user"):
        raise NotPermitted("You may not invite users.")
    if not may_be_invited(user):
        raise NotInvitable(
            "Only an active person who signs in here and has no password yet is invited."
        )
    return user
