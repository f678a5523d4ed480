"""From an event to what arrives: plan, lease, send, settle (ADR 0011)."""

import logging
import time
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from accessplane.lib.actors import Actor, system
from accessplane.lib.errors import Conflict, NotFound, NotPermitted
from accessplane.lib.words import in_the_planes_language
from audit.models import LedgerEntry
from audit.recorder import record
from chatops import audiences, composing, lifecycle, selectors
from chatops.channels import registry
from chatops.channels.base import Channel, DeliveryFailed, Searchable
from chatops.events import PostingChanged, PostingFailed, PostingRetried
from chatops.lifecycle import Leased
from chatops.messages import Audience
from chatops.models import Posting
from chatops.services.channels import opened
from chatops.states import PostingState
from identity.subject import Subject
from policy.schedules import uncovered_from

log = logging.getLogger(__name__)

BATCH = 200
SENDER = system("sender")


def plan_postings(entry: LedgerEntry, *, at: datetime) -> int:
    """Owe the entry to everybody who is to be told of it; how many postings that is.

    For the transaction that delivers the entry: it happens once for each.
    """
    event = entry.event
    owed = audiences.owed_for(event, at=at)
    return lifecycle.plan(entry, selectors.matter_of(event).conversation, owed, at=at)


def send_due(*, at: datetime, limit: int = BATCH) -> int:
    """Send what is due, at most `limit` postings; return how many were tried.

    Each is leased in one short transaction and settled in another, with nothing open between
    them. The clock goes on from `at` while others think.
    """
    began = time.monotonic()

    def moment() -> datetime:
        return at + timedelta(seconds=time.monotonic() - began)

    for tried in range(limit):
        leased = lifecycle.lease(at=moment(), paces=registry.paces())
        if leased is None:
            return tried
        sent_at = moment()
        before = selectors.posted_before(leased.posting)
        if _is_put_aside(leased, before, at=sent_at):
            continue
        try:
            with in_the_planes_language():
                posted = _post(leased.posting, before, at=sent_at)
        except DeliveryFailed as failure:
            _note_failure(leased, failure, took=moment() - sent_at, at=moment())
        else:
            again_at = audiences.again_at(leased.posting, at=moment())
            lifecycle.settle_sent(leased, posted, at=moment(), again_at=again_at)
    return limit


def send_again(*, posting_id: UUID, subject: Subject, by: Actor, at: datetime) -> Posting:
    """Make a failed posting due again; it is tried for another day.

    `NotFound` for who does not see postings, `NotPermitted` without `update` on `channel`,
    `Conflict` unless it failed.
    """
    with transaction.atomic():
        visible = selectors.postings_visible_to(subject)
        posting = visible.select_for_update(of=("self",)).filter(pk=posting_id).first()
        if posting is None:
            raise NotFound(_("There is no such posting."))
        if not subject.may("update", "channel"):
            raise NotPermitted(_("You may not send anything through a channel."))
        if posting.state != PostingState.FAILED:
            raise Conflict(_("Only what failed is sent again."))
        lifecycle.send_again(posting, at=at)
        record(_event_of(posting, PostingRetried), by=by, at=at)
    return posting


def _is_put_aside(leased: Leased, posted: str, *, at: datetime) -> bool:
    """Whether it is not sent now: it is no news any more, or its route is quiet."""
    posting = leased.posting
    if audiences.is_pointless(posting, posted, at=at):
        lifecycle.settle_skipped(leased, at=at)
        return True
    until = uncovered_from(posting.route.parsed().quiet, at) if posting.route else at
    if until is None or until <= at:
        return False
    lifecycle.put_off(leased, until=until)
    return True


def _post(posting: Posting, posted: str, *, at: datetime) -> str:
    """Send it; whatever goes wrong is a `DeliveryFailed`, so that it is tried again or seen."""
    try:
        channel = opened(posting.channel)
        arrived = _arrived_before(posting, posted, channel)
        if arrived:
            return arrived
        message = composing.compose(
            posting.entry,
            Audience(posting.audience),
            posting.conversation,
            at=at,
            in_place_of=posting.in_place_of,
            is_reminder=posting.round > 0,
        )
        to, key = _addressee(posting), posting.key
        if posted:
            return channel.update(message, to=to, posted=posted, key=key, at=at)
        return channel.post(message, to=to, key=key, at=at)
    except DeliveryFailed:
        raise
    except Exception as error:
        log.exception("Posting %s failed unforeseen.", posting.pk)
        raise DeliveryFailed(
            "Something went wrong here; the log of the plane says what.", may_have_arrived=True
        ) from error


def _addressee(posting: Posting) -> str:
    """The recipient in the words of the service: where it knows people by accounts, the account."""
    kind = posting.channel.type
    if posting.audience == Audience.ROOM or not registry.needs_account(kind):
        return posting.recipient
    account = selectors.account_behind(posting)
    if not account:
        raise DeliveryFailed(
            "This person's account is not linked any more.", permanent=True, of_recipient=True
        )
    return registry.account_as_recipient(kind, account)


def _arrived_before(posting: Posting, posted: str, channel: Channel) -> str:
    """What an earlier try brought whose end nobody knows; nothing if that cannot be found out."""
    since = posting.in_doubt_since
    if since is None or not isinstance(channel, Searchable):
        return ""
    return channel.find(to=posting.recipient, posted=posted, key=posting.key, since=since)


def _note_failure(
    leased: Leased, failure: DeliveryFailed, *, took: timedelta, at: datetime
) -> None:
    """Settle it; the end of all tries is recorded, but not of news that told of such an end."""
    with transaction.atomic():
        failed = lifecycle.settle_failed(leased, failure, took=took, at=at)
        if failed is not None and failed.entry.event.type != PostingFailed.type:
            event = _event_of(
                failed, PostingFailed, reason=failure.sentence, tries=failed.tries
            )
            record(event, by=SENDER, at=at)


def _event_of(posting: Posting, fact: type[PostingChanged], **more: Any) -> PostingChanged:
    event = posting.entry.event
    return fact(
        about=posting.about,
        channel=posting.channel.name,
        route=posting.route.name if posting.route else "",
        recipient=posting.recipient,
        event=event.pk,
        event_type=event.type,
        **more,
    )
