"""Pages: what I hold, what I asked for, a new request, one request (CONTRACT 3)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Page as Rows
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from accessplane.lib.errors import Conflict, InvalidInput
from accessplane.lib.pages import Page
from identity.models import Role, User
from identity.selectors import requestable_names, subject_of
from identity.sessions import actor_of, user_of
from identity.subject import Subject
from requests_app import page_data, representations, selectors
from requests_app.models import AccessRequest, Grant
from requests_app.services import asking, granting, reading
from requests_app.services.asking import Draft
from requests_app.shown import ShownRequest
from requests_app.states import RequestState
from requests_app.web import forms

_ROWS = 20


class Home(Page):
    """What I hold, what I asked for, and how many wait for me."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show it."""
        user, at = user_of(request), timezone.now()
        subject = subject_of(user, at=at)
        held = _held_by(user, at=at)
        rows, asked = _asked_by(user, request.GET.get("page"), at=at)
        context = page_data.common(subject, at=at) | {
            "held": held,
            "standing": page_data.titles_of(subject.role_names).values(),
            "rows": rows,
            "requests": page_data.rows_of(asked, at=at),
        }
        return render(request, "requests_app/home.html", context)


class NewRequest(Page):
    """Ask for roles."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the form; `?role=` chooses roles beforehand."""
        form = forms.NewRequest(initial={"roles": request.GET.getlist("role")})
        return _new_request_page(request, form)

    def post(self, request: HttpRequest) -> HttpResponse:
        """Make the request, or with `preview` show what it would come to."""
        form = forms.NewRequest(request.POST)
        if not form.is_valid():
            return _new_request_page(request, form, status=400)
        user, at = user_of(request), timezone.now()
        try:
            if "preview" in request.POST:
                draft = asking.draft_request(wish=form.wish(), author=user, at=at)
                draft = asking.foreseen(draft, at=at)
                return _new_request_page(request, form, draft=draft)
            made, _ = asking.create_request(
                wish=form.wish(), author=user, by=actor_of(request), at=at
            )
        except asking.DuplicateRequest:
            return _new_request_page(
                request, form, earlier=_asked_before(user, form, at=at), status=409
            )
        except InvalidInput as refusal:
            form.refuse(refusal)
            return _new_request_page(request, form, status=400)
        if made.state == RequestState.PENDING:
            messages.info(request, "Your request waits for its reviewers.")
        else:
            messages.warning(request, "Your request was denied at once. A check says why.")
        return redirect("request-page", made.pk)


class OneRequest(Page):
    """One request with all that happened to it."""

    def get(self, request: HttpRequest, request_id: UUID) -> HttpResponse:
        """Show it."""
        context = page_data.request_page(user_of(request), request_id, at=timezone.now())
        return render(request, "requests_app/request_page.html", context)


class Button(Page):
    """An address that a button of a request's page sends to."""

    def get(self, _request: HttpRequest, request_id: UUID, **_: UUID) -> HttpResponse:
        """Whoever comes back here, from signing in perhaps, sees the page of the button."""
        return redirect("request-page", request_id)


class Cancellation(Button):
    """Take a request back."""

    def post(self, request: HttpRequest, request_id: UUID) -> HttpResponse:
        """Cancel it, and show it."""
        try:
            asking.cancel_request(
                request_id=request_id,
                user=user_of(request),
                reason="",
                by=actor_of(request),
                at=timezone.now(),
            )
        except Conflict as refusal:
            messages.warning(request, refusal.detail)
        else:
            messages.info(request, "You cancelled this request.")
        return redirect("request-page", request_id)


class EndOfGrant(Button):
    """Give access back."""

    def post(self, request: HttpRequest, request_id: UUID, grant_id: UUID) -> HttpResponse:
        """End the grant; back to where the button was."""
        grant = granting.end_grant(
            grant_id=grant_id,
            user=user_of(request),
            reason="",
            by=actor_of(request),
            at=timezone.now(),
        )
        messages.info(request, f"You gave {grant.role.name} back.")
        if request.POST.get("back") == "home":
            return redirect("home")
        return redirect("request-page", request_id)


class Revocation(Button):
    """Take access away."""

    def post(self, request: HttpRequest, request_id: UUID, grant_id: UUID) -> HttpResponse:
        """Revoke the grant with a reason, and show its request."""
        form = forms.Revocation(request.POST)
        user, at = user_of(request), timezone.now()
        try:
            if form.is_valid():
                granting.revoke_grant(
                    grant_id=grant_id,
                    user=user,
                    reason=form.cleaned_data["reason"],
                    by=actor_of(request),
                    at=at,
                )
                messages.info(request, "You revoked the access. It ended at once.")
                return redirect("request-page", request_id)
        except InvalidInput as refusal:
            form.refuse(refusal)
        except Conflict as refusal:
            messages.warning(request, refusal.detail)
            return redirect("request-page", request_id)
        context = page_data.request_page(user, request_id, at=at)
        context |= {"revocation": form, "revoked_id": grant_id}
        return render(request, "requests_app/request_page.html", context, status=400)


def _held_by(user: User, *, at: datetime) -> Sequence[Grant]:
    """The user's grants that give access now or will, the one that ends first on top."""
    grants = Grant.objects.filter(user=user).not_over(at).select_related("role")
    ordered = grants.order_by("ends_at", "pk")
    return reading.settled_grants(lambda: list(ordered.all()), at=at)


def _asked_by(
    user: User, number: str | None, *, at: datetime
) -> tuple[Rows[UUID], Sequence[ShownRequest]]:
    """One page of the user's requests, newest first."""
    mine = AccessRequest.objects.filter(requester=user).order_by("-created_at", "-pk")
    rows = Paginator(mine.values_list("pk", flat=True), _ROWS).get_page(number)
    return rows, reading.settled_requests(list(rows), at=at)


def _asked_before(user: User, form: forms.NewRequest, *, at: datetime) -> UUID | None:
    names = sorted(set(form.cleaned_data["roles"]))
    return selectors.asked_before(user, names, None, at)


def _new_request_page(
    request: HttpRequest,
    form: forms.NewRequest,
    *,
    draft: Draft | None = None,
    earlier: UUID | None = None,
    status: int = 200,
) -> HttpResponse:
    at = timezone.now()
    subject = subject_of(user_of(request), at=at)
    context: dict[str, Any] = page_data.common(subject, at=at)
    context |= {
        "form": form,
        "choices": _choices(subject, set(form["roles"].value() or ())),
        "earlier": earlier,
        "explanation": _address_of_explanation(form),
    }
    if draft is not None:
        context |= _preview(draft)
    return render(request, "requests_app/request_new.html", context, status=status)


def _address_of_explanation(form: forms.NewRequest) -> str:
    """Where it is explained what was filled in, or what one may ask for at all."""
    said = {
        "role": ", ".join(form["roles"].value() or ()),
        "reason": form["reason"].value() or "",
        "duration": form["duration"].value() or "",
    }
    query = urlencode({name: text for name, text in said.items() if text})
    return f"{reverse('explain')}?{query}" if query else reverse("explain")


def _choices(subject: Subject, chosen: set[str]) -> list[dict[str, Any]]:
    """The roles that the subject may ask for, and which of them are ticked."""
    roles = Role.objects.filter(name__in=requestable_names(subject)).order_by("name")
    return [
        {
            "name": offer.role.name,
            "title": offer.role.labels.get("title") or offer.role.name,
            "description": offer.role.description,
            "held": offer.held,
            "terms": offer.terms,
            "chosen": offer.role.name in chosen,
        }
        for offer in asking.offers(subject, list(roles))
    ]


def _preview(draft: Draft) -> dict[str, Any]:
    plan = representations.PlanDocument(draft).data
    judgement = {
        "by_role": [
            {"role": role.role, "sets": role.sets} for role in draft.plan.judgement.by_role
        ]
    }
    return {"plan": plan, "needs": page_data.needs_of(judgement, plan["thresholds"])}
