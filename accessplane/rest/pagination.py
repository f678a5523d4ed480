"""Cursor pages (CONTRACT 3): `limit` and `cursor` in, `next`, `previous` and `results` out."""

import base64
from typing import Any
from urllib.parse import parse_qsl

from django.core.exceptions import ValidationError
from django.db.models import DateTimeField, Field
from django.utils.timezone import is_aware
from rest_framework.exceptions import NotFound
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request

from accessplane.lib.errors import InvalidInput
from accessplane.lib.inputs import limit_of
from accessplane.lib.soundness import is_sound


def check_shape(decoded: str) -> None:
    """Refuse (`ValueError`) a text that is no cursor of ours: an offset, a direction, a position."""
    if not decoded or not {key for key, _ in parse_qsl(decoded)} <= {"o", "r", "p"}:
        raise ValueError("no cursor")
    parse_qsl(decoded, strict_parsing=True)


class Cursor(CursorPagination):
    """Pages that stay right while rows are added."""

    page_size = 50
    page_size_query_param = "limit"
    max_page_size = 200

    def get_page_size(self, request: Request) -> int:
        """The limit asked for; one that is no number from 1 to 200 is refused."""
        return limit_of(request.query_params.get("limit"))

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> Any:
        """The page of the rows that the cursor names."""
        self.sorted_by: Field[Any, Any] = queryset.model._meta.get_field(
            view.ordering[0].removeprefix("-")
        )
        return super().paginate_queryset(queryset, request, view)

    def decode_cursor(self, request: Request) -> Any:
        """The place that the cursor names; a broken one is refused."""
        encoded = request.query_params.get(self.cursor_query_param)
        if encoded is None:
            return None
        try:
            check_shape(base64.b64decode(encoded, validate=True).decode("ascii"))
            cursor: Any = super().decode_cursor(request)
            self.check_position(cursor.position)
        except (NotFound, ValueError, ValidationError) as error:
            sentence = "This cursor is broken; begin again without it."
            raise InvalidInput(sentence, errors={"cursor": [sentence]}) from error
        return cursor

    def check_position(self, position: str | None) -> None:
        """Refuse a position that the rows cannot be compared with."""
        if position is None:
            return
        value = self.sorted_by.to_python(position)
        if isinstance(self.sorted_by, DateTimeField) and not (value and is_aware(value)):
            raise ValueError("a time without a zone")
        if not is_sound(position):
            raise ValueError("text that no database holds")

    def get_ordering(self, request: Request, queryset: Any, view: Any) -> tuple[str, ...]:
        """The order that the view declares; it ends in something unique."""
        return tuple(view.ordering)

    def get_paginated_response_schema(self, schema: Any) -> dict[str, Any]:
        """What a page looks like."""
        address = {"type": ["string", "null"], "format": "uri"}
        return {
            "type": "object",
            "required": ["next", "previous", "results"],
            "properties": {"next": address, "previous": address, "results": schema},
        }
