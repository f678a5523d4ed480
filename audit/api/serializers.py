"""What comes in and goes out about events."""

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request

from accessplane.lib.errors import InvalidInput
from audit.following import MAX_SEQUENCE, StreamFilters
from audit.models import LedgerEntry

MAX_WAIT = 60
_DIGITS = len(str(MAX_SEQUENCE))


class EventFilters(StreamFilters):
    """Which events a reader wants, and for how many seconds to wait for one."""

    wait = serializers.IntegerField(default=0, min_value=0, max_value=MAX_WAIT)


def last_event_id(request: Request, after: int) -> int:
    """Where a stream goes on: after the last event that a reader got, if it says so."""
    text = request.headers.get("Last-Event-ID", "")
    if not text:
        return after
    if text.isascii() and text.isdigit() and len(text) <= _DIGITS and int(text) <= MAX_SEQUENCE:
        return int(text)
    sentence = "The last event's id is its sequence."
    raise InvalidInput(sentence, errors={"Last-Event-ID": [sentence]})


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
