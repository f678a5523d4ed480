import json

import pytest
import yaml

ID = "9c721e54-b049-4ef8-a7f6-c777aa066764"
NONE = {"next": None, "previous": None, "results": []}
MANY = NONE | {"next": "https://plane.example.com/api/v1/access-requests/?cursor=x"}
BOB = {"email": "bob@example.com", "display_name": "Bob", "roles": ["developer"], "traits": {}}


def test_the_list_looks_as_on_the_first_page(ap, canned, pending):
    canned.answers(NONE | {"results": [pending]})

    code, out, err = ap("request", "list")

    assert code == 0
    assert err == ""
    assert out == (
        "ID                                   User            Roles Created (UTC)       Status\n"
        "------------------------------------ --------------- ----- ------------------- -------\n"
        "9c721e54-b049-4ef8-a7f6-c777aa066764 bob@example.com dba   03 Apr 21 03:58 UTC PENDING\n"
    )


@pytest.mark.parametrize(
    ("flag", "asked"),
    [
        (["--reviewable"], "scope=reviewable&limit=51"),
        (["--my-requests"], "scope=mine&limit=51"),
        (["--state", "pending"], "state=PENDING&limit=51"),
        (["--limit", "500"], "limit=200"),
    ],
)
def test_the_list_is_filtered_by_the_plane(ap, canned, flag, asked):
    canned.answers(NONE)

    code, out, err = ap("request", "list", *flag)

    assert canned.paths == [f"GET /api/v1/access-requests/?{asked}"]
    assert (code, out, err) == (0, "", "There are none.\n")


def test_suggested_are_those_that_name_the_caller(ap, canned, pending):
    other = pending | {"id": ID.replace("9", "8"), "suggested_reviewers": ["alice@example.com"]}
    canned.answers(BOB)
    canned.answers(
        NONE | {"results": [other, pending | {"suggested_reviewers": ["BOB@example.com"]}]}
    )

    code, out, _ = ap("request", "list", "--suggested", "--format", "json")

    assert code == 0
    assert [each["id"] for each in json.loads(out)] == [ID]


def test_more_pages_are_read_up_to_the_limit_and_the_rest_is_mentioned(ap, canned, pending):
    canned.answers(MANY | {"results": [pending]})
    canned.answers(MANY | {"results": [pending, pending]})

    code, out, err = ap("request", "list", "--limit", "2")

    assert code == 0
    assert len(out.splitlines()) == 4
    assert "There are more than 2" in err


@pytest.mark.parametrize("form", ["json", "yaml"])
def test_other_formats_hold_what_the_plane_sent(ap, canned, pending, form):
    canned.answers(pending)

    _, out, _ = ap("request", "show", ID, "--format", form)

    assert yaml.safe_load(out) == pending


def test_a_request_is_shown_whole_and_without_its_escape_sequences(ap, canned, approved):
    canned.answers(approved | {"reason": "all is well\x1b[2J\nState: DENIED"})

    code, out, _ = ap("request", "show", ID)

    assert code == 0
    assert "\x1b" not in out
    assert [line for line in out.splitlines() if line.startswith("State")] == [
        "State:     APPROVED"
    ]
    assert "alice@example.com APPROVE 03 Apr 21 04:00 UTC: proceed with caution" in out
    assert "11111111-b049-4ef8-a7f6-c777aa066764 dba ACTIVE" in out


@pytest.mark.parametrize(
    "arguments",
    [
        ["request", "show", "9c721e54"],
        ["request", "cancel", "9c721e54"],
        ["request", "review", "--approve", "9c721e54"],
        ["grant", "end", "9c721e54"],
        ["grant", "revoke", "--reason", "x", "9c721e54"],
        ["grant", "extend", "9c721e54"],
    ],
)
def test_a_shortened_id_is_refused_without_asking_the_plane(ap, canned, arguments):
    code, out, err = ap(*arguments)

    assert code == 1
    assert out == ""
    assert "ids are 36 characters" in err
    assert canned.calls == []


def test_an_unknown_id_says_where_to_look(ap, canned):
    canned.refuses(404, "not_found", "There is no such request, or you may not see it.")

    code, out, err = ap("request", "show", ID)

    assert (code, out) == (1, "")
    assert err.startswith("Error: There is no such request")
    assert "ap request list" in err


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["request"],
        ["reqest"],
        ["request", "create"],
        ["request", "create", "--role", "dba"],
        ["request", "list", "--format", "xml"],
        ["request", "list", "--limit", "0"],
        ["request", "list", "--state", "open"],
        ["request", "list", "--reviewable", "--my-requests"],
        ["request", "show"],
        ["request", "review", ID],
        ["request", "review", "--approve", "--deny", ID],
        ["request", "create", "--roles", "dba", "--timeout", "soon"],
        ["grant", "revoke", ID],
        ["apply"],
        ["apply", "-f", "/nowhere.yaml"],
    ],
)
def test_a_mistake_is_1_because_2_means_denied(ap, canned, arguments):
    code, _, _ = ap(*arguments)

    assert code == 1
    assert canned.calls == []


def test_the_only_request_that_waits_needs_no_id(ap, canned, pending):
    review = {"reviewer": "bob@example.com", "decision": "APPROVE", "reason": "granted."}
    canned.answers(NONE | {"results": [pending]})
    canned.answers({"review": review, "request": pending}, 201)

    code, out, _ = ap("request", "review", "--approve", "--reason=granted.")

    assert code == 0
    assert canned.paths[0] == "GET /api/v1/access-requests/?scope=reviewable&limit=50"
    assert canned.paths[1] == f"POST /api/v1/access-requests/{ID}/reviews/"
    assert canned.last_body == {"decision": "APPROVE", "reason": "granted."}
    assert out.startswith("You approved bob@example.com's request for dba.")


def test_without_an_id_none_is_an_error(ap, canned):
    canned.answers(NONE)

    code, out, err = ap("request", "review", "--deny")

    assert (code, out, err) == (1, "", "Error: No request waits for your decision.\n")


def test_without_an_id_several_are_an_error_that_lists_them(ap, canned, pending):
    second = pending | {"id": ID.replace("9", "8")}
    canned.answers(NONE | {"results": [pending, second]})

    code, out, err = ap("request", "review", "--approve")

    assert (code, out) == (1, "")
    assert ID in err
    assert second["id"] in err
    assert len(canned.calls) == 1


def test_roles_are_found_by_a_part_of_what_they_are_for(ap, canned):
    roles = [
        {"name": "dba", "description": "Every payments database", "limit_seconds": 28800},
        {"name": "web", "description": "The pages", "held": True, "reason_required": True},
    ]
    canned.answers(roles)

    _, out, _ = ap("request", "search", "PAYMENTS")

    assert out.splitlines()[2:] == ["dba  8 hours -      -    Every payments database"]
