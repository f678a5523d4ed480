"""Passkeys in a real browser, with a device that is made of software."""

import pytest

from audit.models import AuditEvent
from tests import browsing
from tests.cast import called, enter

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(browsing.IS_MISSING, reason=browsing.WHY),
]
PASSWORD = "a long way home"
DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def tab(chromium, live_server, transactional_db):
    """A tab of Bob's browser, at an address that passkeys work with: no number does."""
    enter()
    bob = called("bob")
    bob.set_password(PASSWORD)
    bob.save()
    url = live_server.url.replace("127.0.0.1", "localhost")
    context = chromium.new_context(base_url=url)
    browsing.without_sockets(context)
    tab = context.new_page()
    tab.complaints = browsing.complaints_of(tab)
    return tab


def give_device(tab) -> tuple:
    devtools = tab.context.new_cdp_session(tab)
    devtools.send("WebAuthn.enable")
    made = devtools.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
    return devtools, made["authenticatorId"]


def sign_in(tab) -> None:
    tab.goto("/accounts/login/")
    tab.get_by_label("E-mail").fill("bob@example.com")
    tab.get_by_label("Password").fill(PASSWORD)
    tab.get_by_role("button", name="Sign in", exact=True).click()


def add_passkey(tab, *, alone: bool = True) -> None:
    tab.goto("/accounts/2fa/webauthn/add/")
    tab.get_by_label("Password").fill(PASSWORD)
    tab.get_by_role("button", name="Go on").click()
    tab.get_by_label("What to call it").fill("Laptop")
    tab.get_by_label("Sign in with it alone").set_checked(alone)
    tab.get_by_role("button", name="Add a passkey").click()
    tab.get_by_role("heading", name="Recovery codes").wait_for()


def sign_out(tab) -> None:
    tab.context.clear_cookies()


def told(kind: str) -> list[dict]:
    return [row.data for row in AuditEvent.objects.filter(type=kind).order_by("at", "id")]


def test_a_passkey_signs_in_alone_and_proves_who_it_is(tab):
    give_device(tab)
    sign_in(tab)
    add_passkey(tab)
    assert {"factor": "passkey", "name": "Laptop"} in told("user.factor_added")
    sign_out(tab)

    tab.goto("/accounts/login/?next=/reviews")
    tab.get_by_role("button", name="Sign in with a passkey").click()
    tab.get_by_role("heading", name="Waiting for your review").wait_for()
    assert told("login.succeeded")[-1] == {"proofs": ["passkey"]}

    tab.goto("/accounts/2fa/recovery-codes/")
    tab.get_by_role("button", name="Use a passkey").click()
    tab.get_by_role("heading", name="Recovery codes").wait_for()
    assert tab.complaints == []


def test_a_passkey_after_the_password(tab):
    give_device(tab)
    sign_in(tab)
    add_passkey(tab, alone=False)
    sign_out(tab)

    sign_in(tab)
    tab.get_by_role("heading", name="One more step").wait_for()
    tab.get_by_role("button", name="Use a passkey").click()
    tab.get_by_role("heading", name="Your access").wait_for()
    assert told("login.succeeded")[-1] == {"proofs": ["password", "passkey"]}
    assert tab.complaints == []


def test_whoever_says_no_is_told_that_it_did_not_work(tab):
    devtools, device = give_device(tab)
    devtools.send(
        "WebAuthn.setUserVerified", {"authenticatorId": device, "isUserVerified": False}
    )

    tab.goto("/accounts/login/")
    tab.get_by_role("button", name="Sign in with a passkey").click()

    tab.get_by_text("That did not work. Try it again.").wait_for()
    assert told("login.succeeded") == []


def test_a_passkey_is_renamed_and_removed(tab):
    give_device(tab)
    sign_in(tab)
    add_passkey(tab)

    tab.goto("/accounts/2fa/")
    tab.get_by_role("link", name="Rename").click()
    tab.get_by_label("What to call it").fill("Old laptop")
    tab.get_by_role("button", name="Rename").click()
    tab.get_by_role("link", name="Remove Old laptop").click()
    tab.get_by_role("button", name="Remove").click()
    tab.get_by_text("The passkey is removed.").wait_for()

    assert {"factor": "passkey", "name": "Old laptop"} in told("user.factor_removed")
    assert tab.get_by_text("Old laptop").count() == 0
    assert tab.complaints == []
