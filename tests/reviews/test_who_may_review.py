"""Who may not review, whatever else is true (SEMANTICS 5.1 to 5.6)."""

import pytest

from accessplane.lib.errors import NotFound
from reviews import eligibility
from tests.cast import apply, person, role
from tests.deeds import (
    approve,
    ask,
    deny,
    force,
    has_access,
)
from tests.witness import nothing_happens


@pytest.fixture
def bob_reviews_dba(bob):
    """Bob asks for dba and might review it, were it not his own."""
    apply(person("bob", roles=["developer", "engineering", "dba-reviewer"]))


@pytest.mark.parametrize("say", [approve, deny])
def test_r5_1_nobody_reviews_their_own_request(bob, bob_reviews_dba, say):
    request = ask(bob)

    with nothing_happens(), pytest.raises(eligibility.OwnRequest):
        say(request, bob)


def test_r5_1_nor_what_they_asked_for_somebody_else(bob, alice):
    may = {"rules": [{"resources": ["access_request_for_others"], "verbs": ["create"]}]}
    apply(
        role("assistant", allow=may),
        person("alice", roles=["dba-reviewer", "assistant"]),
    )
    request = ask(alice, "dba", for_user=bob)

    with nothing_happens(), pytest.raises(eligibility.OwnRequest):
        approve(request, alice)


def test_r5_1_nor_does_a_bot_review_its_owners_request_or_the_owner_his_bots(ivan, robot):
    roles = ["developer", "dba-reviewer"]
    apply(
        person("ivan", roles=roles),
        person("robot", roles=roles, bot=True, owner="ivan@example.com"),
    )
    ivans, robots = ask(ivan), ask(robot)

    with nothing_happens(), pytest.raises(eligibility.OwnRequest):
        approve(ivans, robot)
    with nothing_happens(), pytest.raises(eligibility.OwnRequest):
        approve(robots, ivan)


def test_r5_1_not_even_as_an_administrator_by_force(bob):
    apply(person("bob", roles=["developer", "admin"]))
    request = ask(bob)

    with nothing_happens(), pytest.raises(eligibility.OwnRequest):
        force(request, bob, "APPROVED")


def test_r5_6_an_administrator_has_no_right_to_review(bob, dana):
    request = ask(bob)

    with nothing_happens(), pytest.raises(eligibility.NotPermittedToReview):
        approve(request, dana)


def test_r5_2_a_deny_block_wins_over_every_allow(bob, alice):
    apply(
        role("no-dba", deny={"review_requests": {"roles": ["dba"]}}),
        person("alice", roles=["dba-reviewer", "engineering", "auditor", "no-dba"]),
    )
    request = ask(bob, "dba", "staging-db")

    with nothing_happens(), pytest.raises(eligibility.NotPermittedToReview):
        approve(request, alice)


def test_r5_3_every_requested_role_must_be_reviewable(bob, alice):
    apply(person("alice", roles=["dba-reviewer", "auditor"]))
    request = ask(bob, "dba", "staging-db")

    with nothing_happens(), pytest.raises(eligibility.NotPermittedToReview):
        approve(request, alice)


def test_r5_4_rights_are_read_when_the_review_is_made(bob, alice):
    request = ask(bob)
    apply(person("alice", roles=["auditor"]))

    with nothing_happens(), pytest.raises(eligibility.NotPermittedToReview):
        approve(request, alice)


def test_r5_4_being_suggested_gives_no_right(bob, mallory):
    request = ask(bob, suggested_reviewers=(mallory.email,))

    with nothing_happens(), pytest.raises(NotFound):
        approve(request, mallory)


def test_r0_an_elevated_role_gives_no_right_to_review(bob, alice, carol):
    """Carol gets a reviewer's role for an hour; it does not make her a reviewer."""
    may_ask = {"request": {"roles": ["engineering"]}}
    apply(
        role("hopeful", allow=may_ask),
        role("judge", allow={"review_requests": {"roles": ["engineering"]}}),
        person("carol", roles=["hopeful", "auditor"]),
        person("alice", roles=["judge"]),
    )
    approve(ask(carol, "engineering"), alice)
    assert has_access(carol, "engineering")
    request = ask(bob, "staging-db")

    with nothing_happens(), pytest.raises(eligibility.NotPermittedToReview):
        approve(request, carol)
