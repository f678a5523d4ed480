"""What every page shares: who may open it, and what a refusal looks like there."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.contrib.auth.mixins import LoginRequiredMixin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.cache import never_cache

from accessplane.lib.errors import DomainError, NotFound, NotPermitted
from accessplane.lib.zones import reading_in, zone_chosen

# What stands around the content of every page for this viewer at this moment.
Frame = Callable[[Any, datetime], Mapping[str, Any]]

_frames: list[Frame] = []


def register_frame(frame: Frame) -> None:
    """Take the app that knows what waits for a viewer, and where he may go."""
    _frames[:] = [frame]


def frame_of(viewer: Any, *, at: datetime) -> dict[str, Any]:
    """What every page shows, for the pages of apps below the one that knows it."""
    (frame,) = _frames
    return dict(frame(viewer, at))


@method_decorator(never_cache, name="dispatch")
class Page(LoginRequiredMixin, View):
    """A page for whoever has signed in; everybody else is sent to sign in.

    `NotFound` and `NotPermitted` become the pages for them. A form shows `InvalidInput` where it
    belongs, and a button tells of a `Conflict`: those two are for the view to answer.
    """

    def handle_no_permission(self) -> HttpResponseBase:  # type: ignore[override]
        """Sign in first; a part of a page that was asked for takes the whole page there."""
        if "HX-Request" not in self.request.headers:
            return super().handle_no_permission()
        return HttpResponse(status=204, headers={"HX-Refresh": "true"})

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer the request, in the zone that was chosen in this browser."""
        try:
            with reading_in(zone_chosen(request.COOKIES)):
                return super().dispatch(request, *args, **kwargs)
        except NotFound as refusal:
            raise Http404(refusal.detail) from refusal
        except NotPermitted as refusal:
            raise PermissionDenied(refusal.detail) from refusal


class Button(Page):
    """An address that a button or a form of another page sends to.

    `page` is the name of that page, and `parts` are those of this address that it is shown by.
    """

    page: ClassVar[str]
    parts: ClassVar[tuple[str, ...]] = ()

    def get(self, _request: HttpRequest, **given: Any) -> HttpResponse:
        """Whoever comes back here, from signing in perhaps, sees the page of the button."""
        return redirect(self.page, *(given[part] for part in self.parts))


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
