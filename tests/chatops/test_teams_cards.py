"""Cards fit into what Teams takes, and what people wrote stays what they wrote."""

import json
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from uuid import UUID

import pytest

from chatops.channels.teams import cards
from chatops.messages import Audience, Deed, Fact, Message, Mood
from tests import deeds
from tests.chatops.fakes import adaptive_cards

REQUEST = UUID(int=7)
MESSAGE = Message(
    event={"type": "access_request.created"},
    audience=Audience.ROOM,
    conversation=REQUEST,
    title="Bob asks for dba",
    news="It waits.",
    mood=Mood.WAITING,
    deeds=(Deed.APPROVE, Deed.DENY),
    object_id=REQUEST,
    link="https://plane.example/requests/7",
)
MARKUP = [
    "[sign in again](https://evil.example)",
    "**urgent** _now_",
    "<at>everyone</at> <b>all</b>",
    "- one\n- two",
    "1. one\n2. two",
    "https://evil.example \u202e",
]


def inputs(card):
    """What each button asks for."""
    return {
        action["title"]: [one["id"] for one in action["card"]["body"]]
        for action in card["actions"]
        if "card" in action
    }


def kinds(card):
    """The elements in which text is read as markdown, and that text."""
    return [one["text"] for one in card["body"] if one["type"] == "TextBlock"]


@pytest.mark.parametrize("text", MARKUP)
def test_what_somebody_wrote_is_never_read_as_markdown(text):
    facts = (Fact("Reason", text), Fact(f"Check {text}", text))
    message = replace(MESSAGE, title=text, news=text, facts=facts)

    shown = cards.card(message, takes_answers=True)

    assert kinds(shown) == []
    assert adaptive_cards.lines(shown) == [
        text,
        f"⏳ {text}",
        f"Reason: {text}",
        f"Check {text}: {text}",
    ]
    assert "entities" not in json.dumps(shown)


def test_what_somebody_wrote_is_no_date():
    spoof = "until {{DATE(2030-01-01T00:00:00Z, SHORT)}}"

    shown = cards.card(
        replace(MESSAGE, news=spoof, facts=(Fact("Reason", spoof),)), takes_answers=True
    )

    assert "{{" not in json.dumps(shown)


@pytest.mark.parametrize("text", MARKUP)
def test_a_request_s_reason_changes_nothing_on_its_card(staffed, bob, tell, text):
    deeds.ask(bob, "dba", reason=text)
    tell()

    (posted,) = staffed.in_room()
    assert f"Reason: {text}" in posted.lines()
    assert all("evil" not in text for text in kinds(posted.card))


def test_a_moment_is_shown_in_the_reader_s_zone():
    moment = datetime(2026, 3, 2, 18, 40, tzinfo=timezone(timedelta(hours=1)))

    shown = cards.card(replace(MESSAGE, facts=(Fact("Until", moment),)), takes_answers=True)

    assert kinds(shown) == [
        "**Until:** {{DATE(2026-03-02T17:40:00Z, SHORT)}}, {{TIME(2026-03-02T17:40:00Z)}}"
    ]


def test_each_deed_asks_what_it_needs():
    shown = cards.card(replace(MESSAGE, deeds=tuple(Deed)), takes_answers=True)

    assert inputs(shown) == {
        "Approve": ["approve_reason", "approve_start_date", "approve_start_clock"],
        "Deny": ["deny_reason"],
        "Extend": ["extend_duration", "extend_reason"],
        "Give back": ["give_back_reason"],
    }
    assert adaptive_cards.is_card(shown)
    sent = adaptive_cards.action_named(shown, "Give back")
    assert (sent["verb"], sent["data"]) == (
        "give_back",
        {"deed": "GIVE_BACK", "object_id": str(REQUEST)},
    )


def test_where_nobody_listens_a_card_has_its_link_alone():
    shown = cards.card(MESSAGE, takes_answers=False)

    assert adaptive_cards.titles(shown) == ["Open"]


@pytest.mark.parametrize("letter", ["x", "é", "漢", "😀", '"', "\n", "\x07", "{{"])
def test_a_long_message_is_cut_to_what_teams_takes(letter):
    long = letter * 20_000
    facts = tuple(Fact(f"{number} {long}", long) for number in range(50))
    message = replace(
        MESSAGE, title=long, news=long, facts=facts, link=f"https://x/{'y' * 1900}"
    )

    shown = cards.card(message, takes_answers=True)

    assert adaptive_cards.is_card(shown)
    assert adaptive_cards.lines(shown)[-1] == "There is more to know; open it in Access Plane."
    assert len(cards.summary(message)) <= 500
    assert adaptive_cards.is_card(cards.news(message))


def test_a_long_list_of_short_facts_fits():
    facts = tuple(Fact("Review", f"Alice approved: {number}") for number in range(1000))

    shown = cards.card(replace(MESSAGE, facts=facts), takes_answers=True)

    assert adaptive_cards.is_card(shown)
    assert len(adaptive_cards.lines(shown)) > 50
