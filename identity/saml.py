"""SAML 2.0 through python3-saml: what we ask, what we believe of an answer, and who we say we are.

What it stands on (lxml, xmlsec) is large: it is imported where a SAML connector is at work, and
nowhere else.
"""

import secrets
from base64 import b64encode
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode, urlsplit

import xmlsec
from django.conf import settings
from django.urls import reverse
from lxml import etree
from onelogin.saml2.constants import OneLogin_Saml2_Constants as Saml2
from onelogin.saml2.errors import OneLogin_Saml2_Error, OneLogin_Saml2_ValidationError
from onelogin.saml2.metadata import OneLogin_Saml2_Metadata
from onelogin.saml2.response import OneLogin_Saml2_Response
from onelogin.saml2.settings import OneLogin_Saml2_Settings
from onelogin.saml2.utils import OneLogin_Saml2_Utils

from identity.connector_spec import Saml
from identity.models.connector import ID_LENGTH
from identity.services.assertions import Believed

# In characters of base64; nobody's groups need more.
LARGEST = 256 * 1024
_ALGORITHMS = {
    *(f"http://www.w3.org/2001/04/xmldsig-more#rsa-sha{bits}" for bits in (256, 384, 512)),
    *(f"http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha{bits}" for bits in (256, 384, 512)),
    *(Saml2.SHA256, Saml2.SHA384, Saml2.SHA512),
}
_UNREADABLE = (
    OneLogin_Saml2_Error,
    OneLogin_Saml2_ValidationError,
    ValueError,
    etree.LxmlError,
    xmlsec.Error,
)


class NotBelieved(Exception):
    """An answer that proves nothing. The text is for the operator."""


@dataclass(frozen=True, slots=True)
class Question:
    """A request for a sign-in: its id, and the address that carries it to the provider."""

    id: str
    address: str


@dataclass(frozen=True, slots=True)
class Here:
    """This plane, as the provider of one connector knows it."""

    name: str
    consumer: str

    @classmethod
    def of(cls, connector_name: str) -> "Here":
        """By the address that people type, whatever host a call names."""
        doors = (reverse(door, args=[connector_name]) for door in ("saml_metadata", "saml_acs"))
        return cls(*(settings.ACCESSPLANE_PUBLIC_URL.rstrip("/") + door for door in doors))


def question(connector_name: str, given: Saml, *, key: str, at: datetime) -> Question:
    """What sends a browser to the provider, signed if there is a key; ValueError if that is none."""
    request_id = f"_{secrets.token_hex(20)}"
    packed = OneLogin_Saml2_Utils.deflate_and_base64_encode(
        _authn_request(Here.of(connector_name), given, request_id, at)
    )
    query = urlencode({"SAMLRequest": packed})
    if key:
        query = _signed(f"{query}&{urlencode({'SigAlg': Saml2.RSA_SHA256})}", key)
    mark = "&" if "?" in given.sso_url else "?"
    return Question(request_id, f"{given.sso_url}{mark}{query}")


def description(connector_name: str, given: Saml) -> bytes:
    """Our metadata, for whoever sets up the provider."""
    has_key = bool(given.signing_certificate)
    # python3-saml would say that it is good for two days, and people upload it for years.
    written = OneLogin_Saml2_Metadata.builder(
        _plane(Here.of(connector_name)),
        authnsign=has_key,
        wsign=True,
        valid_until="",
        cache_duration="",
    )
    whole = OneLogin_Saml2_Metadata.add_x509_key_descriptors(
        written, given.signing_certificate, add_encryption=False
    )
    return whole if isinstance(whole, bytes) else whole.encode()


def believe(connector_name: str, given: Saml, answer: str, *, at: datetime) -> Believed:
    """What a posted answer proves; `NotBelieved` if that is nothing.

    python3-saml looks at the form, the times and the signatures, of which the assertion must have
    its own. What it takes from outside of the assertion, or lets pass when it is missing, is
    looked at here, in what was signed.
    """
    if len(answer) > LARGEST:
        raise NotBelieved("It is too large.")
    here = Here.of(connector_name)
    try:
        response = OneLogin_Saml2_Response(_library_settings(here, given), answer)
        if not response.is_valid(_call_to(here)):
            raise NotBelieved(response.get_error())
        assertion = response.get_xml_document().find("saml:Assertion", Saml2.NSMAP)
        _check_algorithms(assertion)
        _check_parties(response.get_xml_document(), assertion, here, given)
        request_id, expires_at = _confirmed(assertion, here, at)
        believed = Believed(
            assertion_id=assertion.get("ID"),
            request_id=request_id,
            uid=_subject(response, given),
            said=_attributes(response),
            expires_at=expires_at,
        )
    except _UNREADABLE as error:
        raise NotBelieved(f"{type(error).__name__}: {error}") from error
    if max(map(len, (believed.assertion_id, believed.request_id, believed.uid))) > ID_LENGTH:
        raise NotBelieved(f"An id is longer than {ID_LENGTH} characters.")
    return believed


def _authn_request(here: Here, given: Saml, request_id: str, at: datetime) -> bytes:
    # By hand, because the template of python3-saml escapes nothing.
    request = etree.Element(
        f"{{{Saml2.NS_SAMLP}}}AuthnRequest",
        ID=request_id,
        Version="2.0",
        IssueInstant=f"{at:%Y-%m-%dT%H:%M:%SZ}",
        Destination=given.sso_url,
        ProtocolBinding=Saml2.BINDING_HTTP_POST,
        AssertionConsumerServiceURL=here.consumer,
    )
    etree.SubElement(request, f"{{{Saml2.NS_SAML}}}Issuer").text = here.name
    etree.SubElement(
        request,
        f"{{{Saml2.NS_SAMLP}}}NameIDPolicy",
        Format=Saml2.NAMEID_PERSISTENT,
        AllowCreate="true",
    )
    written: bytes = etree.tostring(request)
    return written


def _signed(query: str, key: str) -> str:
    whole = OneLogin_Saml2_Utils.format_private_key(key)
    try:
        signature = OneLogin_Saml2_Utils.sign_binary(
            query, whole, xmlsec.constants.TransformRsaSha256
        )
    except xmlsec.Error as error:
        raise ValueError("the signing key cannot be used") from error
    return f"{query}&{urlencode({'Signature': b64encode(signature)})}"


def _plane(here: Here) -> dict[str, Any]:
    return {
        "entityId": here.name,
        "assertionConsumerService": {
            "url": here.consumer,
            "binding": Saml2.BINDING_HTTP_POST,
        },
        "NameIDFormat": Saml2.NAMEID_PERSISTENT,
    }


def _library_settings(here: Here, given: Saml) -> OneLogin_Saml2_Settings:
    # Without our key: nothing that came unsigned is decrypted.
    return OneLogin_Saml2_Settings(
        {
            "strict": True,
            "sp": _plane(here),
            "idp": {
                "entityId": given.entity_id,
                "singleSignOnService": {"url": given.sso_url},
                "x509certMulti": {"signing": list(given.certificates)},
            },
            "security": {
                "wantAssertionsSigned": True,
                "rejectDeprecatedAlgorithm": True,
                "requestedAuthnContext": False,
                "wantAttributeStatement": False,
                "allowRepeatAttributeName": True,
                "allowSingleLabelDomains": True,
            },
        }
    )


def _call_to(here: Here) -> dict[str, str]:
    url = urlsplit(here.consumer)
    return {
        "https": "on" if url.scheme == "https" else "off",
        "http_host": url.netloc,
        "script_name": "",
        "path_info": url.path,
    }


def _check_algorithms(assertion: Any) -> None:
    used = {
        one.get("Algorithm")
        for kind in ("SignatureMethod", "DigestMethod")
        for one in assertion.iterfind(f"ds:Signature//ds:{kind}", Saml2.NSMAP)
    }
    if not used <= _ALGORITHMS:
        raise NotBelieved(f"It is signed with {sorted(used - _ALGORITHMS)}.")


def _check_parties(document: Any, assertion: Any, here: Here, given: Saml) -> None:
    if assertion.findtext("saml:Issuer", namespaces=Saml2.NSMAP) != given.entity_id:
        raise NotBelieved("The assertion is of another issuer.")
    if document.get("Destination") != here.consumer:
        raise NotBelieved("It was sent to another address.")
    audiences = assertion.findall("saml:Conditions/saml:AudienceRestriction", Saml2.NSMAP)
    if not audiences:
        raise NotBelieved("It does not say for whom it is.")
    for audience in audiences:
        if here.name not in [
            one.text for one in audience.findall("saml:Audience", Saml2.NSMAP)
        ]:
            raise NotBelieved("It is for somebody else.")


def _confirmed(assertion: Any, here: Here, at: datetime) -> tuple[str, datetime]:
    """The request that it answers, and until when it may."""
    for one in assertion.findall("saml:Subject/saml:SubjectConfirmation", Saml2.NSMAP):
        data = one.find("saml:SubjectConfirmationData", Saml2.NSMAP)
        if one.get("Method") != Saml2.CM_BEARER or data is None:
            continue
        if data.get("Recipient") != here.consumer or not data.get("InResponseTo"):
            continue
        expires_at = datetime.fromisoformat(data.get("NotOnOrAfter", ""))
        if expires_at.tzinfo and at < expires_at:
            return data.get("InResponseTo"), expires_at
    raise NotBelieved("It answers no request of ours, was not for this address, or is too old.")


def _subject(response: OneLogin_Saml2_Response, given: Saml) -> str:
    data = response.get_nameid_data()
    if data.get("Format") != Saml2.NAMEID_PERSISTENT:
        raise NotBelieved(f"The NameID is {data.get('Format')}, and must be persistent.")
    if data.get("NameQualifier", given.entity_id) != given.entity_id:
        raise NotBelieved("The NameID is of another provider.")
    uid: str = data["Value"]
    return uid


def _attributes(response: OneLogin_Saml2_Response) -> dict[str, Any]:
    """Each attribute by its name: its value, or a list of them."""
    found = response.get_attributes()
    return {name: values[0] if len(values) == 1 else values for name, values in found.items()}
