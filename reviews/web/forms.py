"""What reviewers fill in."""

from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accessplane.lib.pages import show_refusal
from accessplane.lib.zones import Moment, ZonedForm
from requests_app.states import RequestState
from reviews.thresholds import Decision

_FIELD_OF = {
    "reason_required": "reason",
    "reason_too_long": "reason",
    "start_time_in_past": "start_time",
    "start_time_too_far": "start_time",
}


def _seeking(name: str | Promise) -> forms.TextInput:
    hints = {"type": "search", "placeholder": name, "autocomplete": "off"}
    return forms.TextInput(attrs={**hints, "spellcheck": "false", "aria-label": name})


class Judgement(ZonedForm):
    """A reason, and with an approval perhaps a start."""

    use_required_attribute = False

    reason = forms.CharField(required=False, strip=False)
    start_time = Moment(required=False)

    def clean_reason(self) -> str:
        """The reason, its line ends as everywhere else."""
        return str(self.cleaned_data["reason"]).replace("\r\n", "\n")

    def refuse(self, refusal: Any) -> None:
        """Show why this was refused."""
        show_refusal(self, refusal, _FIELD_OF)


class Review(Judgement):
    """Approve, deny, or comment."""

    decision = forms.ChoiceField(
        choices=[(str(decision), str(decision)) for decision in Decision],
        error_messages={
            "required": _("Choose Approve, Deny or Comment."),
            "invalid_choice": _("A decision is Approve, Deny or Comment."),
        },
    )


class Several(Judgement):
    """What is said about one of several requests; nothing decides nothing."""

    decision = forms.ChoiceField(
        required=False,
        choices=[("", ""), *((str(d), str(d)) for d in (Decision.APPROVE, Decision.DENY))],
        error_messages={"invalid_choice": _("A decision is Approve or Deny.")},
    )


class Wanted(forms.Form):
    """Which of the requests that wait a list shows."""

    use_required_attribute = False

    scope = forms.ChoiceField(
        label=_("Show"),
        required=False,
        choices=[("", _("Mine to decide")), ("all", _("All that I may see"))],
    )
    role = forms.CharField(
        label=_("Role"), required=False, max_length=128, widget=_seeking(_("Role"))
    )
    requester = forms.CharField(
        label=_("Requester"), required=False, max_length=254, widget=_seeking(_("Requester"))
    )
    waiting = forms.ChoiceField(
        label=_("Waiting"),
        required=False,
        choices=[
            ("", _("However long it waits")),
            ("1h", _("Waits for an hour or more")),
            ("1d", _("Waits for a day or more")),
            ("3d", _("Waits for three days or more")),
        ],
    )


class Resolution(Judgement):
    """Approve or deny without the reviewers."""

    state = forms.ChoiceField(
        choices=[(str(s), str(s)) for s in (RequestState.APPROVED, RequestState.DENIED)],
        error_messages={
            "required": _("Choose Force approval or Force denial."),
            "invalid_choice": _("Choose Force approval or Force denial."),
        },
    )
