"""SEMANTICS 5: who may review, and who sees what."""

import pytest

from tests.rules.plane import HOUR, MISSING, Plane, role, user

EVERYTHING = [("*", "*")]

# --- 5.1: on no door, not even as an administrator ----------------------------------------------


@pytest.fixture
def family(bare) -> Plane:
    """Everybody may ask, review, force and revoke; what keeps people away is 5.1 alone.

    bot belongs to ivan, and bot2 does; other belongs to carol.
    """
    bare.apply(
        role("dba"),
        role("all", request=["dba"], review=["dba"], rules=EVERYTHING),
        *[user(name, "all") for name in ("bob", "ivan", "carol", "alice")],
        user("bot", "all", owner="ivan"),
        user("bot2", "all", owner="ivan"),
        user("other", "all", owner="carol"),
    )
    return bare


KEPT_AWAY = [
    # requester, author, who is kept from deciding
    ("bob", "bob", {"bob"}),
    ("bob", "carol", {"bob", "carol", "other"}),
    ("ivan", "ivan", {"ivan", "bot", "bot2"}),
    ("bot", "bot", {"bot", "ivan"}),
    ("bot", "carol", {"bot", "ivan", "carol", "other"}),
    ("bob", "bot", {"bob", "bot", "ivan"}),
    ("ivan", "bot", {"ivan", "bot", "bot2"}),
    ("bob", "ivan", {"bob", "ivan", "bot", "bot2"}),
]
PEOPLE = ("alice", "bob", "bot", "bot2", "carol", "ivan", "other")


def asked_by(plane: Plane, requester: str, author: str):
    more = {} if requester == author else {"for_user": f"{requester}@example.com"}
    return plane.ask(author, "dba", **more)


@pytest.mark.parametrize(("requester", "author", "kept_away"), KEPT_AWAY)
@pytest.mark.parametrize("deed", ["APPROVE", "DENY", "force", "force denial"])
def test_r5_1_nobody_decides_what_is_his_own(family, requester, author, kept_away, deed):
    asked = asked_by(family, requester, author)

    for name in sorted(kept_away):
        if deed.startswith("force"):
            state = "APPROVED" if deed == "force" else "DENIED"
            answer = family.force(name, asked, state)
        else:
            answer = family.review(name, asked, deed)
        answer.refused(403, "own_request")
    after = family.read(asked)
    assert (after["state"], after["reviews"]) == ("PENDING", [])
    assert family.told(about=asked["id"]) == ["access_request.created"]


@pytest.mark.parametrize(("requester", "author", "kept_away"), KEPT_AWAY)
def test_r5_1_all_others_may(family, requester, author, kept_away):
    asked = asked_by(family, requester, author)

    others = {f"{name}@example.com" for name in set(PEOPLE) - kept_away}
    assert set(asked["possible_reviewers"]) == others
    assert set(family.read(asked)["possible_reviewers"]) == others
    for name in PEOPLE:
        waiting = family.listed(name, "access-requests/?scope=reviewable")
        assert (asked["id"] in waiting) is (name not in kept_away), name
    name = min(set(PEOPLE) - kept_away)
    assert family.approve(name, asked)["state"] == "APPROVED"


@pytest.mark.parametrize(("requester", "author", "kept_away"), KEPT_AWAY)
def test_r5_1_whoever_is_kept_away_may_still_comment(family, requester, author, kept_away):
    asked = asked_by(family, requester, author)

    for name in sorted(kept_away):
        family.review(name, asked, "COMMENT", reason="please").got(201)
    assert family.state(asked) == "PENDING"


def test_r5_1_not_even_as_the_only_reviewer(bare):
    bare.apply(
        role("dba"), role("all", request=["dba"], review=["dba"]), user("bob", "all", "admin")
    )
    asked = bare.ask("bob", "dba", suggested_reviewers=["bob@example.com"])

    assert asked["possible_reviewers"] == []
    bare.review("bob", asked).refused(403, "own_request")
    bare.force("bob", asked).refused(403, "own_request")


def test_r5_1_own_request_comes_before_not_permitted_to_review(plane):
    asked = plane.ask("bob", "dba")

    plane.review("bob", asked).refused(403, "own_request")


def test_r5_1_the_owner_without_any_right_gets_own_request_too(plane):
    plane.apply(user("bot", "developer", owner="mallory"))
    asked = plane.ask("bot", "dba")

    plane.review("mallory", asked).refused(403, "own_request")
    plane.review("mallory", asked, "DENY").refused(403, "own_request")


def test_r5_1_a_bot_of_the_requester_without_any_right_gets_it_too(plane):
    plane.apply(user("bot", "stranger", owner="bob"))

    plane.review("bot", plane.ask("bob", "dba")).refused(403, "own_request")


def test_r5_1_an_extension_is_no_way_around(family):
    grant = family.grant_of("bot", "dba", "alice")
    extension = family.ask("bot", "dba", extends=grant["id"])

    for name in ("bot", "ivan"):
        family.review(name, extension).refused(403, "own_request")
        family.force(name, extension).refused(403, "own_request")


def test_r5_1_who_owns_the_bot_now_is_kept_away(family):
    asked = family.ask("bot", "dba")
    family.apply(user("bot", "all", owner="alice"))

    family.review("alice", asked).refused(403, "own_request")


def test_r5_1_who_owned_the_bot_when_it_asked_is_kept_away(family):
    asked = family.ask("bot", "dba")
    family.apply(user("bot", "all", owner="alice"))

    family.review("ivan", asked).refused(403, "own_request")
    assert "ivan@example.com" not in family.read(asked)["possible_reviewers"]


# --- 5.2, 5.3 -----------------------------------------------------------------------------------


def reviewers(
    plane: Plane, requested: list[str], *held: dict, traits=None, **more
) -> list[str]:
    """Who may review kim's request, of jay (who holds these roles) and lou (who may)."""
    names = [f"held-{number}" for number, _ in enumerate(held)]
    plane.apply(
        *[role(name) for name in requested],
        role("asks", request=["*"]),
        role("anything", review=["*"]),
        *[role(name, **spec) for name, spec in zip(names, held, strict=True)],
        user("kim", "asks"),
        user("jay", *names, traits=traits or {}),
        user("lou", "anything"),
    )
    asked = plane.ask("kim", *requested, **more)
    may = "jay@example.com" in asked["possible_reviewers"]
    answer = plane.review("jay", asked)
    assert (answer.status == 201) is may, answer.body
    if not may:
        answer.refused(404, "not_found")
    assert "lou@example.com" in asked["possible_reviewers"]
    return may


@pytest.mark.parametrize(
    ("requested", "held", "may"),
    [
        (["dba"], [{"review": ["dba"]}], True),
        (["dba", "web"], [{"review": ["dba"]}], False),
        (["dba", "web"], [{"review": ["dba"]}, {"review": ["web"]}], True),
        (["dba"], [{"review": ["db"]}], False),
        (["dba"], [{"review": ["^db.$"]}], True),
        (["dba"], [{"review": []}], False),
        (["dba"], [], False),
        (["dba"], [{"review": ["*"], "deny_review": ["dba"]}], False),
        (["dba"], [{"review": ["*"]}, {"deny_review": ["d*"]}], False),
        (["dba", "web"], [{"review": ["*"]}, {"deny_review": ["web"]}], False),
        (["dba"], [{"review": ["*"]}, {"deny_review": ["web"]}], True),
        (["dba"], [{"review": ["*"]}, {"deny_review": []}], True),
        (["dba"], [{"review": ["*"]}, {"deny_request": ["*"]}], True),
        (["dba"], [{"rules": EVERYTHING}], None),
    ],
)
def test_r5_3_every_requested_role_needs_an_allow_and_no_deny(bare, requested, held, may):
    if may is None:
        may = False  # an administrator sees the request, and so gets 403
        bare.apply(role("dba"), role("asks", request=["*"]), user("kim", "asks"))
        bare.review("root", bare.ask("kim", "dba")).refused(403, "not_permitted_to_review")
        return
    assert reviewers(bare, requested, *held) is may


@pytest.mark.parametrize(
    ("held", "reason", "may"),
    [
        ([{"review": {"roles": ["dba"], "where": 'request.reason != ""'}}], "x", True),
        ([{"review": {"roles": ["dba"], "where": 'request.reason != ""'}}], "", False),
        (
            [
                {"review": ["dba"]},
                {"deny_review": {"roles": ["*"], "where": 'request.reason == "x"'}},
            ],
            "x",
            False,
        ),
        (
            [
                {"review": ["dba"]},
                {"deny_review": {"roles": ["*"], "where": 'request.reason == "x"'}},
            ],
            "y",
            True,
        ),
        (
            [
                {"review": ["dba"]},
                {"deny_review": {"roles": [], "where": "true"}},
            ],
            "y",
            True,
        ),
        (
            [
                {"review": {"roles": ["dba"], "where": "false"}},
                {"review": {"roles": ["dba"], "where": "true"}},
            ],
            "",
            True,
        ),
    ],
)
def test_r5_2_a_block_counts_where_its_condition_holds(bare, held, reason, may):
    assert reviewers(bare, ["dba"], *held, reason=reason) is may


def test_r5_3_blocks_under_different_conditions_add_up(bare):
    held = [
        {"review": {"roles": ["dba"], "where": 'contains(reviewer.traits["t"], "a")'}},
        {"review": {"roles": ["web"], "where": 'contains(reviewer.traits["t"], "b")'}},
    ]

    assert reviewers(bare, ["dba", "web"], *held, traits={"t": ["a", "b"]}) is True


def test_r5_3_a_block_whose_condition_fails_adds_nothing(bare):
    held = [
        {"review": {"roles": ["dba"], "where": 'contains(reviewer.traits["t"], "a")'}},
        {"review": {"roles": ["web"], "where": 'contains(reviewer.traits["t"], "b")'}},
    ]

    assert reviewers(bare, ["dba", "web"], *held, traits={"t": ["a"]}) is False


# --- 5.4 ----------------------------------------------------------------------------------------


def test_r5_4_rights_are_read_when_the_review_is_made(plane):
    asked = plane.ask("bob", "dba")
    plane.apply(user("alice"), user("mallory", "lead"))

    plane.review("alice", asked).refused(404, "not_found")
    assert plane.read(asked)["possible_reviewers"] == [
        "carol@example.com",
        "ivan@example.com",
        "mallory@example.com",
    ]
    assert plane.approve("mallory", asked)["state"] == "APPROVED"


def test_r5_4_an_edited_role_counts_at_once(plane):
    asked = plane.ask("bob", "dba")
    plane.apply(role("lead", review=["prod"]))

    plane.review("alice", asked).refused(404, "not_found")


def test_r5_4_being_suggested_gives_no_right(plane):
    asked = plane.ask("bob", "dba", suggested_reviewers=["mallory@example.com"])

    assert "mallory@example.com" not in asked["possible_reviewers"]
    plane.review("mallory", asked).refused(404, "not_found")


def test_r5_4_having_the_right_does_not_mean_that_a_threshold_counts_it(plane):
    plane.apply(
        role(
            "developer",
            request={
                "roles": ["dba"],
                "thresholds": [{"filter": 'contains(reviewer.traits["t"], "x")'}],
            },
        )
    )

    assert plane.approve("alice", plane.ask("bob", "dba"))["state"] == "PENDING"


def test_r5_4_an_elevated_role_gives_no_right_to_review(plane):
    plane.apply(
        role("developer", request=["dba", "lead"]),
        role("chief", review=["lead"]),
        user("dan", "chief"),
        user("kim", "developer"),
    )
    plane.grant_of("bob", "lead", "dan")
    assert plane.holds("bob", "lead")

    asked = plane.ask("kim", "dba")
    assert "bob@example.com" not in asked["possible_reviewers"]
    plane.review("bob", asked).refused(404, "not_found")


# --- 5.5 ----------------------------------------------------------------------------------------


def sees(plane: Plane, name: str, asked) -> bool:
    """Whether the request exists for somebody: by itself, in lists, and in the log alike."""
    answer = plane.get(name, f"access-requests/{asked['id']}/")
    seen = answer.status == 200
    if not seen:
        answer.refused(404, "not_found")
    assert (asked["id"] in plane.listed(name, "access-requests/?limit=200")) is seen
    assert bool(plane.told(name, about=asked["id"])) is seen
    comment = plane.review(name, asked, "COMMENT")
    assert comment.status == (201 if seen else 404)
    return seen


def test_r5_5_a_request_is_visible_to_those_it_concerns_and_to_nobody_else(plane):
    plane.apply(
        role("desk", rules=[("create", "access_request_for_others")]),
        role("reader", rules=[("read", "access_request")]),
        role("lister", rules=[("list", "access_request"), ("read", "grant"), ("read", "user")]),
        role("limited", review=["dba", "dev-*"]),
        role("barred", review=["*"], deny_review=["dba"]),
        user("hal", "desk"),
        user("rea", "reader"),
        user("lis", "lister"),
        user("lim", "limited"),
        user("bar", "barred"),
        user("mine", "stranger", owner="bob"),
        user("hals", "stranger", owner="hal"),
    )
    asked = plane.ask("hal", "dba", for_user="bob@example.com")

    seeing = {
        name: sees(plane, name, asked)
        for name in ("bob", "hal", "mine", "hals", "alice", "lim", "rea", "auditor", "root",
                     "mallory", "lis", "bar")
    }  # fmt: skip

    assert seeing == dict.fromkeys(
        ("bob", "hal", "mine", "hals", "alice", "lim", "rea", "auditor", "root"), True
    ) | dict.fromkeys(("mallory", "lis", "bar"), False)


def test_r5_5_whoever_reviewed_sees_it_for_ever(plane):
    plane.apply(
        role("developer", request={"roles": ["dba"], "thresholds": [{"approve": 2, "deny": 3}]})
    )
    asked = plane.ask("bob", "dba")
    plane.approve("alice", asked)
    plane.deny("carol", asked)
    plane.review("ivan", asked, "COMMENT").got(201)
    plane.apply(*[user(name) for name in ("alice", "carol", "ivan")])

    assert sees(plane, "alice", asked)
    assert sees(plane, "carol", asked)
    assert not sees(plane, "ivan", asked)
    plane.review("alice", asked).refused(403, "not_permitted_to_review")


def test_r5_5_a_suggested_reviewer_without_the_right_does_not_see_it(plane):
    asked = plane.ask("bob", "dba", suggested_reviewers=["mallory@example.com"])

    assert not sees(plane, "mallory", asked)


def test_r5_5_a_person_who_sees_it_and_may_not_review_gets_403(plane):
    asked = plane.ask("bob", "dba")

    for name in ("auditor", "root"):
        plane.review(name, asked).refused(403, "not_permitted_to_review")
        plane.review(name, asked, "DENY").refused(403, "not_permitted_to_review")


def test_r5_5_what_does_not_exist_looks_like_what_is_hidden(plane):
    asked = plane.ask("bob", "dba")

    for deed in ("", "reviews/", "cancel/", "resolve/"):
        method = "POST" if deed else "GET"
        body = {
            "reviews/": {"decision": "DENY"},
            "resolve/": {"state": "DENIED", "reason": "x"},
        }.get(deed)
        hidden = plane.call("mallory", method, f"access-requests/{asked['id']}/{deed}", body)
        missing = plane.call("mallory", method, f"access-requests/{MISSING}/{deed}", body)
        hidden.refused(404, "not_found")
        assert hidden == missing


def test_r5_5_an_elevated_role_lets_one_read(plane):
    plane.apply(role("reader", rules=[("read", "access_request")]))
    plane.apply(role("stranger", request=["reader"]), role("lead", review=["reader", "dba"]))
    asked = plane.ask("bob", "dba")
    assert not sees(plane, "mallory", asked)
    grant = plane.grant_of("mallory", "reader", "alice", duration="1h")

    assert sees(plane, "mallory", asked)
    plane.clock.set(HOUR)
    assert not sees(plane, "mallory", asked)
    assert plane.grant(grant)["state"] == "EXPIRED"


def sees_grant(plane: Plane, name: str, grant) -> bool:
    answer = plane.get(name, f"grants/{grant['id']}/")
    seen = answer.status == 200
    if not seen:
        answer.refused(404, "not_found")
        plane.revoke(name, grant).refused(404, "not_found")
        plane.end(name, grant).refused(404, "not_found")
    assert (grant["id"] in plane.listed(name, "grants/?limit=200")) is seen
    assert bool(plane.told(name, about=grant["id"])) is seen
    return seen


def test_r5_5_a_grant_is_visible_to_its_own_and_to_nobody_else(plane):
    plane.apply(
        role("desk", rules=[("create", "access_request_for_others")]),
        role("reader", rules=[("read", "grant")]),
        role("taker", rules=[("revoke", "grant")]),
        role("request-reader", rules=[("read", "access_request"), ("list", "grant")]),
        user("hal", "desk"),
        user("rea", "reader"),
        user("tak", "taker"),
        user("req", "request-reader"),
    )
    asked = plane.ask("hal", "dba", for_user="bob@example.com")
    grant = plane.approve("alice", asked)["grants"][0]
    plane.apply(user("alice"))

    names = ("bob", "hal", "ivan", "rea", "tak", "auditor", "root", "mallory", "req", "alice")
    seeing = {name for name in names if sees_grant(plane, name, grant)}

    assert seeing == {"bob", "hal", "ivan", "rea", "tak", "auditor", "root"}


def test_r5_5_who_sees_a_grant_and_may_not_touch_it_gets_403(plane):
    plane.apply(
        role("desk", rules=[("create", "access_request_for_others")]),
        user("hal", "desk"),
    )
    asked = plane.ask("hal", "dba", for_user="bob@example.com")
    grant = plane.approve("alice", asked)["grants"][0]

    for name in ("hal", "auditor"):
        plane.revoke(name, grant).refused(403, "not_permitted")
    plane.revoke("bob", grant).refused(403, "not_permitted")
    for name in ("hal", "auditor", "alice", "root"):
        plane.end(name, grant).refused(403, "not_permitted")
    assert plane.holds("bob", "dba")


def test_r5_5_an_event_is_visible_to_readers_of_events_and_to_who_sees_its_object(plane):
    plane.apply(role("log", rules=[("read", "event")]), user("log", "log"))
    asked = plane.ask("bob", "dba")
    everything = plane.told("root")

    assert plane.told("log") == everything
    assert plane.told("auditor") == everything
    assert plane.told("mallory", about=asked["id"]) == []
    about = {event["about"]["id"] for event in plane.events("mallory")}
    own = {plane.get("mallory", "users/me/").got()["id"]}
    held = {row["id"] for row in plane.get("mallory", "roles/").got()["results"]}
    tokens = {row["id"] for row in plane.get("mallory", "tokens/").got()["results"]}
    assert about <= own | held | tokens


def test_r5_5_whoever_may_see_no_event_gets_an_empty_list(plane):
    asked = plane.ask("bob", "dba")

    assert plane.events("mallory", about=asked["id"]) == []
    assert plane.events("mallory", about=MISSING) == []
    assert plane.events("mallory", actor="bob@example.com") == []


def test_r5_5_read_on_requests_does_not_open_the_log_of_users(plane):
    plane.apply(role("reader", rules=[("read", "access_request")]), user("rea", "reader"))
    asked = plane.ask("bob", "dba")

    assert plane.told("rea", about=asked["id"]) == ["access_request.created"]
    assert plane.told("rea", type="user.created") == ["user.created"]  # rea's own


# --- 5.6, 5.7 -----------------------------------------------------------------------------------


def test_r5_6_admin_gives_no_right_to_request_or_to_review(plane):
    plane.try_asking("root", "dba").refused(400, "role_not_requestable")
    plane.try_asking("root", "*").refused(400, "no_requestable_roles")
    asked = plane.ask("bob", "dba")
    assert "root@example.com" not in asked["possible_reviewers"]
    plane.review("root", asked).refused(403, "not_permitted_to_review")
    assert plane.listed("root", "access-requests/?scope=reviewable") == []


def test_r5_7_the_list_is_shown_to_its_requester_and_its_reviewers(plane):
    asked = plane.ask("bob", "dba")

    everybody = ["alice@example.com", "carol@example.com", "ivan@example.com"]
    assert asked["possible_reviewers"] == everybody
    for name in ("bob", "alice", "carol"):
        assert plane.read(asked, name)["possible_reviewers"] == everybody


def test_r5_7_an_inactive_user_is_no_possible_reviewer(plane):
    plane.apply(user("carol", "lead", active=False))

    assert plane.ask("bob", "dba")["possible_reviewers"] == [
        "alice@example.com",
        "ivan@example.com",
    ]


def test_r5_7_rows_of_lists_leave_the_list_out(plane):
    plane.ask("bob", "dba")

    rows = plane.get("bob", "access-requests/").got()["results"]
    assert "possible_reviewers" not in rows[0]
