"""Teams, Microsoft Entra and Graph, as far as we know them: a real HTTP server behind all of them.

Calls, errors and payloads are those of the public references. `press` gives the activity that the
Bot Connector would post when somebody presses a button, `signed` the header that comes with it.
"""

import itertools
import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from threading import Event
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit
from uuid import NAMESPACE_DNS, uuid5

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.chatops.fakes import adaptive_cards
from tests.chatops.fakes.serving import Call, Given, Service, serving

APP, TENANT, APP_SECRET = (
    "5e1b2c3d-0000-4000-8000-00000000a990",
    "72f988bf-86f1-41af-91ab-2d7cd011db47",
    "entra~app~secret",
)
ISSUER, KID = "https://api.botframework.com", "rt0Zp2"
BOT_SCOPE = "https://api.botframework.com/.default"
SECURITY = "19:security@thread.tacv2"

Answer = tuple[int, Any]


@cache
def signing_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@cache
def _published() -> dict[str, Any]:
    key = jwt.algorithms.RSAAlgorithm.to_jwk(signing_key().public_key(), as_dict=True)
    return {**key, "use": "sig", "kid": KID, "x5t": KID, "endorsements": ["msteams", "webchat"]}


@dataclass
class Posted:
    """A message in a conversation: what it shows now, and how often that changed."""

    id: str
    conversation: str
    document: dict[str, Any]
    edits: int = 0

    @property
    def card(self) -> dict[str, Any]:
        (attachment,) = self.document["attachments"]
        assert attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
        return attachment["content"]

    def lines(self) -> list[str]:
        return adaptive_cards.lines(self.card)

    def titles(self) -> list[str]:
        return adaptive_cards.titles(self.card)


@dataclass
class Organisation(Service):
    """What there is, and what was called."""

    people: dict[str, dict[str, Any]] = field(default_factory=dict)
    rooms: set[str] = field(default_factory=lambda: {SECURITY})
    installed: set[str] = field(default_factory=set)
    posted: list[Posted] = field(default_factory=list)
    flow: list[dict[str, Any]] = field(default_factory=list)
    keys: list[dict[str, Any]] = field(default_factory=lambda: [_published()])
    tokens: dict[str, str] = field(default_factory=dict)
    holds: bool = False  # every answer, for longer than anybody should wait in a test
    over: Event = field(default_factory=Event)
    token_lasts: int = 3599
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1_772_452_800_001))

    # --- the organisation -----------------------------------------------------------------------

    def hire(self, name: str, **changed: Any) -> str:
        """Somebody joins, with an address such as bob@example.com; the id of the account."""
        account = account_of(name)
        self.people[account] = {
            "id": account,
            "mail": f"{name.title()}@example.com",
            "userPrincipalName": f"{name}@acme.onmicrosoft.com",
            "userType": "Member",
            "accountEnabled": True,
        } | changed
        self.installed.add(account)
        return account

    def revoke_tokens(self) -> None:
        self.tokens.clear()

    def in_room(self, room: str = SECURITY) -> list[Posted]:
        """What stands in this room, the threads included."""
        return [one for one in self.posted if one.conversation.split(";")[0] == room]

    def with_person(self, name: str) -> list[Posted]:
        """What stands in the personal chat with somebody."""
        return [one for one in self.posted if one.conversation == f"a:1{account_of(name)}"]

    # --- what people do -------------------------------------------------------------------------

    def press(self, name: str, on: Posted, label: str, **inputs: Any) -> dict[str, Any]:
        """Somebody fills in what is below a button and presses the button there: the activity."""
        action = adaptive_cards.action_named(on.card, label)
        deed = action["verb"]
        data = action["data"] | {f"{deed}_{name}": value for name, value in inputs.items()}
        return {
            "name": "adaptiveCard/action",
            "type": "invoke",
            "timestamp": "2026-03-02T12:00:00.1234567Z",
            "localTimestamp": "2026-03-02T13:00:00.1234567+01:00",
            "localTimezone": "Europe/Berlin",
            "id": f"f:{next(self._numbers)}",
            "channelId": "msteams",
            "serviceUrl": f"{self.url}/emea/{TENANT}/",
            "from": {
                "id": f"29:1{name}",
                "name": name.title(),
                "aadObjectId": account_of(name),
            },
            "conversation": {
                "isGroup": True,
                "conversationType": "channel",
                "tenantId": TENANT,
                "id": on.conversation,
            },
            "recipient": {"id": f"28:{APP}", "name": "Access Plane"},
            "entities": [
                {"locale": "en-GB", "timezone": "Europe/Berlin", "type": "clientInfo"}
            ],
            "channelData": {"tenant": {"id": TENANT}, "source": {"name": "message"}},
            "replyToId": on.id,
            "value": {"action": {**action, "data": data}, "trigger": "manual"},
            "locale": "en-GB",
        }

    def signed(self, at: datetime, **changed: Any) -> str:
        """The header that the Bot Connector sends at this moment; `changed` are claims."""
        claims = {
            "serviceurl": f"{self.url}/emea/{TENANT}/",
            "nbf": int((at - timedelta(minutes=5)).timestamp()),
            "exp": int((at + timedelta(hours=1)).timestamp()),
            "iss": ISSUER,
            "aud": APP,
        } | changed
        token = jwt.encode(
            {name: value for name, value in claims.items() if value is not None},
            signing_key(),
            algorithm="RS256",
            headers={"kid": KID},
        )
        return f"Bearer {token}"

    # --- the services ---------------------------------------------------------------------------

    def hear(self, call: Call) -> Given | None:
        given = super().hear(call)
        if self.holds:
            self.over.wait(0.2)
        return None if self.holds else given

    def name_of(self, call: Call) -> str:
        return unquote(super().name_of(call))

    def may_order(self, call: Call) -> bool:
        return "/oauth2/" not in call.path

    def answer(self, call: Call) -> Answer:
        for pattern, (scope, does) in self._calls().items():
            found = re.fullmatch(pattern, f"{call.method} {call.path}")
            if found is None:
                continue
            token = call.headers.get("authorization", "").removeprefix("Bearer ")
            if scope and self.tokens.get(token) != scope:
                return 401, {"error": {"code": "Unauthorized", "message": "Invalid token"}}
            query = parse_qs(urlsplit(call.target).query)
            given = query if call.method == "GET" else call.body
            return does(*map(unquote, found.groups()), given)
        return 404, {"error": {"code": "NotFound", "message": ""}}

    def _calls(self) -> dict[str, tuple[str, Callable[..., Answer]]]:
        graph = f"{self.url}/.default"
        return {
            "POST /([^/]+)/oauth2/v2.0/token": ("", self._grant),
            "GET /openid": ("", lambda _: (200, self._metadata())),
            "GET /keys": ("", lambda _: (200, {"keys": self.keys})),
            "POST /flow": ("", self._take),
            "GET /v1.0/users": (graph, self._people_like),
            "GET /v1.0/users/(.+)": (graph, self._person),
            "POST /teams/v3/conversations": (BOT_SCOPE, self._begin),
            "POST /teams/v3/conversations/([^/]+)/activities": (BOT_SCOPE, self._send),
            "PUT /teams/v3/conversations/([^/]+)/activities/([^/]+)": (BOT_SCOPE, self._edit),
        }

    def _metadata(self) -> dict[str, Any]:
        return {
            "issuer": ISSUER,
            "authorization_endpoint": "https://invalid.botframework.com",
            "jwks_uri": f"{self.url}/keys",
            "id_token_signing_alg_values_supported": ["RS256"],
            "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        }

    def _grant(self, tenant: str, body: bytes) -> Answer:
        form = {name: value[0] for name, value in parse_qs(body.decode()).items()}
        right = (TENANT, "client_credentials", APP, APP_SECRET)
        given = (tenant, form["grant_type"], form["client_id"], form["client_secret"])
        if given != right:
            said = "AADSTS7000215: Invalid client secret provided."
            return 401, {"error": "invalid_client", "error_description": said}
        token = f"token-{next(self._numbers)}"
        self.tokens[token] = form["scope"]
        return 200, {
            "token_type": "Bearer",
            "expires_in": self.token_lasts,
            "access_token": token,
        }

    def _take(self, body: bytes) -> Answer:
        document = json.loads(body)
        (attachment,) = document["attachments"]
        if not adaptive_cards.is_card(attachment["content"]):
            return 400, {"error": {"code": "BadRequest", "message": "Not a card."}}
        self.flow.append(attachment["content"])
        return 202, None

    def _people_like(self, query: dict[str, list[str]]) -> Answer:
        wanted = re.fullmatch(
            "mail eq '(.+)' or userPrincipalName eq '(.+)'", query["$filter"][0]
        )
        assert wanted is not None
        assert wanted[1] == wanted[2]
        email = wanted[1].replace("''", "'").lower()
        found = [
            {"id": one["id"]}
            for one in self.people.values()
            if email in {(one["mail"] or "").lower(), one["userPrincipalName"].lower()}
        ]
        return 200, {"value": found}

    def _person(self, account: str, _: Any) -> Answer:
        if account not in self.people:
            return 404, {"error": {"code": "Request_ResourceNotFound", "message": ""}}
        return 200, self.people[account]

    def _begin(self, body: bytes) -> Answer:
        given = json.loads(body)
        assert given["bot"] == {"id": f"28:{APP}"}
        assert given["tenantId"] == TENANT
        if given["isGroup"]:
            room = given["channelData"]["channel"]["id"]
            if room not in self.rooms:
                return _refused(403, "BotNotInConversationRoster")
            number = str(next(self._numbers))
            thread = f"{room};messageid={number}"
            status, said = self._kept(thread, given["activity"], number)
            return (
                (status, said) if status != 201 else (201, {"id": thread, "activityId": number})
            )
        (member,) = given["members"]
        if member["id"] not in self.installed:
            return _refused(403, "ForbiddenOperationException")
        return 201, {"id": f"a:1{member['id']}"}

    def _send(self, conversation: str, body: bytes) -> Answer:
        known = (
            conversation.startswith("a:1")
            or conversation.split(";", maxsplit=1)[0] in self.rooms
        )
        if not known:
            return _refused(404, "ConversationNotFound")
        return self._kept(conversation, json.loads(body), str(next(self._numbers)))

    def _edit(self, conversation: str, activity: str, body: bytes) -> Answer:
        for one in self.posted:
            if (one.conversation, one.id) == (conversation, activity):
                one.document = json.loads(body)
                one.edits += 1
                return (200, {"id": activity}) if _fits(one.document) else _too_big()
        return _refused(404, "ActivityNotFoundInConversation")

    def _kept(self, conversation: str, document: dict[str, Any], number: str) -> Answer:
        if not _fits(document):
            return _too_big()
        self.posted.append(Posted(number, conversation, document))
        return 201, {"id": number}


def account_of(name: str) -> str:
    """The object id of somebody's account."""
    return str(uuid5(NAMESPACE_DNS, name))


def _fits(document: dict[str, Any]) -> bool:
    (attachment,) = document["attachments"]
    return document["type"] == "message" and adaptive_cards.is_card(attachment["content"])


def _too_big() -> Answer:
    return _refused(413, "MessageSizeTooBig")


def _refused(status: int, code: str) -> Answer:
    return status, {"error": {"code": code, "message": "No."}}


@contextmanager
def organising() -> Iterator[Organisation]:
    """The organisation, for as long as the block lasts."""
    organisation = Organisation()
    with serving(organisation.hear) as organisation.url:
        try:
            yield organisation
        finally:
            organisation.over.set()
