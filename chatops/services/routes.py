"""Routes from documents."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from accessplane.lib.actors import Actor
from accessplane.lib.errors import InvalidInput
from audit.catalogue import EVENT_TYPES
from audit.recorder import record
from chatops.channels import registry
from chatops.events import RouteArchived, RouteCreated, RouteUpdated
from chatops.models import ChannelConfig, Route
from chatops.selectors import CREATED
from chatops.specs import RouteSpec, check_name, parse_route, plain
from identity.documents import Document
from identity.services.outcomes import Outcome, Result
from policy.schedules import uncovered_from


def apply_route(document: Document, *, by: Actor, at: datetime) -> Outcome:
    """Create the route or make it be as the document says; `InvalidInput` if that is wrong."""
    check_name(document.name)
    spec = parse_route(document.spec)
    _check_events(spec)
    _check_times(spec, at)
    channel = _channel_of(spec)
    route = Route.objects.select_for_update().filter(name=document.name).first()
    wanted = {
        "description": document.metadata.description,
        "labels": document.metadata.labels,
        "spec": plain(spec),
        "channel_id": channel.pk,
        "is_active": spec.active,
    }
    if route is None:
        route = Route.objects.create(name=document.name, created_at=at, **wanted)
        record(RouteCreated(about=route.about, spec=route.spec), by=by, at=at)
        return Outcome(document, Result.CREATED)
    changed = _changed(route, wanted)
    if not changed:
        return Outcome(document, Result.UNCHANGED)
    is_archived = route.is_active and not spec.active
    for field, value in wanted.items():
        setattr(route, field, value)
    route.save()
    if is_archived:
        record(RouteArchived(about=route.about, spec=route.spec), by=by, at=at)
    else:
        event = RouteUpdated(about=route.about, spec=route.spec, changed=changed)
        record(event, by=by, at=at)
    return Outcome(document, Result.UPDATED)


def _check_events(spec: RouteSpec) -> None:
    """A pattern that no event has would never bring anything."""
    for number, pattern in enumerate(spec.events):
        if not any(pattern.matches(name) for name in EVENT_TYPES):
            raise InvalidInput(
                f"There are no events {pattern.text[:64]!r} - at `spec.events[{number}]`"
            )


def _check_times(spec: RouteSpec, at: datetime) -> None:
    """What waits for a decision is a request, and news must get through some time."""
    events = {pattern.text for pattern in spec.events}
    if spec.is_about_waiting and not events <= {CREATED}:
        raise InvalidInput(
            "A route that waits or reminds is for new requests: leave the events out - at `spec.events`"
        )
    if uncovered_from(spec.quiet, at) is None:
        raise InvalidInput("All the week is quiet - at `spec.quiet`")


def _channel_of(spec: RouteSpec) -> ChannelConfig:
    channel = ChannelConfig.objects.filter(name=spec.channel).first()
    if channel is None:
        raise InvalidInput(f"There is no channel named {spec.channel[:128]!r}.")
    if spec.recipients and not registry.has_recipients(channel.type, channel.settings):
        raise InvalidInput(
            f"The channel {channel.name} has no recipients: leave them out "
            "- at `spec.recipients`"
        )
    return channel


def _changed(route: Route, wanted: Mapping[str, Any]) -> list[str]:
    """The names of what differs, those of the spec one by one."""
    changed = [
        field for field in ("description", "labels") if getattr(route, field) != wanted[field]
    ]
    spec, before = wanted["spec"], plain(route.parsed())
    return changed + [field for field in spec if before[field] != spec[field]]
