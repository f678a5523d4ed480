"""The channel against a Slack that others wrote: what it posts, edits and finds there."""

import json
from collections.abc import Iterator

import pytest

from chatops.channels.slack.channel import Slack
from chatops.models import ChannelConfig, LinkedAccount, Posting
from requests_app.models import AccessRequest
from reviews.models import Review
from tests import cast, deeds
from tests.cast import NOON
from tests.chatops.conftest import route
from tests.chatops.emulated import Emulated, asked, emulating, install, room_in
from tests.chatops.fakes.slack import BOT_TOKEN, Workspace, working
from tests.chatops.slack_door import Door, slack_channel
from tests.examples.programs import needs

pytestmark = [pytest.mark.embedded, pytest.mark.django_db, needs("node", "npm")]


@pytest.fixture(scope="session")
def emulator(tmp_path_factory):
    return install(tmp_path_factory.mktemp("slack"))


@pytest.fixture
def slack(emulator, tmp_path) -> Iterator[Emulated]:
    with emulating(emulator, tmp_path / "seed.json") as space:
        yield space


@pytest.fixture
def joined(slack, everybody, told, clock) -> Emulated:
    """The plane posts there, every request in #security as well, and everybody's account is
    linked: the emulator confirms no address."""
    rooms = [slack.room("security")]
    cast.apply(slack_channel(slack), route("room", "slack", recipients=rooms))
    channel = ChannelConfig.objects.get()
    for account, user in slack.users.items():
        LinkedAccount.objects.create(
            user=cast.called(user["name"]),
            channel=channel,
            external_id=account,
            linked_at=NOON,
        )
    told()
    return slack


@pytest.fixture
def door(slack, clock) -> Door:
    return Door(slack, clock.now)


def decide(door: Door, name: str, place: str, label: str, reason: str = "") -> None:
    """Press the button; Slack opens the window; send it as our fake would."""
    space, request = door.space, AccessRequest.objects.get()
    account = space.account(name)
    before = space.windows_open()
    door.press(account, space.card(place), label)
    assert space.windows_open() == before + 1
    said = {"deed": label.upper(), "id": str(request.pk), "at_home": False}
    field = {"type": "input", "block_id": "reason"}
    element = {"type": "plain_text_input", "action_id": "value"}
    view = {"callback_id": "deed", "private_metadata": json.dumps(said)}
    space.windows[account] = [view | {"blocks": [field | {"element": element}]}]
    assert door.submit(account, reason=reason) == {"response_action": "clear"}


# --- the channel ------------------------------------------------------------------------------


def test_the_whole_story(joined, door, told, clock):
    bob, alice, ivan = (joined.account(name) for name in ("bob", "alice", "ivan"))
    security = joined.room("security")
    assert "PENDING" in door.command(bob, "request dba for 2h because ticket #123")["text"]
    told()
    for place in (alice, ivan, security):
        card = joined.card(place)
        assert "Bob asks for dba for 2 hours" in card.words
        assert card.buttons == ["Approve", "Deny", "Open"]
    assert joined.card(bob).buttons == ["Open"]

    decide(door, "alice", alice, "Approve", "go on")
    told(clock.move(minutes=1))
    assert "1 of 2 approvals" in joined.card(security).words
    assert "Alice approved: go on" in joined.thread(joined.card(ivan))[0].words

    decide(door, "ivan", security, "Approve")
    told(clock.move(minutes=1))
    for place in (alice, ivan, security):
        assert "Approved by Alice and Ivan" in joined.card(place).words
        assert joined.card(place).buttons == ["Open"]
    assert joined.card(bob).buttons == ["Extend", "Give back", "Open"]
    assert deeds.has_access(cast.called("bob"), at=clock.now())
    assert set(Posting.objects.values_list("state", flat=True)) == {"SENT"}
    assert {review.via for review in Review.objects.all()} == {"slack"}


def test_a_click_of_a_stranger_changes_nothing(joined, door, told):
    deeds.ask(cast.called("bob"), "dba")
    told()
    mallory, windows = joined.account("mallory"), joined.windows_open()

    door.press(mallory, joined.card(joined.room("security")), "Approve")

    assert joined.windows_open() == windows
    assert not Review.objects.exists()


def test_who_is_not_there_is_not_reached_and_the_others_are(joined, told):
    cast.apply(cast.person("erin", roles=["developer"]))
    deeds.ask(cast.called("erin"), "dba")
    told()

    failed = Posting.objects.get(recipient="erin@example.com")
    assert (failed.state, "users_not_found" in failed.error) == ("FAILED", True)
    assert ChannelConfig.objects.get().problem == ""
    assert "Erin asks for dba" in joined.card(joined.room("security")).words


def test_a_sample_tries_the_token(joined, as_, dana):
    answer = as_(dana).post("channels/slack/test/").json()

    assert answer["delivered"] is True
    assert "access-plane in Plane" in answer["detail"]


@pytest.mark.parametrize("place", ["security", "alice@example.com"])
def test_what_was_posted_is_found_by_its_key(joined, told, place):
    to = place if "@" in place else joined.room(place)
    request = deeds.ask(cast.called("bob"), "dba")
    told()
    deeds.approve(request, cast.called("ivan"))
    told()
    card, news = Posting.objects.filter(recipient=to).order_by("entry")
    channel = opened(joined)

    found = channel.find(to=to, posted="", key=card.key, since=NOON)
    told_below = channel.find(to=to, posted=card.posted, key=news.key, since=NOON)
    unknown = channel.find(to=to, posted="", key="another", since=NOON)

    assert (found, told_below, unknown) == (card.posted, card.posted, "")


def opened(space: Workspace) -> Slack:
    settings = slack_channel(space)["spec"]["settings"]
    return Slack(settings | {"link_by_email": True})


# --- our fake and this one say the same -------------------------------------------------------


@pytest.fixture
def ours(slack_space) -> Workspace:
    """Our fake, furnished as the emulator is."""
    return furnished(slack_space)


@pytest.fixture(scope="module")
def both(emulator, tmp_path_factory) -> Iterator[tuple[Workspace, Workspace]]:
    """The two, for tests that change nothing there."""
    seed = tmp_path_factory.mktemp("both") / "seed.json"
    with emulating(emulator, seed) as theirs, working() as space:
        yield theirs, furnished(space)


def furnished(space: Workspace) -> Workspace:
    for name in ("bob", "alice"):
        space.hire(name)
    space.found("security")
    space.channels[space.found("attic")]["is_archived"] = True
    return space


def message_in(space: Workspace) -> str:
    """The `ts` of a message that the app posted to #security."""
    posted = asked(
        space,
        "chat.postMessage",
        BOT_TOKEN,
        channel=room_in(space, "security"),
        text="hello",
        metadata=json.dumps({"event_type": "news", "event_payload": {"key": "k"}}),
    )
    assert posted["ok"] is True
    return posted["ts"]


# The method, what is given, and the error; `@attic` stands for the id of that channel.
REFUSED = [
    ("auth.test", {"token": ""}, "not_authed"),
    ("chat.postMessage", {"channel": "C0NOWHERE", "text": "a"}, "channel_not_found"),
    ("chat.postMessage", {"channel": "@attic", "text": "a"}, "is_archived"),
    ("chat.postMessage", {"channel": "@security", "text": ""}, "no_text"),
    ("chat.postMessage", {"channel": "@security", "blocks": "[1]"}, "invalid_blocks"),
    (
        "chat.update",
        {"channel": "@security", "ts": "1.000001", "text": "a"},
        "message_not_found",
    ),
    ("users.lookupByEmail", {"email": "x@y.org"}, "users_not_found"),
    ("users.info", {"user": "U0NOBODY"}, "user_not_found"),
    ("conversations.open", {"users": "U0NOBODY"}, "user_not_found"),
    ("conversations.history", {"channel": "C0NOWHERE"}, "channel_not_found"),
    ("conversations.history", {"channel": "security"}, "channel_not_found"),
    ("conversations.replies", {"channel": "C0NOWHERE", "ts": "1.1"}, "channel_not_found"),
    ("views.open", {"trigger_id": "1.2.3", "view": "@view"}, "invalid_trigger_id"),
]
VIEW = {
    "type": "modal",
    "title": {"type": "plain_text", "text": "Approve"},
    "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "hello"}}],
}


@pytest.mark.parametrize(("method", "given", "error"), REFUSED)
def test_both_refuse(both, method, given, error):
    for space in both:
        rooms = {f"@{name}": room_in(space, name) for name in ("security", "attic")}
        known = rooms | {"@view": json.dumps(VIEW)}
        form = {name: known.get(value, value) for name, value in given.items()}
        token = form.pop("token", BOT_TOKEN)
        assert asked(space, method, token, **form) == {"ok": False, "error": error}


def test_both_keep_what_is_written_beside_a_message(slack, ours):
    for space in (slack, ours):
        ts, channel = message_in(space), room_in(space, "security")
        form = {"channel": channel, "include_all_metadata": "true"}
        for method, more in (
            ("conversations.history", {}),
            ("conversations.replies", {"ts": ts}),
        ):
            (message,) = asked(space, method, BOT_TOKEN, **form, **more)["messages"]
            assert (message["ts"], message["text"], message["user"]) == (
                ts,
                "hello",
                "U0PLANEBOT",
            )
            assert message["metadata"]["event_payload"] == {"key": "k"}


def test_both_edit_a_message(slack, ours):
    for space in (slack, ours):
        ts, channel = message_in(space), room_in(space, "security")
        answer = asked(space, "chat.update", BOT_TOKEN, channel=channel, ts=ts, text="bye")
        assert (answer["ok"], answer["ts"], answer["text"]) == (True, ts, "bye")
        assert space.seen_in(channel)[0].text == "bye"


def test_both_say_who_the_app_is(slack, ours):
    for space in (slack, ours):
        answer = asked(space, "auth.test", BOT_TOKEN)
        found = {name: answer[name] for name in ("team", "user", "user_id", "bot_id")}
        assert found == {
            "team": "Plane",
            "user": "access-plane",
            "user_id": "U0PLANEBOT",
            "bot_id": "B0PLANE01",
        }


def test_both_open_one_window_for_a_trigger(slack, ours):
    ours.triggers["7.trigger"] = "U0BOB"
    theirs = slack.ask("views.generateTriggerId", user_id=slack.account("bob"))["trigger_id"]
    for space, trigger in ((slack, theirs), (ours, "7.trigger")):
        form = {"trigger_id": trigger, "view": json.dumps(VIEW)}
        assert asked(space, "views.open", BOT_TOKEN, **form)["ok"] is True
        again = asked(space, "views.open", BOT_TOKEN, **form)
        assert again == {"ok": False, "error": "exchanged_trigger_id"}
