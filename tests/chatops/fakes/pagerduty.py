"""PagerDuty, as far as we know it: a real HTTP server with an account behind it.

Calls, errors and payloads are those of PagerDuty's public reference. `acknowledge`, `run` and
`choose` give what PagerDuty would post to a webhook subscription.
"""

import hashlib
import hmac
import itertools
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.utils import timezone

from tests.chatops.fakes.serving import Call, Service, serving

API_KEY, SENDER, SECRET = "u+pagerdutykey", "plane@example.com", "pd-webhook-secret"
ACCEPT = "application/vnd.pagerduty+json;version=2"

Answer = tuple[int, Any]


@dataclass
class Pager(Service):
    """What there is, and what was called."""

    services: dict[str, str] = field(default_factory=dict)
    users: dict[str, str] = field(default_factory=dict)
    incidents: dict[str, dict[str, Any]] = field(default_factory=dict)
    schedules: dict[str, str] = field(default_factory=dict)
    policies: dict[str, str] = field(default_factory=dict)
    turns: list[dict[str, Any]] = field(default_factory=list)
    invited: set[str] = field(default_factory=set)  # accounts of people who have not come yet
    most: int = 100  # what a page holds at most
    now: Callable[[], datetime] = timezone.now
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    # --- the account ----------------------------------------------------------------------------

    def hire(self, name: str) -> str:
        """Somebody joins, with an address such as bob@example.com; the id of the account."""
        account = f"P{name.upper():0>6}"
        self.users[account] = f"{name}@example.com"
        return account

    def found(self, name: str) -> str:
        """A service comes to be; its id."""
        service = f"PS{next(self._numbers):05}"
        self.services[service] = name
        return service

    def plan(self, name: str) -> str:
        """A schedule comes to be; its id."""
        schedule = f"PSCH{next(self._numbers):03}"
        self.schedules[schedule] = name
        return schedule

    def escalate(self, name: str) -> str:
        """An escalation policy comes to be; its id."""
        policy = f"PESC{next(self._numbers):03}"
        self.policies[policy] = name
        return policy

    def takes_over(
        self,
        account: str,
        policy: str,
        schedule: str | None = None,
        *,
        level: int = 1,
        start: datetime | None = None,
        end: datetime | None = None,
    ) -> None:
        """Somebody goes on call: by a schedule of the policy, or for good."""
        self.turns.append(
            {
                "user": _reference(account, "user", self.users[account].split("@")[0].title()),
                "schedule": schedule
                and _reference(schedule, "schedule", self.schedules[schedule]),
                "escalation_policy": _reference(
                    policy, "escalation_policy", self.policies[policy]
                ),
                "escalation_level": level,
                "start": start and start.isoformat(),
                "end": end and end.isoformat(),
            }
        )

    def incident(self) -> dict[str, Any]:
        """The only incident there is."""
        (incident,) = self.incidents.values()
        return incident

    def notes(self) -> list[str]:
        return self.incident()["notes"]

    # --- what people do -------------------------------------------------------------------------

    def acknowledge(self, account: str, *, at: datetime, **changed: Any) -> dict[str, Any]:
        """Somebody acknowledges the incident: the webhook of it."""
        incident = self.incident()
        incident["status"] = "acknowledged"
        made = self._event("incident.acknowledged", account, _shown(incident), at)
        return {"event": made["event"] | changed}

    def run(self, account: str, action: str, *, at: datetime) -> dict[str, Any]:
        """Somebody runs an automation action on the incident."""
        data = {
            "id": "01CELD6T9C2JS745I7CAK0LRRF",
            "incident": {"id": self.incident()["id"], "type": "incident_reference"},
            "action": {"id": action, "summary": "Deny", "type": "action_reference"},
            "state": "created",
            "type": "incident_action_invocation",
        }
        return self._event("incident.action_invocation.created", account, data, at)

    def choose(self, account: str, name: str, value: Any, *, at: datetime) -> dict[str, Any]:
        """Somebody sets a custom field of the incident."""
        one = {"id": "PICFVXX", "data_type": "string", "type": "field_value"}
        others = [one | {"name": "region", "value": None, "field_type": "single_value"}]
        data = {
            "incident": {"id": self.incident()["id"], "type": "incident_reference"},
            "custom_fields": others,
            "changed_custom_fields": [one | {"name": name, "value": value}, *others],
            "type": "incident_field_values",
        }
        return self._event("incident.custom_field_values.updated", account, data, at)

    def _event(self, kind: str, account: str, data: Any, at: datetime) -> dict[str, Any]:
        event = {
            "id": f"01BRB6ZP4M6T8ZG4X6BP{next(self._numbers):06}",
            "event_type": kind,
            "resource_type": "incident",
            "occurred_at": f"{at:%Y-%m-%dT%H:%M:%S}.169Z",
            "agent": {
                "html_url": f"https://acme.pagerduty.com/users/{account}",
                "id": account,
                "self": f"https://api.pagerduty.com/users/{account}",
                "summary": self.users.get(account, "Somebody").split("@")[0].title(),
                "type": "user_reference",
            },
            "client": None,
            "data": data,
        }
        return {"event": event}

    # --- the API --------------------------------------------------------------------------------

    def answer(self, call: Call) -> Answer:
        if call.headers["authorization"] != f"Token token={API_KEY}":
            return 401, {}
        if call.headers["accept"] != ACCEPT:
            return 400, _error(2100, "Not Acceptable")
        if call.headers.get("from") != SENDER:
            return 400, _error(2100, "Invalid Input Provided", "Requester User Not Found")
        given = parse_qs(urlsplit(call.target).query) or call.document
        for pattern, does in self._calls().items():
            found = re.fullmatch(pattern, self.name_of(call))
            if found:
                return does(*found.groups(), given)
        return 404, _error(2100, "Not Found")

    def _calls(self) -> dict[str, Callable[..., Answer]]:
        return {
            "GET /services": self._services,
            "GET /services/(.+)": lambda pk, _: _found("service", self._service(pk)),
            "GET /users": self._people,
            "GET /schedules": lambda q: self._named("schedules", self.schedules, q),
            "GET /schedules/(.+)": lambda pk, _: _found(
                "schedule", _thing("schedule", pk, self.schedules.get(pk))
            ),
            "GET /escalation_policies": lambda q: self._named(
                "escalation_policies", self.policies, q
            ),
            "GET /escalation_policies/(.+)": lambda pk, _: _found(
                "escalation_policy", _thing("escalation_policy", pk, self.policies.get(pk))
            ),
            "GET /oncalls": self._oncalls,
            "GET /users/(.+)": lambda pk, _: _found("user", self._user(pk)),
            "GET /incidents": lambda q: (200, {"incidents": list(map(_shown, self._like(q)))}),
            "POST /incidents": self._open,
            "GET /incidents/(.+)": lambda pk, _: _found("incident", self._incident(pk)),
            "PUT /incidents/([^/]+)": self._change,
            "POST /incidents/([^/]+)/notes": self._annotate,
        }

    def _services(self, query: Any) -> Answer:
        wanted = (query or {}).get("query", [""])[0].lower()
        found = [pk for pk, name in self.services.items() if wanted in name.lower()]
        return 200, {"services": [self._service(pk) for pk in found], "more": False}

    def _people(self, query: Any) -> Answer:
        """By name or address, as a part of it."""
        wanted = query["query"][0].lower()
        return self._page(
            "users",
            [self._user(pk) for pk, email in self.users.items() if wanted in email.lower()],
            query,
        )

    def _named(self, kind: str, things: dict[str, str], query: Any) -> Answer:
        wanted = query["query"][0].lower()
        shown = [
            _thing(kind, pk, name) for pk, name in things.items() if wanted in name.lower()
        ]
        return self._page(kind, shown, query)

    def _oncalls(self, query: Any) -> Answer:
        """Those of now; of several filters all count."""

        def wanted(turn: dict[str, Any], field: str) -> bool:
            ids = query.get(f"{field}_ids[]")
            return ids is None or (turn[field] or {"id": None})["id"] in ids

        now = self.now()
        found = [
            turn
            for turn in self.turns
            if all(wanted(turn, one) for one in ("user", "schedule", "escalation_policy"))
            and (turn["start"] is None or datetime.fromisoformat(turn["start"]) <= now)
            and (turn["end"] is None or datetime.fromisoformat(turn["end"]) > now)
        ]
        return self._page("oncalls", found, query)

    def _page(self, name: str, things: list[Any], query: Any) -> Answer:
        """Offset and limit, as all lists of the version 2 have them."""
        limit, offset = min(int(query["limit"][0]), self.most), int(query["offset"][0])
        shown = things[offset : offset + limit]
        more = offset + limit < len(things)
        place = {"limit": limit, "offset": offset, "more": more, "total": None}
        return 200, {name: shown} | place

    def _annotate(self, pk: str, body: Any) -> Answer:
        if pk not in self.incidents:
            return 404, _error(2100, "Not Found")
        self.incidents[pk]["notes"].append(body["note"]["content"])
        return 201, {"note": {"id": "PWL7QXS", "content": body["note"]["content"]}}

    def _open(self, body: Any) -> Answer:
        given = body["incident"]
        service = given["service"]["id"]
        assert given["service"]["type"] == "service_reference"
        assert given["type"] == "incident"
        assert given["body"]["type"] == "incident_body"
        if service not in self.services:
            return 404, _error(2100, "Service Not Found")
        same = {
            "incident_key": [given["incident_key"]],
            "service_ids[]": [service],
            "statuses[]": ["triggered", "acknowledged"],
        }
        if self._like(same):
            said = "Open incident with matching dedup key already exists on this service"
            return 400, _error(2002, "Arguments Caused Error", said)
        made = given | {
            "id": f"PT{next(self._numbers):05}",
            "status": "triggered",
            "notes": [],
        }
        self.incidents[made["id"]] = made
        return 201, {"incident": _shown(made)}

    def _like(self, query: dict[str, list[str]]) -> list[dict[str, Any]]:
        return [
            one
            for one in self.incidents.values()
            if [one["incident_key"]] == query["incident_key"]
            and [one["service"]["id"]] == query["service_ids[]"]
            and one["status"] in query["statuses[]"]
        ]

    def _change(self, pk: str, body: Any) -> Answer:
        incident = self.incidents.get(pk)
        if incident is None:
            return 404, _error(2100, "Not Found")
        if incident["status"] == "resolved":
            return 400, _error(1001, "Incident Already Resolved")
        incident["status"] = body["incident"]["status"]
        return 200, {"incident": _shown(incident)}

    def _service(self, pk: str) -> Any:
        name = self.services.get(pk)
        return name and {"id": pk, "type": "service", "name": name, "description": None}

    def _user(self, pk: str) -> Any:
        email = self.users.get(pk)
        return email and {
            "id": pk,
            "type": "user",
            "name": email.split("@")[0].title(),
            "email": email,
            "invitation_sent": pk in self.invited,
        }

    def _incident(self, pk: str) -> Any:
        return pk in self.incidents and _shown(self.incidents[pk])


def _reference(pk: str, kind: str, summary: str) -> dict[str, Any]:
    return {"id": pk, "type": f"{kind}_reference", "summary": summary, "html_url": None}


def _thing(kind: str, pk: str, name: str | None) -> Any:
    return name and {"id": pk, "type": kind, "summary": name, "name": name}


def _shown(incident: dict[str, Any]) -> dict[str, Any]:
    shown = ("id", "type", "status", "title", "incident_key", "service", "urgency")
    return {name: incident[name] for name in shown}


def _found(name: str, document: Any) -> Answer:
    return (200, {name: document}) if document else (404, _error(2100, "Not Found"))


def _error(code: int, message: str, *errors: str) -> Any:
    return {"error": {"message": message, "code": code, "errors": list(errors)}}


def signature(body: bytes, secret: str = SECRET) -> str:
    """The header that signs a webhook."""
    return "v1=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


@contextmanager
def paging() -> Iterator[Pager]:
    """PagerDuty, for as long as the block lasts."""
    pager = Pager()
    with serving(pager.hear) as pager.url:
        yield pager
