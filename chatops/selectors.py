"""Which news goes where, and who may see how it went."""

import json
import logging
from collections.abc import Collection, Iterable, Mapping, Sequence
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
    ChannelQuerySet,
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
from requests_app.telling import TellingState, Told

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


def sees_routes(subject: Subject) -> bool:
    """Whether routes are for the subject to see."""
    return subject.may("read", "route") or subject.may("update", "route")


def channels_visible_to(subject: Subject) -> ChannelQuerySet:
    """Every channel for people with `read` or `update` on `channel`, else none."""
    every = ChannelConfig.objects.all()
    return every if sees_channels(subject) else every.none()


def routes_visible_to(subject: Subject) -> "QuerySet[Route]":
    """Every route for people with `read` or `update` on `route`, else none."""
    every = Route.objects.select_related("channel")
    return every if sees_routes(subject) else every.none()


def postings_visible_to(subject: Subject) -> PostingQuerySet:
    """Every posting for whoever sees the channels, with what its document shows; else none."""
    every = Posting.objects.select_related("entry__event", "channel", "route")
    return every if sees_channels(subject) else every.none()


def accounts_visible_to(subject: Subject) -> "QuerySet[LinkedAccount]":
    """Everybody's linked accounts for people with `read` on `user`, else one's own."""
    every = LinkedAccount.objects.select_related("user", "channel")
    return every if subject.may("read", "user") else every.filter(user=subject.id)


def delegations_visible_to(subject: Subject) -> DelegationQuerySet:
    """Everybody's delegations for people with `read` on `user`, else one's own."""
    every = Delegation.objects.select_related("user", "delegate")
    return every if subject.may("read", "user") else every.filter(user=subject.id)


def told_about(subject: Subject, objects: Collection[UUID]) -> list[Told]:
    """The messages about these requests and grants, for whoever sees the channels; else none.

    What had to wait and was no news any more by then was never sent, and is left out.
    """
    if not sees_channels(subject):
        return []
    postings = Posting.objects.filter(entry__event__about_id__in=list(objects))
    rows = postings.exclude(state=PostingState.SKIPPED).values_list(
        "entry__event", "round", "created_at", "settled_at", "channel__name", "recipient",
        "state", "error",
    )  # fmt: skip
    return [
        Told(
            news=news,
            round=number,
            at=settled_at or created_at,
            channel=channel,
            recipient=recipient,
            state=_told_state(state, number),
            problem=error if state == PostingState.FAILED else "",
        )
        for news, number, created_at, settled_at, channel, recipient, state, error in rows
    ]


def _told_state(state: str, number: int) -> TellingState:
    if state == PostingState.SENT:
        return TellingState.REMINDED if number else TellingState.ARRIVED
    return TellingState.FAILED if state == PostingState.FAILED else TellingState.WAITS


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
    if any(kind.reaches_people or registry.needs_account(kind.kind) for kind in kinds):
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


def request_behind(posted: str, channel: ChannelConfig) -> UUID | None:
    """The request of what a service knows by this id, if it was posted through this channel."""
    postings = Posting.objects.filter(
        channel=channel,
        posted=posted,
        state=PostingState.SENT,
        entry__event__about_kind="access_request",
    )
    found: UUID | None = postings.order_by("pk").values_list("conversation", flat=True).first()
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
    """The choices that the user has: each channel that reaches him, for each audience."""
    declined = set(
        Preference.objects.filter(user=user, is_wanted=False).values_list("channel", "audience")
    )
    channels = personal_channels()
    linked = linked_among([user.email], channels)
    return [
        Choice(one.pk, one.name, audience, (one.pk, audience) not in declined)
        for one in channels
        if not one.needs_account or (user.email, one.pk) in linked
        for audience in (Audience.REQUESTER, Audience.REVIEWER)
    ]


@dataclass(frozen=True, slots=True)
class Personal:
    """A channel that reaches people: by the address, or where it `needs_account` by a linked one."""

    pk: UUID
    name: str
    needs_account: bool


def personal_channels() -> list[Personal]:
    """The active channels that reach people, by name."""
    active = ChannelConfig.objects.filter(is_active=True).order_by("name")
    rows = active.filter(type__in=registry.names())
    return [
        Personal(pk, name, registry.needs_account(kind))
        for pk, name, kind, settings in rows.values_list("pk", "name", "type", "settings")
        if registry.reaches_people(kind, settings)
    ]


def linked_among(
    emails: Collection[str], channels: Iterable[Personal]
) -> set[tuple[str, UUID]]:
    """Who of these has an account linked in which of the channels that need one."""
    needing = [one.pk for one in channels if one.needs_account]
    if not needing:
        return set()
    accounts = LinkedAccount.objects.filter(channel__in=needing, user__email__in=emails)
    return set(accounts.values_list("user__email", "channel"))


def account_behind(posting: Posting) -> str:
    """The account, in the posting's channel, of the person that it is for; empty without one."""
    accounts = LinkedAccount.objects.filter(
        channel=posting.channel_id, user__email=posting.recipient
    )
    return accounts.order_by("-linked_at").values_list("external_id", flat=True).first() or ""


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
