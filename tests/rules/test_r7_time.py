"""SEMANTICS 7: time. The clock is moved; no job runs unless a test runs it."""

from datetime import timedelta

import pytest

from requests_app.services import timekeeping
from tests.rules.plane import BEGINNING, DAY, HOUR, MINUTE, Plane, at, role, seconds_of, user


def holding(plane: Plane, *requests: dict, requested: list[dict] | None = None) -> Plane:
    """bob holds one role for each of these `request` blocks."""
    names = [f"held-{number}" for number, _ in enumerate(requests)]
    plane.apply(
        *(requested or [role("dba"), role("web")]),
        *[role(name, request=block) for name, block in zip(names, requests, strict=True)],
        user("bob", *names),
    )
    return plane


# --- 7.1 ----------------------------------------------------------------------------------------


def test_r7_1_the_clock_of_a_grant_starts_with_its_approval(plane):
    asked = plane.ask("bob", "dba", duration="1h")
    plane.clock.set(3 * DAY)

    grant = plane.approve("alice", asked)["grants"][0]

    assert seconds_of(grant["starts_at"]) == 3 * DAY
    assert seconds_of(grant["ends_at"]) == 3 * DAY + HOUR


@pytest.mark.parametrize(("start", "starts"), [(HOUR, 3 * HOUR), (5 * HOUR, 5 * HOUR)])
def test_r7_1_or_with_the_start_time_if_that_is_later(plane, start, starts):
    asked = plane.ask("bob", "dba", duration="1h", start_time=at(start))
    plane.clock.set(3 * HOUR)

    grant = plane.approve("alice", asked)["grants"][0]

    assert seconds_of(grant["starts_at"]) == starts
    assert seconds_of(grant["ends_at"]) == starts + HOUR


# --- 7.2 ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("held", "asked", "limit", "granted"),
    [
        ([{"roles": ["dba"]}], None, None, 8 * HOUR),
        ([{"roles": ["dba"]}], "1h", None, HOUR),
        ([{"roles": ["dba"]}], "14d", None, 14 * DAY),
        ([{"roles": ["dba"], "max_duration": "4h"}], None, 4 * HOUR, 4 * HOUR),
        ([{"roles": ["dba"], "max_duration": "2d"}], None, 2 * DAY, 2 * DAY),
        ([{"roles": ["dba"], "max_duration": "4h"}], "2h", 4 * HOUR, 2 * HOUR),
        ([{"roles": ["dba"], "max_duration": "4h"}], "6h", 4 * HOUR, 4 * HOUR),
        (
            [{"roles": ["dba"], "max_duration": "4h"}, {"roles": ["*"], "max_duration": "6h"}],
            None,
            6 * HOUR,
            6 * HOUR,
        ),
        (
            [
                {"roles": ["dba"], "max_duration": "4h"},
                {"roles": ["web"], "max_duration": "6h"},
            ],
            None,
            4 * HOUR,
            4 * HOUR,
        ),
        (
            [{"roles": ["dba"], "max_duration": "4h"}, {"roles": ["dba"]}],
            None,
            4 * HOUR,
            4 * HOUR,
        ),
        ([{"roles": ["dba"], "max_duration": 90}], None, 90, 90),
    ],
)
def test_r7_2_the_largest_of_the_permitting_roles_is_the_limit(
    plane, held, asked, limit, granted
):
    plan = holding(plane, *held).plan("bob", "dba", duration=asked)

    assert (plan["limit_seconds"], plan["duration_seconds"]) == (limit, granted)


def test_r7_2_over_the_requested_roles_that_have_one_the_smallest(plane):
    holding(
        plane,
        {"roles": ["dba"], "max_duration": "4h"},
        {"roles": ["web"], "max_duration": "2h"},
        {"roles": ["web"], "max_duration": "3h"},
        requested=[role("dba"), role("web"), role("ops")],
    )
    plane.apply(
        role("more", request=["ops"]), user("bob", "held-0", "held-1", "held-2", "more")
    )

    assert plane.plan("bob", "dba", "web")["limit_seconds"] == 3 * HOUR
    assert plane.plan("bob", "dba", "ops")["limit_seconds"] == 4 * HOUR
    assert plane.plan("bob", "ops")["limit_seconds"] is None


def test_r7_2_without_one_the_smallest_session_of_the_requested_roles(plane):
    requested = [
        role("dba", options={"max_session_ttl": "5h"}),
        role("web", options={"max_session_ttl": "3h"}),
        role("ops"),
    ]
    holding(plane, {"roles": ["*"]}, requested=requested)

    assert plane.plan("bob", "dba")["limit_seconds"] == 5 * HOUR
    assert plane.plan("bob", "dba", "web")["limit_seconds"] == 3 * HOUR
    assert plane.plan("bob", "dba", "ops")["limit_seconds"] == 5 * HOUR
    assert plane.plan("bob", "ops")["limit_seconds"] is None


def test_r7_2_the_session_does_not_count_beside_a_limit(plane):
    requested = [role("dba", options={"max_session_ttl": "1h"})]
    holding(plane, {"roles": ["*"], "max_duration": "5h"}, requested=requested)

    assert plane.plan("bob", "dba")["duration_seconds"] == 5 * HOUR


def test_r7_2_the_session_of_a_held_role_does_not_count(plane):
    plane.apply(role("developer", request=["dba"], options={"max_session_ttl": "1h"}))

    assert plane.plan("bob", "dba")["duration_seconds"] == 8 * HOUR


def test_r7_2_the_limit_of_a_role_that_permits_nothing_requested_does_not_count(plane):
    holding(plane, {"roles": ["dba"]}, {"roles": ["web"], "max_duration": "1h"})

    assert plane.plan("bob", "dba")["limit_seconds"] is None


def test_r7_2_a_length_that_is_cut_stands_beside_what_was_asked_for(plane):
    holding(plane, {"roles": ["dba"], "max_duration": "4h"})

    for document in (
        plane.plan("bob", "dba", duration="6h"),
        plane.ask("bob", "dba", duration="6h"),
    ):
        assert document["duration_seconds"] == 4 * HOUR
        assert document["requested_duration_seconds"] == 6 * HOUR
        assert document["limit_seconds"] == 4 * HOUR


@pytest.mark.parametrize("length", ["15d", 14 * DAY + 1, "336h1s", 1e300, 10**400])
def test_r7_2_more_than_14_days_is_an_error(plane, length):
    holding(plane, {"roles": ["dba"], "max_duration": "4h"})
    answer = plane.try_asking("bob", "dba", duration=length)

    assert answer.status == 400
    assert answer.body["code"] in {"duration_too_long", "invalid_duration"}
    if length not in {1e300, 10**400}:
        answer.refused(400, "duration_too_long")


NO_LENGTH = [0, -1, "0s", "-1h", "", " ", "1", "1 h", "h", "1h 30m", "30m1h", "1H", "1.5h", "1h1h", "1w",
     "P1D", True, False, [], {}, "\u0661h", "1h\n"]  # fmt: skip


@pytest.mark.parametrize("field", ["duration", "pending_ttl"])
def test_r7_2_zero_less_and_nonsense_are_errors(plane, field):
    for length in NO_LENGTH:
        plane.try_asking("bob", "dba", **{field: length}).refused(400, "invalid_duration")


@pytest.mark.parametrize("place", ["max_duration", "max_session_ttl"])
def test_r7_2_a_role_s_own_lengths_have_the_same_bounds(bare, place):
    def document(length):
        if place == "max_duration":
            return role("r", request={"roles": ["dba"], "max_duration": length})
        return role("r", options={"max_session_ttl": length})

    bare.try_apply(document("15d")).refused(400, "max_duration_too_long")
    bare.try_apply(document(14 * DAY + 1)).refused(400, "max_duration_too_long")
    for wrong in (0, -5, "0s", "soon", "", True, []):
        assert bare.try_apply(document(wrong)).status == 400, wrong
    bare.apply(document("14d"))


# --- 7.3 ----------------------------------------------------------------------------------------


def test_r7_3_a_request_waits_seven_days(plane):
    asked = plane.ask("bob", "dba")

    assert seconds_of(asked["pending_expires_at"]) == 7 * DAY
    plane.clock.set(7 * DAY - 1)
    assert plane.state(asked) == "PENDING"
    plane.clock.set(7 * DAY)
    assert plane.state(asked) == "EXPIRED"


@pytest.mark.parametrize("asked_for", ["1h", 1, "7d", 7 * DAY])
def test_r7_3_or_as_long_as_was_asked(plane, asked_for):
    seconds = {"1h": HOUR, 1: 1, "7d": 7 * DAY, 7 * DAY: 7 * DAY}[asked_for]

    plan = plane.plan("bob", "dba", pending_ttl=asked_for)
    asked = plane.ask("bob", "dba", pending_ttl=asked_for)

    assert plan["pending_ttl_seconds"] == seconds
    assert seconds_of(asked["pending_expires_at"]) == seconds


@pytest.mark.parametrize("length", ["8d", 7 * DAY + 1, "400d"])
def test_r7_3_more_than_seven_days_is_too_long(plane, length):
    plane.try_asking("bob", "dba", pending_ttl=length).refused(400, "pending_ttl_too_long")


def test_r7_3_the_pending_time_has_nothing_to_do_with_the_duration(plane):
    asked = plane.ask("bob", "dba", duration="1h", pending_ttl="2d")

    assert asked["duration_seconds"] == HOUR
    assert seconds_of(asked["pending_expires_at"]) == 2 * DAY


def test_r7_3_it_is_expired_for_every_question_before_any_job(plane):
    asked = plane.ask("bob", "dba", pending_ttl="1h")
    plane.clock.set(HOUR)

    for decision in ("APPROVE", "DENY", "COMMENT"):
        problem = plane.review("alice", asked, decision).refused(409, "already_resolved")
        assert "EXPIRED" in problem["detail"]
    plane.force("root", asked).refused(409, "already_resolved")
    plane.cancel("bob", asked).refused(409, "already_resolved")
    for name in ("bob", "alice", "root"):
        assert plane.read(asked, name)["state"] == "EXPIRED"
    assert plane.listed("alice", "access-requests/?scope=reviewable") == []
    assert plane.listed("bob", "access-requests/?state=PENDING") == []
    assert plane.listed("bob", "access-requests/?state=EXPIRED") == [asked["id"]]
    rows = plane.get("bob", "access-requests/").got()["results"]
    assert rows[0]["state"] == "EXPIRED"
    assert seconds_of(rows[0]["resolved_at"]) == HOUR
    assert plane.read(asked)["grants"] == []
    assert plane.ask("bob", "dba")["state"] == "PENDING"


def test_r7_3_the_job_tells_once(plane):
    asked = plane.ask("bob", "dba", pending_ttl="1h")
    plane.clock.set(2 * HOUR)

    timekeeping.keep_time(at=plane.clock.now())
    timekeeping.keep_time(at=plane.clock.now())
    plane.ask("bob", "dev-web")  # the relay works after a commit

    assert plane.told(about=asked["id"]) == ["access_request.created", "access_request.expired"]
    assert plane.read(asked)["state"] == "EXPIRED"


# --- 7.4 ----------------------------------------------------------------------------------------


NO_TIME = ["2026-03-02T13:00:00", "2026-03-02", "13:00", "tomorrow", "", "2026-13-02T13:00:00Z",
     "2026-03-02T25:00:00Z", "2026-03-02 13:00:00Z", 1772452800, True, [], {},
     "0000-01-01T00:00:00Z", "99999-01-01T00:00:00Z", "2026-03-02T13:00:00+99:99"]  # fmt: skip


def test_r7_4_what_is_no_rfc_3339_time_with_a_zone_is_invalid_input(plane):
    for text in NO_TIME:
        problem = plane.try_asking("bob", "dba", start_time=text).refused(400, "invalid_input")
        assert "start_time" in problem["errors"]


@pytest.mark.parametrize(
    "text",
    ["2026-03-02T13:00:00Z", "2026-03-02t13:00:00z", "2026-03-02T14:00:00+01:00",
     "2026-03-02T05:00:00.000-08:00", "2026-03-02T13:00:00.123456Z"],
)  # fmt: skip
def test_r7_4_a_zone_may_be_any(plane, text):
    asked = plane.ask("bob", "dba", start_time=text)

    assert int(seconds_of(asked["start_time"])) == HOUR
    assert asked["start_time"].endswith("Z")


@pytest.mark.parametrize(
    ("start", "code"),
    [
        (-MINUTE - 1, "start_time_in_past"),
        (-DAY, "start_time_in_past"),
        (7 * DAY + 1, "start_time_too_far"),
        (-MINUTE, None),
        (0, None),
        (7 * DAY, None),
    ],
)
def test_r7_4_a_start_is_at_most_a_minute_past_and_seven_days_ahead(plane, start, code):
    answer = plane.try_asking("bob", "dba", start_time=at(start))

    if code is None:
        answer.got(201)
    else:
        answer.refused(400, code)


def test_r7_4_the_seven_days_count_from_the_call_that_sets_it(plane):
    asked = plane.ask("bob", "dba")
    plane.clock.set(6 * DAY)

    done = plane.approve("alice", asked, start_time=at(13 * DAY))

    assert seconds_of(done["grants"][0]["starts_at"]) == 13 * DAY


def test_r7_4_a_start_half_a_minute_ago_is_now(plane):
    grant = plane.grant_of("bob", "dba", "alice", start_time=at(-30))

    assert (grant["state"], seconds_of(grant["starts_at"])) == ("ACTIVE", 0)


def scheduled(plane: Plane, **more):
    """bob's grant of dba, from one hour on for an hour."""
    return plane.grant_of(
        "bob", "dba", "alice", **({"start_time": at(HOUR), "duration": "1h"} | more)
    )


def test_r7_4_a_grant_that_starts_later_is_scheduled(plane):
    grant = scheduled(plane)

    assert grant["state"] == "SCHEDULED"
    assert plane.told(about=grant["id"]) == ["grant.scheduled"]
    plane.clock.set(HOUR - 1)
    assert not plane.holds("bob", "dba")
    assert plane.grant(grant)["state"] == "SCHEDULED"


def test_r7_4_when_the_start_comes_it_becomes_active(plane):
    grant = scheduled(plane)
    plane.clock.set(HOUR)

    answer = plane.get("bob", "access/check/?role=dba").got()

    assert (answer["allowed"], answer["via"], answer["grant"]) == (True, "grant", grant["id"])
    assert seconds_of(answer["ends_at"]) == 2 * HOUR
    assert plane.told(about=grant["id"]) == ["grant.scheduled", "grant.started"]


LOST = {
    "role taken": lambda: [user("bob")],
    "pattern gone": lambda: [role("developer", request=["dev-*"])],
    "denied": lambda: [role("developer", request=["dba"], deny_request=["db*"])],
    "inactive": lambda: [user("bob", "developer", active=False)],
}


@pytest.mark.parametrize("loss", LOST)
def test_r7_4_a_requester_who_lost_the_right_gets_nothing(plane, loss):
    grant = scheduled(plane)
    plane.apply(*LOST[loss]())
    plane.clock.set(HOUR)

    assert plane.get("root", "access/check/?user=bob@example.com&role=dba").got() == {
        "allowed": False,
        "via": None,
        "grant": None,
        "ends_at": None,
    }
    now = plane.grant(grant)
    assert now["state"] == "REVOKED"
    assert now["reason"]
    assert plane.told(about=grant["id"]) == ["grant.scheduled", "grant.revoked"]


def test_r7_4_one_role_of_the_request_that_was_lost_takes_all_of_them(plane):
    done = plane.approve("alice", plane.ask("bob", "dba", "dev-web", start_time=at(HOUR)))
    plane.apply(role("developer", request=["dba"]))
    plane.clock.set(HOUR)

    assert not plane.holds("bob", "dba")
    assert {grant["state"] for grant in plane.read(done)["grants"]} == {"REVOKED"}


def test_r7_4_the_right_is_that_of_the_start_not_of_the_approval(plane):
    grant = scheduled(plane)
    plane.apply(user("bob"))
    plane.clock.set(HOUR - 1)
    assert plane.grant(grant)["state"] == "SCHEDULED"
    plane.apply(user("bob", "developer"))
    plane.clock.set(HOUR)

    assert plane.holds("bob", "dba")


def test_r7_4_a_right_that_was_lost_after_the_start_takes_nothing(plane):
    scheduled(plane)
    plane.clock.set(HOUR)
    assert plane.holds("bob", "dba")
    plane.apply(user("bob"))

    assert plane.holds("bob", "dba")


def test_r7_4_a_grant_that_was_never_begun_and_is_not_permitted_any_more_was_never_active(
    plane,
):
    """Nobody asked between its start and its end: the transition is still that of 7.4."""
    grant = scheduled(plane)
    plane.apply(user("bob"))
    plane.clock.set(3 * HOUR)

    assert plane.grant(grant)["state"] == "REVOKED"
    assert "grant.started" not in plane.told(about=grant["id"])


# --- 7.5: whoever asks first makes the transition -----------------------------------------------

QUESTIONS = {
    "the holder's access": lambda p, g: p.get("bob", "access/check/?role=dba"),
    "somebody's access": lambda p, g: p.get(
        "auditor", "access/check/?user=BOB@example.com&role=dba"
    ),
    "the grant": lambda p, g: p.get("alice", f"grants/{g['id']}/"),
    "the grants": lambda p, g: p.get("auditor", "grants/"),
    "the request": lambda p, g: p.get("alice", f"access-requests/{g['request']}/"),
    "the requests": lambda p, g: p.get("auditor", "access-requests/"),
    "grants that are active": lambda p, g: p.get("auditor", "grants/?state=ACTIVE"),
    "grants in force": lambda p, g: p.get("auditor", "grants/?in_force=true"),
    "grants not in force": lambda p, g: p.get("auditor", "grants/?in_force=false"),
    "grants that are scheduled": lambda p, g: p.get("auditor", "grants/?state=SCHEDULED"),
    "grants that were revoked": lambda p, g: p.get("auditor", "grants/?state=REVOKED"),
    "the offers": lambda p, g: p.get("bob", "roles/requestable/"),
}


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("has_right", [True, False])
def test_r7_5_the_first_question_after_the_start_makes_the_transition(
    plane, question, has_right
):
    grant = scheduled(plane)
    asked = plane.listed("auditor", "access-requests/")[0]
    if not has_right:
        plane.apply(user("bob"))
    plane.clock.set(HOUR)

    body = QUESTIONS[question](plane, grant | {"request": asked}).got()

    state = "ACTIVE" if has_right else "REVOKED"
    if question == "the grant":
        assert body["state"] == state
    elif question == "the request":
        assert body["grants"][0]["state"] == state
    elif question == "the requests":
        assert body["results"][0]["grants"][0]["state"] == state
    elif question.startswith("grants") or question == "the grants":
        belongs = {
            "the grants": True,
            "grants that are active": has_right,
            "grants in force": has_right,
            "grants not in force": not has_right,
            "grants that are scheduled": False,
            "grants that were revoked": not has_right,
        }[question]
        assert [row["state"] for row in body["results"]] == ([state] if belongs else [])
    elif question == "the offers":
        held = {row["name"]: row["held"] for row in body["results"]}
        assert held.get("dba") is (True if has_right else None)
    else:
        assert body["allowed"] is has_right


def test_r7_5_access_is_held_from_the_start_until_the_end_excluded(plane):
    scheduled(plane)

    for moment, held in [
        (HOUR - 1, False),
        (HOUR, True),
        (2 * HOUR - 1, True),
        (2 * HOUR, False),
    ]:
        plane.clock.set(moment)
        assert plane.holds("bob", "dba") is held, moment


def test_r7_5_a_grant_over_by_the_clock_is_over_in_every_answer(plane):
    grant = plane.grant_of("bob", "dba", "alice", duration="1h")
    plane.clock.set(HOUR)

    assert not plane.holds("bob", "dba")
    assert plane.grant(grant)["state"] == "EXPIRED"
    assert plane.listed("root", "grants/?in_force=true") == []
    assert plane.listed("root", "grants/?state=ACTIVE") == []
    assert plane.listed("root", "grants/?state=EXPIRED") == [grant["id"]]
    assert plane.get("bob", "access-requests/").got()["results"][0]["grants"][0]["state"] == (
        "EXPIRED"
    )
    plane.revoke("alice", grant).refused(409, "wrong_state")


def test_r7_5_the_jobs_only_tell(plane):
    grant = scheduled(plane)
    for moment in (HOUR, HOUR, 2 * HOUR - 5 * MINUTE, 2 * HOUR, 2 * HOUR):
        plane.clock.set(moment)
        timekeeping.keep_time(at=plane.clock.now())
    plane.ask("bob", "dev-web")  # the relay works after a commit

    assert plane.told(about=grant["id"]) == [
        "grant.scheduled",
        "grant.started",
        "grant.ending_soon",
        "grant.expired",
    ]


def test_r7_5_an_inactive_user_holds_nothing_static_roles_included(plane):
    plane.apply(user("bob", "developer", "dev-web"))
    plane.grant_of("bob", "dba", "alice")
    plane.apply(user("bob", "developer", "dev-web", active=False))

    for name in ("dba", "dev-web", "developer"):
        path = f"access/check/?user=bob@example.com&role={name}"
        assert plane.get("root", path).got()["allowed"] is False
    plane.get("bob", "access/check/?role=dba").refused(401, "not_authenticated")
    plane.apply(user("bob", "developer", "dev-web"))
    assert plane.holds("bob", "dba")


def test_r7_5_static_comes_before_a_grant(plane):
    plane.grant_of("bob", "dba", "alice")
    plane.apply(user("bob", "developer", "dba"))

    assert plane.get("bob", "access/check/?role=dba").got() == {
        "allowed": True,
        "via": "static",
        "grant": None,
        "ends_at": None,
    }


def test_r7_5_others_access_needs_read_on_grant(plane):
    plane.apply(role("reader", rules=[("read", "grant")]), user("rea", "reader"))
    path = "access/check/?user=bob@example.com&role=developer"

    for name in ("mallory", "alice"):
        plane.get(name, path).refused(403, "not_permitted")
        plane.get(name, "access/check/?user=nobody@example.com&role=x").refused(
            403, "not_permitted"
        )
    for name in ("rea", "auditor", "root", "bob"):
        assert plane.get(name, path).got()["via"] == "static"


def test_r7_5_an_unknown_user_or_role_is_not_allowed(plane):
    for path in (
        "access/check/?user=nobody@example.com&role=dba",
        "access/check/?user=bob@example.com&role=nothing",
        "access/check/?role=nothing",
        "access/check/?role=%20developer",
        "access/check/?role=Developer",
        "access/check/?role=*",
    ):
        assert plane.get("root", path).got()["allowed"] is False


# --- 7.6 ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90s", 90), ("30m", 1800), ("8h", 8 * HOUR), ("4d", 4 * DAY), ("1h30m", 5400),
     ("1d1h1m1s", DAY + HOUR + 61), (90, 90), (90.0, 90), ("0h5m", 300), ("1d1s", DAY + 1)],
)  # fmt: skip
def test_r7_6_lengths_are_texts_or_seconds(plane, text, seconds):
    assert plane.plan("bob", "dba", duration=text)["duration_seconds"] == seconds


def test_r7_6_answers_give_seconds_and_rfc_3339_utc_times(plane):
    done = plane.approve("alice", plane.ask("bob", "dba", duration="90s"))

    assert done["duration_seconds"] == 90
    times = [done[key] for key in ("created_at", "pending_expires_at", "resolved_at")]
    times += [done["grants"][0][key] for key in ("starts_at", "ends_at")]
    assert all(text.endswith("Z") for text in times)
    assert plane.clock.now() == BEGINNING
    assert seconds_of(done["created_at"]) == 0
    assert timedelta(seconds=seconds_of(done["grants"][0]["ends_at"])) == timedelta(seconds=90)
