"""Pages about one's second factors: allauth's, each change recorded in its own transaction."""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.core import context
from allauth.mfa.adapter import get_adapter as get_mfa_adapter
from allauth.mfa.recovery_codes.views import GenerateRecoveryCodesView
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.totp.internal.auth import SECRET_SESSION_KEY
from allauth.mfa.totp.views import ActivateTOTPView, DeactivateTOTPView
from allauth.mfa.webauthn.views import (
    AddWebAuthnView,
    ReauthenticateWebAuthnView,
    RemoveWebAuthnView,
)
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views import View

from accessplane.lib.pages import Page
from accessplane.lib.sealed import CannotUnseal
from identity.proving import go_on
from identity.services import factors
from identity.sessions import actor_of, user_of


class Recorded(View):
    """A page that changes factors. A bot has none: it signs in with tokens."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer people; whoever has not signed in is sent there by allauth."""
        if getattr(request.user, "is_bot", False):
            raise PermissionDenied(_("A bot has no second factor: it signs in with tokens."))
        return super().dispatch(request, *args, **kwargs)

    def form_valid(self, form: Any) -> HttpResponse:
        """Make the change and record it, or neither."""
        user = user_of(self.request)
        with transaction.atomic():
            before = factors.lock(user)
            answer: HttpResponse = super().form_valid(form)  # type: ignore[misc]
            factors.record_changes(
                user=user, before=before, by=actor_of(self.request), at=timezone.now()
            )
        return answer


class AppForm(ActivateTOTPForm):  # type: ignore[misc]  # allauth has no types
    """Keeps the secret sealed in the session, as later in its row, until the app shows a code."""

    secret: str

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)  # which takes what is kept, or makes a new one
        adapter = get_mfa_adapter()
        try:
            self.secret = adapter.decrypt(self.secret)
        except CannotUnseal:
            context.request.session[SECRET_SESSION_KEY] = adapter.encrypt(self.secret)


class AddApp(Recorded, ActivateTOTPView):  # type: ignore[misc]
    """Set up an app that makes codes."""

    form_class = AppForm


class RemoveApp(Recorded, DeactivateTOTPView):  # type: ignore[misc]
    """Do without the app."""


class AddPasskey(Recorded, AddWebAuthnView):  # type: ignore[misc]
    """Add a passkey."""


class RemovePasskey(Recorded, RemoveWebAuthnView):  # type: ignore[misc]
    """Remove a passkey."""


class RenewRecoveryCodes(Recorded, GenerateRecoveryCodesView):  # type: ignore[misc]
    """Make new recovery codes in place of those of before."""


class ProveByPasskey(ReauthenticateWebAuthnView):  # type: ignore[misc]
    """Prove once more who one is, by a passkey."""

    def form_invalid(self, form: Any) -> HttpResponse:
        """Say what was wrong and offer it again, with what was to come next."""
        for sentence in form.errors.get("credential", []):
            get_adapter().add_message(self.request, messages.ERROR, message=sentence)
        return redirect(self.passthrough_next_url(self.request.path))


class GoOn(Page):
    """Back to the form that somebody without a second factor had sent."""

    def get(self, _request: HttpRequest) -> HttpResponse:
        """Whoever comes back here, from signing in perhaps, sees the page of the button."""
        return redirect("mfa_index")

    def post(self, request: HttpRequest) -> HttpResponse:
        """To the proof, and from there on."""
        return go_on(request)
