"""The addresses of WebSockets; each view answers a handshake (`accessplane.lib.sockets`)."""

from django.urls import URLPattern, URLResolver, path, re_path

from accessplane.rest import problems
from audit import consumers

handler500 = "accessplane.rest.problems.server_error"

urlpatterns: list[URLPattern | URLResolver] = [
    path("ws/events/", consumers.EventsSocket.as_view(), name="ws-events"),
    re_path("", problems.not_found),
]
