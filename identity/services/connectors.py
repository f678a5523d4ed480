"""Connectors from documents."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from allauth.socialaccount.models import SocialAccount

from accessplane.lib import secret_texts
from accessplane.lib.actors import Actor
from accessplane.lib.errors import InvalidInput
from audit.recorder import record
from identity import selectors
from identity.connector_spec import NAME_LENGTH, ConnectorSpec, Oidc, Saml, parse_connector
from identity.documents import Document
from identity.events import ConnectorCreated, ConnectorUpdated
from identity.models import Connector
from identity.services.outcomes import Outcome, Result

_NAME = re.compile(r"[a-z0-9][a-z0-9-]*")
# Which setting of each type is the secret.
_SECRETS = {"oidc": Oidc.secret, "saml": Saml.secret}


def apply_connector(document: Document, *, by: Actor, at: datetime) -> Outcome:
    """Create the connector or make it be as the document says; `InvalidInput` if that is wrong.

    A secret that is written out is sealed and never shown again. Another issuer would make others
    of the people who are known by the old one's names for them: it is refused once there are any.
    """
    if not _NAME.fullmatch(document.name) or len(document.name) > NAME_LENGTH:
        raise InvalidInput(
            f"{document.name[:40]!r} is no name of a connector: it stands in addresses, and has "
            f"small letters, digits and -, {NAME_LENGTH} at most."
        )
    parsed = parse_connector(document.spec)
    connector = Connector.objects.select_for_update().filter(name=document.name).first()
    wanted = {
        "description": document.metadata.description,
        "labels": document.metadata.labels,
        "is_active": parsed.active,
    }
    if connector is None:
        connector = Connector(name=document.name, created_at=at, **wanted)
        connector.spec = _kept(connector, document.spec)
        connector.save(force_insert=True)
        event = ConnectorCreated(about=connector.about, spec=shown_spec(connector))
        record(event, by=by, at=at)
        return Outcome(document, Result.CREATED)
    changed = [field for field in wanted if getattr(connector, field) != wanted[field]]
    if not _is_same(connector, document.spec):
        _check_issuer(connector, parsed)
        connector.spec = _kept(connector, document.spec)
        changed.append("spec")
    if not changed:
        return Outcome(document, Result.UNCHANGED)
    for field, value in wanted.items():
        setattr(connector, field, value)
    connector.save()
    names = [field.removeprefix("is_") for field in changed]
    event_of = ConnectorUpdated(
        about=connector.about, spec=shown_spec(connector), changed=names
    )
    record(event_of, by=by, at=at)
    return Outcome(document, Result.UPDATED)


def unknown_roles(document: Document) -> list[str]:
    """Warnings about roles that the connector gives and nobody knows."""
    named = parse_connector(document.spec).named_roles
    unknown = named - set(selectors.roles_named(sorted(named)))
    return [
        f"{document.place}: there is no role named {name[:128]!r}." for name in sorted(unknown)
    ]


def secret_of(connector: Connector) -> str:
    """The secret that the connector needs, "" if none; `SecretMissing` if it is not to be had."""
    kept = _secret_in(connector.spec)
    return "" if kept is None else secret_texts.revealed(kept, purpose=_purpose(connector))


def shown_spec(connector: Connector) -> dict[str, Any]:
    """The connector's document, its secret left out."""
    return _with_secret(connector.spec, secret_texts.shown)


def _kept(connector: Connector, spec: Mapping[str, Any]) -> dict[str, Any]:
    purpose = _purpose(connector)
    return _with_secret(spec, lambda secret: secret_texts.stored(secret, purpose=purpose))


def _is_same(connector: Connector, spec: Mapping[str, Any]) -> bool:
    given, kept = _secret_in(spec), _secret_in(connector.spec)
    if given is None or kept is None:
        return bool(spec == connector.spec)
    is_same_secret = secret_texts.same(given, kept, purpose=_purpose(connector))
    return is_same_secret and _with_secret(spec, lambda _: kept) == connector.spec


def _secret_in(spec: Mapping[str, Any]) -> str | None:
    secret: str | None = spec["settings"].get(_SECRETS[spec["type"]])
    return secret


def _with_secret(spec: Mapping[str, Any], change: Callable[[str], str]) -> dict[str, Any]:
    secret = _secret_in(spec)
    changed = {} if secret is None else {_SECRETS[spec["type"]]: change(secret)}
    return {**spec, "settings": {**spec["settings"], **changed}}


def _check_issuer(connector: Connector, wanted: ConnectorSpec) -> None:
    now = connector.parsed()
    is_same = (now.type, now.settings.issuer) == (wanted.type, wanted.settings.issuer)
    if not is_same and SocialAccount.objects.filter(provider=connector.name).exists():
        raise InvalidInput(
            "People are known by the issuer of this connector. "
            "Make another connector for another issuer."
        )


def _purpose(connector: Connector) -> str:
    """A sealed secret is of use in its own connector only."""
    return f"connector:{connector.pk}"
