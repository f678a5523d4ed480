"""The app's side of Slack in tests: its channel, and posts that Slack would sign."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.test import Client
from slack_sdk.signature import SignatureVerifier

from audit.models import AuditEvent
from reviews.models import Review
from tests import cast
from tests.chatops.fakes.block_kit import Shown, check_blocks
from tests.chatops.fakes.slack import APP_TOKEN, BOT_TOKEN, SIGNING_SECRET, Workspace

FORM = "application/x-www-form-urlencoded"


def written() -> tuple[int, int]:
    """How much was ever judged, and how much was recorded."""
    return Review.objects.count(), AuditEvent.objects.count()


def slack_channel(space: Workspace, name: str = "slack", **settings: Any) -> dict[str, Any]:
    """The document of a channel into this workspace."""
    given = {
        "bot_token": BOT_TOKEN,
        "signing_secret": SIGNING_SECRET,
        "app_token": APP_TOKEN,
        "api_url": space.url,
    } | settings
    return cast.document("channel", name, {"type": "slack", "settings": given})


def signed(body: str, *, at: datetime, secret: str = SIGNING_SECRET) -> dict[str, str]:
    """The headers by which a post of this body is Slack's own."""
    timestamp = str(int(at.timestamp()))
    signature = SignatureVerifier(secret).generate_signature(timestamp=timestamp, body=body)
    return {"X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": str(signature)}


@dataclass
class Door:
    """Posts what people do in the workspace to the plane, signed."""

    space: Workspace
    now: Callable[[], datetime]

    def post(self, what: str, body: str, *, kind: str, **headers: str) -> Any:
        path = f"/chatops/slack/{what}"
        return Client(enforce_csrf_checks=True).generic(
            "POST", path, body, kind, headers=headers or signed(body, at=self.now())
        )

    def interact(self, payload: dict[str, Any], **headers: str) -> Any:
        body = urlencode({"payload": json.dumps(payload)})
        return self.post("interactions", body, kind=FORM, **headers)

    def command(self, account: str, text: str) -> Any:
        """The answer to `/access text`, which only this person sees."""
        body = urlencode(self.space.type_(account, text))
        response = self.post("commands", body, kind=FORM)
        assert response.status_code == 200
        answer = response.json()
        assert answer["response_type"] == "ephemeral"
        check_blocks(answer["blocks"], most=50)
        return answer

    def event(self, payload: dict[str, Any]) -> Any:
        return self.post("events", json.dumps(payload), kind="application/json")

    def press(self, account: str, message: Shown, label: str) -> Any:
        response = self.interact(self.space.press(account, message, label))
        assert (response.status_code, response.content) == (200, b"")
        return response

    def submit(self, account: str, **typed: Any) -> Any:
        """What Slack gets as the answer to the window that somebody sends."""
        response = self.interact(self.space.submit(account, **typed))
        assert response.status_code == 200
        return response.json()

    def decide(self, account: str, message: Shown, label: str, **typed: Any) -> Any:
        """Press the button and send the window that opens."""
        self.press(account, message, label)
        return self.submit(account, **typed)
