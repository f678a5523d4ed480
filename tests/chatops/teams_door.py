"""The plane's side of Teams in tests: its channel, and activities that Teams would send."""

import json
from typing import Any

from django.test import Client

from tests import cast
from tests.chatops.fakes.teams import APP, APP_SECRET, TENANT, Organisation, Posted

MESSAGE = "application/vnd.microsoft.activity.message"
CARD = "application/vnd.microsoft.card.adaptive"


def teams_channel(teams: Organisation, name: str = "teams", **settings: Any) -> dict[str, Any]:
    """The document of a channel that is a bot in this organisation, and tells people as well."""
    given = {
        "app_id": APP,
        "app_secret": APP_SECRET,
        "tenant_id": TENANT,
        "tell_people": True,
        "link_by_email": True,
        "service_url": f"{teams.url}/teams",
        "login_url": teams.url,
        "openid_url": f"{teams.url}/openid",
        "graph_url": teams.url,
    } | settings
    return cast.document("channel", name, {"type": "teams", "settings": given})


def flow_channel(teams: Organisation, name: str = "flow", **settings: Any) -> dict[str, Any]:
    """The document of a channel that goes one way, through a flow of Power Automate."""
    given = {"webhook_url": f"{teams.url}/flow?sig=geheim"} | settings
    return cast.document("channel", name, {"type": "teams", "settings": given})


def deliver(teams: Organisation, document: Any, clock: Any, header: str | None = None) -> Any:
    """What the Bot Connector gets for this activity."""
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    signed = teams.signed(clock.now()) if header is None else header
    return Client(enforce_csrf_checks=True).generic(
        "POST",
        "/chatops/teams/messages",
        body,
        "application/json",
        headers={"Authorization": signed},
    )


def press(
    teams: Organisation, name: str, on: Posted, label: str, clock: Any, **inputs: Any
) -> dict[str, Any]:
    """What somebody sees who presses a button: the document that answers the click."""
    response = deliver(teams, teams.press(name, on, label, **inputs), clock)
    assert response.status_code == 200
    answer = response.json()
    assert answer["statusCode"] == 200
    return answer


def told(answer: dict[str, Any]) -> str:
    """The sentence in such an answer."""
    assert answer["type"] == MESSAGE
    return answer["value"]
