"""Where somebody is signed in, and how it ends from another browser."""

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from audit.models import AuditEvent
from identity.credentials import Credential, users_of
from tests.web.reading import Browser

PASSWORD = "a long way home"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/140.0.0.0 Safari/537.36"
)


@pytest.fixture(autouse=True)
def passwords(bob, alice):
    for who in (bob, alice):
        who.set_password(PASSWORD)
        who.save()


@pytest.fixture
def here(passwords, bob) -> Browser:
    return signed_in_as(bob, FIREFOX, "192.0.2.7")


@pytest.fixture
def there(here, bob) -> Browser:
    return signed_in_as(bob, CHROME, "198.51.100.9")


def signed_in_as(user, agent: str, ip: str) -> Browser:
    browser = Browser(Client(HTTP_USER_AGENT=agent, REMOTE_ADDR=ip))
    assert browser.sign_in(user.email, PASSWORD).path == "/"
    return browser


def number_of(browser: Browser) -> int:
    return UserSession.objects.get(session_key=browser.client.session.session_key).pk


def ended() -> list[str]:
    return [row.data["ip"] for row in AuditEvent.objects.filter(type="user.session_ended")]


def test_each_says_what_it_is_and_from_where(here, there):
    seen = here.read("/accounts/sessions/")

    assert "Firefox on Linux this one 192.0.2.7" in seen.text
    assert "Chrome on Windows 198.51.100.9" in seen.text


def test_one_is_ended_and_opens_nothing_more(here, there, bob, noon):
    key = there.client.session.session_key

    seen = here.send(f"/accounts/sessions/{number_of(there)}/end/")

    assert "That session is over." in seen.text
    assert there.read("/").path == "/accounts/login/"
    assert here.read("/").path == "/"
    assert ended() == ["198.51.100.9"]
    assert users_of([Credential(session=key)], noon) == {}


def test_all_others_are_ended(here, there, bob):
    third = signed_in_as(bob, CHROME, "203.0.113.1")

    seen = here.send("/accounts/sessions/end-others/")

    assert "2 other sessions are over." in seen.text
    assert [b.read("/").path for b in (here, there, third)] == ["/"] + ["/accounts/login/"] * 2
    assert sorted(ended()) == ["198.51.100.9", "203.0.113.1"]


def test_nobody_sees_or_ends_those_of_others(here, alice):
    alices = signed_in_as(alice, CHROME, "203.0.113.1")

    assert "192.0.2.7" not in alices.read("/accounts/sessions/").text
    assert alices.send(f"/accounts/sessions/{number_of(here)}/end/").status == 404
    alices.send("/accounts/sessions/end-others/")
    assert here.read("/").path == "/"
    assert ended() == []


def test_a_session_that_is_over_is_not_listed(here, there):
    Session.objects.get(session_key=there.client.session.session_key).delete()

    assert "198.51.100.9" not in here.read("/accounts/sessions/").text


def test_a_new_password_keeps_this_session_known_and_no_other(here, there):
    here.send(
        "/accounts/password/change/",
        oldpassword=PASSWORD,
        password1="quite other words 7",
        password2="quite other words 7",
    )

    seen = here.read("/accounts/sessions/")

    assert "192.0.2.7" in seen.text
    assert "this one" in seen.text
    assert "198.51.100.9" not in seen.text


@pytest.mark.parametrize("path", ["", "end-others/", "1/end/"])
def test_it_is_for_whoever_has_signed_in(nobody, path):
    assert nobody.read(f"/accounts/sessions/{path}").path == "/accounts/login/"
    assert nobody.send(f"/accounts/sessions/{path}").path == "/accounts/login/"


def test_the_list_costs_the_same_however_long_it_is(here, bob):
    def count() -> int:
        with CaptureQueriesContext(connection) as found:
            here.read("/accounts/sessions/")
        return len(found)

    few = count()
    for number in range(4):
        signed_in_as(bob, CHROME, f"203.0.113.{number}")
    assert count() == few
