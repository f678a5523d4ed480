"""What a list is narrowed by: a form that reads the address, and chips that take a filter away."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import QueryDict

# What says where in a list one is; another filter begins at its top.
PLACES = ("page", "before", "after")


class Day(forms.DateField):
    """A day in UTC, as the address has it: 2026-11-22."""

    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("input_formats", ["%Y-%m-%d"])
        super().__init__(**{"required": False, **kwargs})


class Filters(forms.Form):
    """The filters of a list; nothing is required, and an empty one does not narrow."""

    use_required_attribute = False

    def wanted(self) -> dict[str, Any]:
        """What was asked for by a form that is valid: the fields that say something."""
        return {
            name: value for name, value in self.cleaned_data.items() if value not in (None, "")
        }

    def chips(self) -> list[dict[str, str]]:
        """Each filter that is set, as `parts/chips.html` shows it."""
        shown = []
        for name, field in self.fields.items():
            value = str(self.data.get(name, "")).strip()
            if value and not isinstance(field.widget, forms.HiddenInput):
                words = dict(getattr(field, "choices", ())).get(value, value)
                address = f"?{_query(self.data, name)}"
                shown.append({"name": field.label, "value": words, "address": address})
        return shown

    @property
    def query(self) -> str:
        """The filters as the part of an address after its `?`, without a place in the list."""
        return _query(self.data)


def start_of(day: date) -> datetime:
    """The first moment of the day."""
    return datetime.combine(day, time(tzinfo=UTC))


def end_of(day: date) -> datetime:
    """The first moment that is not in the day any more."""
    return start_of(day) + timedelta(days=1)


def _query(data: Any, without: str = "") -> str:
    left_out = {without, *PLACES}
    pairs = data.items() if isinstance(data, QueryDict) else dict(data).items()
    return urlencode([(k, v) for k, v in pairs if v and k not in left_out])
