"""force_resolution: without thresholds, and never in silence (SEMANTICS 6.7)."""

import pytest

from accessplane.lib.errors import NotFound, NotPermitted
from audit.models import AuditEvent
from requests_app import planning
from reviews import eligibility
from tests.cast import apply, person, role
from tests.deeds import (
    ask,
    cancel,
    force,
    has_access,
)
from tests.witness import nothing_happens

CREATED, REVIEWED = "access_request.created", "access_request.reviewed"
APPROVED, DENIED = "access_request.approved", "access_request.denied"


def state_of(request):
    request.refresh_from_db()
    return request.state


def test_r6_7_force_resolves_without_thresholds_and_says_so(bob, dana):
    request = ask(bob)

    force(request, dana, "APPROVED", reason="the database burns")

    assert state_of(request) == "APPROVED"
    assert request.forced
    assert has_access(bob)
    told = AuditEvent.objects.get(type=APPROVED)
    assert told.data["forced"] is True
    assert told.data["skipped_thresholds"] == ["two people"]
    assert told.data["reason"] == "the database burns"


@pytest.mark.parametrize("reason", ["", "  \n"])
def test_r6_7_force_needs_a_reason_before_anything_else(bob, mallory, reason):
    request = ask(bob)

    with nothing_happens(), pytest.raises(planning.ReasonRequired):
        force(request, mallory, "APPROVED", reason=reason)


def test_r6_7_force_needs_sight_then_the_verb(bob, alice, mallory):
    request = ask(bob)

    with nothing_happens(), pytest.raises(NotFound):
        force(request, mallory, "APPROVED")
    with nothing_happens(), pytest.raises(NotPermitted):
        force(request, alice, "APPROVED")


def test_r6_7_the_verb_comes_before_own(bob):
    request = ask(bob)

    with nothing_happens(), pytest.raises(NotPermitted) as refusal:
        force(request, bob, "APPROVED")

    assert refusal.value.code == "not_permitted"


def test_r6_7_own_comes_before_pending(bob):
    apply(person("bob", roles=["developer", "admin"]))
    request = ask(bob)
    cancel(request, bob)

    with nothing_happens(), pytest.raises(eligibility.OwnRequest):
        force(request, bob, "APPROVED")


def test_r6_7_an_elevated_role_gives_no_force(bob, carol, dana):
    may_force = {"rules": [{"resources": ["access_request"], "verbs": ["read", "update"]}]}
    apply(
        role("forceful", allow=may_force),
        role("hopeful", allow={"request": {"roles": ["forceful"]}}),
        person("carol", roles=["hopeful"]),
    )
    force(ask(carol, "forceful"), dana, "APPROVED")
    assert has_access(carol, "forceful")
    request = ask(bob)

    with nothing_happens(), pytest.raises(NotPermitted):
        force(request, carol, "APPROVED")
