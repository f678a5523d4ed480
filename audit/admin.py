"""The admin of the log: to read and to search, nothing else."""

import json
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.contrib.admin import DateFieldListFilter, SimpleListFilter, display
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accessplane.lib.admins import Shown, moment_text, preformatted
from accessplane.lib.deeds import Viewing
from audit import visibility
from audit.catalogue import EVENT_TYPES
from audit.models import LedgerEntry


class Type(SimpleListFilter):
    """Events of one type."""

    title = _("Type")
    parameter_name = "type"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(name, name) for name in sorted(EVENT_TYPES)]

    def queryset(
        self, request: HttpRequest, queryset: "QuerySet[LedgerEntry]"
    ) -> "QuerySet[LedgerEntry]":
        return queryset.filter(event__type=self.value()) if self.value() else queryset


class Moment(DateFieldListFilter):
    """Events of today, of the last days, of this month."""

    def __init__(self, field: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(field, *args, **kwargs)
        self.title = _("When")


@admin.register(LedgerEntry)
class Events(Shown):
    """Every change of the plane, and who made it."""

    kind = "event"
    nouns = ("event", "events")
    linked_by = ("event__about_id", "event__actor_name")
    list_display = ("sequence", "moment", "kind_of_event", "actor", "door", "about")
    list_filter = (Type, ("event__at", Moment))
    search_fields = (
        "event__actor_name__istartswith",
        "event__about_name__istartswith",
        "event__type__startswith",
    )
    search_help_text = _(
        "The beginning of an actor, of what it is about, or of a type; or an id"
    )
    ordering = ("-sequence",)
    fieldsets = (
        (None, {"fields": ("sequence", "kind_of_event", "moment", "actor", "door", "address")}),
        (_("What it tells"), {"fields": ("about", "about_id", "data")}),
        (_("Proof"), {"fields": ("event_id", "hash")}),
    )

    def seen(self, viewing: Viewing) -> "QuerySet[LedgerEntry]":
        every = LedgerEntry.objects.select_related("event")
        return every if visibility.people().sees_everything(viewing.subject) else every.none()

    def title_of(self, obj: LedgerEntry) -> str:
        return f"{obj.sequence}: {obj.event.type}"

    def history_of(self, obj: LedgerEntry) -> Any:
        return obj.event.about_id

    def get_search_results(
        self, request: HttpRequest, queryset: "QuerySet[LedgerEntry]", search_term: str
    ) -> tuple["QuerySet[LedgerEntry]", bool]:
        try:
            about = UUID(search_term.strip())
        except ValueError:
            found: tuple[QuerySet[LedgerEntry], bool] = super().get_search_results(
                request, queryset, search_term
            )
            return found
        return queryset.filter(event__about_id=about), False

    @display(description=_("When"), ordering="sequence")
    def moment(self, entry: LedgerEntry) -> str:
        return moment_text(entry.event.at)

    @display(description=_("Type"))
    def kind_of_event(self, entry: LedgerEntry) -> str:
        return entry.event.type

    @display(description=_("By"))
    def actor(self, entry: LedgerEntry) -> str:
        return entry.event.actor_name

    @display(description=_("Through"))
    def door(self, entry: LedgerEntry) -> str:
        return entry.event.actor_via

    @display(description=_("From the address"))
    def address(self, entry: LedgerEntry) -> str:
        return entry.event.actor_ip or ""

    @display(description=_("About"))
    def about(self, entry: LedgerEntry) -> str:
        return f"{entry.event.about_kind.replace('_', ' ')} {entry.event.about_name}"

    @display(description=_("Its id"))
    def about_id(self, entry: LedgerEntry) -> str:
        return str(entry.event.about_id)

    @display(description=_("Id of the event"))
    def event_id(self, entry: LedgerEntry) -> str:
        return str(entry.event_id)

    @display(description=_("Data"))
    def data(self, entry: LedgerEntry) -> SafeString:
        return preformatted(json.dumps(entry.event.data, indent=2, ensure_ascii=False))
