"""A SAML identity provider: it signs what it is told to say, right or wrong."""

import zlib
from base64 import b64decode, b64encode
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit
from xml.sax.saxutils import escape, quoteattr

import xmlsec
from django.utils import timezone
from lxml import etree
from onelogin.saml2.constants import OneLogin_Saml2_Constants as Saml2

from tests.identity.pairs import Pair, pair
from tests.web.reading import Browser, Seen

DOORS = "/accounts/saml/okta/"
HERE = f"http://127.0.0.1:8000{DOORS}"
START, CONSUMER, METADATA = f"{DOORS}login/", f"{HERE}acs/", f"{HERE}metadata/"
ENTITY = "https://idp.example.com/saml"
SSO = "https://idp.example.com/sso?app=plane&realm=a"
_NAMES = f'xmlns:samlp="{Saml2.NS_SAMLP}" xmlns:saml="{Saml2.NS_SAML}"'
_MINUTES = timedelta(minutes=5)


@dataclass(frozen=True, kw_only=True)
class Answer:
    """All that an answer says; an attribute of XML that is None is left out."""

    request: str | None
    uid: str = "e-1"
    attributes: dict[str, list[str]] = field(
        default_factory=lambda: {"email": ["erin@example.com"], "name": ["Erin"]}
    )
    assertion_id: str = "_a1"
    issuer: str = ENTITY
    format: str = Saml2.NAMEID_PERSISTENT
    qualifier: str | None = ENTITY
    audience: str | None = METADATA
    recipient: str | None = CONSUMER
    destination: str | None = CONSUMER
    method: str = Saml2.CM_BEARER
    begins: timedelta = -_MINUTES
    ends: timedelta = _MINUTES
    confirmed_until: timedelta | str | None = _MINUTES
    envelope_request: str | None = "as the assertion"
    status: str = Saml2.STATUS_SUCCESS
    by: Pair = field(default_factory=pair)
    signature: Any = xmlsec.Transform.RSA_SHA256
    digest: Any = xmlsec.Transform.SHA256

    def but(self, **changed: object) -> "Answer":
        return replace(self, **changed)

    def assertion(self, *, signed: bool = True) -> str:
        xml = f"""<saml:Assertion {_NAMES} Version="2.0" ID="{self.assertion_id}" \
IssueInstant="{_moment()}"><saml:Issuer>{self.issuer}</saml:Issuer><saml:Subject>\
<saml:NameID Format="{self.format}"{_given(NameQualifier=self.qualifier)}>{self.uid}\
</saml:NameID><saml:SubjectConfirmation Method="{self.method}"><saml:SubjectConfirmationData\
{self._confirmation()}/></saml:SubjectConfirmation></saml:Subject>\
<saml:Conditions NotBefore="{_moment(self.begins)}" NotOnOrAfter="{_moment(self.ends)}">\
{self._audience()}</saml:Conditions><saml:AuthnStatement AuthnInstant="{_moment()}">\
<saml:AuthnContext><saml:AuthnContextClassRef>{Saml2.AC_PASSWORD}</saml:AuthnContextClassRef>\
</saml:AuthnContext></saml:AuthnStatement>{self._statement()}</saml:Assertion>"""
        return self.signing(xml) if signed else xml

    def response(self, assertion: str | None = None, *, signed: bool = False) -> str:
        envelope = self.request
        if self.envelope_request != "as the assertion":
            envelope = self.envelope_request
        given = _given(Destination=self.destination, InResponseTo=envelope)
        xml = f"""<samlp:Response {_NAMES} Version="2.0" ID="_r1" IssueInstant="{_moment()}"\
{given}><saml:Issuer>{self.issuer}</saml:Issuer><samlp:Status><samlp:StatusCode \
Value="{self.status}"/></samlp:Status>{assertion or self.assertion()}</samlp:Response>"""
        return self.signing(xml) if signed else xml

    def signing(self, xml: str) -> str:
        """The element, signed."""
        element = etree.fromstring(xml)
        c14n = xmlsec.Transform.EXCL_C14N
        signature = xmlsec.template.create(element, c14n, self.signature, ns="ds")
        element.insert(1, signature)  # after the issuer
        uri = f"#{element.get('ID')}"
        reference = xmlsec.template.add_reference(signature, self.digest, uri=uri)
        xmlsec.template.add_transform(reference, xmlsec.Transform.ENVELOPED)
        xmlsec.template.add_transform(reference, c14n)
        xmlsec.tree.add_ids(element, ["ID"])
        context = xmlsec.SignatureContext()
        context.key = xmlsec.Key.from_memory(self.by.key, xmlsec.KeyFormat.PEM)
        context.sign(signature)
        return etree.tostring(element).decode()

    def _confirmation(self) -> str:
        until = self.confirmed_until
        return _given(
            NotOnOrAfter=_moment(until) if isinstance(until, timedelta) else until,
            Recipient=self.recipient,
            InResponseTo=self.request,
        )

    def _audience(self) -> str:
        if self.audience is None:
            return ""
        inner = f"<saml:Audience>{self.audience}</saml:Audience>"
        return f"<saml:AudienceRestriction>{inner}</saml:AudienceRestriction>"

    def _statement(self) -> str:
        if not self.attributes:
            return ""
        rows = []
        for name, values in self.attributes.items():
            inner = "".join(
                f"<saml:AttributeValue>{escape(one)}</saml:AttributeValue>" for one in values
            )
            rows.append(f"<saml:Attribute Name={quoteattr(name)}>{inner}</saml:Attribute>")
        return f"<saml:AttributeStatement>{''.join(rows)}</saml:AttributeStatement>"


def asked(location: str) -> etree._Element:
    """The request that an address carries to the provider."""
    packed = parse_qs(urlsplit(location).query)["SAMLRequest"][0]
    return etree.fromstring(zlib.decompress(b64decode(packed), -15))


def packed(xml: str) -> str:
    """As a browser posts it."""
    return b64encode(xml.encode()).decode()


def begin(browser: Browser, **query: str) -> str:
    """Start a sign-in; the id of the request that was sent."""
    return asked(browser.client.get(START, query).headers["Location"]).get("ID")


def come_back(browser: Browser, xml: str) -> Seen:
    """Post what the provider says, without a session as a browser does, and follow."""
    posted = Browser(browser.client.__class__(enforce_csrf_checks=True)).client.post(
        f"{DOORS}acs/", {"SAMLResponse": packed(xml), "RelayState": "https://evil.example/"}
    )
    assert not posted.cookies
    if posted.status_code != 302:
        return Seen(posted)
    return browser.read(posted.headers["Location"])


def pass_through(browser: Browser, uid: str = "e-1", **said: object) -> Seen:
    """Go there, sign in as `uid`, come back."""
    request = begin(browser)
    return come_back(
        browser, Answer(request=request, uid=uid, assertion_id=f"_{request}", **said).response()
    )


def _moment(away: timedelta = timedelta()) -> str:
    return f"{timezone.now() + away:%Y-%m-%dT%H:%M:%SZ}"


def _given(**attributes: str | None) -> str:
    return "".join(
        f" {name}={quoteattr(value)}" for name, value in attributes.items() if value is not None
    )
