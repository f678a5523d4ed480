"""Page: whoever was invited sets a first password."""

from http import HTTPStatus

from allauth.account.forms import SetPasswordForm
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views import View
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from identity.models import User
from identity.services import invitations
from identity.services.invitations import NoInvitation
from identity.sessions import actor_behind


@method_decorator([never_cache, sensitive_post_parameters()], name="dispatch")
class Invited(View):
    """Where the link of an invitation leads. Opening it does nothing, and nobody is signed in."""

    def get(self, request: HttpRequest, secret: str) -> HttpResponse:
        """Ask for a password."""
        user = invitations.behind(secret, at=timezone.now())
        return _page(request, user, user and SetPasswordForm(user))

    def post(self, request: HttpRequest, secret: str) -> HttpResponse:
        """Set it; whoever is signed in as somebody else signs out before."""
        at = timezone.now()
        user = invitations.behind(secret, at=at)
        if user is None or _is_somebody_else(request, user):
            return self.get(request, secret)
        form = SetPasswordForm(user, request.POST)
        if not form.is_valid():
            return _page(request, user, form, status=HTTPStatus.BAD_REQUEST)
        try:
            invitations.accept(
                secret=secret,
                password=form.cleaned_data["password1"],
                by=actor_behind(user, request),
                at=at,
            )
        except NoInvitation:
            return self.get(request, secret)
        messages.info(request, _("Your password is set. Sign in now."))
        return redirect("account_login")


def _page(
    request: HttpRequest,
    user: User | None,
    form: SetPasswordForm | None,
    *,
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    if user is None:
        status = HTTPStatus.NOT_FOUND
    elif _is_somebody_else(request, user):
        status = HTTPStatus.CONFLICT
    context = {"invited": user, "form": form, "is_elsewhere": status == HTTPStatus.CONFLICT}
    return render(request, "identity/invitation.html", context, status=status)


def _is_somebody_else(request: HttpRequest, user: User) -> bool:
    return request.user.is_authenticated and request.user != user
