"""The address that PagerDuty calls (CONTRACT 7)."""

from http import HTTPStatus

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from accessplane.lib.errors import InvalidInput
from chatops.services import pagerduty


@method_decorator(csrf_exempt, name="dispatch")
class FromPagerDuty(View):
    """Takes what one of the channels' secrets has signed, and nothing else; no session counts."""

    def post(self, request: HttpRequest) -> HttpResponse:
        """202 for what is taken or passed over; PagerDuty sends again what got 503."""
        try:
            body = request.body
        except RequestDataTooBig:
            return HttpResponse(status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        desks = pagerduty.signed_desks(body, request.headers.get("X-PagerDuty-Signature", ""))
        if not desks:
            return HttpResponse(status=HTTPStatus.UNAUTHORIZED)
        try:
            pagerduty.take(desks, body, at=timezone.now())
        except InvalidInput:
            return HttpResponse(status=HTTPStatus.BAD_REQUEST)
        except pagerduty.TryLater:
            return HttpResponse(status=HTTPStatus.SERVICE_UNAVAILABLE)
        return HttpResponse(status=HTTPStatus.ACCEPTED)
