"""Answers that no SAML provider of ours gave, or gave for somebody or something else."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
import xmlsec
from allauth.socialaccount.models import SocialAccount
from onelogin.saml2.constants import OneLogin_Saml2_Constants as Saml2

from audit.models import AuditEvent
from identity.models import SamlAssertion, User
from tests import cast
from tests.identity.pairs import pair
from tests.identity.test_connectors import saml_connector
from tests.web.reading import Browser
from tests.web.saml_provider import (
    CONSUMER,
    METADATA,
    Answer,
    begin,
    come_back,
    pass_through,
)

MINUTE = timedelta(minutes=1)
TRANSIENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"
MAIL = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"
MALLORY = {"uid": "m-1", "attributes": {"email": ["mallory@example.com"]}}
SIGNATURE = re.compile(r"<ds:Signature.*</ds:Signature>", re.DOTALL)
Forgery = Callable[[Answer], str]


@pytest.fixture
def okta(db):
    """It creates whoever comes."""
    known = {"certificates": [pair().certificate, pair("curve", 256).certificate]}
    cast.apply(saml_connector(assume_verified=True, create=True, settings=known))


def saying(**changed: object) -> Forgery:
    """An answer that is signed as it should be, and says something else."""
    return lambda answer: answer.but(**changed).response()


# Each leaves the provider's signature as it is, and changes what it is over.
CHANGED: dict[str, Forgery] = {
    "another address": lambda answer: answer.response().replace("erin@", "dana@"),
    "another id": lambda answer: answer.response().replace(">e-1<", ">e-2<"),
    "another audience": lambda answer: (
        answer.but(audience="https://other.example")
        .response()
        .replace("https://other.example", METADATA)
    ),
    "another request": lambda answer: (
        answer.but(request="_of_mallory").response().replace("_of_mallory", answer.request)
    ),
    "no signature": lambda answer: answer.response(answer.assertion(signed=False)),
    "the envelope's alone": lambda answer: answer.response(
        answer.assertion(signed=False), signed=True
    ),
    "a signature cut off": lambda answer: SIGNATURE.sub("", answer.response()),
    "signed by somebody else": saying(by=pair("mallory")),
    "sha-1 in the signature": saying(signature=xmlsec.Transform.RSA_SHA1),
    "sha-1 in the signature of a curve": saying(
        by=pair("curve", 256), signature=xmlsec.Transform.ECDSA_SHA1
    ),
    "sha-1 around a good assertion": lambda answer: answer.but(
        signature=xmlsec.Transform.RSA_SHA1
    ).response(answer.assertion(), signed=True),
    "sha-1 in the digest": saying(digest=xmlsec.Transform.SHA1),
    "sha-224 in the digest": saying(digest=xmlsec.Transform.SHA224),
}

# Signed as it should be, and not for this plane, this browser, this moment.
FOR_OTHERS: dict[str, Forgery] = {
    "another audience": saying(audience="https://other.example/metadata"),
    "a longer audience": saying(audience=f"{METADATA}x"),
    "no audience": saying(audience=None),
    "another audience beside ours": saying(
        audience=f"{METADATA}</saml:Audience></saml:AudienceRestriction>"
        "<saml:AudienceRestriction><saml:Audience>https://other.example/metadata"
    ),
    "another destination": saying(destination="https://other.example/acs/"),
    "a longer destination": saying(destination=f"{CONSUMER}x"),
    "no destination": saying(destination=None),
    "an empty destination": saying(destination=""),
    "another recipient": saying(recipient="https://other.example/acs/"),
    "a longer recipient": saying(recipient=f"{CONSUMER}x"),
    "no recipient": saying(recipient=None),
    "it answers nothing": saying(request=None),
    "it answers nothing, its envelope does": lambda answer: answer.but(
        request=None, envelope_request=answer.request
    ).response(),
    "it answers another, its envelope does not": lambda answer: answer.but(
        request="_of_mallory", envelope_request=answer.request
    ).response(),
    "it answers what nobody asked": saying(request="_never"),
    "another issuer": saying(issuer="https://other.example/saml"),
    "no issuer": saying(issuer=""),
    "a time that is over": saying(ends=-6 * MINUTE),
    "a time to come": saying(begins=6 * MINUTE, ends=9 * MINUTE),
    "a confirmation that is over": saying(confirmed_until=-MINUTE),
    "a confirmation without an end": saying(confirmed_until=None),
    "a confirmation without a zone": saying(confirmed_until="2099-01-01T12:00:00.0"),
    "a confirmation by a key": saying(method=Saml2.CM_HOLDER_KEY),
    "an id for one visit": saying(format=TRANSIENT),
    "an address as the id": saying(format=MAIL, uid="erin@example.com"),
    "an id of another provider": saying(qualifier="https://other.example/saml"),
    "an id that is too long": saying(uid="x" * 192),
    "no id": saying(uid=""),
    "a refusal": saying(status=Saml2.STATUS_RESPONDER),
}


def two(first: str, second: str) -> Forgery:
    """An answer with what mallory wrote and what was signed for her, in this order."""

    def forged(answer: Answer) -> str:
        real = answer.but(**MALLORY).assertion()
        wrong = answer.but(assertion_id="_forged").assertion(signed=False)
        parts = {"real": real, "wrong": wrong}
        return answer.response(parts[first] + parts[second])

    return forged


def inside(assertion_id: str, place: str) -> Forgery:
    """What was signed for mallory stands within the signature of what she wrote, in `place`."""

    def forged(answer: Answer) -> str:
        real = answer.but(**MALLORY).assertion()
        signature = SIGNATURE.search(real)[0]
        bare = SIGNATURE.sub("", real)
        wrong = answer.but(assertion_id=assertion_id).assertion(signed=False)
        whole = signature.replace("</ds:Signature>", f"{place.format(bare)}</ds:Signature>")
        return answer.response(wrong.replace("</saml:Issuer>", f"</saml:Issuer>{whole}", 1))

    return forged


def around(answer: Answer) -> str:
    """The real answer is an extension of the forged one."""
    real = answer.but(**MALLORY).assertion()
    wrong = answer.but(assertion_id="_forged").assertion(signed=False)
    extensions = f"<samlp:Extensions>{real}</samlp:Extensions><samlp:Status>"
    return answer.response(wrong).replace("<samlp:Status>", extensions, 1)


def moved(answer: Answer) -> str:
    """The signature of the real one, over it, hangs in the forged one."""
    real = answer.but(**MALLORY).assertion()
    signature, bare = SIGNATURE.search(real)[0], SIGNATURE.sub("", real)
    wrong = answer.but(assertion_id="_forged").assertion(signed=False)
    wrong = wrong.replace("</saml:Issuer>", f"</saml:Issuer>{signature}", 1)
    return answer.response(wrong + bare)


WRAPPED: dict[str, Forgery] = {
    "the real one first": two("real", "wrong"),
    "the forged one first": two("wrong", "real"),
    "the real one twice": two("real", "real"),
    "in an object": inside("_forged", "<ds:Object>{}</ds:Object>"),
    "in an object, with the same id": inside("_a1", "<ds:Object>{}</ds:Object>"),
    "in the signature itself": inside("_a1", "{}"),
    "in an extension": around,
    "a signature that was moved": moved,
}


def with_prolog(prolog: str, name: str = "erin@example.com") -> Forgery:
    """A document type before the answer, and an entity in an address."""
    return lambda answer: prolog + answer.response().replace("erin@example.com", name)


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 9))
XML: dict[str, Forgery] = {
    "a document type": with_prolog("<!DOCTYPE samlp:Response>"),
    "an entity": with_prolog('<!DOCTYPE r [<!ENTITY e "erin@example.com">]>', "&e;"),
    "a file": with_prolog('<!DOCTYPE r [<!ENTITY e SYSTEM "file:///etc/hostname">]>', "&e;"),
    "an address": with_prolog('<!DOCTYPE r SYSTEM "http://127.0.0.1:9/x.dtd">'),
    "laughs": with_prolog(f'<!DOCTYPE r [<!ENTITY l0 "ha">{LAUGHS}]>', "&l8;"),
    "nothing": lambda _answer: "",
    "no XML": lambda _answer: "<<<",
    "something else": lambda _answer: "<a/>",
    "a comment": lambda _answer: "<!-- -->",
    "too much": lambda answer: answer.response() + " " * 300_000,
    "an assertion alone": lambda answer: answer.assertion(),
    "something encrypted": lambda answer: answer.response(
        "<saml:EncryptedAssertion><xenc:EncryptedData "
        'xmlns:xenc="http://www.w3.org/2001/04/xmlenc#"><xenc:CipherData><xenc:CipherValue>eA=='
        "</xenc:CipherValue></xenc:CipherData></xenc:EncryptedData></saml:EncryptedAssertion>"
    ),
    "nothing in it": lambda answer: answer.response("<!-- -->"),
    "another version": lambda answer: answer.response().replace('"2.0"', '"1.1"'),
}
FORGERIES = [
    pytest.param(forged, id=f"{kind}: {name}")
    for kind, forgeries in {
        "changed": CHANGED,
        "for others": FOR_OTHERS,
        "wrapped": WRAPPED,
        "xml": XML,
    }.items()
    for name, forged in forgeries.items()
]


@pytest.mark.parametrize("forged", FORGERIES)
def test_a_forgery_signs_nobody_in(okta, nobody, forged):
    answer = Answer(request=begin(nobody))
    events, people = AuditEvent.objects.count(), User.objects.count()

    seen = come_back(nobody, forged(answer))

    assert seen.status == 403
    assert "The sign-in did not come to its end." in seen.text
    assert nobody.read("/").path == "/accounts/login/"
    assert (AuditEvent.objects.count(), User.objects.count()) == (events, people)
    assert not SocialAccount.objects.exists()
    assert (
        not SamlAssertion.objects.filter(said__isnull=False)
        .exclude(request_id="_never")
        .exists()
    )


def test_the_answer_that_all_of_these_were_made_of_is_good(okta, nobody):
    assert come_back(nobody, Answer(request=begin(nobody)).response()).path == "/"
    assert User.objects.get(email="erin@example.com").managed_by == "okta"


@pytest.mark.parametrize("posted", [{}, {"SAMLResponse": ""}, {"SAMLResponse": "ä%"}])
def test_what_is_no_answer_at_all(okta, nobody, posted):
    assert nobody.client.post("/accounts/saml/okta/acs/", posted).status_code == 403
    assert nobody.client.get("/accounts/saml/okta/acs/").status_code == 405


@pytest.mark.parametrize("query", ["", "?state=", "?state=_never"])
def test_nobody_ends_what_he_did_not_begin(okta, nobody, query):
    assert nobody.client.get(f"/accounts/saml/okta/finish/{query}").status_code == 403


def test_a_comment_in_an_id_cuts_nothing_off(okta, nobody):
    """Who is `e-1x` at the provider writes `e-1<!-- -->x`, which has the same signature."""
    pass_through(nobody)
    other = Browser(nobody.client.__class__())
    answer = Answer(request=begin(other), uid="e-1x", assertion_id="_a2")
    answer = answer.but(attributes={"email": ["frank@example.com"]})

    come_back(other, answer.response().replace(">e-1x<", ">e-1<!-- -->x<"))

    me = other.client.get("/api/v1/users/me/").json()
    assert me["email"] == "frank@example.com"


def test_the_envelope_may_be_signed_as_well(okta, nobody):
    answer = Answer(request=begin(nobody))

    assert come_back(nobody, answer.response(signed=True)).path == "/"


def test_a_key_may_be_of_a_curve(okta, nobody):
    curve = {"by": pair("curve", 256), "signature": xmlsec.Transform.ECDSA_SHA256}

    assert pass_through(nobody, **curve).path == "/"
