"""The addresses that the services of channels call (CONTRACT 7)."""

from http import HTTPStatus

from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from accessplane.lib.errors import NotFound
from chatops.services import answering


@method_decorator(csrf_exempt, name="dispatch")
class FromService(View):
    """Takes what the service of one of the channels signed, and nothing else; no session counts."""

    def post(self, request: HttpRequest, kind: str, door: str) -> HttpResponse:
        """Answer in the shape that the service wants."""
        try:
            body = request.body
        except RequestDataTooBig:
            return HttpResponse(status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        try:
            reply = answering.take(
                kind,
                door,
                headers=request.headers,
                query=request.GET.dict(),
                body=body,
                at=timezone.now(),
            )
        except NotFound as refusal:
            raise Http404 from refusal
        if reply.document is None:
            return HttpResponse(status=reply.status)
        return JsonResponse(reply.document, status=reply.status)
