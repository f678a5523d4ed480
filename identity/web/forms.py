"""What people fill in about themselves."""

from datetime import timedelta

from django import forms
from django.utils.translation import gettext_lazy as _

from identity.services.tokens import LONGEST_TTL

_LENGTHS = (
    (1, _("1 day")),
    (7, _("7 days")),
    (30, _("30 days")),
    (90, _("90 days")),
    (LONGEST_TTL.days, _("1 year")),
)


class NewToken(forms.Form):
    """A token for a program that acts as me: what it is for, and how long it lasts."""

    use_required_attribute = False

    name = forms.CharField(
        label=_("What it is for"),
        max_length=100,
        error_messages={"required": _("Say what it is for, so that you know it again.")},
        widget=forms.TextInput(attrs={"autocomplete": "off", "placeholder": "deploy script"}),
    )
    ttl = forms.TypedChoiceField(
        label=_("How long it lasts"),
        choices=_LENGTHS,
        coerce=lambda days: timedelta(days=int(days)),
        initial=30,
    )
