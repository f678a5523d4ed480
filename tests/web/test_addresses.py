"""Nobody signs in by password before the address is confirmed, where the operator wants that."""

import re

import pytest
from django.core import mail
from django.core.cache import cache
from django.test import Client

from audit.models import AuditEvent
from identity.services import addresses
from tests import deeds
from tests.web.reading import Browser

SENT = "/accounts/confirm-email/"


@pytest.fixture(autouse=True)
def demanded(settings, clock):
    cache.clear()  # where the limits are counted
    settings.ACCESSPLANE_CONFIRM_ADDRESSES = True


@pytest.fixture
def bobs(bob, nobody) -> Browser:
    """Bob's browser; he has given his password."""
    bob.set_password(deeds.PASSWORD)
    bob.save()
    nobody.sign_in(bob.email, deeds.PASSWORD)
    return nobody


def link_in(letter) -> str:
    """The path of the link in a mail."""
    return re.search(r"http://[^/]+(/accounts/\S+)", letter.body)[1]


def confirmed() -> list[str]:
    return [one.about_name for one in AuditEvent.objects.filter(type="user.address_confirmed")]


def is_in(browser: Browser) -> bool:
    return browser.read("/").path == "/"


def test_the_password_leads_to_the_mail_and_not_further(bobs, bob):
    assert not is_in(bobs)
    assert not AuditEvent.objects.filter(type="login.succeeded").exists()

    (letter,) = mail.outbox
    assert letter.to == ["bob@example.com"]
    assert letter.subject == "Confirm your e-mail address for Access Plane"
    assert "Thu 5 Mar 2026, 12:00 UTC" in letter.body
    seen = bobs.sign_in(bob.email, deeds.PASSWORD)
    assert (seen.path, "bob@example.com" in seen.text) == (SENT, True)


def test_opening_the_link_confirms_nothing_and_its_button_does(bobs, bob):
    link = link_in(mail.outbox[0])
    scanner = Browser(Client())

    assert "Is this your address?" in scanner.read(link).text
    assert confirmed() == []

    seen = scanner.send(link)
    assert (seen.path, "The address is confirmed." in seen.text) == ("/accounts/login/", True)
    assert not is_in(scanner)
    assert confirmed() == ["bob@example.com"]
    assert bobs.sign_in(bob.email, deeds.PASSWORD).path == "/"
    scanner.send(link)
    assert confirmed() == ["bob@example.com"]


def test_a_wrong_password_sends_nothing_and_says_what_it_always_says(bob, nobody):
    known = nobody.sign_in(bob.email, "guess")
    unknown = nobody.sign_in("eve@example.com", "guess")

    assert mail.outbox == []
    token = re.compile(r'name="csrfmiddlewaretoken" value="\w+"')
    assert token.sub("", known.source) == token.sub(
        "", unknown.source.replace("eve@example.com", bob.email)
    )


@pytest.mark.parametrize("way", ["read", "send"])
def test_without_the_password_nobody_has_a_mail_sent(bob, nobody, way):
    assert getattr(nobody, way)(SENT).path == "/accounts/login/"
    assert mail.outbox == []


def test_another_mail_is_sent_but_not_one_after_the_other(bobs, bob, settings):
    assert "Another mail is on its way." in bobs.send(SENT).text
    assert len(mail.outbox) == 2
    settings.ACCOUNT_RATE_LIMITS = {"confirm_email": "1/3m/key"}

    bobs.send(SENT)
    seen = bobs.send(SENT)

    assert "A mail was sent a moment ago." in seen.text
    assert len(mail.outbox) == 3
    bobs.sign_in(bob.email, deeds.PASSWORD)
    assert len(mail.outbox) == 3


@pytest.mark.parametrize("change", [{"email": "robert@example.com"}, {"is_active": False}])
def test_a_link_for_what_is_so_no_more_confirms_nothing(bobs, bob, change):
    link = link_in(mail.outbox[0])
    for field, value in change.items():
        setattr(bob, field, value)
    bob.save()

    seen = Browser(Client()).send(link)

    assert (seen.status, "This link does not work" in seen.text) == (404, True)
    bob.refresh_from_db()
    assert (bob.has_confirmed_email, confirmed()) == (False, [])


def test_a_link_that_is_old_or_forged_confirms_nothing(bobs, bob, clock):
    link = link_in(mail.outbox[0])
    clock.move(days=3)

    for path in (link, f"{SENT}x/", link.replace(":", ":x")):
        assert bobs.send(path).status == 404
    assert confirmed() == []


def test_a_changed_address_is_confirmed_again(bobs, bob):
    bobs.send(link_in(mail.outbox[0]))
    bob.refresh_from_db()
    bob.email = "robert@example.com"
    bob.save()

    assert bobs.sign_in("robert@example.com", deeds.PASSWORD).path == SENT
    assert mail.outbox[-1].to == ["robert@example.com"]
    assert bobs.sign_in("bob@example.com", deeds.PASSWORD).path == "/accounts/login/"


def test_a_new_password_by_mail_confirms_the_address(bob, nobody):
    bob.set_password(deeds.PASSWORD)
    bob.save()
    nobody.send("/accounts/password/reset/", email=bob.email)
    form = nobody.read(link_in(mail.outbox[0]))

    nobody.send(form.path, password1="quite other words 7", password2="quite other words 7")

    assert confirmed() == ["bob@example.com"]
    assert nobody.sign_in(bob.email, "quite other words 7").path == "/"


def test_a_forgotten_password_looks_the_same_whether_the_address_is_known_or_not(bob, nobody):
    known = nobody.send("/accounts/password/reset/", email=bob.email)
    unknown = nobody.send("/accounts/password/reset/", email="eve@example.com")

    assert (known.path, known.text) == (unknown.path, unknown.text)
    assert [(one.to, one.subject) for one in mail.outbox] == [
        (["bob@example.com"], "Set a new password for Access Plane"),
        (["eve@example.com"], "No user of Access Plane"),
    ]
    assert "sign up" not in mail.outbox[1].body


def test_without_the_setting_the_password_is_enough(settings, bobs, bob):
    settings.ACCESSPLANE_CONFIRM_ADDRESSES = False

    assert bobs.sign_in(bob.email, deeds.PASSWORD).path == "/"


def test_a_mail_server_that_is_away_is_told_of(settings, bobs, bob):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    settings.ACCOUNT_RATE_LIMITS = {"confirm_email": "1/3m/key"}

    for _ in range(2):
        assert "The mail could not be sent." in bobs.send(SENT).text


def test_a_key_of_another_purpose_confirms_nothing(bob, noon):
    from django.core import signing

    key = signing.Signer(salt="other").sign_object([str(bob.pk), bob.email, 2**40])

    assert addresses.behind(key, at=noon) is None
