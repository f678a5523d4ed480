"""Pages: my decision about one request (CONTRACT 3)."""

from abc import ABC, abstractmethod
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accessplane.lib.errors import Conflict, InvalidInput
from accessplane.lib.pages import Button
from identity.proving import prove_first
from identity.selectors import subject_of
from identity.sessions import actor_of, user_of
from requests_app import page_data
from requests_app.states import RequestState
from reviews.page_data import judged
from reviews.services import reviewing
from reviews.services.reviewing import FreshFactorRequired
from reviews.thresholds import Decision
from reviews.web import forms
from reviews.web.inbox import is_for_pane

_DONE = {
    Decision.APPROVE: _("You approved this request."),
    Decision.DENY: _("You denied this request."),
    Decision.COMMENT: _("Your comment stands below."),
}
_FORCED = {
    RequestState.APPROVED: _("You approved this request without its reviewers."),
    RequestState.DENIED: _("You denied this request without its reviewers."),
}


class Judging(Button, ABC):
    """An address that a form of a request's page sends to."""

    page = "request-page"
    parts = ("request_id",)
    form_name: str
    form_class: type[forms.Judgement]

    def post(self, request: HttpRequest, request_id: UUID) -> HttpResponse:
        """Judge, and show the request; what was written is kept when it is refused."""
        form = self.form_class(request.POST)
        try:
            if form.is_valid():
                said = self.judge(request, request_id, form.cleaned_data)
                return self.done(request, request_id, said)
        except InvalidInput as refusal:
            form.refuse(refusal)
        except FreshFactorRequired:
            if not user_of(request).is_bot:
                return prove_first(request)
            raise
        except Conflict as refusal:
            return self.done(request, request_id, refusal.detail, is_refused=True)
        if is_for_pane(request):
            return self.beside(request, request_id, {self.form_name: form}, status=400)
        context = page_data.request_page(
            user_of(request), request_id, by=actor_of(request), at=timezone.now()
        )
        context[self.form_name] = form
        return render(request, "requests_app/request_page.html", context, status=400)

    def done(
        self, request: HttpRequest, request_id: UUID, sentence: str, *, is_refused: bool = False
    ) -> HttpResponse:
        """Say what became of it, where the form stood."""
        if is_for_pane(request):
            said = {"refusal" if is_refused else "said": sentence}
            return self.beside(request, request_id, said)
        tell = messages.warning if is_refused else messages.info
        tell(request, sentence)
        return redirect("request-page", request_id)

    def beside(
        self,
        request: HttpRequest,
        request_id: UUID,
        more: dict[str, Any],
        *,
        status: int = 200,
    ) -> HttpResponse:
        """The request beside the list of those that wait."""
        at = timezone.now()
        subject = subject_of(user_of(request), at=at)
        context = judged(subject, request_id, by=actor_of(request), at=at) | {"at": at, **more}
        return render(request, "reviews/_judged.html", context, status=status)

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
        return str(_DONE[decision])


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
        return str(_FORCED[state])
