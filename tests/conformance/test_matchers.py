"""The matchers themselves: a matcher that lets everything pass would hide every bug."""

import pytest

from tests.conformance.matchers import MISSING, Found, complaint, look_up

DOCUMENT = {
    "state": "PENDING",
    "created_at": "2026-11-22T12:00:00Z",
    "pending_expires_at": "2026-11-22T13:00:01Z",
    "start_time": None,
    "reviews": [{"reviewer": "alice", "parts": [{"n": 1}]}, {"reviewer": "ivan", "parts": []}],
}


def held(expected, value, beside=None):
    return complaint(expected, Found(value, beside)) == ""


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("state", "PENDING"),
        ("start_time", None),
        ("reviews.1.reviewer", "ivan"),
        ("reviews.*.reviewer", ["alice", "ivan"]),
        ("reviews.*.parts.*.n", [1]),
        ("reviews.2.reviewer", MISSING),
        ("reviews.first", MISSING),
        ("state.deeper", MISSING),
        ("absent", MISSING),
        ("absent.*.name", MISSING),
    ],
)
def test_a_path_leads_to_its_value(path, value):
    assert look_up(DOCUMENT, path).value == value


@pytest.mark.parametrize(
    ("expected", "right", "wrong"),
    [
        ("x", "x", "y"),
        (1, 1, True),
        (None, None, MISSING),
        ({"a": ["b"]}, {"a": ["b"]}, {"a": []}),
        ({"$set": ["a", "b"]}, ["b", "a", "a"], ["a"]),
        ({"$set": []}, [], MISSING),
        ({"$count": 2}, [1, 2], [1]),
        ({"$count": 0}, [], MISSING),
        ({"$only": {"of": ["a", "b"], "are": ["a"]}}, ["a", "z"], ["a", "b"]),
        ({"$only": {"of": ["a", "b"], "are": []}}, ["z"], MISSING),
        (
            {"$near": "2026-11-22T12:00:00+00:00"},
            "2026-11-22T12:00:19Z",
            "2026-11-22T12:00:21Z",
        ),
        ({"$near": "2026-11-22T12:00:00+00:00"}, "2026-11-22T12:00:00Z", "2026-11-22T12:00:00"),
        ({"$near": "2026-11-22T12:00:00+00:00"}, "2026-11-22T12:00:00Z", None),
        ({"$icontains": "Approved"}, "It is APPROVED.", "It is DENIED."),
        ({"$empty": True}, MISSING, "x"),
        ({"$empty": True}, [], [0]),
        ({"$empty": True}, None, 0),
        ({"$present": True}, "x", ""),
        ({"$present": True}, False, MISSING),
        ({"$in_order": ["a", "a", "b"]}, ["a", "x", "a", "b"], ["a", "b", "a"]),
        ({"$in_order": ["a"]}, ["a"], MISSING),
        ({"$increasing": True}, [1, 2, 5], [1, 2, 2]),
        ({"$increasing": True}, [], MISSING),
    ],
)
def test_a_matcher_tells_right_from_wrong(expected, right, wrong):
    assert held(expected, right)
    assert not held(expected, wrong)


@pytest.mark.parametrize(("seconds", "holds"), [(3600, True), (3603, True), (3604, False)])
def test_seconds_after_looks_at_the_field_beside_it(seconds, holds):
    found = look_up(DOCUMENT, "pending_expires_at")

    assert (complaint({"$seconds_after": ["created_at", seconds]}, found) == "") is holds


def test_seconds_after_a_field_that_is_not_there_does_not_hold():
    found = look_up(DOCUMENT, "pending_expires_at")

    assert complaint({"$seconds_after": ["absent", 3600]}, found)


def test_a_complaint_says_what_was_found_and_what_was_wanted():
    found = look_up(DOCUMENT, "state")

    assert complaint("APPROVED", found, name="state") == 'state is "PENDING", not "APPROVED"'
    assert complaint("x", look_up(DOCUMENT, "absent"), name="a") == 'a is nothing, not "x"'
