"""SEMANTICS 10: a dry run answers with the plan, refuses like the real call, and stores nothing."""

import pytest
from django.apps import apps

from tests.rules.plane import DAY, HOUR, MISSING, at, role, user

APPS = ("audit", "identity", "requests_app", "reviews")


def rows() -> dict[str, int]:
    """How many rows each of our tables holds."""
    return {
        model._meta.label: model._base_manager.count()
        for name in APPS
        for model in apps.get_app_config(name).get_models()
    }


def test_r10_the_plan_has_all_its_parts(plane):
    plane.apply(
        role(
            "developer",
            request={
                "roles": ["dba"],
                "max_duration": "4h",
                "suggested_reviewers": ["ivan@example.com"],
                "reason": {"mode": "required", "prompt": "Ticket?"},
                "annotations": {"k": ["v"]},
                "thresholds": [{"name": "two", "approve": 2, "deny": 1}],
            },
        )
    )

    body = plane.try_asking("bob", "dba", "dba", reason="x", duration="9h", dry_run=True).got(
        200
    )

    assert body == {
        "plan": {
            "roles": ["dba"],
            "duration_seconds": 4 * HOUR,
            "requested_duration_seconds": 9 * HOUR,
            "limit_seconds": 4 * HOUR,
            "pending_ttl_seconds": 7 * DAY,
            "thresholds": [
                {
                    "name": "two",
                    "filter": "",
                    "approve": 2,
                    "deny": 1,
                    "approvals": 0,
                    "denials": 0,
                    "roles": ["dba"],
                }
            ],
            "checks": [],
            "suggested_reviewers": ["ivan@example.com"],
            "possible_reviewers": [
                "alice@example.com",
                "carol@example.com",
                "ivan@example.com",
            ],
            "recipients": ["ivan@example.com"],
            "annotations": {"k": ["v"]},
            "reason_required": True,
            "prompts": ["Ticket?"],
        }
    }


def test_r10_it_stores_nothing(plane):
    plane.secret_of("bob")
    before = rows()

    plane.plan("bob", "dba", reason="x", start_time=at(HOUR))
    plane.plan("bob", "*")
    plane.try_asking("bob", "prod", dry_run=True).refused(400, "role_not_requestable")

    assert rows() == before


def test_r10_the_plan_is_what_the_real_call_then_says(plane):
    wish = {"duration": "90m", "pending_ttl": "1d", "suggested_reviewers": ["ivan@example.com"]}
    plan = plane.plan("bob", "dba", "dev-web", **wish)

    asked = plane.ask("bob", "dba", "dev-web", **wish)

    for field in set(plan) & set(asked):
        assert plan[field] == asked[field], field
    assert {"roles", "thresholds", "annotations", "possible_reviewers"} <= set(plan) & set(
        asked
    )


REFUSALS = {
    "nothing": {"roles": []},
    "not requestable": {"roles": ["prod"]},
    "not found": {"roles": ["dev-none"]},
    "no name": {"roles": ["a b"]},
    "too long a reason": {"roles": ["dev-web"], "reason": "x" * 4097},
    "no length": {"roles": ["dev-web"], "duration": "soon"},
    "too long": {"roles": ["dev-web"], "duration": "15d"},
    "waits too long": {"roles": ["dev-web"], "pending_ttl": "8d"},
    "past": {"roles": ["dev-web"], "start_time": at(-DAY)},
    "too far": {"roles": ["dev-web"], "start_time": at(8 * DAY)},
    "unknown reviewer": {"roles": ["dev-web"], "suggested_reviewers": ["nobody@example.com"]},
    "for others": {"roles": ["dev-web"], "for_user": "alice@example.com"},
    "a duplicate": {"roles": ["dba"]},
    "no grant": {"roles": ["dba"], "extends": MISSING},
    "unknown field": {"roles": ["dev-web"], "thresholds": []},
}


@pytest.mark.parametrize("case", REFUSALS)
def test_r10_a_refusal_has_the_same_status_code_and_sentence(plane, case):
    plane.ask("bob", "dba")
    before = rows()

    real = plane.post("bob", "access-requests/", REFUSALS[case])
    dry = plane.post("bob", "access-requests/", REFUSALS[case] | {"dry_run": True})

    assert real.status >= 400
    assert dry == real
    assert rows() == before


def test_r10_missing_reasons_are_refused_too(plane):
    plane.apply(role("developer", request={"roles": ["dba"], "reason": {"mode": "required"}}))

    real = plane.try_asking("bob", "dba")
    real.refused(400, "reason_required")
    assert plane.try_asking("bob", "dba", dry_run=True) == real


@pytest.mark.parametrize("value", ["true", 1, "yes", [], {}])
def test_r10_only_true_is_true(plane, value):
    plane.try_asking("bob", "dba", dry_run=value).refused(400, "invalid_input")
    assert plane.listed("root", "access-requests/") == []


def test_r10_who_would_be_told_and_may_review_for_somebody_else(plane):
    plane.apply(
        role("desk", rules=[("create", "access_request_for_others")], review=["*"]),
        user("hal", "desk"),
    )

    plan = plane.plan("hal", "dba", for_user="bob@example.com")

    assert "hal@example.com" not in plan["possible_reviewers"]
    assert "hal@example.com" not in plan["recipients"]
