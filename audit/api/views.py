"""REST: the audit log (CONTRACT 3)."""

from urllib.parse import urlencode

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accessplane.lib.endpoints import Endpoint
from accessplane.lib.inputs import limit_of
from audit import selectors, waiting
from audit.api import serializers
from audit.models import LedgerEntry


class Events(Endpoint):
    """The events that the caller may see, in ascending sequence."""

    parameters = serializers.EventFilters
    page_parameters = frozenset({"limit"})

    @extend_schema(
        parameters=[serializers.EventFilters],
        responses=serializers.EventDocument(many=True),
    )
    def get(self, request: Request) -> Response:
        """Read on after a sequence; with `wait`, hold the answer open until there is something."""
        wait = self.wanted.pop("wait")
        limit = limit_of(request.query_params.get("limit"))
        search = selectors.Search(**self.wanted)

        def read() -> list[LedgerEntry]:
            stream = selectors.stream(user=request.user, search=search, at=timezone.now())
            return list(stream[: limit + 1])

        entries = waiting.first_not_empty(read, seconds=wait)
        page, rest = entries[:limit], entries[limit:]
        documents = serializers.EventDocument(page, many=True).data
        following = _next(request, page[-1].sequence) if rest else None
        return Response({"next": following, "previous": None, "results": documents})


def _next(request: Request, after: int) -> str:
    """The address of the next page: the same search, after the last entry of this one."""
    query = request.query_params.dict() | {"after": str(after)}
    query.pop("wait", None)
    return request.build_absolute_uri(f"{request.path}?{urlencode(query)}")
