"""What people fill in about themselves."""

from django import forms
from django.utils.translation import gettext_lazy as _

from accessplane.lib.zones import Moment, ZonedForm


class NewDelegation(ZonedForm):
    """Who is told of reviews instead, and when."""

    use_required_attribute = False

    delegate = forms.CharField(
        max_length=254,
        label=_("Whom to ask instead"),
        help_text=_("An e-mail address."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    starts_at = Moment(required=False, label=_("From"), help_text=_("Empty: from now on."))
    ends_at = Moment(label=_("Until"))
