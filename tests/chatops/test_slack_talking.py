"""Commands, the Home tab, and what goes wrong between two steps."""

import json
from datetime import timedelta

import pytest

from accessplane.lib.durations import InvalidDuration
from accessplane.lib.errors import InvalidInput
from chatops.channels.slack import commands
from requests_app.models import AccessRequest, Grant
from reviews.models import Review
from tests import cast, deeds
from tests.chatops.fakes.block_kit import buttons_in, words_of
from tests.chatops.slack_door import written

pytestmark = pytest.mark.django_db


def labels(blocks) -> list[str]:
    return [one["text"]["text"] for one in buttons_in(blocks)]


# --- what is typed --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "roles", "hours", "reason"),
    [
        ("dba", ("dba",), None, ""),
        ("dba for 2h because ticket #123", ("dba",), 2, "ticket #123"),
        ("dba staging-web, staging-db for 1h", ("dba", "staging-web", "staging-db"), 1, ""),
        ("dba because I wait for 2h already", ("dba",), None, "I wait for 2h already"),
        ("dba FOR 1h Because: x", ("dba",), 1, "x"),
        ("dba for 1h 30m because of\ntwo lines", ("dba",), 1.5, "of\ntwo lines"),
        ("dba because because", ("dba",), None, "because"),
        ("*", ("*",), None, ""),
    ],
)
def test_what_a_request_says(text, roles, hours, reason):
    asked = commands.asked_for(text, name="/access")

    assert asked.roles == roles
    assert asked.duration == (None if hours is None else timedelta(hours=hours))
    assert asked.reason == reason


def test_what_a_request_cannot_say():
    with pytest.raises(InvalidInput, match="/access request dba for 2h because"):
        commands.asked_for("", name="/access")
    with pytest.raises(InvalidDuration):
        commands.asked_for("dba for ever", name="/access")


def test_a_refusal_is_told_to_whoever_typed(space, door):
    before = written()

    for text, said in [
        ("request", "Say which role"),
        ("request dba for ever", "A duration is written like"),
        ("request root", "root"),
        ("request dba for 400d", "14"),
    ]:
        assert said in door.command("U0BOB", text)["text"], text
    assert "not permitted" not in door.command("U0MALLORY", "request dba")["text"]

    assert written() == before
    assert not AccessRequest.objects.exists()


def test_the_same_request_twice_is_one(space, door):
    door.command("U0BOB", "request dba")
    answer = door.command("U0BOB", "request dba")

    assert "already" in answer["text"]
    assert AccessRequest.objects.count() == 1


def test_a_typed_reason_arrives_as_it_was_typed(space, door):
    door.command("U0BOB", "request dba because a < b && c > d &amp;")

    assert AccessRequest.objects.get().reason == "a < b && c > d &amp;"


@pytest.mark.parametrize("text", ["", "help", "HELP", "what is this", "requests"])
def test_help(space, door, text):
    answer = door.command("U0IVY" if space.hire("ivy") else "", text)

    assert "/access request dba for 2h because ticket #123" in answer["text"]


def test_an_unknown_account_gets_the_link(space, door):
    space.hire("ivy")

    for text in ("request dba", "list", "review"):
        answer = door.command("U0IVY", text)
        assert labels(answer["blocks"]) == ["Link this account"]
    assert not AccessRequest.objects.exists()


def test_list_says_what_is_held_asked_and_possible(space, door):
    deeds.granted_dba(cast.called("bob"))
    deeds.ask(cast.called("bob"), "staging-web", reason="<!here>")

    blocks = door.command("U0BOB", "list")["blocks"]

    words = words_of(blocks)
    assert "*dba*" in words
    assert "Bob asks for staging-web" in words
    assert "&lt;!here&gt;" in words
    assert "You may ask for dba, staging-db, staging-web." in words
    assert labels(blocks) == ["Extend", "Give back", "Open"]
    nothing = words_of(door.command("U0MALLORY", "list")["blocks"])
    assert "There is no role that you may ask for." in nothing
    assert "Bob" not in nothing


def test_review_lists_what_waits_with_its_buttons(space, door):
    deeds.ask(cast.called("bob"), "dba")

    answer = door.command("U0ALICE", "review")
    assert labels(answer["blocks"]) == ["Approve", "Deny", "Open"]
    for who in ("U0BOB", "U0CAROL", "U0MALLORY"):
        blocks = door.command(who, "review")["blocks"]
        assert "Nothing waits for you." in words_of(blocks)
        assert labels(blocks) == []


def test_long_lists_are_cut_and_say_so(space, door):
    """Ten of everything, with reasons that grow when they are escaped."""
    extra = [f"staging-{number}" for number in range(20)]
    cast.apply(*(cast.role(name) for name in extra))
    bob, alice = cast.called("bob"), cast.called("alice")
    for name in extra[:10]:
        deeds.ask(bob, name, reason="&" * 4000)
    for name in extra[10:]:
        deeds.approve(deeds.ask(bob, name), alice)

    for who, text in (("U0BOB", "list"), ("U0ALICE", "review")):
        blocks = door.command(who, text)["blocks"]
        assert "There are more of them" in words_of(blocks)
        assert len(json.dumps(blocks)) < 30_000
    for who in ("U0BOB", "U0ALICE"):
        door.event(space.open_home(who))
    assert labels(space.homes["U0ALICE"]["blocks"]).count("Approve") == 7
    assert labels(space.homes["U0BOB"]["blocks"]).count("Give back") == 7


# --- the Home tab ---------------------------------------------------------------------------------


def test_a_new_address_is_tried_with_a_challenge(space, door):
    payload = {"type": "url_verification", "token": "x", "challenge": "3eZbrw1aBm2rZgRNFdxV"}

    assert door.event(payload).json() == {"challenge": "3eZbrw1aBm2rZgRNFdxV"}


def test_home_shows_what_waits_and_lets_decide(space, door):
    deeds.ask(cast.called("bob"), "dba")
    assert door.event(space.open_home("U0ALICE")).content == b""
    home = space.homes["U0ALICE"]
    assert "Bob asks for dba" in words_of(home["blocks"])

    door.interact(space.press_at_home("U0ALICE", "Approve"))
    door.submit("U0ALICE", reason="from home")

    assert Review.objects.get().reason == "from home"
    assert "Nothing waits for you." in words_of(space.homes["U0ALICE"]["blocks"])


def test_home_shows_what_is_held_and_lets_it_go(space, door):
    deeds.granted_dba(cast.called("bob"))
    door.event(space.open_home("U0BOB"))
    door.interact(space.press_at_home("U0BOB", "Give back"))

    assert door.submit("U0BOB") == {"response_action": "clear"}

    assert Grant.objects.get().state == "ENDED"
    assert "You hold nothing for a time." in words_of(space.homes["U0BOB"]["blocks"])


def test_a_refusal_at_home_is_a_window(space, door):
    request = deeds.ask(cast.called("bob"), "dba")
    door.event(space.open_home("U0ALICE"))
    deeds.cancel(request, cast.called("bob"))

    door.interact(space.press_at_home("U0ALICE", "Approve"))

    assert "CANCELLED already" in words_of(space.window("U0ALICE")["blocks"])
    assert "submit" not in space.window("U0ALICE")


def test_the_home_of_a_stranger_holds_the_link_alone(space, door):
    deeds.ask(cast.called("bob"), "dba")
    space.hire("ivy")
    door.event(space.open_home("U0IVY"))

    blocks = space.homes["U0IVY"]["blocks"]
    assert labels(blocks) == ["Link this account"]
    assert "dba" not in words_of(blocks)


def test_other_tabs_and_events_are_passed_over(space, door):
    door.event(space.open_home("U0ALICE", tab="messages"))
    other = space.open_home("U0ALICE")
    other["event"]["type"] = "app_mention"
    door.event(other)

    assert space.homes == {}


# --- between two steps ----------------------------------------------------------------------------


def test_a_button_with_a_link_needs_no_answer(space, door, asked):
    calls = len(space.calls)
    door.press("U0ALICE", space.card("U0ALICE"), "Open")

    assert len(space.calls) == calls


def test_a_window_that_came_too_late_is_told(space, door, asked):
    payload = space.press("U0ALICE", space.card("U0ALICE"), "Approve")
    space.refuse["views.open"] = ["expired_trigger_id"]

    assert door.interact(payload).status_code == 200

    assert "Press the button again." in space.whispers["U0ALICE"][0]["text"]
    assert not Review.objects.exists()


def test_a_slack_that_is_down_is_no_crash(space, door, asked):
    payload = space.press("U0ALICE", space.card("U0ALICE"), "Approve")
    payload["response_url"] = "http://127.0.0.1:1/gone"
    space.refuse = {name: ["internal_error"] for name in ("users.info", "views.open")}

    assert door.interact(payload).status_code == 200
    assert not Review.objects.exists()


def test_what_is_wrong_stands_at_its_field(space, door, asked, clock):
    door.press("U0ALICE", space.card("U0ALICE"), "Approve")
    before = written()

    early = int((clock.now() - timedelta(hours=1)).timestamp())
    answer = door.submit("U0ALICE", start_time=early)
    assert answer["response_action"] == "errors"
    assert answer["errors"].keys() == {"start_time"}
    long = door.submit("U0ALICE", reason="\u20ac" * 3000)
    assert long["errors"].keys() == {"reason"}

    assert written() == before
