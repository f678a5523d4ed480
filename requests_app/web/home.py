"""Page: what I hold, what I asked for, and what waits for me (CONTRACT 3)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from accessplane.lib.pages import Page
from identity.models import User
from identity.requestable import requestable_among
from identity.selectors import subject_of
from identity.sessions import user_of
from identity.subject import Subject
from requests_app import beginning, page_data, reviewers, selectors, sentences, windows
from requests_app.models import AccessRequest, Grant
from requests_app.models.request import pending_at
from requests_app.services import explaining, reading
from requests_app.shown import ShownRequest

_ROWS = 20
_WAITING = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """A grant that gives access now or will; `extension` is the request that would make it last
    longer, where one waits."""

    grant: Grant
    state: str
    ends_soon: bool
    may_extend: bool
    extension: UUID | None


class Home(Page):
    """What I hold, what I asked for, and the first of what waits for me."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show it."""
        user, at = user_of(request), timezone.now()
        subject = subject_of(user, at=at)
        inbox = selectors.inbox_of(subject, at)
        waiting = inbox.count()
        first = _first_of(inbox) if waiting else []
        mine = AccessRequest.objects.filter(requester=user).order_by("-created_at", "-pk")
        rows = Paginator(mine.values_list("pk", flat=True), _ROWS).get_page(
            request.GET.get("page")
        )
        shown = {one.id: one for one in reading.settled_requests([*first, *rows], at=at)}
        asked = [shown[pk] for pk in rows if pk in shown]
        held = _held_by(user, subject, at=at)
        context = page_data.navigation(subject) | {
            "at": at,
            "waiting": waiting,
            "held": held,
            "standing": page_data.titles_of(subject.role_names).values(),
            "rows": rows,
            "is_new": not held and not rows.paginator.count,
            "beginning": beginning.steps_of(subject),
        }
        context |= _lists(asked, [shown[pk] for pk in first if pk in shown], at=at)
        return render(request, "requests_app/home.html", context)


def _first_of(inbox: Any) -> list[UUID]:
    ids = inbox.order_by("pending_expires_at", "pk").values_list("pk", flat=True)
    return list(ids[:_WAITING])


def _lists(
    asked: Sequence[ShownRequest], first: Sequence[ShownRequest], *, at: datetime
) -> dict[str, Any]:
    """What was asked and what waits, as rows; for what is pending, who can still decide."""
    rows = page_data.rows_of([*asked, *first], at=at)
    people = reviewers.still_to_decide(asked, at=at)
    emails = sorted({e for some in people.values() for e in some[: sentences.NAMES_SHOWN]})
    called = explaining.names_of([*emails, *(one.requester.email for one in first)])
    return {
        "requests": [
            row | {"can_decide": _listed(people.get(one.id), called)}
            for row, one in zip(rows[: len(asked)], asked, strict=True)
        ],
        "first": [
            row | {"who": called.get(one.requester.email, one.requester.email)}
            for row, one in zip(rows[len(asked) :], first, strict=True)
        ],
    }


def _listed(people: Sequence[str] | None, called: Mapping[str, str]) -> str:
    return sentences.listed([called.get(email, email) for email in people or ()])


def _held_by(user: User, subject: Subject, *, at: datetime) -> list[Holding]:
    """The user's grants that give access now or will, the one that ends first on top."""
    grants = Grant.objects.filter(user=user).not_over(at).select_related("role")
    ordered = grants.order_by("ends_at", "pk")
    found = reading.settled_grants(lambda: list(ordered.all()), at=at)
    extensions: dict[UUID | None, UUID] = {}
    if found:
        pending = AccessRequest.objects.filter(pending_at(at), extends__in=found)
        extensions = dict(pending.values_list("extends", "pk"))
    requestable = set(requestable_among(subject, {grant.role.name for grant in found}))
    return [
        Holding(
            grant=grant,
            state=str(grant.state_at(at)),
            ends_soon=windows.warning_at(grant.starts_at, grant.ends_at) <= at,
            may_extend=grant.role.name in requestable,
            extension=extensions.get(grant.pk),
        )
        for grant in found
    ]
