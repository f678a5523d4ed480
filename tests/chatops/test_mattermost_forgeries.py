"""Mattermost signs nothing: who is not Mattermost, or not who he says, changes nothing.

Mallory may own an account and integrations there, and may have got hold of a button's context,
which nobody is ever shown.
"""

import base64
import json
from datetime import timedelta
from uuid import uuid4

import pytest

from accessplane.lib.errors import InvalidInput
from chatops.channels.mattermost.signatures import Signer
from chatops.models import ChannelConfig
from requests_app.models import AccessRequest
from reviews.models import Review
from tests import cast, deeds
from tests.chatops.fakes.mattermost import ACTION_SECRET
from tests.chatops.mattermost_door import mattermost_channel
from tests.witness import nothing_happens

pytestmark = pytest.mark.django_db

OTHER_SECRET = "another-secret-that-is-long-enough"


@pytest.fixture
def press(town, asked_there):
    """What Mattermost sends when Alice presses Approve."""
    return town.press("alice", town.card("alice"), "Approve")


@pytest.fixture
def sent(town, desk, asked_there):
    """What Mattermost sends when Alice sends the dialog to approve."""
    desk.press("alice", town.card("alice"), "Approve")
    return town.submit("alice", reason="go on")


def refused(desk, door, document):
    with nothing_happens():
        return desk.send(door, document).status_code == 401


# --- buttons ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "changed",
    [
        {"deed": "DENY"},
        {"deed": "SHRUG"},
        {"object_id": str(uuid4())},
        {"object_id": "1"},
        {"room": "z" * 26},
        {"signature": ""},
        {"signature": "0" * 64},
        {"signature": "é"},
    ],
)
def test_a_context_that_somebody_changed(town, desk, press, changed):
    press["context"] |= changed
    if "room" in changed:
        press["channel_id"] = changed["room"]

    assert refused(desk, "actions", press)
    assert town.windows == {}


def test_a_context_of_one_button_is_none_of_another(town, desk, press, asked_there):
    denies = town.press("alice", town.card("alice"), "Deny")
    denies["context"]["signature"] = press["context"]["signature"]

    assert refused(desk, "actions", denies)


def test_a_context_counts_in_its_own_channel_alone(town, desk, press):
    press["channel_id"] = town.found("elsewhere")

    assert refused(desk, "actions", press)


def test_a_context_of_another_configuration_with_the_same_secret(town, desk, press):
    off = mattermost_channel(town)
    off["spec"]["active"] = False
    cast.apply(off, mattermost_channel(town, "other"))

    assert refused(desk, "actions", press)


def test_mallory_with_a_context_is_nobody_but_mallory(town, desk, press):
    press["trigger_id"] = town.trigger(town.account("mallory"))

    assert refused(desk, "actions", press)
    assert town.windows == {}


def test_mallory_with_a_context_cannot_make_a_trigger_of_alice(town, desk, press):
    said = f"x:{town.account('alice')}:1772452800000:AAAA"
    press["trigger_id"] = base64.b64encode(said.encode()).decode()

    with nothing_happens():
        response = desk.send("actions", press)

    assert response.json()["ephemeral_text"].startswith("The window did not open in time")
    assert town.windows == {}


def test_the_link_of_an_account_goes_to_its_owner_alone(town, desk, press):
    press["user_id"] = town.hire("eve")
    said = f"x:{press['user_id']}:1772452800000:AAAA"
    press["trigger_id"] = base64.b64encode(said.encode()).decode()

    with nothing_happens():
        response = desk.send("actions", press)

    assert "link" not in response.text.lower()
    assert town.windows == {}


def test_a_trigger_that_is_too_old_opens_nothing(town, desk, press, clock):
    clock.move(minutes=1)

    with nothing_happens():
        response = desk.send("actions", press)

    assert "did not open in time" in response.json()["ephemeral_text"]
    assert town.windows == {}


def test_a_press_that_is_sent_again_opens_no_second_window(town, desk, press):
    desk.send("actions", press)

    with nothing_happens():
        assert desk.send("actions", press).status_code == 202
    assert len(town.windows["alice"]) == 1


def test_a_signature_for_one_purpose_is_none_for_another():
    signer = Signer("a-channel", (ACTION_SECRET,))

    signature = signer.sign("button", "said")

    assert signer.has_signed(signature, "button", "said")
    assert not signer.has_signed(signature, "dialog", "said")
    assert not Signer("another", (ACTION_SECRET,)).has_signed(signature, "button", "said")


# --- dialogs ------------------------------------------------------------------------------------


def test_mallory_sends_his_window_in_the_name_of_alice(town, desk, asked_there):
    cast.apply(cast.person("mallory", roles=["engineering", "dba-reviewer"]))
    desk.press("mallory", town.card("security"), "Approve")

    assert refused(desk, "dialogs", town.submit("mallory") | {"user_id": town.account("alice")})
    assert desk.submit("mallory") == {}
    assert Review.objects.get().reviewer == cast.called("mallory")


def test_alice_is_made_to_send_the_state_of_mallory(town, desk, asked_there):
    """Anybody may open a dialog that looks like something else, for who pressed his button."""
    cast.apply(cast.person("mallory", roles=["engineering", "dba-reviewer"]))
    desk.press("mallory", town.card("security"), "Approve")
    desk.press("alice", town.card("security"), "Deny")

    stolen = {"state": town.window("mallory")["state"]}
    assert refused(desk, "dialogs", town.submit("alice") | stolen)


@pytest.mark.parametrize(
    "changed",
    [
        {"deed": "DENY"},
        {"deed": None},
        {"object_id": str(uuid4())},
        {"press": "press:another"},
        {"opened_at": 1772452801},
        {"signature": ""},
        {"signature": "0" * 64},
    ],
)
def test_a_state_that_somebody_changed(desk, sent, changed):
    sent["state"] = json.dumps(json.loads(sent["state"]) | changed)

    assert refused(desk, "dialogs", sent)


def test_a_state_that_names_somebody_else(town, desk, sent):
    ivan = town.account("ivan")
    sent["state"] = json.dumps(json.loads(sent["state"]) | {"account": ivan})

    assert refused(desk, "dialogs", sent | {"user_id": ivan})


def test_a_window_to_link_an_account_decides_nothing(town, desk, asked_there):
    town.hire("eve")
    desk.press("eve", town.card("security"), "Approve")

    with nothing_happens():
        assert (
            desk.send("dialogs", town.submit("eve") | {"submission": {"reason": "x"}}).json()
            == {}
        )


@pytest.mark.parametrize(
    "late", [timedelta(minutes=31), timedelta(days=2), -timedelta(minutes=31)]
)
def test_a_window_that_was_open_for_too_long(desk, sent, clock, late):
    clock.move(seconds=late.total_seconds())

    with nothing_happens():
        response = desk.send("dialogs", sent)

    assert response.json()["error"].startswith("This window has been open for too long")


def test_a_replay_changes_nothing(desk, sent):
    desk.send("dialogs", sent)

    with nothing_happens():
        assert [desk.send("dialogs", sent).status_code for _ in "ab"] == [202, 202]
    assert Review.objects.count() == 1


def test_a_replay_of_what_was_refused_does_not_count_later(town, desk, sent, ivan):
    cast.apply(cast.person("alice", roles=[]))
    assert "error" in desk.send("dialogs", sent).json()
    cast.apply(cast.person("alice", roles=["dba-reviewer"]))

    with nothing_happens():
        assert desk.send("dialogs", sent).status_code == 202


@pytest.mark.parametrize("value", [1, ["go on"], {"a": 1}, True])
def test_a_field_that_holds_no_text(desk, sent, value):
    sent["submission"]["reason"] = value

    with nothing_happens():
        assert desk.send("dialogs", sent).status_code == 400


# --- nonsense -----------------------------------------------------------------------------------


@pytest.mark.parametrize("door", ["actions", "dialogs"])
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{",
        b"\xff",
        b"[" * 5000,
        b'{"user_id": 1}',
        b'{"user_id": "x", "state": "{}", "channel_id": "y", "context": {}, "trigger_id": "z"}',
        b'{"user_id": "abcdefghijklmnopqrstuvwxyz", "state": "\\ud800"}',
        b'{"user_id": "abcdefghijklmnopqrstuvwxyz", "state": "{\\"signature\\": 1}"}',
    ],
)
def test_what_mattermost_never_sends(town, desk, asked_there, door, body):
    assert refused(desk, door, body)


def test_a_body_that_is_too_large(town, desk):
    assert desk.send("actions", b"x" * 3_000_000).status_code == 413


def test_another_door(town, desk, press):
    assert desk.send("webhook", press).status_code == 404


def test_a_press_at_the_door_of_dialogs_and_the_other_way(town, desk, press, sent):
    assert refused(desk, "dialogs", press)
    assert refused(desk, "actions", sent)


# --- secrets ------------------------------------------------------------------------------------


def test_a_channel_that_is_switched_off_hears_nothing(town, desk, press):
    document = mattermost_channel(town)
    document["spec"]["active"] = False
    cast.apply(document)

    assert refused(desk, "actions", press)


def test_another_secret(town, desk, press):
    cast.apply(mattermost_channel(town, action_secret=OTHER_SECRET))

    assert refused(desk, "actions", press)


def test_the_old_buttons_work_while_a_secret_is_replaced(town, desk, press, bob, tell):
    cast.apply(mattermost_channel(town, action_secret=[OTHER_SECRET, ACTION_SECRET]))
    assert desk.decide("alice", town.card("alice"), "Approve") == {}
    other = deeds.ask(bob, "staging-db")
    tell()
    cast.apply(mattermost_channel(town, action_secret=OTHER_SECRET))

    newest = [post for post in town.seen_in("security") if not post.root_id][-1]
    assert desk.decide("alice", newest, "Approve") == {}
    assert AccessRequest.objects.get(pk=other.pk).state == "APPROVED"


@pytest.mark.parametrize("secret", ["too short to withstand guesses", "x" * 31])
def test_a_secret_that_could_be_guessed_is_refused(town, desk, press, monkeypatch, secret):
    with pytest.raises(InvalidInput, match="at least 32 characters"):
        cast.apply(mattermost_channel(town, action_secret=secret))

    monkeypatch.setenv("MATTERMOST_ACTION_SECRET", secret)
    cast.apply(mattermost_channel(town, action_secret="env:MATTERMOST_ACTION_SECRET"))
    guessed = Signer(str(ChannelConfig.objects.get().pk), (secret,))
    said = [press["context"][name] for name in ("room", "deed", "object_id")]
    press["context"]["signature"] = guessed.sign("button", *said)
    assert refused(desk, "actions", press)


def test_a_secret_that_is_not_there_opens_nothing(town, desk, press, monkeypatch):
    monkeypatch.delenv("MATTERMOST_ACTION_SECRET", raising=False)
    cast.apply(mattermost_channel(town, action_secret="env:MATTERMOST_ACTION_SECRET"))

    assert refused(desk, "actions", press)
    assert ChannelConfig.objects.get(name="mattermost").is_active
