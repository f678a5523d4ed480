"""Page: who would have to agree, and why something is refused (CONTRACT 3)."""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from accessplane.lib.errors import InvalidInput
from accessplane.lib.pages import Page
from identity.models import User
from identity.selectors import roles_visible_to, subject_of
from identity.sessions import user_of
from requests_app import explanations, page_data, selectors
from requests_app.explaining import Explanation
from requests_app.services import asking, explaining
from requests_app.web import forms

_ROLES_OFFERED = 200


class Explain(Page):
    """The answer to "why can't I?"."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the question and, once roles are named, its answer."""
        user, at = user_of(request), timezone.now()
        subject = subject_of(user, at=at)
        asked = any(request.GET.getlist("role"))
        form = forms.Question(
            _said(request) if asked else None,
            about_others=explaining.may_explain_others(subject),
        )
        known = roles_visible_to(subject).order_by("name").values_list("name", flat=True)
        context = page_data.common(subject, at=at) | {
            "form": form,
            "known": known[:_ROLES_OFFERED],
        }
        if asked and form.is_valid():
            try:
                explanation = explaining.explain_request(
                    wish=form.wish(),
                    # Without the field too: who may not ask about others is told so.
                    about=form.cleaned_data.get("user", request.GET.get("user")),
                    caller=user,
                    at=at,
                )
                context |= _answer(explanation, user, at=at)
            except InvalidInput as refusal:
                form.refuse(refusal)
        status = 400 if form.errors else 200
        return render(request, "requests_app/explain.html", context, status=status)


def _said(request: HttpRequest) -> dict[str, Any]:
    """The parameters as the form has them: several roles stand in one field."""
    return {**request.GET.dict(), "role": ", ".join(request.GET.getlist("role"))}


def _answer(explanation: Explanation, user: User, *, at: datetime) -> dict[str, Any]:
    answer = explanations.explanation_document(explanation)
    names = [role["name"] for role in answer["roles"]]
    own = explanation.user == user.email
    asked_before = own and (answer["refusal"] or {}).get("code") == asking.DuplicateRequest.code
    return {
        "answer": answer,
        "earlier": selectors.asked_before(user, names, None, at) if asked_before else None,
        "asking": urlencode({"role": names}, doseq=True) if own and answer["terms"] else "",
    }
