"""What every page shares: who may open it, and what a refusal looks like there."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib.auth.mixins import LoginRequiredMixin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.cache import never_cache

from accessplane.lib.errors import DomainError, NotFound, NotPermitted


@method_decorator(never_cache, name="dispatch")
class Page(LoginRequiredMixin, View):
    """A page for whoever has signed in; everybody else is sent to sign in.

    `NotFound` and `NotPermitted` become the pages for them. A form shows `InvalidInput` where it
    belongs, and a button tells of a `Conflict`: those two are for the view to answer.
    """

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer the request."""
        try:
            return super().dispatch(request, *args, **kwargs)
        except NotFound as refusal:
            raise Http404(refusal.detail) from refusal
        except NotPermitted as refusal:
            raise PermissionDenied(refusal.detail) from refusal


def show_refusal(
    form: forms.Form, refusal: DomainError, field_of: Mapping[str, str] | None = None
) -> None:
    """Put the refusal's sentences at the fields of a valid form that it names.

    `field_of` says which field a code is about when the refusal names none. What concerns no
    field of this form stands above them all.
    """
    named = {
        field: sentences for field, sentences in refusal.errors.items() if field in form.fields
    }
    if not named:
        field = (field_of or {}).get(refusal.code)
        form.add_error(field if field in form.fields else None, refusal.detail)
    for field, sentences in named.items():
        form.add_error(field, list(sentences))
