"""A token outlasts the session: whoever makes one with it proves first who it is."""

import pytest
import time_machine

from audit.models import AuditEvent
from identity.models import ApiToken
from tests import cast, deeds
from tests.web.reading import Browser
from tests.web.test_factors import code, prove, set_up

PAGE, REST = "/settings/tokens", "/api/v1/tokens/"
WANTED = {"name": "deploy script", "ttl": "7"}


@pytest.fixture
def travel():
    with time_machine.travel(cast.NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def bobs(bob, travel) -> Browser:
    """Bob's browser; he signed in with his password an hour ago."""
    browser = Browser(deeds.sign_in(bob))
    travel.shift(3600)
    return browser


def test_the_form_waits_for_the_password_and_is_sent_then(bobs):
    asked = bobs.send(PAGE, **WANTED)
    assert asked.path == "/accounts/reauthenticate/"
    assert not ApiToken.objects.exists()
    assert not AuditEvent.objects.filter(type="token.created").exists()

    seen = bobs.send(asked.path, password=deeds.PASSWORD, next=PAGE)

    token = ApiToken.objects.get()
    assert (token.name, (token.expires_at - token.created_at).days) == ("deploy script", 7)
    assert "This is the token for deploy script." in seen.text
    assert f'href="{PAGE}" aria-current="page"' in seen.source


def test_a_proof_of_a_moment_ago_is_enough(bobs, travel):
    prove(bobs)

    assert bobs.send(PAGE, **WANTED).path == PAGE
    assert ApiToken.objects.count() == 1
    travel.shift(301)
    assert bobs.send(PAGE, **WANTED).path == "/accounts/reauthenticate/"
    assert ApiToken.objects.count() == 1


def test_a_wrong_password_makes_none(bobs):
    bobs.send(PAGE, **WANTED)

    bobs.send("/accounts/reauthenticate/", password="guess", next=PAGE)

    assert not ApiToken.objects.exists()


def test_whoever_has_a_factor_proves_that(bobs, travel):
    secret = set_up(bobs)
    travel.shift(600)

    asked = bobs.send(PAGE, **WANTED)
    assert asked.path == "/accounts/2fa/reauthenticate/"
    bobs.send(asked.path, code=code(secret), next=PAGE)

    assert ApiToken.objects.count() == 1


def test_what_is_wrong_in_the_form_is_said_before(bobs):
    seen = bobs.send(PAGE, name="", ttl="7")

    assert (seen.path, seen.status) == (PAGE, 400)


def test_over_rest_the_session_is_not_enough_either_and_a_token_is(bobs, bob, as_):
    refused = bobs.client.post(REST, {}, "application/json")
    assert (refused.status_code, refused.json()["code"]) == (403, "proof_needed")
    assert not ApiToken.objects.exists()

    prove(bobs)

    assert bobs.client.post(REST, {}, "application/json").status_code == 201
    assert as_(bob).post("tokens/", {}).status_code == 201
