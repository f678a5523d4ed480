"""Views that are loaded when somebody first comes: what they stand on is large, and many planes never need it."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.module_loading import import_string


def late(view: str, *, as_view: bool = False) -> Callable[..., HttpResponseBase]:
    """The view of this dotted name; of a class with `as_view`."""

    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        found = import_string(view)
        called = found.as_view() if as_view else found
        response: HttpResponseBase = called(request, *args, **kwargs)
        return response

    return answer
