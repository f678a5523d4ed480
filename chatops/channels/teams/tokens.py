"""Whether the Bot Connector made a call: the token that it sends, and the keys that sign those.

The scheme is that of the Bot Connector's reference: RS256, with a key that is endorsed for the
channel, for the app, by the issuer of the OpenID metadata, within five minutes of its time.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import jwt
import msgspec

from chatops.channels import calls
from chatops.channels.base import DeliveryFailed
from chatops.channels.calls import Wanted
from chatops.channels.teams import api

log = logging.getLogger(__name__)

LEEWAY = timedelta(minutes=5)
_SCHEME = "Bearer "
_ALGORITHM = "RS256"
_FRESH = timedelta(days=1)
_USABLE = timedelta(days=5)  # if no newer ones are to be had
_ASKED_AGAIN = timedelta(hours=1)  # for a key that is not among them
_PAUSE = timedelta(minutes=1)  # after an answer that was none
_LONGEST_TOKEN = 8192


class _Metadata(msgspec.Struct):
    issuer: str
    jwks_uri: str


class _KeySet(msgspec.Struct):
    keys: list[dict[str, Any]]


class _Claims(msgspec.Struct):
    """`serviceurl` is how it is sent, `serviceUrl` how the reference spells it."""

    exp: float
    nbf: float | None = None
    serviceurl: str = ""
    service_url: str = msgspec.field(name="serviceUrl", default="")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """The keys as they were learned; `tried_at` is when they were asked for last."""

    issuer: str = ""
    keys: Mapping[str, Mapping[str, Any]]
    at: datetime | None = None
    tried_at: datetime

    def needs_asking(self, key_id: str, at: datetime) -> bool:
        """Whether it is time to ask for them."""
        if at - self.tried_at < _PAUSE:
            return False
        if self.at is None or at - self.at >= _FRESH:
            return True
        return key_id not in self.keys and at - self.at >= _ASKED_AGAIN

    def is_usable(self, at: datetime) -> bool:
        """Whether they are not too old to be believed."""
        return self.at is not None and at - self.at < _USABLE


_known: dict[str, _Known] = {}


def is_genuine(
    header: str, *, app_id: str, channel: str, service_url: str, openid_url: str, at: datetime
) -> bool:
    """Whether the header holds a token of the Bot Connector for this app, channel and service.

    The keys behind `openid_url` are kept in memory. Without them nothing is believed.
    """
    token = header.removeprefix(_SCHEME)
    if token == header or len(token) > _LONGEST_TOKEN:
        return False
    try:
        key_id = str(jwt.get_unverified_header(token).get("kid", ""))
        known = _keys(openid_url, key_id, at)
        key = known.keys.get(key_id) if known.is_usable(at) else None
        if key is None or channel not in key.get("endorsements", ()):
            return False
        said = jwt.decode(
            token,
            jwt.PyJWK(dict(key), algorithm=_ALGORITHM),
            algorithms=[_ALGORITHM],
            audience=app_id,
            issuer=known.issuer,
            # The times are compared with the moment of the call, and not with the library's.
            options={
                "require": ["exp", "iss", "aud"],
                "verify_exp": False,
                "verify_nbf": False,
                "verify_iat": False,
            },
        )
        claims = msgspec.convert(said, _Claims)
    except (jwt.PyJWTError, msgspec.MsgspecError, ValueError, TypeError, RecursionError):
        return False
    return _is_of_now(claims, at) and service_url in {claims.serviceurl, claims.service_url}


def _is_of_now(claims: _Claims, at: datetime) -> bool:
    now, leeway = at.timestamp(), LEEWAY.total_seconds()
    has_begun = claims.nbf is None or claims.nbf - leeway <= now
    return has_begun and now < claims.exp + leeway


def _keys(openid_url: str, key_id: str, at: datetime) -> _Known:
    """The keys behind `openid_url`; those that were known before if nobody tells newer ones."""
    known = _known.get(openid_url)
    if known is None or known.needs_asking(key_id, at):
        try:
            known = _fetched(openid_url, at)
        except DeliveryFailed as failure:
            log.warning("The keys of the Bot Connector are not to be had: %s", failure.sentence)
            before = known or _Known(keys={}, tried_at=at)
            known = _Known(issuer=before.issuer, keys=before.keys, at=before.at, tried_at=at)
        _known[openid_url] = known
    return known


def _fetched(openid_url: str, at: datetime) -> _Known:
    metadata = _got(openid_url, _Metadata)
    if urlsplit(openid_url).scheme == "https" != urlsplit(metadata.jwks_uri).scheme:
        raise DeliveryFailed("The keys are named at an address that is not secure.")
    found = _got(metadata.jwks_uri, _KeySet).keys
    keys = {str(key["kid"]): key for key in found if "kid" in key}
    return _Known(issuer=metadata.issuer, keys=keys, at=at, tried_at=at)


def _got(url: str, into: type[Wanted]) -> Wanted:
    answer = api.sent("GET", url, headers={}, body=b"", timeout=api.AT_ONCE)
    if answer.status != HTTPStatus.OK:
        raise api.refusal("The Bot Connector", answer)
    return calls.decoded("The Bot Connector", answer.body, into)
