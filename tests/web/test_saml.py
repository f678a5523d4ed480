"""Signing in through a SAML provider."""

from base64 import b64decode
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from allauth.mfa.totp.internal.auth import TOTP
from allauth.socialaccount.models import SocialAccount
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509 import load_pem_x509_certificate
from django.test import Client
from django.utils import timezone
from lxml import etree
from onelogin.saml2.constants import OneLogin_Saml2_Constants as Saml2
from onelogin.saml2.settings import OneLogin_Saml2_Settings

from identity.models import SamlAssertion, User
from tests import cast
from tests.identity.pairs import pair
from tests.identity.test_connectors import connector, saml_connector, told
from tests.web.reading import Browser
from tests.web.saml_provider import (
    CONSUMER,
    DOORS,
    ENTITY,
    METADATA,
    SSO,
    START,
    Answer,
    asked,
    begin,
    come_back,
    packed,
    pass_through,
)
from tests.web.test_factors import code
from tests.web.test_sso import MAPPING, held, refused
from tests.witness import nothing_happens

FAILED = "The sign-in did not come to its end."
BOB = {"attributes": {"email": ["Bob@example.com"]}}


@pytest.fixture
def okta(everybody):
    cast.apply(saml_connector(assume_verified=True))


def email_of(browser: Browser) -> str:
    return browser.client.get("/api/v1/users/me/").json()["email"]


# --- who is let in ------------------------------------------------------------------------------


def test_somebody_known_is_let_in(okta, nobody):
    seen = pass_through(nobody, "b-1", **BOB)

    assert (seen.path, seen.status) == ("/", 200)
    assert told("login.succeeded") == [{"proofs": ["okta"]}]
    assert held("bob@example.com") == ["developer", "engineering"]
    account = SocialAccount.objects.get()
    assert (account.uid, account.user.email, account.extra_data) == (
        "b-1",
        "bob@example.com",
        {},
    )
    assert SamlAssertion.objects.get().said is None


def test_afterwards_the_id_counts_and_the_address_no_more(okta, nobody):
    pass_through(nobody, "b-1", **BOB)
    again = Browser(Client())

    pass_through(again, "b-1", attributes={"email": ["alice@example.com"]})

    assert email_of(again) == "bob@example.com"


@pytest.mark.parametrize(
    ("spec", "attributes", "sentence"),
    [
        ({"assume_verified": False}, {"email": ["bob@example.com"]}, "has not verified"),
        ({}, {"email": ["bob@evil.example"]}, "does not speak for"),
        ({}, {"name": ["Bob"]}, "did not say which e-mail address"),
        ({}, {"email": ["bob@example.com", "dana@example.com"]}, "did not say which e-mail"),
        ({}, {"email": ["erin@example.com"]}, "Nobody here has the address"),
        ({}, {"email": ["robot@example.com"]}, "A bot signs in with"),
        ({}, {}, "did not say which e-mail address"),
    ],
)
def test_who_is_not_let_in(everybody, nobody, spec, attributes, sentence):
    cast.apply(saml_connector(**{"assume_verified": True, **spec}))

    with nothing_happens():
        seen = pass_through(nobody, "x-1", attributes=attributes)

    assert refused(seen, sentence)
    assert not SocialAccount.objects.exists()
    assert nobody.read("/").path == "/accounts/login/"


def test_nobody_else_comes_as_somebody_who_came_before(okta, nobody):
    pass_through(nobody, "b-1", **BOB)

    seen = pass_through(Browser(Client()), "m-1", **BOB)

    assert refused(seen, "Somebody else came as bob@example.com before.")


def test_a_second_factor_is_asked_for_all_the_same(okta, nobody, bob):
    secret = "JBSWY3DPEHPK3PXP"
    TOTP.activate(bob, secret)

    assert pass_through(nobody, "b-1", **BOB).path == "/accounts/2fa/authenticate/"
    assert nobody.read("/reviews").path != "/reviews"

    nobody.send("/accounts/2fa/authenticate/", code=code(secret))
    assert nobody.read("/reviews").path == "/reviews"
    assert told("login.succeeded") == [{"proofs": ["okta", "app"]}]


def test_a_new_person_is_created_and_kept_up_to_date(okta, nobody):
    cast.apply(cast.role("payments"), cast.role("databases"))
    groups = "http://schemas.example.com/claims/groups"
    mapping = [MAPPING[0] | {"claim": groups}]
    cast.apply(
        saml_connector(
            assume_verified=True,
            create=True,
            claims={"email": "mail", "name": "cn"},
            traits={"team": groups},
            roles=mapping,
        )
    )
    said = {"mail": ["erin@example.com"], "cn": ["Erin"]}

    pass_through(nobody, attributes=said | {groups: ["team-payments", "team-none"]})
    erin = User.objects.get(email="erin@example.com")
    assert (erin.display_name, erin.managed_by) == ("Erin", "okta")
    assert erin.traits == {"team": ["team-payments", "team-none"]}
    assert held(erin.email) == ["payments"]

    pass_through(Browser(Client()), attributes=said | {groups: ["team-databases"]})
    assert held(erin.email) == ["databases"]


# --- the way there ------------------------------------------------------------------------------


def test_the_page_offers_it_and_it_goes_on_where_one_wanted_to_go(okta, nobody):
    source = nobody.read("/accounts/login/?next=/reviews").source
    assert f'href="{START}?next=/reviews"' in source

    request = begin(nobody, next="/reviews")
    seen = come_back(nobody, Answer(request=request, uid="b-1", **BOB).response())

    assert seen.path == "/reviews"


@pytest.mark.parametrize("goal", ["https://evil.example/", "//evil.example", "javascript:x"])
def test_it_leads_to_our_own_pages_alone(okta, nobody, goal):
    request = begin(nobody, next=goal)

    assert come_back(nobody, Answer(request=request, **BOB).response()).path == "/"


def test_what_is_asked(okta, nobody):
    location = nobody.client.get(START).headers["Location"]

    assert location.startswith(f"{SSO}&SAMLRequest=")
    sent = asked(location)
    assert sent.get("Destination") == SSO
    assert sent.get("AssertionConsumerServiceURL") == CONSUMER
    assert sent.findtext("saml:Issuer", namespaces=Saml2.NSMAP) == METADATA
    assert sent.find("samlp:NameIDPolicy", Saml2.NSMAP).get("Format").endswith(":persistent")
    assert "Signature" not in parse_qs(urlsplit(location).query)


def test_what_is_asked_is_signed_if_there_is_a_key(everybody, nobody, monkeypatch):
    ours = pair("plane")
    monkeypatch.setenv("SAML_KEY", ours.key)
    signing = {"signing_key": "env:SAML_KEY", "signing_certificate": ours.certificate}
    cast.apply(saml_connector(settings=signing))

    location = nobody.client.get(START).headers["Location"]
    signed, _, rest = urlsplit(location).query.partition("&Signature=")
    signed = signed[signed.index("SAMLRequest=") :]
    signature = parse_qs(f"x={rest}")["x"][0]
    key = load_pem_x509_certificate(ours.certificate.encode()).public_key()
    key.verify(b64decode(signature), signed.encode(), padding.PKCS1v15(), SHA256())
    assert parse_qs(signed)["SigAlg"] == [Saml2.RSA_SHA256]
    described = nobody.client.get(f"{DOORS}metadata/").content.decode()
    assert 'AuthnRequestsSigned="true"' in described
    assert ours.certificate.split("\n")[1] in described
    assert "PRIVATE" not in described

    monkeypatch.setenv("SAML_KEY", "no key")
    assert refused(nobody.read(START), FAILED)
    monkeypatch.delenv("SAML_KEY")
    assert refused(nobody.read(START), FAILED)


def test_the_plane_describes_itself(okta, nobody):
    answer = nobody.client.get(f"{DOORS}metadata/")

    assert answer.headers["Content-Type"] == "application/samlmetadata+xml"
    root = etree.fromstring(answer.content)
    assert (root.get("entityID"), root.get("validUntil")) == (METADATA, None)
    door = root.find(".//md:AssertionConsumerService", Saml2.NSMAP)
    assert door.get("Location") == CONSUMER
    checker = OneLogin_Saml2_Settings.__new__(OneLogin_Saml2_Settings)
    checker._debug = False
    assert checker.validate_metadata(answer.content.decode()) == []


@pytest.mark.parametrize("door", ["login/", "finish/?state=x", "metadata/", "acs/"])
@pytest.mark.parametrize("name", ["closed", "unknown", "other"])
def test_a_connector_that_is_closed_unknown_or_of_another_type_is_not_there(
    everybody, nobody, name, door
):
    cast.apply(saml_connector("closed", active=False), connector("other"))
    call = nobody.client.post if door == "acs/" else nobody.client.get

    assert call(f"/accounts/saml/{name}/{door}").status_code == 404


@pytest.mark.parametrize("door", ["login/", "login/callback/?code=x&state=y"])
def test_it_is_not_at_the_doors_of_the_other_type(okta, nobody, door):
    assert nobody.client.get(f"/accounts/oidc/okta/{door}").status_code == 404


# --- the way back -------------------------------------------------------------------------------


def test_an_answer_is_good_once_and_only_for_the_browser_that_asked(okta, nobody):
    other = Browser(Client())
    begin(other)
    answer = Answer(request=begin(nobody), uid="b-1", **BOB).response()

    assert refused(come_back(other, answer), FAILED)
    assert told("login.succeeded") == []
    # Whoever carried it off has used it up.
    assert refused(come_back(nobody, answer), FAILED)
    assert nobody.read("/").path == "/accounts/login/"


def test_an_answer_that_came_before_is_refused_until_it_is_too_old_anyway(okta, nobody):
    answer = Answer(request=begin(nobody), uid="b-1", **BOB)
    first = answer.response()
    come_back(nobody, first)
    nobody.send("/accounts/logout/")

    again = begin(nobody)
    assert refused(come_back(nobody, first), FAILED)
    # The provider repeats an id, or somebody could have it sign the same twice.
    assert refused(come_back(nobody, answer.but(request=again).response()), FAILED)
    assert refused(come_back(nobody, answer.but(assertion_id="_a2").response()), FAILED)
    assert len(told("login.succeeded")) == 1

    with time_machine.travel(timezone.now() + timedelta(minutes=6), tick=True):
        assert refused(come_back(nobody, first), FAILED)
        pass_through(nobody, "b-1", **BOB)
    assert SamlAssertion.objects.count() == 1  # the one whose time was over is gone


def test_what_was_answered_waits_no_longer_than_it_is_good(okta, nobody):
    request = begin(nobody)
    posted = Client().post(
        f"{DOORS}acs/",
        {"SAMLResponse": packed(Answer(request=request, uid="b-1", **BOB).response())},
    )

    with time_machine.travel(timezone.now() + timedelta(minutes=6), tick=True):
        assert refused(nobody.read(posted.headers["Location"]), FAILED)
    assert told("login.succeeded") == []


def test_two_tabs_end_each_where_it_began(okta, nobody):
    first, second = begin(nobody, next="/reviews"), begin(nobody, next="/explain")

    answer = Answer(request=first, uid="b-1", **BOB)
    assert come_back(nobody, answer.response()).path == "/reviews"
    answer = answer.but(request=second, assertion_id="_a2")
    assert come_back(nobody, answer.response()).path == "/explain"


def test_the_certificate_of_tomorrow_counts_today(everybody, nobody):
    both = [pair("tomorrow").certificate, pair().certificate]
    cast.apply(saml_connector(assume_verified=True, settings={"certificates": both}))

    assert pass_through(nobody, "b-1", **BOB).path == "/"
    assert pass_through(Browser(Client()), "b-1", by=pair("tomorrow"), **BOB).path == "/"


def test_the_provider_stays_once_people_are_known_by_it(okta, nobody):
    pass_through(nobody, "b-1", **BOB)

    for other in (
        saml_connector(settings={"entity_id": "https://other.example"}),
        connector(settings={"issuer": ENTITY}),
    ):
        with pytest.raises(Exception, match="another connector for another issuer"):
            cast.apply(other)
