import json

import pytest

URL = "GET /api/v1/access-requests/explanation/"


@pytest.fixture
def explained():
    """The plane's answer to Bob: two must agree to dba, and a ticket is checked."""
    return {
        "user": "bob@example.com",
        "allowed": True,
        "refusal": None,
        "denied_by": [],
        "summary": "Alice and Ivan must agree. The check ticket must pass.",
        "roles": [
            {
                "name": "dba",
                "exists": True,
                "held": None,
                "requestable": True,
                "because": [
                    {
                        "effect": "allows",
                        "role": "developer",
                        "pattern": "dba",
                        "claim": "",
                        "value": "",
                        "sentence": "The role developer allows it.",
                    }
                ],
                "silent_roles": [],
                "sentence": "You may ask for dba: the role developer allows it.",
            }
        ],
        "terms": {
            "reason_required": True,
            "reason_required_by": ["developer"],
            "reason_patterns": [],
            "prompts": ["Ticket?"],
            "duration_seconds": 28800,
            "limit_seconds": 28800,
            "limit_set_by": ["developer"],
            "sentences": ["At most 8 hours: the role developer says so."],
        },
        "needs": [
            {
                "roles": ["dba"],
                "demanded_by": ["developer"],
                "thresholds": [],
                "sentence": "Alice and Ivan must agree.",
            }
        ],
        "possible_reviewers": ["alice@example.com", "ivan@example.com"],
        "checks": [{"workflow": "ticket", "state": "PENDING", "reason": "", "problem": ""}],
    }


def refused(explained):
    role = explained["roles"][0] | {
        "exists": None,
        "requestable": False,
        "because": [
            {
                "effect": "denies",
                "role": "contractor",
                "pattern": "d*",
                "claim": "",
                "value": "",
                "sentence": "The role contractor forbids it by d*.",
            }
        ],
        "sentence": "You may not ask for dba: the role contractor forbids it.",
    }
    return explained | {
        "allowed": False,
        "refusal": {"code": "role_not_requestable", "detail": "No."},
        "summary": role["sentence"],
        "roles": [role],
        "terms": None,
        "needs": [],
        "possible_reviewers": [],
        "checks": [],
    }


def test_who_must_agree_is_the_first_line(ap, canned, explained):
    canned.answers(explained)

    code, out, err = ap("request", "explain", "--roles=dba", "--reason=#1", "--max-duration=2h")

    assert (code, err) == (0, "")
    assert canned.paths == [f"{URL}?role=dba&reason=%231&duration=2h"]
    assert out.splitlines() == [
        "Alice and Ivan must agree. The check ticket must pass.",
        "",
        "User:        bob@example.com",
        "Roles:       You may ask for dba: the role developer allows it.",
        "Needs:       Alice and Ivan must agree.",
        "Terms:       At most 8 hours: the role developer says so.",
        "Asked about: Ticket?",
        "Duration:    8 hours",
        "Can decide:  alice@example.com, ivan@example.com",
        "Checks:      ticket PENDING",
    ]


def test_a_refusal_ends_with_two_and_says_which_role_says_so(ap, canned, explained):
    canned.answers(refused(explained))

    code, out, _ = ap("request", "explain", "--roles=dba,web", "--user=carol@example.com")

    assert code == 2
    assert canned.paths == [f"{URL}?role=dba&role=web&user=carol%40example.com"]
    assert out.splitlines() == [
        "You may not ask for dba: the role contractor forbids it.",
        "",
        "User:  bob@example.com",
        "Roles: You may not ask for dba: the role contractor forbids it.",
        "       - The role contractor forbids it by d*.",
    ]


def test_a_workflow_that_would_deny_ends_with_two(ap, canned, explained):
    failed = {"workflow": "ticket", "state": "FAILED", "reason": "no ticket"}
    canned.answers(explained | {"denied_by": ["ticket"], "checks": [failed]})

    code, out, _ = ap("request", "explain", "--roles=dba")

    assert code == 2
    assert "Checks:      ticket FAILED: no ticket" in out


@pytest.mark.parametrize("form", ["json", "yaml"])
def test_programs_get_the_whole_document(ap, canned, explained, form):
    import yaml

    canned.answers(explained)

    code, out, _ = ap("request", "explain", "--roles=dba", "--format", form)

    assert code == 0
    assert (json.loads(out) if form == "json" else yaml.safe_load(out)) == explained


def test_who_may_not_ask_about_others_gets_an_error(ap, canned):
    canned.refuses(403, "not_permitted", "You may ask about yourself only.")

    code, out, err = ap("request", "explain", "--roles=dba", "--user=carol@example.com")

    assert (code, out) == (1, "")
    assert err == "Error: You may ask about yourself only.\n"


def test_what_people_wrote_moves_no_cursor(ap, canned, explained):
    canned.answers(explained | {"summary": "\x1b[2JNo."})

    _, out, _ = ap("request", "explain", "--roles=dba")

    assert "\x1b" not in out


def test_the_client_reads_it_typed(client, canned, explained):
    canned.answers(refused(explained))

    found = client.explain(["dba"])

    assert not found.stands_a_chance
    assert found.refusal is not None
    assert found.refusal.code == "role_not_requestable"
    assert found.roles[0].exists is None
    assert found.roles[0].because[0].role == "contractor"


def test_checks_say_what_went_wrong_and_when_they_are_tried_again(ap, canned, pending):
    check = {
        "workflow": "ticket",
        "state": "PENDING",
        "reason": "",
        "problem": "It cannot be reached.",
        "tries": 2,
        "next_try_at": "2021-04-03T04:00:00Z",
    }
    canned.answers(pending | {"checks": [check]})

    _, out, _ = ap("request", "show", pending["id"])

    line = "ticket PENDING: It cannot be reached. (next try 03 Apr 21 04:00 UTC)"
    assert f"Checks:      {line}" in out


def test_waiting_says_when_only_checks_are_awaited(ap, canned, pending):
    thresholds = [
        {"name": "two people", "approve": 2, "approvals": 2, "deny": 1},
        {"name": "a lead", "approve": 1, "approvals": 1, "deny": 1},
    ]
    checks = [{"workflow": "ticket", "state": "PENDING"}, {"workflow": "x", "state": "PASSED"}]
    canned.answers(pending | {"thresholds": thresholds, "checks": checks}, 201)
    canned.answers({"next": None, "previous": None, "results": []})
    canned.answers(pending | {"thresholds": thresholds, "checks": checks})

    _, _, err = ap("request", "create", "--roles=dba", "--timeout=0")

    assert err.splitlines()[0].startswith(
        "Waiting only for the check ticket: the approvals are there ("
    )
