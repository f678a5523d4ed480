"""What the bot writes: to whom, how often, and what a refusal means."""

from datetime import timedelta

import pytest

from accessplane.lib.errors import InvalidInput
from audit.models import AuditEvent
from chatops.channels.calls import Api
from chatops.channels.discord.channel import Discord
from chatops.models import ChannelConfig, Posting
from chatops.services import channels, sending
from chatops.states import PostingState
from identity.selectors import subject_of
from tests import cast, deeds
from tests.cast import NOON, actor_of
from tests.chatops.conftest import posting, route
from tests.chatops.discord.door import discord_channel
from tests.chatops.fakes.discord import BOT_TOKEN, PUBLIC_KEY
from tests.deeds import later

pytestmark = pytest.mark.django_db

WRITE = "POST /channels/[0-9]+/messages"
EDIT = "PATCH /channels/.*"


def problem():
    return ChannelConfig.objects.get(name="discord").problem


# --- once ---------------------------------------------------------------------------------------


def test_a_lost_answer_makes_no_second_card(room, bob, told, clock):
    deeds.ask(bob, "dba")
    room.guild.loses = [WRITE]
    told(clock.move(minutes=1))
    assert posting().state == PostingState.DUE
    told(clock.move(minutes=1))

    first, second = room.guild.called(WRITE)
    assert first["nonce"] == second["nonce"]
    assert (len(first["nonce"]), first["enforce_nonce"]) == (25, True)
    assert posting().posted == f"{room.channel}:{room.card.id}"


def test_a_lost_answer_tells_no_news_twice(room, asked, alice, told, clock):
    deeds.approve(asked, alice, at=clock.now())
    room.guild.loses = [WRITE]
    told(clock.move(minutes=1))
    told(clock.move(minutes=1))

    assert room.replies == ["⏳ Alice approved."]
    assert not Posting.objects.exclude(state=PostingState.SENT).exists()


def test_each_channel_of_a_route_gets_its_own(room, bob, tell):
    other = room.guild.found("ops")
    cast.apply(route("room", "discord", recipients=[room.channel, other]))
    deeds.ask(bob, "dba")
    tell()
    tell()

    assert "Bob asks for dba" in room.card.words
    assert "Bob asks for dba" in room.guild.card(other).words


def test_two_channels_at_the_plane_may_write_to_the_same_place(room, bob, tell):
    cast.apply(
        discord_channel(room.guild, "second"),
        route("second", "second", recipients=[room.channel]),
    )
    deeds.ask(bob, "dba")
    tell()
    tell()

    assert len(room.guild.seen_in(room.channel)) == 2


# --- how it goes on -----------------------------------------------------------------------------


def test_a_card_that_was_taken_away_is_posted_anew(room, asked, alice, tell):
    room.guild.messages.clear()
    deeds.approve(asked, alice)
    tell()

    assert "1 of 2 approvals" in room.card.words
    assert posting(entry__event__type="access_request.reviewed").posted.endswith(room.card.id)


def test_a_reply_that_failed_is_told_once(room, asked, alice, told, clock):
    deeds.approve(asked, alice)
    room.guild.instead[WRITE] = [(500, {}, {})]
    told(clock.move(minutes=1))
    told(clock.move(minutes=5))

    assert room.replies == ["⏳ Alice approved."]


def test_a_card_that_goes_while_its_news_gets_lost_is_posted_anew(
    room, asked, alice, told, clock
):
    """The news was told, and Discord drops what it takes for the same message once more."""
    deeds.approve(asked, alice, at=clock.now())
    room.guild.loses = [WRITE]
    told(clock.move(minutes=1))
    room.guild.messages.remove(room.card)
    told(clock.move(minutes=1))

    assert "1 of 2 approvals" in room.card.words
    assert posting(entry__event__type="access_request.reviewed").posted.endswith(room.card.id)


def test_nobody_is_mentioned_by_an_edit(room, asked, alice, tell):
    deeds.approve(asked, alice)
    tell()

    sent = room.guild.called(WRITE) + room.guild.called(EDIT)
    assert len(sent) == 3
    assert {str(one["allowed_mentions"]) for one in sent} == {"{'parse': []}"}


# --- refusals -----------------------------------------------------------------------------------


def refused(status, code, message="No"):
    return (status, {}, {"message": message, "code": code})


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (refused(401, 0), "Discord does not take the bot's token (401)."),
        (refused(404, 10003), "Discord refused: there is no such channel (10003)."),
        (refused(403, 50001), "Discord refused: the bot is not in this channel (50001)."),
        (
            refused(403, 50013),
            "Discord refused: the bot lacks a permission in this channel (50013).",
        ),
        (
            refused(400, 50035, "Invalid Form Body"),
            "Discord answered 400: Invalid Form Body (50035).",
        ),
        (refused(400, 7, "a\nb" * 200), f"Discord answered 400: {('ab' * 200)[:120]} (7)."),
        ((404, {}, b"<html>"), "Discord answered 404."),
        ((400, {}, ["x"]), "Discord answered 400."),
    ],
)
def test_what_stays_wrong_is_not_tried_again(room, bob, tell, answer, said):
    deeds.ask(bob, "dba")
    room.guild.instead[WRITE] = [answer]
    tell()

    assert (posting().state, posting().error, problem()) == (PostingState.FAILED, said, said)
    assert AuditEvent.objects.filter(type="posting.failed").count() == 1
    assert len(room.guild.called(WRITE)) == 1


@pytest.mark.parametrize(
    "to", ["#security", "12a", "user:", "user:bob", "1" * 21, "../users/@me"]
)
def test_what_is_no_id_is_called_by_nobody(room, bob, tell, to):
    cast.apply(route("room", "discord", recipients=[to]))
    deeds.ask(bob, "dba")
    tell()

    assert posting().error == f"{to!r} is no id of a channel in Discord; an id is a number."
    assert room.guild.calls == []


def test_whoever_takes_no_messages_is_not_reached(room, bob, tell):
    cast.apply(route("room", "discord", recipients=["user:1100000000000000777"]))
    deeds.ask(bob, "dba")
    tell()

    assert posting().state == PostingState.FAILED
    assert "50033" in posting().error


@pytest.mark.parametrize(
    "answer",
    [
        refused(500, 0),
        refused(502, 0),
        refused(503, 130000),
        refused(400, 30046),
        refused(400, 20028),
        (200, {}, {"id": 1}),
        (200, {}, ["x"]),
        (200, {}, b"<html>"),
    ],
)
def test_what_passes_is_tried_again(room, bob, told, answer):
    deeds.ask(bob, "dba")
    room.guild.instead[WRITE] = [answer]
    told(later(minutes=1))
    assert (posting().state, problem()) == (PostingState.DUE, "")
    told(later(minutes=5))

    assert posting().state == PostingState.SENT
    assert "Bob asks" in room.card.words


def test_whoever_does_not_answer_is_tried_again(room, bob, told):
    deeds.ask(bob, "dba")
    address = room.guild.url
    cast.apply(discord_channel(room.guild, api_url="http://127.0.0.1:9/api/v10"))
    told(later(minutes=1))
    assert (posting().state, problem()) == (PostingState.DUE, "")

    cast.apply(discord_channel(room.guild, api_url=address))
    told(later(minutes=5))
    assert posting().state == PostingState.SENT


def test_whoever_takes_too_long_is_tried_again(room, bob, told, monkeypatch):
    monkeypatch.setitem(Api.call.__kwdefaults__, "timeout", timedelta(seconds=0.3))
    deeds.ask(bob, "dba")
    room.guild.stalls = [WRITE]
    told(later(minutes=1))
    assert (posting().state, problem()) == (PostingState.DUE, "")
    assert "did not answer within 0.3 seconds" in posting().error
    monkeypatch.undo()

    told(later(minutes=5))
    assert posting().state == PostingState.SENT


def limited(seconds, *, body=True, **headers):
    document = {
        "message": "You are being rate limited.",
        "retry_after": seconds,
        "global": False,
    }
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return (429, named, document if body else b"error code: 1015")


@pytest.mark.parametrize(
    ("answer", "wait"),
    [
        (limited(64.57), 64.57),
        (limited(1336.57, retry_after="1337", x_ratelimit_reset_after="64.57"), 1336.57),
        (limited(0, body=False, retry_after="65", x_ratelimit_reset_after="3"), 65),
        (limited(0, body=False, x_ratelimit_reset_after="64.57"), 64.57),
    ],
)
def test_discord_says_how_long_to_wait(room, bob, told, answer, wait):
    deeds.ask(bob, "dba")
    room.guild.instead[WRITE] = [answer]
    told(later(minutes=1))

    retry = posting()
    assert (retry.state, retry.error) == (PostingState.DUE, "Discord wants fewer calls (429).")
    waits = retry.next_at - later(minutes=1)
    assert timedelta(seconds=wait) <= waits < timedelta(seconds=wait + 2)
    calls = len(room.guild.calls)
    assert sending.send_due(at=later(minutes=1, seconds=wait - 2)) == 0
    assert len(room.guild.calls) == calls
    told(later(minutes=1, seconds=wait + 2))
    assert "Bob asks" in room.card.words


@pytest.mark.parametrize("odd", ["soon", "nan", "inf", "-1", ""])
def test_a_wait_that_is_none_is_passed_over(room, bob, told, odd):
    deeds.ask(bob, "dba")
    room.guild.instead[WRITE] = [limited(0, body=False, retry_after=odd)]
    told(later(minutes=1))

    assert posting().state == PostingState.DUE
    assert posting().next_at < later(minutes=2)


# --- the channel --------------------------------------------------------------------------------


def sample(dana):
    return channels.send_sample(
        name="discord", subject=subject_of(dana, at=NOON), by=actor_of(dana), at=NOON
    )


def test_a_sample_tries_the_token_and_writes_to_nobody(room, dana):
    report = sample(dana)

    assert (report.delivered, report.detail) == (
        True,
        "The token is that of access-plane. Routes name whom to write to.",
    )
    assert room.guild.messages == []


def test_a_sample_with_a_wrong_token(room, dana):
    cast.apply(discord_channel(room.guild, bot_token="wrong"))

    report = sample(dana)

    assert (report.delivered, report.detail) == (
        False,
        "Discord does not take the bot's token (401).",
    )


def test_its_token_is_sealed_and_never_shown(room):
    channel = ChannelConfig.objects.get(name="discord")

    assert BOT_TOKEN not in str(channel.settings)
    assert BOT_TOKEN not in str(list(AuditEvent.objects.values_list("data", flat=True)))
    assert channels.shown_settings(channel) == {
        "bot_token": "stored",
        "public_key": PUBLIC_KEY,
        "api_url": room.guild.url,
    }


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"bot_token": ""}, "A secret is"),
        ({"bot_token": "env:DATABASE_URL"}, "belongs to the plane"),
        ({"public_key": ""}, "64 hexadecimal digits"),
        ({"public_key": "x" * 64}, "64 hexadecimal digits"),
        ({"public_key": PUBLIC_KEY + "00"}, "64 hexadecimal digits"),
        ({"public_key": "0" * 64}, "no public key"),
        ({"public_key": "01" + "0" * 62}, "no public key"),
        ({"public_key": "f" * 64}, "no public key"),
        ({"public_key": "02" + "0" * 62}, "no public key"),
        ({"api_url": "ftp://x/"}, "`spec.settings`"),
        ({"colour": "red"}, "`colour`"),
    ],
)
def test_a_wrong_channel_is_refused(guild, everybody, wrong, said):
    with pytest.raises(InvalidInput) as refusal:
        cast.apply(discord_channel(guild, **wrong))

    assert said in refusal.value.detail
    assert not ChannelConfig.objects.exists()


def test_it_reaches_nobody_by_an_address():
    """A bot finds nobody by an e-mail address, so that nobody is owed anything by it."""
    assert not Discord.reaches_people
    assert not Discord.links_by_email
