"""Pages: the audit log, one event of it, and what can be taken away."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.formats import number_format

from accessplane.lib import exports
from accessplane.lib.instants import text_of
from accessplane.lib.pages import Page, frame_of
from audit import page_data, selectors, sentences, visibility
from audit.models import LedgerEntry
from audit.selectors import Lookup
from audit.web.forms import EventFilters

_ROWS = 50
_COLUMNS = (
    "sequence", "at", "type", "actor", "actor_kind", "via", "ip",
    "object_kind", "object_id", "object", "data", "hash",
)  # fmt: skip


class Events(Page):
    """The log, newest first."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show what is looked for."""
        at = timezone.now()
        viewer = visibility.people().viewer_of(request.user, at)
        form = EventFilters(request.GET)
        context = frame_of(viewer, at=at) | {
            "form": form,
            "chips": form.chips(),
            "sees_everything": visibility.people().sees_everything(viewer),
            "head": selectors.head(),
            "verification": selectors.last_verification(),
            "most": number_format(exports.MOST, use_l10n=True, force_grouping=True),
        }
        status = HTTPStatus.BAD_REQUEST
        if form.is_valid():
            context |= _page(viewer, form.lookup(), at=at)
            status = HTTPStatus.OK
        return render(request, "audit/events.html", context, status=status)


class Event(Page):
    """One event."""

    def get(self, request: HttpRequest, sequence: int) -> HttpResponse:
        """Show all that the log has of it."""
        at = timezone.now()
        viewer = visibility.people().viewer_of(request.user, at)
        entry = selectors.entry_seen_by(viewer, sequence, at=at)
        event = entry.event
        (line,) = page_data.lines_of([entry])
        context = frame_of(viewer, at=at) | {
            "entry": entry,
            "event": event,
            "line": line,
            "door": sentences.door_words(event.actor_via),
            "address": visibility.page_of(event.about, event.data),
            "fields": page_data.fields_of(event.data),
            "hash_before": selectors.hash_before(sequence),
        }
        return render(request, "audit/event.html", context)


class Export(Page):
    """What is looked for, as a file; it holds what the viewer may see."""

    kind = exports.CSV

    def get(self, request: HttpRequest) -> HttpResponseBase:
        """Send it, newest first."""
        at = timezone.now()
        form = EventFilters(request.GET)
        if not form.is_valid():
            return Events.as_view()(request)  # the page says what is wrong
        viewer = visibility.people().viewer_of(request.user, at)
        lookup = replace(form.lookup(), before=None, after=0)
        entries = selectors.all_newest(viewer=viewer, lookup=lookup, at=at)
        return exports.download(self._content(entries), name="audit", kind=self.kind)

    def _content(self, entries: Iterator[LedgerEntry]) -> Iterator[bytes]:
        if self.kind == exports.CSV:
            return exports.csv_of(entries, _COLUMNS, _cells)
        return exports.json_lines_of(entries, LedgerEntry.document)


def _page(viewer: Any, lookup: Lookup, *, at: datetime) -> dict[str, Any]:
    """The lines of one page, and the sequences that the pages beside it begin with."""
    entries, goes_on = selectors.newest(viewer=viewer, lookup=lookup, at=at, limit=_ROWS)
    is_older = goes_on if not lookup.after else bool(entries)
    is_newer = goes_on if lookup.after else lookup.before is not None and bool(entries)
    return {
        "lines": page_data.lines_of(entries),
        "is_first": not lookup.after and lookup.before is None,
        "older": entries[-1].sequence if is_older else None,
        "newer": entries[0].sequence if is_newer else None,
    }


def _cells(entry: LedgerEntry) -> Sequence[Any]:
    event = entry.event
    return (
        entry.sequence,
        text_of(event.at),
        event.type,
        event.actor_name,
        event.actor_kind,
        event.actor_via,
        event.actor_ip,
        event.about_kind,
        event.about_id,
        event.about_name,
        json.dumps(event.data, ensure_ascii=False),
        entry.hash,
    )
