"""PagerDuty, as far as we know it: a real HTTP server with an account behind it.

Calls, errors and payloads are those of PagerDuty's public reference. `acknowledge`, `run` and
`choose` give what PagerDuty would post to a webhook subscription.
"""

import hashlib
import hmac
import itertools
import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

API_KEY, SENDER, SECRET = "u+pagerdutykey", "plane@example.com", "pd-webhook-secret"
ACCEPT = "application/vnd.pagerduty+json;version=2"

Answer = tuple[int, Any]


@dataclass
class Pager:
    """What there is, and what was called. `answers` are given first, once each, as they stand."""

    url: str = ""
    services: dict[str, str] = field(default_factory=dict)
    users: dict[str, str] = field(default_factory=dict)
    incidents: dict[str, dict[str, Any]] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    answers: list[tuple[int, dict[str, str], bytes]] = field(default_factory=list)
    loses: list[str] = field(default_factory=list)  # calls whose answers get lost, once each
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

    def incident(self) -> dict[str, Any]:
        """The only incident there is."""
        (incident,) = self.incidents.values()
        return incident

    def notes(self) -> list[str]:
        return self.incident()["notes"]

    def will_answer(self, status: int, body: Any = None, **headers: str) -> None:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.answers.append((status, named, json.dumps(body or {}).encode()))

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

    def answer(self, method: str, target: str, headers: Any, body: Any) -> Answer:
        path, query = urlsplit(target).path, parse_qs(urlsplit(target).query)
        if headers["authorization"] != f"Token token={API_KEY}":
            return 401, {}
        if headers["accept"] != ACCEPT:
            return 400, _error(2100, "Not Acceptable")
        if headers.get("from") != SENDER:
            return 400, _error(2100, "Invalid Input Provided", "Requester User Not Found")
        for pattern, does in self._calls().items():
            found = re.fullmatch(pattern, f"{method} {path}")
            if found:
                return does(*found.groups(), query or body)
        return 404, _error(2100, "Not Found")

    def _calls(self) -> dict[str, Callable[..., Answer]]:
        return {
            "GET /services": self._services,
            "GET /services/(.+)": lambda pk, _: _found("service", self._service(pk)),
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
        return email and {"id": pk, "type": "user", "email": email}

    def _incident(self, pk: str) -> Any:
        return pk in self.incidents and _shown(self.incidents[pk])


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

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            call = f"{self.command} {urlsplit(self.path).path}"
            pager.calls.append(call)
            length = int(self.headers["content-length"])
            body = json.loads(self.rfile.read(length)) if length else None
            status, headers, content = (
                pager.answers.pop(0) if pager.answers else self._said(body)
            )
            if call in pager.loses:
                pager.loses.remove(call)
                self.close_connection = True
                return
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_PUT = do_POST  # noqa: N815 - the names that http.server calls

        def _said(self, body: Any) -> tuple[int, dict[str, str], bytes]:
            status, document = pager.answer(self.command, self.path, self.headers, body)
            return status, {}, json.dumps(document).encode()

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    pager = Pager(f"http://127.0.0.1:{server.server_address[1]}")
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield pager
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
