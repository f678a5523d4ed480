"""Pages: the link that confirms an address, asked for and opened."""

from http import HTTPStatus

from allauth.account.internal.decorators import login_stage_required
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views import View
from django.views.decorators.cache import never_cache

from accessplane.lib.errors import NotFound
from identity.services import addresses
from identity.sessions import actor_behind
from identity.stages import ConfirmedAddress


@method_decorator(
    login_stage_required(stage=ConfirmedAddress.key, redirect_urlname="account_login"),
    name="dispatch",
)
class LinkSent(View):
    """For whoever has just given the right password, and for nobody else: look into your mail."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Say where the link is."""
        user = request._login_stage.login.user  # type: ignore[attr-defined]
        return render(request, "account/verification_sent.html", {"email": user.email})

    def post(self, request: HttpRequest) -> HttpResponse:
        """Send it once more."""
        if request._login_stage.send_link():  # type: ignore[attr-defined]
            messages.info(request, _("Another mail is on its way."))
        return redirect(ConfirmedAddress.urlname)


@method_decorator(never_cache, name="dispatch")
class Confirmation(View):
    """Where the link leads. Opening it confirms nothing: programs that look into mail do that."""

    def get(self, request: HttpRequest, key: str) -> HttpResponse:
        """Ask whether the address is theirs."""
        user = addresses.behind(key, at=timezone.now())
        found = HTTPStatus.OK if user else HTTPStatus.NOT_FOUND
        context = {"email": user.email if user else ""}
        return render(request, "account/email_confirm.html", context, status=found)

    def post(self, request: HttpRequest, key: str) -> HttpResponse:
        """Confirm it. Nobody is signed in by that."""
        at = timezone.now()
        user = addresses.behind(key, at=at)
        if user is None:
            return self.get(request, key)
        try:
            addresses.confirm(user, by=actor_behind(user, request), at=at)
        except NotFound:  # since a moment ago
            return self.get(request, key)
        messages.info(request, _("The address is confirmed. Sign in now."))
        return redirect("account_login")
