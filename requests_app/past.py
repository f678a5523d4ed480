"""What has been before: how long decisions about a role usually take."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from statistics import median

from django.db.models import F

from requests_app.models.request import RequestedRole
from requests_app.states import RequestState

LOOKED_BACK = timedelta(days=90)
FEWEST = 3
_LATEST = 200


def usual_wait(roles: Sequence[str], *, at: datetime) -> timedelta | None:
    """How long people usually take to decide about these roles (one statement).

    The median of what was approved or denied in the last 90 days, of the slowest of the roles;
    None as long as one of them was decided less than three times. What a check denied at once
    tells nothing about people.
    """
    asked = RequestedRole.objects.filter(
        name__in=roles,
        request__state__in=[RequestState.APPROVED, RequestState.DENIED],
        request__created_at__gt=at - LOOKED_BACK,
        request__resolved_at__gt=F("request__created_at"),
    )
    waits: dict[str, list[float]] = {name: [] for name in roles}
    latest = asked.order_by("-pk").values_list(
        "name", "request__created_at", "request__resolved_at"
    )
    for name, created_at, resolved_at in latest[: _LATEST * len(waits)]:
        if resolved_at is not None:
            waits[name].append((resolved_at - created_at).total_seconds())
    if not waits or min(map(len, waits.values())) < FEWEST:
        return None
    return timedelta(seconds=max(median(lengths) for lengths in waits.values()))
