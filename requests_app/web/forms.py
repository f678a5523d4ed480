"""What people fill in to ask, and to take access away."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accessplane.lib.durations import parse_duration
from accessplane.lib.errors import InvalidInput
from accessplane.lib.pages import show_refusal
from accessplane.lib.words import Text
from accessplane.lib.zones import Moment, ZonedForm
from requests_app.planning import Wish

_NAMES = re.compile(r"[\s,;]+")
_MAX_NAMES = 500
# A length that is none of those offered.
OTHER = "other"
_FIELD_OF = {
    "invalid_input": "roles",
    "no_requestable_roles": "roles",
    "nothing_requested": "roles",
    "role_not_found": "roles",
    "role_not_requestable": "roles",
    "reason_required": "reason",
    "reason_pattern": "reason",
    "reason_too_long": "reason",
    "invalid_duration": "duration",
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


class Length(forms.CharField):
    """A length of time, or None if nothing is said."""

    widget = forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"})

    def clean(self, value: Any) -> Any:
        """The length."""
        text = super().clean(value)
        try:
            return parse_duration(text) if text else None
        except InvalidInput as refusal:
            raise ValidationError(refusal.detail) from refusal


class People(Names):
    """Addresses of people, each by itself or several separated by commas."""

    def clean(self, value: Any) -> Any:
        """The addresses."""
        return _names_in(
            " ".join(super().clean(value)), _("These are more than %(count)s people.")
        )


class NewRequest(ZonedForm):
    """A wish; `duration` is a length, or `other` where `other_duration` says it."""

    use_required_attribute = False

    roles = Names(required=False)
    reason = Reason(required=False, strip=False)
    duration = forms.CharField(required=False)
    other_duration = Length(required=False)
    start_time = Moment(required=False)
    suggested_reviewers = People(required=False)
    extends = forms.UUIDField(required=False)

    def clean(self) -> dict[str, Any]:
        """Bring what two fields say together."""
        said = self.cleaned_data
        if said.get("duration") == OTHER:
            said["duration"] = said.get("other_duration")
        elif "duration" in said:
            self._clean_length()
        return said

    def _clean_length(self) -> None:
        text = self.cleaned_data["duration"]
        try:
            self.cleaned_data["duration"] = parse_duration(text) if text else None
        except InvalidInput as refusal:
            self.add_error("duration", refusal.detail)

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

    def foretell(self, code: str, sentence: str) -> None:
        """Show at its field what making the request would be refused with."""
        field = _FIELD_OF.get(code)
        self.add_error(field if field in self.fields else None, sentence)


class Question(forms.Form):
    """What somebody would ask for; `about_others` offers to ask about somebody else."""

    use_required_attribute = False

    role = forms.CharField(
        label=_("Roles"),
        required=False,
        help_text=_("Names, separated by commas."),
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "spellcheck": "false", "list": "known-roles"}
        ),
    )
    user = forms.CharField(
        label=_("For whom"),
        required=False,
        help_text=_("An e-mail address. Empty: for you."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    reason = forms.CharField(label=_("Reason"), required=False, strip=False)
    duration = Length(
        label=_("Duration"), required=False, help_text=_("Such as 2h, 1h30m or 3d.")
    )

    def __init__(self, data: Any = None, *, about_others: bool) -> None:
        super().__init__(data)
        if not about_others:
            del self.fields["user"]

    def clean_role(self) -> tuple[str, ...]:
        """The names, however they are separated."""
        return _names_in(self.cleaned_data["role"], _("These are more than %(count)s roles."))

    def wish(self) -> Wish:
        """The request in question, once the form is valid."""
        said = self.cleaned_data
        return Wish(roles=said["role"], reason=said["reason"], duration=said["duration"])

    def refuse(self, refusal: Any) -> None:
        """Show why there is no answer."""
        show_refusal(self, refusal)


class Revocation(forms.Form):
    """Why access is taken away."""

    use_required_attribute = False

    reason = Reason(required=False, strip=False)

    def refuse(self, refusal: Any) -> None:
        """Show why it was not taken away."""
        show_refusal(self, refusal, _FIELD_OF)


def _names_in(text: str, too_many: Text) -> tuple[str, ...]:
    names = tuple(filter(None, _NAMES.split(text)))
    if len(names) > _MAX_NAMES:
        raise ValidationError(str(too_many) % {"count": _MAX_NAMES})
    return names
