"""What the doors of the stream share: how a reader is asked for, and what one may ask."""

from typing import Any

from django.conf import settings
from rest_framework import serializers
from rest_framework.exceptions import Throttled
from rest_framework.request import Request

from accessplane.lib.inputs import Id, Instant, Strict, Text
from audit import visibility, watching
from audit.readers import Reader
from audit.selectors import Search

MAX_SEQUENCE = 2**63 - 1
HEARTBEAT = 15.0  # seconds of silence after which a reader hears that the plane is still there
TRY_AGAIN = 5  # seconds


def sequence_field(**kwargs: Any) -> serializers.IntegerField:
    """A sequence of the log; 0 stands before the first."""
    return serializers.IntegerField(min_value=0, max_value=MAX_SEQUENCE, **kwargs)


class StreamFilters(Strict):
    """Which events a reader wants."""

    after = sequence_field(default=0)
    type = Text(required=False, max_length=64)
    actor = Text(required=False, max_length=254)
    about = Id(required=False)
    since = Instant(required=False)
    until = Instant(required=False)


def open_reader(request: Request, search: Search) -> Reader:
    """A reader for whoever makes this call; `Throttled` if he or she has too many already."""
    try:
        return watching.watcher().open(
            user=request.user,
            credential=visibility.people().credential_of(request),
            search=search,
            most=settings.ACCESSPLANE_STREAMS_PER_USER,
        )
    except watching.TooManyReaders as refusal:
        detail = "You have too many open streams; close one."
        raise Throttled(TRY_AGAIN, detail) from refusal
