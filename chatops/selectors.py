"""Which news goes where, and who may see how it went."""

import json
import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from accessplane.lib.expressions import ExpressionFailed
from accessplane.lib.prepared import Prepared
from audit.catalogue import EVENT_TYPES
from audit.models import AuditEvent
from chatops.channels import registry
from chatops.messages import Audience
from chatops.models import (
    ChannelConfig,
    Delegation,
    DelegationQuerySet,
    LinkedAccount,
    Posting,
    PostingQuerySet,
    Preference,
    Route,
)
from chatops.specs import RECIPIENT_LENGTH, RouteSpec, parse_route
from chatops.states import PostingState
from identity.conditions import requester_facts
from identity.models import User
from identity.selectors import static_subject_of
from identity.subject import Subject
from policy.facts import Facts
from requests_app.models import AccessRequest
from requests_app.states import RequestState

log = logging.getLogger(__name__)

CREATED = "access_request.created"
# How a request goes on, for those who were told of its beginning.
GOES_ON = frozenset(
    f"access_request.{verb}"
    for verb in ("reviewed", "checked", "approved", "denied", "expired", "cancelled")
)
# What the requester is told of (SEMANTICS 8.4, 9.4).
OF_THE_REQUESTER = (
    GOES_ON
    | {CREATED, "access_request.check_held"}
    | {
        f"grant.{verb}"
        for verb in (
            "scheduled", "started", "extended", "ending_soon", "ended", "revoked", "expired",
        )
    }
)  # fmt: skip


# --- what may be seen ---------------------------------------------------------------------------


def sees_channels(subject: Subject) -> bool:
    """Whether channels, routes and postings are for the subject to see."""
    return subject.may("read", "channel") or subject.may("update", "channel")


def channels_visible_to(subject: Subject) -> "QuerySet[ChannelConfig]":
    """Every channel for people with `read` or `update` on `channel`, else none."""
    every = ChannelConfig.objects.all()
    return every if sees_channels(subject) else every.none()


def routes_visible_to(subject: Subject) -> "QuerySet[Route]":
    """Every route for people with `read` or `update` on `route`, else none."""
    every = Route.objects.select_related("channel")
    may = subject.may("read", "route") or subject.may("update", "route")
    return every if may else every.none()


def postings_visible_to(subject: Subject) -> PostingQuerySet:
    """Every posting for whoever sees the channels, with what its document shows; else none."""
    every = Posting.objects.select_related("entry__event", "channel", "route")
    return every if sees_channels(subject) else every.none()


# --- which news goes where ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Matter:
    """What an event is about, as routes look at it.

    `conversation` is the request, for news of a request or a grant, else the object itself.
    Without a request there are no roles and no facts.
    """

    conversation: UUID
    roles: Sequence[str] | None
    request_id: UUID | None


def wanted_types() -> set[str]:
    """The event types that somebody is to be told of: one statement."""
    rows = _ACTIVE.rows()
    known = {kind for kind, _, _ in rows}.intersection(registry.names())
    kinds = [registry.type_named(kind) for kind in known]
    routes = {json.dumps(spec): parse_route(spec) for _, spec, is_active in rows if is_active}
    wanted = {
        name for name in EVENT_TYPES if any(route.wants(name) for route in routes.values())
    }
    if any(kind.reaches_people for kind in kinds):
        return wanted | OF_THE_REQUESTER
    return wanted | GOES_ON if any(kind.follows for kind in kinds) else wanted


def _active() -> "QuerySet[Any, Any]":
    active = ChannelConfig.objects.filter(is_active=True)
    return active.values_list("type", "routes__spec", "routes__is_active")


_ACTIVE = Prepared(_active)


def rooms_for(facts: Facts) -> list[str]:
    """The recipients of the routes that the news of such a request would go, each once.

    A program behind a webhook is nobody who is told, and who is told later perhaps is not yet.
    """
    named, roles = facts.named(), facts.request.roles
    return list(
        dict.fromkeys(
            str(recipient)
            for spec in [route.parsed() for route in _active_routes()]
            if spec.wants(CREATED) and not spec.after and _is_for(spec, roles, named)
            for recipient in spec.recipients
        )
    )


def people_among(emails: Sequence[str]) -> set[str]:
    """The addresses of active people among these; a bot reads no messages."""
    people = User.objects.filter(email__in=emails, is_active=True, is_bot=False)
    return set(people.values_list("email", flat=True))


def is_pending(request_id: UUID, *, at: datetime) -> bool:
    """Whether the request waits for a decision at this moment, by the clock."""
    return (
        AccessRequest.objects.in_state(RequestState.PENDING, at).filter(pk=request_id).exists()
    )


def posted_before(posting: Posting) -> str:
    """The service's id of what went to the same recipient in the same conversation; or nothing."""
    earlier = Posting.objects.filter(
        channel=posting.channel_id,
        recipient=posting.recipient,
        conversation=posting.conversation,
        state=PostingState.SENT,
    )
    ids = earlier.order_by("-entry_id", "-round").values_list("posted", flat=True)
    return next(iter(ids[:1]), "")


def request_behind(posted: str, channels: Collection[UUID]) -> tuple[UUID, UUID] | None:
    """The channel and the request of what a service knows by this id, if one of these posted it."""
    postings = Posting.objects.filter(
        channel__in=channels,
        posted=posted,
        state=PostingState.SENT,
        entry__event__about_kind="access_request",
    )
    found: tuple[UUID, UUID] | None = (
        postings.order_by("pk").values_list("channel", "conversation").first()
    )
    return found


def annotated(request_id: UUID, key: str) -> list[str]:
    """The values of this annotation of a request that can be recipients."""
    asked = AccessRequest.objects.filter(pk=request_id)
    values = asked.values_list("annotations", flat=True).get().get(key, [])
    return [value for value in values if 1 <= len(value.strip()) <= RECIPIENT_LENGTH]


def matter_of(event: AuditEvent) -> Matter:
    """What the event is about; no statement."""
    if event.about_kind == "access_request":
        return Matter(event.about_id, None, event.about_id)
    if event.about_kind == "grant":
        request_id = UUID(event.data["request"])
        return Matter(request_id, [event.data["role"]], request_id)
    return Matter(event.about_id, None, None)


def routes_for(event: AuditEvent) -> list[Route]:
    """The active routes that this event goes, by name.

    News of a failed posting does not go through the channel that failed.
    """
    routes = [route for route in _active_routes() if route.parsed().wants(event.type)]
    if event.about_kind == "posting":
        routes = [route for route in routes if route.channel.name != event.data["channel"]]
    selective = [route for route in routes if route.parsed().is_selective]
    if not selective:
        return routes
    named = _facts_of(matter_of(event))
    return [
        route
        for route in routes
        if route not in selective or (named and _is_for(route.parsed(), *named))
    ]


def _active_routes() -> "QuerySet[Route]":
    routes = Route.objects.filter(is_active=True, channel__is_active=True)
    return routes.select_related("channel").order_by("name")


def _facts_of(matter: Matter) -> tuple[Sequence[str], dict[str, Any]] | None:
    """The roles and the facts of the request behind the matter; None if there is none."""
    if matter.request_id is None:
        return None
    found = AccessRequest.objects.select_related("requester").get(pk=matter.request_id)
    requester = static_subject_of(found.requester)
    facts = found.facts().named() | requester_facts(requester.role_names, requester.traits)
    return matter.roles or found.roles, facts


def _is_for(route: RouteSpec, roles: Sequence[str], facts: dict[str, Any]) -> bool:
    try:
        return route.is_for(roles, facts)
    except ExpressionFailed:
        log.exception("The condition of a route to %s has no answer.", route.channel)
        return False


# --- one's own --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Choice:
    """Whether somebody hears of his requests, or of those that wait for him, through a channel."""

    channel_id: UUID
    channel: str
    audience: Audience
    is_wanted: bool

    @property
    def name(self) -> str:
        """What forms call it."""
        return f"{self.channel}:{self.audience}"


def choices_of(user: User) -> list[Choice]:
    """The choices that the user has: each channel that reaches people, for each audience."""
    declined = set(
        Preference.objects.filter(user=user, is_wanted=False).values_list("channel", "audience")
    )
    return [
        Choice(pk, name, audience, (pk, audience) not in declined)
        for pk, name in personal_channels()
        for audience in (Audience.REQUESTER, Audience.REVIEWER)
    ]


def personal_channels() -> list[tuple[UUID, str]]:
    """The ids and names of the channels that reach a person by the e-mail address."""
    active = ChannelConfig.objects.filter(is_active=True).order_by("name")
    return [
        (pk, name)
        for pk, name, kind in active.filter(type__in=registry.names()).values_list(
            "pk", "name", "type"
        )
        if registry.type_named(kind).reaches_people
    ]


def stand_ins(*, at: datetime) -> dict[str, str]:
    """The address of who is told at this moment in the place of whom; of several the latest counts.

    Where it goes round in a circle, everybody is away, and nobody stands in.
    """
    rows = Delegation.objects.in_force(at).order_by("created_at", "pk")
    named = dict(rows.values_list("user__email", "delegate__email"))
    return {user: other for user, other in named.items() if not _goes_round(user, named)}


def _goes_round(user: str, named: Mapping[str, str]) -> bool:
    """Whether asking for the one in whose place somebody is leads back to the user."""
    seen, other = {user}, named[user]
    while other in named and other not in seen:
        seen.add(other)
        other = named[other]
    return other == user


def delegations_of(user: User, *, at: datetime) -> DelegationQuerySet:
    """The delegations of this user that are not over."""
    return Delegation.objects.not_over(at).filter(user=user).select_related("user", "delegate")


def accounts_of(user: User) -> "QuerySet[LinkedAccount]":
    """The accounts that act as this user."""
    accounts = LinkedAccount.objects.filter(user=user).select_related("channel")
    return accounts.order_by("channel__name", "pk")
