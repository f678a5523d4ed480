"""Signing in through a connector: the way there, and the way back."""

import logging

from allauth.account.utils import get_next_redirect_url
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.providers.base import AuthProcess
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.openid_connect.views import callback
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from identity import selectors
from identity.connecting import refuse
from identity.models import Connector

log = logging.getLogger(__name__)

# Of somebody else's words, in a line of the log.
MOST_SAID = 300


@require_GET
@never_cache
def start(request: HttpRequest, provider_id: str, *, speaks: str) -> HttpResponseBase:
    """Send whoever wants to sign in to the connector's system; `next` of ours is kept.

    Not allauth's own view: that one lets the address add scopes and parameters.
    """
    connector_of(provider_id, speaks=speaks)
    try:
        provider = get_adapter().get_provider(request, provider_id)
        answer: HttpResponseBase = provider.redirect(
            request, AuthProcess.LOGIN, next_url=get_next_redirect_url(request)
        )
    except ImmediateHttpResponse as refused:
        answer = refused.response
    except (OAuth2Error, KeyError, ValueError) as failure:
        return failed(request, provider_id, failure)
    return answer


@require_GET
@never_cache
def back(request: HttpRequest, provider_id: str) -> HttpResponseBase:
    """Whoever comes back is signed in, or told why not."""
    connector_of(provider_id, speaks="oidc")
    try:
        answer: HttpResponseBase = callback(request, provider_id)
    except (KeyError, TypeError, ValueError) as failure:
        return failed(request, provider_id, failure)  # no provider speaks like that
    return answer


def connector_of(name: str, *, speaks: str) -> Connector:
    """The active connector of this name and type; there is no other at its address."""
    connector = selectors.connector_named(name)
    if connector is None or connector.spec["type"] != speaks:
        raise Http404
    return connector


def failed(request: HttpRequest, name: str, failure: Exception) -> HttpResponseBase:
    """The page that says that it did not work, and a line for the operator that says why."""
    why = f"{type(failure).__name__}: {failure}"[:MOST_SAID]
    log.warning("The connector %s failed: %r", name, why)
    try:
        refuse(request, "")
    except ImmediateHttpResponse as refused:
        answer: HttpResponseBase = refused.response
        return answer
