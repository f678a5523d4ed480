"""relay(): committed events get their place in the ledger, and subscribers their deliveries."""

from collections.abc import Callable
from datetime import datetime
from functools import cache
from typing import cast

from django.db import transaction

from accessplane.lib.prepared import Prepared
from accessplane.lib.writes import insert, update
from audit import chain, subscriptions
from audit.models import LedgerEntry, LedgerHead, OutboxEntry

BATCH = 500

Waker = Callable[[], None]

_waker: Waker | None = None
_listeners: list[Waker] = []


def wake_with(waker: Waker) -> None:
    """Take what wakes the relay after a commit: services never import tasks."""
    global _waker
    _waker = waker


def wake() -> None:
    """Ask for the relay soon. The beat sweeps what a lost call would leave."""
    if _waker is not None:
        _waker()


def tell_with(listener: Waker) -> None:
    """Take what wants to know, in this process, that the ledger has grown."""
    _listeners.append(listener)


def _tell() -> None:
    for listener in _listeners:
        listener()


def relay(*, at: datetime, limit: int = BATCH) -> int:
    """Move up to `limit` committed events into the ledger, in one transaction; return how many.

    Locking the head makes this the only relay at work, so sequences have no gaps and every
    hash has one predecessor. Run twice, or on two workers, it moves each event once.
    """
    if not _ANY.rows():
        return 0
    with transaction.atomic():
        head = _locked_head()
        waiting: list[OutboxEntry] = _waiting(limit).objects()
        entries = [_enter(head, outbox_entry) for outbox_entry in waiting]
        insert(*entries)
        insert(*subscriptions.owed_for(entries, at=at))
        OutboxEntry.objects.filter(pk__in=[entry.pk for entry in waiting]).delete()
        update(head, "sequence", "hash")
        transaction.on_commit(_tell, robust=True)
    return len(entries)


def _locked_head() -> LedgerHead:
    for head in _HEAD.objects():
        return cast("LedgerHead", head)
    heads = LedgerHead.objects.select_for_update()
    head, _ = heads.get_or_create(pk=1, defaults={"hash": chain.GENESIS})
    return head


_ANY = Prepared(lambda: OutboxEntry.objects.values_list("pk")[:1])
_HEAD = Prepared(lambda: LedgerHead.objects.select_for_update().filter(pk=1))


@cache
def _waiting(limit: int) -> Prepared:
    """The read of so many events that have no place yet, the first ones first."""
    return Prepared(lambda: OutboxEntry.objects.select_related("event").order_by("pk")[:limit])


def _enter(head: LedgerHead, outbox_entry: OutboxEntry) -> LedgerEntry:
    """The next entry, not saved; `head` moves on to it."""
    event = outbox_entry.event
    head.sequence += 1
    head.hash = chain.entry_hash(head.hash, head.sequence, event.document())
    return LedgerEntry(sequence=head.sequence, event=event, hash=head.hash)
