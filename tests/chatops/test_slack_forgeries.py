"""Whoever is not Slack is refused at the door, before anything is read."""

import pytest

from requests_app.models import AccessRequest
from reviews.models import Review
from tests import cast, deeds
from tests.cast import NOON
from tests.chatops.slack_door import FORM, signed, slack_channel, written

pytestmark = pytest.mark.django_db


def submission(space, door) -> str:
    """The body of Alice's approval, not sent yet."""
    sent = []
    door.press("U0ALICE", space.card("U0ALICE"), "Approve")
    real, door.post = door.post, lambda _what, body, **_: sent.append(body)
    door.interact(space.submit("U0ALICE"))
    door.post = real
    return sent[0]


@pytest.mark.parametrize(
    "change",
    [
        {"X-Slack-Signature": ""},
        {"X-Slack-Signature": "v0="},
        {"X-Slack-Signature": "v0=" + "0" * 64},
        {"X-Slack-Signature": "v0=\u00e9"},
        {"X-Slack-Request-Timestamp": ""},
        {"X-Slack-Request-Timestamp": "soon"},
        {"X-Slack-Request-Timestamp": str(int(NOON.timestamp()) + 1)},
    ],
)
def test_a_forged_signature(space, door, asked, change):
    body = submission(space, door)
    before = written()

    response = door.post("interactions", body, kind=FORM, **signed(body, at=NOON) | change)

    assert response.status_code == 401
    assert written() == before


def test_another_secret_or_another_body(space, door, asked):
    body = submission(space, door)
    before = written()

    for headers in (signed(body, at=NOON, secret="another"), signed(body + "&", at=NOON)):
        assert door.post("interactions", body, kind=FORM, **headers).status_code == 401

    assert written() == before


@pytest.mark.parametrize("minutes", [6, -6])
def test_a_signature_of_another_time(space, door, asked, clock, minutes):
    body = submission(space, door)
    headers = signed(body, at=clock.now())
    clock.move(minutes=minutes)
    before = written()

    assert door.post("interactions", body, kind=FORM, **headers).status_code == 401
    assert written() == before


def test_a_replayed_body(space, door, asked, clock):
    body = submission(space, door)
    headers = signed(body, at=NOON)
    assert door.post("interactions", body, kind=FORM, **headers).status_code == 200
    before = written()
    assert before[0] == 1
    clock.move(minutes=4)

    for _ in range(2):
        assert door.post("interactions", body, kind=FORM, **headers).status_code == 401

    assert written() == before


def test_a_replayed_command_asks_once(space, door):
    body = "user_id=U0BOB&command=%2Faccess&text=request+dba"
    headers = signed(body, at=NOON)
    door.post("commands", body, kind=FORM, **headers)
    AccessRequest.objects.get()

    deeds.cancel(AccessRequest.objects.get(), cast.called("bob"))
    assert door.post("commands", body, kind=FORM, **headers).status_code == 401
    assert AccessRequest.objects.count() == 1


def test_a_channel_that_is_switched_off_hears_nothing(space, door, asked):
    body = submission(space, door)
    document = slack_channel(space)
    document["spec"]["active"] = False
    cast.apply(document)

    assert door.post("interactions", body, kind=FORM).status_code == 401
    assert not Review.objects.exists()


@pytest.mark.parametrize(
    ("what", "body"),
    [
        ("interactions", ""),
        ("interactions", "payload="),
        ("interactions", "payload=[]"),
        ("interactions", "payload=%7B%7D"),
        ("interactions", "payload=" + "[" * 5000),
        ("interactions", "payload=%7B%22type%22%3A%22block_actions%22%2C%22user%22%3A1%7D"),
        ("commands", ""),
        ("commands", "a=1&" * 100),
        ("events", ""),
        ("events", "[]"),
        ("events", "{"),
        ("events", '{"type": 1}'),
    ],
)
def test_what_slack_never_sends(space, door, what, body):
    assert door.post(what, body, kind=FORM).status_code == 400


def test_a_body_that_is_too_large(space, door):
    assert door.post("events", "x" * 2_000_000, kind="application/json").status_code == 413
