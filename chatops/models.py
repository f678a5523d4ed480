"""Channels, routes, and what was posted, where, and how it went."""

from datetime import datetime
from typing import Any, Self
from uuid import UUID

from django.db import models
from django.db.models import Count, Exists, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from accessplane.lib.identifiers import new_id
from audit.catalogue import About
from chatops.messages import Audience
from chatops.specs import NAME_LENGTH, RECIPIENT_LENGTH, RouteSpec, parse_route
from chatops.states import PostingState

_IS_DUE = Q(state=PostingState.DUE)


def waiting_at(at: datetime) -> Q:
    """Postings whose time has not come, and which nobody has tried to send."""
    return Q(_IS_DUE, tries=0, next_at__gt=at)


class ChannelQuerySet(models.QuerySet["ChannelConfig"]):
    """Channels."""

    def counted(self) -> Self:
        """With `route_count`, of those in use, and `failed_count`, of what did not arrive."""
        routes = Route.objects.filter(channel=OuterRef("pk"), is_active=True)
        failed = Posting.objects.filter(channel=OuterRef("pk"), state=PostingState.FAILED)
        return self.annotate(route_count=_count(routes), failed_count=_count(failed))


def _count(rows: models.QuerySet[Any]) -> Coalesce:
    counted = rows.order_by().values("channel").annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(counted), 0)


class ChannelConfig(models.Model):
    """A way out. Secrets among the settings are `env:NAME` or sealed.

    Not before `next_at` is anything sent: somebody is sending, or the service asked to wait.
    Each posting moves `paced_at` on; it lags behind the clock by a burst at most, and must not be
    ahead of it. `problem` says why something could not arrive, until something does again.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=NAME_LENGTH, unique=True)
    description = models.TextField(blank=True)
    labels = models.JSONField(default=dict, blank=True)
    type = models.CharField(max_length=32)
    settings = models.JSONField(default=dict)
    is_active = models.BooleanField(default=True)
    next_at = models.DateTimeField()
    paced_at = models.DateTimeField()
    problem = models.TextField(blank=True)
    problem_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    objects = ChannelQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="a_channels_problem_has_its_time",
                condition=Q(problem="", problem_at=None)
                | (~Q(problem="") & Q(problem_at__isnull=False)),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def about(self) -> About:
        """This channel, as events tell of it."""
        return About("channel", self.id, self.name)


class Route(models.Model):
    """Which news goes through which channel to whom."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=NAME_LENGTH, unique=True)
    description = models.TextField(blank=True)
    labels = models.JSONField(default=dict, blank=True)
    spec = models.JSONField()
    channel = models.ForeignKey(ChannelConfig, on_delete=models.PROTECT, related_name="routes")
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name

    @property
    def about(self) -> About:
        """This route, as events tell of it."""
        return About("route", self.id, self.name)

    def parsed(self) -> RouteSpec:
        """What the route's document says."""
        return parse_route(self.spec)


class PostingQuerySet(models.QuerySet["Posting"]):
    """Filters over postings; time is always an argument."""

    def wanted(
        self,
        *,
        state: str | None = None,
        channel: str | None = None,
        event: str | None = None,
    ) -> Self:
        """Those in this state, through the channel of this name, of this event or type of event."""
        found = self.filter(state=state) if state else self
        if channel is not None:
            found = found.filter(channel__name=channel)
        if event is not None:
            try:
                found = found.filter(entry__event=UUID(event))
            except ValueError:
                found = found.filter(entry__event__type=event)
        return found

    def ready(self, at: datetime) -> Self:
        """Due ones whose time has come and who wait for no earlier one of their conversation.

        One whose own time has not come holds nobody up: it tells how things stand then.
        """
        earlier = Posting.objects.filter(
            _IS_DUE,
            ~waiting_at(at),
            channel=OuterRef("channel"),
            recipient=OuterRef("recipient"),
            conversation=OuterRef("conversation"),
            entry__lt=OuterRef("entry"),
        )
        return self.filter(_IS_DUE, ~Exists(earlier), next_at__lte=at)


class Posting(models.Model):
    """One event owed to one recipient through one channel: by a route, or to a person.

    In round 0 it is the news, in all others a reminder; each settles before the next is owed.
    `conversation` is what the event is about, a grant counting as its request: of one
    conversation the first goes first. While it is DUE, `next_at` is the next try, or the end of
    the `lease` of whoever is trying, and `give_up_at` the end of all tries. `in_doubt_since` is
    when the first try began of which nobody knows whether it arrived. One `is_deferred` that was
    not to be sent at once. `posted` is the service's own id of what arrived. Who is away
    is `in_place_of` whom the recipient is told.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    entry = models.ForeignKey("audit.LedgerEntry", on_delete=models.PROTECT, related_name="+")
    channel = models.ForeignKey(
        ChannelConfig, on_delete=models.PROTECT, related_name="postings"
    )
    route = models.ForeignKey(
        Route, on_delete=models.PROTECT, related_name="postings", null=True
    )
    round = models.PositiveIntegerField(default=0)
    audience = models.CharField(
        max_length=16, choices=[(a, a) for a in Audience], default=Audience.ROOM
    )
    recipient = models.CharField(max_length=RECIPIENT_LENGTH, blank=True)
    in_place_of = models.CharField(max_length=RECIPIENT_LENGTH, blank=True)
    conversation = models.UUIDField()
    state = models.CharField(
        max_length=8, choices=[(s, s) for s in PostingState], default=PostingState.DUE
    )
    is_deferred = models.BooleanField(default=False)
    tries = models.PositiveIntegerField(default=0)
    next_at = models.DateTimeField(null=True)
    lease = models.UUIDField(null=True)
    give_up_at = models.DateTimeField()
    in_doubt_since = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)
    posted = models.CharField(max_length=254, blank=True)
    error = models.TextField(blank=True)

    objects = PostingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["entry", "channel", "recipient", "round"], name="news_is_posted_once"
            ),
            models.CheckConstraint(
                name="posting_is_due_or_settled",
                condition=Q(_IS_DUE, next_at__isnull=False, settled_at=None)
                | Q(~_IS_DUE, next_at=None, lease=None, settled_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="posting_newest_first"),
            models.Index(fields=["channel", "next_at"], condition=_IS_DUE, name="posting_due"),
            models.Index(
                fields=["channel", "recipient", "conversation", "entry"],
                condition=_IS_DUE,
                name="posting_conversation",
            ),
            models.Index(
                fields=["posted", "channel"],
                condition=Q(state=PostingState.SENT),
                name="posting_by_service_id",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.entry_id} for {self.recipient or self.channel_id}"

    @property
    def about(self) -> About:
        """This posting, as events tell of it."""
        return About("posting", self.id, f"{self.entry.event.type} through {self.channel.name}")

    @property
    def key(self) -> str:
        """What tells the receiver that something came twice: the event's id and the route's.

        A reminder has its number besides.
        """
        news = f"{self.entry.event_id}_{self.route_id or self.pk}"
        return f"{news}_{self.round}" if self.round else news


class Preference(models.Model):
    """Whether somebody wants to be told through a channel that reaches people. Yes unless said."""

    id = models.BigAutoField(primary_key=True)
    user = models.ForeignKey("identity.User", on_delete=models.CASCADE, related_name="+")
    channel = models.ForeignKey(ChannelConfig, on_delete=models.CASCADE, related_name="+")
    audience = models.CharField(max_length=16, choices=[(a, a) for a in Audience])
    is_wanted = models.BooleanField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "channel", "audience"], name="one_preference_for_each_audience"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} through {self.channel_id}"


class DelegationQuerySet(models.QuerySet["Delegation"]):
    """Filters over delegations; time is always an argument."""

    def in_force(self, at: datetime) -> Self:
        """Those that have begun and are not over."""
        return self.not_over(at).filter(starts_at__lte=at)

    def not_over(self, at: datetime) -> Self:
        """Those that are in force or will be."""
        return self.filter(ends_at__gt=at)


class Delegation(models.Model):
    """Somebody is away, and another is told of what waits for his review. No right goes over."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(
        "identity.User", on_delete=models.CASCADE, related_name="delegations"
    )
    delegate = models.ForeignKey("identity.User", on_delete=models.CASCADE, related_name="+")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    created_at = models.DateTimeField()

    objects = DelegationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="nobody_stands_in_for_himself", condition=~Q(user=F("delegate"))
            ),
            models.CheckConstraint(
                name="delegation_ends_after_it_starts", condition=Q(ends_at__gt=F("starts_at"))
            ),
        ]
        indexes = [models.Index(fields=["ends_at"], name="delegation_end")]

    def __str__(self) -> str:
        return f"{self.delegate_id} for {self.user_id}"


class LinkedAccount(models.Model):
    """An account at a channel's service that acts as a user of the plane, and as nobody else."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(
        "identity.User", on_delete=models.CASCADE, related_name="linked_accounts"
    )
    channel = models.ForeignKey(
        ChannelConfig, on_delete=models.CASCADE, related_name="linked_accounts"
    )
    external_id = models.CharField(max_length=RECIPIENT_LENGTH)
    linked_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["channel", "external_id"], name="an_account_is_linked_to_one_user"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.external_id} is {self.user_id}"


class Heard(models.Model):
    """A message from a service that was taken; who sends it again is not heard twice."""

    id = models.BigAutoField(primary_key=True)
    channel = models.ForeignKey(ChannelConfig, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=128)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["channel", "key"], name="nothing_is_heard_twice"),
        ]
        indexes = [models.Index(fields=["at"], name="heard_at")]

    def __str__(self) -> str:
        return self.key
