"""From where on an open page follows what happens (`static/js/live.js`)."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse

from accessplane.lib.pages import Page
from audit import selectors

Respond = Callable[[HttpRequest], HttpResponse]


class LivePages:
    """Tells each page the end of the log, read before anything that it shows.

    What happens while it is made is heard of afterwards, and it is read again.
    """

    def __init__(self, respond: Respond) -> None:
        self._respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass it on."""
        return self._respond(request)

    def process_view(
        self, request: HttpRequest, view: Any, _args: Any, _kwargs: Any
    ) -> HttpResponse | None:
        """Look before the view does: pages for people who have signed in, read whole."""
        kind = getattr(view, "view_class", None)
        is_page = isinstance(kind, type) and issubclass(kind, Page)
        is_whole = request.method == "GET" and not getattr(request, "htmx", False)
        if is_page and is_whole and request.user.is_authenticated:
            request.live_after = selectors.head_sequence()  # type: ignore[attr-defined]
        return None
