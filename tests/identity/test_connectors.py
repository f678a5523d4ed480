"""Connectors: their documents, and what the claims of a sign-in come to."""

import pytest

from accessplane.lib.errors import InvalidInput
from audit.models import AuditEvent
from identity.connector_spec import parse_connector, roles_from, traits_from, values_of
from identity.models import Connector
from identity.services import connectors
from tests import cast
from tests.identity.pairs import pair

SECRET = "a secret of somebody else"
PEM = "-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n"
SIGNING = {"signing_key": pair().key, "signing_certificate": pair().certificate}


def connector(name: str = "okta", *, settings: dict | None = None, **spec) -> dict:
    """The document of a connector for example.com."""
    given = {
        "type": "oidc",
        "title": "Okta",
        "domains": ["example.com"],
        "settings": {
            "issuer": "https://login.example.com",
            "client_id": "plane",
            "client_secret": SECRET,
            **(settings or {}),
        },
    }
    return {
        "kind": "connector",
        "version": "v1",
        "metadata": {"name": name},
        "spec": given | spec,
    }


def saml_connector(name: str = "okta", *, settings: dict | None = None, **spec) -> dict:
    """The document of a connector for example.com that speaks SAML."""
    given = {
        "entity_id": "https://idp.example.com/saml",
        "sso_url": "https://idp.example.com/sso?app=plane&realm=a",
        "certificates": [pair().certificate],
        **(settings or {}),
    }
    document = connector(name, **spec)
    document["spec"] |= {"type": "saml", "settings": given}
    return document


def told(kind: str) -> list[dict]:
    return [row.data for row in AuditEvent.objects.filter(type=kind)]


def test_a_secret_is_sealed_and_shown_to_nobody(db):
    cast.apply(connector())

    row = Connector.objects.get()
    assert SECRET not in str(row.spec)
    assert connectors.secret_of(row) == SECRET
    assert told("connector.created")[0]["spec"]["settings"]["client_secret"] == "stored"
    assert SECRET not in str(list(AuditEvent.objects.values_list("data", flat=True)))


def test_the_same_document_again_changes_nothing(db):
    cast.apply(connector())
    cast.apply(connector())

    assert told("connector.updated") == []


def test_what_changed_is_named(db):
    cast.apply(connector())
    cast.apply(connector(create=True, active=False))

    assert told("connector.updated")[0]["changed"] == ["active", "spec"]
    assert not Connector.objects.get().is_active


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"type": "ldap"}, "spec.type"),
        ({"domains": []}, "domains"),
        ({"domains": ["*"]}, "domains"),
        ({"title": " "}, "title"),
        ({"settings": {"issuer": "http://login.example.com"}}, "issuer"),
        ({"settings": {"issuer": "https://x.example/?a=b"}}, "issuer"),
        ({"settings": {"scopes": ["email"]}}, "openid"),
        ({"settings": {"client_secret": "env:DATABASE_URL"}}, "DATABASE_URL"),
        ({"settings": {"secret": "x"}}, "secret"),
        ({"roles": [{"claim": "g", "value": "*", "roles": ["db-*"]}]}, "pattern"),
        ({"roles": [{"claim": "g", "value": "^($", "roles": ["x"]}]}, "roles"),
    ],
)
def test_what_is_wrong_is_refused(db, changed, named):
    with pytest.raises(InvalidInput, match=named):
        cast.apply(connector(**changed))

    assert not Connector.objects.exists()


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"entity_id": " "}, "entity_id"),
        ({"entity_id": "x" * 1025}, "entity_id"),
        ({"sso_url": "http://login.example.com/sso"}, "sso_url"),
        ({"sso_url": "javascript:alert(1)"}, "sso_url"),
        ({"sso_url": "https://login.example.com/#x"}, "sso_url"),
        ({"certificates": []}, "certificates"),
        ({"certificates": ["MIIC"]}, "PEM"),
        ({"certificates": [PEM.format("AAAA")]}, "cannot be read"),
        ({"certificates": [pair("weak", 1024).certificate]}, "2048"),
        ({"certificates": [pair().certificate * 2]}, "one PEM text"),
        ({"signing_key": pair().key}, "go together"),
        ({"signing_certificate": pair().certificate}, "go together"),
        (SIGNING | {"signing_certificate": pair("curve", 256).certificate}, "RSA"),
        (SIGNING | {"signing_key": "env:DATABASE_URL"}, "DATABASE_URL"),
        ({"client_secret": "x"}, "client_secret"),
    ],
)
def test_what_is_wrong_for_saml_is_refused(db, changed, named):
    with pytest.raises(InvalidInput, match=named):
        cast.apply(saml_connector(settings=changed))

    assert not Connector.objects.exists()


def test_a_signing_key_is_sealed_and_may_go_again(db):
    cast.apply(saml_connector(settings=SIGNING))
    cast.apply(saml_connector(settings=SIGNING))

    row = Connector.objects.get()
    assert "PRIVATE KEY" not in str(row.spec)
    assert connectors.secret_of(row) == SIGNING["signing_key"]
    assert told("connector.created")[0]["spec"]["settings"]["signing_key"] == "stored"
    assert told("connector.updated") == []

    cast.apply(saml_connector())
    cast.apply(saml_connector())

    row.refresh_from_db()
    assert connectors.secret_of(row) == ""
    assert [one["changed"] for one in told("connector.updated")] == [["spec"]]


def test_a_connector_that_nobody_used_may_change_its_type(db):
    cast.apply(connector())
    cast.apply(saml_connector(settings=SIGNING))
    cast.apply(connector())

    assert connectors.secret_of(Connector.objects.get()) == SECRET


@pytest.mark.parametrize("name", ["Okta", "a b", "a/b", "", "-x", "x" * 65])
def test_a_name_stands_in_addresses(db, name):
    with pytest.raises(InvalidInput):
        cast.apply(connector(name))


# --- claims -------------------------------------------------------------------------------------

SAID = {
    "groups": ["eng", "db-payments", "db-orders"],
    "realm_access": {"roles": ["x"]},
    "https://example.com/team": "payments",
    "level": 7,
    "is_staff": True,
    "nothing": None,
    "odd": [{"a": 1}, "", "fine"],
}


@pytest.mark.parametrize(
    ("claim", "values"),
    [
        ("groups", ["eng", "db-payments", "db-orders"]),
        ("realm_access.roles", ["x"]),
        ("https://example.com/team", ["payments"]),
        ("level", ["7"]),
        ("is_staff", ["true"]),
        ("nothing", []),
        ("missing", []),
        ("groups.x", []),
        ("odd", ["fine"]),
    ],
)
def test_the_values_of_a_claim(claim, values):
    assert values_of(SAID, claim) == values


def spec(**more):
    return parse_connector(connector(**more)["spec"])


def test_traits_are_those_of_the_document_alone():
    found = traits_from(spec(traits={"team": "groups", "none": "nothing"}), SAID)

    assert found == {"team": ["eng", "db-payments", "db-orders"]}


def test_roles_are_named_or_made_of_captures():
    mappings = [
        {"claim": "groups", "value": "eng", "roles": ["developer"]},
        {"claim": "groups", "value": "db-*", "roles": ["reader-$1", "developer"]},
        {"claim": "groups", "value": "hr", "roles": ["people"]},
    ]

    found = roles_from(spec(roles=mappings), SAID)

    assert found == ["developer", "reader-payments", "reader-orders"]


def test_no_capture_makes_an_administrator():
    mappings = [{"claim": "groups", "value": "*", "roles": ["$1"]}]
    said = {"groups": ["admin", "auditor", "eng"]}

    assert roles_from(spec(roles=mappings), said) == ["eng"]
    by_name = [{"claim": "groups", "value": "root", "roles": ["admin"]}]
    assert roles_from(spec(roles=by_name), {"groups": ["root"]}) == ["admin"]


# --- users that a connector manages -------------------------------------------------------------


def test_a_document_leaves_to_the_connector_what_it_manages(everybody):
    cast.apply(connector(), cast.person("erin", managed_by="okta"))
    erin = cast.called("erin")
    erin.traits = {"team": ["payments"]}
    erin.save()

    cast.apply(cast.person("erin", managed_by="okta"))

    assert cast.called("erin").traits == {"team": ["payments"]}


@pytest.mark.parametrize(
    "more",
    [
        {"managed_by": "nobody"},
        {"managed_by": "okta", "roles": ["developer"]},
        {"managed_by": "okta", "traits": {"team": ["x"]}},
        {"managed_by": "okta", "bot": True},
    ],
)
def test_what_two_would_say_is_refused(everybody, more):
    cast.apply(connector())

    with pytest.raises(InvalidInput):
        cast.apply(cast.person("erin", **more))
