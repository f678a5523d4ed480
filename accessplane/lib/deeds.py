"""What can be done from the admin: a page that asks first, and one call of a use case."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.http import HttpRequest
from unfold.enums import ActionVariant

from accessplane.lib.errors import InvalidInput
from accessplane.lib.pages import show_refusal
from accessplane.lib.words import Text


@dataclass(frozen=True, slots=True)
class Viewing:
    """Who looks, with the rights of one moment: `subject.may(verb, kind)`."""

    subject: Any
    at: datetime


def viewing_of(request: HttpRequest) -> Viewing:
    """Who looks in this request, as the site found out when it let them in."""
    viewing: Viewing = request.admin_viewing  # type: ignore[attr-defined]
    return viewing


class Nothing(forms.Form):
    """There is nothing to fill in: the page asks whether it is meant."""


@dataclass(frozen=True, slots=True)
class Done:
    """What came of a deed, in a sentence; `leads_to` is the id of the object to show then.

    Not `is_well` is what was done and did not go as wished.
    """

    sentence: str
    leads_to: Any = None
    is_well: bool = True


class Deed(ABC):
    """Something that can be done from the admin. The use case decides; this only asks."""

    name: ClassVar[str]
    label: ClassVar[Text]
    icon: ClassVar[str] = "bolt"
    variant: ClassVar[ActionVariant] = ActionVariant.DEFAULT
    form: ClassVar[type[forms.Form]] = Nothing
    explanation: ClassVar[Text] = ""
    warning: ClassVar[Text] = ""
    field_of: ClassVar[dict[str, str]] = {}

    @abstractmethod
    def is_for(self, viewing: Viewing) -> bool:
        """Whether these rights are enough to be asked at all."""

    def fits(self, obj: Any, at: datetime) -> bool:
        """Whether the object is in a state in which the button means something."""
        return True

    def initial(self, obj: Any) -> dict[str, Any]:
        """What the form begins with."""
        return {}

    @abstractmethod
    def do(self, request: HttpRequest, obj: Any, said: dict[str, Any]) -> Done:
        """Do it with what was filled in; a refusal is raised as the use case raises it."""

    def refuse(self, form: forms.Form, refusal: InvalidInput) -> None:
        """Show at the fields why it was refused."""
        show_refusal(form, refusal, self.field_of)
