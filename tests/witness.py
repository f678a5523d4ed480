"""What a refusal must leave alone: every request, check, grant, review and event."""

from collections.abc import Iterator
from contextlib import contextmanager

from audit.models import AuditEvent
from requests_app.models import AccessRequest, Check, Grant
from reviews.models import Review

WITNESSED = (AccessRequest, Check, Grant, Review, AuditEvent)


@contextmanager
def nothing_happens() -> Iterator[None]:
    """Inside, no row comes, goes or changes, and no event is recorded."""
    before = _everything()
    yield
    assert _everything() == before


def event_types() -> list[str]:
    """The types of all events of requests and grants, in the order in which they were recorded."""
    told = AuditEvent.objects.filter(about_kind__in=["access_request", "grant"])
    return list(told.order_by("pk").values_list("type", flat=True))


def _everything() -> dict[str, list[dict]]:
    return {model.__name__: list(model.objects.order_by("pk").values()) for model in WITNESSED}
