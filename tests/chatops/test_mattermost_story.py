"""Bob, Alice and Ivan never leave Mattermost; and what must change nothing there."""

from datetime import timedelta

import pytest

from audit.models import AuditEvent
from chatops.models import ChannelConfig, LinkedAccount
from chatops.services import answers
from requests_app.models import AccessRequest, Grant
from reviews.models import Review
from tests import cast, deeds
from tests.cast import NOON
from tests.chatops.fakes.mattermost_posts import rendered
from tests.chatops.mattermost_door import mattermost_channel
from tests.witness import nothing_happens

pytestmark = pytest.mark.django_db


# --- the story ----------------------------------------------------------------------------------


def test_the_whole_story_in_chat(town, desk, asked_there, told, clock):
    check_everybody_is_asked(town)

    assert desk.decide("alice", town.card("alice"), "Approve", reason="go on") == {}
    told(clock.move(minutes=1))
    assert "1 of 2 approvals" in town.card("ivan").said
    assert "Alice approved: go on" in town.thread(town.card("ivan"))[0].said

    assert desk.decide("ivan", town.card("security"), "Approve") == {}
    told(clock.move(minutes=1))
    check_everybody_knows_the_end(town)

    mine = town.card("bob")
    assert mine.buttons == ["Extend", "Give back"]
    assert any("Access begins now" in one.said for one in town.thread(mine))
    assert deeds.has_access(cast.called("bob"), at=clock.now())
    assert desk.decide("bob", mine, "Give back", reason="done") == {}
    told(clock.move(minutes=30))
    assert not deeds.has_access(cast.called("bob"), at=clock.now())
    assert "You gave it back." in town.thread(mine)[-1].said
    assert town.card("bob").buttons == []


def check_everybody_is_asked(town):
    request = AccessRequest.objects.get()
    for place in ("alice", "ivan", "security"):
        card = town.card(place)
        assert card.attachment["title"] == "Bob asks for dba for 2 hours"
        assert card.attachment["title_link"].endswith(f"/requests/{request.pk}")
        assert "Reason: ticket #123" in card.said
        assert "Waits until: Mon 9 Mar 2026, 12:00 UTC" in card.said
        assert "0 of 2 approvals" in card.said
        assert card.buttons == ["Approve", "Deny"]
    assert town.card("bob").buttons == []
    assert "Your request for dba" in town.card("bob").said


def check_everybody_knows_the_end(town):
    for place in ("alice", "ivan", "security"):
        card = town.card(place)
        assert "Approved by Alice and Ivan, until Mon 2 Mar 2026, 14:01 UTC" in card.said
        assert card.buttons == []
    assert [(r.via, r.reviewer.email) for r in Review.objects.order_by("number")] == [
        ("mattermost", "alice@example.com"),
        ("mattermost", "ivan@example.com"),
    ]
    there = AuditEvent.objects.filter(actor_via="mattermost").order_by("pk")
    assert [(event.type, event.actor_name) for event in there][:2] == [
        ("access_request.reviewed", "alice@example.com"),
        ("access_request.reviewed", "ivan@example.com"),
    ]


def test_deny_says_no_to_everybody(town, desk, asked_there, tell):
    desk.decide("ivan", town.card("ivan"), "Deny", reason="not today")
    tell()

    asked_there.refresh_from_db()
    assert asked_there.state == "DENIED"
    assert "Denied by Ivan: not today" in town.card("bob").said
    assert town.card("alice").buttons == []


@pytest.mark.parametrize(
    "typed",
    ["2026-03-02 15:00", "2026-03-02T15:00Z", "2026-03-02 15:00 UTC", "2026-03-02 16:00+01"],
)
def test_an_approval_says_from_when(town, desk, asked_there, typed):
    for who in ("alice", "ivan"):
        desk.decide(who, town.card(who), "Approve", start_time=typed)

    grant = Grant.objects.get()
    assert (grant.state, grant.starts_at) == ("SCHEDULED", NOON + timedelta(hours=3))


def test_the_dialog_shows_what_is_asked(town, desk, asked_there):
    desk.press("alice", town.card("alice"), "Approve")
    window = town.window("alice")
    assert (window["title"], window["submit_label"]) == ("Approve", "Approve")
    shown = rendered(window["introduction_text"])
    assert "Bob asks for dba for 2 hours" in shown
    assert "ticket #123" in shown
    assert [one["name"] for one in window["elements"]] == ["reason", "start_time"]

    desk.press("alice", town.card("alice"), "Deny")
    assert [one["name"] for one in town.window("alice")["elements"]] == ["reason"]
    assert not Review.objects.exists()


def test_bob_asks_for_more_time(town, desk, bob, told, clock):
    grant = deeds.granted_dba(bob, duration=timedelta(hours=1))
    told()
    clock.move(minutes=10)

    desk.press("bob", town.card("bob"), "Extend")
    with nothing_happens():
        assert desk.submit("bob", duration="two hours")["errors"].keys() == {"duration"}
    assert desk.submit("bob", duration="2h", reason="more") == {}

    extension = AccessRequest.objects.get(extends=grant)
    assert (extension.via, extension.reason) == ("mattermost", "more")
    assert extension.duration == timedelta(hours=2)


# --- what changes nothing -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "typed", ["tomorrow", "2026-03-02", "18:00", "9999-12-31 23:00-23:00", "0"]
)
def test_what_is_no_moment_is_said_at_its_field(town, desk, asked_there, typed):
    desk.press("alice", town.card("alice"), "Approve")

    with nothing_happens():
        said = desk.submit("alice", start_time=typed)

    assert said["errors"]["start_time"].startswith("Write a moment in UTC")


def test_a_moment_that_is_over_is_said_at_its_field(town, desk, asked_there):
    desk.press("alice", town.card("alice"), "Approve")

    with nothing_happens():
        assert desk.submit("alice", start_time="2026-03-01 12:00")["errors"].keys() == {
            "start_time"
        }
    assert desk.submit("alice", start_time="2026-03-02 13:00") == {}
    assert Review.objects.count() == 1


def test_bob_himself_changes_nothing(town, desk, asked_there):
    with nothing_happens():
        said = desk.press("bob", town.card("security"), "Approve")

    assert "your own request" in said
    assert town.windows == {}


def test_who_may_not_review_changes_nothing(town, desk, asked_there):
    with nothing_happens():
        assert desk.press("mallory", town.card("security"), "Approve") != ""

    assert town.windows == {}


def test_a_second_click_is_no_second_review(town, desk, asked_there):
    desk.decide("alice", town.card("alice"), "Approve")

    with nothing_happens():
        assert "already" in desk.press("alice", town.card("security"), "Approve")


def test_two_windows_are_one_review(town, desk, asked_there):
    desk.press("alice", town.card("alice"), "Approve")
    first = town.submit("alice")
    desk.press("alice", town.card("security"), "Approve")
    desk.send("dialogs", first)

    with nothing_happens():
        assert "already" in desk.submit("alice")["error"]


def test_a_click_after_the_end_changes_nothing(town, desk, asked_there, ivan):
    deeds.deny(asked_there, ivan)

    with nothing_happens():
        assert "DENIED" in desk.press("alice", town.card("alice"), "Approve")


def test_a_dialog_that_is_sent_after_the_end_changes_nothing(town, desk, asked_there, ivan):
    desk.press("alice", town.card("alice"), "Approve")
    deeds.deny(asked_there, ivan)

    with nothing_happens():
        assert "DENIED" in desk.submit("alice")["error"]


def test_a_button_dies_with_its_request(town, desk, asked_there, tell, bob):
    old = town.press("alice", town.card("alice"), "Approve")
    deeds.cancel(asked_there, bob)
    tell()

    with nothing_happens():
        response = desk.send("actions", old)

    assert "CANCELLED" in response.json()["ephemeral_text"]
    assert town.windows == {}


def test_a_dialog_that_somebody_closed_says_nothing(town, desk, asked_there):
    desk.press("alice", town.card("alice"), "Approve")

    with nothing_happens():
        response = desk.send("dialogs", town.submit("alice") | {"cancelled": True})

    assert (response.status_code, response.json()) == (200, {})


# --- whose account it is ------------------------------------------------------------------------


@pytest.fixture
def unlinked(town, asked_there):
    cast.apply(mattermost_channel(town, link_by_email=False))
    return asked_there


def link_in(window):
    return window["introduction_text"].split("/link/")[1].split(")")[0]


def test_a_stranger_gets_the_link_alone_and_changes_nothing(town, desk, asked_there):
    town.hire("eve")

    with nothing_happens():
        assert desk.press("eve", town.card("security"), "Approve") == ""

    assert town.windows.keys() == {"eve"}
    window = town.window("eve")
    assert "linked to nobody" in window["introduction_text"]
    assert window["elements"] == []
    with nothing_happens():
        assert desk.submit("eve") == {}


@pytest.mark.parametrize(
    "alice_there",
    [
        {"email_verified": False},
        {"is_bot": True},
        {"roles": "system_guest"},
        {"remote_id": "kq4b1rf3pbyrbr8mxhpgn1m5iy"},
        {"delete_at": 1772452800000},
    ],
)
def test_an_address_that_the_server_does_not_vouch_for_is_nobodys(
    town, desk, asked_there, alice_there
):
    town.users[town.account("alice")] |= alice_there

    with nothing_happens():
        desk.press("alice", town.card("security"), "Approve")

    assert "linked to nobody" in town.window("alice")["introduction_text"]


def test_an_address_is_not_believed_from_a_server_that_does_not_say(town, desk, asked_there):
    town.is_administrator = False

    with nothing_happens():
        desk.press("alice", town.card("security"), "Approve")

    assert "linked to nobody" in town.window("alice")["introduction_text"]


def test_the_address_alone_does_not_count_unless_it_is_said(town, desk, unlinked):
    with nothing_happens():
        desk.press("alice", town.card("security"), "Approve")

    assert "linked to nobody" in town.window("alice")["introduction_text"]


def test_the_owner_links_the_account_and_then_it_counts(town, desk, unlinked, client, alice):
    desk.press("alice", town.card("security"), "Approve")
    client.force_login(alice)
    page = f"/link/{link_in(town.window('alice'))}"

    assert client.post(page).status_code == 302

    assert LinkedAccount.objects.get().user == alice
    assert desk.decide("alice", town.card("security"), "Approve") == {}
    assert Review.objects.get().reviewer == alice
    assert f"GET /users/{town.account('alice')}" not in [made for made, _ in town.calls]


def test_who_unlinked_the_account_is_nobody_again(town, desk, unlinked, alice):
    channel = ChannelConfig.objects.get(name="mattermost")
    token = answers.link_address(channel, town.account("alice")).rsplit("/", 1)[1]
    by = cast.actor_of(alice)
    account = answers.link_account(token=token, user=alice, by=by, at=NOON)
    desk.press("alice", town.card("alice"), "Approve")
    answers.unlink_account(account_id=account.pk, user=alice, by=by, at=NOON)

    with nothing_happens():
        assert "linked to nobody" in desk.submit("alice")["error"]


def test_who_was_made_inactive_changes_nothing(town, desk, asked_there):
    cast.apply(cast.person("alice", active=False))

    with nothing_happens():
        desk.press("alice", town.card("alice"), "Approve")

    assert "linked to nobody" in town.window("alice")["introduction_text"]


def test_when_mattermost_does_not_say_who_it_is_it_may_be_pressed_again(
    town, desk, asked_there
):
    document = town.press("alice", town.card("alice"), "Approve")
    town.will_answer("GET /users/", 503)

    with nothing_happens():
        assert desk.send("actions", document).status_code == 503
    assert desk.decide("alice", town.card("alice"), "Approve") == {}
