"""SEMANTICS 8: grants, given back, taken away, extended; several of one role."""

import pytest

from requests_app.services import timekeeping
from tests.rules.plane import DAY, HOUR, MINUTE, MISSING, Plane, at, role, seconds_of, user


@pytest.fixture
def limited(plane) -> Plane:
    """bob may have dba for four hours at most."""
    plane.apply(role("developer", request={"roles": ["dba", "dev-*"], "max_duration": "4h"}))
    return plane


def extend(plane: Plane, grant, name: str = "dba", actor: str = "bob", **more):
    return plane.try_asking(actor, name, extends=grant["id"], **more)


# --- 8.1 ----------------------------------------------------------------------------------------


def test_r8_1_the_holder_ends_it_and_the_next_answer_says_so(plane):
    grant = plane.grant_of("bob", "dba", "alice")

    ended = plane.end("bob", grant, reason="done").got()

    assert (ended["state"], ended["reason"]) == ("ENDED", "done")
    assert not plane.holds("bob", "dba")
    assert plane.told(about=grant["id"]) == ["grant.started", "grant.ended"]


def test_r8_1_ending_twice_is_a_no_op(plane):
    grant = plane.grant_of("bob", "dba", "alice")
    plane.end("bob", grant, reason="first").got()

    again = plane.end("bob", grant, reason="second").got()

    assert (again["state"], again["reason"]) == ("ENDED", "first")
    assert plane.told(about=grant["id"]) == ["grant.started", "grant.ended"]


def test_r8_1_ending_what_is_revoked_or_expired_changes_nothing(plane):
    revoked = plane.grant_of("bob", "dba", "alice")
    plane.revoke("alice", revoked).got()
    expired = plane.grant_of("bob", "dev-web", "alice", duration="1h")
    plane.clock.set(HOUR)

    assert plane.end("bob", revoked).got()["state"] == "REVOKED"
    assert plane.end("bob", expired).got()["state"] == "EXPIRED"


@pytest.mark.parametrize("name", ["alice", "root", "auditor"])
def test_r8_1_only_the_holder_ends_it(plane, name):
    grant = plane.grant_of("bob", "dba", "alice")

    plane.end(name, grant).refused(403, "not_permitted")
    assert plane.holds("bob", "dba")


def test_r8_1_a_reviewer_of_its_request_revokes(plane):
    grant = plane.grant_of("bob", "dba", "alice")

    revoked = plane.revoke("carol", grant, "left").got()

    assert (revoked["state"], revoked["reason"]) == ("REVOKED", "left")
    assert not plane.holds("bob", "dba")
    event = plane.events(type="grant.revoked")[0]
    assert event["actor"]["name"] == "carol@example.com"
    assert event["data"]["reason"] == "left"


def test_r8_1_the_verb_is_enough(plane):
    plane.apply(role("taker", rules=[("revoke", "grant")]), user("tak", "taker"))

    assert (
        plane.revoke("tak", plane.grant_of("bob", "dba", "alice")).got()["state"] == "REVOKED"
    )


def test_r8_1_the_verb_counts_from_an_elevated_role_too(plane):
    plane.apply(
        role("taker", rules=[("revoke", "grant")]),
        role("stranger", request=["taker"]),
        role("lead", review=["taker", "dba"]),
    )
    grant = plane.grant_of("bob", "dba", "alice")
    plane.revoke("mallory", grant).refused(404, "not_found")
    plane.grant_of("mallory", "taker", "alice")

    assert plane.revoke("mallory", grant).got()["state"] == "REVOKED"


@pytest.mark.parametrize("reason", ["", " ", "\n\t"])
def test_r8_1_revoking_needs_a_reason(plane, reason):
    grant = plane.grant_of("bob", "dba", "alice")

    plane.revoke("alice", grant, reason).refused(400, "reason_required")
    plane.post("alice", f"grants/{grant['id']}/revoke/", {}).refused(400, "reason_required")
    plane.post("alice", f"grants/{grant['id']}/revoke/").refused(400, "reason_required")
    assert plane.holds("bob", "dba")


def test_r8_1_reading_grants_is_not_revoking_them(plane):
    grant = plane.grant_of("bob", "dba", "alice")

    plane.revoke("auditor", grant).refused(403, "not_permitted")
    plane.revoke("bob", grant).refused(403, "not_permitted")
    plane.revoke("mallory", grant).refused(404, "not_found")
    plane.revoke("mallory", {"id": MISSING}).refused(404, "not_found")


def test_r8_1_whoever_lost_the_right_to_review_may_not_revoke(plane):
    grant = plane.grant_of("bob", "dba", "alice")
    plane.apply(user("alice"))

    plane.revoke("alice", grant).refused(404, "not_found")


def test_r8_1_a_holder_with_review_rights_is_no_reviewer_of_his_own(bare):
    bare.apply(
        role("dba"),
        role("all", request=["dba"], review=["dba"]),
        user("bob", "all"),
        user("ivan", "all"),
        user("bot", "all", owner="bob"),
    )
    grant = bare.grant_of("bob", "dba", "ivan")

    bare.revoke("bob", grant).refused(403, "not_permitted")
    bare.revoke("bot", grant).refused(404, "not_found")
    assert bare.holds("bob", "dba")


def test_r8_1_a_scheduled_grant_is_given_back_and_taken_away_as_well(plane):
    ended = plane.grant_of("bob", "dba", "alice", start_time=at(HOUR))
    revoked = plane.grant_of("bob", "dev-web", "alice", start_time=at(HOUR))

    assert plane.end("bob", ended).got()["state"] == "ENDED"
    assert plane.revoke("alice", revoked).got()["state"] == "REVOKED"
    plane.clock.set(HOUR)
    assert not plane.holds("bob", "dba")
    assert not plane.holds("bob", "dev-web")


def test_r8_1_revoking_what_is_over_is_wrong_state(plane):
    grant = plane.grant_of("bob", "dba", "alice")
    plane.end("bob", grant).got()

    plane.revoke("alice", grant).refused(409, "wrong_state")
    assert plane.grant(grant)["state"] == "ENDED"


def test_r8_1_each_grant_of_a_request_is_ended_by_itself(plane):
    done = plane.approve("alice", plane.ask("bob", "dba", "dev-web"))
    plane.end("bob", done["grants"][0]).got()

    assert not plane.holds("bob", "dba")
    assert plane.holds("bob", "dev-web")


# --- 8.2 ----------------------------------------------------------------------------------------


def test_r8_2_an_extension_moves_the_end_and_makes_no_new_grant(limited):
    grant = limited.grant_of("bob", "dba", "alice", duration="1h")
    limited.clock.set(30 * MINUTE)
    extension = extend(limited, grant, duration="2h").got(201)
    assert extension["extends"] == grant["id"]

    done = limited.approve("alice", extension)

    assert done["state"] == "APPROVED"
    assert seconds_of(limited.grant(grant)["ends_at"]) == 3 * HOUR
    assert limited.listed("bob", "grants/") == [grant["id"]]
    assert limited.told(about=grant["id"]) == ["grant.started", "grant.extended"]
    limited.clock.set(3 * HOUR - 1)
    assert limited.holds("bob", "dba")
    limited.clock.set(3 * HOUR)
    assert not limited.holds("bob", "dba")


def test_r8_2_never_beyond_its_first_start_and_the_limit(limited):
    grant = limited.grant_of("bob", "dba", "alice", duration="3h")

    limited.approve("alice", extend(limited, grant, duration="3h").got(201))

    assert seconds_of(limited.grant(grant)["ends_at"]) == 4 * HOUR


def test_r8_2_without_a_limit_14_days(plane):
    grant = plane.grant_of("bob", "dba", "alice", duration="10d")

    plane.approve("alice", extend(plane, grant, duration="10d").got(201))

    assert seconds_of(plane.grant(grant)["ends_at"]) == 14 * DAY


def test_r8_2_another_person_s_grant_is_404(limited):
    limited.apply(user("kim", "developer"))
    grant = limited.grant_of("bob", "dba", "alice")

    for name in ("kim", "root", "alice"):
        extend(limited, grant, actor=name).refused(404, "not_found")
    extend(limited, {"id": MISSING}).refused(404, "not_found")


@pytest.mark.parametrize("roles", [["dev-web"], ["dba", "dev-web"], ["*"], ["dba", "nothing"]])
def test_r8_2_for_exactly_its_role(limited, roles):
    grant = limited.grant_of("bob", "dba", "alice")

    answer = limited.try_asking("bob", *roles, extends=grant["id"])

    answer.refused(400, "invalid_input")


def test_r8_2_one_that_is_over_is_wrong_state(limited):
    for over in ("ended", "revoked", "expired"):
        grant = limited.grant_of("bob", "dba", "alice", duration="1h")
        if over == "ended":
            limited.end("bob", grant).got()
        elif over == "revoked":
            limited.revoke("alice", grant).got()
        else:
            limited.clock.set(HOUR)
        extend(limited, grant).refused(409, "wrong_state")
        extend(limited, grant, dry_run=True).refused(409, "wrong_state")


def test_r8_2_a_second_pending_extension_is_a_duplicate(limited):
    grant = limited.grant_of("bob", "dba", "alice", duration="1h")
    first = extend(limited, grant).got(201)

    for dry in (False, True):
        problem = extend(limited, grant, reason="again", dry_run=dry).refused(
            409, "duplicate_request"
        )
        assert first["id"] in problem["detail"]


def test_r8_2_one_after_another_is_fine(limited):
    grant = limited.grant_of("bob", "dba", "alice", duration="1h")
    limited.approve("alice", extend(limited, grant, duration="1h").got(201))
    limited.deny("alice", extend(limited, grant, duration="1h").got(201))
    limited.approve("alice", extend(limited, grant, duration="1h").got(201))

    assert seconds_of(limited.grant(grant)["ends_at"]) == 3 * HOUR


def test_r8_2_a_second_extension_waits_for_none_that_expired(limited):
    grant = limited.grant_of("bob", "dba", "alice", duration="4h")
    extend(limited, grant, pending_ttl="1h").got(201)
    limited.clock.set(HOUR)

    assert extend(limited, grant).got(201)["state"] == "PENDING"


def test_r8_2_the_same_rules_apply(limited):
    grant = limited.grant_of("bob", "dba", "alice")
    limited.apply(
        role(
            "developer",
            request={
                "roles": ["dba"],
                "reason": {"mode": "required"},
                "thresholds": [{"name": "two", "approve": 2}],
            },
        )
    )

    extend(limited, grant).refused(400, "reason_required")
    extension = extend(limited, grant, reason="longer").got(201)
    assert limited.approve("alice", extension)["state"] == "PENDING"
    limited.review("bob", extension).refused(403, "own_request")
    limited.apply(user("bob"))
    limited.cancel("bob", extension).got()
    extend(limited, grant, reason="x").refused(400, "role_not_requestable")


def test_r8_2_a_denied_extension_leaves_the_grant_as_it_was(limited):
    grant = limited.grant_of("bob", "dba", "alice", duration="1h")

    limited.deny("alice", extend(limited, grant).got(201))

    assert limited.grant(grant)["ends_at"] == grant["ends_at"]
    assert limited.holds("bob", "dba")


@pytest.mark.parametrize("way", ["end", "revoke", "time"])
def test_r8_2_if_the_grant_ends_the_extension_is_cancelled(limited, way):
    grant = limited.grant_of("bob", "dba", "alice", duration="1h")
    extension = extend(limited, grant).got(201)
    if way == "end":
        limited.end("bob", grant).got()
    elif way == "revoke":
        limited.revoke("alice", grant).got()
    else:
        limited.clock.set(HOUR)

    assert limited.state(extension) == "CANCELLED"
    problem = limited.review("alice", extension).refused(409, "already_resolved")
    assert "CANCELLED" in problem["detail"]
    limited.force("root", extension).refused(409, "already_resolved")
    limited.cancel("bob", extension).refused(409, "already_resolved")
    assert limited.listed("alice", "access-requests/?scope=reviewable") == []
    assert limited.listed("bob", "access-requests/?state=CANCELLED") == [extension["id"]]
    assert limited.listed("bob", "access-requests/?state=PENDING") == []
    assert limited.ask("bob", "dba")["state"] == "PENDING"


def test_r8_2_what_was_cancelled_with_its_grant_stays_so(limited):
    grant = limited.grant_of("bob", "dba", "alice", duration="1h")
    extension = extend(limited, grant, pending_ttl="2h").got(201)

    for moment in (HOUR, 2 * HOUR, 8 * DAY):
        limited.clock.set(moment)
        now = limited.read(extension)
        assert (now["state"], seconds_of(now["resolved_at"])) == ("CANCELLED", HOUR), moment
        assert limited.listed("bob", "access-requests/?state=CANCELLED") == [extension["id"]]
        assert limited.listed("bob", "access-requests/?state=EXPIRED") == []


def test_r8_2_an_extension_that_expired_before_its_grant_ended_stays_expired(limited):
    grant = limited.grant_of("bob", "dba", "alice", duration="2h")
    extension = extend(limited, grant, pending_ttl="1h").got(201)

    for moment in (HOUR, 2 * HOUR, 8 * DAY):
        limited.clock.set(moment)
        assert limited.state(extension) == "EXPIRED", moment


def test_r8_2_the_job_tells_of_the_cancelled_extension(limited):
    grant = limited.grant_of("bob", "dba", "alice", duration="1h")
    extension = extend(limited, grant).got(201)
    limited.clock.set(HOUR)
    timekeeping.keep_time(at=limited.clock.now())
    limited.ask("bob", "dev-web")

    assert limited.told(about=extension["id"]) == [
        "access_request.created",
        "access_request.cancelled",
    ]


def test_r8_2_an_extension_for_somebody_else(limited):
    limited.apply(
        role("desk", rules=[("create", "access_request_for_others")]), user("hal", "desk")
    )
    grant = limited.grant_of("bob", "dba", "alice", duration="1h")

    asked = extend(limited, grant, actor="hal", for_user="bob@example.com").got(201)

    assert (asked["requester"], asked["author"]) == ("bob@example.com", "hal@example.com")
    extend(limited, grant, actor="hal").refused(404, "not_found")


def test_r8_2_a_scheduled_grant_may_be_extended(limited):
    grant = limited.grant_of("bob", "dba", "alice", start_time=at(HOUR), duration="1h")

    limited.approve("alice", extend(limited, grant, duration="1h").got(201))

    now = limited.grant(grant)
    assert (now["state"], seconds_of(now["ends_at"])) == ("SCHEDULED", 3 * HOUR)


# --- 8.3, 8.4 -----------------------------------------------------------------------------------


def test_r8_3_the_role_is_held_until_the_last_one_stops(plane):
    first = plane.grant_of("bob", "dba", "alice", duration="1h")
    both = plane.approve("alice", plane.ask("bob", "dba", "dev-web", duration="3h"))

    answer = plane.get("bob", "access/check/?role=dba").got()
    assert answer["grant"] == both["grants"][0]["id"]
    assert seconds_of(answer["ends_at"]) == 3 * HOUR
    plane.clock.set(2 * HOUR)
    assert plane.holds("bob", "dba")
    plane.clock.set(30 * MINUTE)
    plane.end("bob", both["grants"][0]).got()
    assert plane.get("bob", "access/check/?role=dba").got()["grant"] == first["id"]
    plane.clock.set(HOUR)
    assert not plane.holds("bob", "dba")


@pytest.mark.parametrize(
    ("duration", "warned_before"), [("10h", 15 * MINUTE), ("1h", 6 * MINUTE)]
)
def test_r8_4_the_holder_is_told_before_the_end(plane, duration, warned_before):
    grant = plane.grant_of("bob", "dba", "alice", duration=duration)
    end = seconds_of(grant["ends_at"])

    for moment, told in [(end - warned_before - 1, 0), (end - warned_before, 1), (end - 1, 1)]:
        plane.clock.set(moment)
        timekeeping.keep_time(at=plane.clock.now())
        plane.post("bob", "tokens/", {}).got(201)  # the relay works after a commit
        assert plane.told(about=grant["id"]).count("grant.ending_soon") == told


def test_r8_4_after_an_extension_the_holder_is_told_again(plane):
    grant = plane.grant_of("bob", "dba", "alice", duration="1h")
    plane.clock.set(HOUR - MINUTE)
    timekeeping.keep_time(at=plane.clock.now())
    plane.approve("alice", extend(plane, grant, duration="1h").got(201))
    plane.clock.set(2 * HOUR - MINUTE)
    timekeeping.keep_time(at=plane.clock.now())
    plane.post("bob", "tokens/", {}).got(201)

    assert plane.told(about=grant["id"]).count("grant.ending_soon") == 2
