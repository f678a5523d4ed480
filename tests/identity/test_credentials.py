"""What opened a door is looked at again while somebody listens, and the door itself agrees."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from identity.credentials import Credential, users_of
from identity.services import tokens
from tests.cast import apply, person
from tests.factories.identity import TokenFactory

SECRET = "ap_something-long-enough"


@pytest.fixture
def token(bob, clock):
    """Bob's token, for an hour."""
    end = clock.moment + timedelta(hours=1)
    return TokenFactory(user=bob, digest=tokens.digest_of(SECRET), expires_at=end)


@pytest.fixture
def browser(bob, clock, settings):
    """Bob's browser, signed in."""
    browser = Client()
    browser.force_login(bob, settings.AUTHENTICATION_BACKENDS[0])
    return browser


@pytest.fixture
def is_open(token, browser, bob, clock):
    """Whether both still open the door, the token and the session; both ways to ask agree."""
    session = browser.session.session_key

    def look():
        by_token = Credential(token=token.pk)
        by_session = Credential(session=session)
        found = users_of([by_token, by_session], clock.moment)
        at_the_door = (
            Client().get("/api/v1/users/me/", HTTP_AUTHORIZATION=f"Bearer {SECRET}"),
            browser.get("/api/v1/users/me/"),
        )
        opened = (by_token in found, by_session in found)
        assert opened == tuple(answer.status_code == 200 for answer in at_the_door)
        assert set(found.values()) <= {bob}
        return opened

    return look


def test_both_open_the_door(is_open):
    assert is_open() == (True, True)


def test_a_token_that_is_revoked_opens_nothing(is_open, token, clock):
    token.revoked_at = clock.moment
    token.save()

    assert is_open() == (False, True)


def test_time_ends_a_token(is_open, clock):
    clock.move(minutes=59)
    assert is_open() == (True, True)
    clock.move(minutes=1)
    assert is_open() == (False, True)


def test_time_ends_a_session(is_open, browser, clock):
    Session.objects.update(expire_date=clock.moment + timedelta(minutes=1))
    assert is_open() == (True, True)
    clock.move(minutes=1)
    assert is_open() == (True, False)


def test_whoever_leaves_has_no_session(is_open, browser):
    browser.logout()

    assert is_open() == (True, False)


def test_a_new_password_ends_the_sessions_of_before(is_open, bob):
    bob.set_password("something else entirely")
    bob.save()

    assert is_open() == (True, False)


def test_a_key_that_is_listed_no_more_ends_its_sessions(browser, bob, noon, settings):
    credential = Credential(session=browser.session.session_key)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "a new one, which signs from now on and is long enough for anything"

    assert users_of([credential], noon) == {credential: bob}
    settings.SECRET_KEY_FALLBACKS = []
    assert users_of([credential], noon) == {}


def test_somebody_inactive_is_nobody(is_open):
    apply(person("bob", active=False))

    assert is_open() == (False, False)


def test_what_nobody_was_let_in_by_opens_nothing(db, noon):
    assert users_of([Credential(), Credential(session="made up")], noon) == {}


def test_many_are_looked_at_together(
    bob, alice, noon, settings, clock, django_assert_num_queries
):
    made = [TokenFactory(user=who) for who in (bob, alice) for _ in range(20)]
    for who in (bob, alice):
        browser = Client()
        browser.force_login(who, settings.AUTHENTICATION_BACKENDS[0])
    sessions = Session.objects.values_list("session_key", flat=True)
    credentials = [Credential(token=token.pk) for token in made]
    credentials += [Credential(session=key) for key in sessions]

    with django_assert_num_queries(3):
        assert len(users_of(credentials, noon)) == 42
