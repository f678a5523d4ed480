"""Pure: the connector document, and what the claims of a sign-in through it come to (SEMANTICS 1)."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal
from urllib.parse import urlsplit

from accessplane.lib.matching import compile_pattern
from identity import certificates, claims
from identity.role_spec import GUARDED_PRESETS, ClaimMapping
from identity.specs import Spec, parse

NAME_LENGTH = 64
TITLE_LENGTH = 80
# What somebody else's system may make us keep of one person.
MOST_VALUES = 500
VALUE_LENGTH = 1024
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}
_ENTITY_LENGTH = 1024  # as SAML has it
MOST_CERTIFICATES = 5


class Oidc(Spec, frozen=True):
    """How to speak with an OpenID Connect provider."""

    secret: ClassVar[str] = "client_secret"  # noqa: S105 - the name of the field

    issuer: str
    client_id: str
    client_secret: str
    scopes: tuple[str, ...] = ("openid", "profile", "email")
    userinfo: bool = True

    def __post_init__(self) -> None:
        if not _is_safe(self.issuer) or "?" in self.issuer:
            raise ValueError("an issuer is an address with https, without ? and #")
        if "openid" not in self.scopes:
            raise ValueError("the scope openid is needed")


class Saml(Spec, frozen=True):
    """How to speak with a SAML identity provider; `signing_key` signs what we ask of it."""

    secret: ClassVar[str] = "signing_key"  # noqa: S105 - the name of the field

    entity_id: str
    sso_url: str
    certificates: tuple[str, ...]
    signing_certificate: str = ""
    signing_key: str = ""

    def __post_init__(self) -> None:
        if not 1 <= len(self.entity_id.strip()) <= _ENTITY_LENGTH:
            raise ValueError(f"an `entity_id` has 1 to {_ENTITY_LENGTH} characters")
        if not _is_safe(self.sso_url):
            raise ValueError("`sso_url` is an address with https, without #")
        if not 1 <= len(self.certificates) <= MOST_CERTIFICATES:
            raise ValueError(f"`certificates` has 1 to {MOST_CERTIFICATES} of them")
        if bool(self.signing_key) != bool(self.signing_certificate):
            raise ValueError("`signing_key` and `signing_certificate` go together")
        certificates.check(self.certificates)
        if self.signing_certificate:
            certificates.check([self.signing_certificate], only_rsa=True)

    @property
    def issuer(self) -> str:
        """Who says so, as in every connector."""
        return self.entity_id


class ClaimNames(Spec, frozen=True):
    """Which claims hold the address and the name of a person."""

    email: str = "email"
    name: str = "name"


class ConnectorSpec(Spec, frozen=True):
    """The `spec` of a connector document: a system that says who somebody is."""

    type: str
    settings: Oidc | Saml
    title: str
    domains: tuple[str, ...]
    assume_verified: bool = False
    claims: ClaimNames = ClaimNames()
    traits: dict[str, str] = {}
    roles: tuple[ClaimMapping, ...] = ()
    create: bool = False
    active: bool = True

    def __post_init__(self) -> None:
        if not 1 <= len(self.title.strip()) <= TITLE_LENGTH:
            raise ValueError(f"a title has 1 to {TITLE_LENGTH} characters")
        if not self.domains or not all(_is_domain(domain) for domain in self.domains):
            raise ValueError("`domains` names e-mail domains, such as example.com")
        for mapping in self.roles:
            for entry in mapping.roles:
                if not claims.has_capture(entry) and not compile_pattern(entry).is_literal:
                    raise ValueError(f"{entry!r} is a pattern, and a role is held by its name")

    def vouches_for(self, email: str) -> bool:
        """Whether an address of this domain is believed."""
        domain = email.rpartition("@")[2]
        return domain.lower() in {one.lower() for one in self.domains}

    @property
    def named_roles(self) -> set[str]:
        """The roles that it names without a capture."""
        entries = (entry for mapping in self.roles for entry in mapping.roles)
        return {entry for entry in entries if not claims.has_capture(entry)}


class OidcConnector(ConnectorSpec, frozen=True):
    """One that speaks OpenID Connect."""

    type: Literal["oidc"]
    settings: Oidc


class SamlConnector(ConnectorSpec, frozen=True):
    """One that speaks SAML 2.0."""

    type: Literal["saml"]
    settings: Saml


def parse_connector(spec: Mapping[str, Any]) -> OidcConnector | SamlConnector:
    """The connector of a document's `spec`; `InvalidInput` ends in the path of what is wrong."""
    if spec.get("type") == "saml":
        return parse(spec, SamlConnector)
    return parse(spec, OidcConnector)


def values_of(said: Mapping[str, Any], claim: str) -> list[str]:
    """The values of a claim as texts. `realm_access.roles` is looked up inside `realm_access`,
    if no claim has the whole name."""
    value: Any = said.get(claim)
    if value is None and "." in claim:
        first, _, rest = claim.partition(".")
        inner = said.get(first)
        return values_of(inner, rest) if isinstance(inner, Mapping) else []
    values = value if isinstance(value, list) else [value]
    texts = [_text(one) for one in values[:MOST_VALUES]]
    return list(dict.fromkeys(text for text in texts if 0 < len(text) <= VALUE_LENGTH))


def traits_from(spec: ConnectorSpec, said: Mapping[str, Any]) -> dict[str, list[str]]:
    """The traits that the claims give; a trait without a value is none."""
    found = {trait: values_of(said, claim) for trait, claim in spec.traits.items()}
    return {trait: values for trait, values in found.items() if values}


def roles_from(spec: ConnectorSpec, said: Mapping[str, Any]) -> list[str]:
    """The names of the standing roles that the claims give, in the order of the document.

    What a capture makes never is one of the presets that hand out everything.
    """
    found: list[str] = []
    for mapping in spec.roles:
        for value in values_of(said, mapping.claim):
            captures = mapping.value.captures(value)
            if captures is not None:
                found += _filled(mapping.roles, captures)
    return list(dict.fromkeys(found))


def _filled(entries: Sequence[str], captures: Sequence[str]) -> list[str]:
    names = []
    for entry in entries:
        name = claims.filled_in(entry, captures)
        if name and not (claims.has_capture(entry) and name in GUARDED_PRESETS):
            names.append(name)
    return names


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, (str, int, float)) else ""


def _is_safe(address: str) -> bool:
    url = urlsplit(address)
    is_safe = url.scheme == "https" or (url.scheme == "http" and url.hostname in _LOOPBACK)
    return is_safe and bool(url.hostname) and "#" not in address


def _is_domain(text: str) -> bool:
    return (
        text == text.strip() and "@" not in text and "." in text.strip(".") and "*" not in text
    )
