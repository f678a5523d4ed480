"""What reviewers fill in."""

from typing import Any

from django import forms

from accessplane.lib.pages import show_refusal
from requests_app.states import RequestState
from reviews.thresholds import Decision

_MOMENT = "%Y-%m-%dT%H:%M"
_FIELD_OF = {
    "reason_required": "reason",
    "reason_too_long": "reason",
    "start_time_in_past": "start_time",
    "start_time_too_far": "start_time",
}


class Judgement(forms.Form):
    """A reason, and with an approval perhaps a start."""

    use_required_attribute = False

    reason = forms.CharField(required=False, strip=False)
    start_time = forms.DateTimeField(
        required=False,
        input_formats=[_MOMENT],
        error_messages={"invalid": "A start is a date and a time, such as 2026-11-22 18:40."},
    )

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
            "required": "Choose Approve, Deny or Comment.",
            "invalid_choice": "A decision is Approve, Deny or Comment.",
        },
    )


class Resolution(Judgement):
    """Approve or deny without the reviewers."""

    state = forms.ChoiceField(
        choices=[(str(s), str(s)) for s in (RequestState.APPROVED, RequestState.DENIED)],
        error_messages={
            "required": "Choose Force approval or Force denial.",
            "invalid_choice": "Choose Force approval or Force denial.",
        },
    )
