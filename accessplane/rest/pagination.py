"""Cursor pages (CONTRACT 3): `limit` and `cursor` in, `next`, `previous` and `results` out."""

from typing import Any

from rest_framework.exceptions import NotFound
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request

from accessplane.lib.errors import InvalidInput
from accessplane.lib.inputs import limit_of


class Cursor(CursorPagination):
    """Pages that stay right while rows are added."""

    page_size = 50
    page_size_query_param = "limit"
    max_page_size = 200

    def get_page_size(self, request: Request) -> int:
        """The limit asked for; one that is no number from 1 to 200 is refused."""
        return limit_of(request.query_params.get("limit"))

    def decode_cursor(self, request: Request) -> Any:
        """The place that the cursor names; a broken one is refused."""
        try:
            return super().decode_cursor(request)
        except NotFound as error:
            sentence = "This cursor is broken; begin again without it."
            raise InvalidInput(sentence, errors={"cursor": [sentence]}) from error

    def get_ordering(self, request: Request, queryset: Any, view: Any) -> tuple[str, ...]:
        """The order that the view declares; it ends in something unique."""
        return tuple(view.ordering)
