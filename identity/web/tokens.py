"""Pages: my API tokens."""

from http import HTTPStatus
from uuid import UUID

from allauth.core.exceptions import ReauthenticationRequired
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from accessplane.lib.errors import NotFound
from accessplane.lib.pages import Button, Page
from identity import selectors
from identity.proving import ProofNeeded, check_proved_lately
from identity.services import tokens
from identity.sessions import actor_of, user_of
from identity.web import forms

_ROWS = 20


class Tokens(Page):
    """The tokens that act as me, and a new one."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show those that are not revoked, newest first; none with its secret."""
        return _page(request, forms.NewToken())

    def post(self, request: HttpRequest) -> HttpResponse:
        """Make one and show its secret in this answer, the only one that has it.

        It outlasts the session: whoever found a browser open proves first who it is.
        """
        form = forms.NewToken(request.POST)
        if not form.is_valid():
            return _page(request, form, status=HTTPStatus.BAD_REQUEST)
        try:
            check_proved_lately(request)
        except ProofNeeded as needed:
            raise ReauthenticationRequired from needed
        token, secret = tokens.create_token(
            user=user_of(request),
            **form.cleaned_data,
            by=actor_of(request),
            at=timezone.now(),
        )
        return _page(request, forms.NewToken(), made=token.name, secret=secret)


class Revocation(Button):
    """The address of the button beside a token."""

    page = "tokens-page"

    def post(self, request: HttpRequest, token_id: UUID) -> HttpResponse:
        """Revoke it; one that is revoked already stays so."""
        try:
            token = tokens.revoke_token(
                token_id=token_id,
                user=user_of(request),
                by=actor_of(request),
                at=timezone.now(),
            )
        except NotFound as refusal:
            messages.warning(request, refusal.detail)
        else:
            name = token.name or _("The token without a name")
            messages.info(request, _("%(token)s opens nothing any more.") % {"token": name})
        return redirect("tokens-page")


def _page(
    request: HttpRequest,
    form: forms.NewToken,
    *,
    made: str = "",
    secret: str = "",
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    user, at = user_of(request), timezone.now()
    own = selectors.tokens_of(selectors.static_subject_of(user)).filter(revoked_at=None)
    rows = Paginator(own.order_by("-created_at", "-pk"), _ROWS).get_page(
        request.GET.get("page")
    )
    context = {"at": at, "rows": rows, "form": form, "made": made, "secret": secret}
    return render(request, "identity/tokens.html", context, status=status)
