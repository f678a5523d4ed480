"""What comes in and goes out about events."""

from typing import Any

from rest_framework import serializers

from accessplane.lib.inputs import Id, Instant, Strict, Text
from audit.models import LedgerEntry

MAX_WAIT = 60
_MAX_SEQUENCE = 2**63 - 1


class EventFilters(Strict):
    """Which events a reader wants, and for how many seconds to wait for one."""

    after = serializers.IntegerField(default=0, min_value=0, max_value=_MAX_SEQUENCE)
    type = Text(required=False, max_length=64)
    actor = Text(required=False, max_length=254)
    about = Id(required=False)
    since = Instant(required=False)
    until = Instant(required=False)
    wait = serializers.IntegerField(default=0, min_value=0, max_value=MAX_WAIT)


class ActorDocument(serializers.Serializer[Any]):
    """Who acted, and through which door."""

    kind = serializers.ChoiceField(choices=["user", "bot", "system"])
    id = serializers.UUIDField(allow_null=True)
    name = serializers.CharField()
    via = serializers.CharField()
    ip = serializers.IPAddressField(allow_null=True)


class AboutDocument(serializers.Serializer[Any]):
    """What an event tells of."""

    kind = serializers.CharField()
    id = serializers.UUIDField()
    name = serializers.CharField(allow_blank=True)


class EventDocument(serializers.Serializer[Any]):
    """An event of the audit log, with its place and the hash that chains it."""

    sequence = serializers.IntegerField()
    id = serializers.UUIDField()
    type = serializers.CharField()
    at = serializers.DateTimeField()
    actor = ActorDocument()
    about = AboutDocument()
    data = serializers.DictField()  # type: ignore[assignment]  # a name of DRF's own
    hash = serializers.CharField()

    def to_representation(self, instance: LedgerEntry) -> dict[str, Any]:
        """The document of an entry whose event is loaded."""
        return instance.document()
