"""Bob asks, and Alice and Ivan decide without leaving Discord."""

import json
from datetime import timedelta

import pytest

from accessplane.lib.actors import Via
from audit.models import AuditEvent
from chatops.models import LinkedAccount, Posting
from requests_app.models import AccessRequest, Grant
from requests_app.states import RequestState
from reviews.models import Review
from tests import cast, deeds
from tests.chatops.conftest import route
from tests.chatops.discord.door import discord_channel
from tests.chatops.fakes.discord import Shown
from tests.chatops.fakes.discord_markdown import seen
from tests.witness import nothing_happens

pytestmark = pytest.mark.django_db


def state(request):
    return AccessRequest.objects.get(pk=request.pk).state


# --- the story ----------------------------------------------------------------------------------


def test_the_whole_story_in_discord(room, door, asked, tell, bob, clock):
    check_what_is_asked(room, asked)

    assert door.decide(room.alice, room.card, "Approve", reason="go on") == (
        "Your approval counts."
    )
    tell()
    assert "1 of 2 approvals" in room.card.words
    assert room.card.buttons == ["Approve", "Deny", "Open"]
    assert room.replies == ["⏳ Alice approved: go on"]

    door.decide(room.ivan, room.card, "Approve")
    tell()
    assert state(asked) == RequestState.APPROVED
    assert deeds.has_access(bob, at=clock.now())
    check_the_end(room, asked)


def check_what_is_asked(room, asked):
    card = room.card
    assert card.embed["title"] == "Bob asks for dba for 8 hours"
    assert card.embed["url"].endswith(f"/requests/{asked.pk}")
    assert card.embed["color"] == 0xF0B232
    facts = {one["name"]: one["value"] for one in card.embed["fields"]}
    assert facts["Reason"] == "ticket #123"
    assert facts["For"] == "8 hours"
    assert facts["Waits until"] == f"<t:{int(asked.pending_expires_at.timestamp())}:f>"
    assert facts["Needed"] == "0 of 2 approvals (two people)"
    assert card.buttons == ["Approve", "Deny", "Open"]


def check_the_end(room, asked):
    card = room.card
    until = Grant.objects.get().ends_at
    assert "Approved by Alice and Ivan, until Mon 2 Mar 2026, 20:0" in card.embed["description"]
    assert {"name": "Until", "value": f"<t:{int(until.timestamp())}:f>", "inline": True} in (
        card.embed["fields"]
    )
    assert (card.embed["color"], card.buttons) == (0x23A55A, ["Open"])
    assert "Approved by Alice and Ivan" in room.replies[-1]
    assert [(r.via, r.reviewer.email) for r in Review.objects.order_by("number")] == [
        (Via.DISCORD, "alice@example.com"),
        (Via.DISCORD, "ivan@example.com"),
    ]
    recorded = AuditEvent.objects.filter(type="access_request.reviewed").order_by("pk").first()
    assert (recorded.actor_name, recorded.actor_via) == ("alice@example.com", "discord")
    assert not Posting.objects.exclude(state="SENT").exists()


def test_deny_says_no_and_why(room, door, asked, tell):
    assert door.decide(room.ivan, room.card, "Deny", reason="not today") == (
        "Your denial counts."
    )
    tell()

    assert state(asked) == RequestState.DENIED
    assert "Denied by Ivan: not today" in room.card.words
    assert (room.card.embed["color"], room.card.buttons) == (0xF23F43, ["Open"])


def test_a_cancelled_request_asks_nobody_any_more(room, asked, bob, tell):
    deeds.cancel(asked, bob)
    tell()

    assert (room.card.embed["color"], room.card.buttons) == (0x80848E, ["Open"])


# --- the dialog ---------------------------------------------------------------------------------


def test_the_dialog_shows_what_is_asked_and_decides_nothing(room, door, asked):
    with nothing_happens():
        door.press(room.alice, room.card, "Approve")
        approve = room.guild.windows[room.alice]
        door.press(room.alice, room.card, "Deny")
        deny = room.guild.windows[room.alice]

    assert [approve["title"], deny["title"]] == ["Approve", "Deny"]
    words = seen(approve["components"][0]["content"]).text
    assert "Bob asks for dba for 8 hours" in words
    assert "ticket #123" in words
    names = [
        [c["component"]["custom_id"] for c in w["components"][1:]] for w in (approve, deny)
    ]
    assert names == [["reason", "start_time"], ["reason"]]


@pytest.mark.parametrize(
    ("typed", "hours"),
    [
        ("in 3h", 3),
        ("3h", 3),
        ("2026-03-02 17:00 UTC", 4.9667),
        ("2026-03-02T18:00+01:00", 4.9667),
        ("2026-03-02 18:00 +01:00", 4.9667),
    ],
)
def test_an_approval_says_from_when(room, door, asked, clock, typed, hours):
    for who in (room.alice, room.ivan):
        door.decide(who, room.card, "Approve", start_time=typed)

    grant = Grant.objects.get()
    assert grant.state == "SCHEDULED"
    begins = clock.now() + timedelta(hours=hours)
    assert abs(grant.starts_at - begins) < timedelta(minutes=1)


@pytest.mark.parametrize(
    "typed",
    ["tomorrow", "15:00", "2026-03-02 15:00", "2026-03-02 UTC", "in 0h", "999999999d", "@"],
)
def test_a_start_that_is_not_clear_decides_nothing(room, door, asked, typed):
    with nothing_happens():
        said = door.decide(room.alice, room.card, "Approve", start_time=typed)

    assert "When access begins is not clear." in seen(said).text


def test_a_start_in_the_past_decides_nothing(room, door, asked):
    with nothing_happens():
        said = door.decide(room.alice, room.card, "Approve", start_time="2026-03-01 12:00 UTC")

    assert "past" in said


def test_the_older_kind_of_dialog_is_read_as_well(room, door, asked):
    door.press(room.alice, room.card, "Deny")
    sent = room.guild.submit(room.alice, room.card)
    field = {"type": 4, "custom_id": "reason", "value": "no"}
    sent["data"]["components"] = [{"type": 1, "components": [field]}]

    door.interact(room.alice, sent)

    assert Review.objects.get().reason == "no"


# --- in a conversation --------------------------------------------------------------------------


@pytest.fixture
def in_person(room, bob, tell):
    """A route names Alice, who is told alone."""
    cast.apply(route("room", "discord", recipients=[f"user:{room.alice}"]))
    request = deeds.ask(bob, "dba")
    tell()
    return request


def test_somebody_who_is_named_decides_in_a_conversation(room, door, in_person, tell):
    talk = room.guild.talk_with(room.alice)
    assert "Bob asks for dba" in room.guild.card(talk).words

    door.decide(room.alice, room.guild.card(talk), "Approve")
    tell()

    assert Review.objects.get().reviewer.email == "alice@example.com"
    assert "1 of 2 approvals" in room.guild.card(talk).words
    assert room.guild.replies(room.guild.card(talk)) == ["⏳ Alice approved."]


# --- whoever holds access -----------------------------------------------------------------------


def held(room, grant, deed):
    """A card of Bob's own with the button for this, as it would stand in a conversation."""
    talk = room.guild.found("", type=1, **{"with": room.bob})
    button = {
        "type": 2,
        "style": 2,
        "label": deed,
        "custom_id": f"deed:{deed}:{grant.pk}",
    }
    row = {"type": 1, "components": [button]}
    card = Shown("1100000000000000900", talk, {"components": [row]})
    room.guild.messages.append(card)
    return card


def test_the_holder_extends_and_gives_back(room, door, bob):
    grant = deeds.granted_dba(bob, duration=timedelta(hours=1))
    card = held(room, grant, "EXTEND")

    with nothing_happens():
        said = door.decide(room.bob, card, "EXTEND", duration="two hours")
    assert "duration" in said
    door.decide(room.bob, card, "EXTEND", duration="2h", reason="more")
    extension = AccessRequest.objects.get(extends=grant)
    assert (extension.via, extension.reason) == ("discord", "more")
    said = door.decide(room.bob, held(room, grant, "GIVE_BACK"), "GIVE_BACK")
    assert said == "You gave the access back."
    assert Grant.objects.get(pk=grant.pk).state == "ENDED"


# --- accounts -----------------------------------------------------------------------------------


def test_a_stranger_gets_a_link_links_the_account_and_decides(room, door, asked, client, ivan):
    LinkedAccount.objects.filter(user=ivan).delete()
    with nothing_happens():
        door.press(room.stranger, room.card, "Approve")
    assert room.guild.windows == {}
    assert "linked to nobody" in door.told(room.stranger)
    assert not [one for one in room.guild.messages if one is not room.card]

    client.force_login(ivan)
    assert client.post(door.link_for(room.stranger)).status_code == 302

    door.decide(room.stranger, room.card, "Approve")
    assert Review.objects.get().reviewer == ivan


def test_discord_vouches_for_nobody_s_address(room, door, asked):
    room.guild.people[room.stranger] = "alice@example.com"

    with nothing_happens():
        door.press(room.stranger, room.card, "Approve")

    assert "linked to nobody" in door.told(room.stranger)


# --- the address --------------------------------------------------------------------------------


def test_discord_may_try_the_address(guild, everybody, door):
    cast.apply(discord_channel(guild))

    response = door.post(json.dumps(guild.ping()).encode())

    assert (response.status_code, response.json()) == (200, {"type": 1})
    assert response.headers["content-type"] == "application/json"
