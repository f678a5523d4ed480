"""What people fill in to ask, and to take access away."""

import re
from datetime import timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from accessplane.lib.durations import parse_duration
from accessplane.lib.errors import InvalidInput
from accessplane.lib.pages import show_refusal
from requests_app.planning import Wish

_MOMENT = "%Y-%m-%dT%H:%M"
_NAMES = re.compile(r"[\s,;]+")
_MAX_NAMES = 500
_FIELD_OF = {
    "nothing_requested": "roles",
    "role_not_found": "roles",
    "role_not_requestable": "roles",
    "reason_required": "reason",
    "reason_pattern": "reason",
    "reason_too_long": "reason",
    "duration_too_long": "duration",
    "start_time_in_past": "start_time",
    "start_time_too_far": "start_time",
    "unknown_reviewer": "suggested_reviewers",
}


class Names(forms.MultipleChoiceField):
    """Names of roles; which of them may be asked for is decided where a request is made."""

    widget = forms.CheckboxSelectMultiple

    def valid_value(self, value: Any) -> bool:
        """Take any."""
        return True


class Reason(forms.CharField):
    """A text of several lines, its line ends as everywhere else."""

    widget = forms.Textarea

    def to_python(self, value: Any) -> str:
        """The text."""
        return str(super().to_python(value)).replace("\r\n", "\n")


class NewRequest(forms.Form):
    """A wish."""

    use_required_attribute = False

    roles = Names(required=False)
    reason = Reason(required=False, strip=False, widget=forms.Textarea(attrs={"rows": 4}))
    duration = forms.CharField(
        required=False,
        help_text="Such as 2h, 1h30m or 3d. Empty: as long as the roles allow.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    start_time = forms.DateTimeField(
        required=False,
        label="Start, in UTC",
        help_text="Empty: as soon as the request is approved.",
        input_formats=[_MOMENT],
        widget=forms.DateTimeInput(format=_MOMENT, attrs={"type": "datetime-local"}),
        error_messages={"invalid": "A start is a date and a time, such as 2026-11-22 18:40."},
    )
    suggested_reviewers = forms.CharField(
        required=False,
        label="Whom to ask first",
        help_text="E-mail addresses. Empty: the people whom your roles suggest.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def clean_duration(self) -> timedelta | None:
        """The length, or None if nothing was said."""
        text = self.cleaned_data["duration"]
        try:
            return parse_duration(text) if text else None
        except InvalidInput as refusal:
            raise ValidationError(refusal.detail) from refusal

    def clean_suggested_reviewers(self) -> tuple[str, ...]:
        """The addresses, however they are separated."""
        names = tuple(filter(None, _NAMES.split(self.cleaned_data["suggested_reviewers"])))
        if len(names) > _MAX_NAMES:
            raise ValidationError(f"These are more than {_MAX_NAMES} people.")
        return names

    def wish(self) -> Wish:
        """What was said, once the form is valid."""
        said = self.cleaned_data
        return Wish(
            roles=tuple(said["roles"]),
            reason=said["reason"],
            suggested_reviewers=said["suggested_reviewers"] or None,
            duration=said["duration"],
            start_time=said["start_time"],
        )

    def refuse(self, refusal: Any) -> None:
        """Show why the wish was refused."""
        show_refusal(self, refusal, _FIELD_OF)


class Revocation(forms.Form):
    """Why access is taken away."""

    use_required_attribute = False

    reason = Reason(required=False, strip=False)

    def refuse(self, refusal: Any) -> None:
        """Show why it was not taken away."""
        show_refusal(self, refusal, _FIELD_OF)
