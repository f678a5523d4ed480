"""The only writer of a posting's state, and of the channel that it occupies.

A posting is leased, sent outside any transaction, and settled. A channel is leased with it: one
worker at a time sends through a channel, so that a slow service takes one worker and no more.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import attrgetter
from uuid import UUID, uuid4

from django.db import connection, transaction
from django.db.models import Exists, F, OuterRef

from accessplane.lib.backoff import jittered, next_delay
from audit.models import LedgerEntry
from chatops.channels.base import DeliveryFailed
from chatops.models import ChannelConfig, Posting, PostingQuerySet
from chatops.states import Owed, PostingState

LEASE = timedelta(minutes=1)
KEEP_TRYING = timedelta(days=1)
FIRST_DELAY = timedelta(seconds=5)
LONGEST_DELAY = timedelta(hours=1)
BURST = 20  # postings that may go at once before the pace counts
SLOW = timedelta(seconds=1)
SKIPPED = "When its time came, nothing waited for a decision any more."
REST = 3  # times as long as it took to fail
_NONE = timedelta(0)
_POSTED_LENGTH = 254

Waker = Callable[[], None]

_waker: Waker | None = None


def wake_with(waker: Waker) -> None:
    """Take what wakes the senders after a commit: nothing here imports tasks."""
    global _waker
    _waker = waker


def wake() -> None:
    """Ask for the senders soon. The beat sweeps what a lost call would leave."""
    if _waker is not None:
        _waker()


@dataclass(frozen=True, slots=True)
class Leased:
    """A posting with its entry, channel and route, in this worker's hands alone.

    `free_since` is from when the channel might have been used.
    """

    posting: Posting
    token: UUID
    free_since: datetime


def plan(entry: LedgerEntry, conversation: UUID, owed: Sequence[Owed], *, at: datetime) -> int:
    """Owe the entry to these recipients, each once for each channel; how many that is.

    For the transaction that learned of the entry. Of two reasons to tell somebody the earlier
    counts, of two at the same time the first.
    """
    postings: dict[tuple[UUID, str], Posting] = {}
    for one in sorted(owed, key=attrgetter("at")):
        posting = Posting(
            entry=entry,
            channel_id=one.channel_id,
            route_id=one.route_id,
            audience=one.audience,
            recipient=one.recipient,
            in_place_of=one.in_place_of,
            conversation=conversation,
            is_deferred=one.at > at,
            next_at=one.at,
            give_up_at=one.at + KEEP_TRYING,
            created_at=at,
        )
        postings.setdefault((one.channel_id, one.recipient), posting)
    Posting.objects.bulk_create(postings.values())
    if postings:
        transaction.on_commit(wake, robust=True)
    return len(postings)


def lease(*, at: datetime, paces: Mapping[str, timedelta]) -> Leased | None:
    """Take the posting that is due first, of the channel that sent least lately.

    None if there is nothing to do that nobody else is doing, among channels of the types in
    `paces`. A worker that takes something and is never heard of again loses it when the lease
    runs out; whether it arrived is in doubt then.
    """
    with transaction.atomic():
        channel = _free_channel(paces, at)
        if channel is None:
            return None
        ready = channel.postings.ready(at).select_related("entry__event", "route")
        posting = ready.order_by("entry_id", "pk").first()
        if posting is None:  # another worker was faster
            return None
        token = uuid4()
        posting.in_doubt_since = posting.in_doubt_since or _unheard_of_since(posting)
        posting.lease, posting.next_at = token, at + LEASE
        posting.tries += 1
        posting.save(update_fields=["in_doubt_since", "lease", "next_at", "tries"])
        pace, free_since = paces[channel.type], channel.next_at
        channel.next_at = at + LEASE
        channel.paced_at = max(channel.paced_at, rested(pace, at=at)) + pace
        channel.save(update_fields=["next_at", "paced_at"])
        posting.channel = channel
    return Leased(posting, token, free_since)


def rested(pace: timedelta, *, at: datetime) -> datetime:
    """The `paced_at` of a channel of this pace that may send a whole burst at once."""
    return at - BURST * pace


def settle_sent(
    leased: Leased, posted: str, *, at: datetime, again_at: datetime | None = None
) -> None:
    """Note that it arrived; the channel is well and free again.

    At `again_at`, if there is one, the recipient is owed a reminder.
    """
    with transaction.atomic():
        _release(leased, at=leased.free_since)
        ChannelConfig.objects.filter(pk=leased.posting.channel_id).exclude(problem="").update(
            problem="", problem_at=None
        )
        # Whoever took it over when the lease ran out need not try: it arrived.
        due = Posting.objects.filter(pk=leased.posting.pk, state=PostingState.DUE)
        settled = due.update(
            state=PostingState.SENT,
            posted=posted[:_POSTED_LENGTH],
            error="",
            in_doubt_since=None,
            next_at=None,
            lease=None,
            settled_at=at,
        )
        if settled and again_at is not None:
            _remind(leased.posting, at=at, again_at=again_at)


def settle_skipped(leased: Leased, *, at: datetime) -> None:
    """Note that it is no news any more: it is not sent."""
    with transaction.atomic():
        _release(leased, at=leased.free_since)
        _held(leased).update(
            state=PostingState.SKIPPED,
            tries=F("tries") - 1,
            error=SKIPPED,
            next_at=None,
            lease=None,
            settled_at=at,
        )


def put_off(leased: Leased, *, until: datetime) -> None:
    """Have it wait until then, as if nobody had taken it."""
    with transaction.atomic():
        _release(leased, at=leased.free_since)
        _held(leased).update(
            is_deferred=True,
            tries=F("tries") - 1,
            next_at=until,
            give_up_at=until + KEEP_TRYING,
            lease=None,
        )


def settle_failed(
    leased: Leased, failure: DeliveryFailed, *, took: timedelta, at: datetime
) -> Posting | None:
    """Note that it did not arrive, and when to try again, in the caller's transaction.

    Returns the posting if nobody will try any longer: what failed for good, or for a day. A
    channel that `took` long to fail rests, so that many of them leave the workers to the others.
    It is flagged for what failed for good, unless the recipient is at fault.
    """
    posting = leased.posting
    asked = failure.retry_after
    wait = jittered(next_delay(posting.tries, first=FIRST_DELAY, longest=LONGEST_DELAY))
    retry_at = at + max(wait, asked or wait)
    is_over = failure.permanent or retry_at > posting.give_up_at
    rest = max(min(asked or _NONE, LONGEST_DELAY), REST * took if took > SLOW else _NONE)
    _release(leased, at=at + rest if rest else leased.free_since)
    if failure.permanent and not failure.of_recipient:
        ChannelConfig.objects.filter(pk=posting.channel_id).update(
            problem=failure.sentence, problem_at=at
        )
    mine = _held(leased)
    if failure.may_have_arrived:
        mine.update(in_doubt_since=posting.in_doubt_since or at - took)
    if not is_over:
        mine.update(next_at=retry_at, lease=None, error=failure.sentence)
        return None
    settled = mine.update(
        state=PostingState.FAILED,
        error=failure.sentence,
        next_at=None,
        lease=None,
        settled_at=at,
    )
    return posting if settled else None


def send_again(posting: Posting, *, at: datetime) -> None:
    """Make a failed posting, which the caller has locked, due for another day."""
    posting.state, posting.settled_at, posting.tries = PostingState.DUE, None, 0
    posting.next_at, posting.give_up_at = at, at + KEEP_TRYING
    posting.save(update_fields=["state", "settled_at", "tries", "next_at", "give_up_at"])
    transaction.on_commit(wake, robust=True)


def _free_channel(types: Collection[str], at: datetime) -> ChannelConfig | None:
    """A channel with something to send, locked; its pace lets it send, and nobody else does."""
    ready = Posting.objects.ready(at).filter(channel=OuterRef("pk"))
    free = ChannelConfig.objects.filter(
        Exists(ready), type__in=list(types), is_active=True, next_at__lte=at, paced_at__lte=at
    )
    rows = free.select_for_update(
        of=("self",), skip_locked=connection.features.has_select_for_update_skip_locked
    )
    return rows.order_by("paced_at", "pk").first()


def _remind(sent: Posting, *, at: datetime, again_at: datetime) -> None:
    """Owe what was sent to the same recipient once more."""
    Posting.objects.create(
        entry_id=sent.entry_id,
        channel_id=sent.channel_id,
        route_id=sent.route_id,
        round=sent.round + 1,
        audience=sent.audience,
        recipient=sent.recipient,
        in_place_of=sent.in_place_of,
        conversation=sent.conversation,
        is_deferred=True,
        next_at=again_at,
        give_up_at=again_at + KEEP_TRYING,
        created_at=at,
    )


def _unheard_of_since(posting: Posting) -> datetime | None:
    """When somebody took it whose lease ran out; None if nobody did."""
    return posting.next_at - LEASE if posting.lease and posting.next_at else None


def _held(leased: Leased) -> PostingQuerySet:
    """The posting, unless the lease ran out and somebody else took it."""
    return Posting.objects.filter(pk=leased.posting.pk, lease=leased.token)


def _release(leased: Leased, *, at: datetime) -> None:
    """Give the channel back, to be used from `at` on, unless the lease ran out before."""
    channel = leased.posting.channel
    ChannelConfig.objects.filter(pk=channel.pk, next_at=channel.next_at).update(next_at=at)
