"""Search the log; read the stream after a cursor."""

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast
from django.utils.translation import gettext as _

from accessplane.lib.errors import NotFound
from accessplane.lib.prepared import Prepared
from audit import chain, visibility
from audit.models import AuditEvent, LedgerEntry, LedgerHead, OutboxEntry, Verification

_AT_ONCE = 1000


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
    entries = LedgerEntry.objects.filter(_narrowed(search), visibility.seen_by(user, at))
    return entries.select_related("event").order_by("sequence")


def _narrowed(search: Search) -> Q:
    narrowed = Q(sequence__gt=search.after)
    for field, lookup in _CONDITIONS.items():
        value = getattr(search, field)
        if value is not None:
            narrowed &= Q(**{lookup: value})
    return narrowed


def _says(words: str) -> Q:
    """Whether an event says this, in its data as in its names. JSON may write a letter as a code."""
    written = {json.dumps(words, ensure_ascii=is_ascii)[1:-1] for is_ascii in (True, False)}
    said = Q(event__about_name__icontains=words) | Q(event__actor_name__icontains=words)
    said |= Q(event__type__icontains=words)
    for text in written:
        said |= Q(text__icontains=text)
    return said


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookup(Search):
    """What people look for besides: entries before `before`, what is called `called`, and `words`
    in names, types or data."""

    before: int | None = None
    called: str | None = None
    words: str | None = None


def found(*, viewer: Any, lookup: Lookup, at: datetime) -> QuerySet[LedgerEntry]:
    """The entries that the viewer may see and the lookup finds, in no order.

    `viewer` is what `visibility.people().viewer_of` makes of a user.
    """
    seen = visibility.seen_by_viewer(viewer, at)
    entries = LedgerEntry.objects.filter(_narrowed(lookup), seen)
    if lookup.before is not None:
        entries = entries.filter(sequence__lt=lookup.before)
    if lookup.called is not None:
        entries = entries.filter(event__about_name__icontains=lookup.called)
    if lookup.words is not None:
        entries = entries.alias(text=Cast("event__data", TextField()))
        entries = entries.filter(_says(lookup.words))
    return entries.select_related("event")


def newest(
    *, viewer: Any, lookup: Lookup, at: datetime, limit: int
) -> tuple[list[LedgerEntry], bool]:
    """One page, newest first, and whether more lies on in the direction it was read.

    With `after`, the entries that follow it; else those before `before`, or the last ones.
    """
    order = "sequence" if lookup.after else "-sequence"
    entries = list(found(viewer=viewer, lookup=lookup, at=at).order_by(order)[: limit + 1])
    page = entries[:limit]
    return page[::-1] if lookup.after else page, len(entries) > limit


def all_newest(*, viewer: Any, lookup: Lookup, at: datetime) -> Iterator[LedgerEntry]:
    """All that is found, newest first; read in pieces, so that a long list holds no memory."""
    while True:
        entries = found(viewer=viewer, lookup=lookup, at=at).order_by("-sequence")
        piece = list(entries[:_AT_ONCE])
        yield from piece
        if len(piece) < _AT_ONCE:
            return
        lookup = replace(lookup, before=piece[-1].sequence)


def entry_seen_by(viewer: Any, sequence: int, *, at: datetime) -> LedgerEntry:
    """One entry that the viewer may see; `NotFound` otherwise."""
    seen = visibility.seen_by_viewer(viewer, at)
    entry = LedgerEntry.objects.filter(seen, sequence=sequence).select_related("event").first()
    if entry is None:
        raise NotFound(_("There is no such event."))
    return entry


def hash_before(sequence: int) -> str:
    """The hash that the entry's own one covers: that of the entry before it."""
    before = LedgerEntry.objects.filter(sequence=sequence - 1).values_list("hash", flat=True)
    return before.first() or chain.GENESIS


def requesters_of(request_ids: Collection[UUID]) -> dict[UUID, str]:
    """Who asked, of those of these requests that the log knows; one statement, or none."""
    if not request_ids:
        return {}
    created = AuditEvent.objects.filter(
        about_id__in=request_ids, type="access_request.created"
    ).values_list("about_id", "data")
    return {pk: data["requester"] for pk, data in created}


def last_verification() -> Verification | None:
    """When the whole ledger was checked last, and what came of it; None if it never was."""
    return Verification.objects.order_by("-at", "-pk").first()


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
