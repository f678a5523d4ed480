"""Pages: what waits for a decision, several decisions at once, and what I decided."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accessplane.lib.actors import Actor
from accessplane.lib.durations import parse_duration
from accessplane.lib.errors import NotFound
from accessplane.lib.pages import Page
from identity.selectors import subject_of
from identity.sessions import actor_of, user_of
from identity.subject import Subject
from identity.user_spec import normalised_email
from requests_app import page_data, shown
from requests_app.models import AccessRequest
from requests_app.models.request import AccessRequestQuerySet
from requests_app.selectors import inbox_of
from reviews import page_data as context
from reviews import selectors
from reviews.services import deciding
from reviews.services.deciding import Outcome, Ruling
from reviews.thresholds import Decision
from reviews.web import forms

_ROWS = 20
_AT_ONCE = 50
PANE = "judged"


class Inbox(Page):
    """The requests that wait, and beside them the one that is open."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show them, the one that runs out first on top; for htmx only the open one."""
        at = timezone.now()
        subject = subject_of(user_of(request), at=at)
        opened = _opened(subject, request.GET.get("open", ""), by=actor_of(request), at=at)
        if is_for_pane(request):
            return render(request, "reviews/_judged.html", opened | {"at": at})
        wanted = forms.Wanted(request.GET)
        chosen = _chosen(wanted)
        found = _found(subject, chosen, at=at).order_by("pending_expires_at", "pk")
        ids = list(found.values_list("pk", flat=True))  # one statement to count and to show
        rows = Paginator(ids, _ROWS).get_page(request.GET.get("page"))
        waiting = (
            inbox_of(subject, at).count() if any(chosen.values()) else rows.paginator.count
        )
        everything = opened | page_data.navigation(subject)
        return render(
            request,
            "reviews/inbox.html",
            everything
            | {
                "at": at,
                "waiting": waiting,
                "wanted": wanted,
                "is_mine": chosen["scope"] != "all",
                "chips": _chips(request.GET, wanted, chosen),
                "query": _without(request.GET, "open"),
                "rows": rows,
                "requests": page_data.rows_of(shown.requests(list(rows)), at=at),
            },
        )


class Several(Page):
    """Several requests, each with a decision and a reason of its own."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Ask about those of the chosen requests that wait for me; `?id=` chooses one."""
        at = timezone.now()
        subject = subject_of(user_of(request), at=at)
        ids = _ids(request.GET)
        among = AccessRequest.objects.filter(pk__in=ids)
        waiting = inbox_of(subject, at, among).order_by("pending_expires_at", "pk")
        found = shown.requests(list(waiting.values_list("pk", flat=True)))
        rows = page_data.rows_of(found, at=at)
        asked = [{"row": row, "form": forms.Several(prefix=str(row["id"]))} for row in rows]
        return _several_page(request, subject, asked, at=at, gone=len(ids) - len(rows))

    def post(self, request: HttpRequest) -> HttpResponse:
        """Decide one by one, and say what counted and what did not."""
        at, user = timezone.now(), user_of(request)
        said = {pk: forms.Several(request.POST, prefix=str(pk)) for pk in _ids(request.POST)}
        rulings = [_ruling(pk, form) for pk, form in said.items() if _is_decided(form)]
        outcomes = deciding.decide_each(rulings, reviewer=user, by=actor_of(request), at=at)
        subject = subject_of(user, at=at)
        rows = context.rows_among(subject, said, at=at)
        of = {outcome.ruling.request_id: outcome for outcome in outcomes}
        asked = [
            {"row": rows.get(pk), "form": form, "outcome": of.get(pk), "is_open": _asks(pk, of)}
            for pk, form in said.items()
        ]
        counted = sum(outcome.refusal is None for outcome in outcomes)
        status = 200 if counted or not said else 400
        return _several_page(request, subject, asked, at=at, outcomes=outcomes, status=status)


class Decided(Page):
    """What I decided."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show it, the latest on top."""
        user, at = user_of(request), timezone.now()
        subject = subject_of(user, at=at)
        rows = Paginator(selectors.decided_by(user.pk), _ROWS).get_page(request.GET.get("page"))
        reviews = list(rows)
        found = shown.requests([review.request_id for review in reviews])
        requests = {row["id"]: row for row in page_data.rows_of(found, at=at)}
        told = [{"review": one, "document": requests[one.request_id]} for one in reviews]
        return render(
            request,
            "reviews/decided.html",
            page_data.common(subject, at=at) | {"rows": rows, "decided": told},
        )


def is_for_pane(request: HttpRequest) -> bool:
    """Whether only the part beside the list is asked for."""
    asked: Any = getattr(request, "htmx", None)
    return bool(asked) and asked.target == PANE and not asked.history_restore_request


def _opened(subject: Subject, text: str, *, by: Actor, at: datetime) -> dict[str, Any]:
    """The request of this id beside the list; that it is gone if it is not to be seen."""
    if not text:
        return {}
    try:
        return context.judged(subject, UUID(text), by=by, at=at)
    except (ValueError, NotFound):
        return {"is_gone": True}


def _chosen(wanted: forms.Wanted) -> dict[str, str]:
    """What the list is narrowed to; what makes no sense narrows nothing."""
    wanted.is_valid()
    return {name: wanted.cleaned_data.get(name, "") for name in wanted.fields}


def _found(subject: Subject, chosen: dict[str, str], *, at: datetime) -> AccessRequestQuerySet:
    waiting = chosen["waiting"]
    return selectors.pending_for(
        subject,
        mine=chosen["scope"] != "all",
        role=chosen["role"],
        requester=normalised_email(chosen["requester"]),
        asked_before=at - parse_duration(waiting) if waiting else None,
        at=at,
    )


def _chips(
    query: QueryDict, wanted: forms.Wanted, chosen: dict[str, str]
) -> list[dict[str, Any]]:
    """What is set, each with the address of the list without it."""
    found = []
    for name, value in chosen.items():
        if not value:
            continue
        choices = dict(getattr(wanted.fields[name], "choices", ()))
        rest = _without(query, name, "page")
        found.append(
            {
                "name": wanted.fields[name].label,
                "value": choices.get(value, value),
                "address": f"{reverse('reviews-page')}?{rest}",
            }
        )
    return found


def _without(query: QueryDict, *names: str) -> str:
    kept = query.copy()
    for name in names:
        kept.pop(name, None)
    return kept.urlencode()


def _ids(given: QueryDict) -> list[UUID]:
    """The requests that are named, each once; what is no id is passed over."""
    found: dict[UUID, None] = {}
    for text in given.getlist("id")[:_AT_ONCE]:
        try:
            found[UUID(text)] = None
        except ValueError:
            continue
    return list(found)


def _is_decided(form: forms.Several) -> bool:
    return form.is_valid() and bool(form.cleaned_data["decision"])


def _ruling(pk: UUID, form: forms.Several) -> Ruling:
    said = form.cleaned_data
    return Ruling(request_id=pk, decision=Decision(said["decision"]), reason=said["reason"])


def _asks(pk: UUID, outcomes: dict[UUID, Outcome]) -> bool:
    """Whether it is still to be decided, or can be said again in other words."""
    outcome = outcomes.get(pk)
    return outcome is None or (
        outcome.refusal is not None and outcome.refusal.code == "reason_too_long"
    )


def _several_page(
    request: HttpRequest,
    subject: Subject,
    asked: Sequence[dict[str, Any]],
    *,
    at: datetime,
    gone: int = 0,
    outcomes: Sequence[Outcome] | None = None,
    status: int = 200,
) -> HttpResponse:
    shown_here = page_data.common(subject, at=at) | {
        "asked": asked,
        "gone": gone,
        "is_sent": outcomes is not None,
        "is_open": any(one.get("is_open", True) for one in asked),
        "counted": sum(one.refusal is None for one in outcomes or ()),
        "refused": sum(one.refusal is not None for one in outcomes or ()),
        "nothing": _("Choose Approve or Deny for at least one of them."),
    }
    return render(request, "reviews/several.html", shown_here, status=status)
