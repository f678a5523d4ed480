"""Use cases of the log: drain what was committed, verify the chain, send a dead delivery again."""

from datetime import datetime

from django.db import transaction
from django.db.models import Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from accessplane.lib.errors import Conflict, NotFound
from audit import chain, outbox, selectors, subscriptions
from audit.models import (
    AuditEvent,
    Delivery,
    LedgerEntry,
    LedgerHead,
    OutboxEntry,
    Verification,
)

CHUNK = 1000


def drain(*, at: datetime) -> int:
    """Relay and deliver until nothing is left that is due; return how many events were relayed."""
    relayed = moved = outbox.relay(at=at)
    while moved == outbox.BATCH:
        moved = outbox.relay(at=at)
        relayed += moved
    while subscriptions.deliver_due(at=at) == subscriptions.BATCH:
        pass
    return relayed


def retry_delivery(*, delivery_id: int, at: datetime) -> Delivery:
    """Make a delivery that was given up due again; `Conflict` if it was not given up."""
    with transaction.atomic():
        delivery = Delivery.objects.select_for_update().filter(pk=delivery_id).first()
        if delivery is None:
            raise NotFound(_("There is no such delivery."))
        if delivery.state != Delivery.State.DEAD:
            raise Conflict(
                _("This delivery is %(state)s; only a dead one is sent again.")
                % {"state": delivery.state}
            )
        delivery.state, delivery.next_at, delivery.tries = Delivery.State.DUE, at, 0
        delivery.save(update_fields=["state", "next_at", "tries"])
    outbox.wake()
    return delivery


def note_verification(*, first_bad: int | None, head: LedgerHead, at: datetime) -> Verification:
    """Keep that the ledger was checked up to `head`, and what came of it, for whoever asks."""
    return Verification.objects.create(
        at=at, sequence=head.sequence, hash=head.hash, first_bad=first_bad
    )


def first_bad_entry() -> int | None:
    """The sequence of the first entry that was changed, removed, inserted or reordered.

    None if the whole ledger holds. An event that stands neither in the ledger nor in the outbox
    was slipped in beside them, or its entry was cut off: the answer is then the sequence after
    the last good one, as it is when entries are missing at the end. May run beside the relay.
    """
    head = selectors.head()
    sequence, digest = 0, chain.GENESIS
    entries = LedgerEntry.objects.filter(sequence__lte=head.sequence).select_related("event")
    for entry in entries.order_by("sequence").iterator(chunk_size=CHUNK):
        digest = chain.entry_hash(digest, sequence + 1, entry.event.document())
        if (entry.sequence, entry.hash) != (sequence + 1, digest):
            return sequence + 1
        sequence += 1
    if (head.sequence, head.hash) != (sequence, digest) or _strays_exist():
        return sequence + 1
    return None


def _strays_exist() -> bool:
    """Whether an event has no place, or an entry stands behind the head (one statement each)."""
    events = AuditEvent.objects.filter(entry=None)
    end = Coalesce(Subquery(LedgerHead.objects.values("sequence")[:1]), 0)
    behind = LedgerEntry.objects.filter(sequence__gt=end)
    return (
        events.exclude(pk__in=OutboxEntry.objects.values("event_id")).exists()
        or behind.exists()
    )
