"""An OpenID Connect provider that runs beside the tests, and the way of a person through it."""

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import httpx

from tests import cast
from tests.identity.test_connectors import connector
from tests.web.reading import Browser, Seen

START = "/accounts/oidc/okta/login/"


class Provider:
    """The provider's address, and whom it knows."""

    def __init__(self, url: str) -> None:
        self.url = url

    def knows(self, sub: str, **claims: object) -> None:
        httpx.put(f"{self.url}/users/{sub}", json=claims).raise_for_status()

    def connected(self, **spec: object) -> None:
        """Make it a connector of the plane."""
        cast.apply(connector(settings={"issuer": self.url}, **spec))

    def pass_through(self, browser: Browser, sub: str, *, start: str = START) -> Seen:
        """Go there, sign in as `sub`, come back."""
        there = browser.client.get(start).headers["Location"]
        return browser.read(self.way_back(there, sub))

    def way_back(self, there: str, sub: str) -> str:
        """The path and query with which the provider sends `sub` back."""
        back = urlsplit(httpx.post(there, data={"sub": sub}).headers["Location"])
        return f"{back.path}?{back.query}"


@contextmanager
def providing() -> Iterator[Provider]:
    from oidc_provider_mock import run_server_in_thread  # warns when it is loaded

    with run_server_in_thread() as server:
        yield Provider(f"http://localhost:{server.server_port}")
