"""What reviewers answer to a mail: the link says who was asked, and the request what it may do."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from accessplane.lib.actors import Actor
from accessplane.lib.errors import NotFound, NotPermitted
from chatops.channels.email import links
from chatops.channels.email.channel import Email
from chatops.models import ChannelConfig
from chatops.services import answers
from identity.models import User
from reviews.models import Review
from reviews.services import reviewing
from reviews.thresholds import Decision


class SignInFirst(Exception):
    """The channel wants to know that the reviewer opens the link himself."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A reviewer who was asked by mail about a request."""

    channel: ChannelConfig
    request_id: UUID
    reviewer: User


def asked_by(token: str, *, visitor: User | None) -> Asked:
    """Who was asked about what, if `visitor`, who has signed in if there is one, may answer.

    `NotFound` if the link is none of ours or its channel is gone, `NotPermitted` for anybody
    but the reviewer to whom it was sent, and once he is no active user; else `SignInFirst` while
    nobody has signed in, unless the channel takes the link alone.
    """
    try:
        invitation = links.invitation_of(token)
    except links.NoLinkOfOurs as error:
        raise NotFound(_("This link is no longer good.")) from error
    channels = ChannelConfig.objects.filter(type=Email.kind, is_active=True)
    channel = channels.filter(pk=invitation.channel).first()
    if channel is None:
        raise NotFound(_("This link is no longer good."))
    reviewer = User.objects.filter(email=invitation.reviewer, is_bot=False).first()
    if visitor is not None and visitor != reviewer:
        raise NotPermitted(
            _("This link was sent to somebody else, and works for nobody but them.")
        )
    if reviewer is None or not reviewer.is_active:
        raise NotPermitted(_("The person to whom this link was sent may not decide any more."))
    if visitor is None and channel.settings["require_sign_in"] is not False:
        raise SignInFirst
    return Asked(channel, invitation.request, reviewer)


def decide(
    asked: Asked,
    *,
    decision: Decision,
    reason: str,
    start_time: datetime | None,
    by: Actor,
    at: datetime,
) -> Review:
    """Judge the request as the reviewer, once; whatever is refused leaves the link as it was.

    The refusals are those of `submit_review`. A request that he no longer sees is `NotPermitted`:
    he was told of it.
    """
    key = f"{asked.request_id} {asked.reviewer.pk}"
    with transaction.atomic():
        if not answers.hear(asked.channel, key, at=at):
            raise reviewing.AlreadyReviewed(_("You reviewed this request already."))
        try:
            return reviewing.submit_review(
                request_id=asked.request_id,
                reviewer=asked.reviewer,
                decision=decision,
                reason=reason,
                start_time=start_time,
                by=by,
                at=at,
            )
        except NotFound as gone:
            raise no_longer_his() from gone


def no_longer_his() -> NotPermitted:
    """The refusal for a reviewer who was asked, and who lost his right since."""
    return NotPermitted(_("Your roles no longer let you decide about this request."))
