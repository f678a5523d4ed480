"""The way back from a SAML provider, in two steps.

What the provider's page posts comes without the browser's session, whose cookie does not travel
with a post from elsewhere. So what is posted is checked and put aside, and the browser is sent on
to a door to which its session comes along: there it must be the one that asked.
"""

from urllib.parse import urlencode

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.helpers import complete_social_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from identity import saml
from identity.connector_spec import Saml
from identity.models import Connector
from identity.saml import NotBelieved
from identity.services import assertions
from identity.services.assertions import AssertionUsed
from identity.web.sso import connector_of, failed


@require_POST
@never_cache
def consume(request: HttpRequest, provider_id: str) -> HttpResponseBase:
    """Check what the provider says, keep it, and send the browser on; nobody is signed in yet."""
    connector, given = _found(provider_id)
    at = timezone.now()
    try:
        answer = request.POST.get("SAMLResponse", "")
        believed = saml.believe(provider_id, given, answer, at=at)
        assertions.keep(connector=connector, believed=believed, at=at)
    except (NotBelieved, AssertionUsed) as doubt:
        return failed(request, provider_id, doubt)
    query = urlencode({"state": believed.request_id})
    return HttpResponseRedirect(f"{reverse('saml_finish', args=[provider_id])}?{query}")


@require_GET
@never_cache
def finish(request: HttpRequest, provider_id: str) -> HttpResponseBase:
    """Sign in whoever the answer is about, if this browser asked for it."""
    connector, _given = _found(provider_id)
    request_id = request.GET.get("state", "")
    answer: HttpResponseBase
    try:
        provider = get_adapter().get_provider(request, provider_id)
        state = provider.unstash_redirect_state(request, request_id)
    except ImmediateHttpResponse as refused:
        answer = refused.response
        return answer
    except PermissionDenied:
        unasked = NotBelieved("This browser did not ask, or asked too long ago.")
        return failed(request, provider_id, unasked)
    believed = assertions.take(connector=connector, request_id=request_id, at=timezone.now())
    if believed is None:
        return failed(request, provider_id, NotBelieved("Nothing was answered, or too late."))
    login = provider.sociallogin_from_response(request, believed)
    login.state = state
    answer = complete_social_login(request, login)
    return answer


@require_GET
@never_cache
def metadata(_request: HttpRequest, provider_id: str) -> HttpResponse:
    """Who we are, for whoever sets up the provider."""
    _connector, given = _found(provider_id)
    described = saml.description(provider_id, given)
    return HttpResponse(described, content_type="application/samlmetadata+xml")


def _found(name: str) -> tuple[Connector, Saml]:
    connector = connector_of(name, speaks="saml")
    given = connector.parsed().settings
    assert isinstance(given, Saml)
    return connector, given
