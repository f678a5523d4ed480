"""The plane's side of PagerDuty in tests: its channel, and webhooks that PagerDuty would sign."""

import json
from typing import Any

from django.test import Client

from tests import cast
from tests.chatops.fakes.pagerduty import API_KEY, SECRET, SENDER, Pager, signature


def pagerduty_channel(pager: Pager, name: str = "pagerduty", **settings: Any) -> dict[str, Any]:
    """The document of a channel into this account, where acknowledging approves."""
    given = {
        "api_key": API_KEY,
        "from": SENDER,
        "webhook_secret": SECRET,
        "approve_on": {"acknowledged": "approve"},
        "link_by_email": True,
        "api_url": pager.url,
    } | settings
    return cast.document("channel", name, {"type": "pagerduty", "settings": given})


def acknowledged(pager: Pager, name: str, clock: Any, **changed: Any) -> dict[str, Any]:
    """The webhook of somebody with an account there who acknowledges the incident now."""
    return pager.acknowledge(pager.hire(name), at=clock.now(), **changed)


def deliver(document: Any, *, secret: str = SECRET, **headers: str) -> int:
    """The status that PagerDuty gets for this webhook."""
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    return (
        Client(enforce_csrf_checks=True)
        .generic(
            "POST",
            "/chatops/pagerduty/webhook",
            body,
            "application/json",
            headers=headers or {"X-PagerDuty-Signature": signature(body, secret)},
        )
        .status_code
    )
