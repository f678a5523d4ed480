"""Who calls: bearer tokens for people, bots and plugins; the browser's session beside them."""

from django.utils import timezone
from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from identity import selectors
from identity.models import ApiToken, User
from identity.services import tokens

SCHEME = "Bearer"


class BearerToken(BaseAuthentication):
    """`Authorization: Bearer ap_...`: looked up by its digest, so nothing secret is compared."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        """The token's user; None without a bearer token, a refusal with a wrong one."""
        scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != SCHEME.lower():
            return None
        digest = tokens.digest_of(secret.strip())
        token = selectors.token_of(digest, at=timezone.now())
        if token is None:
            raise AuthenticationFailed("This token is unknown, revoked or expired.")
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        """What a 401 asks for."""
        return SCHEME


class BrowserSession(SessionAuthentication):
    """The session of the pages; whatever changes something needs the CSRF token."""
