"""The plane's side of Jira in tests: its channel, and webhooks that Jira would sign."""

import json
from typing import Any

from django.test import Client

from tests import cast
from tests.chatops.fakes.jira import EMAIL, SECRET, TOKEN, Site, signature

TRANSITIONS = {
    "approve": "Approved",
    "deny": "Declined",
    "waiting": "To Do",
    "approved": "Approve",
    "denied": "Declined",
    "expired": "Expired",
    "cancelled": "Withdraw",
}


def jira_channel(site: Site, name: str = "jira", **settings: Any) -> dict[str, Any]:
    """The document of a channel into this site, where moving an issue decides."""
    given = {
        "url": site.url,
        "email": EMAIL if site.version == "3" else "",
        "token": TOKEN,
        "project": "OPS",
        "transitions": TRANSITIONS,
        "webhook_secret": SECRET,
        "link_by_email": True,
        "api": int(site.version),
    } | settings
    return cast.document("channel", name, {"type": "jira", "settings": given})


def moved(site: Site, name: str, to: str, clock: Any, **changed: Any) -> dict[str, Any]:
    """The webhook of somebody with an account there who drags the issue to this status now."""
    account = site.hire(name)
    return site.move(account, to, at=clock.now(), **changed)


def deliver(document: Any, *, secret: str = SECRET, **headers: str) -> int:
    """The status that Jira gets for this webhook."""
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    return (
        Client(enforce_csrf_checks=True)
        .generic(
            "POST",
            "/chatops/jira/webhook",
            body,
            "application/json",
            headers=headers or {"X-Hub-Signature": signature(body, secret)},
        )
        .status_code
    )
