"""What happened to a request and its grants, as sentences in their order."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from accessplane.lib.instants import moment_from
from audit.models import AuditEvent

_REVIEWED = {"APPROVE": "approved", "DENY": "denied", "COMMENT": "commented"}
# The icon, and the words.
_RESOLVED = {
    "access_request.approved": ("approved", "The request is approved"),
    "access_request.denied": ("denied", "The request is denied"),
    "access_request.expired": ("expired", "The request ran out"),
    "access_request.cancelled": ("cancelled", "The request is cancelled"),
}
# The icon, and what the check is said to have done.
_CHECKED = {
    "ALLOW": ("passed", "passed"),
    "DENY": ("failed", "failed"),
    "ABSTAIN": ("skipped", "had nothing to say"),
}
# The icon, the words, and the field whose moment ends them.
_GRANTS = {
    "grant.scheduled": ("scheduled", "Access to {role} is planned from", "starts_at"),
    "grant.started": ("active", "Access to {role} began, until", "ends_at"),
    "grant.extended": ("active", "Access to {role} now lasts until", "ends_at"),
    "grant.ending_soon": ("expired", "Access to {role} ends soon, at", "ends_at"),
    "grant.ended": ("ended", "gave {role} back", ""),
    "grant.revoked": ("revoked", "revoked {role}", ""),
    "grant.expired": ("expired", "Access to {role} ran out", ""),
}
_DECIDED = {"approved", "denied"}
_BY_THE_CLOCK = {"grant.revoked": "Access to {role} was revoked"}


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
    if event.type in _GRANTS:
        return _of_grant(event)
    return _ENTRIES.get(event.type, _resolved)(event)


def _created(event: AuditEvent) -> Entry:
    author, requester = event.data["author"], event.data["requester"]
    return Entry(
        at=event.at,
        via=_door(event),
        mark="created",
        who=author,
        did="asked for access" if author == requester else f"asked for access for {requester}",
    )


def _reviewed(event: AuditEvent) -> Entry:
    data = event.data
    start = moment_from(data["start_time"])
    done = _REVIEWED[data["decision"]]
    return Entry(
        at=event.at,
        via=_door(event),
        mark=done,
        who=data["reviewer"],
        did=f"{done}, with a start at" if start else done,
        reason=data["reason"],
        moment=start,
    )


def _checked(event: AuditEvent) -> Entry:
    mark, done = _CHECKED[event.data["verdict"]]
    check = f"check {event.data['workflow']}"
    by_somebody = not _by_the_clock(event)
    return Entry(
        at=event.at,
        via=_door(event) if by_somebody else "",
        mark=mark,
        who=event.actor_name if by_somebody else "",
        did=f"answered the {check}: it {done}" if by_somebody else f"The {check} {done}",
        reason=event.data["reason"],
    )


def _held(event: AuditEvent) -> Entry:
    return Entry(
        at=event.at,
        mark="pending",
        did=f"The request waits for the check {event.data['workflow']}",
        reason=event.data["problem"],
    )


def _of_grant(event: AuditEvent) -> Entry:
    mark, words, field = _GRANTS[event.type]
    by_somebody = event.type in {"grant.ended", "grant.revoked"} and not _by_the_clock(event)
    if _by_the_clock(event):
        words = _BY_THE_CLOCK.get(event.type, words)
    return Entry(
        at=event.at,
        via=_door(event) if by_somebody else "",
        mark=mark,
        who=event.actor_name if by_somebody else "",
        did=words.format(role=event.data["role"]),
        reason=event.data.get("reason", ""),
        moment=moment_from(event.data.get(field)),
    )


def _resolved(event: AuditEvent) -> Entry:
    mark, words = _RESOLVED.get(event.type, ("created", event.type))
    reason = event.data.get("reason", "")
    if event.data.get("forced"):
        words = f"{mark} the request without its reviewers"
    elif mark == "cancelled" and not _by_the_clock(event):
        words = "cancelled the request"
    else:
        # Before this line, the review or check that settled the request has told its reason.
        told = reason if _by_the_clock(event) and mark not in _DECIDED else ""
        return Entry(at=event.at, mark=mark, did=words, reason=told)
    return Entry(
        at=event.at,
        via=_door(event),
        mark=mark,
        who=event.actor_name,
        did=words,
        reason=reason,
    )


def _by_the_clock(event: AuditEvent) -> bool:
    return event.actor_kind == "system"


def _door(event: AuditEvent) -> str:
    return "" if event.actor_via in {"web", "system"} else event.actor_via


_ENTRIES = {
    "access_request.created": _created,
    "access_request.reviewed": _reviewed,
    "access_request.checked": _checked,
    "access_request.check_held": _held,
}
