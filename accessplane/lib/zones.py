"""The time zone that somebody reads and writes moments in: the one that was chosen in this browser.

Pages fall back to UTC, and name the zone; a script that knows the device's writes in that one.
"""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

COOKIE = "zone"
_LONGEST = 64
_MOMENT = "%Y-%m-%dT%H:%M"


def zone_named(name: str) -> ZoneInfo | None:
    """The zone of this name, such as Europe/Berlin; None if there is none."""
    try:
        return ZoneInfo(name[:_LONGEST]) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def zone_chosen(cookies: Mapping[str, str]) -> ZoneInfo | None:
    """The zone that was chosen in the browser with these cookies."""
    return zone_named(cookies.get(COOKIE, ""))


def reading_in(zone: ZoneInfo | None) -> AbstractContextManager[None]:
    """Pages written, and forms read, in here have their moments in this zone, or in UTC."""
    return timezone.override(zone)


def zone_names() -> list[str]:
    """The zones that people know by a place, in order, and UTC."""
    return sorted(
        name
        for name in available_timezones()
        if name == "UTC" or ("/" in name and not name.startswith("Etc/"))
    )


class Moment(forms.DateTimeField):
    """A date and a time, as browsers let people choose them."""

    widget = forms.DateTimeInput(format=_MOMENT, attrs={"type": "datetime-local"})
    default_error_messages = {
        "invalid": _("This is a date and a time, such as 2026-11-22 18:40.")
    }
    input_formats = [_MOMENT]


class ZonedForm(forms.Form):
    """A form whose moments are in the zone that stands beside them (`parts/zone.html`).

    What was read is what counts: a choice of another zone, made elsewhere meanwhile, moves
    nothing. Without a word about it, the zone is that of the page.
    """

    zone = forms.CharField(required=False, widget=forms.HiddenInput)

    def full_clean(self) -> None:
        """Read the fields; `zone` has done its work after that."""
        name = str(self.data.get(self.add_prefix("zone"), ""))
        said = zone_named(name)
        with reading_in(said or timezone.get_current_timezone()):
            super().full_clean()
        if not self.is_bound:
            return
        self.cleaned_data.pop("zone", None)
        has_moment = any(isinstance(value, datetime) for value in self.cleaned_data.values())
        if name and said is None and has_moment:
            self.add_error(
                "zone", _("This time zone is not known. Choose one in your settings.")
            )
