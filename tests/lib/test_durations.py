"""Lengths of time, in and out."""

import contextlib
import math
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accessplane.lib.durations import (
    InvalidDuration,
    format_duration,
    in_words,
    parse_duration,
)

whole_seconds = st.integers(1, 86_400 * 10**9 - 1).map(lambda s: timedelta(seconds=s))


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("90s", 90),
        ("30m", 1_800),
        ("8h", 28_800),
        ("4d", 345_600),
        ("1h30m", 5_400),
        ("1d2h3m4s", 93_784),
        ("0h30m", 1_800),
        ("007m", 420),
        ("36h", 129_600),
        (90, 90),
        (1.5, 1),
        (28_800, 28_800),
    ],
)
def test_r7_6_a_duration_is_a_text_with_units_or_a_number_of_seconds(value, seconds):
    assert parse_duration(value) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "value",
    [
        "",
        " ",
        "90",
        "h",
        "8 h",
        " 8h",
        "8h ",
        "8h\n",
        "8H",
        "30m1h",
        "1h1h",
        "1.5h",
        "-1h",
        "+1h",
        "1h-30m",
        "1w",
        "1_0s",
        "\u0668h",
        "\uff18h",
        "1e3s",
        "9" * 5_000 + "s",
        "1" * 10 + "s",
    ],
)
def test_r7_6_any_other_text_is_no_duration(value):
    with pytest.raises(InvalidDuration, match="largest unit first"):
        parse_duration(value)


@pytest.mark.parametrize(
    "value", [None, True, False, b"8h", ["8h"], {"h": 8}, timedelta(hours=8)]
)
def test_r7_6_nothing_but_texts_and_numbers_is_a_duration(value):
    with pytest.raises(InvalidDuration, match="a text such as 1h30m, or a number"):
        parse_duration(value)


@pytest.mark.parametrize("value", [0, -1, 0.0, -0.5, 1e-9, "0s", "0d0h0m0s", -(10**9)])
def test_r7_2_zero_or_less_is_no_duration(value):
    with pytest.raises(InvalidDuration, match="longer than zero"):
        parse_duration(value)


@pytest.mark.parametrize(
    "value",
    ["999999999d24h", 1e30, -1e30, 10**400, -(10**400), math.nan, math.inf, -math.inf],
    ids=lambda value: repr(value)[:12],
)
def test_r7_6_a_duration_beyond_reckoning_is_refused(value):
    with pytest.raises(InvalidDuration, match="too long"):
        parse_duration(value)


def test_r7_6_the_refusal_has_its_code():
    assert InvalidDuration.code == "invalid_duration"


@pytest.mark.parametrize(
    ("seconds", "text", "words"),
    [
        (1, "1s", "1 second"),
        (60, "1m", "1 minute"),
        (90, "1m30s", "1 minute 30 seconds"),
        (900, "15m", "15 minutes"),
        (5_400, "1h30m", "1 hour 30 minutes"),
        (28_800, "8h", "8 hours"),
        (86_400, "1d", "1 day"),
        (172_800, "2d", "2 days"),
        (93_784, "1d2h3m4s", "1 day 2 hours 3 minutes 4 seconds"),
        (59.9, "59s", "59 seconds"),
        (0.5, "0s", "0 seconds"),
        (0, "0s", "0 seconds"),
        (-90, "0s", "0 seconds"),
    ],
)
def test_a_duration_is_shown_in_full_and_never_longer_than_it_is(seconds, text, words):
    duration = timedelta(seconds=seconds)

    assert (format_duration(duration), in_words(duration)) == (text, words)


@given(whole_seconds)
def test_r7_6_what_is_written_is_read_back(duration):
    assert parse_duration(format_duration(duration)) == duration


@given(st.integers(1, 999_999_999))
def test_r7_6_a_number_is_seconds(seconds):
    assert parse_duration(seconds) == parse_duration(f"{seconds}s")


@given(st.text())
def test_r7_6_every_text_is_a_positive_duration_or_refused(text):
    with contextlib.suppress(InvalidDuration):
        assert parse_duration(text) > timedelta(0)
