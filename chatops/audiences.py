"""Who is told of an event (SEMANTICS 9.3, 9.4): rooms by their routes, reviewers, the requester."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from audit.models import AuditEvent
from chatops import selectors
from chatops.channels import registry
from chatops.messages import Audience
from chatops.models import Posting, Preference
from chatops.selectors import CREATED, GOES_ON, OF_THE_REQUESTER
from chatops.states import Owed
from requests_app import shown
from requests_app.selectors import reviewer_names
from requests_app.shown import ShownRequest


def owed_for(event: AuditEvent, *, at: datetime) -> list[Owed]:
    """Everybody who is to be told of this event, the requester first."""
    rooms = [
        Owed(
            channel_id=route.channel_id,
            recipient=recipient,
            audience=Audience.ROOM,
            route_id=route.pk,
            at=at,
        )
        for route in selectors.routes_for(event)
        for recipient in route.parsed().recipients or ("",)
    ]
    request_id = selectors.matter_of(event).request_id
    if request_id is None or event.type not in OF_THE_REQUESTER:
        return rooms
    (request,) = shown.requests([request_id])
    personal = [pk for pk, _ in selectors.personal_channels()]
    own = _to_people([request.requester.email], Audience.REQUESTER, personal, at)
    if event.type == CREATED:
        asked = _reviewers_told(request, [room for room in rooms if room.recipient])
        return [*own, *_to_people(asked, Audience.REVIEWER, personal, at), *rooms]
    return [*own, *rooms, *(_following(request_id, at) if event.type in GOES_ON else [])]


def _reviewers_told(request: ShownRequest, rooms: Sequence[Owed]) -> list[str]:
    """The suggested reviewers; without them and without a room, all who may review it."""
    told = request.suggested_reviewers or ([] if rooms else reviewer_names(request))
    return [email for email in told if email != request.requester.email]


def _to_people(
    emails: Iterable[str], audience: Audience, channels: Sequence[UUID], at: datetime
) -> list[Owed]:
    """These people on each of the channels, where they do not want otherwise; bots are not told."""
    wanted = list(emails)
    if not wanted or not channels:
        return []
    declined = set(
        Preference.objects.filter(
            user__email__in=wanted, audience=audience, is_wanted=False
        ).values_list("user__email", "channel")
    )
    people = selectors.people_among(wanted)
    return [
        Owed(channel_id=channel_id, recipient=email, audience=audience, at=at)
        for email in wanted
        if email in people
        for channel_id in channels
        if (email, channel_id) not in declined
    ]


def _following(request_id: UUID, at: datetime) -> list[Owed]:
    """Whoever was told of the beginning of the request, on channels that go on with it."""
    begun = Posting.objects.filter(conversation=request_id, entry__event__type=CREATED)
    begun = begun.filter(channel__type__in=registry.names(), channel__is_active=True)
    rows = begun.exclude(audience=Audience.REQUESTER).order_by("pk")
    return [
        Owed(
            channel_id=posting.channel_id,
            recipient=posting.recipient,
            audience=Audience(posting.audience),
            route_id=posting.route_id,
            at=at,
        )
        for posting in rows.select_related("channel")
        if registry.type_named(posting.channel.type).follows
    ]
