"""The plane's side of Mattermost in tests: its channel, and the calls that the server makes."""

import json
from dataclasses import dataclass
from typing import Any

from django.test import Client

from tests import cast
from tests.chatops.fakes.mattermost import ACTION_SECRET, TOKEN, Server
from tests.chatops.fakes.mattermost_posts import Shown


def mattermost_channel(
    server: Server, name: str = "mattermost", **settings: Any
) -> dict[str, Any]:
    """The document of a channel into this server, where people count by their address."""
    given = {
        "token": TOKEN,
        "action_secret": ACTION_SECRET,
        "url": server.url,
        "link_by_email": True,
    } | settings
    return cast.document("channel", name, {"type": "mattermost", "settings": given})


@dataclass
class Desk:
    """Posts to the plane what the server would, and hands the answers on."""

    server: Server

    def send(self, door: str, document: Any) -> Any:
        """The response to a call of this body, a document or bytes."""
        body = document if isinstance(document, bytes) else json.dumps(document).encode()
        return Client(enforce_csrf_checks=True).generic(
            "POST", f"/chatops/mattermost/{door}", body, "application/json"
        )

    def press(self, name: str, post: Shown, label: str) -> str:
        """Press the button; what is whispered below the post."""
        response = self.send("actions", self.server.press(name, post, label))
        assert response.status_code == 200
        said = response.json()
        assert set(said) <= {"ephemeral_text", "skip_slack_parsing"}
        return said.get("ephemeral_text", "")

    def submit(self, name: str, **typed: Any) -> dict[str, Any]:
        """Send the dialog that is open; what is wrong with it, nothing if it closes."""
        response = self.send("dialogs", self.server.submit(name, **typed))
        assert response.status_code == 200
        said = response.json()
        assert set(said) <= {"error", "errors"}
        return said

    def decide(self, name: str, post: Shown, label: str, **typed: Any) -> dict[str, Any]:
        """Press the button and send the dialog that opens."""
        assert self.press(name, post, label) == ""
        return self.submit(name, **typed)
