from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from chatops.messages import Audience
from chatops.models import ChannelConfig, LinkedAccount, Preference
from requests_app.models import AccessRequest
from tests import cast, deeds
from tests.cast import NOON
from tests.chatops.conftest import route
from tests.chatops.discord.door import Door, discord_channel
from tests.chatops.fakes.discord import Guild, Shown, gathering


@dataclass
class Room:
    """The channel #security of a server, and who is there: the ids of the accounts."""

    guild: Guild
    channel: str
    bob: str
    alice: str
    ivan: str
    mallory: str
    stranger: str

    @property
    def card(self) -> Shown:
        """The only card."""
        return self.guild.card(self.channel)

    @property
    def replies(self) -> list[str]:
        """What the replies to it say."""
        return self.guild.replies(self.card)


@pytest.fixture
def guild() -> Iterator[Guild]:
    """Discord, with nobody in it."""
    with gathering() as found:
        yield found


@pytest.fixture
def door(guild, clock) -> Door:
    """The address that Discord calls, and Discord who calls it."""
    return Door(guild, clock.now)


@pytest.fixture
def room(guild, everybody, clock, tell) -> Room:
    """The cast has linked its accounts, and every request is told of in #security."""
    names = ("bob", "alice", "ivan", "mallory", "stranger")
    found = Room(guild, guild.found("security"), *map(guild.hire, names))
    cast.apply(
        discord_channel(guild), route("room", "discord", recipients=[f"{found.channel}"])
    )
    config = ChannelConfig.objects.get(name="discord")
    for name in names[:-1]:
        LinkedAccount.objects.create(
            user=cast.called(name),
            channel=config,
            external_id=getattr(found, name),
            linked_at=NOON,
        )
        # In these tests the room is told; people by themselves are in test_people.py.
        for audience in (Audience.REQUESTER, Audience.REVIEWER):
            Preference.objects.create(
                user=cast.called(name), channel=config, audience=audience, is_wanted=False
            )
    tell()
    return found


@pytest.fixture
def asked(room, bob, tell) -> AccessRequest:
    """Bob's request for dba, which two must approve; its card is out."""
    request = deeds.ask(bob, "dba", reason="ticket #123")
    tell()
    return request
