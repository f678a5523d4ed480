"""The pages about oneself: what is known of me, and the tokens that act as me."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse

from accessplane import navigation
from audit.models import AuditEvent
from identity.models import ApiToken
from identity.selectors import token_of
from identity.services.tokens import create_token, digest_of
from tests import cast, deeds

SECRET = re.compile(r"ap_[\w-]{43}")


def make(user, name="laptop", at=cast.NOON, **more):
    return create_token(user=user, name=name, by=cast.actor_of(user), at=at, **more)


def test_the_settings_are_one_page_with_tabs(browser, bob, clock):
    bobs = browser(bob)
    for place in navigation.OWN_PLACES:
        page = bobs.read(place.address)

        assert page.status == 200
        tabs = page.source.partition('<nav class="tabs"')[2].partition("</nav>")[0]
        assert tabs.count("<a ") == len(navigation.OWN_PLACES)
        assert f'<a href="{place.address}" aria-current="page">' in tabs
        assert '<a class="place" href="/settings" aria-current="page"' in page.source
        # The frame is there as well, with what waits.
        assert 'href="/reviews"' in page.source


def test_a_page_of_allauth_s_shows_what_waits_in_its_frame(browser, bob, alice, clock):
    deeds.ask(bob, "dba")

    source = browser(alice).read(reverse("account_change_password")).source

    assert '<span class="count">1<' in source


def test_the_profile_says_what_i_hold_and_since_whom(browser, bob, alice, clock):
    deeds.approve(deeds.ask(bob, "staging-web"), alice)

    page = browser(bob).read("/settings")

    assert "bob@example.com" in page.text
    assert "tests did so last" in page.text
    assert "developer" in page.text
    assert "engineering" in page.text
    assert re.search(r"staging-web .*Through a request of yours; ends", page.text)
    assert "payments" in page.text


def test_a_role_held_through_a_grant_is_not_said_to_be_held_always(browser, bob, alice, clock):
    deeds.approve(deeds.ask(bob, "staging-web"), alice)

    always, _, for_a_while = (
        browser(bob).read("/settings").source.partition("What you hold for a while")
    )

    assert "staging-web" not in always
    assert "staging-web" in for_a_while


def test_a_new_password_is_not_who_set_the_profile(browser, bob, clock):
    from identity.services.logins import record_new_password

    record_new_password(user=bob, by=cast.actor_of(bob), at=clock.now())

    assert "tests did so last" in browser(bob).read("/settings").text


def test_the_secret_of_a_token_is_shown_once(browser, bob, clock):
    bobs = browser(bob)

    made = bobs.send("/settings/tokens", name="deploy script", ttl="7")

    (secret,) = set(SECRET.findall(made.source))
    assert f'data-copy="{secret}"' in made.source
    assert "no-store" in made.response.headers["Cache-Control"]
    token = token_of(digest_of(secret), at=clock.now())
    assert (token.user, token.name) == (bob, "deploy script")
    assert token.expires_at - token.created_at == timedelta(days=7)
    assert not SECRET.search(bobs.read("/settings/tokens").source)
    assert secret not in str(AuditEvent.objects.filter(type="token.created").latest("id").data)


@pytest.mark.parametrize(
    "said",
    [
        {"name": "", "ttl": "7"},
        {"name": "x" * 101, "ttl": "7"},
        {"name": "x\0", "ttl": "7"},
        {"name": "x", "ttl": "367"},
        {"name": "x", "ttl": "forever"},
        {"name": "x"},
    ],
)
def test_a_token_that_is_not_described_is_not_made(browser, bob, clock, said):
    events = AuditEvent.objects.count()

    page = browser(bob).send("/settings/tokens", **said)

    assert page.status == 400
    assert "aria-invalid" in page.source
    assert (ApiToken.objects.count(), AuditEvent.objects.count()) == (0, events)


def test_i_see_my_own_tokens_that_are_not_revoked(browser, bob, alice, clock):
    make(bob, "gone", ttl=timedelta(hours=1), at=clock.now() - timedelta(hours=2))
    make(alice, "of alice")
    revoked, _ = make(bob, "taken away")
    bobs = browser(bob)
    bobs.send(f"/settings/tokens/{revoked.pk}/revoke")

    seen = bobs.read("/settings/tokens").text

    assert re.search("gone .* Expired", seen)
    assert "of alice" not in seen
    assert "taken away" not in seen


def test_a_revoked_token_opens_nothing_any_more(browser, bob, clock):
    token, secret = make(bob)

    page = browser(bob).send(f"/settings/tokens/{token.pk}/revoke")

    assert "laptop opens nothing any more." in page.text
    assert token_of(digest_of(secret), at=clock.now()) is None


def test_nobody_revokes_a_token_of_somebody_else(browser, bob, alice, clock):
    token, secret = make(bob)
    events = AuditEvent.objects.count()

    page = browser(alice).send(f"/settings/tokens/{token.pk}/revoke")

    assert "There is no such token." in page.text
    assert token_of(digest_of(secret), at=clock.now()) == token
    assert AuditEvent.objects.count() == events
