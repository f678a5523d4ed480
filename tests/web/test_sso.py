"""Signing in through an OpenID Connect provider that runs beside the tests."""

from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.mfa.totp.internal.auth import TOTP
from allauth.socialaccount.models import SocialAccount
from django.core import mail
from django.test import Client

from accessplane.lib import addresses
from audit.models import AuditEvent
from identity.models import User
from tests import cast, deeds
from tests.identity.test_connectors import connector, told
from tests.web.provider import START, providing
from tests.web.reading import Browser
from tests.witness import nothing_happens

# What the provider stands on warns of its own future.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
MAPPING = [{"claim": "groups", "value": "team-*", "roles": ["$1"]}]


@pytest.fixture(autouse=True)
def reachable(settings):
    settings.ACCESSPLANE_OUTBOUND_ALLOW = addresses.allowed(["localhost"])


@pytest.fixture
def okta(everybody):
    with providing() as provider:
        provider.connected()
        provider.knows("b-1", email="Bob@example.com", email_verified=True, name="Bob")
        yield provider


def held(email: str) -> list[str]:
    rows = User.objects.get(email=email).assignments.order_by("position")
    return list(rows.values_list("role__name", flat=True))


def refused(seen, sentence: str) -> bool:
    return seen.status == 403 and sentence in seen.text


# --- who is let in ------------------------------------------------------------------------------


def test_somebody_known_is_let_in_by_a_verified_address(okta, nobody):
    seen = okta.pass_through(nobody, "b-1", start=f"{START}?next=/reviews")

    assert (seen.path, seen.status) == ("/reviews", 200)
    assert told("login.succeeded") == [{"proofs": ["okta"]}]
    assert held("bob@example.com") == ["developer", "engineering"]
    account = SocialAccount.objects.get()
    assert (account.uid, account.user.email, account.extra_data) == (
        "b-1",
        "bob@example.com",
        {},
    )


def test_the_address_counts_as_confirmed_from_then_on(okta, nobody, bob, settings):
    settings.ACCESSPLANE_CONFIRM_ADDRESSES = True

    assert okta.pass_through(nobody, "b-1").path == "/"

    assert mail.outbox == []
    (confirmed,) = AuditEvent.objects.filter(type="user.address_confirmed")
    assert (confirmed.actor_name, confirmed.about_name) == ("connector okta", bob.email)
    bob.refresh_from_db()
    assert deeds.sign_in(bob).get("/").status_code == 200


def test_afterwards_the_subject_counts_and_the_address_no_more(okta, nobody):
    okta.pass_through(nobody, "b-1")
    okta.knows("b-1", email="alice@example.com", email_verified=True)

    again = Browser(Client())
    okta.pass_through(again, "b-1")

    assert again.client.get("/api/v1/users/me/").json()["email"] == "bob@example.com"


def test_nobody_else_comes_as_somebody_who_came_before(okta, nobody):
    okta.pass_through(nobody, "b-1")
    okta.knows("m-1", email="bob@example.com", email_verified=True)

    with nothing_happens():
        seen = okta.pass_through(Browser(Client()), "m-1")

    assert refused(seen, "Somebody else came as bob@example.com before.")


@pytest.mark.parametrize(
    ("claims", "sentence"),
    [
        ({"email": "bob@example.com", "email_verified": False}, "has not verified"),
        ({"email": "bob@example.com"}, "has not verified"),
        ({"email": "bob@evil.example", "email_verified": True}, "does not speak for"),
        ({"email": "bob@sub.example.com", "email_verified": True}, "does not speak for"),
        ({"email_verified": True}, "did not say which e-mail address"),
        (
            {"email": ["bob@example.com", "dana@example.com"], "email_verified": True},
            "did not say which e-mail address",
        ),
        ({"email": "erin@example.com", "email_verified": True}, "Nobody here has the address"),
        ({"email": "robot@example.com", "email_verified": True}, "A bot signs in with"),
    ],
)
def test_who_is_not_let_in(okta, nobody, claims, sentence):
    okta.knows("x-1", **claims)

    with nothing_happens():
        seen = okta.pass_through(nobody, "x-1")

    assert refused(seen, sentence)
    assert not SocialAccount.objects.exists()
    assert nobody.read("/").path == "/accounts/login/"


def test_an_operator_may_believe_what_is_not_marked_as_verified(okta, nobody):
    okta.connected(assume_verified=True)
    okta.knows("b-2", email="bob@example.com")

    assert okta.pass_through(nobody, "b-2").path == "/"


def test_somebody_inactive_stays_out(okta, nobody):
    cast.apply(cast.person("bob", active=False))

    seen = okta.pass_through(nobody, "b-1")

    assert "You are not active here" in seen.text
    assert nobody.read("/").path == "/accounts/login/"


def test_a_second_factor_is_asked_for_all_the_same(okta, nobody, bob):
    TOTP.activate(bob, "JBSWY3DPEHPK3PXP")

    assert okta.pass_through(nobody, "b-1").path == "/accounts/2fa/authenticate/"
    assert nobody.read("/reviews").path != "/reviews"


# --- the way there and back ---------------------------------------------------------------------


def test_the_way_there_carries_a_state_and_a_challenge_and_nothing_of_others(okta, nobody):
    there = nobody.client.get(
        f"{START}?scope=admin&auth_params=prompt%3Dnone&process=connect&action=reauthenticate"
    )

    asked = parse_qs(urlsplit(there.headers["Location"]).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["state"][0]
    assert sorted(asked["scope"][0].split()) == ["email", "openid", "profile"]
    assert "prompt" not in asked


def test_a_way_back_that_this_browser_did_not_begin_leads_nowhere(okta, nobody):
    there = nobody.client.get(START).headers["Location"]
    back = okta.way_back(there, "b-1")

    seen = Browser(Client()).read(back)

    assert refused(seen, "The sign-in did not come to its end.")
    assert told("login.succeeded") == []


def test_a_way_back_works_once(okta, nobody):
    back = okta.way_back(nobody.client.get(START).headers["Location"], "b-1")
    nobody.read(back)
    nobody.send("/accounts/logout/")

    assert refused(nobody.read(back), "The sign-in did not come to its end.")


@pytest.mark.parametrize("goal", ["https://evil.example/", "//evil.example", "javascript:x"])
def test_it_leads_to_our_own_pages_alone(okta, nobody, goal):
    there = nobody.client.get(START, {"next": goal}).headers["Location"]

    back = nobody.client.get(okta.way_back(there, "b-1"))

    assert back.headers["Location"] == "/"


@pytest.mark.parametrize("query", ["", "?code=x", "?code=x&state=y", "?error=access_denied"])
def test_what_nobody_sent_is_refused(okta, nobody, query):
    seen = nobody.read(f"/accounts/oidc/okta/login/callback/{query}")

    assert refused(seen, "The sign-in did not come to its end.")


@pytest.mark.parametrize("spec", [{"active": False}, None])
def test_a_connector_that_is_closed_or_unknown_is_not_there(okta, nobody, spec):
    if spec:
        okta.connected(**spec)
    name = "okta" if spec else "unknown"

    assert nobody.read(f"/accounts/oidc/{name}/login/").status == 404
    assert nobody.read(f"/accounts/oidc/{name}/login/callback/?code=x&state=y").status == 404


def test_a_provider_at_a_private_address_is_not_called(okta, nobody, settings):
    settings.ACCESSPLANE_OUTBOUND_ALLOW = addresses.allowed([])

    assert refused(nobody.read(START), "The sign-in did not come to its end.")


def test_a_provider_that_answers_nonsense(everybody, nobody, httpserver):
    httpserver.expect_request("/.well-known/openid-configuration").respond_with_json({})
    cast.apply(connector(settings={"issuer": httpserver.url_for("").rstrip("/")}))

    assert refused(nobody.read(START), "The sign-in did not come to its end.")


def test_the_page_offers_it_and_keeps_where_one_wanted_to_go(okta, nobody):
    source = nobody.read("/accounts/login/?next=/reviews").source

    assert f'href="{START}?next=/reviews"' in source
    assert "Sign in with Okta" in source


def test_the_issuer_stays_once_people_are_known_by_it(okta, nobody):
    okta.pass_through(nobody, "b-1")

    with pytest.raises(Exception, match="another connector for another issuer"):
        cast.apply(connector(settings={"issuer": "https://other.example.com"}))


# --- who is created, and kept up to date --------------------------------------------------------


@pytest.fixture
def managing(okta):
    """It creates people, with their team and the roles of their groups."""
    cast.apply(cast.role("payments"), cast.role("databases"))
    okta.connected(create=True, traits={"team": "groups"}, roles=MAPPING)
    okta.knows(
        "e-1",
        email="erin@example.com",
        email_verified=True,
        name="Erin",
        groups=["team-payments", "team-unknown"],
    )
    return okta


def test_a_new_person_is_created_with_traits_and_roles(managing, nobody):
    seen = managing.pass_through(nobody, "e-1")

    assert seen.path == "/"
    erin = User.objects.get(email="erin@example.com")
    assert (erin.display_name, erin.managed_by) == ("Erin", "okta")
    assert erin.traits == {"team": ["team-payments", "team-unknown"]}
    assert held(erin.email) == ["payments"]
    assert not erin.has_usable_password()
    event = AuditEvent.objects.get(type="user.created", about_name=erin.email)
    assert (event.actor_kind, event.actor_name) == ("system", "connector okta")


def test_each_sign_in_brings_the_person_up_to_date(managing, nobody):
    managing.pass_through(nobody, "e-1")
    managing.knows("e-1", email="erin@example.com", name="Erin", groups=["team-databases"])

    managing.pass_through(Browser(Client()), "e-1")

    assert held("erin@example.com") == ["databases"]
    event = AuditEvent.objects.get(type="user.updated", about_name="erin@example.com")
    assert event.data["changed"] == ["traits", "roles"]


def test_without_a_change_there_is_no_event(managing, nobody):
    managing.pass_through(nobody, "e-1")
    managing.pass_through(Browser(Client()), "e-1")

    assert not AuditEvent.objects.filter(
        type="user.updated", about_name="erin@example.com"
    ).exists()


def test_somebody_whom_documents_describe_keeps_what_they_say(managing, nobody):
    managing.knows(
        "b-1", email="bob@example.com", email_verified=True, groups=["team-payments"]
    )

    managing.pass_through(nobody, "b-1")

    assert held("bob@example.com") == ["developer", "engineering"]
    assert cast.called("bob").traits == {"team": ["payments"]}


def test_whoever_is_managed_gets_no_password_here(managing, nobody, mailoutbox):
    import re

    managing.pass_through(nobody, "e-1")
    visitor = Browser(Client())
    visitor.send("/accounts/password/reset/", email="erin@example.com")
    if not mailoutbox:
        return  # no mail at all is as good
    link = re.search(r"https?://[^/]+(\S+)", mailoutbox[0].body)[1]
    form = visitor.read(link)

    visitor.send(form.path, password1="quite other words 7", password2="quite other words 7")

    assert not User.objects.get(email="erin@example.com").has_usable_password()
