"""Pages: one request, and the buttons on it (CONTRACT 3)."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from accessplane.lib.errors import Conflict, InvalidInput
from accessplane.lib.pages import Button, Page
from identity.sessions import actor_of, user_of
from requests_app import page_data
from requests_app.services import asking, granting
from requests_app.web import forms

# The lists that buttons stand in, by what their forms call them.
_LISTS = {"home": "home", "grants": "grants-page"}


class OneRequest(Page):
    """One request with all that happened to it."""

    def get(self, request: HttpRequest, request_id: UUID) -> HttpResponse:
        """Show it."""
        context = page_data.request_page(
            user_of(request), request_id, by=actor_of(request), at=timezone.now()
        )
        return render(request, "requests_app/request_page.html", context)


class OnRequest(Button):
    """An address that a button of a request's page sends to."""

    page = "request-page"
    parts = ("request_id",)


class Cancellation(OnRequest):
    """Take a request back."""

    def post(self, request: HttpRequest, request_id: UUID) -> HttpResponse:
        """Cancel it; back to where the button was."""
        try:
            asking.cancel_request(
                request_id=request_id,
                user=user_of(request),
                reason="",
                by=actor_of(request),
                at=timezone.now(),
            )
        except Conflict as refusal:
            messages.warning(request, refusal.detail)
        else:
            messages.info(request, _("You cancelled this request."))
        return _back(request, request_id)


class EndOfGrant(OnRequest):
    """Give access back."""

    def post(self, request: HttpRequest, request_id: UUID, grant_id: UUID) -> HttpResponse:
        """End the grant; back to where the button was."""
        grant = granting.end_grant(
            grant_id=grant_id,
            user=user_of(request),
            reason="",
            by=actor_of(request),
            at=timezone.now(),
        )
        messages.info(request, _("You gave %(name)s back.") % {"name": grant.role.name})
        return _back(request, request_id)


class Revocation(OnRequest):
    """Take access away."""

    def post(self, request: HttpRequest, request_id: UUID, grant_id: UUID) -> HttpResponse:
        """Revoke the grant with a reason, and show its request."""
        form = forms.Revocation(request.POST)
        user, at = user_of(request), timezone.now()
        try:
            if form.is_valid():
                granting.revoke_grant(
                    grant_id=grant_id,
                    user=user,
                    reason=form.cleaned_data["reason"],
                    by=actor_of(request),
                    at=at,
                )
                messages.info(request, _("You revoked the access. It ended at once."))
                return redirect("request-page", request_id)
        except InvalidInput as refusal:
            form.refuse(refusal)
        except Conflict as refusal:
            messages.warning(request, refusal.detail)
            return redirect("request-page", request_id)
        context = page_data.request_page(user, request_id, by=actor_of(request), at=at)
        context |= {"revocation": form, "revoked_id": grant_id}
        return render(request, "requests_app/request_page.html", context, status=400)


def _back(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """To the page that the button stood on."""
    page = _LISTS.get(request.POST.get("back", ""))
    return redirect(page) if page else redirect("request-page", request_id)
