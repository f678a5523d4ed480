from datetime import UTC, datetime, timedelta, timezone

import pytest
from accessplane_client.cli.options import names, seconds
from accessplane_client.cli.wording import duration_text, listed, sentence, time_text
from accessplane_client.errors import PlaneError


def test_times_are_those_of_utc_in_english():
    seven_east = timezone(timedelta(hours=7))

    assert time_text(datetime(2021, 4, 3, 3, 58, tzinfo=UTC)) == "03 Apr 21 03:58 UTC"
    assert time_text(datetime(2021, 4, 3, 3, 58, tzinfo=seven_east)) == "02 Apr 21 20:58 UTC"
    assert time_text(None) == ""


@pytest.mark.parametrize(
    ("length", "words"),
    [
        (0, "0 seconds"),
        (1, "1 second"),
        (90, "1 minute 30 seconds"),
        (3600, "1 hour"),
        (28800, "8 hours"),
        (5400, "1 hour 30 minutes"),
        (7 * 86400, "7 days"),
        (86400 + 3600 + 60, "1 day 1 hour"),
    ],
)
def test_lengths_are_said_in_words(length, words):
    assert duration_text(length) == words


@pytest.mark.parametrize(
    ("people", "words"),
    [
        ([], ""),
        (["alice"], "alice"),
        (["alice", "ivan"], "alice and ivan"),
        (["a", "b", "c", "d", "e"], "a, b, c, d and e"),
        (["a", "b", "c", "d", "e", "f"], "a, b, c, d and 2 others"),
    ],
)
def test_of_many_names_the_first_are_said(people, words):
    assert listed(people) == words


def test_a_sentence_gets_one_end():
    assert sentence("granted") == "granted."
    assert sentence("granted.") == "granted."
    assert sentence("really? ") == "really?"


def test_names_come_with_commas_or_one_by_one():
    assert names(["alice@example.com,ivan@example.com"]) == [
        "alice@example.com",
        "ivan@example.com",
    ]
    assert names(["dba", " web ,,"]) == ["dba", "web"]
    assert names(None) == []


@pytest.mark.parametrize(
    ("text", "length"), [("90", 90), ("90s", 90), ("10m", 600), ("1h30m", 5400), ("2d", 172800)]
)
def test_lengths_are_read(text, length):
    assert seconds(text) == length


@pytest.mark.parametrize("text", ["", "soon", "1h 30m", "-5m", "30m1h", "٣h", "1.5h"])
def test_other_lengths_are_refused(text):
    with pytest.raises(PlaneError, match="1h30m"):
        seconds(text)
