"""Nobody approves access to a sensitive role without a fresh second factor, through no door."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audit import services as audit
from requests_app.states import RequestState
from reviews.models import Review
from reviews.services import reviewing
from reviews.services.reviewing import FreshFactorRequired
from reviews.thresholds import Decision
from tests import deeds, sensitive
from tests.cast import NOON, actor_of, called
from tests.reviews.workflows import bot, workflow
from tests.witness import nothing_happens

TEN = timedelta(minutes=10)


@pytest.fixture
def asked(everybody, settings):
    """Bob asks for dba, which is sensitive."""
    sensitive.demand(settings)
    return deeds.ask(called("bob"), "dba", reason="ticket #1")


def state_of(request) -> str:
    request.refresh_from_db()
    return request.state


def submit(request, who, decision="APPROVE", *, by=None, at=NOON):
    return reviewing.submit_review(
        request_id=request.pk,
        reviewer=who,
        decision=Decision(decision),
        by=by or actor_of(who),
        at=at,
    )


# --- below all doors ----------------------------------------------------------------------------


def test_without_a_proof_an_approval_is_refused_and_says_where_to_go(asked, alice):
    with nothing_happens(), pytest.raises(FreshFactorRequired) as refusal:
        submit(asked, alice)

    assert refusal.value.code == "fresh_factor_required"
    assert f"/requests/{asked.pk}" in refusal.value.detail


def test_with_a_fresh_proof_it_counts(asked, alice):
    submit(asked, alice, by=replace(actor_of(alice), factor_at=NOON - TEN / 2))

    assert Review.objects.get().reviewer == alice


def test_an_old_proof_is_none(asked, alice):
    with nothing_happens(), pytest.raises(FreshFactorRequired):
        submit(asked, alice, by=replace(actor_of(alice), factor_at=NOON - TEN))


@pytest.mark.parametrize("decision", ["DENY", "COMMENT"])
def test_to_deny_and_to_comment_stays_free(asked, alice, decision):
    submit(asked, alice, decision)

    assert Review.objects.get().decision == decision


def test_a_role_that_is_not_sensitive_needs_none(bob, alice, settings):
    sensitive.demand(settings)

    submit(deeds.ask(bob, "staging-web"), alice)

    assert Review.objects.count() == 1


def test_one_sensitive_role_among_several_is_enough(bob, alice, settings):
    sensitive.demand(settings)
    request = deeds.ask(bob, "dba", "staging-web")

    with nothing_happens(), pytest.raises(FreshFactorRequired):
        submit(request, alice)


def test_an_extension_of_a_sensitive_grant_needs_one_too(bob, alice, settings):
    grant = deeds.granted_dba(bob)
    sensitive.demand(settings)

    with pytest.raises(FreshFactorRequired):
        submit(deeds.extend(grant, bob), alice)


def test_force_approves_with_it_alone_and_denies_without(asked, dana):
    with nothing_happens(), pytest.raises(FreshFactorRequired):
        deeds.force(asked, dana, "APPROVED")

    deeds.force(asked, dana, "DENIED")
    assert state_of(asked) == RequestState.DENIED


def test_whoever_may_not_review_is_told_that_first(asked, mallory, bob):
    with pytest.raises(reviewing.eligibility.OwnRequest):
        submit(asked, bob)


def test_a_bot_is_refused_whatever_it_says(asked):
    robo = bot("robo", "dba-reviewer")

    with nothing_happens(), pytest.raises(FreshFactorRequired, match="A person approves this"):
        submit(asked, robo, by=replace(actor_of(robo), factor_at=NOON))


def test_the_plane_s_own_automation_is_free(everybody, settings, clock):
    sensitive.demand(settings)
    bot("robo", "dba-reviewer")
    workflow(
        review=True,
        bot="robo@example.com",
        engine="expression",
        expression="request.reason != ''",
    )

    deeds.ask(called("bob"), "dba", reason="ticket #1")
    audit.drain(at=NOON)
    assert Review.objects.get().reviewer.email == "robo@example.com"


def test_where_nothing_is_demanded_it_costs_nothing(bob, alice):
    request = deeds.ask(bob, "dba")
    with CaptureQueriesContext(connection) as found:
        submit(request, alice)
    assert not [q for q in found.captured_queries if '"identity_role"."labels"' in q["sql"]]


# --- REST and the command line ------------------------------------------------------------------


@pytest.mark.parametrize("via", ["", "cli", "mcp", "web", "system"])
def test_a_token_proves_nothing_whatever_client_it_names(asked, alice, as_, clock, via):
    with nothing_happens():
        answer = as_(alice).post(
            f"access-requests/{asked.pk}/reviews/",
            {"decision": "APPROVE"},
            HTTP_ACCESSPLANE_VIA=via,
        )

    assert (answer.status_code, answer.json()["code"]) == (403, "fresh_factor_required")


def test_nor_does_it_force(asked, dana, as_, clock):
    answer = as_(dana).post(
        f"access-requests/{asked.pk}/resolve/", {"state": "APPROVED", "reason": "x"}
    )

    assert (answer.status_code, answer.json()["code"]) == (403, "fresh_factor_required")
    assert state_of(asked) == RequestState.PENDING
