"""The plane's side of Discord in tests: its channel, and posts that Discord would sign."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.test import Client

from tests import cast
from tests.chatops.fakes.discord import BOT_TOKEN, PUBLIC_KEY, Guild, Shown, signed


def discord_channel(guild: Guild, name: str = "discord", **settings: Any) -> dict[str, Any]:
    """The document of a channel into this server."""
    given = {"bot_token": BOT_TOKEN, "public_key": PUBLIC_KEY, "api_url": guild.url} | settings
    return cast.document("channel", name, {"type": "discord", "settings": given})


@dataclass
class Door:
    """Posts what people do in Discord to the plane, signed, and shows them the answer."""

    guild: Guild
    now: Callable[[], datetime]

    def post(self, body: bytes, **headers: str) -> Any:
        """What whoever sends this gets; signed by Discord unless other headers are given."""
        return Client(enforce_csrf_checks=True).generic(
            "POST",
            "/chatops/discord/interactions",
            body,
            "application/json",
            headers=headers or signed(body, at=self.now()),
        )

    def interact(self, account: str, interaction: dict[str, Any]) -> None:
        response = self.post(json.dumps(interaction).encode())
        assert response.status_code == 200
        assert response.headers["content-type"] == "application/json"
        self.guild.take(account, interaction, response.json())

    def press(self, account: str, card: Shown, label: str) -> None:
        self.interact(account, self.guild.press(account, card, label))

    def submit(self, account: str, card: Shown, **typed: str) -> str:
        """Send the dialog that is open; what is told to nobody but who sent it."""
        self.interact(account, self.guild.submit(account, card, **typed))
        return self.told(account)

    def decide(self, account: str, card: Shown, label: str, **typed: str) -> str:
        """Press the button and send the dialog that opens."""
        self.press(account, card, label)
        return self.submit(account, card, **typed)

    def told(self, account: str) -> str:
        """What was told last to nobody but this person."""
        return self.guild.whispers[account][-1]["content"]

    def link_for(self, account: str) -> str:
        """Where this person, who was told so last, links the account: the path of the page."""
        (row,) = self.guild.whispers[account][-1]["components"]
        (button,) = row["components"]
        return button["url"][button["url"].index("/link/") :]
