"""Page: ask for roles, or for more time (CONTRACT 3)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accessplane.lib.durations import format_duration
from accessplane.lib.errors import Conflict, InvalidInput, NotFound
from accessplane.lib.pages import Page
from identity.models import User
from identity.selectors import subject_of
from identity.sessions import actor_of, user_of
from identity.subject import Subject
from requests_app import page_data
from requests_app.models import Grant
from requests_app.services import asking, offering, reading
from requests_app.states import RequestState
from requests_app.web import foresight, forms
from requests_app.web.foresight import Foresight

_PRESETS = tuple(timedelta(hours=hours) for hours in (1, 2, 8))
_LONGEST_SEARCH = 200
# Buttons that ask for nothing yet.
_LOOKING = frozenset({"preview", "find", "all"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Length:
    """A length that is offered; an empty value leaves it to the roles."""

    value: str
    length: timedelta | None
    is_chosen: bool


class NewRequest(Page):
    """Ask for roles; `?extends=` asks for more time with one that is held."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the form, filled in by `?role=`, `?reason=` and `?duration=`."""
        form = forms.NewRequest(_from_address(request.GET))
        if request.headers.get("HX-Target") == "catalogue":
            return render(request, "requests_app/_catalogue.html", _catalogue(request, form))
        return _page(request, form)

    def post(self, request: HttpRequest) -> HttpResponse:
        """Make the request; with one of `_LOOKING` show the form again as it stands."""
        form = forms.NewRequest(request.POST)
        if _LOOKING & set(request.POST):
            return _page(request, form)
        if not form.is_valid():
            return _page(request, form, status=400)
        try:
            made, _draft = asking.create_request(
                wish=form.wish(),
                author=user_of(request),
                extends=form.cleaned_data["extends"],
                by=actor_of(request),
                at=timezone.now(),
            )
        except (Conflict, InvalidInput) as refusal:
            status = 409 if isinstance(refusal, Conflict) else 400
            return _page(request, form, refusal=refusal, status=status)
        if made.state == RequestState.PENDING:
            messages.info(request, _("Your request waits for its reviewers."))
        else:
            messages.warning(request, _("Your request was denied at once. A check says why."))
        return redirect("request-page", made.pk)


def _page(
    request: HttpRequest,
    form: forms.NewRequest,
    *,
    refusal: Exception | None = None,
    status: int = 200,
) -> HttpResponse:
    """The form with all that was said, and what it would come to; its changing parts alone for a
    browser that asks for them."""
    user, at = user_of(request), timezone.now()
    extended = _extended(user, form, at=at)
    seen = _foreseen(form, user, extended, refusal, at=at)
    subject = subject_of(user, at=at)
    said = form.data
    context: dict[str, Any] = {
        "form": form,
        "at": at,
        "foresight": seen,
        "extended": extended,
        "is_over": extended is not None and extended.is_over(at),
        "picks": foresight.picks(
            seen, subject, _picked(form), said.get("who", "")[:_LONGEST_SEARCH]
        ),
        "many": seen is not None and len(seen.people) > foresight.PICKS,
        "lengths": _lengths(form, seen),
        "explanation": _address_of_explanation(form),
    }
    if request.headers.get("HX-Target") == "foreseen":
        return render(request, "requests_app/_foreseen.html", context)
    context |= page_data.common(subject, at=at)
    if extended is None:
        context |= _listed(user, subject, form, said, at=at)
    return render(request, "requests_app/request_new.html", context, status=status)


def _foreseen(
    form: forms.NewRequest,
    user: User,
    extended: Grant | None,
    refusal: Any,
    *,
    at: datetime,
) -> Foresight | None:
    """What it would come to, and at the form what stands in the way: `refusal` if it was sent.

    What was asked before stands in what is foreseen, with the way there.
    """
    if not form.is_valid():
        return None
    wish = form.wish()
    if extended is not None and not wish.roles:
        wish = replace(wish, roles=(extended.role.name,))
    seen = foresight.foresee(wish, user, extended=extended, at=at)
    if refusal is not None and not isinstance(refusal, asking.DuplicateRequest):
        form.refuse(refusal)
    elif seen is not None and (told := seen.refusal_of(wish)):
        form.foretell(*told)
    return seen


def _extended(user: User, form: forms.NewRequest, *, at: datetime) -> Grant | None:
    """The user's own grant that is to last longer; `NotFound` for any other."""
    text = form.data.get("extends")
    if not text:
        return None
    form.full_clean()
    grant_id = form.cleaned_data.get("extends")
    if grant_id is None:
        raise NotFound(gettext("There is no such grant."))
    grant = reading.grant_seen_by(user, grant_id, at=at)
    if grant.user_id != user.pk:
        raise NotFound(gettext("There is no such grant."))
    return grant


def _catalogue(request: HttpRequest, form: forms.NewRequest) -> dict[str, Any]:
    user, at = user_of(request), timezone.now()
    return {"at": at} | _listed(user, subject_of(user, at=at), form, form.data, at=at)


def _listed(
    user: User,
    subject: Subject,
    form: forms.NewRequest,
    said: Mapping[str, Any],
    *,
    at: datetime,
) -> dict[str, Any]:
    """The catalogue as it was looked through, and how."""
    wanted = offering.Wanted(
        words=said.get("q", "")[:_LONGEST_SEARCH],
        label=said.get("label", ""),
        chosen=frozenset(form["roles"].value() or ()),
        everything=bool(said.get("all")),
    )
    catalogue = offering.catalogue(user, subject, wanted, at=at)
    return {"catalogue": catalogue, "wanted": wanted}


def _from_address(query: QueryDict) -> QueryDict:
    """What the address says, as the form would send it."""
    said = query.copy()
    said.setlist("roles", [*query.getlist("role"), *query.getlist("roles")])
    return said


def _picked(form: forms.NewRequest) -> Sequence[str]:
    return [
        email
        for text in form["suggested_reviewers"].value() or ()
        for email in text.replace(",", " ").lower().split()
    ]


def _lengths(form: forms.NewRequest, seen: Foresight | None) -> dict[str, Any]:
    """The lengths to choose from, as far as the roles allow them, and which one is chosen."""
    said = form["duration"].value() or ""
    limit = seen.limit if seen else None
    offered = [
        Length(value=format_duration(length), length=length, is_chosen=False)
        for length in _PRESETS
        if limit is None or length < limit
    ]
    values = {"", *(one.value for one in offered)}
    return {
        "offered": [
            Length(value=one.value, length=one.length, is_chosen=one.value == said)
            for one in (Length(value="", length=limit, is_chosen=False), *offered)
        ],
        "is_other": said not in values,
        "other": form["other_duration"].value() or ""
        if said in values or said == forms.OTHER
        else said,
    }


def _address_of_explanation(form: forms.NewRequest) -> str:
    """Where it is explained what was filled in, or what one may ask for at all."""
    length = form["duration"].value() or ""
    said = {
        "role": ", ".join(form["roles"].value() or ()),
        "reason": form["reason"].value() or "",
        "duration": form["other_duration"].value() or "" if length == forms.OTHER else length,
    }
    query = urlencode({name: text for name, text in said.items() if text})
    return f"{reverse('explain')}?{query}" if query else reverse("explain")
