"""What comes in and goes out about channels, routes and postings."""

from typing import Any

from rest_framework import serializers

from accessplane.lib.inputs import Instant, Strict, Text
from accessplane.lib.instants import text_of, text_or_none
from chatops.models import ChannelConfig, Delegation, Posting
from chatops.services.channels import shown_settings
from chatops.states import PostingState
from identity.representations import Described


class PostingFilters(Strict):
    """Which postings a reader wants; `event` is a type of events or the id of one."""

    state = serializers.ChoiceField(
        choices=[str(state) for state in PostingState], required=False
    )
    channel = Text(required=False, max_length=128)
    event = Text(required=False, max_length=64)


class ChannelProblem(serializers.Serializer[Any]):
    """Why something could not arrive through a channel, and since when."""

    sentence = serializers.CharField()
    at = serializers.DateTimeField()


class ChannelDocument(serializers.Serializer[Any]):
    """A channel; a secret among its settings is `env:NAME` or `stored`."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    description = serializers.CharField(allow_blank=True)
    labels = serializers.DictField(child=serializers.CharField())
    type = serializers.CharField()
    settings = serializers.DictField()
    active = serializers.BooleanField()
    problem = ChannelProblem(allow_null=True)
    created_at = serializers.DateTimeField()

    def to_representation(self, instance: ChannelConfig) -> dict[str, Any]:
        """The document of a channel."""
        problem = {"sentence": instance.problem, "at": text_or_none(instance.problem_at)}
        return {
            "id": str(instance.pk),
            "name": instance.name,
            "description": instance.description,
            "labels": instance.labels,
            "type": instance.type,
            "settings": shown_settings(instance),
            "active": instance.is_active,
            "problem": problem if instance.problem else None,
            "created_at": text_of(instance.created_at),
        }


class RouteDocument(Described):
    """A route; `spec` is its document."""


class PostedEvent(serializers.Serializer[Any]):
    """The event that a posting tells of."""

    id = serializers.UUIDField()
    sequence = serializers.IntegerField()
    type = serializers.CharField()


class PostingDocument(serializers.Serializer[Any]):
    """A posting; `next_try_at` is null once it is settled, `detail` says how the last try went."""

    id = serializers.UUIDField()
    state = serializers.ChoiceField(choices=[str(state) for state in PostingState])
    channel = serializers.CharField()
    route = serializers.CharField(
        allow_null=True, help_text="None if a person is told by no route"
    )
    recipient = serializers.CharField(allow_blank=True)
    in_place_of = serializers.CharField(
        allow_null=True, help_text="Who is away, if the recipient is told instead"
    )
    event = PostedEvent()
    round = serializers.IntegerField(help_text="0 is the news itself, others are reminders")
    tries = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    next_try_at = serializers.DateTimeField(allow_null=True)
    settled_at = serializers.DateTimeField(allow_null=True)
    detail = serializers.CharField(allow_blank=True)

    def to_representation(self, instance: Posting) -> dict[str, Any]:
        """The document of a posting whose entry, channel and route are loaded."""
        entry = instance.entry
        return {
            "id": str(instance.pk),
            "state": instance.state,
            "channel": instance.channel.name,
            "route": instance.route.name if instance.route else None,
            "recipient": instance.recipient,
            "in_place_of": instance.in_place_of or None,
            "event": {
                "id": str(entry.event_id),
                "sequence": entry.sequence,
                "type": entry.event.type,
            },
            "round": instance.round,
            "tries": instance.tries,
            "created_at": text_of(instance.created_at),
            "next_try_at": text_or_none(instance.next_at),
            "settled_at": text_or_none(instance.settled_at),
            "detail": instance.error or instance.posted,
        }


class NewDelegation(Strict):
    """Who is told instead of the caller, from when on (now unless said), and until when."""

    delegate = Text(max_length=254)
    starts_at = Instant(allow_null=True, default=None)
    ends_at = Instant()


class DelegationDocument(serializers.Serializer[Any]):
    """A delegation of the caller."""

    id = serializers.UUIDField()
    delegate = serializers.CharField()
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    created_at = serializers.DateTimeField()

    def to_representation(self, instance: Delegation) -> dict[str, Any]:
        """The document of a delegation whose delegate is loaded."""
        return {
            "id": str(instance.pk),
            "delegate": instance.delegate.email,
            "starts_at": text_of(instance.starts_at),
            "ends_at": text_of(instance.ends_at),
            "created_at": text_of(instance.created_at),
        }


class Report(serializers.Serializer[Any]):
    """How a sample went."""

    delivered = serializers.BooleanField()
    detail = serializers.CharField()
