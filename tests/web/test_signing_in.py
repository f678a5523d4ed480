"""Signing in and out; what is there for whoever has not."""

import uuid

import pytest
from django.urls import reverse

ANY = uuid.UUID(int=7)
PAGES = ["/", "/requests/new", f"/requests/{ANY}", "/reviews"]
BUTTONS = [
    f"/requests/{ANY}/cancel",
    f"/requests/{ANY}/review",
    f"/requests/{ANY}/resolve",
    f"/requests/{ANY}/grants/{ANY}/end",
    f"/requests/{ANY}/grants/{ANY}/revoke",
]


@pytest.mark.parametrize("path", PAGES + BUTTONS)
def test_whoever_is_not_signed_in_is_sent_to_sign_in(nobody, path):
    login = f"{reverse('account_login')}?next={path}"

    assert nobody.client.get(path).headers["Location"] == login
    assert nobody.client.post(path).headers["Location"] == login


def test_the_pages_stand_where_the_contract_says():
    assert reverse("home") == "/"
    assert reverse("request-new") == "/requests/new"
    assert reverse("request-page", args=[ANY]) == f"/requests/{ANY}"
    assert reverse("reviews-page") == "/reviews"
    assert reverse("account_login") == "/accounts/login/"


def test_a_wrong_password_keeps_the_address(nobody, bob):
    seen = nobody.sign_in("bob@example.com", "guess")

    assert seen.path == "/accounts/login/"
    assert 'role="alert"' in seen.source
    assert 'value="bob@example.com"' in seen.source
    assert "guess" not in seen.source


def test_signing_in_leads_to_where_one_wanted_to_go(nobody, bob):
    bob.set_password("a long way home")
    bob.save()

    seen = nobody.send(
        "/accounts/login/", login=bob.email, password="a long way home", next="/reviews"
    )

    assert seen.path == "/reviews"
    assert "uccessfully" not in seen.source


def test_signing_out(browser, bob):
    bobs = browser(bob)

    seen = bobs.send("/accounts/logout/")

    assert seen.path == "/accounts/login/"
    assert "You are signed out." in seen.text
    assert bobs.read("/").path == "/accounts/login/"


def test_somebody_made_inactive_is_out_at_once(browser, bob):
    bobs = browser(bob)
    bob.is_active = False
    bob.save()

    assert bobs.read("/").path == "/accounts/login/"


def test_nobody_signs_up(nobody):
    assert "Nobody signs up here" in nobody.read("/accounts/signup/").text


@pytest.mark.parametrize(
    "path", ["/accounts/password/reset/", "/accounts/password/reset/done/"]
)
def test_the_pages_for_a_lost_password_look_like_ours(nobody, path):
    assert "Access Plane" in nobody.read(path).text


def test_pages_are_not_kept_by_caches(browser, bob):
    assert "no-store" in browser(bob).read("/").response.headers["Cache-Control"]
