"""Pages: what waits for me, and my decision about one request (CONTRACT 3)."""

from abc import ABC, abstractmethod
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from accessplane.lib.errors import Conflict, InvalidInput
from accessplane.lib.pages import Page
from identity.selectors import subject_of
from identity.sessions import actor_of, user_of
from requests_app import page_data, selectors, shown
from requests_app.states import RequestState
from reviews.services import reviewing
from reviews.thresholds import Decision
from reviews.web import forms

_ROWS = 20
_DONE = {
    Decision.APPROVE: "You approved this request.",
    Decision.DENY: "You denied this request.",
    Decision.COMMENT: "Your comment stands below.",
}


class Inbox(Page):
    """The requests that wait for me."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show them, the one that waits the shortest time from now on top."""
        at = timezone.now()
        subject = subject_of(user_of(request), at=at)
        inbox = selectors.inbox_of(subject, at).order_by("pending_expires_at", "pk")
        ids = inbox.values_list("pk", flat=True)
        rows = Paginator(ids, _ROWS).get_page(request.GET.get("page"))
        context = page_data.navigation(subject) | {
            "at": at,
            "waiting": rows.paginator.count,
            "rows": rows,
            "requests": page_data.rows_of(shown.requests(list(rows)), at=at),
        }
        return render(request, "reviews/inbox.html", context)


class Judging(Page, ABC):
    """An address that a form of a request's page sends to."""

    form_name: str
    form_class: type[forms.Judgement]

    def get(self, _request: HttpRequest, request_id: UUID) -> HttpResponse:
        """Whoever comes back here, from signing in perhaps, sees the page of the form."""
        return redirect("request-page", request_id)

    def post(self, request: HttpRequest, request_id: UUID) -> HttpResponse:
        """Judge, and show the request; what was written is kept when it is refused."""
        form = self.form_class(request.POST)
        try:
            if form.is_valid():
                messages.info(request, self.judge(request, request_id, form.cleaned_data))
                return redirect("request-page", request_id)
        except InvalidInput as refusal:
            form.refuse(refusal)
        except Conflict as refusal:
            messages.warning(request, refusal.detail)
            return redirect("request-page", request_id)
        context = page_data.request_page(user_of(request), request_id, at=timezone.now())
        context[self.form_name] = form
        return render(request, "requests_app/request_page.html", context, status=400)

    @abstractmethod
    def judge(self, request: HttpRequest, request_id: UUID, said: dict[str, Any]) -> str:
        """Do what was said; the sentence that tells of it."""


class Reviews(Judging):
    """Approve, deny, or comment."""

    form_name = "review"
    form_class = forms.Review

    def judge(self, request: HttpRequest, request_id: UUID, said: dict[str, Any]) -> str:
        """Submit the review."""
        decision = Decision(said["decision"])
        reviewing.submit_review(
            request_id=request_id,
            reviewer=user_of(request),
            decision=decision,
            reason=said["reason"],
            start_time=said["start_time"],
            by=actor_of(request),
            at=timezone.now(),
        )
        return _DONE[decision]


class Resolution(Judging):
    """Resolve the request without its reviewers."""

    form_name = "resolution"
    form_class = forms.Resolution

    def judge(self, request: HttpRequest, request_id: UUID, said: dict[str, Any]) -> str:
        """Force the resolution."""
        state = RequestState(said["state"])
        reviewing.force_resolution(
            request_id=request_id,
            user=user_of(request),
            state=state,
            reason=said["reason"],
            start_time=said["start_time"],
            by=actor_of(request),
            at=timezone.now(),
        )
        return f"You {state.lower()} this request without its reviewers."
