"""Who is told of an event (SEMANTICS 9.3, 9.4): rooms by their routes, reviewers, the requester."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from audit.models import AuditEvent
from chatops import selectors
from chatops.channels import registry
from chatops.messages import Audience
from chatops.models import Posting, Preference, Route, waiting_at
from chatops.selectors import CREATED, GOES_ON, OF_THE_REQUESTER, Personal
from chatops.states import Owed, PostingState
from requests_app import shown
from requests_app.reviewers import reviewer_names
from requests_app.shown import ShownRequest


def owed_for(event: AuditEvent, *, at: datetime) -> list[Owed]:
    """Everybody who is to be told of this event, the requester first."""
    personal = selectors.personal_channels()
    routes = selectors.routes_for(event)
    request_id = selectors.matter_of(event).request_id
    rooms = [
        Owed(
            channel_id=route.channel_id,
            recipient=recipient,
            audience=Audience.ROOM,
            route_id=route.pk,
            at=at + route.parsed().delay,
        )
        for route in routes
        if not _is_for_reviewers(route, personal)
        for recipient in _recipients(route, request_id)
    ]
    if request_id is None or event.type not in OF_THE_REQUESTER:
        return rooms
    (request,) = shown.requests([request_id])
    own = _to_people([request.requester.email], Audience.REQUESTER, personal, at)
    if event.type == CREATED:
        now = [room for room in rooms if room.recipient and room.at == at]
        asked = _to_reviewers(_reviewers_told(request, now), request, personal, at)
        return [*own, *_by_their_routes(asked, routes, personal), *rooms]
    return [*own, *rooms, *(_following(request_id, at) if event.type in GOES_ON else [])]


def again_at(posting: Posting, *, at: datetime) -> datetime | None:
    """When who is told of a request now is reminded of it, if it waits until then."""
    route = posting.route
    remind = route.parsed().remind if route else None
    if remind is None or posting.entry.event.type != CREATED:
        return None
    then = at + remind.length
    return then if selectors.is_pending(posting.conversation, at=then) else None


def _recipients(route: Route, request_id: UUID | None) -> Sequence[str]:
    """Whom the route names; else the request's own annotation, if the channel's type has one."""
    named = route.parsed().recipients
    annotation = registry.annotation_of(route.channel.type)
    if named or not annotation:
        return named or ("",)
    return selectors.annotated(request_id, annotation) if request_id else ()


def is_pointless(posting: Posting, posted: str, *, at: datetime) -> bool:
    """Whether a posting whose time has come is no news to its recipient any more.

    `posted` is the service's id of what he was told before of this conversation. That somebody
    asks is none, if it had to wait and the request is settled; and then how it went on is none.
    """
    kind = posting.entry.event.type
    if posting.round and not _still_reminds(posting.route):
        return True
    if kind == CREATED:
        return posting.is_deferred and not selectors.is_pending(posting.conversation, at=at)
    if posted or kind not in GOES_ON:
        return False
    beginning = Posting.objects.filter(
        channel=posting.channel_id,
        recipient=posting.recipient,
        conversation=posting.conversation,
        route=posting.route_id,
        round=0,
        entry__event__type=CREATED,
    )
    return beginning.filter(state=PostingState.SKIPPED).exists()


def _still_reminds(route: Route | None) -> bool:
    return route is not None and route.is_active and route.parsed().remind is not None


def _is_for_reviewers(route: Route, personal: Sequence[Personal]) -> bool:
    """Whether it says how reviewers are told through a channel that reaches them, not where."""
    named = route.parsed().recipients or registry.annotation_of(route.channel.type)
    return not named and any(route.channel_id == one.pk for one in personal)


def _by_their_routes(
    asked: Sequence[Owed], routes: Sequence[Route], personal: Sequence[Personal]
) -> list[Owed]:
    """Each reviewer as the first route for reviewers through the channel says."""
    ways: dict[UUID, Route] = {}
    for route in routes:
        if _is_for_reviewers(route, personal):
            ways.setdefault(route.channel_id, route)
    return [
        replace(one, route_id=way.pk, at=one.at + way.parsed().delay)
        if (way := ways.get(one.channel_id))
        else one
        for one in asked
    ]


def _reviewers_told(request: ShownRequest, rooms: Sequence[Owed]) -> list[str]:
    """The suggested reviewers; without them and without a room, all who may review it."""
    told = request.suggested_reviewers or ([] if rooms else reviewer_names(request))
    return [email for email in told if email != request.requester.email]


def _to_people(
    emails: Iterable[str], audience: Audience, channels: Sequence[Personal], at: datetime
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
    linked = selectors.linked_among(wanted, channels)
    return [
        Owed(channel_id=one.pk, recipient=email, audience=audience, at=at)
        for email in wanted
        if email in people
        for one in channels
        if (email, one.pk) not in declined
        and (not one.needs_account or (email, one.pk) in linked)
    ]


def _to_reviewers(
    emails: Sequence[str], request: ShownRequest, channels: Sequence[Personal], at: datetime
) -> list[Owed]:
    """These reviewers; where one is away, another who may review the request is told instead.

    Only where both want to hear of reviews. Who is told for himself is told as himself.
    """
    asked = _to_people(emails, Audience.REVIEWER, channels, at)
    away = selectors.stand_ins(at=at) if asked else {}
    named = {one.recipient for one in asked if one.recipient in away}
    if not named:
        return asked
    able = set(reviewer_names(request))
    others = [away[email] for email in named if away[email] in able]
    reached = {
        (one.recipient, one.channel_id)
        for one in _to_people(others, Audience.REVIEWER, channels, at)
    }
    told = [
        replace(one, recipient=away[one.recipient], in_place_of=one.recipient)
        if (away.get(one.recipient), one.channel_id) in reached
        else one
        for one in asked
    ]
    return sorted(told, key=lambda one: bool(one.in_place_of))


def _following(request_id: UUID, at: datetime) -> list[Owed]:
    """Whoever was told of the beginning of the request, on channels that go on with it.

    Whoever is yet to be told of it will hear how things stand then.
    """
    begun = Posting.objects.filter(conversation=request_id, entry__event__type=CREATED, round=0)
    begun = begun.filter(channel__type__in=registry.names(), channel__is_active=True)
    begun = begun.exclude(waiting_at(at)).exclude(state=PostingState.SKIPPED)
    rows = begun.exclude(audience=Audience.REQUESTER).order_by("pk")
    return [
        Owed(
            channel_id=posting.channel_id,
            recipient=posting.recipient,
            audience=Audience(posting.audience),
            route_id=posting.route_id,
            at=at,
            in_place_of=posting.in_place_of,
        )
        for posting in rows.select_related("channel")
        if registry.type_named(posting.channel.type).follows
    ]
