"""What a plane counts, for Prometheus. The figures come from the database, as of the scrape."""

import ipaddress
from collections.abc import Iterator
from datetime import datetime
from hmac import compare_digest

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from audit import selectors as audit
from audit.models import OutboxEntry
from requests_app.models import AccessRequest, Grant
from requests_app.states import RequestState

FORWARDED = ("HTTP_FORWARDED", "HTTP_X_FORWARDED_FOR", "HTTP_X_REAL_IP")


@never_cache
@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """The metrics, for whoever has the token; without a token set, for this machine alone."""
    if not may_read(request):
        raise Http404
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Figures(timezone.now()))
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def may_read(request: HttpRequest) -> bool:
    """Whether the caller knows the token, or stands at the machine of an embedded plane.

    In a fleet, or behind a proxy, everybody may seem to come from this machine.
    """
    token = settings.ACCESSPLANE_METRICS_TOKEN
    if token:
        given = request.headers.get("Authorization", "")
        return compare_digest(given.encode(), f"Bearer {token}".encode())
    if settings.ACCESSPLANE_IS_FLEET:
        return False
    return _is_this_machine(request)


def _is_this_machine(request: HttpRequest) -> bool:
    try:
        address = ipaddress.ip_address(request.META.get("REMOTE_ADDR", ""))
    except ValueError:
        return False
    return address.is_loopback and not any(name in request.META for name in FORWARDED)


class Figures(Collector):
    """What is true at one moment."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def collect(self) -> Iterator[Metric]:
        """Requests by state, grants in force, and how far the log is behind."""
        requests = GaugeMetricFamily(
            "accessplane_requests", "Access requests by their state.", labels=["state"]
        )
        for state, count in requests_by_state(self.at).items():
            requests.add_metric([state], count)
        yield requests
        yield GaugeMetricFamily(
            "accessplane_grants_in_force",
            "Grants that give access now.",
            value=Grant.objects.in_force(self.at).count(),
        )
        yield GaugeMetricFamily(
            "accessplane_outbox_entries",
            "Events that wait for their place in the log.",
            value=OutboxEntry.objects.count(),
        )
        yield CounterMetricFamily(
            "accessplane_events", "Events in the log.", value=audit.head().sequence
        )


def requests_by_state(at: datetime) -> dict[str, int]:
    """How many requests are in each state by the clock, whether a job has noted it or not."""
    requests = AccessRequest.objects
    return {str(state): requests.in_state(state, at).count() for state in RequestState}
