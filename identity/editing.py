"""The documents of objects, written on a page of the admin as they are in files."""

import hashlib
from collections.abc import Callable
from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.enums import ActionVariant
from unfold.widgets import UnfoldAdminTextareaWidget

from accessplane.lib.deeds import Deed, Done, Viewing, viewing_of
from accessplane.lib.errors import Conflict, InvalidInput
from identity import documents
from identity.services import configuration
from identity.services.outcomes import Outcome, Result
from identity.sessions import admin_actor_of

_PLACE = "the text"
_DONE = {
    Result.CREATED: gettext_lazy("{} exists from now on."),
    Result.UPDATED: gettext_lazy("{} is as its document says from now on."),
    Result.UNCHANGED: gettext_lazy("The document says what {} is already."),
}


class EditedMeanwhile(Conflict):
    """Somebody else changed the object after the page was opened."""

    code = "edited_meanwhile"


class Text(forms.Form):
    """One document, as YAML or JSON."""

    document = forms.CharField(
        strip=False,
        max_length=500_000,
        widget=UnfoldAdminTextareaWidget(
            attrs={"rows": 26, "class": "plane-document", "spellcheck": "false"}
        ),
        help_text=gettext_lazy("YAML or JSON, as `ap apply` reads it."),
    )
    begun_with = forms.CharField(required=False, widget=forms.HiddenInput)


class _Writing(Deed):
    """What making an object and editing one have in common."""

    icon = "edit_document"
    variant = ActionVariant.PRIMARY
    form = Text
    explanation = gettext_lazy(
        "Everything is checked first; with an error nothing is stored. Whoever keeps this in a "
        "file as well brings back what the file says with the next `ap apply`."
    )

    def __init__(self, kind: str) -> None:
        self.kind = kind

    def refuse(self, form: forms.Form, refusal: InvalidInput) -> None:
        sentences = [one for several in refusal.errors.values() for one in several]
        form.add_error("document", sentences or refusal.detail)

    def apply(self, request: HttpRequest, text: str, *, name: str | None) -> Outcome:
        """Apply the one document of the text: of this kind, and of this name if one is given."""
        read = documents.from_json if text.lstrip()[:1] in {"{", "["} else documents.from_yaml
        found = read(text, source=_PLACE)
        if len(found) != 1:
            raise InvalidInput(_("Write exactly one document."))
        (document,) = found
        if document.kind != self.kind:
            raise InvalidInput(
                _("The kind of this document is %(kind)s - at `kind`") % {"kind": self.kind}
            )
        if name is not None and document.key != (self.kind, name):
            raise InvalidInput(
                _(
                    "The name stays %(name)s: another name is another object - at `metadata.name`"
                )
                % {"name": name}
            )
        (outcome,) = configuration.apply_documents(
            found,
            by=admin_actor_of(request),
            may=viewing_of(request).subject.may,
            at=viewing_of(request).at,
        )
        return outcome


class Edit(_Writing):
    """Change an object by its document; `text_of` writes it, secrets left out."""

    name = "edit"
    label = gettext_lazy("Edit document")

    def __init__(
        self, kind: str, *, text_of: Callable[[Any], str], name_of: Callable[[Any], str]
    ) -> None:
        super().__init__(kind)
        self.text_of, self.name_of = text_of, name_of

    def is_for(self, viewing: Viewing) -> bool:
        return bool(viewing.subject.may("update", self.kind))

    def initial(self, obj: Any) -> dict[str, Any]:
        text = self.text_of(obj)
        return {"document": text, "begun_with": _digest_of(text)}

    def do(self, request: HttpRequest, obj: Any, said: dict[str, Any]) -> Done:
        if said["begun_with"] != _digest_of(self.text_of(obj)):
            raise EditedMeanwhile(
                _("Somebody changed this after you opened it. Look at it again before you do.")
            )
        return _done(self.apply(request, said["document"], name=self.name_of(obj)), obj.pk)


class New(_Writing):
    """Make an object by its document."""

    name = "new"
    icon = "add"

    def __init__(self, kind: str, *, begin_with: str, model: Any) -> None:
        super().__init__(kind)
        self.begin_with, self.model = begin_with, model

    @property
    def label(self) -> str:  # type: ignore[override]  # read as all labels are
        """What the button says."""
        return _("New %(kind)s") % {"kind": self.kind}

    def is_for(self, viewing: Viewing) -> bool:
        return bool(viewing.subject.may("create", self.kind))

    def initial(self, obj: Any) -> dict[str, Any]:
        return {"document": self.begin_with}

    def do(self, request: HttpRequest, obj: Any, said: dict[str, Any]) -> Done:
        outcome = self.apply(request, said["document"], name=None)
        made = self.model.objects.filter(name=outcome.document.name)
        return _done(outcome, made.values_list("pk", flat=True).first())


def _done(outcome: Outcome, pk: Any) -> Done:
    sentence = _DONE[outcome.result].format(outcome.document.name)
    return Done(" ".join([sentence, *outcome.warnings]), leads_to=pk)


def _digest_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
