"""What the reviews and the checks of a request come to, after either of them has changed."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import UUIDField

from accessplane.lib.prepared import Prepared
from audit.catalogue import Event
from policy.verdicts import CheckState
from requests_app import lifecycle
from requests_app.models import AccessRequest
from reviews import thresholds
from reviews.models import Review
from reviews.thresholds import Decision


def reviews_of(request: AccessRequest) -> list[Review]:
    """The reviews of a request with their reviewers, in their order."""
    reviews: list[Review] = _REVIEWS.objects(request=request.pk)
    return reviews


_REVIEWS = Prepared(
    lambda request: (
        Review.objects.filter(request=request).select_related("reviewer").order_by("number")
    ),
    request=UUIDField(),
)


def settle(request: AccessRequest, *, reason: str, at: datetime) -> Sequence[Event]:
    """Resolve a locked request if its loaded parts add up to a state (SEMANTICS 6.3, 6.4).

    `reason` is that of the review or check that came last: if it decides, it says why.
    """
    counting = [r.fact() for r in request.all_reviews if r.decision != Decision.COMMENT]
    states = [CheckState(check.state) for check in request.all_checks]
    reached = thresholds.resolution(request.frozen_judgement(), counting, states)
    if reached is None:
        return []
    return lifecycle.resolve(request, reached, reason=reason, at=at)
