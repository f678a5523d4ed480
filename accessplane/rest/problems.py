"""Every refusal of the REST API as an RFC 9457 problem document, made in one place."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views import defaults
from rest_framework import exceptions

from accessplane.lib.errors import Conflict, DomainError, InvalidInput, NotFound, NotPermitted

CONTENT_TYPE = "application/problem+json"
TYPE_PREFIX = "urn:accessplane:problem:"
OF_PROGRAMS = ("/api/", "/ws/")

_STATUS: Mapping[type[DomainError], int] = {
    InvalidInput: HTTPStatus.BAD_REQUEST,
    NotPermitted: HTTPStatus.FORBIDDEN,
    NotFound: HTTPStatus.NOT_FOUND,
    Conflict: HTTPStatus.CONFLICT,
}
_CODES: Mapping[int, str] = {
    400: "invalid_input",
    401: "not_authenticated",
    403: "not_permitted",
    404: "not_found",
    405: "method_not_allowed",
    406: "invalid_input",
    409: "wrong_state",
    413: "too_large",
    415: "unsupported_media_type",
    422: "idempotency_key_reused",
    429: "too_many_requests",
    500: "internal_error",
}


def document(
    status: int, detail: str, *, code: str = "", errors: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """The members of a problem document; the code follows from the status if none is given."""
    code = code or _CODES.get(status, "invalid_input")
    return {
        "type": TYPE_PREFIX + code,
        "title": HTTPStatus(status).phrase,
        "status": int(status),
        "detail": detail,
        "code": code,
        "errors": dict(errors or {}),
    }


def handle(error: Exception, _context: Mapping[str, Any]) -> HttpResponse | None:
    """The answer to an exception of a REST view; None leaves what nobody foresaw to Django."""
    headers: dict[str, str] = {}
    match error:
        case DomainError():
            status = next(s for kind, s in _STATUS.items() if isinstance(error, kind))
            body = document(status, error.detail, code=error.code, errors=error.errors)
        case Http404():
            body = document(404, "There is no such thing here.")
        case PermissionDenied():
            body = document(403, "You may not do this.")
        case exceptions.ValidationError():
            body = _of_validation(error)
        case exceptions.APIException():
            body, headers = document(error.status_code, str(error.detail)), _headers(error)
        case _:
            return None
    # Not one of DRF's responses: the view's renderer may know YAML alone.
    return JsonResponse(body, status=body["status"], headers=headers, content_type=CONTENT_TYPE)


def answer(status: int, detail: str) -> JsonResponse:
    """A problem document outside of REST views: an address that does not exist, say."""
    return JsonResponse(document(status, detail), status=status, content_type=CONTENT_TYPE)


def not_found(_request: HttpRequest) -> JsonResponse:
    """The answer under an address of the API that does not exist."""
    return answer(404, "There is no such thing here.")


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The answer under an address that does not exist: a problem below the API, else a page."""
    if request.path.startswith("/api/"):
        return not_found(request)
    return defaults.page_not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    """The answer to what nobody foresaw: a problem for programs, a page for people."""
    if request.path.startswith(OF_PROGRAMS):
        return answer(500, "Something went wrong here; the operator finds it in the log.")
    return defaults.server_error(request)


def _of_validation(error: exceptions.ValidationError) -> dict[str, Any]:
    errors = _flat(error.detail)
    field, sentences = next(iter(errors.items()), ("", ["The input is wrong."]))
    detail = f"{field}: {sentences[0]}" if field else sentences[0]
    return document(400, detail, errors=errors)


def _flat(detail: Any, prefix: str = "") -> dict[str, list[str]]:
    """DRF's nested details as `{"roles.0": ["..."]}`."""
    if isinstance(detail, Mapping):
        pairs: Any = detail.items()
    elif isinstance(detail, list) and any(isinstance(item, (dict, list)) for item in detail):
        pairs = enumerate(detail)
    else:
        sentences = detail if isinstance(detail, list) else [detail]
        return {prefix: [str(sentence) for sentence in sentences]} if sentences else {}
    found: dict[str, list[str]] = {}
    for key, item in pairs:
        name = "" if key == "non_field_errors" else str(key)
        found |= _flat(item, ".".join(part for part in (prefix, name) if part))
    return found


def _headers(error: exceptions.APIException) -> dict[str, str]:
    headers = {}
    if wanted := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = wanted
    if isinstance(error, exceptions.Throttled):
        headers["Retry-After"] = str(max(1, int(getattr(error, "wait", None) or 1)))
    return headers
