"""Whoever is not Discord is refused at the door, and nothing is heard twice."""

import json

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from reviews.models import Review
from tests import cast
from tests.cast import NOON
from tests.chatops.discord.door import discord_channel
from tests.chatops.fakes.discord import PRIVATE_KEY, signed
from tests.witness import nothing_happens

pytestmark = pytest.mark.django_db

NOBODY = {"X-Other": "header"}  # a door posts with its own headers unless it is given some


@pytest.fixture
def approval(room, door, asked) -> bytes:
    """The body of Alice's approval, not sent yet."""
    door.press(room.alice, room.card, "Approve")
    return json.dumps(room.guild.submit(room.alice, room.card, reason="go on")).encode()


@pytest.mark.parametrize(
    "change",
    [
        {"X-Signature-Ed25519": ""},
        {"X-Signature-Ed25519": "0" * 128},
        {"X-Signature-Ed25519": "0" * 127},
        {"X-Signature-Ed25519": "é" * 64},
        {"X-Signature-Ed25519": "right " * 20},
        {"X-Signature-Timestamp": ""},
        {"X-Signature-Timestamp": "soon"},
        {"X-Signature-Timestamp": "-1"},
        {"X-Signature-Timestamp": "9" * 13},
        {"X-Signature-Timestamp": "9" * 12},
        {"X-Signature-Timestamp": "1772452801"},
        {"X-Signature-Timestamp": "١٧٧٢٤٥٢٨٠٠"},
    ],
)
def test_a_forged_signature(room, door, approval, clock, change):
    right = signed(approval, at=clock.now())

    with nothing_happens():
        assert door.post(approval, **right | change).status_code == 401

    assert room.guild.whispers == {}


def test_no_signature_at_all(door, approval):
    with nothing_happens():
        assert door.post(approval, **NOBODY).status_code == 401


def test_another_key_or_another_body(door, approval, clock):
    other = Ed25519PrivateKey.generate()

    with nothing_happens():
        for headers in (
            signed(approval, at=clock.now(), key=other),
            signed(approval + b" ", at=clock.now()),
        ):
            assert door.post(approval, **headers).status_code == 401


def test_a_digit_that_moves_from_the_timestamp_into_the_body(door, approval, clock):
    timestamp = str(int(clock.now().timestamp()))
    signature = PRIVATE_KEY.sign(timestamp.encode() + approval).hex()
    moved = {"X-Signature-Ed25519": signature, "X-Signature-Timestamp": timestamp[:-1]}

    with nothing_happens():
        assert door.post(timestamp[-1:].encode() + approval, **moved).status_code == 401


@pytest.mark.parametrize("minutes", [6, -6])
def test_a_signature_of_another_time(door, approval, clock, minutes):
    headers = signed(approval, at=clock.now())
    clock.move(minutes=minutes)

    with nothing_happens():
        assert door.post(approval, **headers).status_code == 401


def test_a_ping_that_nobody_signed(room, door):
    """Discord sends some to see whether they are refused."""
    ping = json.dumps(room.guild.ping()).encode()
    forged = signed(ping, at=NOON) | {"X-Signature-Ed25519": "ab" * 64}

    assert door.post(ping, **forged).status_code == 401


def test_a_replay_changes_nothing(door, approval, clock):
    headers = signed(approval, at=clock.now())
    assert door.post(approval, **headers).status_code == 200
    assert Review.objects.get().reason == "go on"
    clock.move(minutes=4)

    with nothing_happens():
        replays = [door.post(approval, **headers) for _ in range(2)]

    assert [(one.status_code, one.content) for one in replays] == [(202, b""), (202, b"")]


def test_a_replayed_click_shows_nobody_the_dialog(room, door, asked, clock):
    body = json.dumps(room.guild.press(room.alice, room.card, "Approve")).encode()
    headers = signed(body, at=clock.now())

    first, second = door.post(body, **headers), door.post(body, **headers)

    assert first.json()["type"] == 9
    assert (second.status_code, second.content) == (202, b"")


def test_a_replay_does_not_count_when_its_sender_may_review_by_then(room, door, asked, clock):
    door.press(room.alice, room.card, "Approve")
    room.guild.windows[room.mallory] = room.guild.windows[room.alice]
    body = json.dumps(room.guild.submit(room.mallory, room.card)).encode()
    door.post(body)
    cast.apply(cast.person("mallory", roles=["dba-reviewer"]))

    with nothing_happens():
        assert door.post(body).status_code == 202


def test_a_channel_that_is_switched_off_hears_nothing(room, door, approval):
    document = discord_channel(room.guild)
    document["spec"]["active"] = False
    cast.apply(document)

    with nothing_happens():
        assert door.post(approval).status_code == 401


def test_another_door_is_none(room, client):
    assert client.post("/chatops/discord/webhook").status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{",
        b"\xff",
        b"[" * 5000,
        b"{}",
        b'{"type": "3", "id": "1"}',
        b'{"type": 3}',
        b'{"type": 3, "id": 7}',
        b'{"type": 3, "id": "7; drop"}',
        b'{"type": 3, "id": "%s"}' % (b"7" * 21),
        b'{"type": 3, "id": "7", "data": {"custom_id": "deed:APPROVE:x"}}',
        b'{"type": 3, "id": "7", "data": {"custom_id": "deed:FORCE:%s"}}',
        b'{"type": 3, "id": "7", "data": {"custom_id": "deed:APPROVE:%s"}}',
        b'{"type": 5, "id": "7", "data": {"custom_id": "deed:DENY:%s"}, "member": {}}',
        b'{"type": 5, "id": "7", "data": {"custom_id": "deed:DENY:%s"}, "user": {"id": "me"}}',
        b'{"type": 5, "id": "7", "data": {"custom_id": "deed:DENY:%s", "components": 1}}',
    ],
)
def test_what_discord_never_sends(room, door, asked, body):
    body = body.replace(b"%s", str(asked.pk).encode())

    with nothing_happens():
        assert door.post(body).status_code == 400


@pytest.mark.parametrize(
    "said",
    [
        {"type": 2, "data": {"id": "1", "name": "access", "type": 1}},
        {"type": 4, "data": {"id": "1", "name": "access", "type": 1}},
        {"type": 3, "data": {"custom_id": "somebody else's", "component_type": 2}},
        {"type": 5, "data": {"custom_id": "somebody else's", "components": []}},
        {"type": 3},
        {"type": 99, "data": {}},
    ],
)
def test_what_means_nothing_here_is_passed_over(room, door, asked, said):
    sent = {"id": "1100000000000000800", "user": {"id": room.alice}} | said

    with nothing_happens():
        response = door.post(json.dumps(sent).encode())

    assert (response.status_code, response.content) == (202, b"")


def test_a_body_that_is_too_large(door, room):
    assert door.post(b"x" * 2_000_000).status_code == 413
