"""Mattermost, as far as we know it: a real HTTP server with teams, people and posts behind it.

Calls, errors, limits and payloads are those of its public reference and source. `press` and
`submit` give what the server would post to the integration.
"""

import base64
import hashlib
import hmac
import itertools
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock
from typing import Any
from urllib.parse import unquote

from tests.chatops.fakes.mattermost_posts import Refusal, Shown, check_dialog, check_props
from tests.chatops.fakes.serving import Call, Given, encoded, headed, serving

TOKEN = "9xuqwrwgstrb3mzrxb83nb357a"
ACTION_SECRET = "a-secret-of-the-plane-for-its-buttons"
DEDUPLICATES = timedelta(seconds=30)
TRIGGERS_LAST = timedelta(seconds=30)

Answer = tuple[int, Any]


@dataclass
class Server:
    """What there is, and what was called. `answers` are given first, once each, as they stand."""

    now: Callable[[], datetime]
    url: str = ""
    shows_email: bool = True
    is_administrator: bool = False
    users: dict[str, dict[str, Any]] = field(default_factory=dict)
    channels: dict[str, dict[str, Any]] = field(default_factory=dict)
    posts: dict[str, Shown] = field(default_factory=dict)
    windows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    calls: list[tuple[str, Any]] = field(default_factory=list)
    answers: list[tuple[str, int, dict[str, str], bytes]] = field(default_factory=list)
    loses: list[str] = field(default_factory=list)  # calls whose answers get lost, once each
    bot: str = ""
    _pending: dict[str, tuple[datetime, str]] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    _lock: Lock = field(default_factory=Lock)

    def __post_init__(self) -> None:
        self.bot = self._id("bot")
        self.users[self.bot] = {"id": self.bot, "username": "access-plane", "is_bot": True}

    # --- the server -----------------------------------------------------------------------------

    def hire(self, name: str, **more: Any) -> str:
        """Somebody joins, with an address such as bob@example.com; the id of the account."""
        account = self._id(name)
        self.users[account] = {
            "id": account,
            "username": name,
            "email": f"{name}@example.com",
            "email_verified": True,
            "roles": "system_user",
            "delete_at": 0,
        } | more
        return account

    def account(self, name: str) -> str:
        return next(pk for pk, user in self.users.items() if user["username"] == name)

    def found(self, name: str, team: str = "plane", **more: Any) -> str:
        """A channel of the team comes to be, with the bot in it; its id."""
        room = self._id(name)
        self.channels[room] = {"id": room, "team": team, "name": name, "delete_at": 0} | more
        return room

    def will_answer(self, call: str, status: int, body: Any = None, **headers: str) -> None:
        """The next call that begins so gets this."""
        self.answers.append((call, status, headed(headers), encoded(body or {})))

    def _id(self, name: str) -> str:
        letters = re.sub(r"[^a-z]", "", name)[:12]
        return f"{letters}{next(self._numbers)}".ljust(26, "x")

    # --- what is seen ---------------------------------------------------------------------------

    def seen_in(self, place: str) -> list[Shown]:
        """The posts in a channel by its name, or in the bot's conversation with somebody."""
        rooms = {
            pk for pk, one in self.channels.items() if place in (one["name"], one.get("with"))
        }
        return [post for post in self.posts.values() if post.channel_id in rooms]

    def card(self, place: str) -> Shown:
        """The only card there."""
        (card,) = [post for post in self.seen_in(place) if not post.root_id]
        return card

    def thread(self, card: Shown) -> list[Shown]:
        return [post for post in self.posts.values() if post.root_id == card.id]

    def window(self, name: str) -> dict[str, Any]:
        """The last dialog that opened for somebody."""
        return self.windows[name][-1]["dialog"]

    def called(self, call: str) -> list[Any]:
        return [document for made, document in self.calls if made == call]

    # --- what people do -------------------------------------------------------------------------

    def press(self, name: str, post: Shown, label: str) -> dict[str, Any]:
        """Somebody presses a button: what the server posts to its address."""
        (action,) = [one for one in post.actions if one["name"] == label]
        account, channel = self.account(name), self.channels[post.channel_id]
        return {
            "user_id": account,
            "user_name": name,
            "channel_id": post.channel_id,
            "channel_name": channel["name"],
            "team_id": "" if "with" in channel else self._id("team"),
            "team_domain": channel["team"],
            "post_id": post.id,
            "trigger_id": self.trigger(account),
            "type": "button",
            "data_source": "",
            "context": action["integration"]["context"],
        }

    def submit(self, name: str, **typed: Any) -> dict[str, Any]:
        """Somebody sends the dialog that is open: what the server posts to its address."""
        window = self.window(name)
        fields = {one["name"]: one for one in window["elements"]}
        assert set(typed) <= set(fields), f"there is no such field among {set(fields)}"
        for given, value in typed.items():
            assert len(value) <= fields[given]["max_length"]
        return {
            "type": "dialog_submission",
            "callback_id": window["callback_id"],
            "state": window["state"],
            "user_id": self.account(name),
            "channel_id": next(iter(self.channels)),
            "team_id": "",
            "submission": {one: typed.get(one) for one in fields},
            "cancelled": False,
        }

    def trigger(self, account: str) -> str:
        """What opens a dialog for the account, for half a minute."""
        millis = int(self.now().timestamp() * 1000)
        said = f"{self._id('trigger')}:{account}:{millis}:"
        return base64.b64encode((said + self._signature(said)).encode()).decode()

    def _signature(self, said: str) -> str:
        digest = hmac.new(b"of the server", said.encode(), hashlib.sha256).digest()
        return base64.b64encode(digest).decode()

    # --- the API --------------------------------------------------------------------------------

    def hear(self, call: Call) -> Given | None:
        """Note the call and do what it asks for; the answer, unless that gets lost."""
        name = f"{call.method} {call.path.removeprefix('/chat/api/v4')}"
        self.calls.append((name, call.document))
        given = self._instead(name)
        if given is None:
            status, document = self._answer(name, call)
            given = status, {}, encoded(document)
        if name not in self.loses:
            return given
        self.loses.remove(name)
        return None

    def _answer(self, name: str, call: Call) -> Answer:
        with self._lock:
            try:
                return self._do(name, call.headers, call.document)
            except Refusal as refusal:
                return refusal.status, {
                    "id": refusal.code,
                    "message": "Etwas ist schiefgegangen.",
                    "status_code": refusal.status,
                }

    def _do(self, call: str, headers: Any, body: Any) -> Answer:
        if headers["authorization"] != f"Bearer {TOKEN}":
            raise Refusal(401, "api.context.session_expired.app_error")
        for pattern, does in self._calls().items():
            found = re.fullmatch(pattern, call)
            if found:
                parts = [unquote(part) for part in found.groups()]
                return does(*parts, *([body] if body is not None else []))
        raise Refusal(404, "api.context.404.app_error")

    def _instead(self, call: str) -> Given | None:
        """What this call gets whatever it says, if that was ordered."""
        for given in self.answers:
            if call.startswith(given[0]):
                self.answers.remove(given)
                return given[1:]
        return None

    def _calls(self) -> dict[str, Callable[..., Answer]]:
        return {
            "GET /users/me": self._me,
            "GET /users/email/(.+)": self._user_by_email,
            "GET /users/([^/]+)": self._user,
            "GET /teams/name/([^/]+)/channels/name/([^/]+)": self._channel,
            "POST /channels/direct": self._direct,
            "POST /posts": self._post,
            "PUT /posts/([^/]+)/patch": self._patch,
            "POST /actions/dialogs/open": self._dialog,
        }

    def _me(self) -> Answer:
        roles = "system_user system_admin" if self.is_administrator else "system_user"
        return 200, self.users[self.bot] | {"roles": roles}

    def _sanitized(self, user: dict[str, Any]) -> dict[str, Any]:
        """What others are told of somebody; the confirmation is told to administrators alone."""
        shown = dict(user)
        if not self.is_administrator:
            shown.pop("email_verified", None)
            shown["email"] = user.get("email", "") if self.shows_email else ""
        return shown

    def _user(self, account: str) -> Answer:
        if account not in self.users:
            raise Refusal(404, "app.user.missing_account.const")
        return 200, self._sanitized(self.users[account])

    def _user_by_email(self, email: str) -> Answer:
        if not self.shows_email and not self.is_administrator:
            raise Refusal(403, "api.user.get_user_by_email.permissions.app_error")
        for user in self.users.values():
            if user.get("email") == email:
                return 200, self._sanitized(user)
        raise Refusal(404, "app.user.missing_account.const")

    def _channel(self, team: str, name: str) -> Answer:
        for channel in self.channels.values():
            if (channel["team"], channel["name"]) == (team, name):
                return 200, channel
        raise Refusal(404, "app.channel.get_by_name.missing.app_error")

    def _direct(self, pair: Any) -> Answer:
        if len(pair) != 2 or pair[0] != self.bot or pair[1] not in self.users:
            raise Refusal(400, "api.channel.create_direct_channel.invalid_user.app_error")
        name = self.users[pair[1]]["username"]
        for channel in self.channels.values():
            if channel.get("with") == name:
                return 201, channel
        room = self._id(f"dm{name}")
        self.channels[room] = {"id": room, "team": "", "name": "__".join(pair), "with": name}
        return 201, self.channels[room]

    def _post(self, body: Any) -> Answer:
        pending = body.get("pending_post_id", "")
        seen_at, seen = self._pending.get(pending, (None, ""))
        if seen_at and self.now() - seen_at < DEDUPLICATES:
            return 201, self.posts[seen].for_clients()
        channel = self.channels.get(body["channel_id"])
        if channel is None or channel.get("is_foreign"):
            raise Refusal(403, "api.context.permissions.app_error")
        root = body.get("root_id", "")
        if root and (root not in self.posts or self.posts[root].channel_id != channel["id"]):
            raise Refusal(400, "api.post.create_post.root_id.app_error")
        props = check_props(body.get("props", {}))
        if not body.get("message") and not props:
            raise Refusal(400, "api.post.create_post.missing.app_error")
        if len(body.get("message", "")) > 16_383:
            raise Refusal(400, "model.post.is_valid.message_length.app_error")
        post = Shown(self._id("post"), channel["id"], root, body.get("message", ""), props)
        self.posts[post.id] = post
        self._pending[pending] = (self.now(), post.id)
        return 201, post.for_clients()

    def _patch(self, pk: str, body: Any) -> Answer:
        post = self.posts.get(pk)
        if post is None:
            raise Refusal(404, "app.post.get.app_error")
        if post.delete_at:
            raise Refusal(400, "api.post.update_post.permissions_details.app_error")
        post.props = check_props(body.get("props", post.props))
        post.message = body.get("message", post.message)
        post.edits += 1
        return 200, post.for_clients()

    def _dialog(self, body: Any) -> Answer:
        try:
            said, _, signature = base64.b64decode(body["trigger_id"]).decode().rpartition(":")
            _, account, millis = said.split(":")
        except ValueError as error:
            raise Refusal(400, "interactive_message.decode_trigger_id.missing_data") from error
        if self.now().timestamp() - int(millis) / 1000 > TRIGGERS_LAST.total_seconds():
            raise Refusal(400, "interactive_message.decode_trigger_id.expired")
        if not hmac.compare_digest(signature, self._signature(f"{said}:")):
            raise Refusal(400, "interactive_message.decode_trigger_id.verify_signature_failed")
        check_dialog(body["dialog"])
        self.windows.setdefault(self.users[account]["username"], []).append(body)
        return 200, {"status": "OK"}


@contextmanager
def chatting(now: Callable[[], datetime]) -> Iterator[Server]:
    """Mattermost, for as long as the block lasts."""
    mattermost = Server(now)
    with serving(mattermost.hear) as url:
        mattermost.url = f"{url}/chat"
        yield mattermost
