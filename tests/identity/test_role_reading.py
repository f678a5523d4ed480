"""Who may ask for a role, as its page says it: never anything else than the decision."""

import pytest

from identity.requestable import requestable_among
from identity.reviewable import could_review
from identity.role_reading import Change, changes_between, forbidding, ways_to
from identity.role_spec import parse_role
from identity.subject import Subject


def holder(*roles, **traits) -> Subject:
    return Subject(id=None, email="x@example.com", traits=traits, roles=roles)


def asking(*patterns, claims=(), name="asker"):
    request = {"roles": list(patterns), "claims_to_roles": list(claims)}
    return parse_role(name, {"allow": {"request": request}})


@pytest.mark.parametrize(
    ("pattern", "name"),
    [
        ("dba", "dba"), ("db*", "dba"), ("^d.a$", "dba"), ("DBA", "dba"), ("*", "admin"),
        ("admin", "admin"), ("^admin|dba$", "admin"), ("other", "dba"),
    ],
)  # fmt: skip
def test_a_pattern_is_a_way_exactly_where_it_lets_its_holder_ask(pattern, name):
    role = asking(pattern)

    is_way = [way.patterns for way in ways_to(name, [role])] == [(pattern,)]

    assert is_way == bool(requestable_among(holder(role), [name]))


@pytest.mark.parametrize(
    ("entry", "traits", "name", "is_way"),
    [
        ("dba", {"team": ["payments"]}, "dba", True),
        ("$1-admin", {"team": ["payments"]}, "payments-admin", True),
        ("${1}-admin", {"team": ["payments"]}, "payments-admin", True),
        ("$1-admin", {}, "payments-user", False),
        ("$1", {"team": ["admin"]}, "admin", False),
    ],
)
def test_a_trait_may_make_the_name(entry, traits, name, is_way):
    role = asking(claims=[{"claim": "team", "value": "*", "roles": [entry]}])

    found = [by.entry for way in ways_to(name, [role]) for by in way.traits]

    assert found == ([entry] if is_way else [])
    if traits:
        assert bool(requestable_among(holder(role, **traits), [name])) == is_way


def test_the_dots_of_an_entry_are_dots():
    role = asking(claims=[{"claim": "team", "value": "*", "roles": ["db.$1"]}])

    assert ways_to("dbxprod", [role]) == []
    assert ways_to("db.prod", [role]) != []


def test_whoever_forbids_it_is_named():
    denying = parse_role("contractor", {"deny": {"request": {"roles": ["prod-*", "*min"]}}})

    assert forbidding("prod-web", [denying, asking("dba")]) == ["contractor"]
    assert forbidding("admin", [denying]) == ["contractor"]
    assert forbidding("dba", [denying]) == []


def test_what_a_change_changed():
    before = {"allow": {"request": {"roles": ["dba"], "max_duration": "8h"}}, "options": {}}
    after = {"allow": {"request": {"roles": ["dba", "x"]}, "logins": ["root"]}}

    assert changes_between(before, after) == [
        Change("allow.logins", None, ["root"]),
        Change("allow.request.max_duration", "8h", None),
        Change("allow.request.roles", ["dba"], ["dba", "x"]),
        Change("options", {}, None),
    ]
    assert changes_between(after, after) == []


@pytest.mark.parametrize(
    ("allow", "deny", "may"),
    [
        ({"roles": ["dba"]}, {}, True),
        ({"roles": ["dba"], "where": 'request.reason != ""'}, {}, True),
        ({"roles": ["dba"]}, {"roles": ["db*"]}, False),
        ({"roles": ["dba"]}, {"roles": ["db*"], "where": 'request.reason == ""'}, True),
        ({"roles": ["web"]}, {}, False),
    ],
)
def test_who_could_review_whatever_a_request_says(allow, deny, may):
    spec = {"allow": {"review_requests": allow}, "deny": {"review_requests": deny}}

    assert could_review(holder(parse_role("r", spec)), "dba") is may
