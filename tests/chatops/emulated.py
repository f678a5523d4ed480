"""The public emulator of Slack, which others wrote, as a workspace like that of our own fake.

It knows the Web API and neither clicks, nor commands, nor dialogs that are sent: those are made
here as our fake makes them, and signed.
"""

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import yaml
from django.conf import settings

from tests.chatops.fakes.block_kit import BOT, Shown
from tests.chatops.fakes.slack import APP, BOT_TOKEN, Workspace
from tests.chatops.fakes.slack_methods import BOT_ID
from tests.examples.programs import PATIENCE, Program

HERE = Path(__file__).parent / "emulator"
MANIFEST = Path(settings.BASE_DIR) / "examples/slack/manifest.yaml"
OWNER_TOKEN = "xoxp-of-the-owner"
PEOPLE = ("bob", "alice", "ivan", "carol", "mallory")
ROOMS = ("security", "attic")


class Emulated(Workspace):
    """What our fake is to tests, of which everything that is seen stands in the emulator."""

    def ask(self, method: str, token: str = BOT_TOKEN, **form: str) -> dict[str, Any]:
        """The answer to a call."""
        return asked(self, method, token, **form)

    def furnish(self) -> None:
        """Learn who there is, and close the attic."""
        for name in PEOPLE:
            user = self.ask("users.lookupByEmail", email=f"{name}@example.com")["user"]
            self.users[user["id"]] = user
        for channel in self.ask("conversations.list", OWNER_TOKEN)["channels"]:
            self.channels[channel["id"]] = channel
        closed = self.ask("conversations.archive", OWNER_TOKEN, channel=self.room("attic"))
        assert closed == {"ok": True}

    def account(self, name: str) -> str:
        (found,) = [user for user, one in self.users.items() if one["name"] == name]
        return found

    def room(self, name: str) -> str:
        return room_in(self, name)

    def seen_by(self, account: str) -> list[Shown]:
        opened = self.ask("conversations.open", users=account)
        return self.seen_in(opened["channel"]["id"])

    def seen_in(self, channel: str) -> list[Shown]:
        found = self.ask("conversations.history", channel=channel)["messages"]
        return [_shown(channel, one) for one in reversed(found)]

    def thread(self, card: Shown) -> list[Shown]:
        found = self.ask("conversations.replies", channel=card.channel, ts=card.ts)["messages"]
        return [_shown(card.channel, one) for one in found[1:]]

    def windows_open(self) -> int:
        """How many dialogs the emulator shows on its own page."""
        return _sent(self, "GET", "/?tab=views").count(b">modal<")

    def _trigger(self, account: str) -> str:
        return self.ask("views.generateTriggerId", user_id=account)["trigger_id"]


def asked(space: Workspace, method: str, token: str, **form: str) -> dict[str, Any]:
    """The answer of a workspace, ours or the emulator's."""
    headers = {"authorization": f"Bearer {token}"} if token else {}
    headers |= {"content-type": "application/x-www-form-urlencoded"}
    answer: dict[str, Any] = json.loads(
        _sent(space, "POST", f"/api/{method}", urlencode(form), headers)
    )
    return answer


def _sent(
    space: Workspace,
    verb: str,
    path: str,
    body: str = "",
    headers: dict[str, str] | None = None,
) -> bytes:
    with closing(HTTPConnection(urlsplit(space.url).netloc)) as line:
        line.request(verb, path, body, headers or {})
        return line.getresponse().read()


def room_in(space: Workspace, name: str) -> str:
    """The id of the channel of this name."""
    (found,) = [channel for channel, one in space.channels.items() if one["name"] == name]
    return found


def install(folder: Path) -> Path:
    """A copy of the emulator's folder in which `npm ci` has run."""
    copy = folder / "emulator"
    shutil.copytree(HERE, copy, ignore=shutil.ignore_patterns("node_modules"))
    command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    subprocess.run(command, cwd=copy, check=True, timeout=2 * PATIENCE)  # noqa: S603
    return copy


@contextmanager
def emulating(installed: Path, seed: Path) -> Iterator[Emulated]:
    """A new workspace of the emulator with the cast in it, for as long as the block lasts."""
    seed.write_text(json.dumps(_seed()))
    with Program("node", installed / "slack.js", seed, environment={}) as program:
        port = urlsplit(program.says(r"is ready on (http://\S+)")[1]).port
        space = Emulated(url=f"http://127.0.0.1:{port}/api/")
        space.furnish()
        yield space


def _seed() -> dict[str, Any]:
    """An app with the permissions of the manifest that is shipped, and no others."""
    scopes = yaml.safe_load(MANIFEST.read_text())["oauth_config"]["scopes"]["bot"]
    app = {"app_id": APP, "bot_id": BOT_ID, "bot_user_id": BOT, "bot_name": "access-plane"}
    return {
        "team": {"name": "Plane", "domain": "plane"},
        "strict_scopes": True,
        "users": [{"name": name, "email": f"{name}@example.com"} for name in PEOPLE],
        "channels": [{"name": name} for name in ROOMS],
        "oauth_apps": [
            app
            | {"client_id": "1.1", "client_secret": "-", "name": "Access Plane"}
            | {"redirect_uris": ["http://localhost/"], "scopes": scopes}
        ],
        "tokens": [
            {"token": BOT_TOKEN, "type": "bot", "user": BOT, "scopes": scopes}
            | {"app_id": APP, "bot_id": BOT_ID},
            {"token": OWNER_TOKEN, "scopes": ["channels:read", "channels:manage"]},
        ],
    }


def _shown(channel: str, message: dict[str, Any]) -> Shown:
    return Shown(
        channel=channel,
        ts=message["ts"],
        text=message["text"],
        blocks=message.get("blocks", []),
        thread_ts=message.get("thread_ts", ""),
        metadata=message.get("metadata"),
        user=message["user"],
        edits=int("edited" in message),
    )
