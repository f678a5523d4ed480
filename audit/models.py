"""The log (append-only), its outbox, the ledger read from it, and what subscribers are owed."""

from typing import Any

from django.db import models
from django.db.models import Q

from accessplane.lib import instants
from accessplane.lib.identifiers import new_id
from audit.catalogue import About


class AuditEvent(models.Model):
    """One fact, written in the transaction of the change. Triggers refuse to change or delete it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    type = models.CharField(max_length=64)
    at = models.DateTimeField()
    actor_kind = models.CharField(max_length=16)
    actor_id = models.UUIDField(null=True)
    actor_name = models.CharField(max_length=254)
    actor_via = models.CharField(max_length=16)
    actor_ip = models.GenericIPAddressField(null=True)
    about_kind = models.CharField(max_length=64)
    about_id = models.UUIDField()
    about_name = models.CharField(max_length=254, blank=True)
    data = models.JSONField()

    class Meta:
        indexes = [
            models.Index(fields=["about_id"], name="audit_event_about"),
            models.Index(fields=["type"], name="audit_event_type"),
            models.Index(fields=["actor_name"], name="audit_event_actor"),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.about_kind} {self.about_id}"

    @property
    def about(self) -> About:
        """The object this event tells of."""
        return About(self.about_kind, self.about_id, self.about_name)

    def document(self) -> dict[str, Any]:
        """The event as JSON values: what readers get, and what the ledger's hash covers."""
        return {
            "id": str(self.id),
            "type": self.type,
            "at": instants.text_of(self.at),
            "actor": {
                "kind": self.actor_kind,
                "id": str(self.actor_id) if self.actor_id else None,
                "name": self.actor_name,
                "via": self.actor_via,
                "ip": self.actor_ip,
            },
            "about": {
                "kind": self.about_kind,
                "id": str(self.about_id),
                "name": self.about_name,
            },
            "data": self.data,
        }


class OutboxEntry(models.Model):
    """A pointer to an event that has no place in the ledger yet."""

    id = models.BigAutoField(primary_key=True)
    event = models.OneToOneField(AuditEvent, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"Outbox entry {self.id}"


class LedgerHead(models.Model):
    """The end of the ledger, in a single row: whoever locks it is the one relay at work."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    sequence = models.BigIntegerField(default=0)
    hash = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="ledger_has_one_head"),
        ]

    def __str__(self) -> str:
        return f"Ledger up to {self.sequence}"


class LedgerEntry(models.Model):
    """An event's place: a sequence without gaps, and the hash that chains it to the one before."""

    sequence = models.BigIntegerField(primary_key=True)
    event = models.OneToOneField(AuditEvent, on_delete=models.PROTECT, related_name="entry")
    hash = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"Ledger entry {self.sequence}"

    def document(self) -> dict[str, Any]:
        """The event with its place, as readers of the stream get it."""
        return {"sequence": self.sequence, **self.event.document(), "hash": self.hash}


class Verification(models.Model):
    """That the whole ledger was checked, up to `sequence`; `first_bad` is null where it held."""

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField()
    sequence = models.BigIntegerField()
    hash = models.CharField(max_length=64)
    first_bad = models.BigIntegerField(null=True)

    def __str__(self) -> str:
        return f"Ledger checked up to {self.sequence}"


class Delivery(models.Model):
    """One event owed to one subscriber; `next_at` is null once it is delivered or given up."""

    class State(models.TextChoices):
        DUE = "DUE"
        DONE = "DONE"
        DEAD = "DEAD"

    id = models.BigAutoField(primary_key=True)
    entry = models.ForeignKey(LedgerEntry, on_delete=models.PROTECT, related_name="deliveries")
    subscriber = models.CharField(max_length=128)
    state = models.CharField(max_length=8, choices=State, default=State.DUE)
    tries = models.PositiveIntegerField(default=0)
    next_at = models.DateTimeField(null=True)
    error = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["entry", "subscriber"], name="one_delivery_per_subscriber"
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_at"], condition=Q(state="DUE"), name="audit_delivery_due"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subscriber} is owed event {self.entry_id}"
