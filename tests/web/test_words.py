"""Moments and lengths, as pages write them."""

from datetime import timedelta

import pytest

from requests_app.templatetags.plane import distance, duration, moment


@pytest.mark.parametrize(
    ("length", "words"),
    [
        (timedelta(0), "just now"),
        (timedelta(seconds=-59), "just now"),
        (timedelta(seconds=59), "in less than a minute"),
        (timedelta(minutes=12, seconds=30), "in 12 minutes"),
        (timedelta(hours=1, minutes=30), "in 1 hour 30 minutes"),
        (timedelta(days=6, hours=23, minutes=59), "in 6 days 23 hours"),
        (-timedelta(minutes=5, seconds=1), "5 minutes ago"),
        (-timedelta(hours=3, minutes=59), "3 hours ago"),
        (-timedelta(days=40, hours=3), "40 days ago"),
    ],
)
def test_distance(length, words):
    assert distance(length) == words


def test_a_moment_names_its_zone(noon):
    written = '<time datetime="2026-03-02T12:00:00.000000Z">Mon 2 Mar 2026, 12:00 UTC</time>'

    assert moment(noon) == written
    assert moment("2026-03-02T13:00:00+01:00") == written


def test_a_length_in_words():
    assert duration(5400) == duration(timedelta(minutes=90)) == "1 hour 30 minutes"
