"""Who gets what at which door: the whole matrix, one row for each method of each address.

The rows must be those of the address book: a new endpoint without a row fails.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction
from django.test import Client
from django.urls import get_resolver
from rest_framework.settings import api_settings

from accessplane.lib.sockets import SocketEndpoint
from audit import services
from audit.models import LedgerEntry
from chatops.channels.email import links
from chatops.models import ChannelConfig, Delegation, Posting, Route
from chatops.services import sending
from identity.models import ApiToken, User
from tests.rules.doors import doors
from tests.rules.plane import (
    PROBLEM,
    Plane,
    address,
    mail,
    role,
    route_to,
    user,
    webhook,
    workflow,
)

PEOPLE = ("nobody", "mallory", "bob", "alice", "carol", "auditor", "dana", "robot")


@dataclass
class Stage:
    """What the doors are about: all of it is bob's. alice reviews; robot is bob's bot."""

    plane: Plane
    asked: str
    granted: str
    grant: str
    token: str
    posting: str
    mailed: str
    delegation: str
    channel: str
    route: str

    def filled(self, route: str) -> str:
        names = {
            "<uuid:request_id>/grants/<uuid:grant_id>": f"{self.granted}/grants/{self.grant}",
            "<uuid:request_id>": self.asked,
            "<int:sequence>": str(LedgerEntry.objects.get(event__about_id=self.asked).pk),
            "<str:workflow>": "ticket",
            "<uuid:account_id>": "00000000-0000-0000-0000-00000000dead",
            "chatops/email/<str:token>": f"chatops/email/{self.mailed}",
            "<str:kind>/<str:door>": "pagerduty/webhook",
            "<str:token>": "forged",
            "<uuid:grant_id>": self.grant,
            "<uuid:token_id>": self.token,
            "<uuid:channel_id>": self.channel,
            "<uuid:route_id>": self.route,
            "channels/add/<str:kind>": "channels/add/webhook",
            "workflows/<str:name>": "workflows/ticket",
            "<uuid:posting_id>": self.posting,
            "<uuid:delegation_id>": self.delegation,
            r"^channels/(?P<name>[^/\x00]+)/": "channels/hook/",
            r"^routes/(?P<name>[^/\x00]+)/$": "routes/all/",
            "channels/hook/$": "channels/hook/",
            "test/$": "test/",
            r"^users/(?P<email>[^/\x00]+)/": "users/bob@example.com/",
            "bob@example.com/$": "bob@example.com/",
            "invitation/$": "invitation/",
            r"^roles/(?P<name>[^\x00]+)/$": "roles/dba/",
            r"^roles/(?P<name>[^\x00]+)$": "roles/dba",
            r"^people/(?P<email>[^\x00]+)$": "people/bob@example.com",
        }
        for name, value in names.items():
            route = route.replace(name, value)
        return "/" + route


@pytest.fixture
def stage(db, clock) -> Stage:
    plane = Plane(clock, nullcontext)
    plane.apply(
        role("dba"),
        role("dev-web"),
        role("other"),
        role("developer", request=["dba", "dev-*"]),
        role("lead", review=["dba", "dev-*"]),
        role("elsewhere", request=["other"], review=["other"]),
        role("stranger"),
        user("mallory", "stranger"),
        user("bob", "developer"),
        user("alice", "lead"),
        user("carol", "elsewhere"),
        user("auditor", "auditor"),
        user("dana", "admin"),
        user("robot", "stranger", owner="bob"),
        workflow("ticket", engine="bot", bot="robot@example.com", roles=["dba"]),
        webhook("hook", "http://127.0.0.1/"),  # which may not be called from here
        route_to("all", "hook"),
    )
    asked = plane.ask("bob", "dba")
    services.drain(at=clock.now())
    sending.send_due(at=clock.now())
    granted = plane.approve("alice", plane.ask("bob", "dev-web"))
    posting = Posting.objects.get()
    plane.apply(mail("post"))
    for name in PEOPLE[1:]:
        plane.secret_of(name)
    away = {"delegate": address("alice"), "ends_at": "2026-03-09T12:00:00Z"}
    plane.call("bob", "POST", "/api/v1/delegations/", away)
    return Stage(
        plane=plane,
        asked=asked["id"],
        granted=granted["id"],
        grant=granted["grants"][0]["id"],
        token=str(ApiToken.objects.get(user__email="bob@example.com").pk),
        posting=str(posting.pk),
        mailed=links.token_of(
            links.Invitation(
                ChannelConfig.objects.get(name="post").pk, UUID(asked["id"]), address("alice")
            )
        ),
        delegation=str(Delegation.objects.get().pk),
        channel=str(ChannelConfig.objects.get(name="hook").pk),
        route=str(Route.objects.get(name="all").pk),
    )


@contextmanager
def undone() -> Iterator[None]:
    """Whatever is done inside is taken back. For the plane it is the test's own transaction."""
    block = transaction.atomic()
    block._from_testcase = True
    with block:
        yield
        transaction.set_rollback(True)


# One status for each of PEOPLE, in that order, or one for all of them.
Row = tuple[Any, int | tuple[int, ...]]
CHANNEL = r"^channels/(?P<name>[^/\x00]+)/"
# Of pages about channels: who sees them, and who may change them.
SEES_CHANNELS = (302, 404, 404, 404, 404, 200, 200, 404)
CHANGES_CHANNELS = (302, 404, 404, 404, 404, 403, 200, 404)
SIGNED_IN = (401, 200, 200, 200, 200, 200, 200, 200)

API: dict[tuple[str, str], Row] = {
    ("GET", "access-requests/"): (None, SIGNED_IN),
    ("POST", "access-requests/"): (
        {"roles": ["dba", "dev-web"]},
        (401, 400, 201, 400, 400, 400, 400, 400),
    ),
    ("GET", "access-requests/explanation/"): (
        "?role=dba&user=bob@example.com",
        (401, 403, 200, 403, 403, 200, 200, 403),
    ),
    ("GET", "access-requests/<uuid:request_id>/"): (
        None,
        (401, 404, 200, 200, 404, 200, 200, 200),
    ),
    ("POST", "access-requests/<uuid:request_id>/cancel/"): (
        {},
        (401, 404, 200, 403, 404, 403, 403, 403),
    ),
    ("POST", "access-requests/<uuid:request_id>/reviews/"): (
        {"decision": "APPROVE"},
        (401, 404, 403, 201, 404, 403, 403, 403),
    ),
    ("POST", "access-requests/<uuid:request_id>/resolve/"): (
        {"state": "DENIED", "reason": "x"},
        (401, 404, 403, 403, 404, 403, 200, 403),
    ),
    ("GET", "access-requests/<uuid:request_id>/checks/<str:workflow>/"): (
        None,
        (401, 404, 403, 403, 404, 403, 403, 200),
    ),
    ("POST", "access-requests/<uuid:request_id>/checks/<str:workflow>/"): (
        {"verdict": "ALLOW"},
        (401, 404, 403, 403, 404, 403, 403, 200),
    ),
    ("GET", "workflows/"): (None, SIGNED_IN),
    ("GET", "workflows/<str:name>/"): (None, (401, 404, 404, 404, 404, 200, 200, 404)),
    ("GET", "grants/"): (None, SIGNED_IN),
    ("GET", "grants/<uuid:grant_id>/"): (None, (401, 404, 200, 200, 404, 200, 200, 404)),
    ("POST", "grants/<uuid:grant_id>/end/"): ({}, (401, 404, 200, 403, 404, 403, 403, 404)),
    ("POST", "grants/<uuid:grant_id>/revoke/"): (
        {"reason": "x"},
        (401, 404, 403, 200, 404, 403, 200, 404),
    ),
    ("GET", "access/check/"): (
        "?role=dba&user=bob@example.com",
        (401, 403, 200, 403, 403, 200, 200, 403),
    ),
    ("GET", "channels/"): (None, SIGNED_IN),
    ("GET", f"{CHANNEL}$"): (None, (401, 404, 404, 404, 404, 200, 200, 404)),
    ("POST", f"{CHANNEL}test/$"): ({}, (401, 404, 404, 404, 404, 403, 200, 404)),
    ("GET", "routes/"): (None, SIGNED_IN),
    ("GET", r"^routes/(?P<name>[^/\x00]+)/$"): (
        None,
        (401, 404, 404, 404, 404, 200, 200, 404),
    ),
    ("GET", "delegations/"): (None, SIGNED_IN),
    ("POST", "delegations/"): (
        {"delegate": "alice@example.com", "ends_at": "2026-03-09T12:00:00Z"},
        (401, 201, 201, 400, 201, 201, 201, 403),
    ),
    ("DELETE", "delegations/<uuid:delegation_id>/"): (
        None,
        (401, 404, 200, 404, 404, 404, 404, 404),
    ),
    ("GET", "postings/"): (None, SIGNED_IN),
    ("GET", "postings/<uuid:posting_id>/"): (
        None,
        (401, 404, 404, 404, 404, 200, 200, 404),
    ),
    ("POST", "postings/<uuid:posting_id>/send/"): (
        {},
        (401, 404, 404, 404, 404, 403, 200, 404),
    ),
    ("GET", "users/"): (None, SIGNED_IN),
    ("GET", "users/me/"): (None, SIGNED_IN),
    ("GET", r"^users/(?P<email>[^/\x00]+)/$"): (
        None,
        (401, 404, 200, 404, 404, 200, 200, 404),
    ),
    ("POST", r"^users/(?P<email>[^/\x00]+)/invitation/$"): (
        {},
        (401, 404, 403, 404, 404, 403, 201, 404),
    ),
    ("GET", "roles/"): (None, SIGNED_IN),
    ("GET", "roles/requestable/"): (None, SIGNED_IN),
    ("GET", r"^roles/(?P<name>[^\x00]+)/$"): (None, (401, 404, 200, 404, 404, 200, 200, 404)),
    ("GET", "tokens/"): (None, SIGNED_IN),
    ("POST", "tokens/"): ({}, (401, 201, 201, 201, 201, 201, 201, 201)),
    ("DELETE", "tokens/<uuid:token_id>/"): (None, (401, 404, 200, 404, 404, 404, 404, 404)),
    ("POST", "apply/"): (
        [{"kind": "role", "version": "v1", "metadata": {"name": "made"}}],
        (401, 403, 403, 403, 403, 403, 200, 403),
    ),
    ("GET", "events/"): (None, SIGNED_IN),
    ("GET", "schema/"): (None, 200),
    ("GET", "docs/"): (None, 200),
    ("GET", ""): (None, 404),
}

# Pages: 302 sends nobody to the sign-in, and everybody else to what was done.
PAGES: dict[tuple[str, str], Row] = {
    ("GET", "healthz"): (None, 200),
    ("GET", "readyz"): (None, 200),
    ("GET", "metrics"): (None, 200),  # from this machine
    ("POST", "theme"): ({"theme": "dark"}, 302),
    ("POST", "zone"): ({"zone": "Europe/Berlin"}, 302),
    ("GET", "find"): (None, (302, 200, 200, 200, 200, 200, 200, 200)),
    ("GET", ""): (None, (302, 200, 200, 200, 200, 200, 200, 200)),
    ("GET", "reviews"): (None, (302, 200, 200, 200, 200, 200, 200, 200)),
    ("GET", "reviews/decided"): (None, (302, 200, 200, 200, 200, 200, 200, 200)),
    ("GET", "reviews/several"): (None, (302, 200, 200, 200, 200, 200, 200, 200)),
    ("POST", "reviews/several"): ({}, (302, 200, 200, 200, 200, 200, 200, 200)),
    ("GET", "channels/postings"): (None, (302, 404, 404, 404, 404, 200, 200, 404)),
    ("GET", "channels/postings/<uuid:posting_id>/send"): (None, 302),
    ("POST", "channels/postings/<uuid:posting_id>/send"): (
        {},
        (302, 404, 404, 404, 404, 403, 302, 404),
    ),
    ("GET", "requests/new"): (None, (302, 200, 200, 200, 200, 200, 200, 200)),
    ("POST", "requests/new"): (
        {"roles": ["dba", "dev-web"]},
        (302, 400, 302, 400, 400, 400, 400, 400),
    ),
    # Nobody without a signature of Slack's, whoever has signed in here.
    ("POST", "chatops/slack/interactions"): ({}, 401),
    ("POST", "chatops/slack/commands"): ({}, 401),
    ("POST", "chatops/slack/events"): ({}, 401),
    # Nobody without a signature of the service's, whoever has signed in here.
    ("POST", "chatops/<str:kind>/<str:door>"): ({}, 401),
    ("GET", "link/<str:token>"): (None, (302, 404, 404, 404, 404, 404, 404, 404)),
    ("POST", "link/<str:token>"): ({}, (302, 404, 404, 404, 404, 404, 404, 404)),
    # Of the link in alice's mail.
    ("GET", "chatops/email/<str:token>"): (None, (302, 403, 403, 200, 403, 403, 403, 403)),
    ("POST", "chatops/email/<str:token>"): (
        {"decision": "APPROVE"},
        (302, 403, 403, 302, 403, 403, 403, 403),
    ),
    ("GET", "channels"): (None, SEES_CHANNELS),
    ("GET", "channels/add/<str:kind>"): (None, CHANGES_CHANNELS),
    ("POST", "channels/add/<str:kind>"): (
        {"name": "x"},
        (302, 404, 404, 404, 404, 403, 400, 404),
    ),
    ("GET", "channels/<uuid:channel_id>"): (None, SEES_CHANNELS),
    ("GET", "channels/<uuid:channel_id>/edit"): (None, CHANGES_CHANNELS),
    ("POST", "channels/<uuid:channel_id>/edit"): (
        {"set_url": "https://example.com/"},
        (302, 404, 404, 404, 404, 403, 400, 404),
    ),
    ("GET", "channels/<uuid:channel_id>/sample"): (None, 302),
    ("POST", "channels/<uuid:channel_id>/sample"): (
        {},
        (302, 404, 404, 404, 404, 403, 302, 404),
    ),
    ("GET", "channels/<uuid:channel_id>/routes/add"): (None, CHANGES_CHANNELS),
    ("POST", "channels/<uuid:channel_id>/routes/add"): (
        {"name": "more"},
        (302, 404, 404, 404, 404, 403, 302, 404),
    ),
    ("GET", "routes/<uuid:route_id>"): (None, CHANGES_CHANNELS),
    ("POST", "routes/<uuid:route_id>"): (
        {},
        (302, 404, 404, 404, 404, 403, 302, 404),
    ),
    ("GET", "settings"): (None, (302, 200, 200, 200, 200, 200, 200, 200)),
    ("GET", "settings/language"): (None, 302),
    ("POST", "settings/language"): ({"language": "de"}, 302),
    ("GET", "words/<str:language>.js"): (
        None,
        404,
    ),  # there is no language of the name in the row
    ("GET", "settings/tokens"): (None, (302, 200, 200, 200, 200, 200, 200, 200)),
    ("POST", "settings/tokens"): (
        {"name": "script", "ttl": "7"},
        (302, 200, 200, 200, 200, 200, 200, 200),
    ),
    ("GET", "settings/tokens/<uuid:token_id>/revoke"): (None, 302),
    ("POST", "settings/tokens/<uuid:token_id>/revoke"): ({}, 302),
    ("GET", "notifications"): (None, (302, 200, 200, 200, 200, 200, 200, 200)),
    ("POST", "notifications"): ({}, 302),
    ("GET", "notifications/delegations"): (None, 302),
    ("POST", "notifications/delegations"): (
        {"delegate": "alice@example.com", "ends_at": "2026-03-09T12:00"},
        (302, 302, 302, 400, 302, 302, 302, 403),
    ),
    ("GET", "notifications/delegations/<uuid:delegation_id>/end"): (None, 302),
    ("POST", "notifications/delegations/<uuid:delegation_id>/end"): (
        {},
        (302, 404, 302, 404, 404, 404, 404, 404),
    ),
    ("GET", "notifications/<uuid:account_id>/unlink"): (None, 302),
    ("POST", "notifications/<uuid:account_id>/unlink"): ({}, 302),
    ("GET", "explain"): (None, (302, 200, 200, 200, 200, 200, 200, 200)),
    ("GET", "audit"): (None, (302, 200, 200, 200, 200, 200, 200, 200)),
    ("GET", "audit/events.csv"): (None, (302, 200, 200, 200, 200, 200, 200, 200)),
    ("GET", "audit/events.jsonl"): (None, (302, 200, 200, 200, 200, 200, 200, 200)),
    # Of the first event about bob's request.
    ("GET", "audit/<int:sequence>"): (None, (302, 404, 200, 200, 404, 200, 200, 200)),
    ("GET", "grants"): (None, (302, 200, 200, 200, 200, 200, 200, 200)),
    ("GET", "grants/grants.csv"): (None, (302, 200, 200, 200, 200, 200, 200, 200)),
    ("GET", "grants/<uuid:grant_id>/revoke"): (None, 302),
    ("POST", "grants/<uuid:grant_id>/revoke"): (
        {"reason": "x"},
        (302, 404, 403, 302, 404, 403, 302, 404),
    ),
    ("GET", "insights"): (None, (302, 404, 404, 404, 404, 200, 200, 404)),
    ("GET", "roles"): (None, (302, 200, 200, 200, 200, 200, 200, 200)),
    ("GET", r"^roles/(?P<name>[^\x00]+)$"): (None, (302, 404, 200, 404, 404, 200, 200, 404)),
    ("GET", r"^people/(?P<email>[^\x00]+)$"): (
        None,
        (302, 404, 200, 200, 404, 200, 200, 200),
    ),
    ("GET", "workflows"): (None, (302, 404, 404, 404, 404, 200, 200, 404)),
    ("GET", "workflows/<str:name>"): (None, (302, 404, 404, 404, 404, 200, 200, 404)),
    ("GET", "requests/<uuid:request_id>"): (None, (302, 404, 200, 200, 404, 200, 200, 200)),
    ("GET", "requests/<uuid:request_id>/cancel"): (None, 302),
    ("POST", "requests/<uuid:request_id>/cancel"): (
        {},
        (302, 404, 302, 403, 404, 403, 403, 403),
    ),
    ("GET", "requests/<uuid:request_id>/review"): (None, 302),
    ("POST", "requests/<uuid:request_id>/review"): (
        {"decision": "APPROVE"},
        (302, 404, 403, 302, 404, 403, 403, 403),
    ),
    ("GET", "requests/<uuid:request_id>/resolve"): (None, 302),
    ("POST", "requests/<uuid:request_id>/resolve"): (
        {"state": "DENIED", "reason": "x"},
        (302, 404, 403, 403, 404, 403, 302, 403),
    ),
    ("GET", "requests/<uuid:request_id>/grants/<uuid:grant_id>/end"): (None, 302),
    ("POST", "requests/<uuid:request_id>/grants/<uuid:grant_id>/end"): (
        {},
        (302, 404, 302, 403, 404, 403, 403, 404),
    ),
    ("GET", "requests/<uuid:request_id>/grants/<uuid:grant_id>/revoke"): (None, 302),
    ("POST", "requests/<uuid:request_id>/grants/<uuid:grant_id>/revoke"): (
        {"reason": "x"},
        (302, 404, 403, 302, 404, 403, 302, 404),
    ),
}

ACCOUNTS = "accounts/"
ADMIN = "admin/"  # has a matrix of its own: tests/admin/test_rights.py
PREFIX = "api/v1/"
ROWS = {(method, PREFIX + route): row for (method, route), row in API.items()} | PAGES


def test_r0_every_door_has_its_row():
    found = {
        (method, door.route)
        for door in doors()
        if not door.route.startswith((ACCOUNTS, ADMIN))
        for method in door.methods
    }

    assert found - set(ROWS) == set(), "these doors have no row"
    assert set(ROWS) - found == set(), "these rows have no door"


def _statuses(stage: Stage, deed: Callable[[str], int]) -> tuple[int, ...]:
    found = []
    for name in PEOPLE:
        with undone():
            found.append(deed(name))
    return tuple(found)


def _expected(row: Row) -> tuple[int, ...]:
    return (row[1],) * len(PEOPLE) if isinstance(row[1], int) else row[1]


@pytest.mark.parametrize("key", list(API), ids=" ".join)
def test_r0_who_gets_what_over_rest(stage, key):
    method, route = key
    given = API[key][0]
    query = given if isinstance(given, str) else ""
    path = stage.filled(PREFIX + route) + query

    def deed(name: str) -> int:
        body = None if query else given
        answer = stage.plane.call(None if name == "nobody" else name, method, path, body)
        if answer.status >= 400:
            assert answer.content_type == PROBLEM
        return answer.status

    assert _statuses(stage, deed) == _expected(API[key])


@pytest.mark.parametrize("key", list(PAGES), ids=" ".join)
def test_r0_who_gets_what_on_the_pages(stage, key):
    method, route = key
    path = stage.filled(route)

    def deed(name: str) -> int:
        client = Client()
        if name != "nobody":
            client.force_login(User.objects.get(email=address(name)))
        response = client.generic(
            method, path, _as_form(PAGES[key][0]), "application/x-www-form-urlencoded"
        )
        if name == "nobody" and response.status_code == 302:
            assert response.headers["Location"].startswith("/accounts/login/")
        return response.status_code

    assert _statuses(stage, deed) == _expected(PAGES[key])


def _as_form(given: dict[str, Any] | None) -> str:
    pairs = [
        (key, one)
        for key, value in (given or {}).items()
        for one in (value if isinstance(value, list) else [value])
    ]
    return "&".join(f"{key}={value}" for key, value in pairs)


def test_r0_the_pages_of_accounts_give_nobody_a_role_or_an_account(stage):
    """Signing up is closed, and whatever stands there changes nothing for nobody."""
    for door in doors():
        if not door.route.startswith(ACCOUNTS) or "(?P<" in door.route:
            continue
        for method in door.methods:
            response = Client().generic(
                method,
                f"/{door.route}",
                "email=eve@example.com&password1=Correct-Horse-1&password2=Correct-Horse-1",
                "application/x-www-form-urlencoded",
            )
            assert response.status_code < 500, (method, door.route)
    assert not User.objects.filter(email="eve@example.com").exists()


@pytest.mark.parametrize("door", [one for one in doors() if one.is_api], ids=lambda d: d.route)
def test_r0_any_other_method_is_405(stage, door):
    if door.route == PREFIX:
        return  # what does not exist answers 404 to everything
    path = stage.filled(door.route)
    for method in {"GET", "POST", "PUT", "PATCH", "DELETE", "TRACE"} - set(door.methods):
        answer = stage.plane.call("dana", method, path, {} if method != "GET" else None)
        problem = answer.refused(405, "method_not_allowed")
        assert problem["title"] == "Method Not Allowed"
        if "schema" not in path and "docs" not in path:
            nobody = stage.plane.call(None, method, path)
            assert nobody.status in {401, 405}


def test_r0_a_page_s_session_needs_the_csrf_token_over_rest(stage):
    client = Client(enforce_csrf_checks=True)
    client.force_login(User.objects.get(email="bob@example.com"))

    response = client.post("/api/v1/tokens/", "{}", "application/json")

    assert (response.status_code, response.json()["code"]) == (403, "not_permitted")
    assert client.get("/api/v1/users/me/").json()["email"] == "bob@example.com"


@pytest.mark.parametrize(
    "header",
    ["", "Bearer", "Bearer ", "Bearer ap_wrong", "Basic Ym9iOmJvYg==", "Token x", "bearer\tx",
     "Bearer ap_\u00e4", "Bearer " + "x" * 5000],
)  # fmt: skip
def test_r0_a_wrong_token_is_nobody(stage, header):
    answer = stage.plane.call(None, "GET", "users/me/", headers={"Authorization": header})

    answer.refused(401, "not_authenticated")


def test_r0_a_token_that_expired_or_was_revoked_opens_nothing(stage):
    plane = stage.plane
    short = plane.post("bob", "tokens/", {"ttl": "1h"}).got(201)
    long = plane.post("bob", "tokens/", {"ttl": "1d"}).got(201)

    def opens(token) -> bool:
        headers = {"Authorization": f"Bearer {token['token']}"}
        return plane.call(None, "GET", "users/me/", headers=headers).status == 200

    assert opens(short)
    plane.clock.set(3600)
    assert not opens(short)
    assert opens(long)
    plane.call("bob", "DELETE", f"tokens/{long['id']}/").got(200)
    assert not opens(long)
    plane.call("bob", "DELETE", f"tokens/{long['id']}/").refused(404, "not_found")


def test_r0_a_token_does_not_outlast_the_one_it_was_made_with(stage):
    plane = stage.plane
    short = plane.post("bob", "tokens/", {"ttl": "1h"}).got(201)
    headers = {"Authorization": f"Bearer {short['token']}"}

    made = plane.call(None, "POST", "tokens/", {"ttl": "30d"}, headers=headers).got(201)

    assert made["expires_at"] == short["expires_at"]


def test_r0_an_inactive_user_is_nobody_at_every_door(stage):
    stage.plane.apply(user("bob", "developer", active=False))

    for method, route in API:
        if route in {"schema/", "docs/", ""}:
            continue
        answer = stage.plane.call("bob", method, stage.filled(PREFIX + route), None)
        answer.refused(401, "not_authenticated")


def test_r0_every_socket_is_opened_as_a_call_is():
    """Their handshakes go through the same checks as REST, and through none less."""
    found = [
        pattern.callback.cls
        for pattern in get_resolver("accessplane.routing").url_patterns
        if hasattr(pattern.callback, "cls")
    ]

    assert found
    for view in found:
        assert issubclass(view, SocketEndpoint)
        assert view.authentication_classes == api_settings.DEFAULT_AUTHENTICATION_CLASSES
        assert view.permission_classes == api_settings.DEFAULT_PERMISSION_CLASSES
        assert view.throttle_classes == api_settings.DEFAULT_THROTTLE_CLASSES
