from datetime import UTC, datetime, timedelta

import pytest
from accessplane_client import MalformedId, Plane, PlaneError, UnexpectedAnswer

GRANT = {
    "id": "11111111-b049-4ef8-a7f6-c777aa066764",
    "user": "bob@example.com",
    "role": "dba",
    "state": "ACTIVE",
    "starts_at": "2021-04-03T04:00:00Z",
    "ends_at": "2021-04-03T12:00:00Z",
    "request": "9c721e54-b049-4ef8-a7f6-c777aa066764",
    "reason": "",
}


def page(results, following=None):
    return {"next": following, "previous": None, "results": results}


def test_a_request_says_only_what_was_said_to_it(client, canned, pending):
    canned.answers(pending, 201)

    made = client.create_request(
        ["dba"],
        reason="ticket #123",
        suggested_reviewers=("alice@example.com",),
        duration=timedelta(hours=2),
        pending_ttl="3d",
        start_time=datetime(2021, 4, 3, 5, tzinfo=UTC),
        for_user=None,
    )

    assert canned.last_body == {
        "roles": ["dba"],
        "reason": "ticket #123",
        "suggested_reviewers": ["alice@example.com"],
        "duration": 7200,
        "pending_ttl": "3d",
        "start_time": "2021-04-03T05:00:00+00:00",
    }
    assert made.is_pending
    assert made.created_at == datetime(2021, 4, 3, 3, 58, tzinfo=UTC)
    assert made.thresholds[0].approve == 2
    assert made.checks[0].workflow == "ticket"


def test_what_this_version_does_not_know_is_kept_and_no_error(client, canned, pending):
    canned.answers(pending)

    assert client.request(pending["id"]).document["mood"] == "hopeful"


def test_what_the_plane_leaves_out_has_its_default(client, canned, pending):
    del pending["possible_reviewers"]
    canned.answers(pending | {"resolve_reason": None})

    request = client.request(pending["id"])

    assert request.possible_reviewers == ()
    assert request.resolve_reason == ""


@pytest.mark.parametrize("change", [{"id": None}, {"created_at": "soon"}, {"roles": 3}])
def test_an_answer_that_makes_no_sense_is_refused(client, canned, pending, change):
    canned.answers(pending | change)

    with pytest.raises(UnexpectedAnswer):
        client.request(pending["id"])


def test_a_time_without_a_zone_is_refused_before_it_is_sent(client, canned):
    with pytest.raises(PlaneError, match="zone"):
        client.create_request(["dba"], start_time=datetime(2021, 4, 3, 5))  # noqa: DTZ001

    assert canned.calls == []


def test_somebody_is_invited(client, canned):
    canned.answers({"user": "bob@example.com", "expires_at": "2021-04-06T04:00:00Z"}, 201)

    invitation = client.invite("bob@example.com")

    assert canned.calls[-1].url.path == "/api/v1/users/bob@example.com/invitation/"
    assert (invitation.user, invitation.expires_at.day) == ("bob@example.com", 6)


def test_one_role_is_a_list_of_one(client):
    with pytest.raises(TypeError, match="list"):
        client.create_request("dba")


def test_a_dry_run_answers_with_a_plan(client, canned):
    canned.answers(
        {"plan": {"roles": ["dba"], "duration_seconds": 28800, "checks": ["ticket"]}}
    )

    plan = client.plan_request(["dba"])

    assert canned.last_body == {"roles": ["dba"], "dry_run": True}
    assert plan.duration_seconds == 28800
    assert plan.checks[0].workflow == "ticket"


def test_pages_are_read_as_far_as_they_are_wanted(client, canned, pending):
    canned.answers(
        page([pending, pending], "https://plane.example.com/x/?cursor=abc%3D&limit=2")
    )
    canned.answers(page([pending]))

    found = client.requests(page=2, state="PENDING")

    next(found)
    assert len(canned.calls) == 1
    assert len(list(found)) == 2
    assert canned.paths == [
        "GET /api/v1/access-requests/?state=PENDING&limit=2",
        "GET /api/v1/access-requests/?state=PENDING&limit=2&cursor=abc%3D",
    ]


def test_a_next_page_elsewhere_is_read_here(client, canned, pending):
    canned.answers(page([pending], "http://evil.example.com/steal/?cursor=abc"))
    canned.answers(page([]))

    list(client.requests())

    assert canned.calls[1].url.host == "plane.example.com"
    assert canned.calls[1].url.path == "/api/v1/access-requests/"


def test_a_list_may_come_without_pages(client, canned):
    canned.answers([{"name": "dba", "held": False, "limit_seconds": 28800}])

    (role,) = client.requestable_roles()

    assert role.name == "dba"


def test_a_review_gives_back_both(client, canned, pending):
    review = {"reviewer": "alice@example.com", "decision": "APPROVE"}
    canned.answers({"review": review, "request": pending}, 201)

    reviewed = client.review(pending["id"], "APPROVE", reason="granted.")

    assert canned.last_body == {"decision": "APPROVE", "reason": "granted."}
    assert reviewed.review.reviewer == "alice@example.com"
    assert reviewed.request.id == pending["id"]


def test_a_shortened_id_is_not_sent(client, canned):
    with pytest.raises(MalformedId):
        client.request("9c72")

    assert canned.calls == []


def test_an_extension_is_a_request_for_the_role_of_the_grant(client, canned, pending):
    canned.answers(GRANT)
    canned.answers(pending, 201)

    client.extend(GRANT["id"], duration="2h")

    assert canned.last_body == {"roles": ["dba"], "duration": "2h", "extends": GRANT["id"]}


def test_truth_and_times_are_written_as_the_plane_reads_them(client, canned):
    canned.answers(page([GRANT]))

    list(client.grants(in_force=True, user="bob@example.com"))

    assert canned.paths == [
        "GET /api/v1/grants/?in_force=true&user=bob%40example.com&limit=200"
    ]


def test_whether_a_role_is_held_is_a_truth(client, canned):
    canned.answers({"allowed": False, "via": None, "grant": None, "ends_at": None})

    assert not client.check_access("bob@example.com", "dba")


def test_events_go_on_after_the_last_one(client, canned):
    first = [{"sequence": 4, "type": "access_request.created"}]
    second = [{"sequence": 9, "type": "access_request.approved"}]
    canned.answers(page(first, "https://plane.example.com/api/v1/events/?cursor=x"))
    canned.answers(page(second))

    found = list(client.events(3, wait=25, about="9c721e54-b049-4ef8-a7f6-c777aa066764"))

    assert [each.sequence for each in found] == [4, 9]
    assert [dict(call.url.params).get("after") for call in canned.calls] == ["3", "4"]
    assert [dict(call.url.params).get("wait") for call in canned.calls] == ["25", None]


def test_configuration_goes_as_yaml_or_as_documents(client, canned):
    result = {
        "documents": [{"kind": "role", "name": "dba", "result": "created"}],
        "warnings": [],
    }
    canned.answers(result)
    canned.answers(result)

    applied = client.apply("kind: role\n")
    client.apply([{"kind": "role"}])

    assert [each.result for each in applied.documents] == ["created"]
    assert canned.calls[0].headers["Content-Type"] == "application/yaml"
    assert canned.calls[0].content == b"kind: role\n"
    assert canned.last_body == [{"kind": "role"}]


def test_a_new_token_is_not_in_what_python_shows_of_it(client, canned):
    canned.answers({"id": "7", "name": "ci", "token": "ap_secret"}, 201)

    made = client.create_token("ci", ttl="30d")

    assert made.token == "ap_secret"
    assert "ap_secret" not in repr(made)


def test_a_program_is_told_by_its_environment(monkeypatch):
    monkeypatch.setenv("ACCESSPLANE_URL", "http://127.0.0.1:8000/")
    monkeypatch.setenv("ACCESSPLANE_TOKEN", "ap_bob")

    with Plane.from_env() as plane:
        assert plane.url == "http://127.0.0.1:8000"
