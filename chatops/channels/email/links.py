"""The personal link of a reviewer's mail: signed, and good for one person and one request."""

from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.urls import reverse

_SALT = "chatops.email"


class NoLinkOfOurs(Exception):
    """Nobody here has signed this."""


@dataclass(frozen=True, slots=True)
class Invitation:
    """Who is asked to decide about which request, by a mail through which channel."""

    channel: UUID
    request: UUID
    reviewer: str


def token_of(invitation: Invitation) -> str:
    """The token that stands for the invitation; the same one always has the same token."""
    said = [str(invitation.channel), str(invitation.request), invitation.reviewer]
    return signing.Signer(salt=_SALT).sign_object(said)


def invitation_of(token: str) -> Invitation:
    """The invitation behind a token; `NoLinkOfOurs` if it is not signed by us, for this."""
    try:
        channel, request, reviewer = signing.Signer(salt=_SALT).unsign_object(token)
    except signing.BadSignature as error:
        raise NoLinkOfOurs from error
    return Invitation(UUID(channel), UUID(request), reviewer)


def address_of(invitation: Invitation) -> str:
    """The address of the page on which the reviewer decides."""
    path = reverse("email-request-page", args=[token_of(invitation)])
    return f"{settings.ACCESSPLANE_PUBLIC_URL}{path}"
