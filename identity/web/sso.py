"""Signing in through a connector: the way there, and the way back."""

import logging

from allauth.account.utils import get_next_redirect_url
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.base import AuthProcess
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.openid_connect.views import callback
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from identity.connecting import refuse

log = logging.getLogger(__name__)


@require_GET
@never_cache
def start(request: HttpRequest, provider_id: str) -> HttpResponseBase:
    """Send whoever wants to sign in to the connector's system; `next` of ours is kept.

    Not allauth's own view: that one lets the address add scopes and parameters.
    """
    try:
        provider = get_adapter().get_provider(request, provider_id)
        answer: HttpResponseBase = provider.redirect(
            request, AuthProcess.LOGIN, next_url=get_next_redirect_url(request)
        )
    except SocialApp.DoesNotExist as unknown:
        raise Http404 from unknown
    except ImmediateHttpResponse as refused:
        answer = refused.response
    except (OAuth2Error, KeyError) as failure:
        return _failed(request, provider_id, failure)
    return answer


@require_GET
@never_cache
def back(request: HttpRequest, provider_id: str) -> HttpResponseBase:
    """Whoever comes back is signed in, or told why not."""
    try:
        answer: HttpResponseBase = callback(request, provider_id)
    except (KeyError, TypeError, ValueError) as failure:
        return _failed(request, provider_id, failure)  # no provider speaks like that
    return answer


def _failed(request: HttpRequest, name: str, failure: Exception) -> HttpResponseBase:
    log.warning("The connector %s failed: %s: %s", name, type(failure).__name__, failure)
    try:
        refuse(request, "")
    except ImmediateHttpResponse as refused:
        answer: HttpResponseBase = refused.response
        return answer
