"""On the pages a person is led through the second factor before approving a sensitive role."""

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.test import Client

from requests_app.states import RequestState
from reviews.models import Review
from tests import deeds, sensitive
from tests.cast import NOON, called
from tests.reviews.workflows import bot
from tests.web.reading import Browser
from tests.web.test_factors import PASSWORD, code, set_up


@pytest.fixture
def asked(everybody, settings):
    """Bob asks for dba, which is sensitive."""
    sensitive.demand(settings)
    return deeds.ask(called("bob"), "dba", reason="ticket #1")


def state_of(request) -> str:
    request.refresh_from_db()
    return request.state


@pytest.fixture
def travel(asked):
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def alices(asked, travel) -> Browser:
    """Alice's browser. She has an app for codes (`alices.secret`) and proved it an hour ago."""
    alice = called("alice")
    alice.set_password(PASSWORD)
    alice.save()
    browser = Browser(Client())
    browser.sign_in(alice.email, PASSWORD)
    browser.secret = set_up(browser)
    travel.shift(3600)
    return browser


def prove_factor(browser: Browser) -> None:
    browser.send("/accounts/2fa/reauthenticate/", code=code(browser.secret))


def test_a_person_is_led_through_the_step_and_what_was_written_counts(alices, asked):
    seen = alices.send(
        f"/requests/{asked.pk}/review", decision="APPROVE", reason="go\r\non, please"
    )
    assert seen.path == "/accounts/2fa/reauthenticate/"
    assert not Review.objects.exists()
    goal = f"/requests/{asked.pk}/review"

    seen = alices.send("/accounts/2fa/reauthenticate/", code=code(alices.secret), next=goal)

    assert seen.path == f"/requests/{asked.pk}"
    assert "You approved this request." in seen.text
    review = Review.objects.get()
    assert (review.reason, review.via) == ("go\non, please", "web")


def test_a_wrong_code_approves_nothing(alices, asked):
    goal = f"/requests/{asked.pk}/review"
    alices.send(goal, decision="APPROVE", reason="go on")

    seen = alices.send("/accounts/2fa/reauthenticate/", code="000000", next=goal)

    assert "That was not right" in seen.text
    assert not Review.objects.exists()


def test_the_password_alone_does_not_do(alices, asked):
    goal = f"/requests/{asked.pk}/review"
    alices.send(goal, decision="APPROVE", reason="go on")

    alices.send("/accounts/reauthenticate/", password=PASSWORD, next=goal)

    assert not Review.objects.exists()


def test_the_proof_of_another_session_does_not_count(alices, asked):
    prove_factor(alices)
    other = Browser(Client())
    other.client.force_login(called("alice"))

    seen = other.send(f"/requests/{asked.pk}/review", decision="APPROVE", reason="")

    assert seen.path == "/accounts/2fa/reauthenticate/"
    assert not Review.objects.exists()


def test_the_page_says_beforehand_that_the_step_is_needed(alices, asked):
    page = f"/requests/{asked.pk}"
    assert "approving asks for your second factor first" in alices.read(page).text

    prove_factor(alices)

    assert "second factor" not in alices.read(page).text


def test_whoever_has_none_is_led_to_where_it_is_set_up(asked, travel, ivan, browser):
    seen = browser(ivan).send(f"/requests/{asked.pk}/review", decision="APPROVE", reason="")

    assert seen.path == "/accounts/2fa/"
    assert "This needs a second factor, and you have none." in seen.text
    assert not seen.has_button("Go on with it")
    assert not Review.objects.exists()


@pytest.mark.parametrize("part", [{}, {"HTTP_HX_REQUEST": "true"}])
def test_what_was_written_is_kept_while_a_factor_is_set_up(asked, travel, ivan, part):
    ivans = Browser(deeds.sign_in(ivan))
    goal = f"/requests/{asked.pk}/review"
    ivans.client.post(goal, {"decision": "APPROVE", "reason": "go on"}, **part)
    secret = set_up(ivans)
    assert ivans.read("/accounts/2fa/recovery-codes/").has_button("Go on with it")
    assert not Review.objects.exists()

    asks = ivans.send("/accounts/2fa/go-on/")
    assert asks.path == "/accounts/2fa/reauthenticate/"
    travel.shift(60)
    seen = ivans.send(asks.path, code=code(secret), next=goal)

    assert "You approved this request." in seen.text
    assert [one.reason for one in Review.objects.all()] == ["go on"]
    assert not ivans.read("/accounts/2fa/").has_button("Go on with it")


@pytest.mark.parametrize("way", ["read", "send"])
def test_without_a_factor_or_a_kept_form_there_is_nothing_to_go_on_with(
    asked, travel, ivan, way
):
    ivans = Browser(deeds.sign_in(ivan))
    assert getattr(ivans, way)("/accounts/2fa/go-on/").path == "/accounts/2fa/"

    ivans.send(f"/requests/{asked.pk}/review", decision="APPROVE", reason="go on")

    assert getattr(ivans, way)("/accounts/2fa/go-on/").path == "/accounts/2fa/"
    assert "kept_form" in ivans.client.session
    assert not Review.objects.exists()


def test_signing_in_with_the_factor_is_a_proof(alices, asked, travel):
    alices.send("/accounts/logout/")
    alices.sign_in("alice@example.com", PASSWORD)
    alices.send("/accounts/2fa/authenticate/", code=code(alices.secret))

    seen = alices.send(f"/requests/{asked.pk}/review", decision="APPROVE", reason="")

    assert "You approved this request." in seen.text


def test_rest_with_a_session_that_proved_it(alices, asked):
    path = f"/api/v1/access-requests/{asked.pk}/reviews/"
    said = {"decision": "APPROVE"}
    refused = alices.client.post(path, said, "application/json")
    assert refused.json()["code"] == "fresh_factor_required"

    prove_factor(alices)

    assert alices.client.post(path, said, "application/json").status_code == 201


def test_force_leads_through_the_step_as_well(asked, dana, travel):
    dana.set_password(PASSWORD)
    dana.save()
    danas = Browser(Client())
    danas.sign_in(dana.email, PASSWORD)
    secret = set_up(danas)
    travel.shift(3600)
    goal = f"/requests/{asked.pk}/resolve"
    danas.send(goal, state="APPROVED", reason="the database burns")
    assert state_of(asked) == RequestState.PENDING

    danas.send("/accounts/2fa/reauthenticate/", code=code(secret), next=goal)

    assert state_of(asked) == RequestState.APPROVED
    assert asked.resolve_reason == "the database burns"


def test_a_bot_on_the_pages_is_refused(asked, travel, browser):
    robo = bot("robo", "dba-reviewer")
    Authenticator.objects.create(user=robo, type="recovery_codes", data={})

    seen = browser(robo).send(f"/requests/{asked.pk}/review", decision="APPROVE", reason="")

    assert seen.status == 403
    assert not Review.objects.exists()


def test_a_token_of_somebody_with_a_fresh_session_proves_nothing(alices, asked, as_):
    prove_factor(alices)
    secret = as_(called("alice"))._credentials["HTTP_AUTHORIZATION"]

    answer = alices.client.post(
        f"/api/v1/access-requests/{asked.pk}/reviews/",
        {"decision": "APPROVE"},
        "application/json",
        HTTP_AUTHORIZATION=secret,
    )

    assert answer.json()["code"] == "fresh_factor_required"
