"""Subscribers to events, and handing them what they are owed: at least once, with back-off."""

import logging
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db import connection, transaction

from accessplane.lib.backoff import next_delay
from audit.models import AuditEvent, Delivery, LedgerEntry

log = logging.getLogger(__name__)

BATCH = 500
GIVE_UP_AFTER = 20
ERROR_LENGTH = 1000

Handler = Callable[[LedgerEntry], None]
Concern = Callable[[AuditEvent], bool]
Wanted = Callable[[], Collection[str]]


@dataclass(frozen=True, slots=True)
class Subscriber:
    """A handler by its lasting name, and the events it wants: of these types that concern it."""

    name: str
    types: frozenset[str]
    concern: Concern
    handle: Handler
    wanted: Wanted | None = None

    def as_of_now(self) -> "Subscriber":
        """The same with the types that it wants at this moment."""
        if self.wanted is None:
            return self
        return replace(self, types=self.types & frozenset(self.wanted()))

    def wants(self, event: AuditEvent) -> bool:
        """Whether the event is to be handed over."""
        return event.type in self.types and self.concern(event)


_subscribers: dict[str, Subscriber] = {}


def _every(_: AuditEvent) -> bool:
    return True


def subscribes_to(
    *types: str, name: str, concern: Concern = _every, wanted: Wanted | None = None
) -> Callable[[Handler], Handler]:
    """Register a handler of these event types under a name that outlives releases.

    `concern` looks at an event alone, without a statement: what it says no to is never owed.
    `wanted` says which of the types are wanted now; it is asked once whenever events get their
    place, in that transaction. The handler runs in a transaction of its own together with the
    note that it ran, so what it writes counts once. It writes rows or calls one service, and
    never touches the network.
    """

    def register(handler: Handler) -> Handler:
        if name in _subscribers:
            raise ValueError(f"There are two subscribers named {name}.")
        _subscribers[name] = Subscriber(name, frozenset(types), concern, handler, wanted)
        return handler

    return register


def unsubscribe(name: str) -> None:
    """Forget a subscriber; what it is owed stays due until it is back."""
    _subscribers.pop(name, None)


def owed_for(entries: Sequence[LedgerEntry], *, at: datetime) -> list[Delivery]:
    """The deliveries, not saved, that new entries of the ledger bring about."""
    subscribers = [subscriber.as_of_now() for subscriber in _subscribers.values()]
    return [
        Delivery(entry=entry, subscriber=subscriber.name, next_at=at)
        for entry in entries
        for subscriber in subscribers
        if subscriber.wants(entry.event)
    ]


def deliver_due(*, at: datetime, limit: int = BATCH) -> int:
    """Hand over what is due, at most `limit` deliveries; return how many were looked at."""
    if not _subscribers:
        return 0
    due = Delivery.objects.filter(
        state=Delivery.State.DUE, next_at__lte=at, subscriber__in=list(_subscribers)
    )
    ids = list(due.order_by("entry_id", "pk").values_list("pk", flat=True)[:limit])
    for delivery_id in ids:
        _deliver(delivery_id, at=at)
    return len(ids)


def _deliver(delivery_id: int, *, at: datetime) -> None:
    with transaction.atomic():
        delivery = _lock(delivery_id)
        if delivery is None or delivery.next_at is None or delivery.next_at > at:
            return
        try:
            with transaction.atomic():
                _subscribers[delivery.subscriber].handle(delivery.entry)
        except Exception as error:  # noqa: BLE001 - whatever a handler raises is tried again
            _fail(delivery, error, at=at)
        else:
            delivery.state, delivery.next_at, delivery.error = Delivery.State.DONE, None, ""
        delivery.tries += 1
        delivery.save(update_fields=["state", "next_at", "error", "tries"])


def _lock(delivery_id: int) -> Delivery | None:
    """The delivery, locked; None if it is settled or another worker has it in hand."""
    rows = Delivery.objects.select_for_update(
        of=("self",), skip_locked=connection.features.has_select_for_update_skip_locked
    )
    due = rows.filter(pk=delivery_id, state=Delivery.State.DUE)
    return due.select_related("entry__event").first()


def _fail(delivery: Delivery, error: Exception, *, at: datetime) -> None:
    log.error(
        "Subscriber %s failed on event %s",
        delivery.subscriber,
        delivery.entry_id,
        exc_info=error,
    )
    delivery.error = f"{type(error).__name__}: {error}"[:ERROR_LENGTH]
    if delivery.tries + 1 >= GIVE_UP_AFTER:
        delivery.state, delivery.next_at = Delivery.State.DEAD, None
    else:
        delivery.next_at = at + next_delay(delivery.tries + 1, longest=timedelta(hours=1))
