"""What browsers may load and do on our pages: one strict policy, and own ones for other people's
pages below an address of theirs."""

from collections.abc import Callable, Mapping
from typing import Any

from csp.middleware import CSPMiddleware, PolicyParts
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase


class ContentPolicy(CSPMiddleware):
    """The header Content-Security-Policy.

    `ACCESSPLANE_CONTENT_POLICIES` maps the beginning of a path to the directives that replace
    those of `CONTENT_SECURITY_POLICY` there; the longest beginning counts. A view's own decorator
    of django-csp goes before both.
    """

    def get_policy_parts(
        self,
        request: HttpRequest,
        response: HttpResponseBase,
        report_only: bool = False,  # noqa: FBT001, FBT002 - as django-csp calls it
    ) -> PolicyParts:
        """The policy of this answer."""
        parts: PolicyParts = super().get_policy_parts(request, response, report_only)
        if parts.replace is None:
            parts.replace = policy_at(request.path_info, settings.ACCESSPLANE_CONTENT_POLICIES)
        return parts


def policy_at(path: str, policies: Mapping[str, Any]) -> Any:
    """The policy of the longest beginning that this path has, or None."""
    beginnings = [beginning for beginning in policies if path.startswith(beginning)]
    return policies[max(beginnings, key=len)] if beginnings else None


def permissions_policy(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: no page of ours asks for a camera, a place or a payment."""

    def answer(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers.setdefault(
            "Permissions-Policy", settings.ACCESSPLANE_PERMISSIONS_POLICY
        )
        return response

    return answer
