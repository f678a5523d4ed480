import json

import pytest
from accessplane_client import waiting

ID = "9c721e54-b049-4ef8-a7f6-c777aa066764"
NONE = {"next": None, "previous": None, "results": []}
CREATE = [
    "request",
    "create",
    "--roles=dba",
    "--reviewers=alice@example.com,ivan@example.com",
    "--reason=ticket #123",
]


def test_asking_waits_and_ends_with_who_approved_and_why(ap, canned, pending, approved):
    canned.answers(pending, 201)
    canned.answers(NONE)
    canned.answers(approved)

    code, out, err = ap(*CREATE)

    assert code == 0
    assert json.loads(canned.calls[0].content) == {
        "roles": ["dba"],
        "reason": "ticket #123",
        "suggested_reviewers": ["alice@example.com", "ivan@example.com"],
    }
    assert out.splitlines()[:2] == [f"ID:          {ID}", "State:       PENDING"]
    assert out.splitlines()[-1] == (
        "Approved by alice@example.com and ivan@example.com: granted. "
        "dba is held until 03 Apr 21 12:00 UTC."
    )
    assert err.splitlines()[0] == (
        "Waiting for a decision: two of alice@example.com, ivan@example.com and rosa@example.com "
        "must approve (Ctrl-C stops waiting, the request stays)."
    )


def test_what_happens_meanwhile_is_told(ap, canned, pending, approved, monkeypatch):
    monkeypatch.setattr(waiting, "LOOK_EVERY", 0.0)
    halfway = pending | {
        "reviews": approved["reviews"][:1],
        "thresholds": [pending["thresholds"][0] | {"approvals": 1}],
    }
    canned.answers(pending, 201)
    for now in (pending, halfway, approved):
        canned.answers(NONE)
        canned.answers(now)

    _, _, err = ap(*CREATE)

    assert err.splitlines()[1:] == [
        "alice@example.com approved: proceed with caution.",
        "Waiting for a decision: ivan@example.com or rosa@example.com must approve.",
        "ivan@example.com approved: granted.",
    ]


@pytest.mark.parametrize(
    ("state", "code", "said"),
    [
        ("DENIED", 2, "Denied by alice@example.com: not today."),
        ("CANCELLED", 2, "Cancelled: not today."),
        ("EXPIRED", 4, "Not decided in time: it waited until 10 Apr 21 03:58 UTC."),
    ],
)
def test_other_ends_have_codes_of_their_own(ap, canned, pending, state, code, said):
    review = {"reviewer": "alice@example.com", "decision": "DENY", "reason": "not today"}
    ended = pending | {
        "state": state,
        "reviews": [review],
        "resolve_reason": "not today",
        "pending_expires_at": "2021-04-10T03:58:00Z",
    }
    canned.answers(pending, 201)
    canned.answers(NONE)
    canned.answers(ended)

    ended_with, out, _ = ap(*CREATE)

    assert ended_with == code
    assert out.splitlines()[-1] == said


def test_without_waiting_the_request_is_all_there_is(ap, canned, pending):
    canned.answers(pending, 201)

    code, out, err = ap(*CREATE, "--nowait")

    assert code == 0
    assert ID in out
    assert f"ap request show {ID}" in err
    assert canned.is_done


def test_a_request_that_is_denied_at_once_is_denied_without_waiting_too(ap, canned, pending):
    denied = {"state": "DENIED", "checks": [{"workflow": "ticket", "state": "FAILED"}]}
    canned.answers(pending | denied, 201)

    code, out, _ = ap(*CREATE, "--nowait")

    assert code == 2
    assert out.splitlines()[-1] == "Denied by the check ticket."


def test_waiting_has_an_end_if_one_is_wanted(ap, canned, pending):
    canned.answers(pending, 201)
    canned.answers(NONE)
    canned.answers(pending)

    code, _, err = ap(*CREATE, "--timeout", "0")

    assert code == 4
    assert "The request stays." in err


def test_ctrl_c_stops_the_waiting_and_not_the_request(ap, canned, pending):
    canned.answers(pending, 201)
    canned.fails(KeyboardInterrupt())

    code, out, err = ap(*CREATE, "--format", "json")

    assert code == 4
    assert json.loads(out)["state"] == "PENDING"
    assert f"ap request show {ID}" in err


def test_one_document_comes_out_however_long_it_took(ap, canned, pending, approved):
    canned.answers(pending, 201)
    canned.answers(NONE)
    canned.answers(approved)

    _, out, _ = ap(*CREATE, "--format", "json")

    assert json.loads(out) == approved


def test_a_shortened_duration_is_said(ap, canned, pending):
    canned.answers(pending | {"requested_duration_seconds": 8 * 86400}, 201)

    _, out, err = ap(*CREATE, "--nowait", "--max-duration=8d")

    assert "You asked for 8 days; dba can be had for at most 8 hours." in err
    assert "Duration:    8 hours (asked for: 8 days)" in out


def test_a_dry_run_shows_the_plan_and_asks_nothing(ap, canned, pending):
    plan = {
        "roles": ["dba"],
        "duration_seconds": 28800,
        "pending_ttl_seconds": 604800,
        "thresholds": pending["thresholds"],
        "possible_reviewers": ["alice@example.com"],
    }
    canned.answers({"plan": plan})

    code, out, err = ap(*CREATE, "--dry-run")

    assert code == 0
    assert canned.last_body["dry_run"] is True
    assert "Can decide: alice@example.com" in out
    assert "Nothing was asked" in err


def test_fields_that_are_wrong_are_named(ap, canned):
    canned.refuses(400, "invalid_input", "Some fields are wrong.", {"roles": ["\x1b[1mNo."]})

    code, _, err = ap(*CREATE)

    assert code == 1
    assert err == "Error: Some fields are wrong.\n  roles: [1mNo.\n"
