"""Whoever linked an account is told there by name, and decides there, without a room or a route."""

import pytest

from audit import services
from chatops.models import ChannelConfig, LinkedAccount, Posting, Preference
from chatops.states import PostingState
from requests_app.models import AccessRequest
from requests_app.states import RequestState
from tests import cast, deeds
from tests.chatops.discord.door import discord_channel

pytestmark = pytest.mark.django_db


@pytest.fixture
def linked(guild, everybody, clock, tell):
    """Discord without a route; Bob and Alice linked their accounts there, Ivan did not."""
    cast.apply(discord_channel(guild))
    channel = ChannelConfig.objects.get()
    accounts = {name: guild.hire(name) for name in ("bob", "alice")}
    for name, account in accounts.items():
        LinkedAccount.objects.create(
            user=cast.called(name), channel=channel, external_id=account, linked_at=clock.now()
        )
    tell()
    return accounts


def heard(guild, account) -> str:
    return " ".join(shown.words for shown in guild.seen_in(guild.talk_with(account)))


def test_a_reviewer_is_asked_and_the_requester_hears(guild, door, linked, bob, tell):
    request = deeds.ask(bob, "staging-web", reason="ticket #1")
    tell()
    (card, *_) = guild.seen_in(guild.talk_with(linked["alice"]))
    assert "ticket #1" in card.words

    door.decide(linked["alice"], card, "Approve", reason="go on")
    tell()

    assert AccessRequest.objects.get(pk=request.pk).state == RequestState.APPROVED
    assert "Alice approved" in heard(guild, linked["bob"])
    assert "Give back" in str(
        [shown.buttons for shown in guild.seen_in(guild.talk_with(linked["bob"]))]
    )


def test_who_linked_nothing_is_owed_nothing(linked, bob, tell):
    deeds.ask(bob, "dba")
    tell()

    assert set(Posting.objects.values_list("recipient", flat=True)) == {
        "bob@example.com",
        "alice@example.com",
    }


def test_a_preference_holds_here_too(guild, linked, bob, alice, tell):
    Preference.objects.create(
        user=alice, channel=ChannelConfig.objects.get(), audience="REVIEWER", is_wanted=False
    )

    deeds.ask(bob, "staging-web")
    tell()

    assert not Posting.objects.filter(recipient="alice@example.com").exists()


def test_who_unlinked_the_account_is_not_written_to(guild, linked, bob, told, clock):
    deeds.ask(bob, "staging-web")
    LinkedAccount.objects.filter(user__email="alice@example.com").delete()
    services.drain(at=clock.now())
    LinkedAccount.objects.all().delete()

    told(clock.move(minutes=1))

    posting = Posting.objects.get(recipient="bob@example.com")
    assert posting.state == PostingState.FAILED
    assert posting.error == "This person's account is not linked any more."


def test_only_who_is_reached_may_choose(linked, client, alice, ivan):
    client.force_login(alice)
    assert "through discord" in client.get("/notifications").text
    client.force_login(ivan)
    assert "through discord" not in client.get("/notifications").text
