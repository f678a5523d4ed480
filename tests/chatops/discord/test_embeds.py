"""How messages look: what somebody wrote is read and does nothing, and everything fits."""

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from chatops.channels.discord import embeds, signatures
from chatops.channels.discord.markdown import clipped, escaped, size
from chatops.channels.inbound import Outcome
from chatops.models import Posting
from requests_app.models import AccessRequest
from tests import deeds
from tests.chatops.fakes.discord_limits import check_answer, length
from tests.chatops.fakes.discord_markdown import seen

EVIL = [
    "@everyone @here <@1100000000000100003> <@!1> <@&2> <#3>",
    "[the ticket](https://evil.example) [x](<https://evil.example>)",
    "https://evil.example http://evil.example steam://run/1 discord://x",
    "<https://evil.example>",
    "https:\f//evil.example [x\f](https://evil.example)",
    "**Approved** __by__ *Alice* _and_ ~~Ivan~~ ||secret|| `code` ```block```",
    "# Approved\n## a\n-# small\n> quoted\n>>> all\n- one\n* two\n+ three\n1. four\n2) five",
    "a\r# b\r\n- c\u2028# d\u2029> e",
    "  # indented\n\t- list\n \u00a0- list",
    "<t:1772452800:R> <id:home> </access:1100000000000000001> <:x:123456> <a:x:12> :smile: :8ball:",
    "\\[x](https://evil.example) \\\\[x](https://evil.example) \\@everyone",
    "x:smile:y 1:smile: ::a:",
]


# --- what somebody wrote ------------------------------------------------------------------------


@pytest.mark.parametrize("text", EVIL)
def test_what_somebody_wrote_does_nothing(text):
    shown = seen(escaped(text))

    assert shown.works == []
    plain = text.replace("\f", "").replace("\r\n", "\n")
    for new_line in "\r\u2028\u2029":
        plain = plain.replace(new_line, "\n")
    assert shown.text == plain


@pytest.mark.parametrize("text", EVIL)
def test_those_texts_would_do_something(text):
    assert seen(text).works


@pytest.mark.parametrize(
    "text", ["ticket #123, at 12:30", "db-prod (asap!)", "50% of 3.5", "why? because", "x+y"]
)
def test_what_means_nothing_is_left_alone(text):
    assert escaped(text) == text


def test_what_turns_the_reading_direction_is_left_out():
    assert escaped("abc\u202edef\u2066\x00\x1b") == "abcdef"


@pytest.mark.parametrize("text", ["_" * 500, "\\" * 500, "😀" * 500, "a" * 500, ":" * 500])
def test_a_text_is_cut_where_it_is_too_long(text):
    cut = clipped(text, 200)

    assert 150 < length(cut) <= 200
    assert seen(cut).works == []
    assert seen(cut).text.endswith("…")
    assert set(seen(cut).text) == {text[0], "…"}


def test_sizes_are_counted_as_discord_counts():
    assert size("a😀é") == length("a😀é") == 4


# --- whole messages -----------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize("text", EVIL)
def test_no_reason_does_anything_in_a_message(room, door, bob, alice, tell, text):
    request = deeds.ask(bob, "dba", reason=text)
    deeds.comment(request, alice, reason=text)
    tell()
    tell()

    for message in room.guild.messages:
        assert {kind for kind, _ in message.works} <= {"time"}
    assert len(room.replies) == 1
    door.press(room.ivan, room.card, "Approve")
    shown = seen(room.guild.windows[room.ivan]["components"][0]["content"])
    assert {kind for kind, _ in shown.works} <= {"time", "style"}
    styled = [text for kind, text in shown.works if kind == "style"]
    assert styled[0] == "**Bob asks for dba for 8 hours**"
    assert all(one.endswith(":**") for one in styled[1:])


@pytest.mark.django_db
@pytest.mark.parametrize("sign", ["_", "😀", "a", "\n."])
def test_the_longest_texts_fit(room, door, bob, alice, told, clock, sign):
    """Every reason at its limit, in signs that grow."""
    longest = "x" + sign * (4000 // len(sign.encode()))
    request = deeds.ask(bob, "dba", reason=longest)
    for _ in range(30):
        deeds.comment(request, alice, reason=longest)
    for _ in range(8):
        told(clock.move(minutes=1))

    assert Posting.objects.exclude(state="SENT").count() == 0
    assert (
        room.card.embed["footer"]["text"] == "There is more to know; open it in Access Plane."
    )
    door.press(room.ivan, room.card, "Approve")
    assert room.guild.windows[room.ivan]


@pytest.mark.django_db
def test_more_facts_than_there_are_fields(room, bob, alice, told, clock):
    request = deeds.ask(bob, "dba")
    for _ in range(40):
        deeds.comment(request, alice, reason="a")
    for _ in range(10):
        told(clock.move(minutes=1))

    assert Posting.objects.exclude(state="SENT").count() == 0
    assert len(room.card.embed["fields"]) == 25
    assert "There is more to know" in room.card.embed["footer"]["text"]


@pytest.mark.django_db
def test_a_link_that_fits_into_no_button_is_that_of_the_title(room, settings, bob, tell):
    settings.ACCESSPLANE_PUBLIC_URL = f"https://access.{'long.' * 100}example.com"
    deeds.ask(bob, "dba")
    tell()

    assert room.card.buttons == ["Approve", "Deny"]
    assert room.card.embed["url"].endswith(str(AccessRequest.objects.get().pk))


def test_a_sentence_that_is_too_long_is_cut():
    answer = embeds.whisper(Outcome(text="_" * 5000, link="https://x/" + "y" * 600))

    check_answer(answer, to_modal=True)
    assert answer["data"]["content"].endswith("y>")


# --- keys ---------------------------------------------------------------------------------------


def test_with_a_weak_key_anybody_could_sign():
    """Why a key of zeros is refused: a signature made of nothing fits one text in four."""
    weak = Ed25519PublicKey.from_public_bytes(bytes(32))
    forged = bytes([1]) + bytes(63)
    fits = 0
    for number in range(64):
        try:
            weak.verify(forged, f"{number}".encode())
            fits += 1
        except InvalidSignature:
            continue

    assert fits > 0
    with pytest.raises(ValueError, match="no public key"):
        signatures.key_in("0" * 64)
