"""What the pages of the log show of its entries."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from accessplane.lib.instants import moment_from
from audit import selectors, sentences, visibility
from audit.models import AuditEvent, LedgerEntry
from audit.sentences import Told

Call = Callable[[str], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """An entry as the list has it."""

    sequence: int
    at: datetime
    type: str
    sentence: str
    door: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field of an event's data. `kind` says how to show the value: "text", "moment",
    "seconds", "list", or "json"."""

    name: str
    value: Any
    kind: str


def lines_of(entries: Sequence[LedgerEntry]) -> list[Line]:
    """The entries in words; two statements, however many they are."""
    events = [entry.event for entry in entries]
    asked = selectors.requesters_of(
        {e.about_id for e in events if e.about_kind == "access_request"}
    )
    named = [_people_of(event) for event in events]
    call = _caller({*asked.values(), *(address for some in named for address in some)})
    return [_line(entry, call, asked.get(entry.event.about_id, "")) for entry in entries]


def fields_of(data: Mapping[str, Any]) -> list[Field]:
    """An event's data, a field at a time; what is empty is left out."""
    return [
        Field(name=name.removesuffix("_seconds").replace("_", " "), value=shown, kind=kind)
        for name, value in data.items()
        if value not in (None, "", [], {})
        for kind, shown in [_shown(name, value)]
    ]


def _line(entry: LedgerEntry, call: Call, requester: str) -> Line:
    event = entry.event
    return Line(
        sequence=entry.sequence,
        at=event.at,
        type=event.type,
        door=sentences.door_words(event.actor_via),
        sentence=sentences.sentence_of(
            Told(
                type=event.type,
                actor=sentences.actor_words(
                    event.actor_kind, event.actor_name, event.actor_via, call(event.actor_name)
                ),
                name=call(event.about_name) if event.about_kind == "user" else event.about_name,
                data=event.data,
                requester=call(requester),
                by_the_plane=event.actor_kind == "system",
                called=call,
            )
        ),
    )


def _people_of(event: AuditEvent) -> list[str]:
    names = [event.actor_name] if event.actor_kind != "system" else []
    names += [event.about_name] if event.about_kind == "user" else []
    return [*names, *sentences.addresses_in(event.data)]


def _caller(addresses: Iterable[str]) -> Call:
    """What to call whom; two people of one name are called by their addresses."""
    names = visibility.people().names_of(set(addresses))
    called = list(names.values())
    unique = {email: name for email, name in names.items() if called.count(name) == 1}
    return lambda address: unique.get(address, address)


def _shown(name: str, value: Any) -> tuple[str, Any]:
    if isinstance(value, str) and name.endswith(("_at", "_time")) and moment_from(value):
        return "moment", value
    if isinstance(value, int) and name.endswith("_seconds"):
        return "seconds", value
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return "list", value
    if isinstance(value, (dict, list)):
        return "json", json.dumps(value, ensure_ascii=False, indent=2)
    return "text", value
