"""Pages about oneself."""

from typing import Any, NoReturn

from allauth.account.views import LoginView
from django.http import Http404, HttpRequest
from django.urls import reverse

from identity import selectors

# Where a sign-in through a connector begins, by its type.
_DOORS = {"oidc": "openid_connect_login", "saml": "saml_login"}


class SignIn(LoginView):  # type: ignore[misc]  # allauth has no types
    """Sign in here, or go to a system that says who one is."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """What allauth shows, and the connectors."""
        connectors = [
            (reverse(_DOORS[one.spec["type"]], args=[one.name]), one.spec["title"])
            for one in selectors.connectors()
        ]
        shown: dict[str, Any] = super().get_context_data(**kwargs)
        return shown | {"connectors": connectors}


def closed(_request: HttpRequest) -> NoReturn:
    """A door of allauth's that does not exist here."""
    raise Http404
