"""record(): append events inside the caller's transaction."""

from datetime import datetime

from django.db import connection, transaction

from accessplane.lib.actors import Actor
from accessplane.lib.writes import insert
from audit import outbox
from audit.catalogue import Event
from audit.models import AuditEvent, OutboxEntry


def record(*events: Event, by: Actor, at: datetime) -> None:
    """Append events, in this order, to the log; they commit with the caller's change or not.

    Must be called inside a transaction: raises `RuntimeError` otherwise, because a record that
    can stay behind without its change, or the other way round, proves nothing.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("An event is recorded in the transaction of its change.")
    rows = [_row(event, by=by, at=at) for event in events]
    insert(*rows)
    insert(*[OutboxEntry(event=row) for row in rows])
    transaction.on_commit(outbox.wake, robust=True)


def _row(event: Event, *, by: Actor, at: datetime) -> AuditEvent:
    return AuditEvent(
        type=event.type,
        at=at,
        actor_kind=by.kind,
        actor_id=by.id,
        actor_name=by.name,
        actor_via=by.via,
        actor_ip=by.ip,
        about_kind=event.about.kind,
        about_id=event.about.id,
        about_name=event.about.name,
        data=event.data(),
    )
