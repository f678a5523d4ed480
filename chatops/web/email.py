"""Page: the request behind the link of a mail, and the reviewer's decision (CONTRACT 7)."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from django import forms
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.views import View
from django.views.decorators.cache import never_cache

from accessplane.lib.errors import Conflict, InvalidInput, NotFound, NotPermitted
from accessplane.lib.pages import show_refusal
from accessplane.lib.words import listed
from accessplane.lib.zones import Moment, ZonedForm
from chatops.services import answers, mailed
from chatops.services.mailed import Asked, SignInFirst
from identity.models import User
from identity.sessions import ip_of
from requests_app import page_data
from reviews.thresholds import Decision

# The address is a key: no other site is told it, and no search engine keeps it. Not
# `no-referrer`: with it browsers send forms from an unknown origin, which is refused.
_HEADERS = {"Referrer-Policy": "same-origin", "X-Robots-Tag": "noindex, nofollow"}
_FIELD_OF = {
    "reason_too_long": "reason",
    "start_time_in_past": "start_time",
    "start_time_too_far": "start_time",
}
_MEANT = {"APPROVED": "APPROVE", "DENIED": "DENY"}


class Answer(ZonedForm):
    """Approve or deny; a reason, and with an approval perhaps a start."""

    use_required_attribute = False

    decision = forms.ChoiceField(
        choices=[(str(one), str(one)) for one in (Decision.APPROVE, Decision.DENY)],
        error_messages={
            "required": _("Choose Approve or Deny."),
            "invalid_choice": _("A decision is Approve or Deny."),
        },
    )
    reason = forms.CharField(required=False, strip=False)
    start_time = Moment(required=False)

    def clean_reason(self) -> str:
        """The reason, its line ends as everywhere else."""
        return str(self.cleaned_data["reason"]).replace("\r\n", "\n")


@method_decorator(never_cache, name="dispatch")
class MailedRequest(View):
    """Where a reviewer decides whom a mail asked. Programs open links: only the form decides."""

    http_method_names = ["get", "head", "post"]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer the request; a refusal says why, and nothing of what it is about."""
        try:
            response = super().dispatch(request, *args, **kwargs)
        except SignInFirst:
            response = redirect_to_login(request.get_full_path())
        except NotFound as refusal:
            response = _refused(request, refusal.detail, status=404)
        except NotPermitted as refusal:
            response = _refused(request, refusal.detail, status=403)
        for name, value in _HEADERS.items():
            response.headers[name] = value
        return response

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        """Show the request and, while it waits for this reviewer, the form."""
        asked = mailed.asked_by(token, visitor=_visitor(request))
        return _page(request, asked, at=timezone.now())

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        """Decide, and show how the request stands."""
        asked, at = mailed.asked_by(token, visitor=_visitor(request)), timezone.now()
        form = Answer(request.POST)
        if not form.is_valid():
            return _page(request, asked, at=at, form=form, status=400)
        actor = answers.actor_through(asked.reviewer, asked.channel)
        try:
            mailed.decide(
                asked,
                decision=Decision(form.cleaned_data["decision"]),
                reason=form.cleaned_data["reason"],
                start_time=form.cleaned_data["start_time"],
                by=replace(actor, ip=ip_of(request)),
                at=at,
            )
        except InvalidInput as refusal:
            show_refusal(form, refusal, _FIELD_OF)
            return _page(request, asked, at=at, form=form, status=400)
        except Conflict as refusal:
            return _page(request, asked, at=at, refusal=refusal.detail, status=409)
        return redirect(request.path)


def _visitor(request: HttpRequest) -> User | None:
    return request.user if isinstance(request.user, User) else None


def _page(
    request: HttpRequest,
    asked: Asked,
    *,
    at: datetime,
    form: Answer | None = None,
    refusal: str = "",
    status: int = 200,
) -> HttpResponse:
    """The request as the reviewer may see it now."""
    try:
        by = answers.actor_through(asked.reviewer, asked.channel)
        context = page_data.request_page(asked.reviewer, asked.request_id, by=by, at=at)
    except NotFound as gone:
        raise mailed.no_longer_his() from gone
    document = context["document"]
    meant = _MEANT.get(document["state"])
    context |= {
        "reviewer": asked.reviewer,
        "review": form,
        "refusal": refusal,
        "deciders": listed(
            [one["reviewer"] for one in document["reviews"] if one["decision"] == meant]
        ),
    }
    return render(request, "chatops/email_request.html", context, status=status)


def _refused(request: HttpRequest, sentence: str, *, status: int) -> HttpResponse:
    return render(request, "chatops/email_refused.html", {"sentence": sentence}, status=status)
