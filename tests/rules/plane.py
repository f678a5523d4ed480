"""A small plane to play rules on: configuration, callers with real tokens, and a clock to move.

Everything goes through the REST API; the doors are the published ones.
"""

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.test import Client
from django.utils import timezone

from accessplane.lib.actors import console
from identity import documents
from identity.models import User
from identity.services import configuration, tokens

CONSOLE = console("rules")
MISSING = "00000000-0000-0000-0000-00000000dead"
BEGINNING = datetime(2026, 3, 2, 12, tzinfo=UTC)
PROBLEM = "application/problem+json"
MINUTE, HOUR, DAY = 60, 3_600, 86_400


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.moment = BEGINNING

    def now(self) -> datetime:
        return self.moment

    def set(self, seconds: float) -> None:
        """So many seconds after the beginning."""
        self.moment = BEGINNING + timedelta(seconds=seconds)


@dataclass(frozen=True)
class Answer:
    """What one call gave."""

    status: int
    content_type: str
    body: Any

    def got(self, status: int = 200) -> Any:
        """The body of an answer with this status."""
        assert self.status == status, f"{self.status}, not {status}: {self.body}"
        return self.body

    def refused(self, status: int, code: str) -> dict[str, Any]:
        """The problem document of a refusal with this status and code."""
        assert self.content_type == PROBLEM, f"{self.status} {self.body}"
        assert (self.status, self.body["code"]) == (status, code), self.body
        assert self.body["status"] == status
        assert self.body["detail"]
        assert isinstance(self.body["errors"], dict)
        return self.body


def address(name: str) -> str:
    """`kim` is kim@example.com."""
    return name if "@" in name else f"{name}@example.com"


def at(seconds: float) -> str:
    """The time so many seconds after the beginning, as RFC 3339 has it."""
    return (BEGINNING + timedelta(seconds=seconds)).isoformat().replace("+00:00", "Z")


def seconds_of(text: str) -> float:
    """How many seconds after the beginning a time of an answer is."""
    return (datetime.fromisoformat(text) - BEGINNING).total_seconds()


def role(name: str, **spec: Any) -> dict[str, Any]:
    """A role document. `request`, `review`, `deny_request`, `deny_review`, `rules` and `options`
    name its parts; `request` and `review` may be just the list of patterns."""
    document: dict[str, Any] = {"allow": {}, "deny": {}}
    places = {
        "request": ("allow", "request"),
        "review": ("allow", "review_requests"),
        "deny_request": ("deny", "request"),
        "deny_review": ("deny", "review_requests"),
    }
    for key, (side, field) in places.items():
        if key in spec:
            given = spec.pop(key)
            document[side][field] = {"roles": given} if isinstance(given, list) else given
    if "rules" in spec:
        document["allow"]["rules"] = [
            {"resources": [resource], "verbs": [verb]} for verb, resource in spec.pop("rules")
        ]
    description = spec.pop("description", "")
    labels = spec.pop("labels", {})
    return {
        "kind": "role",
        "version": "v1",
        "metadata": {"name": name, "description": description, "labels": labels},
        "spec": document | spec,
    }


def user(name: str, *roles: str, **spec: Any) -> dict[str, Any]:
    """A user document; its roles may be empty."""
    if "owner" in spec:
        spec = {"bot": True} | spec | {"owner": address(spec["owner"])}
    return {
        "kind": "user",
        "version": "v1",
        "metadata": {"name": address(name)},
        "spec": {"roles": list(roles)} | spec,
    }


def workflow(name: str, **spec: Any) -> dict[str, Any]:
    """A workflow document."""
    return {"kind": "workflow", "version": "v1", "metadata": {"name": name}, "spec": spec}


def webhook(name: str, url: str, **spec: Any) -> dict[str, Any]:
    """A channel document of the type webhook."""
    spec = {"type": "webhook", "settings": {"url": url, "secret": "a plain secret"}} | spec
    return {"kind": "channel", "version": "v1", "metadata": {"name": name}, "spec": spec}


def mail(name: str, **spec: Any) -> dict[str, Any]:
    """A channel document of the type email."""
    spec = {"type": "email", "settings": {"sender": "access@example.com"}} | spec
    return {"kind": "channel", "version": "v1", "metadata": {"name": name}, "spec": spec}


def route_to(name: str, channel: str, **spec: Any) -> dict[str, Any]:
    """A route document."""
    spec = {"channel": channel} | spec
    return {"kind": "route", "version": "v1", "metadata": {"name": name}, "spec": spec}


class Plane:
    """The plane of one test, with the administrator `root`."""

    def __init__(
        self, clock: Clock, committing: Callable[[], AbstractContextManager[Any]]
    ) -> None:
        self.clock = clock
        self._committing = committing
        self._client = Client(raise_request_exception=False)
        self._secrets: dict[str, str] = {}
        configuration.apply_documents(
            documents.from_values([user("root", "admin")], source="root"),
            by=CONSOLE,
            may=configuration.everything,
            at=timezone.now(),
        )

    # --- calls ----------------------------------------------------------------------------------

    def call(
        self,
        actor: str | None,
        method: str,
        path: str,
        body: Any = None,
        *,
        headers: dict[str, str] | None = None,
        kind: str = "application/json",
    ) -> Answer:
        """One call; `path` stands below /api/v1/, `body` is JSON unless it is bytes."""
        headers = dict(headers or {})
        if actor is not None:
            headers.setdefault("Authorization", f"Bearer {self.secret_of(actor)}")
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        if body is None:
            data = b""
        where = path if path.startswith("/") else f"/api/v1/{path}"
        if where.startswith("http"):
            where = where.removeprefix("http://testserver")
        with self._committing():
            response = self._client.generic(method, where, data, kind, headers=headers)
        text = b"".join(response) if response.streaming else response.content
        is_json = "json" in response.headers.get("Content-Type", "")
        return Answer(
            status=response.status_code,
            content_type=response.headers.get("Content-Type", ""),
            body=json.loads(text) if is_json and text else text.decode(errors="replace"),
        )

    def get(self, actor: str | None, path: str) -> Answer:
        return self.call(actor, "GET", path)

    def post(self, actor: str | None, path: str, body: Any = None) -> Answer:
        return self.call(actor, "POST", path, body)

    def secret_of(self, actor: str) -> str:
        """The actor's bearer token, which outlasts every test."""
        if actor not in self._secrets:
            holder = User.objects.get(email=address(actor))
            _, self._secrets[actor] = tokens.create_token(
                user=holder, ttl=tokens.LONGEST_TTL, by=CONSOLE, at=BEGINNING
            )
        return self._secrets[actor]

    # --- deeds ----------------------------------------------------------------------------------

    def apply(self, *values: dict[str, Any]) -> dict[str, Any]:
        """Apply documents as the administrator."""
        return self.try_apply(*values).got(200)

    def try_apply(self, *values: dict[str, Any], by: str = "root") -> Answer:
        return self.post(by, "apply/", list(values))

    def try_asking(self, actor: str, *roles: str, **more: Any) -> Answer:
        return self.post(actor, "access-requests/", {"roles": list(roles)} | more)

    def ask(self, actor: str, *roles: str, **more: Any) -> dict[str, Any]:
        """A new request of the actor."""
        return self.try_asking(actor, *roles, **more).got(201)

    def plan(self, actor: str, *roles: str, **more: Any) -> dict[str, Any]:
        """What a dry run says."""
        return self.try_asking(actor, *roles, dry_run=True, **more).got(200)["plan"]

    def review(
        self, actor: str, request: dict[str, Any], decision: str = "APPROVE", **more: Any
    ) -> Answer:
        path = f"access-requests/{request['id']}/reviews/"
        return self.post(actor, path, {"decision": decision} | more)

    def approve(self, actor: str, request: dict[str, Any], **more: Any) -> dict[str, Any]:
        """The request after the actor's approval."""
        return self.review(actor, request, **more).got(201)["request"]

    def deny(self, actor: str, request: dict[str, Any], **more: Any) -> dict[str, Any]:
        """The request after the actor's denial."""
        return self.review(actor, request, "DENY", **more).got(201)["request"]

    def force(
        self, actor: str, request: dict[str, Any], state: str = "APPROVED", **more: Any
    ) -> Answer:
        body = {"state": state, "reason": "on call"} | more
        return self.post(actor, f"access-requests/{request['id']}/resolve/", body)

    def cancel(self, actor: str, request: dict[str, Any], **more: Any) -> Answer:
        return self.post(actor, f"access-requests/{request['id']}/cancel/", more)

    def end(self, actor: str, grant: dict[str, Any], **more: Any) -> Answer:
        return self.post(actor, f"grants/{grant['id']}/end/", more)

    def revoke(self, actor: str, grant: dict[str, Any], reason: str = "left") -> Answer:
        return self.post(actor, f"grants/{grant['id']}/revoke/", {"reason": reason})

    def grant_of(self, actor: str, role_name: str, by: str, **more: Any) -> dict[str, Any]:
        """A grant of one role, asked for and approved."""
        done = self.approve(by, self.ask(actor, role_name, **more))
        assert done["state"] == "APPROVED", done
        return done["grants"][0]

    # --- what is seen ---------------------------------------------------------------------------

    def read(self, request: dict[str, Any], actor: str = "root") -> dict[str, Any]:
        """The request as the actor reads it."""
        return self.get(actor, f"access-requests/{request['id']}/").got(200)

    def state(self, request: dict[str, Any]) -> str:
        return self.read(request)["state"]

    def grant(self, grant: dict[str, Any], actor: str = "root") -> dict[str, Any]:
        return self.get(actor, f"grants/{grant['id']}/").got(200)

    def listed(self, actor: str, path: str) -> list[str]:
        """The ids of a list."""
        return [row["id"] for row in self.get(actor, path).got(200)["results"]]

    def holds(self, name: str, role_name: str) -> bool:
        """Whether the user holds the role, as the user is told."""
        return self.get(name, f"access/check/?role={role_name}").got(200)["allowed"]

    def events(self, reader: str = "root", **query: Any) -> list[dict[str, Any]]:
        """The events that the reader sees."""
        text = "&".join(f"{key}={value}" for key, value in {"limit": 200, **query}.items())
        return self.get(reader, f"events/?{text}").got(200)["results"]

    def told(self, reader: str = "root", **query: Any) -> list[str]:
        """The types of the events that the reader sees."""
        return [event["type"] for event in self.events(reader, **query)]
