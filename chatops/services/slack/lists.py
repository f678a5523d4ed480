"""What somebody has to decide, holds, asked for, and may ask for, as Slack lists it."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext as _

from chatops import composing
from chatops.channels.slack import blocks
from chatops.channels.slack.blocks import Item
from chatops.messages import Deed, Fact
from identity.models import User
from identity.selectors import requestable_names, subject_of
from requests_app import selectors, shown
from requests_app.models import AccessRequest, Grant
from requests_app.services import reading
from requests_app.states import RequestState

# One more than is shown tells that there are more.
WANTED = blocks.MOST + 1
MOST_NAMES = 20
DECIDING = (Deed.APPROVE, Deed.DENY)
HOLDING = (Deed.EXTEND, Deed.GIVE_BACK)


def home_of(user: User, *, at: datetime) -> dict[str, Any]:
    """The Home tab of this user."""
    return blocks.home(
        waiting_for(user, at=at),
        held_by(user, at=at),
        asked_by(user, at=at),
        link=settings.ACCESSPLANE_PUBLIC_URL,
    )


def waiting_for(user: User, *, at: datetime) -> list[Item]:
    """The requests that wait for the user, the one that waits the shortest time on top."""
    inbox = selectors.inbox_of(subject_of(user, at=at), at).order_by("pending_expires_at", "pk")
    return _items(inbox.values_list("pk", flat=True)[:WANTED], DECIDING, at=at)


def asked_by(user: User, *, at: datetime) -> list[Item]:
    """The user's own requests that wait for others, the newest on top."""
    mine = AccessRequest.objects.filter(requester=user).in_state(RequestState.PENDING, at)
    newest = mine.order_by("-created_at", "-pk").values_list("pk", flat=True)
    return _items(newest[:WANTED], (), at=at)


def held_by(user: User, *, at: datetime) -> list[Item]:
    """The user's grants, in force or to come, the one that ends first on top."""
    grants = Grant.objects.filter(user=user).not_over(at).select_related("role")
    ordered = grants.order_by("ends_at", "pk")
    return [
        Item(
            title=grant.role.name,
            facts=(*_begins(grant, at=at), Fact(_("Until"), grant.ends_at)),
            deeds=HOLDING,
            object_id=grant.pk,
        )
        for grant in reading.settled_grants(lambda: list(ordered[:WANTED]), at=at)
    ]


def may_ask_for(user: User, *, at: datetime) -> str:
    """A sentence on what the user may ask for."""
    names = requestable_names(subject_of(user, at=at))
    if not names:
        return _("There is no role that you may ask for.")
    said = (
        _("You may ask for %(roles)s and more.")
        if len(names) > MOST_NAMES
        else _("You may ask for %(roles)s.")
    )
    return said % {"roles": ", ".join(names[:MOST_NAMES])}


def sketched(request_id: UUID, *, at: datetime) -> list[Item]:
    """This one request, with nothing to press but the link."""
    return _items([request_id], (), at=at)


def _items(ids: Iterable[UUID], deeds: tuple[Deed, ...], *, at: datetime) -> list[Item]:
    items = []
    for request in shown.requests(list(ids)):
        title, facts = composing.sketch(request, at=at)
        link = f"{settings.ACCESSPLANE_PUBLIC_URL}/requests/{request.id}"
        item = Item(title=title, facts=facts, deeds=deeds, object_id=request.id, link=link)
        items.append(item)
    return items


def _begins(grant: Grant, *, at: datetime) -> tuple[Fact, ...]:
    return (Fact(_("From"), grant.starts_at),) if grant.starts_at > at else ()
