"""Bob, Alice and Ivan never leave Slack; and what must change nothing there."""

from datetime import timedelta

import pytest

from audit.models import AuditEvent
from requests_app.models import AccessRequest, Grant
from reviews.models import Review
from tests import cast, deeds
from tests.cast import NOON
from tests.chatops.fakes.block_kit import words_of
from tests.chatops.slack_door import written

pytestmark = pytest.mark.django_db


def test_the_whole_story_in_chat(space, door, told, clock):
    assert "PENDING" in door.command("U0BOB", "request dba for 2h because ticket #123")["text"]
    told()
    check_everybody_is_asked(space)

    door.decide("U0ALICE", space.card("U0ALICE"), "Approve", reason="go on")
    told(clock.move(minutes=1))
    assert "1 of 2 approvals" in space.card("U0IVAN").words
    assert "Alice approved: go on" in space.thread(space.card("U0IVAN"))[0].words

    door.decide("U0IVAN", space.card("C0SECURITY"), "Approve")
    told(clock.move(minutes=1))
    check_everybody_knows_the_end(space)

    mine = space.card("U0BOB")
    assert mine.buttons == ["Extend", "Give back", "Open"]
    assert any("Access begins now" in one.words for one in space.thread(mine))
    assert deeds.has_access(cast.called("bob"), at=clock.now())
    door.decide("U0BOB", mine, "Give back", reason="done")
    told(clock.move(minutes=30))
    assert not deeds.has_access(cast.called("bob"), at=clock.now())
    assert "You gave it back." in space.thread(mine)[-1].words
    assert space.card("U0BOB").buttons == ["Open"]


def check_everybody_is_asked(space):
    request = AccessRequest.objects.get()
    assert (request.via, request.reason) == ("slack", "ticket #123")
    assert request.requester.email == "bob@example.com"
    assert request.duration == timedelta(hours=2)
    for place in ("U0ALICE", "U0IVAN", "C0SECURITY"):
        card = space.card(place)
        assert "Bob asks for dba for 2 hours" in card.words
        assert "ticket #123" in card.words
        assert "0 of 2 approvals" in card.words
        assert card.buttons == ["Approve", "Deny", "Open"]
    assert space.card("U0BOB").buttons == ["Open"]


def check_everybody_knows_the_end(space):
    for place in ("U0ALICE", "U0IVAN", "C0SECURITY"):
        card = space.card(place)
        assert "Approved by Alice and Ivan" in card.words
        assert card.buttons == ["Open"]
    assert [(r.via, r.reviewer.email) for r in Review.objects.order_by("number")] == [
        ("slack", "alice@example.com"),
        ("slack", "ivan@example.com"),
    ]
    deeds_in_chat = AuditEvent.objects.filter(actor_via="slack").order_by("pk")
    assert [(event.type, event.actor_name) for event in deeds_in_chat][:2] == [
        ("access_request.created", "bob@example.com"),
        ("access_request.reviewed", "alice@example.com"),
    ]


def test_deny_says_no_to_everybody(space, door, told, asked, clock):
    door.decide("U0IVAN", space.card("U0IVAN"), "Deny", reason="not today")
    told(clock.now())

    asked.refresh_from_db()
    assert asked.state == "DENIED"
    assert "Denied by Ivan: not today" in space.card("U0BOB").words
    assert space.card("U0ALICE").buttons == ["Open"]


def test_an_approval_says_from_when(space, door, told, asked):
    begins = NOON + timedelta(hours=3)
    for who in ("U0ALICE", "U0IVAN"):
        door.decide(who, space.card(who), "Approve", start_time=int(begins.timestamp()))

    grant = Grant.objects.get()
    assert (grant.state, grant.starts_at) == ("SCHEDULED", begins)


def test_the_dialog_shows_what_is_asked(space, door, asked):
    door.press("U0ALICE", space.card("U0ALICE"), "Approve")
    window = space.window("U0ALICE")
    assert window["submit"]["text"] == "Approve"
    assert "Bob asks for dba for 2 hours" in words_of(window["blocks"])
    assert "ticket #123" in words_of(window["blocks"])
    assert [b["block_id"] for b in window["blocks"] if b["type"] == "input"] == [
        "reason",
        "start_time",
    ]

    door.press("U0ALICE", space.card("U0ALICE"), "Deny")
    blocks = space.window("U0ALICE")["blocks"]
    assert [b["block_id"] for b in blocks if b["type"] == "input"] == ["reason"]
    assert not Review.objects.exists()


def test_bob_asks_for_more_time(space, door, told, clock):
    grant = deeds.granted_dba(cast.called("bob"), duration=timedelta(hours=1))
    told()
    mine = space.card("U0BOB")
    clock.move(minutes=10)

    before = written()
    door.press("U0BOB", mine, "Extend")
    assert door.submit("U0BOB", duration="two hours")["errors"].keys() == {"duration"}
    assert written() == before
    assert door.submit("U0BOB", duration="2h", reason="more") == {"response_action": "clear"}

    extension = AccessRequest.objects.get(extends=grant)
    assert (extension.via, extension.reason) == ("slack", "more")
    assert extension.duration == timedelta(hours=2)
