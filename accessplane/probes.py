"""The questions of a platform, answered before anybody looks at host, scheme or session.

A platform asks a process by its address and over plain HTTP; the names and the TLS that people
use are not there yet.
"""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase

from accessplane import health, metrics

View = Callable[[HttpRequest], HttpResponseBase]

VIEWS: dict[str, View] = {
    "/healthz": health.alive,
    "/readyz": health.ready,
    "/metrics": metrics.show,
}


class Probes:
    """The outermost middleware of a fleet."""

    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return VIEWS.get(request.path_info, self.get_response)(request)
