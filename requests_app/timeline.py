"""What happened to a request and its grants, as sentences in their order."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from accessplane.lib.instants import moment_from
from audit.models import AuditEvent

_REVIEWED = {"APPROVE": "approved", "DENY": "denied", "COMMENT": "commented"}
_RESOLVED = {
    "access_request.approved": ("approved", "The request is approved"),
    "access_request.denied": ("denied", "The request is denied"),
    "access_request.expired": ("expired", "The request ran out"),
    "access_request.cancelled": ("cancelled", "The request is cancelled"),
}
# The icon, the words, and the field whose moment ends them.
_GRANTS = {
    "grant.scheduled": ("scheduled", "Access to {role} is planned from", "starts_at"),
    "grant.started": ("active", "Access to {role} began, until", "ends_at"),
    "grant.extended": ("active", "Access to {role} now lasts until", "ends_at"),
    "grant.ending_soon": ("expired", "Access to {role} ends soon, at", "ends_at"),
    "grant.expired": ("expired", "Access to {role} ran out", ""),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line: at that moment somebody did something; without `who` it just happened.

    `mark` names the icon, `moment` is what the words end with.
    """

    at: datetime
    mark: str
    did: str
    who: str = ""
    reason: str = ""
    via: str = ""
    moment: datetime | None = None


def timeline_of(objects: Iterable[UUID]) -> list[Entry]:
    """The lines about a request and those of its grants that are named, oldest first."""
    events = AuditEvent.objects.filter(about_id__in=list(objects)).order_by("at", "id")
    return [_entry(event) for event in events]


def _entry(event: AuditEvent) -> Entry:
    told = {"at": event.at, "via": _door(event)}
    data = event.data
    match event.type:
        case "access_request.created":
            return Entry(**told, mark="created", who=data["author"], did=_asked(data))
        case "access_request.reviewed":
            return _reviewed(data, told)
        case "grant.ended":
            did = f"gave {data['role']} back"
            return Entry(
                **told, mark="ended", who=event.actor_name, did=did, reason=data["reason"]
            )
        case "grant.revoked":
            return _revoked(event, told)
        case kind if kind in _GRANTS:
            mark, words, field = _GRANTS[kind]
            did = words.format(role=data["role"])
            return Entry(at=event.at, mark=mark, did=did, moment=moment_from(data.get(field)))
        case _:
            return _resolved(event, told)


def _door(event: AuditEvent) -> str:
    return "" if event.actor_via in {"web", "system"} else event.actor_via


def _asked(data: Mapping[str, Any]) -> str:
    if data["author"] == data["requester"]:
        return "asked for access"
    return f"asked for access for {data['requester']}"


def _reviewed(data: Mapping[str, Any], told: dict[str, Any]) -> Entry:
    return Entry(
        **told,
        mark=_REVIEWED[data["decision"]],
        who=data["reviewer"],
        did=_REVIEWED[data["decision"]] + (", with a start at" if data["start_time"] else ""),
        reason=data["reason"],
        moment=moment_from(data["start_time"]),
    )


def _revoked(event: AuditEvent, told: dict[str, Any]) -> Entry:
    role, reason = event.data["role"], event.data["reason"]
    if event.actor_kind == "system":
        did = f"Access to {role} was revoked"
        return Entry(at=event.at, mark="revoked", did=did, reason=reason)
    did = f"revoked {role}"
    return Entry(**told, mark="revoked", who=event.actor_name, did=did, reason=reason)


def _resolved(event: AuditEvent, told: dict[str, Any]) -> Entry:
    mark, sentence = _RESOLVED.get(event.type, ("created", event.type))
    data = event.data
    if data.get("forced"):
        did = f"{mark} the request without its reviewers"
        return Entry(
            **told, mark=mark, who=event.actor_name, did=did, reason=data.get("reason", "")
        )
    if event.type == "access_request.cancelled" and event.actor_kind != "system":
        return Entry(
            **told,
            mark=mark,
            who=event.actor_name,
            did="cancelled the request",
            reason=data.get("reason", ""),
        )
    # The review before this line told the reason; what time brings about tells it here.
    reason = data.get("reason", "") if event.actor_kind == "system" else ""
    return Entry(at=event.at, mark=mark, did=sentence, reason=reason)
