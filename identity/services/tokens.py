"""API tokens: made, shown once, revoked."""

import hashlib
import secrets
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from accessplane.lib.actors import Actor
from accessplane.lib.durations import InvalidDuration
from accessplane.lib.errors import NotFound, NotPermitted
from audit.recorder import record
from identity import selectors
from identity.events import TokenCreated, TokenRevoked
from identity.models import ApiToken, User
from identity.subject import Subject

PREFIX = "ap_"
DEFAULT_TTL = timedelta(days=30)
LONGEST_TTL = timedelta(days=366)


def digest_of(secret: str) -> str:
    """What is kept of a token. The secret has 256 random bits: a plain hash cannot be reversed."""
    return hashlib.sha256(secret.encode()).hexdigest()


def create_token(
    *,
    user: User,
    name: str = "",
    ttl: timedelta | None = None,
    not_after: datetime | None = None,
    by: Actor,
    at: datetime,
) -> tuple[ApiToken, str]:
    """A new token of `user`, and its secret, which nobody can ask for again.

    It lasts `ttl`, 30 days if none is given, but not beyond `not_after`: the end of the token
    it was asked for with. Raises `InvalidDuration` for more than 366 days.
    """
    if ttl is not None and ttl > LONGEST_TTL:
        raise InvalidDuration(_("A token lasts at most 366 days."))
    secret = PREFIX + secrets.token_urlsafe(32)
    expires_at = at + (ttl or DEFAULT_TTL)
    token = ApiToken(
        user=user,
        name=name,
        digest=digest_of(secret),
        created_at=at,
        expires_at=min(expires_at, not_after) if not_after else expires_at,
    )
    with transaction.atomic():
        token.save(force_insert=True)
        event = TokenCreated(about=token.about, user=user.email, expires_at=token.expires_at)
        record(event, by=by, at=at)
    return token, secret


def revoke_token(*, token_id: UUID, user: User, by: Actor, at: datetime) -> ApiToken:
    """End a token of `user`; `NotFound` if it is not theirs or opens nothing already."""
    with transaction.atomic():
        tokens = ApiToken.objects.select_for_update().filter(user=user, revoked_at=None)
        token = tokens.filter(pk=token_id).first()
        if token is None:
            raise NotFound(_("There is no such token."))
        _revoke(token, by=by, at=at)
    return token


def revoke_anybodys_token(
    *, token_id: UUID, subject: Subject, by: Actor, at: datetime
) -> ApiToken:
    """End a token, whosever it is, with `revoke` on `token`.

    `NotFound` for who does not see it, or if it opens nothing already; `NotPermitted` without the
    verb.
    """
    with transaction.atomic():
        visible = selectors.tokens_visible_to(subject).filter(revoked_at=None)
        token = visible.select_for_update(of=("self",)).filter(pk=token_id).first()
        if token is None:
            raise NotFound(_("There is no such token."))
        if not subject.may("revoke", "token"):
            raise NotPermitted(_("You may not revoke the tokens of others."))
        _revoke(token, by=by, at=at)
    return token


def _revoke(token: ApiToken, *, by: Actor, at: datetime) -> None:
    token.revoked_at = at
    token.save(update_fields=["revoked_at"])
    record(TokenRevoked(about=token.about, user=token.user.email), by=by, at=at)
