"""What people look for in the log."""

from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from accessplane.lib.filters import Day, Filters, end_of, start_of
from audit.catalogue import EVENT_TYPES
from audit.following import MAX_SEQUENCE
from audit.selectors import Lookup

_ID_LENGTH = len(str(UUID(int=0)))
_QUIET = {"autocomplete": "off", "spellcheck": "false"}


def _types() -> list[tuple[str, str]]:
    return [("", str(_("Every type"))), *((name, name) for name in sorted(EVENT_TYPES))]


class EventFilters(Filters):
    """Which events to show; the address holds it."""

    q = forms.CharField(
        required=False,
        label=_("Search"),
        max_length=200,
        widget=forms.SearchInput(attrs={**_QUIET, "placeholder": _("Names, reasons, tickets")}),
    )
    type = forms.ChoiceField(required=False, label=_("Type"), choices=_types)
    actor = forms.CharField(
        required=False,
        label=_("Who"),
        max_length=254,
        widget=forms.TextInput(attrs={**_QUIET, "placeholder": "alice@example.com"}),
    )
    object = forms.CharField(
        required=False,
        label=_("About"),
        max_length=254,
        widget=forms.TextInput(attrs={**_QUIET, "placeholder": _("A role, a person, an id")}),
    )
    since = Day(label=_("From"))
    until = Day(label=_("To"))
    before = forms.IntegerField(
        required=False, min_value=1, max_value=MAX_SEQUENCE, widget=forms.HiddenInput
    )
    after = forms.IntegerField(
        required=False, min_value=0, max_value=MAX_SEQUENCE, widget=forms.HiddenInput
    )

    def lookup(self) -> Lookup:
        """What to look for, once the form is valid."""
        said = self.wanted()
        about = _id(said.get("object", ""))
        return Lookup(
            words=said.get("q"),
            type=said.get("type"),
            actor=said.get("actor"),
            about=about,
            called=None if about else said.get("object"),
            since=_moment(start_of, said.get("since")),
            until=_moment(end_of, said.get("until")),
            before=said.get("before"),
            after=said.get("after", 0),
        )


def _id(text: str) -> UUID | None:
    try:
        return UUID(text) if len(text) == _ID_LENGTH else None
    except ValueError:
        return None


def _moment(of: Any, day: Any) -> Any:
    return of(day) if day else None
