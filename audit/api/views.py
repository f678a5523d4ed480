"""REST: the audit log (CONTRACT 3)."""

from typing import Any
from urllib.parse import urlencode

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from accessplane.lib.inputs import limit_of
from audit import selectors, waiting
from audit.api import serializers
from audit.models import LedgerEntry


class Events(GenericAPIView[LedgerEntry]):
    """The events that the caller may see, in ascending sequence."""

    @extend_schema(
        parameters=[serializers.EventFilters],
        responses=serializers.EventDocument(many=True),
    )
    def get(self, request: Request) -> Response:
        """Read on after a sequence; with `wait`, hold the answer open until there is something."""
        query = serializers.EventFilters(data=_without_limit(request))
        query.is_valid(raise_exception=True)
        limit = limit_of(request.query_params.get("limit"))
        search = query.search()

        def read() -> list[LedgerEntry]:
            stream = selectors.stream(user=request.user, search=search, at=timezone.now())
            return list(stream[: limit + 1])

        entries = waiting.first_not_empty(read, seconds=query.validated_data["wait"])
        page, rest = entries[:limit], entries[limit:]
        documents = serializers.EventDocument(page, many=True).data
        following = _next(request, page[-1].sequence) if rest else None
        return Response({"next": following, "previous": None, "results": documents})


def _without_limit(request: Request) -> dict[str, Any]:
    return {key: value for key, value in request.query_params.items() if key != "limit"}


def _next(request: Request, after: int) -> str:
    """The address of the next page: the same search, after the last entry of this one."""
    query = request.query_params.dict() | {"after": str(after)}
    query.pop("wait", None)
    return request.build_absolute_uri(f"{request.path}?{urlencode(query)}")
