"""What happened to a request and its grants, as sentences in their order."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accessplane.lib.instants import moment_from
from audit.models import AuditEvent
from requests_app.telling import TellingState, Told

Words = str | Promise

_REVIEWED: dict[str, tuple[str, Words]] = {
    "APPROVE": ("approved", _("{who} approved")),
    "DENY": ("denied", _("{who} denied")),
    "COMMENT": ("commented", _("{who} commented")),
}
_WITH_A_START = _("{who} approved, with a start at {moment}")
_RESOLVED: dict[str, tuple[str, Words]] = {
    "access_request.approved": ("approved", _("The request is approved")),
    "access_request.denied": ("denied", _("The request is denied")),
    "access_request.expired": ("expired", _("The request ran out")),
    "access_request.cancelled": ("cancelled", _("The request is cancelled")),
}
_FORCED: dict[str, Words] = {
    "approved": _("{who} approved the request without its reviewers"),
    "denied": _("{who} denied the request without its reviewers"),
}
# By itself, and when somebody answered for it.
_CHECKED: dict[str, tuple[str, Words, Words]] = {
    "ALLOW": (
        "passed",
        _("The check {check} passed"),
        _("{who} answered the check {check}: it passed"),
    ),
    "DENY": (
        "failed",
        _("The check {check} failed"),
        _("{who} answered the check {check}: it failed"),
    ),
    "ABSTAIN": (
        "skipped",
        _("The check {check} had nothing to say"),
        _("{who} answered the check {check}: it had nothing to say"),
    ),
}
# The icon, the words, and the field whose moment is in them.
_GRANTS: dict[str, tuple[str, Words, str]] = {
    "grant.scheduled": (
        "scheduled",
        _("Access to {role} is planned from {moment}"),
        "starts_at",
    ),
    "grant.started": ("active", _("Access to {role} began, until {moment}"), "ends_at"),
    "grant.extended": ("active", _("Access to {role} now lasts until {moment}"), "ends_at"),
    "grant.ending_soon": ("expired", _("Access to {role} ends soon, at {moment}"), "ends_at"),
    "grant.ended": ("ended", _("{who} gave {role} back"), ""),
    "grant.revoked": ("revoked", _("{who} revoked {role}"), ""),
    "grant.expired": ("expired", _("Access to {role} ran out"), ""),
}
_BY_PEOPLE = {"grant.ended", "grant.revoked"}
_DECIDED = {"approved", "denied"}
_BY_THE_CLOCK: dict[str, Words] = {"grant.revoked": _("Access to {role} was revoked")}
_TOLD: dict[TellingState, Words] = {
    TellingState.ARRIVED: _("Told through {channel}: {recipients}"),
    TellingState.REMINDED: _("Reminded through {channel}: {recipients}"),
    TellingState.WAITS: _("Still to be told through {channel}: {recipients}"),
    TellingState.FAILED: _("Not told through {channel}, it did not arrive: {recipients}"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line: at that moment this happened.

    `mark` names the icon. `words` have places in braces for `values`: `who` and `other` are
    addresses of people, `recipients` several or rooms, a moment stays one. `told` are the
    messages that went out about it.
    """

    at: datetime
    mark: str
    words: Words
    values: Mapping[str, Any] = field(default_factory=dict)
    reason: str = ""
    via: str = ""
    told: Sequence["Entry"] = ()

    @property
    def people(self) -> list[str]:
        """The addresses that its sentences may name."""
        named = [self.values[key] for key in ("who", "other") if key in self.values]
        told = [email for message in self.told for email in message.people]
        return [*named, *self.values.get("recipients", ()), *told]


def timeline_of(objects: Iterable[UUID], told: Iterable[Told] = ()) -> list[Entry]:
    """The lines about a request and those of its grants that are named, oldest first.

    `told` are messages about them that went out, where the viewer may know of those.
    """
    events = AuditEvent.objects.filter(about_id__in=list(objects)).order_by("at", "id")
    messages = _messages(told)
    return [replace(_entry(event), told=messages.get(event.pk, ())) for event in events]


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
        words=_("{who} asked for access")
        if author == requester
        else _("{who} asked for access for {other}"),
        values={"who": author, "other": requester},
    )


def _reviewed(event: AuditEvent) -> Entry:
    data = event.data
    start = moment_from(data["start_time"])
    mark, words = _REVIEWED[data["decision"]]
    return Entry(
        at=event.at,
        via=_door(event),
        mark=mark,
        words=_WITH_A_START if start else words,
        values={"who": data["reviewer"], "moment": start},
        reason=data["reason"],
    )


def _checked(event: AuditEvent) -> Entry:
    mark, by_itself, answered = _CHECKED[event.data["verdict"]]
    is_clock = _by_the_clock(event)
    return Entry(
        at=event.at,
        via="" if is_clock else _door(event),
        mark=mark,
        words=by_itself if is_clock else answered,
        values={"who": event.actor_name, "check": event.data["workflow"]},
        reason=event.data["reason"],
    )


def _held(event: AuditEvent) -> Entry:
    return Entry(
        at=event.at,
        mark="pending",
        words=_("The request waits for the check {check}"),
        values={"check": event.data["workflow"]},
        reason=event.data["problem"],
    )


def _of_grant(event: AuditEvent) -> Entry:
    mark, words, field_name = _GRANTS[event.type]
    is_clock = _by_the_clock(event)
    return Entry(
        at=event.at,
        via=_door(event) if event.type in _BY_PEOPLE and not is_clock else "",
        mark=mark,
        words=_BY_THE_CLOCK.get(event.type, words) if is_clock else words,
        values={
            "who": event.actor_name,
            "role": event.data["role"],
            "moment": moment_from(event.data.get(field_name)),
        },
        reason=event.data.get("reason", ""),
    )


def _resolved(event: AuditEvent) -> Entry:
    mark, words = _RESOLVED.get(event.type, ("created", event.type))
    reason = event.data.get("reason", "")
    if event.data.get("forced"):
        words = _FORCED[mark]
    elif mark == "cancelled" and not _by_the_clock(event):
        words = _("{who} cancelled the request")
    else:
        # Before this line, the review or check that settled the request has told its reason.
        told = reason if _by_the_clock(event) and mark not in _DECIDED else ""
        return Entry(at=event.at, mark=mark, words=words, reason=told)
    return Entry(
        at=event.at,
        via=_door(event),
        mark=mark,
        words=words,
        values={"who": event.actor_name},
        reason=reason,
    )


def _messages(told: Iterable[Told]) -> dict[UUID, list[Entry]]:
    """By the event that they tell of: one line for all who were told through the same channel
    with the same outcome."""
    found: dict[UUID, list[Entry]] = {}
    for _key, same in groupby(sorted(told, key=_same_news), key=_same_news):
        together = list(same)
        found.setdefault(together[0].news, []).append(_message(together))
    return found


def _same_news(told: Told) -> tuple[str | int, ...]:
    return str(told.news), told.round, told.channel, told.state, told.problem


def _message(same: list[Told]) -> Entry:
    first = same[0]
    return Entry(
        at=max(told.at for told in same),
        mark="warning" if first.state is TellingState.FAILED else "messages",
        words=_TOLD[first.state],
        values={
            "channel": first.channel,
            "recipients": sorted(told.recipient or told.channel for told in same),
        },
        reason=first.problem,
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
