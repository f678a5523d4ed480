"""What the query parameters of lists select."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from identity.subject import Subject
from identity.user_spec import normalised_email
from requests_app import selectors
from requests_app.holdings import GrantSearch, grants_found
from requests_app.models import AccessRequest, Grant, RequestedRole
from requests_app.models.request import AccessRequestQuerySet
from requests_app.states import GrantState, RequestState


def requests(
    subject: Subject, wanted: Mapping[str, Any], *, at: datetime
) -> AccessRequestQuerySet:
    """The requests that the subject may see and the parameters select."""
    found = AccessRequest.objects.filter(_narrowed(wanted))
    if "state" in wanted:
        found = found.in_state(RequestState(wanted["state"]), at)
    if "role" in wanted:
        found = found.for_role(wanted["role"])
    match wanted["scope"]:
        case "mine":
            return found.filter(requester=subject.id)
        case "reviewable":
            return selectors.inbox_of(subject, at, found)
        case "reviewed":
            return selectors.reviewed_by(subject, found)
        case _:
            return selectors.visible_to(subject, found)


def _narrowed(wanted: Mapping[str, Any]) -> Q:
    narrowed = Q()
    if "requester" in wanted:
        narrowed &= Q(requester__email=normalised_email(wanted["requester"]))
    if "created_after" in wanted:
        narrowed &= Q(created_at__gt=wanted["created_after"])
    if "created_before" in wanted:
        narrowed &= Q(created_at__lt=wanted["created_before"])
    if "search" in wanted:
        text = wanted["search"]
        narrowed &= (
            Q(reason__icontains=text)
            | Q(requester__email__icontains=text)
            | Q(pk__in=RequestedRole.objects.filter(name__icontains=text).values("request"))
        )
    return narrowed


def grants(subject: Subject, wanted: Mapping[str, Any], *, at: datetime) -> "QuerySet[Grant]":
    """The grants that the subject may see and the parameters select."""
    search = GrantSearch(
        user=wanted.get("user"),
        role=wanted.get("role"),
        state=GrantState(wanted["state"]) if "state" in wanted else None,
        in_force=wanted["in_force"] == "true" if "in_force" in wanted else None,
    )
    return grants_found(subject, search, at=at)
