"""What people do in PagerDuty, and the review that it is here."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from accessplane.lib.errors import DomainError
from chatops import selectors
from chatops.channels.base import DeliveryFailed
from chatops.channels.pagerduty import payloads
from chatops.channels.pagerduty.channel import PagerDuty
from chatops.channels.pagerduty.payloads import ACKNOWLEDGED, Said
from chatops.messages import Deed
from chatops.models import ChannelConfig
from chatops.services import answers
from chatops.services.answers import NotLinked
from chatops.services.channels import opened
from identity.models import User
from reviews.services import reviewing
from reviews.thresholds import Decision

log = logging.getLogger(__name__)

# PagerDuty tries for twenty minutes, and what waits behind a failure waits with it.
OLDEST = timedelta(hours=1)
AHEAD = timedelta(minutes=5)
# PagerDuty waits five seconds for an answer, and there may be two calls of ours within.
AT_ONCE = timedelta(seconds=2)
_LONGEST_NAME = 80


class TryLater(Exception):
    """PagerDuty did not say who did it. Nothing was kept: the same webhook may come again."""


@dataclass(frozen=True, slots=True)
class Desk:
    """A channel of this type with its settings."""

    channel: ChannelConfig
    pagerduty: PagerDuty


def signed_desks(body: bytes, signatures: str) -> list[Desk]:
    """The active channels one of whose secrets signed this body; none of what is not signed."""
    found = ChannelConfig.objects.filter(type=PagerDuty.kind, is_active=True).order_by("name")
    desks = []
    for channel in found:
        try:
            pagerduty = opened(channel)
        except DeliveryFailed as failure:
            log.warning("The channel %s cannot be opened: %s", channel, failure.sentence)
            continue
        if isinstance(pagerduty, PagerDuty) and pagerduty.has_signed(body, signatures):
            desks.append(Desk(channel, pagerduty))
    return desks


def take(desks: Sequence[Desk], body: bytes, *, at: datetime) -> None:
    """Let what is said in a webhook of these channels count as the review that it means there.

    What means nothing, is old, is about no incident of ours or was heard before is passed over.
    A refusal is written below the incident. Raises `InvalidInput` for what PagerDuty does not
    send, and `TryLater`. Not for use inside a transaction.
    """
    said = payloads.said_in(body)
    if said is None or not at - OLDEST <= said.at <= at + AHEAD:
        return
    meaning = {desk.channel.pk: desk for desk in desks if desk.pagerduty.deed_for(said.signs)}
    found = selectors.request_behind(said.incident, list(meaning))
    if found is None:
        return
    channel_id, request_id = found
    desk = meaning[channel_id]
    try:
        user = _user_behind(desk, said)
    except NotLinked as stranger:
        if answers.hear(desk.channel, said.id, at=at):
            _note(desk, said, stranger.detail)
        return
    refusal = ""
    with transaction.atomic():  # heard if and only if it counted, or was refused
        if not answers.hear(desk.channel, said.id, at=at):
            return
        try:
            _review(desk, said, request_id, user, at=at)
        except DomainError as error:
            refusal = error.detail
    if refusal:
        _note(desk, said, refusal)


def _review(desk: Desk, said: Said, request_id: UUID, user: User, *, at: datetime) -> None:
    is_no = desk.pagerduty.deed_for(said.signs) is Deed.DENY
    how = "Acknowledged" if ACKNOWLEDGED in said.signs else "Decided"
    reviewing.submit_review(
        request_id=request_id,
        reviewer=user,
        decision=Decision.DENY if is_no else Decision.APPROVE,
        reason=f"{how} in PagerDuty",
        by=answers.actor_through(user, desk.channel),
        at=at,
    )


def _user_behind(desk: Desk, said: Said) -> User:
    """The user that acts as this account; `NotLinked` says what its owner can do about it."""
    try:
        return answers.user_behind(desk.channel, said.account)
    except NotLinked:
        email = _email_of(desk, said)
    if desk.pagerduty.links_by_email:
        return answers.user_behind(desk.channel, said.account, verified_email=email)
    if not email:
        raise NotLinked("This account is linked to nobody here.", link="")
    # Everybody reads the note: the link is of use to the owner of the address alone.
    link = answers.link_address(desk.channel, said.account, email=email)
    raise NotLinked(
        "This account is linked to nobody here yet. Its owner can link it within a quarter of an "
        f"hour at {link} and then do this again.",
        link=link,
    )


def _email_of(desk: Desk, said: Said) -> str:
    """The address that PagerDuty has for the account; nothing if it does not tell."""
    try:
        return desk.pagerduty.email_of(said.account, timeout=AT_ONCE)
    except DeliveryFailed as failure:
        log.warning("PagerDuty did not say who %s is: %s", said.account, failure.sentence)
        if not failure.permanent:
            raise TryLater(failure.sentence) from failure
        return ""


def _note(desk: Desk, said: Said, refusal: str) -> None:
    """Write below the incident that nothing changed, and why; a note that gets lost is lost."""
    text = f"Access Plane: what {said.name[:_LONGEST_NAME]} did changes nothing. {refusal}"
    try:
        desk.pagerduty.annotate(said.incident, text, timeout=AT_ONCE)
    except DeliveryFailed as failure:
        log.warning("A refusal could not be noted: %s", failure.sentence)
