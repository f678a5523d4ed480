"""What people fill in to set up a channel, or a route."""

from collections.abc import Callable, Mapping
from typing import Any

import yaml
from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accessplane.lib.errors import InvalidInput
from chatops.services.setting_up import ChannelType, Misfit, Setting, Shape, WantedChannel
from chatops.specs import NAME_LENGTH
from identity.documents import DESCRIPTION_LENGTH, values_from_yaml

_PLAIN = {"autocomplete": "off", "spellcheck": "false", "autocapitalize": "none"}
_WRITTEN = {"url": "URL", "id": "ID", "api": "API", "openid": "OpenID", "email": "e-mail"}


class Values(forms.Field):
    """Lists and mappings, written as YAML."""

    widget = forms.Textarea(attrs=_PLAIN | {"rows": 3, "class": "code"})

    def prepare_value(self, value: Any) -> Any:
        """The text for values that a form begins with."""
        if isinstance(value, str) or value is None:
            return value
        return yaml.safe_dump(value, sort_keys=False).strip() if value else ""

    def to_python(self, value: Any) -> Any:
        """The values of the text; nothing of an empty one."""
        try:
            return values_from_yaml(value or "")
        except InvalidInput as refusal:
            raise forms.ValidationError(refusal.detail) from refusal


class Lines(forms.Field):
    """A list of texts, one a line."""

    widget = forms.Textarea(attrs=_PLAIN | {"rows": 3})

    def prepare_value(self, value: Any) -> Any:
        """The text for a list that a form begins with."""
        return "\n".join(value) if isinstance(value, list | tuple) else value

    def to_python(self, value: Any) -> list[str]:
        """The lines that are not blank."""
        return [line.strip() for line in (value or "").splitlines() if line.strip()]


class ChannelForm(forms.Form):
    """A channel of one type: the settings are what the type asks for.

    `kept` names the secrets that the channel has already: left empty they stay.
    """

    use_required_attribute = False

    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=NAME_LENGTH,
        help_text=gettext_lazy("What routes and people call it."),
        widget=forms.TextInput(attrs=_PLAIN),
    )
    description = forms.CharField(
        label=gettext_lazy("Description"), max_length=DESCRIPTION_LENGTH, required=False
    )

    def __init__(
        self,
        kind: ChannelType,
        *args: Any,
        kept: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.kind = kind
        for setting in kind.settings:
            self.fields[f"set_{setting.name}"] = _field(setting, (kept or {}).get(setting.name))
        self.fields["active"] = forms.BooleanField(
            required=False, initial=True, label=_("Send through it")
        )

    @property
    def is_secretive(self) -> bool:
        """Whether secrets are asked for."""
        return any(one.shape is Shape.HIDDEN for one in self.kind.settings)

    @property
    def usual(self) -> list[forms.BoundField]:
        """The fields for everybody."""
        return [field for field in self if field.name not in self._rare]

    @property
    def rare(self) -> list[forms.BoundField]:
        """The fields that hardly anybody changes: where the service is."""
        return [self[name] for name in self._rare]

    @property
    def _rare(self) -> list[str]:
        return [
            f"set_{one.name}"
            for one in self.kind.settings
            if one.default and one.name.endswith("url")
        ]

    def wanted(self) -> WantedChannel:
        """What was said; what was left empty has the value that it has in documents."""
        said = {one.name: self.cleaned_data[f"set_{one.name}"] for one in self.kind.settings}
        return WantedChannel(
            name=self.cleaned_data["name"],
            type=self.kind.name,
            description=self.cleaned_data["description"],
            settings={name: value for name, value in said.items() if value not in ("", None)},
            active=self.cleaned_data["active"],
        )

    def refuse(self, misfit: Misfit) -> None:
        """Show the refusal at the field that it is about."""
        field = f"set_{misfit.field}" if f"set_{misfit.field}" in self.fields else misfit.field
        self.add_error(field if field in self.fields else None, misfit.detail)


class RouteForm(forms.Form):
    """Which news goes through a channel to whom."""

    use_required_attribute = False

    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=NAME_LENGTH,
        widget=forms.TextInput(attrs=_PLAIN),
    )
    recipients = Lines(
        label=gettext_lazy("Recipients"),
        required=False,
        help_text=gettext_lazy("One a line. In the words of the service."),
    )
    roles = Lines(
        label=gettext_lazy("Roles"),
        required=False,
        help_text=gettext_lazy(
            "One a line. Roles or patterns such as db-*. Empty: whatever is asked for."
        ),
    )
    events = Lines(
        label=gettext_lazy("Events"),
        required=False,
        help_text=gettext_lazy(
            "One a line. Types of events or patterns such as grant.*. Empty: new requests."
        ),
    )
    when = forms.CharField(
        required=False,
        label=gettext_lazy("Only if"),
        help_text=gettext_lazy(
            'A condition, such as requester.traits["team"] == ["payments"].'
        ),
        widget=forms.TextInput(attrs=_PLAIN),
    )
    after = forms.CharField(
        required=False,
        label=gettext_lazy("Wait"),
        help_text=gettext_lazy("Such as 30m: told then if nobody has decided."),
    )
    remind = forms.CharField(
        required=False,
        label=gettext_lazy("Remind"),
        help_text=gettext_lazy("Such as 1h: again until somebody has decided."),
    )
    quiet = Values(
        required=False,
        label=gettext_lazy("Quiet hours"),
        help_text=gettext_lazy(
            "Windows as in documents: when nothing is sent, and what came waits."
        ),
    )
    active = forms.BooleanField(required=False, initial=True, label=gettext_lazy("In use"))

    def spec(self, channel: str) -> dict[str, Any]:
        """The document's spec; what was left empty is left out."""
        said = {name: value for name, value in self.cleaned_data.items() if name != "name"}
        return (
            {"channel": channel}
            | {name: value for name, value in said.items() if value not in ("", None, [], {})}
            | {"active": said["active"]}
        )

    def refuse(self, misfit: Misfit) -> None:
        """Show the refusal at the field that it is about."""
        self.add_error(misfit.field if misfit.field in self.fields else None, misfit.detail)


class SampleForm(forms.Form):
    """Whom a sample goes to."""

    to = forms.CharField(required=False, max_length=254, label=gettext_lazy("To"))


def _field(setting: Setting, kept: Any) -> forms.Field:
    shared: dict[str, Any] = {
        "label": _label(setting.name),
        "help_text": setting.hint and _(setting.hint),
        "required": setting.is_required and not kept,
        "initial": setting.default,
    }
    if setting.shape is Shape.HIDDEN:
        return _secret(shared, kept)
    return _FIELDS[setting.shape](setting, shared)


_FIELDS: dict[Shape, Callable[[Setting, dict[str, Any]], forms.Field]] = {
    Shape.FLAG: lambda _, shared: forms.BooleanField(**shared | {"required": False}),
    Shape.CHOICE: lambda setting, shared: forms.ChoiceField(
        choices=[(one, one) for one in setting.choices], **shared
    ),
    Shape.NUMBER: lambda _, shared: forms.IntegerField(**shared),
    Shape.VALUES: lambda _, shared: Values(**shared),
    Shape.TEXT: lambda _, shared: forms.CharField(
        widget=forms.TextInput(attrs=_PLAIN), **shared
    ),
}


def _secret(shared: dict[str, Any], kept: Any) -> forms.Field:
    """A secret is typed and never shown; of what is kept only where it comes from."""
    if kept:
        now = kept if isinstance(kept, str) else ", ".join(kept)
        stays = _("Now: %(now)s; empty: it stays.") % {"now": now}
        shared["help_text"] = f"{shared['help_text']} {stays}".strip()
    widget = forms.PasswordInput(attrs=_PLAIN | {"autocomplete": "new-password"})
    return forms.CharField(**shared | {"initial": None}, widget=widget)


def _label(name: str) -> str:
    """The name of a setting as people write it."""
    words = [_WRITTEN.get(word, word) for word in name.split("_")]
    return " ".join([words[0][0].upper() + words[0][1:], *words[1:]])
