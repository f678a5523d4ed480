"""How allauth speaks with the systems of our connectors, and what it makes of who comes back."""

import json
import logging
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from typing import Any, NoReturn, Self
from urllib.parse import urlencode

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers import registry
from allauth.socialaccount.providers.base import Provider, ProviderAccount
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from django.db import transaction
from django.http import HttpRequest, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from accessplane.lib import outbound
from accessplane.lib.outbound import OutboundFailed
from accessplane.lib.secret_texts import SecretMissing
from identity import selectors
from identity.connector_spec import OidcConnector, SamlConnector
from identity.models import Connector
from identity.services import arrivals, connectors
from identity.services.arrivals import Arrival, NotWelcome
from identity.services.assertions import Believed

log = logging.getLogger(__name__)

PATIENCE = timedelta(seconds=10)
LARGEST = 512 * 1024


class SamlProvider(Provider):  # type: ignore[misc]  # allauth has no types
    """What allauth needs to know of SAML; the rest is in `identity.saml` (ADR 0031)."""

    id = "saml_2"  # what no connector can be called
    name = "SAML"
    account_class = ProviderAccount

    def redirect(
        self, request: HttpRequest, process: str, next_url: str | None = None
    ) -> HttpResponseRedirect:
        """Send the browser to the provider; its session knows the request by its id."""
        from identity import saml  # large

        given, key = self.app.settings["saml"], self.app.secret
        asked = saml.question(self.sub_id, given, key=key, at=timezone.now())
        self.stash_redirect_state(request, process, next_url, state_id=asked.id)
        return HttpResponseRedirect(asked.address)

    def extract_uid(self, data: Believed) -> str:
        """The provider's own id of the person."""
        return data.uid

    def extract_extra_data(self, data: Believed) -> Mapping[str, Any]:
        """What it says of the person."""
        return data.said


# Not among the installed apps: the library that OpenID Connect calls out with, and that we do not
# use, is large, and only a plane with a connector is to pay for it.
registry.register(OpenIDConnectProvider)
registry.register(SamlProvider)


class SocialAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """Its apps are our connectors; who may come through them is decided by `arrivals`."""

    def list_apps(
        self, request: HttpRequest, provider: str | None = None, client_id: str | None = None
    ) -> list[SocialApp]:
        """The connector of this name, as allauth wants it.

        Where a sign-in goes on after a second factor, allauth knows the kind and the client.
        """
        if provider in {OpenIDConnectProvider.id, SamlProvider.id}:
            wanted = (provider, client_id)
            found = [one for one in selectors.connectors() if _key_of(one) == wanted][:1]
        else:
            named = selectors.connector_named(provider or "")
            found = [named] if named else []
        try:
            return [_app_of(connector) for connector in found]
        except SecretMissing as missing:
            log.warning("The connector %s has no secret: %s", provider, missing.sentence)
            refuse(request, "")

    def get_requests_session(self) -> "Caller":
        """Calls go out as all of ours do: looked at, limited, and to nowhere private."""
        return Caller()

    def on_authentication_error(
        self, request: HttpRequest, provider: Any, *, exception: Any = None, **_: Any
    ) -> None:
        """One page for whatever went wrong there, and a line for the operator."""
        # The text may hold what the provider answered, and so a token.
        why = type(exception).__name__ if exception else "no sign-in was under way"
        log.warning("The connector %s failed: %s", provider.sub_id, why)
        refuse(request, "")

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        """Find, create or refuse the person, before anybody is signed in."""
        if sociallogin.state.get("process") != "login":
            refuse(request, "")
        connector = selectors.connector_named(sociallogin.account.provider)
        if connector is None:
            refuse(request, "")
        said = sociallogin.account.extra_data
        if sociallogin.provider.id == OpenIDConnectProvider.id:
            said = _of_token(request, said)
        arrival = Arrival(uid=sociallogin.account.uid, said=said)
        bound = sociallogin.user if sociallogin.is_existing else None
        try:
            with transaction.atomic():
                user = arrivals.receive(
                    connector=connector, arrival=arrival, bound=bound, at=timezone.now()
                )
                sociallogin.account.extra_data = {}  # what it said is used, and not kept
                sociallogin.connect(request, user)
        except NotWelcome as refusal:
            refuse(request, refusal.detail)


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer, in the shape in which allauth reads one."""

    status_code: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def text(self) -> str:
        """The body as text."""
        return self.content.decode(errors="replace")

    def json(self) -> Any:
        """The body, which must be a JSON object."""
        try:
            found = json.loads(self.content)
        except ValueError as error:
            raise OAuth2Error("The answer is no JSON.") from error
        if not isinstance(found, dict):
            raise OAuth2Error("The answer is no JSON object.")
        return found

    def raise_for_status(self) -> None:
        """Refuse any answer but a good one."""
        if self.status_code != HTTPStatus.OK:
            raise OAuth2Error(f"The answer has the status {self.status_code}.")


class Caller:
    """What allauth uses of a session of `requests`, over `accessplane.lib.outbound`."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def get(self, url: str, headers: Mapping[str, str] | None = None) -> Answered:
        """Read an address."""
        return self.request("GET", url, headers=headers)

    def request(
        self,
        method: str,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        data: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        auth: Any = None,
    ) -> Answered:
        """Call an address; `OAuth2Error` without an answer."""
        sent = {"accept": "application/json", **(headers or {})}
        if data:
            sent["content-type"] = "application/x-www-form-urlencoded"
        if auth:
            pair = f"{auth.username}:{auth.password}".encode()
            sent["authorization"] = f"Basic {b64encode(pair).decode()}"
        try:
            answer = outbound.send(
                method,
                f"{url}?{urlencode(params)}" if params else url,
                headers=sent,
                body=urlencode(data).encode() if data else b"",
                timeout=PATIENCE,
                largest=LARGEST,
            )
        except OutboundFailed as failure:
            log.warning("A connector could not be asked: %s", failure.sentence)
            raise OAuth2Error(failure.sentence) from failure
        return Answered(answer.status, answer.headers, answer.body)


def refuse(request: HttpRequest, sentence: str) -> NoReturn:
    """End the sign-in with a page that says why; without a sentence, that it did not work."""
    sentence = sentence or _("The sign-in did not come to its end. Try it again.")
    context = {"sentence": sentence}
    raise ImmediateHttpResponse(
        render(request, "identity/not_welcome.html", context, status=403)
    )


def _key_of(connector: Connector) -> tuple[str, str]:
    """By which kind and client allauth knows the connector."""
    spec = connector.parsed()
    if isinstance(spec, SamlConnector):
        return SamlProvider.id, connector.name
    return OpenIDConnectProvider.id, spec.settings.client_id


def _app_of(connector: Connector) -> SocialApp:
    spec = connector.parsed()
    kind, client = _key_of(connector)
    return SocialApp(
        provider=kind,
        provider_id=connector.name,
        name=spec.title,
        client_id=client,
        secret=connectors.secret_of(connector),
        settings=_settings_of(spec),
    )


def _settings_of(spec: OidcConnector | SamlConnector) -> dict[str, Any]:
    if isinstance(spec, SamlConnector):
        return {"saml": spec.settings}
    given = spec.settings
    return {
        "server_url": given.issuer.rstrip("/"),
        "scope": list(given.scopes),
        "oauth_pkce_enabled": True,
        "fetch_userinfo": given.userinfo,
        # Whatever its own document says: a token of another issuer is none.
        "openid_configuration_overrides": {"issuer": given.issuer},
    }


def _of_token(request: HttpRequest, data: Mapping[str, Any]) -> dict[str, Any]:
    """What the token says, and what is said of its bearer: both must be about one person."""
    token, more = data.get("id_token"), data.get("userinfo") or {}
    if not isinstance(token, Mapping) or not isinstance(more, Mapping):
        refuse(request, "")
    if not token.get("sub") or (more and more.get("sub") != token["sub"]):
        refuse(request, "")
    return {**token, **more}
