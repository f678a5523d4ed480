"""`Idempotency-Key` on any POST: the same key and body give the same answer for 24 hours."""

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from http import HTTPStatus

from django.core.exceptions import RequestDataTooBig
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import Resolver404, resolve
from django.utils import timezone
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.views import APIView

from accessplane.lib import sealed
from accessplane.lib.endpoints import Endpoint
from accessplane.models import KeptAnswer
from accessplane.rest import problems
from identity.models import User

KEPT_FOR = timedelta(hours=24)
KEY_LENGTH = 255
# Not answers to what the call asks for, but to the state of things around it.
_NOT_KEPT = frozenset({401, 429})

Next = Callable[[HttpRequest], HttpResponseBase]


class IdempotentPosts:
    """Middleware over the API's POSTs. A key belongs to the caller; to nobody, it means nothing.

    The call runs in the transaction that keeps its answer. A second call with the same key
    that comes while the first is at work waits for it, on the row's unique constraint.
    """

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """The kept answer, or the call's own."""
        key = request.headers.get("Idempotency-Key")
        if key is None or request.method != "POST" or not request.path.startswith("/api/"):
            return self.get_response(request)
        if not 0 < len(key) <= KEY_LENGTH or not key.isprintable():
            return problems.answer(400, f"An Idempotency-Key has 1 to {KEY_LENGTH} characters.")
        caller = _caller(request)
        if caller is None:
            return self.get_response(request)
        return self._answer(request, caller, key, at=timezone.now())

    def _answer(
        self, request: HttpRequest, caller: User, key: str, *, at: datetime
    ) -> HttpResponseBase:
        try:
            fingerprint = _fingerprint(request)
        except RequestDataTooBig:
            return problems.answer(
                HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "The body is too large."
            )
        if _calls_out(request):
            return self._answer_outside(request, caller, key, fingerprint, at=at)
        with transaction.atomic():
            kept, is_new = _claim(caller, key, fingerprint, at=at)
            if not is_new:
                return _repeated(kept, fingerprint)
            response = self.get_response(request)
            if not _is_for_keeping(response):
                transaction.set_rollback(True)
            elif isinstance(response, HttpResponse):
                _keep(kept, response)
        return response

    def _answer_outside(
        self, request: HttpRequest, caller: User, key: str, fingerprint: str, *, at: datetime
    ) -> HttpResponseBase:
        """The same for a call that speaks to another system, in no transaction (ADR 0011).

        The key is taken first. A second call that comes before there is an answer is told so.
        """
        with transaction.atomic():
            kept, is_new = _claim(caller, key, fingerprint, at=at)
        if not is_new:
            return _repeated(kept, fingerprint)
        response = self.get_response(request)
        if isinstance(response, HttpResponse) and _is_for_keeping(response):
            _keep(kept, response)
        else:
            kept.delete()
        return response


def _claim(
    caller: User, key: str, fingerprint: str, *, at: datetime
) -> tuple[KeptAnswer, bool]:
    """The row of this key, locked, and whether it is new."""
    KeptAnswer.objects.filter(created_at__lt=at - KEPT_FOR).delete()
    return KeptAnswer.objects.select_for_update().get_or_create(
        user=caller, key=key, defaults={"fingerprint": fingerprint, "created_at": at}
    )


def _is_for_keeping(response: HttpResponseBase) -> bool:
    return (
        response.status_code < HTTPStatus.INTERNAL_SERVER_ERROR
        and response.status_code not in _NOT_KEPT
    )


def _calls_out(request: HttpRequest) -> bool:
    """Whether the view behind the address says that it speaks to another system, or that this
    call does."""
    try:
        view = resolve(request.path_info).func
    except Resolver404:
        return False
    endpoint = getattr(view, "cls", None)
    return (
        isinstance(endpoint, type)
        and issubclass(endpoint, Endpoint)
        and endpoint.calls_out(request)
    )


def _caller(request: HttpRequest) -> User | None:
    """Whom the views will find behind the call; they answer themselves if there is nobody."""
    authenticators = APIView().get_authenticators()
    try:
        user = Request(request, authenticators=authenticators).user
    except APIException:
        return None
    return user if isinstance(user, User) else None


def _fingerprint(request: HttpRequest) -> str:
    parts = (request.path.encode(), (request.content_type or "").encode(), request.body)
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def _keep(kept: KeptAnswer, response: HttpResponse) -> None:
    kept.status = response.status_code
    kept.body = sealed.seal(response.content, purpose=_purpose(kept))
    kept.content_type = response.headers.get("Content-Type", "")
    kept.save(update_fields=["status", "body", "content_type"])


def _repeated(kept: KeptAnswer, fingerprint: str) -> HttpResponse:
    if kept.fingerprint != fingerprint:
        return problems.answer(422, "This Idempotency-Key was used with another body.")
    if kept.status is None:
        return problems.answer(
            409, "The first call with this Idempotency-Key has no answer yet."
        )
    body = sealed.unseal(bytes(kept.body), purpose=_purpose(kept))
    return HttpResponse(body, status=kept.status, headers={"Content-Type": kept.content_type})


def _purpose(kept: KeptAnswer) -> str:
    """An answer may hold the secret of a new token, so it is kept sealed."""
    return f"answer:{kept.user_id}:{kept.key}"
