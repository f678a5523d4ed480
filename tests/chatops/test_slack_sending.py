"""What the app writes into Slack: to whom, how often, how safely, and what a refusal means."""

from datetime import timedelta

import pytest

from accessplane.lib.errors import InvalidInput
from audit.models import AuditEvent
from chatops.models import ChannelConfig, Posting
from chatops.services import sending
from tests import cast, deeds
from tests.cast import NOON
from tests.chatops.conftest import route
from tests.chatops.slack_door import slack_channel
from tests.deeds import later

pytestmark = pytest.mark.django_db

EVIL = "<!channel> <https://evil.example|the ticket> <@U0ALICE> *Approved* & @here"


@pytest.fixture
def room(space):
    """Only #security is told: nobody is suggested for staging-web."""
    return space


def to_room(**more) -> Posting:
    return Posting.objects.get(recipient="#security", **more)


# --- whom -----------------------------------------------------------------------------------------


def test_people_are_found_by_their_address(space, told):
    deeds.ask(cast.called("bob"), "dba")
    told()

    found = {call["email"] for call in space.called("users.lookupByEmail")}
    assert found == {f"{name}@example.com" for name in ("bob", "alice", "ivan")}
    assert "Your request for dba" in space.card("U0BOB").words
    assert "Bob asks for dba" in space.card("U0ALICE").words
    assert space.seen_by("U0CAROL") == []


def test_an_id_of_a_conversation_is_a_recipient_as_well(space, told):
    space.found("ops")
    cast.apply(route("ops", "slack", recipients=["C0OPS"]))
    deeds.ask(cast.called("bob"), "staging-web")
    told()

    assert "Bob asks for staging-web" in space.card("C0OPS").words


def test_a_sample_tries_the_token_and_writes_to_nobody(space, as_, dana):
    answer = as_(dana).post("channels/slack/test/").json()

    assert answer["delivered"] is True
    assert "access-plane in Plane" in answer["detail"]
    assert space.messages == []


# --- what -----------------------------------------------------------------------------------------


def test_what_somebody_wrote_mentions_nobody_and_hides_no_link(space, told):
    deeds.ask(cast.called("bob"), "dba", reason=EVIL)
    told()

    card = space.card("C0SECURITY")
    for said in (card.words, card.text):
        assert "<!channel>" not in said
        assert "<https://evil" not in said
        assert "<@U0ALICE>" not in said
    assert "&lt;!channel&gt; &lt;https://evil.example|the ticket&gt;" in card.words
    texts = [block["text"] for block in card.blocks if "text" in block]
    texts += [one for block in card.blocks for one in block.get("fields", [])]
    assert {text["verbatim"] for text in texts if text["type"] == "mrkdwn"} == {True}
    posted = space.called("chat.postMessage")
    assert {(call["unfurl_links"], call["unfurl_media"]) for call in posted} == {
        ("false", "false")
    }


def test_a_moment_is_shown_in_the_readers_zone(space, told):
    request = deeds.ask(cast.called("bob"), "dba")
    told()

    seconds = int(request.pending_expires_at.timestamp())
    assert f"<!date^{seconds}^{{date_short_pretty}} at {{time}}^" in space.card("U0IVAN").words


def test_the_longest_texts_fit(space, told, clock, door):
    """Every reason at its limit, in signs that grow when they are escaped."""
    request = deeds.ask(cast.called("bob"), "dba", reason="<" * 4096)
    for number in range(30):
        text = f"{number}\n" + "&" * 4000
        deeds.comment(request, cast.called("alice"), reason=text)
    for minutes in range(8):
        told(later(minutes=minutes))

    assert Posting.objects.exclude(state="SENT").count() == 0
    assert "There is more to know" in space.card("U0IVAN").words
    door.press("U0IVAN", space.card("U0IVAN"), "Approve")
    assert space.window("U0IVAN")


def test_many_short_reviews_fit(space, told):
    request = deeds.ask(cast.called("bob"), "dba")
    for number in range(60):
        deeds.comment(request, cast.called("alice"), reason="a\nb" if number % 2 else "a")
    for minutes in range(15):
        told(later(minutes=minutes))

    assert Posting.objects.exclude(state="SENT").count() == 0
    assert "There is more to know" in space.card("U0IVAN").words


def test_the_key_goes_along(space, told):
    deeds.ask(cast.called("bob"), "dba")
    told()

    event = AuditEvent.objects.get(type="access_request.created")
    metadata = space.card("C0SECURITY").metadata
    assert metadata["event_type"] == "access_plane_news"
    assert metadata["event_payload"]["key"] == to_room().key
    assert to_room().key.startswith(str(event.pk))


# --- how it goes on -------------------------------------------------------------------------------


def test_a_card_is_edited_and_its_thread_tells_the_news(space, told):
    request = deeds.ask(cast.called("bob"), "dba")
    told()
    deeds.approve(request, cast.called("alice"), at=later(minutes=1))
    told(later(minutes=1))

    card = space.card("C0SECURITY")
    assert card.edits == 1
    assert [one.text for one in space.thread(card)] == [
        "Bob asks for dba for 8 hours: Alice approved."
    ]
    posted = Posting.objects.filter(recipient="#security").values_list("posted", flat=True)
    assert set(posted) == {f"C0SECURITY:{card.ts}"}


def test_a_card_that_was_taken_away_is_posted_anew(space, told):
    request = deeds.ask(cast.called("bob"), "dba")
    told()
    space.messages = [one for one in space.messages if one.channel != "C0SECURITY"]
    deeds.approve(request, cast.called("alice"), at=later(minutes=1))
    told(later(minutes=1))

    assert "1 of 2 approvals" in space.card("C0SECURITY").words
    assert to_room(entry__event__type="access_request.reviewed").state == "SENT"


def test_a_reply_that_failed_is_told_once(space, told):
    request = deeds.ask(cast.called("bob"), "dba")
    told()
    deeds.approve(request, cast.called("alice"), at=later(minutes=1))
    space.refuse["chat.postMessage"] = ["internal_error"] * 4
    told(later(minutes=1))
    told(later(minutes=5))

    for place in ("C0SECURITY", "U0BOB", "U0ALICE", "U0IVAN"):
        assert len(space.thread(space.card(place))) == 1


# --- refusals -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "error",
    [
        "invalid_auth", "not_authed", "account_inactive", "token_revoked", "missing_scope",
        "invalid_blocks",
    ],
)  # fmt: skip
def test_a_lasting_refusal_ends_the_tries_and_flags_the_channel(space, told, error):
    cast.apply(cast.person("alice", roles=[], active=False))
    space.refuse["chat.postMessage"] = [error] * 10
    deeds.ask(cast.called("bob"), "staging-web")
    told()

    failed = to_room()
    assert (failed.state, failed.tries) == ("FAILED", 1)
    assert error in failed.error
    assert "xoxb" not in failed.error
    channel = ChannelConfig.objects.get()
    assert error in channel.problem


@pytest.mark.parametrize(
    "instead",
    [
        "ratelimited", "rate_limited", "internal_error", "fatal_error", "service_unavailable",
        "request_timeout", (500, {}, {}), (503, {}, {}), (200, {}, ["no object"]), (200, {}, {}),
    ],
)  # fmt: skip
def test_a_passing_refusal_is_tried_again(space, told, instead):
    space.refuse["chat.postMessage"] = [instead] * 10
    deeds.ask(cast.called("bob"), "staging-web")
    told()
    assert (to_room().state, to_room().tries) == ("DUE", 1)
    assert ChannelConfig.objects.get().problem == ""
    space.refuse.clear()

    told(later(minutes=1))

    assert (to_room().state, to_room().tries) == ("SENT", 2)
    assert "Bob asks" in space.card("C0SECURITY").words


def test_slack_says_how_long_to_wait(space, told):
    limited = (429, {"retry-after": "30"}, {"ok": False, "error": "ratelimited"})
    space.refuse["users.lookupByEmail"] = [limited]
    deeds.ask(cast.called("bob"), "staging-web")
    told()

    channel = ChannelConfig.objects.get()
    assert timedelta(seconds=29) < channel.next_at - NOON < timedelta(seconds=31)
    calls = len(space.calls)
    assert sending.send_due(at=later(seconds=20)) == 0
    assert len(space.calls) == calls
    sending.send_due(at=later(seconds=40))
    assert "Bob asks" in space.card("C0SECURITY").words


# --- documents ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"bot_token": ""}, "`spec.settings`"),
        ({"signing_secret": " "}, "`spec.settings`"),
        ({"app_token": ""}, "`spec.settings`"),
        ({"bot_token": "env:DATABASE_URL"}, "belongs to the plane"),
        ({"api_url": "ftp://slack.com"}, "`spec.settings`"),
        ({"colour": "red"}, "colour"),
        ({"link_by_email": "yes"}, "link_by_email"),
    ],
)
def test_a_wrong_channel_is_refused(slack_space, everybody, given, said):
    with pytest.raises(InvalidInput, match=said.replace("`", ".").replace(".", r".")):
        cast.apply(slack_channel(slack_space, **given))

    assert not ChannelConfig.objects.exists()


def test_no_secret_is_ever_shown(space, as_, dana):
    body = as_(dana).get("channels/slack/").content.decode()

    assert "stored" in body
    for secret in ("xoxb", "xapp", "8f742231"):
        assert secret not in body
        assert secret not in str(ChannelConfig.objects.values())
        assert secret not in str(list(AuditEvent.objects.values_list("data", flat=True)))


def test_without_socket_mode_there_is_no_app_token(slack_space, everybody):
    document = slack_channel(slack_space)
    del document["spec"]["settings"]["app_token"]

    cast.apply(document)
    updated = AuditEvent.objects.count()
    cast.apply(document)

    assert "app_token" not in ChannelConfig.objects.get().settings
    assert AuditEvent.objects.count() == updated
