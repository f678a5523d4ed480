"""The addresses of WebSockets; each view answers a handshake (`accessplane.lib.sockets`)."""

from django.urls import URLPattern, URLResolver, path, re_path

from accessplane.rest import problems
from audit.consumers import EventsSocket
from requests_app.consumers import LiveSocket

handler500 = "accessplane.rest.problems.server_error"

urlpatterns: list[URLPattern | URLResolver] = [
    path("ws/events/", EventsSocket.as_view(), name="ws-events"),
    path("ws/live/", LiveSocket.as_view(), name="ws-live"),
    re_path("", problems.not_found),
]
