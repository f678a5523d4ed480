"""The way of a person who has to prove a second factor before a deed, on the pages."""

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.reauthentication import suspend_request
from allauth.core.exceptions import ReauthenticationRequired
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from identity.services.factors import factors_of
from identity.sessions import user_of


def prove_first(request: HttpRequest) -> HttpResponse:
    """Lead the person who sent this form to the proof; afterwards it is as if the form was sent
    then, with all that was written in it.

    Whoever has no second factor is led to the page where one is set up. Raises allauth's
    `ReauthenticationRequired`, which its middleware answers.
    """
    ways = get_adapter().get_reauthentication_methods(request.user)
    if not factors_of(user_of(request)):
        ways = []
        messages.warning(
            request,
            _("This needs a second factor, and you have none. Set one up, then come back."),
        )
    if "HTTP_HX_REQUEST" not in request.META:
        if ways:
            raise ReauthenticationRequired
        return redirect("mfa_index")
    # A part of a page asked: the whole page goes there, and comes back as a whole.
    for name in [name for name in request.META if name.startswith("HTTP_HX_")]:
        del request.META[name]
    goal = (
        suspend_request(request, ways[0]["url"])["Location"] if ways else reverse("mfa_index")
    )
    return HttpResponse(status=204, headers={"HX-Redirect": goal})
