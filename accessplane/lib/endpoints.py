"""What every REST call has in common: what it may be asked with, and how much may be sent."""

from http import HTTPStatus
from typing import Any, ClassVar

from django.conf import settings
from django.http import HttpRequest
from rest_framework.exceptions import APIException
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request

from accessplane.lib.inputs import Strict


class TooLarge(APIException):
    """More was sent than any call needs."""

    status_code = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    default_detail = "The body is too large."


class NoParameters(Strict):
    """A call that takes no query parameters."""


class Endpoint(GenericAPIView[Any]):
    """A REST call. `parameters` are those of its GET and HEAD; any other is refused.

    Once a call has begun, `wanted` holds the values of the parameters.
    """

    parameters: ClassVar[type[Strict]] = NoParameters
    page_parameters: ClassVar[frozenset[str]] = frozenset()
    wanted: dict[str, Any]

    @staticmethod
    def calls_out(request: HttpRequest) -> bool:
        """Whether the call waits for others before it answers: no transaction goes round it."""
        return False

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Look at who calls first, then at the address and at the size of the body."""
        super().initial(request, *args, **kwargs)
        self.wanted = self._parameters_of(request)
        length = request.META.get("CONTENT_LENGTH") or "0"
        if length.isdigit() and int(length) > (settings.DATA_UPLOAD_MAX_MEMORY_SIZE or 0):
            raise TooLarge

    def _parameters_of(self, request: Request) -> dict[str, Any]:
        reads = request.method in {"GET", "HEAD"}
        kind = self.parameters if reads else NoParameters
        repeated = kind.repeated()
        query = kind(
            data={
                key: values if key in repeated else values[-1]
                for key, values in request.query_params.lists()
                if not (reads and key in self.page_parameters)
            }
        )
        query.is_valid(raise_exception=True)
        return dict(query.validated_data)


class Listing(Endpoint):
    """A call whose GET answers in pages; `limit` and `cursor` are checked by the paginator."""

    page_parameters = frozenset({"limit", "cursor"})
    ordering: ClassVar[tuple[str, ...]]
