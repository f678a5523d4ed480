import pytest
from accessplane_client.cli.request_text import decision_text, waiting_text
from accessplane_client.documents import AccessRequest

ALICE, IVAN, ROSA = ["alice@example.com", "ivan@example.com", "rosa@example.com"]


def waiting_for(pending, **changes):
    return waiting_text(AccessRequest.read(pending | changes)).removeprefix(
        "Waiting for a decision: "
    )


def needs(approve, approvals=0):
    return [{"name": "people", "approve": approve, "approvals": approvals, "deny": 1}]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"thresholds": needs(2)}, f"two of {ALICE}, {IVAN} and {ROSA} must approve"),
        ({"thresholds": needs(1)}, f"{ALICE}, {IVAN} or {ROSA} must approve"),
        ({"thresholds": needs(1), "possible_reviewers": [ALICE]}, f"{ALICE} must approve"),
        (
            {"thresholds": needs(2), "possible_reviewers": [ALICE]},
            f"two must approve, and only {ALICE} can",
        ),
        (
            {"thresholds": needs(1), "possible_reviewers": []},
            "one must approve, and nobody can",
        ),
        (
            {"thresholds": needs(1, 1), "checks": [{"workflow": "ticket", "state": "PENDING"}]},
            "Waiting only for the check ticket: the approvals are there",
        ),
        (
            {"thresholds": [*needs(2), *needs(1)], "possible_reviewers": [ALICE, IVAN]},
            f"people (0 of 2 to approve), people (0 of 1 to approve); from {ALICE} or {IVAN}",
        ),
    ],
)
def test_what_is_missing_is_said(pending, changes, said):
    assert waiting_for(pending, **changes) == said


def test_parts_are_said_one_by_one(pending):
    parts = [
        {"name": "peer", "approve": 1, "approvals": 1},
        {"name": "manager", "approve": 1, "approvals": 0},
    ]

    said = waiting_for(pending, thresholds=[{"name": "both", "all_of": parts, "deny": 1}])

    assert said.startswith("both (peer 1 of 1, manager 0 of 1); from ")


def test_a_decision_by_force_names_nobody_who_reviewed(approved):
    forced = AccessRequest.read(approved | {"forced": True, "resolve_reason": "outage"})

    assert decision_text(forced).startswith("Approved without the usual reviews: outage.")


def test_a_grant_that_begins_later_says_when(approved):
    grant = approved["grants"][0] | {"state": "SCHEDULED"}

    said = decision_text(AccessRequest.read(approved | {"grants": [grant]}))

    assert "dba is held from 03 Apr 21 04:00 UTC until 03 Apr 21 12:00 UTC." in said
