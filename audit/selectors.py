"""Search the log; read the stream after a cursor."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from accessplane.lib.prepared import Prepared
from audit import chain, visibility
from audit.models import LedgerEntry, LedgerHead, OutboxEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What to look for; None does not narrow. `since` is included, `until` is not."""

    after: int = 0
    type: str | None = None
    actor: str | None = None
    about: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None


_CONDITIONS = {
    "type": "event__type",
    "actor": "event__actor_name__iexact",
    "about": "event__about_id",
    "since": "event__at__gte",
    "until": "event__at__lt",
}


def stream(*, user: Any, search: Search, at: datetime) -> QuerySet[LedgerEntry]:
    """The entries after `search.after` that `user` may see, in ascending sequence.

    The sequence is given after the commit by a single writer, so nobody who reads on from the
    last one he got can miss an event whose transaction took longer.
    """
    narrowed = Q(sequence__gt=search.after)
    for field, lookup in _CONDITIONS.items():
        value = getattr(search, field)
        if value is not None:
            narrowed &= Q(**{lookup: value})
    entries = LedgerEntry.objects.filter(narrowed, visibility.seen_by(user, at))
    return entries.select_related("event").order_by("sequence")


def entries_between(start: int, end: int) -> QuerySet[LedgerEntry]:
    """All entries after `start` up to `end`, in ascending sequence, whoever may see them."""
    entries = LedgerEntry.objects.filter(sequence__gt=start, sequence__lte=end)
    return entries.select_related("event").order_by("sequence")


def head_sequence() -> int:
    """The sequence of the last entry, 0 while there is none: the cheapest question to the ledger."""
    return next((int(sequence) for (sequence,) in _HEAD.rows()), 0)


_HEAD = Prepared(lambda: LedgerHead.objects.values_list("sequence"))


def head() -> LedgerHead:
    """The end of the ledger: the sequence of its last entry, 0 while there is none, and its hash."""
    return LedgerHead.objects.filter(pk=1).first() or LedgerHead(hash=chain.GENESIS)


def waiting_count() -> int:
    """How many committed events have no place in the ledger yet."""
    return OutboxEntry.objects.count()
