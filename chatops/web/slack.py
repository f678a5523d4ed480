"""The addresses that Slack calls: interactions, commands, events (CONTRACT 7)."""

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from accessplane.lib.errors import InvalidInput
from chatops.services.slack.desks import signed_desk
from chatops.services.slack.talking import Kind, answer_to_body


@method_decorator(csrf_exempt, name="dispatch")
class FromSlack(View):
    """Takes what one of the channels' secrets has signed, and nothing else; no session counts."""

    kind = Kind.INTERACTION

    def post(self, request: HttpRequest) -> HttpResponse:
        """Answer in the shape that Slack wants; 401 to whoever is not Slack."""
        at = timezone.now()
        try:
            body = request.body
        except RequestDataTooBig:
            return HttpResponse(status=413)
        desk = signed_desk(body, request.headers, at=at)
        if desk is None:
            return HttpResponse(status=401)
        try:
            answer = answer_to_body(desk, self.kind, body, at=at)
        except InvalidInput:
            return HttpResponse(status=400)
        return JsonResponse(answer) if answer else HttpResponse()
