"""REST: the audit log (CONTRACT 3)."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request
from rest_framework.response import Response

from accessplane.lib.endpoints import Endpoint
from accessplane.lib.inputs import limit_of
from audit import selectors, visibility, waiting, watching
from audit.api import answers, serializers
from audit.following import HEARTBEAT, open_reader
from audit.models import LedgerEntry
from audit.readers import End
from audit.selectors import Search

JSON = "application/json"


class Events(Endpoint):
    """The events that the caller may see, in ascending sequence."""

    parameters = serializers.EventFilters
    page_parameters = frozenset({"limit"})

    @extend_schema(
        parameters=[
            serializers.EventFilters,
            OpenApiParameter(
                "Last-Event-ID",
                OpenApiTypes.INT64,
                OpenApiParameter.HEADER,
                description="Where a stream of server-sent events goes on; wins over `after`.",
            ),
        ],
        responses={
            (200, JSON): serializers.EventDocument(many=True),
            (200, answers.EVENT_STREAM): OpenApiTypes.STR,
        },
    )
    def get(self, request: Request) -> HttpResponseBase:
        """Read on after a sequence; with `wait`, hold the answer open until there is something.

        With `Accept: text/event-stream`, everything that follows as server-sent events.
        """
        wait = self.wanted.pop("wait")
        limit = limit_of(request.query_params.get("limit"))
        search = Search(**self.wanted)
        answer = (
            self._stream(request, search)
            if _wants_stream(request)
            else self._page(request, search, limit=limit, wait=wait)
        )
        patch_vary_headers(answer, ["Accept"])
        return answer

    def _page(
        self, request: Request, search: Search, *, limit: int, wait: int
    ) -> HttpResponseBase:
        def read() -> list[LedgerEntry]:
            stream = selectors.stream(user=request.user, search=search, at=timezone.now())
            return list(stream[: limit + 1])

        if wait and _holds_no_thread(request):
            if watching.watcher().has(search.after):
                return self._hold(request, search, limit=limit, wait=wait)
            head = selectors.head_sequence()
            entries = read()
            if not entries:
                behind = replace(search, after=max(search.after, head))
                return self._hold(request, behind, limit=limit, wait=wait)
        else:
            entries = waiting.first_not_empty(read, seconds=wait)
        page, rest = entries[:limit], entries[limit:]
        documents = serializers.EventDocument(page, many=True).data
        following = _next(request, page[-1].sequence) if rest else None
        return Response({"next": following, "previous": None, "results": documents})

    def _hold(
        self, request: Request, search: Search, *, limit: int, wait: int
    ) -> answers.HeldPage:
        return answers.HeldPage(
            open_reader(request, search),
            seconds=wait,
            limit=limit,
            next_page=lambda after: _next(request, after),
            refusal=self._refusal,
        )

    def _stream(self, request: Request, search: Search) -> answers.EventStream:
        search = replace(search, after=serializers.last_event_id(request, search.after))
        if _holds_no_thread(request):
            reader = open_reader(request, search)
            return answers.EventStream(answers.Frames(reader, self._refusal))
        return answers.EventStream(self._frames(request, search))

    def _frames(self, request: Request, search: Search) -> Iterator[bytes]:
        """The content of a stream that holds its thread: under WSGI there is no other way."""
        credential = visibility.people().credential_of(request)
        yield answers.BEGINNING
        while True:
            at = timezone.now()
            user = visibility.people().users_of([credential], at).get(credential)
            if user is None:
                yield answers.last_frame(self._refusal)
                return
            entries = _entries_or_silence(user, search)
            yield answers.frames_of(entries)
            if entries:
                search = replace(search, after=entries[-1].sequence)

    def _refusal(self) -> HttpResponse:
        """The answer to whoever was let in and is nobody any more."""
        return self.handle_exception(AuthenticationFailed(End.SIGNED_OUT.value))


def _entries_or_silence(user: Any, search: Search) -> list[LedgerEntry]:
    """The next entries that the user may see, or none after some time."""

    def read() -> list[LedgerEntry]:
        return list(selectors.stream(user=user, search=search, at=timezone.now())[:100])

    return waiting.first_not_empty(read, seconds=HEARTBEAT)


def _wants_stream(request: Request) -> bool:
    preferred = request.get_preferred_type([JSON, answers.EVENT_STREAM])
    return request.method == "GET" and preferred == answers.EVENT_STREAM


def _holds_no_thread(request: Request) -> bool:
    """Whether the call came through ASGI, where an answer can wait by itself."""
    return hasattr(request, "scope")


def _next(request: Request, after: int) -> str:
    """The address of the next page: the same search, after the last entry of this one."""
    query = request.query_params.dict() | {"after": str(after)}
    query.pop("wait", None)
    return request.build_absolute_uri(f"{request.path}?{urlencode(query)}")
