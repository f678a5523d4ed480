"""Through which door somebody acts: a client may name itself, and only as what it can be."""

import pytest
from rest_framework.test import APIClient

from audit.models import AuditEvent
from requests_app.models import AccessRequest

ASK = {"roles": ["dba"], "reason": "ticket #123"}

pytestmark = pytest.mark.django_db


def doors():
    made = AuditEvent.objects.get(type="access_request.created")
    return AccessRequest.objects.get().via, made.actor_via


@pytest.mark.parametrize("named", ["cli", "mcp"])
def test_a_client_with_a_token_says_which_one_it_is(as_, bob, clock, named):
    answer = as_(bob).post("access-requests/", ASK, headers={"Accessplane-Via": named})

    assert (answer.status_code, answer.json()["via"]) == (201, named)
    assert doors() == (named, named)


@pytest.mark.parametrize(
    "named",
    ["web", "api", "admin", "console", "system", "slack", "email", "MCP", "mcp,cli", ""],
)
def test_no_client_passes_for_another_door(as_, bob, clock, named):
    answer = as_(bob).post("access-requests/", ASK, headers={"Accessplane-Via": named})

    assert (answer.status_code, answer.json()["via"]) == (201, "api")
    assert doors() == ("api", "api")


def test_a_browser_is_the_web_whatever_it_says(bob, clock):
    browser = APIClient()
    browser.force_login(bob)

    answer = browser.post(
        "/api/v1/access-requests/", ASK, format="json", headers={"Accessplane-Via": "mcp"}
    )

    assert answer.status_code == 201
    assert doors() == ("web", "web")
