"""Slack, as far as we know it: a real HTTP server with a workspace behind it.

Methods, errors, limits and payloads are those of Slack's public reference. People of the
workspace act through `press`, `submit`, `type_` and `open_home`, which give what Slack would post
to the app.
"""

import itertools
import json
import ssl
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock
from typing import Any
from urllib.parse import parse_qsl

from tests.chatops.fakes.block_kit import (
    Refusal,
    Shown,
    button_in,
    buttons_in,
    check_blocks,
)
from tests.chatops.fakes.serving import Call, Given, encoded, serving
from tests.chatops.fakes.slack_methods import METHODS, SCOPES, TEAM

APP = "A0PLANE01"
BOT_TOKEN, APP_TOKEN = "xoxb-of-the-plane", "xapp-of-the-plane"
SIGNING_SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
NOON = 1772452800.0


@dataclass
class Workspace:
    """What there is, and what was called.

    `refuse` holds answers to give instead, by method; `lose`, how many answers get lost on the way
    after it was done. `meanwhile` is called between the two.
    """

    url: str = ""
    socket_url: str = ""
    users: dict[str, dict[str, Any]] = field(default_factory=dict)
    channels: dict[str, dict[str, Any]] = field(default_factory=dict)
    messages: list[Shown] = field(default_factory=list)
    windows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    homes: dict[str, dict[str, Any]] = field(default_factory=dict)
    whispers: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    refuse: dict[str, list[Any]] = field(default_factory=dict)
    lose: Counter[str] = field(default_factory=Counter)
    meanwhile: Callable[[str], None] = lambda _method: None
    scopes: set[str] = field(default_factory=lambda: set(SCOPES))
    now: Callable[[], float] = lambda: NOON
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    # Who did what this is for; nobody once it was used.
    triggers: dict[str, str] = field(default_factory=dict)
    _answers: dict[str, str] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    # --- the workspace --------------------------------------------------------------------------

    def hire(self, name: str, **more: Any) -> str:
        """Somebody joins: `bob` with bob@example.com; the id of the account."""
        account = f"U0{name.upper()}"
        profile = {"email": f"{name}@example.com", "real_name": name.title()}
        self.users[account] = {
            "id": account,
            "team_id": TEAM,
            "name": name,
            "deleted": False,
            "is_bot": False,
            "is_restricted": False,
            "is_ultra_restricted": False,
            "is_email_confirmed": True,
            "profile": profile | more.pop("profile", {}),
        } | more
        return account

    def found(self, name: str, *, invited: bool = True) -> str:
        """A channel comes to be, with the app in it; its id."""
        channel = f"C0{name.upper()}"
        self.channels[channel] = {"id": channel, "name": name, "is_member": invited}
        return channel

    # --- what is seen ---------------------------------------------------------------------------

    def seen_by(self, account: str) -> list[Shown]:
        """The messages that the app wrote to this person."""
        return self.seen_in(f"D{account[1:]}")

    def seen_in(self, channel: str) -> list[Shown]:
        return [one for one in self.messages if one.channel == channel]

    def card(self, place: str) -> Shown:
        """The only card in a channel, or in the conversation with somebody."""
        seen = self.seen_in(place) if place in self.channels else self.seen_by(place)
        (card,) = [one for one in seen if not one.thread_ts]
        return card

    def thread(self, card: Shown) -> list[Shown]:
        return [one for one in self.messages if one.thread_ts == card.ts]

    def window(self, account: str) -> dict[str, Any]:
        """The last window that opened for somebody."""
        return self.windows[account][-1]

    def called(self, method: str) -> list[dict[str, Any]]:
        return [arguments for name, arguments in self.calls if name == method]

    # --- what people do -------------------------------------------------------------------------

    def press(self, account: str, message: Shown, label: str) -> dict[str, Any]:
        """Press a button of a message: what Slack posts."""
        button = button_in(message.blocks, label)
        channel = {"id": message.channel, "name": "directmessage"}
        container = {
            "type": "message",
            "message_ts": message.ts,
            "channel_id": message.channel,
            "is_ephemeral": False,
        }
        return self._pressed(account, button, container) | {
            "channel": channel,
            "message": {"type": "message", "ts": message.ts, "blocks": message.blocks},
            "response_url": self._response_url(account),
        }

    def press_at_home(self, account: str, label: str, number: int = 0) -> dict[str, Any]:
        """Press a button on the Home tab, the first one of this label unless another is meant."""
        view = self.homes[account]
        buttons = [b for b in buttons_in(view["blocks"]) if b["text"]["text"] == label]
        container = {"type": "view", "view_id": "V0HOME"}
        return self._pressed(account, buttons[number], container) | {
            "view": {"id": "V0HOME", "callback_id": "", "private_metadata": "", **view}
        }

    def submit(self, account: str, **typed: Any) -> dict[str, Any]:
        """Send the window that is open for somebody, with this typed into its fields."""
        view = self.window(account)
        fields = {b["block_id"]: b["element"] for b in view["blocks"] if b["type"] == "input"}
        assert set(typed) <= set(fields), f"there is no such field among {set(fields)}"
        values = {
            name: {element["action_id"]: _state(element, typed.get(name))}
            for name, element in fields.items()
        }
        return {
            "type": "view_submission",
            "team": {"id": TEAM, "domain": "plane"},
            "user": self._user(account),
            "api_app_id": APP,
            "token": "deprecated",
            "trigger_id": self._trigger(account),
            "view": {"id": "V0DIALOG", "type": "modal", "state": {"values": values}}
            | {name: view[name] for name in ("callback_id", "private_metadata")},
            "response_urls": [],
            "is_enterprise_install": False,
        }

    def type_(self, account: str, text: str) -> dict[str, str]:
        """Type `/access ...`: the fields of the form that Slack posts."""
        for sign, code in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
            text = text.replace(sign, code)
        return {
            "token": "deprecated",
            "team_id": TEAM,
            "team_domain": "plane",
            "channel_id": "C0GENERAL",
            "channel_name": "general",
            "user_id": account,
            "user_name": self.users[account]["name"],
            "command": "/access",
            "text": text,
            "api_app_id": APP,
            "is_enterprise_install": "false",
            "response_url": self._response_url(account),
            "trigger_id": self._trigger(account),
        }

    def open_home(self, account: str, tab: str = "home") -> dict[str, Any]:
        """Look at the Home tab."""
        return {
            "token": "deprecated",
            "team_id": TEAM,
            "api_app_id": APP,
            "event": {
                "type": "app_home_opened",
                "user": account,
                "channel": f"D{account[1:]}",
                "tab": tab,
                "event_ts": "1772452800.000100",
            },
            "type": "event_callback",
            "event_id": f"Ev{next(self._numbers)}",
            "event_time": 1772452800,
        }

    def _pressed(self, account: str, button: Any, container: Any) -> dict[str, Any]:
        action = {name: button[name] for name in ("action_id", "text", "type")}
        action |= {"block_id": "b1", "action_ts": "1772452800.000200"}
        return {
            "type": "block_actions",
            "user": self._user(account),
            "api_app_id": APP,
            "token": "deprecated",
            "container": container,
            "trigger_id": self._trigger(account),
            "team": {"id": TEAM, "domain": "plane"},
            "enterprise": None,
            "is_enterprise_install": False,
            "state": {"values": {}},
            "actions": [action | ({"value": button["value"]} if "value" in button else {})],
        }

    def _user(self, account: str) -> dict[str, str]:
        user = self.users[account]
        return {"id": account, "username": user["name"], "name": user["name"], "team_id": TEAM}

    def _trigger(self, account: str) -> str:
        trigger = f"{next(self._numbers)}.4538.trigger"
        self.triggers[trigger] = account
        return trigger

    def _response_url(self, account: str) -> str:
        number = str(next(self._numbers))
        self._answers[number] = account
        return f"{self.url}respond/{number}"

    # --- the Web API ----------------------------------------------------------------------------

    def hear(self, call: Call) -> Given | None:
        """Note the call and do what it asks for; the answer, unless that gets lost."""
        status, headers, document = self._answer(call.target, call.headers, call.body)
        if not status:
            return None
        kind = {"content-type": "application/json; charset=utf-8"}
        return status, headers | kind, encoded(document)

    def _answer(self, path: str, headers: Any, body: bytes) -> tuple[int, dict[str, str], Any]:
        """The status, the headers and the document that a call gets; status 0 if they get lost."""
        with self._lock:
            if path.startswith("/api/respond/"):
                account = self._answers[path.rpartition("/")[2]]
                said = json.loads(body)
                check_blocks(said["blocks"], most=50)
                self.whispers.setdefault(account, []).append(said)
                return 200, {}, "ok"
            method = path.removeprefix("/api/")
            form = dict(parse_qsl(body.decode(), keep_blank_values=True))
            self.calls.append((method, form))
            instead = self.refuse.get(method, [])
            if instead:
                given = instead.pop(0)
                return given if isinstance(given, tuple) else (200, {}, _no(given))
            try:
                answer = {"ok": True} | self._do(method, headers, form)
            except Refusal as refusal:
                return 200, {}, _no(str(refusal))
            self.meanwhile(method)
            if self.lose[method]:
                self.lose[method] -= 1
                return 0, {}, None
            return 200, {}, answer

    def _do(self, method: str, headers: Any, form: dict[str, str]) -> dict[str, Any]:
        doing = METHODS.get(method)
        if doing is None:
            raise Refusal("unknown_method")
        token = APP_TOKEN if method == "apps.connections.open" else BOT_TOKEN
        if headers.get("authorization") != f"Bearer {token}":
            raise Refusal("invalid_auth" if headers.get("authorization") else "not_authed")
        return doing(self, form)

    def stamp(self) -> str:
        """The next time of a message, which no other has."""
        return f"{int(self.now())}.{next(self._numbers):06}"

    def need(self, *scopes: str) -> None:
        """Refuse an app that lacks one of these."""
        if not self.scopes.issuperset(scopes):
            raise Refusal("missing_scope")

    def place(self, named: str) -> dict[str, Any]:
        for channel in self.channels.values():
            if named in {channel["id"], channel["name"], f"#{channel['name']}"}:
                if not channel["is_member"]:
                    raise Refusal("not_in_channel")
                return channel
        raise Refusal("channel_not_found")

    def message(self, form: dict[str, str]) -> Shown:
        channel = self.place(form["channel"])["id"]
        found = [m for m in self.messages if (m.channel, m.ts) == (channel, form["ts"])]
        if not found:
            raise Refusal("message_not_found")
        return found[0]


def _state(element: dict[str, Any], typed: Any) -> dict[str, Any]:
    if element["type"] == "datetimepicker":
        return {"type": "datetimepicker", "selected_date_time": typed}
    return {"type": element["type"], "value": typed}


def _no(error: str) -> dict[str, Any]:
    return {"ok": False, "error": error}


@contextmanager
def working(tls: ssl.SSLContext | None = None) -> Iterator[Workspace]:
    """A workspace with its API, for as long as the block lasts; with `tls`, at localhost."""
    space = Workspace()
    with serving(space.hear, tls) as url:
        space.url = f"{url}/api/"
        yield space
