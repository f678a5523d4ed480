"""Where Slack comes in: which channel a message belongs to, and who is behind it."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from chatops.channels.base import DeliveryFailed
from chatops.channels.slack.channel import Slack
from chatops.models import ChannelConfig
from chatops.services import answers
from chatops.services.answers import NotLinked
from chatops.services.channels import opened
from identity.models import User

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Desk:
    """A channel of this type with its settings, at which people of one workspace arrive."""

    channel: ChannelConfig
    slack: Slack


def desks(*, name: str | None = None) -> list[Desk]:
    """The active channels of this type, or the one of this name; without their secrets, none."""
    found = ChannelConfig.objects.filter(type=Slack.kind, is_active=True).order_by("name")
    open_ones = []
    for channel in found.filter(name=name) if name else found:
        try:
            slack = opened(channel)
        except DeliveryFailed as failure:
            log.warning("The channel %s cannot be opened: %s", channel, failure.sentence)
            continue
        if isinstance(slack, Slack):
            open_ones.append(Desk(channel, slack))
    return open_ones


def signed_desk(body: bytes, headers: Mapping[str, str], *, at: datetime) -> Desk | None:
    """The desk whose secret signed this body just now, and that hears it for the first time.

    None for whatever Slack did not sign, signed more than five minutes ago, or said before.
    """
    timestamp = headers.get("X-Slack-Request-Timestamp", "")
    signature = headers.get("X-Slack-Signature", "")
    for desk in desks():
        if desk.slack.has_signed(body, timestamp=timestamp, signature=signature, at=at):
            return desk if answers.hear(desk.channel, signature, at=at) else None
    return None


def user_behind(desk: Desk, account: str) -> User:
    """The user that acts as this account; `NotLinked` if there is none.

    An account that nobody linked counts by its address, if the channel lets it.
    """
    try:
        return answers.user_behind(desk.channel, account)
    except NotLinked:
        if not desk.slack.links_by_email:
            raise
    try:
        email = desk.slack.verified_email(account)
    except DeliveryFailed as failure:
        log.warning("Slack did not say who %s is: %s", account, failure.sentence)
        email = ""
    return answers.user_behind(desk.channel, account, verified_email=email)
