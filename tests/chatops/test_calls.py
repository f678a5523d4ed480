"""What every channel makes of the answers to its calls."""

from datetime import timedelta

import msgspec
import pytest

from chatops.channels import calls
from chatops.channels.base import DeliveryFailed


class Made(msgspec.Struct):
    id: str = ""


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "90"}, 90),
        ({"retry-after": " 0 "}, 0),
        ({"retry-after": "9" * 5000}, 3600),
        ({"retry-after": "soon", "reset": "70"}, 70),
        ({"retry-after": "90", "reset": "70"}, 90),
        ({"retry-after": "-1"}, None),
        ({"retry-after": "1.5"}, None),
        ({"retry-after": "²"}, None),
        ({}, None),
    ],
)
def test_a_service_says_how_long_to_wait_in_seconds_and_an_hour_counts(headers, seconds):
    wait = calls.wait(headers, "retry-after", "reset")

    assert wait == (None if seconds is None else timedelta(seconds=seconds))


@pytest.mark.parametrize(
    ("status", "passes"),
    [
        *((status, False) for status in (400, 401, 404, 499)),
        *((status, True) for status in (408, 409, 425, 429, 500, 503)),
    ],
)
def test_a_no_is_for_good_unless_its_status_says_otherwise(status, passes):
    assert calls.Refused("No.", status=status).permanent is not passes
    assert not calls.Refused("No.", status=status, is_passing=True).permanent


def test_an_empty_answer_is_one_only_where_nothing_is_read():
    assert calls.decoded("Somebody", b"", calls.Done) == calls.Done()
    for body, into in ((b"", Made), (b"<html>", calls.Done), (b"[" * 100_000, Made)):
        with pytest.raises(DeliveryFailed, match=r"Somebody answered with .* unreadable") as no:
            calls.decoded("Somebody", body, into)
        assert not no.value.permanent
