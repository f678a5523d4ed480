"""The way of a person who has to prove something before a deed, on the pages."""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.reauthentication import (
    is_reauthentication_required,
    suspend_request,
)
from allauth.core.exceptions import ReauthenticationRequired
from allauth.core.internal.httpkit import deserialize_request, serialize_request
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from accessplane.lib.errors import NotPermitted
from identity.services.factors import factors_of
from identity.sessions import user_of

_KEPT = "kept_form"  # templates look for it in the session


class ProofNeeded(NotPermitted):
    """Somebody else may sit at the browser by now."""

    code = "proof_needed"


def check_proved_lately(request: Any) -> None:
    """Raise `ProofNeeded` unless the person has just proved, in this session, who it is.

    By a password or a second factor; whoever has neither, and signs in through another system,
    has nothing to prove it by here. A call with a token has shown the token.
    """
    if getattr(request, "auth", None) is None and is_reauthentication_required(request, app=""):
        raise ProofNeeded(_("Prove on the pages that it is you, then do this again."))


def prove_first(request: HttpRequest) -> HttpResponse:
    """Lead the person who sent this form to the proof of a second factor; afterwards it is as if
    the form was sent then, with all that was written in it.

    Whoever has no second factor is led to the page where one is set up, and from there on. Raises
    allauth's `ReauthenticationRequired`, which its middleware answers.
    """
    is_part = "HTTP_HX_REQUEST" in request.META
    # A part of a page asked: the whole page goes there, and comes back as a whole.
    for name in [name for name in request.META if name.startswith("HTTP_HX_")]:
        del request.META[name]
    if not factors_of(user_of(request)):
        goal = _keep(request)
    elif is_part:
        goal = _suspended(request)
    else:
        raise ReauthenticationRequired
    return (
        HttpResponse(status=204, headers={"HX-Redirect": goal}) if is_part else redirect(goal)
    )


def go_on(request: HttpRequest) -> HttpResponse:
    """Lead the person, who has a second factor by now, to the proof for the form that was kept."""
    if not factors_of(user_of(request)) or _KEPT not in request.session:
        return redirect("mfa_index")
    return redirect(_suspended(deserialize_request(request.session.pop(_KEPT), request)))


def _keep(request: HttpRequest) -> str:
    """Keep the form in the session; where a second factor is set up meanwhile."""
    request.session[_KEPT] = serialize_request(request)
    messages.warning(
        request,
        _("This needs a second factor, and you have none. Set one up: what you wrote is kept."),
    )
    return reverse("mfa_index")


def _suspended(request: HttpRequest) -> str:
    """Where the person proves it; the form is sent after that."""
    way = get_adapter().get_reauthentication_methods(request.user)[0]
    return str(suspend_request(request, way["url"])["Location"])
