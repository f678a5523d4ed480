"""Through no channel does anybody approve a sensitive role: none of them knows of a factor."""

import pytest
from django.test import Client

from accessplane.lib.actors import Via
from chatops.channels import registry
from chatops.channels.inbound import Said
from chatops.messages import Deed
from chatops.models import ChannelConfig, Heard
from chatops.services import answers
from chatops.services import deeds as channel_deeds
from requests_app.models import AccessRequest
from reviews.models import Review
from reviews.services.reviewing import FreshFactorRequired
from tests import cast, deeds, sensitive
from tests.cast import NOON
from tests.chatops.conftest import mail_channel
from tests.chatops.email.door import link_for
from tests.chatops.fakes.block_kit import words_of
from tests.chatops.pagerduty_door import acknowledged, deliver
from tests.chatops.slack_door import written
from tests.web.reading import Browser
from tests.witness import nothing_happens

pytestmark = pytest.mark.django_db


def test_in_slack_the_button_says_where_to_go(space, door, asked, settings):
    sensitive.demand(settings)
    before = written()

    door.press("U0ALICE", space.card("C0SECURITY"), "Approve")

    assert written() == before
    assert "U0ALICE" not in space.windows
    (whisper,) = space.whispers["U0ALICE"]
    request = AccessRequest.objects.get()
    assert f"/requests/{request.pk}" in str(words_of(whisper["blocks"]))


def test_in_slack_a_window_that_was_open_already_approves_nothing(space, door, asked, settings):
    door.press("U0ALICE", space.card("C0SECURITY"), "Approve")
    sensitive.demand(settings)
    before = written()

    door.submit("U0ALICE")

    assert written() == before


def test_in_slack_to_deny_stays_free(space, door, asked, settings):
    sensitive.demand(settings)

    door.decide("U0ALICE", space.card("C0SECURITY"), "Deny")

    assert Review.objects.get().decision == "DENY"


@pytest.mark.parametrize("require_sign_in", [True, False])
def test_by_mail(post, bob, alice, settings, require_sign_in):
    sensitive.demand(settings)
    cast.apply(mail_channel("post", require_sign_in=require_sign_in))
    asked = deeds.ask(bob, "dba")
    browser = Browser(Client())
    if require_sign_in:
        browser.client.force_login(alice)
    link = link_for(asked)

    seen = browser.read(link)
    assert not seen.has_button("Approve")
    assert seen.has_button("Deny")
    assert "a mail cannot ask for it" in seen.text
    with nothing_happens():
        seen = browser.send(link, decision="APPROVE", reason="")
    assert seen.status == 403
    assert not Heard.objects.exists()

    browser.send(link, decision="DENY", reason="")
    assert Review.objects.get().decision == "DENY"


def test_in_pagerduty(pager, paged, clock, settings):
    settings_of = cast.role("staging-web")
    settings_of["metadata"]["labels"] = {"sensitive": "true"}
    sensitive.demand(settings)
    cast.apply(settings_of)

    assert deliver(acknowledged(pager, "alice", clock)) == 202

    assert not Review.objects.exists()
    assert f"/requests/{paged.pk}" in pager.notes()[-1]


@pytest.mark.parametrize("kind", sorted(registry._types))
def test_through_any_channel_that_takes_answers(bob, alice, settings, kind):
    """All of them act as `actor_through` says, by the deeds that they share."""
    sensitive.demand(settings)
    asked = deeds.ask(bob, "dba")
    if kind not in set(Via):
        pytest.skip("takes no answers")
    by = answers.actor_through(alice, ChannelConfig(type=kind))
    said = Said(deed=Deed.APPROVE, object_id=asked.pk, account="x", key="y")

    with nothing_happens(), pytest.raises(FreshFactorRequired):
        channel_deeds.do(Deed.APPROVE, asked.pk, said, user=alice, by=by, at=NOON)
    with nothing_happens(), pytest.raises(FreshFactorRequired):
        channel_deeds.sheet_for(Deed.APPROVE, asked.pk, alice, by=by, at=NOON)
