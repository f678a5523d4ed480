"""What people fill in about themselves."""

from django import forms
from django.utils.translation import gettext_lazy as _

_MOMENT = "%Y-%m-%dT%H:%M"


class _Moment(forms.DateTimeField):
    """A date and a time in UTC."""

    widget = forms.DateTimeInput(format=_MOMENT, attrs={"type": "datetime-local"})
    default_error_messages = {
        "invalid": _("This is a date and a time, such as 2026-11-22 18:40.")
    }
    input_formats = [_MOMENT]


class NewDelegation(forms.Form):
    """Who is told of reviews instead, and when."""

    use_required_attribute = False

    delegate = forms.CharField(
        max_length=254,
        label=_("Whom to ask instead"),
        help_text=_("An e-mail address."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    starts_at = _Moment(
        required=False, label=_("From, in UTC"), help_text=_("Empty: from now on.")
    )
    ends_at = _Moment(label=_("Until, in UTC"))
