"""Pages about oneself."""

from typing import NoReturn

from django.http import Http404, HttpRequest


def closed(_request: HttpRequest) -> NoReturn:
    """A door of allauth's that does not exist here."""
    raise Http404
