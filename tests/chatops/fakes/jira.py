"""Jira, as far as we know it: a real HTTP server with a site, its people and a workflow.

Calls, errors and payloads are those of the public references of Jira Cloud (version 3) and Jira
Data Center (version 2). `move` gives what Jira would post to a webhook.
"""

import hashlib
import hmac
import itertools
import json
import re
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.chatops.fakes import adf
from tests.chatops.fakes.serving import Call, Service, serving

TOKEN, EMAIL, SECRET = "ATATT3xFfGF0jiratoken", "plane@example.com", "jira-webhook-secret"
PLANE = "557058:0000-the-plane"
JQL = re.compile(
    r'project = "([A-Z0-9_]+)" AND labels = "([^"]+)" AND creator = currentUser\(\)'
    r" ORDER BY created ASC"
)
TYPES = {"10001": "Task", "10002": "Bug"}
# The name of each transition, the statuses that it leads out of, and the one that it leads to.
WORKFLOW = {
    "11": ("Approve", {"To Do", "Declined"}, "Approved"),
    "21": ("Decline", {"To Do", "Approved"}, "Declined"),
    "31": ("Back", {"Approved", "Declined", "In Progress"}, "To Do"),
    "41": ("Run out", {"To Do", "Approved", "Declined"}, "Expired"),
    "51": ("Withdraw", {"To Do", "Approved", "Declined"}, "Cancelled"),
    "61": ("Start", {"To Do"}, "In Progress"),
}
STATUSES = {"To Do": "1", "Approved": "2", "Declined": "3", "Expired": "4", "Cancelled": "5"}
STATUSES |= {"In Progress": "6"}

Answer = tuple[int, Any]


class Wrong(Exception):
    """Jira says no: a status and a document."""

    def __init__(self, status: int, *messages: str, **errors: str) -> None:
        super().__init__(messages)
        self.answer = status, {"errorMessages": list(messages), "errors": errors}


@dataclass
class Site(Service):
    """What there is, and what was called."""

    version: str = "3"
    projects: dict[str, str] = field(default_factory=lambda: {"OPS": "Operations"})
    people: dict[str, dict[str, Any]] = field(default_factory=dict)
    issues: dict[str, dict[str, Any]] = field(default_factory=dict)
    ways: dict[str, tuple[str, set[str], str]] = field(default_factory=lambda: dict(WORKFLOW))
    locked: set[str] = field(default_factory=set)  # statuses in which nothing can be edited
    needy: set[str] = field(
        default_factory=set
    )  # transitions whose screens have to be filled in
    thinks: float = 0  # for so many seconds before it answers
    is_indexed: bool = True  # whether a search finds what there is
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    # --- the site -------------------------------------------------------------------------------

    def hire(self, name: str, **changed: Any) -> str:
        """Somebody joins, with an address such as bob@example.com; the id of the account."""
        account = f"557058:{name}" if self.version == "3" else f"JIRAUSER-{name}"
        known = {"accountId": account, "accountType": "atlassian"}
        if self.version == "2":
            known = {"key": account, "name": name}
        address = f"{name}@example.com"
        person = {"emailAddress": address, "displayName": name.title(), "active": True}
        self.people[account] = known | person | changed
        return account

    def issue(self) -> dict[str, Any]:
        """The only issue there is."""
        (issue,) = self.issues.values()
        return issue

    def comments(self) -> list[str]:
        return [adf.words_of(one) for one in self.issue()["comments"]]

    def description(self) -> str:
        return adf.words_of(self.issue()["description"])

    def status(self) -> str:
        return self.issue()["status"]

    # --- what people do -------------------------------------------------------------------------

    def move(self, account: str, to: str, *, at: datetime, **changed: Any) -> dict[str, Any]:
        """Somebody drags the issue to this status: the webhook of it."""
        issue = self.issue()
        before, issue["status"] = issue["status"], to
        item = {
            "field": "status",
            "fieldtype": "jira",
            "fieldId": "status",
            "from": STATUSES[before],
            "fromString": before,
            "to": STATUSES[to],
            "toString": to,
        }
        resolution = {"field": "resolution", "fieldtype": "jira", "fieldId": "resolution"}
        items = [resolution | {"from": None, "fromString": None, "to": "1", "toString": "Done"}]
        return {
            "timestamp": int(at.timestamp() * 1000),
            "webhookEvent": "jira:issue_updated",
            "issue_event_type_name": "issue_generic",
            "user": self._shown(account),
            "issue": {
                "id": issue["id"],
                "key": issue["key"],
                "self": f"{self.url}/rest/api/2/{issue['id']}",
                "fields": {
                    "summary": issue["summary"],
                    "labels": issue["labels"],
                    "creator": self._shown(issue["creator"]),
                    "status": {"id": STATUSES[to], "name": to},
                },
            },
            "changelog": {"id": str(10_000 + next(self._numbers)), "items": [*items, item]},
        } | changed

    def _shown(self, account: str) -> dict[str, Any]:
        person = self.people.get(account, {"accountId": account, "accountType": "atlassian"})
        hidden = {"emailAddress"} if self.version == "3" else set()
        return {name: value for name, value in person.items() if name not in hidden}

    # --- the API --------------------------------------------------------------------------------

    def name_of(self, call: Call) -> str:
        return super().name_of(call).replace(f"/rest/api/{self.version}", "")

    def answer(self, call: Call) -> Answer:
        time.sleep(self.thinks)
        pair = b64encode(f"{EMAIL}:{TOKEN}".encode()).decode()
        right = f"Basic {pair}" if self.version == "3" else f"Bearer {TOKEN}"
        if call.headers["authorization"] != right:
            return 401, {"message": "Client must be authenticated to access this resource."}
        given = parse_qs(urlsplit(call.target).query) or call.document
        try:
            for pattern, does in self._calls().items():
                found = re.fullmatch(pattern, self.name_of(call))
                if found:
                    return does(*found.groups(), given)
        except Wrong as wrong:
            return wrong.answer
        except adf.NoDocument:
            return 400, {"errorMessages": ["INVALID_INPUT"], "errors": {}}
        return 404, {"message": "null for uri"}

    def _calls(self) -> dict[str, Callable[..., Answer]]:
        search = "/search/jql" if self.version == "3" else "/search"
        return {
            "GET /myself": lambda _: (200, self.people[PLANE]),
            "GET /user": self._user,
            "GET /project/([^/]+)": self._project,
            f"POST {search}": self._search,
            "POST /issue": self._make,
            "GET /issue/([^/]+)": self._get,
            "PUT /issue/([^/]+)": self._edit,
            "POST /issue/([^/]+)/comment": self._comment,
            "POST /issue/([^/]+)/transitions": self._transition,
            "PUT /issue/([^/]+)/properties/([^/]+)": self._keep,
        }

    def _user(self, query: Any) -> Answer:
        ((named, (account,)),) = query.items()
        assert named == ("accountId" if self.version == "3" else "key")
        if account not in self.people:
            raise Wrong(
                404, "The user does not exist or you do not have permission to view it."
            )
        return 200, self.people[account]

    def _project(self, key: str, _: Any) -> Answer:
        if key not in self.projects:
            raise Wrong(404, f"No project could be found with key '{key}'.")
        types = [{"id": pk, "name": name, "subtask": False} for pk, name in TYPES.items()]
        return 200, {"id": "10000", "name": self.projects[key], "issueTypes": types}

    def _search(self, body: Any) -> Answer:
        project, label = JQL.fullmatch(body["jql"]).groups()
        if project not in self.projects:
            said = f"The value '{project}' does not exist for the field 'project'."
            raise Wrong(400, said)
        found = [
            {"id": pk, "key": one["key"]}
            for pk, one in self.issues.items()
            if self.is_indexed and label in one["labels"] and one["project"] == project
        ]
        return 200, {"issues": found[: body["maxResults"]], "isLast": True}

    def _make(self, body: Any) -> Answer:
        given = dict(body["fields"])
        kind = given.pop("issuetype")
        if kind.get("name") not in TYPES.values() and kind.get("id") not in TYPES:
            raise Wrong(400, issuetype="Specify a valid issue type")
        if len(given["summary"]) > 255 or "\n" in given["summary"]:
            raise Wrong(400, summary="The summary is invalid.")
        self._check(given["description"])
        assert not any(re.search(r"\s", label) for label in given["labels"])
        number = next(self._numbers)
        made = given | {
            "id": str(20_000 + number),
            "key": f"{given['project']['key']}-{number}",
            "project": given["project"]["key"],
            "status": "To Do",
            "creator": PLANE,
            "comments": [],
            "properties": {one["key"]: one["value"] for one in body["properties"]},
        }
        self.issues[made["id"]] = made
        return 201, {"id": made["id"], "key": made["key"], "self": f"{self.url}/issue"}

    def _get(self, pk: str, query: Any) -> Answer:
        issue = self._one(pk)
        asked = {name: value for name, (value,) in query.items()}
        assert asked == {
            "fields": "status",
            "properties": "access-plane",
            "expand": "transitions",
        }
        return 200, {
            "id": pk,
            "key": issue["key"],
            "fields": {"status": _status(issue["status"])},
            "properties": issue["properties"],
            "transitions": [
                {"id": way, "name": name, "to": _status(to), "isAvailable": True}
                for way, (name, out_of, to) in self.ways.items()
                if issue["status"] in out_of
            ],
        }

    def _edit(self, pk: str, body: Any) -> Answer:
        issue = self._one(pk)
        if issue["status"] in self.locked:
            raise Wrong(400, "Issue is not editable in its current workflow state.")
        self._check(body["fields"]["description"])
        issue["description"] = body["fields"]["description"]
        for change in body["update"]["comment"]:
            self._comment(pk, change["add"])
        for one in body["properties"]:
            issue["properties"][one["key"]] = one["value"]
        return 204, None

    def _comment(self, pk: str, body: Any) -> Answer:
        self._check(body["body"])
        self._one(pk)["comments"].append(body["body"])
        return 201, {"id": str(next(self._numbers)), "body": body["body"]}

    def _keep(self, pk: str, name: str, value: Any) -> Answer:
        if self._one(pk)["status"] in self.locked:
            raise Wrong(403, "You do not have permission to edit issues in this project.")
        self._one(pk)["properties"][name] = value
        return 200, None

    def _transition(self, pk: str, body: Any) -> Answer:
        issue, wanted = self._one(pk), body["transition"]["id"]
        if wanted not in self.ways or issue["status"] not in self.ways[wanted][1]:
            raise Wrong(400, "It seems that you have tried to perform an illegal operation.")
        if wanted in self.needy:
            raise Wrong(400, resolution="Resolution is required.")
        issue["status"] = self.ways[wanted][2]
        return 204, None

    def _one(self, pk: str) -> dict[str, Any]:
        if pk not in self.issues:
            raise Wrong(404, "Issue does not exist or you do not have permission to see it.")
        return self.issues[pk]

    def _check(self, text: Any) -> None:
        if self.version == "3":
            adf.check(text)
        else:
            assert isinstance(text, str)
        if len(text if self.version == "2" else json.dumps(text)) > adf.LONGEST:
            said = "The entered text is too long. It exceeds the allowed limit of 32,767 characters."
            raise Wrong(400, description=said)


def _status(name: str) -> dict[str, str]:
    return {"id": STATUSES[name], "name": name}


def signature(body: bytes, secret: str = SECRET) -> str:
    """The header that signs a webhook."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


@contextmanager
def tracking(version: str = "3") -> Iterator[Site]:
    """Jira, for as long as the block lasts."""
    site = Site(version=version)
    site.people[PLANE] = {
        "accountId" if version == "3" else "key": PLANE,
        "displayName": "Access Plane",
        "emailAddress": EMAIL,
        "active": True,
    }
    with serving(site.hear) as site.url:
        yield site
