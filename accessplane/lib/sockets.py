"""WebSockets: a handshake is a call like any other, and is let in or refused like any other."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import CsrfViewMiddleware
from rest_framework.request import Request

from accessplane.lib.endpoints import Endpoint
from accessplane.lib.errors import NotPermitted

Application = Callable[..., Awaitable[Any]]


class Upgrade(HttpResponse):
    """The answer to a handshake that is let in; `application` has the connection from then on."""

    status_code = HTTPStatus.SWITCHING_PROTOCOLS

    def __init__(self, application: Application) -> None:
        super().__init__()
        self.application = application


class SocketEndpoint(Endpoint):
    """A call whose GET, the handshake, answers with an `Upgrade`.

    A browser sends its cookies along whoever wrote the page, and hides no answer of a WebSocket
    from it. Whoever comes with a session and not with a token must therefore come from a page of
    ours (`not_permitted` otherwise).
    """

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Look at the page behind the call, after everything that every call is asked."""
        super().initial(request, *args, **kwargs)
        if request.auth is None and not _comes_from_our_pages(request):
            raise NotPermitted("A WebSocket with a session is for the pages of this plane.")


def _comes_from_our_pages(request: Request) -> bool:
    """Django's own look at the Origin, which it takes at forms; nobody is without one here."""
    if "HTTP_ORIGIN" not in request.META:
        return False
    origins: Any = CsrfViewMiddleware(_nothing_follows)
    return bool(origins._origin_verified(request))


def _nothing_follows(_request: HttpRequest) -> HttpResponse:
    return HttpResponse()
