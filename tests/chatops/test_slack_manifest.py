"""The app that is shipped calls the addresses that there are, and may do what it does."""

from pathlib import Path
from urllib.parse import urlsplit

import pytest
import yaml
from django.urls import resolve

from chatops.services.slack.talking import Kind
from tests.chatops.fakes.slack_methods import SCOPES

MANIFEST = Path(__file__).parents[2] / "examples/slack/manifest.yaml"


@pytest.fixture(scope="module")
def manifest():
    return yaml.safe_load(MANIFEST.read_text())


def test_every_address_of_the_app_is_a_door_of_its_kind(manifest):
    (command,) = manifest["features"]["slash_commands"]
    settings = manifest["settings"]
    addresses = {
        Kind.COMMAND: command["url"],
        Kind.EVENT: settings["event_subscriptions"]["request_url"],
        Kind.INTERACTION: settings["interactivity"]["request_url"],
    }

    for kind, address in addresses.items():
        found = resolve(urlsplit(address).path)
        assert found.func.view_initkwargs == {"kind": kind}


def test_the_app_may_do_what_it_does_and_no_more(manifest):
    """The scopes that Slack's reference asks for the methods that we call."""
    assert set(manifest["oauth_config"]["scopes"]["bot"]) == {
        "chat:write",  # chat.postMessage, chat.update
        "commands",
        "im:write",  # conversations.open
        "users:read",  # users.info
        "users:read.email",  # users.lookupByEmail, and the address in users.info
        "channels:read",  # users.conversations
        "groups:read",
        "channels:history",  # conversations.history, conversations.replies
        "groups:history",
        "im:history",
    }
    assert set(manifest["oauth_config"]["scopes"]["bot"]) == SCOPES  # what our fake has
    assert manifest["settings"]["event_subscriptions"]["bot_events"] == ["app_home_opened"]
    assert manifest["features"]["app_home"]["home_tab_enabled"] is True
