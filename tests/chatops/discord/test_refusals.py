"""What people may not do in Discord: nothing changes, and they alone are told."""

import pytest

from chatops.models import LinkedAccount
from chatops.services import answers
from requests_app.models import AccessRequest, Grant
from requests_app.states import RequestState
from tests import cast, deeds
from tests.chatops.fakes.discord import Shown
from tests.chatops.fakes.discord_markdown import seen
from tests.witness import nothing_happens

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("who", "said"),
    [
        ("bob", "You may not decide on your own request."),
        ("mallory", "There is no such access request."),
    ],
)
def test_who_may_not_decide_is_told_so_alone(room, door, asked, who, said):
    account = getattr(room, who)

    with nothing_happens():
        door.press(account, room.card, "Approve")

    assert seen(door.told(account)).text == said
    assert room.guild.windows == {}
    assert room.guild.messages == [room.card]


def test_a_dialog_of_somebody_else_gives_nobody_a_right(room, door, asked):
    """Bob sends the dialog that opened for Alice, as his own."""
    door.press(room.alice, room.card, "Approve")
    room.guild.windows[room.bob] = room.guild.windows[room.alice]

    with nothing_happens():
        said = door.submit(room.bob, room.card)

    assert "your own request" in said


def test_a_second_click_and_a_second_dialog(room, door, asked):
    door.press(room.alice, room.card, "Approve")
    window = room.guild.windows[room.alice]
    door.submit(room.alice, room.card)

    with nothing_happens():
        door.press(room.alice, room.card, "Deny")
        assert door.told(room.alice) == "You reviewed this request already."
        room.guild.windows[room.alice] = window
        assert "already" in door.submit(room.alice, room.card, reason="again")


def test_a_click_after_the_end(room, door, asked, bob):
    card = Shown(**vars(room.card) | {"document": room.card.document.copy()})
    door.press(room.alice, card, "Approve")
    deeds.cancel(asked, bob)

    with nothing_happens():
        assert door.submit(room.alice, card) == "This request is CANCELLED already."
        door.press(room.alice, card, "Approve")

    assert door.told(room.alice) == "This request is CANCELLED already."
    assert AccessRequest.objects.get().state == RequestState.CANCELLED


def test_an_inactive_user_is_nobody(room, door, asked):
    cast.apply(cast.person("alice", roles=["dba-reviewer"], active=False))

    with nothing_happens():
        door.press(room.alice, room.card, "Approve")

    assert "linked to nobody" in door.told(room.alice)


def test_who_unlinked_the_account_is_nobody_again(room, door, asked, alice, clock):
    account = LinkedAccount.objects.get(user=alice)
    by = cast.actor_of(alice)
    answers.unlink_account(account_id=account.pk, user=alice, by=by, at=clock.now())

    with nothing_happens():
        door.press(room.alice, room.card, "Approve")

    assert "linked to nobody" in door.told(room.alice)


def test_a_link_works_once(room, door, asked, client, carol, mallory):
    door.press(room.stranger, room.card, "Approve")
    page = door.link_for(room.stranger)
    client.force_login(carol)
    assert client.post(page).status_code == 302

    client.force_login(mallory)
    assert client.post(page).status_code != 302

    assert LinkedAccount.objects.get(external_id=room.stranger).user == carol


@pytest.mark.parametrize("label", ["EXTEND", "GIVE_BACK"])
def test_nobody_extends_or_gives_back_what_is_not_his(room, door, bob, label):
    grant = deeds.granted_dba(bob)
    button = {"type": 2, "style": 2, "label": label, "custom_id": f"deed:{label}:{grant.pk}"}
    row = {"type": 1, "components": [button]}
    card = Shown("1100000000000000900", room.channel, {"components": [row]})

    with nothing_happens():
        door.press(room.alice, card, label)

    assert room.guild.windows == {}
    assert Grant.objects.get().state == "ACTIVE"


def test_a_link_that_fits_into_no_button_is_written_out(room, door, asked, settings):
    settings.ACCESSPLANE_PUBLIC_URL = f"https://access.{'long.' * 60}example.com"

    door.press(room.stranger, room.card, "Approve")

    (whisper,) = room.guild.whispers[room.stranger]
    assert whisper["components"] == []
    assert f"\n<{settings.ACCESSPLANE_PUBLIC_URL}/link/" in whisper["content"]
