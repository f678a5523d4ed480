"""The channel itself: its settings, its secrets, and a sample through it."""

import json

import pytest

from accessplane.lib.errors import InvalidInput
from audit.models import AuditEvent
from chatops.models import ChannelConfig
from chatops.services import channels
from identity.selectors import subject_of
from tests import cast
from tests.cast import NOON, actor_of
from tests.chatops.fakes.mattermost import ACTION_SECRET, TOKEN
from tests.chatops.mattermost_door import mattermost_channel

pytestmark = pytest.mark.django_db


def sample(dana):
    return channels.send_sample(
        name="mattermost", subject=subject_of(dana, at=NOON), by=actor_of(dana), at=NOON
    )


def test_a_sample_tries_the_token_and_writes_to_nobody(town, dana):
    report = sample(dana)

    said = "The token is that of @access-plane. Routes name whom to write to."
    assert (report.delivered, report.detail) == (True, said)
    assert town.posts == {}


def test_a_sample_says_when_no_address_can_be_confirmed(town, dana):
    town.is_administrator = False

    assert "link_by_email links nobody" in sample(dana).detail


def test_a_sample_with_a_wrong_token(town, dana):
    cast.apply(mattermost_channel(town, token="wrong"))

    assert not sample(dana).delivered


def test_its_secrets_are_sealed_and_never_shown(town):
    channel = ChannelConfig.objects.get(name="mattermost")

    kept = json.dumps([channel.settings, *AuditEvent.objects.values_list("data", flat=True)])
    assert TOKEN not in kept
    assert ACTION_SECRET not in kept
    assert channels.shown_settings(channel) == {
        "token": "stored",
        "action_secret": "stored",
        "url": town.url,
        "link_by_email": True,
    }


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"token": ""}, "A secret is"),
        ({"token": "env:DATABASE_URL"}, "belongs to the plane"),
        ({"action_secret": []}, "There are 1 to 2"),
        ({"action_secret": [ACTION_SECRET] * 3}, "There are 1 to 2"),
        ({"url": "chat.example.com"}, "https://"),
        ({"url": "https://bob:secret@chat.example.com"}, "no user name"),
        ({"url": "https://chat.example.com/?a=b"}, "`url` is where the server is"),
        ({"colour": "blue"}, "colour"),
    ],
)
def test_settings_that_cannot_be(chat, everybody, wrong, said):
    with pytest.raises(InvalidInput, match=said):
        cast.apply(mattermost_channel(chat, **wrong))

    assert not ChannelConfig.objects.exists()


@pytest.mark.parametrize("missing", ["token", "action_secret", "url"])
def test_settings_that_are_missing(chat, everybody, missing):
    document = mattermost_channel(chat)
    del document["spec"]["settings"][missing]

    with pytest.raises(InvalidInput, match=missing):
        cast.apply(document)
