"""How many calls a token, or a signed-in person, may make."""

from typing import Any

from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle

from identity.models import ApiToken, User


class PerToken(SimpleRateThrottle):
    """So many calls a second per token; per address for whoever is nobody."""

    scope = "token"

    def get_cache_key(self, request: Request, view: Any) -> str | None:
        """Under which key the calls are counted."""
        token, user = request.auth, request.user
        if isinstance(token, ApiToken):
            ident = f"token-{token.pk}"
        elif isinstance(user, User):
            ident = f"user-{user.pk}"
        else:
            ident = f"address-{request.META.get('REMOTE_ADDR')}"
        return self.cache_format % {"scope": self.scope, "ident": ident}
