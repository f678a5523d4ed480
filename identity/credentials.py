"""What somebody was let in by, and whether it still opens the door while he or she listens.

The doors themselves ask Django and `accessplane.rest.authentication`. This asks the same of many
open connections at once: a statement for all tokens, two for all sessions.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.models import Session
from django.utils.crypto import constant_time_compare

from identity.models import ApiToken, User


@dataclass(frozen=True, slots=True)
class Credential:
    """A token by its id, or a session by its key."""

    token: UUID | None = None
    session: str | None = None


def credential_of(request: Any) -> Credential:
    """What let a REST call in."""
    if isinstance(request.auth, ApiToken):
        return Credential(token=request.auth.pk)
    return Credential(session=request.session.session_key)


def users_of(credentials: Collection[Credential], at: datetime) -> dict[Credential, User]:
    """The users behind those of the credentials that open the door at this moment."""
    tokens = {each.token for each in credentials if each.token}
    sessions = {each.session for each in credentials if each.session}
    found = dict(_behind_tokens(tokens, at)) if tokens else {}
    return found | (dict(_behind_sessions(sessions, at)) if sessions else {})


def _behind_tokens(ids: Iterable[UUID], at: datetime) -> Iterator[tuple[Credential, User]]:
    for token in ApiToken.objects.select_related("user").filter(pk__in=ids):
        if token.is_open(at) and token.user.is_active:
            yield Credential(token=token.pk), token.user


def _behind_sessions(keys: Iterable[str], at: datetime) -> Iterator[tuple[Credential, User]]:
    rows = Session.objects.filter(session_key__in=keys, expire_date__gt=at)
    sessions = {row.session_key: row.get_decoded() for row in rows}
    ids = {_user_id(session) for session in sessions.values()} - {None}
    users = User.objects.in_bulk(ids)
    for key, session in sessions.items():
        user = users.get(_user_id(session))
        if user is not None and user.is_active and _is_signed_in(user, session):
            yield Credential(session=key), user


def _user_id(session: Mapping[str, Any]) -> UUID | None:
    try:
        return UUID(str(session.get(SESSION_KEY)))
    except ValueError:
        return None


def _is_signed_in(user: User, session: Mapping[str, Any]) -> bool:
    """As `django.contrib.auth.get_user` has it: a new password ends the sessions of before."""
    if session.get(BACKEND_SESSION_KEY) not in settings.AUTHENTICATION_BACKENDS:
        return False
    signed = str(session.get(HASH_SESSION_KEY, ""))
    hashes = (user.get_session_auth_hash(), *user.get_session_auth_fallback_hash())
    return any(constant_time_compare(signed, each) for each in hashes)
