"""Whoever is invited sets a first password, once, and is nobody else."""

from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client

from accessplane.lib.actors import Via
from audit.models import AuditEvent
from identity.models import Invitation, User
from identity.selectors import subject_of
from identity.services import invitations, users
from identity.services.invitations import NoInvitation, NotInvitable
from tests import cast
from tests.web.reading import Browser
from tests.web.test_addresses import confirmed, link_in

GOOD = "quite other words 7"


@pytest.fixture
def link(bob, dana, clock) -> str:
    """The link in bob's mail."""
    return invite(bob, dana, clock.now())


def invite(user, by, at) -> str:
    invitations.invite(
        user_id=user.pk, subject=subject_of(by, at=at), by=cast.actor_of(by, Via.ADMIN), at=at
    )
    return link_in(mail.outbox[-1])


def accept(browser: Browser, link: str, password: str = GOOD):
    return browser.send(link, password1=password, password2=password)


def has_password(user) -> bool:
    return User.objects.get(pk=user.pk).has_usable_password()


def test_the_mail_has_a_link_and_the_log_has_none(link, noon):
    (letter,) = mail.outbox
    assert (letter.to, letter.subject) == (
        ["bob@example.com"],
        "You are invited to Access Plane",
    )
    assert "dana@example.com has made a user for you" in letter.body
    event = AuditEvent.objects.get(type="user.invited")
    assert (event.actor_name, event.about_name) == ("dana@example.com", "bob@example.com")
    assert event.data == {"expires_at": "2026-03-05T12:00:00.000000Z"}
    secret = link.split("/")[-2]
    assert secret not in str(list(Invitation.objects.values()))


def test_it_sets_a_first_password_and_confirms_the_address(link, bob, nobody, settings):
    settings.ACCESSPLANE_CONFIRM_ADDRESSES = True
    assert "bob@example.com signs in here" in nobody.read(link).text
    assert not has_password(bob)

    seen = accept(nobody, link)

    assert (seen.path, "Your password is set." in seen.text) == ("/accounts/login/", True)
    assert nobody.read("/").path == "/accounts/login/"
    assert confirmed() == ["bob@example.com"]
    changed = AuditEvent.objects.get(type="user.updated", about_name=bob.email)
    assert (changed.actor_name, changed.data["changed"]) == (bob.email, ["password"])
    assert nobody.sign_in(bob.email, GOOD).path == "/"


def test_it_works_once(link, bob, nobody, noon):
    accept(nobody, link)
    User.objects.update(password="!")

    seen = accept(nobody, link, "and yet another 8")

    assert (seen.status, "This link does not work" in seen.text) == (404, True)
    assert not has_password(bob)


def closed_by_another(bob, dana, at):
    invite(bob, dana, at)


def closed_by_deactivation(bob, dana, at):
    for is_active in (False, True):
        users.set_active(
            user_id=bob.pk,
            is_active=is_active,
            subject=subject_of(dana, at=at),
            by=cast.actor_of(dana),
            at=at,
        )


def closed_by_a_document(bob, dana, at):
    cast.apply(cast.person("bob", active=False))
    cast.apply(cast.person("bob"))


def closed_by_a_password(bob, dana, at):
    bob.set_password("a password from elsewhere")
    bob.save()


def closed_by_a_connector(bob, dana, at):
    User.objects.filter(pk=bob.pk).update(managed_by="okta")


def closed_by_inactivity(bob, dana, at):
    User.objects.filter(pk=bob.pk).update(is_active=False)


CLOSED_BY = [
    closed_by_another,
    closed_by_deactivation,
    closed_by_a_document,
    closed_by_a_password,
    closed_by_a_connector,
    closed_by_inactivity,
]


@pytest.mark.parametrize("closed_by", CLOSED_BY, ids=lambda one: one.__name__)
def test_a_link_that_is_closed_sets_nothing(link, bob, dana, nobody, noon, closed_by):
    closed_by(bob, dana, noon)
    before = User.objects.get(pk=bob.pk).password, AuditEvent.objects.count()

    assert nobody.read(link).status == 404
    assert accept(nobody, link).status == 404

    assert (User.objects.get(pk=bob.pk).password, AuditEvent.objects.count()) == before


def test_it_is_over_after_its_time(link, bob, nobody, clock):
    clock.move(days=3)

    assert accept(nobody, link).status == 404
    assert not has_password(bob)


def test_the_operator_says_how_long_it_works(settings, bob, dana, clock, nobody):
    settings.ACCESSPLANE_INVITATION_TTL = timedelta(hours=1)
    link = invite(bob, dana, clock.now())
    clock.move(hours=1)

    assert nobody.read(link).status == 404


def test_nobody_uses_it_while_signed_in_as_somebody_else(link, bob, mallory, browser):
    mallorys = browser(mallory)

    seen = mallorys.read(link)
    assert "this browser is signed in as mallory@example.com" in seen.text
    assert accept(mallorys, link).status == 409
    assert not has_password(bob)

    assert mallorys.send("/accounts/logout/", next=link).path == link
    assert "Choose the password" in mallorys.read(link).text


@pytest.mark.parametrize(
    ("first", "second"), [("short", "short"), (GOOD, "mistyped"), ("bob@example.com",) * 2]
)
def test_a_password_that_is_no_good_uses_nothing_up(link, bob, nobody, first, second):
    seen = nobody.send(link, password1=first, password2=second)

    assert (seen.status, 'role="alert"' in seen.source) == (400, True)
    assert not has_password(bob)
    assert accept(nobody, link).path == "/accounts/login/"


@pytest.mark.parametrize(
    "change", [{"managed_by": "okta"}, {"is_bot": True}, {"is_active": False}, {"password": ""}]
)
def test_who_signs_in_otherwise_is_not_invited(bob, dana, noon, change):
    for field, value in change.items():
        setattr(bob, field, value)
    if "password" in change:
        bob.set_password(GOOD)
    bob.save()
    before = AuditEvent.objects.count()

    with pytest.raises(NotInvitable):
        invite(bob, dana, noon)

    assert (mail.outbox, AuditEvent.objects.count(), Invitation.objects.count()) == (
        [],
        before,
        0,
    )


def test_what_was_closed_after_the_page_was_opened_is_closed(bob, noon):
    with pytest.raises(NoInvitation):
        invitations.accept(secret="x", password=GOOD, by=cast.actor_of(bob), at=noon)


def test_over_rest(as_, bob, dana, clock):
    first = as_(dana).post("users/bob@example.com/invitation/", HTTP_IDEMPOTENCY_KEY="k")
    again = as_(dana).post("users/bob@example.com/invitation/", HTTP_IDEMPOTENCY_KEY="k")

    assert (first.status_code, first.json()) == (
        201,
        {"user": "bob@example.com", "expires_at": "2026-03-05T12:00:00.000000Z"},
    )
    assert again.json() == first.json()
    assert len(mail.outbox) == 1


def test_a_mail_that_is_not_sent_is_told_of(as_, bob, dana, clock, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9

    answer = as_(dana).post("users/bob@example.com/invitation/")

    assert (answer.status_code, answer.json()["code"]) == (409, "mail_not_sent")


def test_in_the_admin(bob, dana, clock):
    danas = Client()
    danas.force_login(dana)
    page = f"/admin/identity/user/{bob.pk}"
    assert "Send an invitation" in danas.get(f"{page}/change/").content.decode()

    answer = danas.post(f"{page}/do/invite/", follow=True)

    shown = answer.content.decode()
    assert "A mail is on its way to bob@example.com." in shown
    assert "Thu 5 Mar 2026, 12:00 UTC" in shown
    accept(Browser(Client()), link_in(mail.outbox[-1]))
    after = danas.get(f"{page}/change/").content.decode()
    assert "Send an invitation" not in after
