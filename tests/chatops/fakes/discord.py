"""Discord, as far as we know it: a real HTTP server with a server of people behind it.

Calls, errors, limits and payloads are those of Discord's public reference (API version 10).
People act through `press` and `submit`, which give what Discord would post to the application;
`signed` are the headers that it posts with.
"""

import itertools
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from threading import Event, Lock
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.chatops.fakes.discord_limits import (
    Refusal,
    buttons_in,
    check_answer,
    check_message,
    fields_of,
    texts_in,
)
from tests.chatops.fakes.discord_markdown import seen
from tests.chatops.fakes.serving import Call, Given, encoded, serving

BOT_TOKEN = "MTk4NjIyNDgz.Cl2FMQ.of-the-plane"
PRIVATE_KEY = Ed25519PrivateKey.from_private_bytes(b"a key for the tests of Discord !")
PUBLIC_KEY = PRIVATE_KEY.public_key().public_bytes_raw().hex()
APPLICATION, BOT, SERVER = "1100000000000000001", "1100000000000000002", "1100000000000000003"

Answer = tuple[int, dict[str, str], Any]


@dataclass
class Shown:
    """A message: where it stands, and what it says now."""

    id: str
    channel_id: str
    document: dict[str, Any]
    edits: int = 0

    @property
    def embed(self) -> dict[str, Any]:
        return self.document["embeds"][0]

    @property
    def raw(self) -> list[str]:
        """Its texts as they were sent."""
        return list(texts_in(self.document))

    @property
    def words(self) -> str:
        """What people read."""
        return "\n".join(seen(text).text for text in self.raw)

    @property
    def works(self) -> list[tuple[str, str]]:
        """What in it does something."""
        return [one for text in self.raw for one in seen(text).works]

    @property
    def buttons(self) -> list[str]:
        return [one["label"] for one in buttons_in(self.document.get("components", []))]

    @property
    def replies_to(self) -> str:
        return self.document.get("message_reference", {}).get("message_id", "")


@dataclass
class Guild:
    """What there is, and what was called. `instead` are answers given first, once each, by call."""

    url: str = ""
    people: dict[str, str] = field(default_factory=dict)
    channels: dict[str, dict[str, Any]] = field(default_factory=dict)
    messages: list[Shown] = field(default_factory=list)
    calls: list[tuple[str, Any]] = field(default_factory=list)
    instead: dict[str, list[Answer]] = field(default_factory=dict)
    loses: list[str] = field(default_factory=list)  # calls whose answers get lost, once each
    stalls: list[str] = field(default_factory=list)  # calls that are not answered, once each
    over: Event = field(default_factory=Event)
    windows: dict[str, dict[str, Any]] = field(default_factory=dict)
    whispers: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    _nonces: dict[str, Shown] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    # --- the server -----------------------------------------------------------------------------

    def hire(self, name: str) -> str:
        """Somebody joins; the id of the account."""
        account = self._snowflake()
        self.people[account] = name
        return account

    def found(self, name: str, **more: Any) -> str:
        """A channel comes to be, with the bot in it; its id. `error`: what writing there gets."""
        channel = self._snowflake()
        self.channels[channel] = {"name": name, "type": 0, "error": None} | more
        return channel

    # --- what is seen ---------------------------------------------------------------------------

    def seen_in(self, channel: str) -> list[Shown]:
        return [one for one in self.messages if one.channel_id == channel]

    def card(self, channel: str) -> Shown:
        """The only card in a channel."""
        (card,) = [one for one in self.seen_in(channel) if not one.replies_to]
        return card

    def replies(self, card: Shown) -> list[str]:
        return [one.words for one in self.messages if one.replies_to == card.id]

    def talk_with(self, account: str) -> str:
        """The conversation with somebody."""
        (found,) = [pk for pk, one in self.channels.items() if one.get("with") == account]
        return found

    def called(self, pattern: str) -> list[Any]:
        return [body for call, body in self.calls if re.fullmatch(pattern, call)]

    # --- what people do -------------------------------------------------------------------------

    def press(self, account: str, card: Shown, label: str) -> dict[str, Any]:
        """Press a button of a message: what Discord posts."""
        buttons = buttons_in(card.document["components"])
        (button,) = [one for one in buttons if one["label"] == label]
        data = {"component_type": 2, "id": 2, "custom_id": button["custom_id"]}
        return self._interaction(3, account, data, card)

    def submit(self, account: str, card: Shown, **typed: str) -> dict[str, Any]:
        """Send the dialog that is open for somebody, with this typed into its fields."""
        window = self.windows.pop(account)
        fields = fields_of(window)
        assert set(typed) <= set(fields), f"there is no such field among {set(fields)}"
        for name, text in typed.items():
            assert len(text) <= fields[name]["max_length"]
        shown = [{"type": 10, "id": 1}]
        sent = [
            {"type": 18, "id": 2 * number, "component": {
                "type": 4, "id": 2 * number + 1, "custom_id": name, "value": typed.get(name, ""),
            }}
            for number, name in enumerate(fields, 1)
        ]  # fmt: skip
        data = {"custom_id": window["custom_id"], "components": [*shown, *sent]}
        return self._interaction(5, account, data, card)

    def ping(self) -> dict[str, Any]:
        """Discord tries the address."""
        sent = {"id": self._snowflake(), "application_id": APPLICATION, "type": 1, "version": 1}
        return sent | {"token": "ping", "user": self._user(BOT), "entitlements": []}

    def take(self, account: str, interaction: dict[str, Any], answer: dict[str, Any]) -> None:
        """Show the answer to an interaction to whoever did it."""
        check_answer(answer, to_modal=interaction["type"] == 5)
        if answer["type"] == 9:
            self.windows[account] = answer["data"]
        else:
            self.whispers.setdefault(account, []).append(answer["data"])

    def _interaction(self, kind: int, account: str, data: Any, card: Shown) -> dict[str, Any]:
        channel = self.channels[card.channel_id]
        message = {"id": card.id, "channel_id": card.channel_id, "type": 0, **card.document}
        who: dict[str, Any] = {"user": self._user(account)}
        if channel["type"] == 0:
            member = {"nick": None, "roles": [], "permissions": "2248473465835073", **who}
            who = {"member": member, "guild_id": SERVER, "guild": {"id": SERVER}}
        return who | {
            "id": self._snowflake(),
            "application_id": APPLICATION,
            "type": kind,
            "data": data,
            "channel_id": card.channel_id,
            "channel": {"id": card.channel_id, "type": channel["type"]},
            "message": message,
            "token": "aW50ZXJhY3Rpb24",
            "version": 1,
            "locale": "en-GB",
            "entitlements": [],
            "context": 0 if channel["type"] == 0 else 1,
        }

    def _user(self, account: str) -> dict[str, Any]:
        name = self.people.get(account, "access-plane")
        return {"id": account, "username": name, "global_name": name.title(), "bot": False}

    def _snowflake(self) -> str:
        return str(1_100_000_000_000_100_000 + next(self._numbers))

    # --- the API --------------------------------------------------------------------------------

    def hear(self, call: Call) -> Given | None:
        """Note the call and do what it asks for; the answer, unless that does not come."""
        name = f"{call.method} {call.target.removeprefix('/api/v10')}"
        if _is_among(self.stalls, name):
            self.over.wait(30)
            return None
        status, headers, said = self._answer(name, call)
        if _is_among(self.loses, name):
            return None
        return status, headers, said if isinstance(said, bytes) else encoded(said)

    def _answer(self, name: str, call: Call) -> Answer:
        with self._lock:
            self.calls.append((name, call.document))
            for pattern, given in self.instead.items():
                if given and re.fullmatch(pattern, name):
                    return given.pop(0)
            try:
                return 200, {}, self._do(name, call.headers, call.document)
            except Refusal as refusal:
                return refusal.status, {}, refusal.document

    def _do(self, call: str, headers: Any, document: Any) -> Any:
        if not re.fullmatch(r"DiscordBot \(https?://\S+, [0-9.]+\)", headers["user-agent"]):
            raise Refusal(403, 40333, "Cloudflare is blocking your request")
        if headers["authorization"] != f"Bot {BOT_TOKEN}":
            raise Refusal(401, 0, "401: Unauthorized")
        if document is not None and headers["content-type"] != "application/json":
            raise Refusal(400, 50035, "Invalid Form Body")
        for pattern, does in self._calls().items():
            found = re.fullmatch(pattern, call)
            if found:
                return does(*found.groups(), document)
        raise Refusal(404, 0, "404: Not Found")

    def _calls(self) -> dict[str, Callable[..., Any]]:
        return {
            "GET /users/@me": lambda _: self._user(BOT) | {"bot": True},
            "POST /users/@me/channels": self._talk,
            "POST /channels/([0-9]+)/messages": self._write,
            "PATCH /channels/([0-9]+)/messages/([0-9]+)": self._edit,
        }

    def _talk(self, document: Any) -> Any:
        account = document["recipient_id"]
        if account not in self.people:
            raise Refusal(400, 50033, "Invalid Recipient(s)")
        for channel, one in self.channels.items():
            if one.get("with") == account:
                return {"id": channel, "type": 1}
        channel = self.found("", type=1, **{"with": account})
        return {"id": channel, "type": 1}

    def _write(self, channel: str, document: Any) -> Any:
        self._check_channel(channel)
        check_message(document)
        nonce = document.get("nonce") if document.get("enforce_nonce") else None
        if nonce in self._nonces:  # of the same author, wherever it was
            return self._said(self._nonces[nonce])
        message = Shown(self._snowflake(), channel, document)
        self.messages.append(message)
        if nonce:
            self._nonces[nonce] = message
        return self._said(message)

    def _edit(self, channel: str, pk: str, document: Any) -> Any:
        self._check_channel(channel)
        found = [one for one in self.seen_in(channel) if one.id == pk]
        if not found:
            raise Refusal(404, 10008, "Unknown Message")
        check_message(document, is_edit=True)
        found[0].document = found[0].document | document
        found[0].edits += 1
        return self._said(found[0])

    def _check_channel(self, channel: str) -> None:
        if channel not in self.channels:
            raise Refusal(404, 10003, "Unknown Channel")
        if self.channels[channel]["error"]:
            raise Refusal(*self.channels[channel]["error"])

    def _said(self, message: Shown) -> Any:
        author = self._user(BOT) | {"bot": True}
        known = {"id": message.id, "channel_id": message.channel_id, "author": author}
        return {**message.document, **known, "type": 0}


def _is_among(patterns: list[str], name: str) -> bool:
    """Whether one of them is about this call; it is used up then."""
    found = next((one for one in patterns if re.fullmatch(one, name)), None)
    if found is not None:
        patterns.remove(found)
    return found is not None


def signed(
    body: bytes, *, at: datetime, key: Ed25519PrivateKey = PRIVATE_KEY
) -> dict[str, str]:
    """The headers by which a post of this body is Discord's own."""
    timestamp = str(int(at.timestamp()))
    signature = key.sign(timestamp.encode() + body).hex()
    return {"X-Signature-Ed25519": signature, "X-Signature-Timestamp": timestamp}


@contextmanager
def gathering() -> Iterator[Guild]:
    """Discord with a server, for as long as the block lasts."""
    guild = Guild()
    with serving(guild.hear) as url:
        guild.url = f"{url}/api/v10"
        try:
            yield guild
        finally:
            guild.over.set()
