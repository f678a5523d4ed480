"""The sessions of somebody's browsers: seen, and ended from another one or by somebody else."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import transaction
from django.utils.translation import gettext as _

from accessplane.lib.actors import Actor
from accessplane.lib.errors import NotFound, NotPermitted
from audit.recorder import record
from identity import selectors
from identity.browsers import browser_of
from identity.credentials import Credential, users_of
from identity.events import SessionEnded
from identity.models import User
from identity.subject import Subject


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenSession:
    """A browser in which somebody is signed in: since when, from where, and what it is."""

    id: int
    began_at: datetime
    ip: str
    browser: str
    system: str
    is_this: bool


def sessions_of(user: User, *, this: str | None, at: datetime) -> list[OpenSession]:
    """The sessions that are open, `this` one first, then the latest; three statements."""
    known = UserSession.objects.filter(user=user).order_by("-created_at")
    rows = {Credential(session=row.session_key): row for row in known}
    opened = users_of(rows, at)
    found = [
        OpenSession(
            id=row.pk,
            began_at=row.created_at,
            ip=row.ip,
            browser=browser_of(row.user_agent)[0],
            system=browser_of(row.user_agent)[1],
            is_this=row.session_key == this,
        )
        for credential, row in rows.items()
        if opened.get(credential) == user
    ]
    return sorted(found, key=lambda session: not session.is_this)


def end_session(*, session_id: int, user: User, by: Actor, at: datetime) -> None:
    """End a session of the user: nothing opens with it, what is open ends; `NotFound` if it is not
    theirs or is over."""
    with transaction.atomic():
        rows = UserSession.objects.select_for_update().filter(user=user, pk=session_id)
        if not _end(list(rows), user, by=by, at=at):
            raise NotFound(_("This session is over already."))


def end_other_sessions(*, user: User, this: str | None, by: Actor, at: datetime) -> int:
    """End all sessions of the user but `this` one; how many there were. API tokens stay."""
    with transaction.atomic():
        rows = UserSession.objects.select_for_update().filter(user=user)
        return _end(list(rows.exclude(session_key=this or "")), user, by=by, at=at)


def end_sessions_of(*, user_id: UUID, subject: Subject, by: Actor, at: datetime) -> int:
    """Sign somebody out everywhere; how many sessions that ended.

    `NotFound` for who does not see the user, `NotPermitted` without `update` on `user`.
    """
    user = selectors.users_visible_to(subject).filter(pk=user_id).first()
    if user is None:
        raise NotFound("There is no such user.")
    if not subject.may("update", "user"):
        raise NotPermitted("You may not end the sessions of others.")
    return end_other_sessions(user=user, this=None, by=by, at=at)


def _end(rows: list[UserSession], user: User, *, by: Actor, at: datetime) -> int:
    keys = [row.session_key for row in rows]
    was_open = set(
        Session.objects.filter(session_key__in=keys, expire_date__gt=at).values_list(
            "session_key", flat=True
        )
    )
    Session.objects.filter(session_key__in=keys).delete()
    UserSession.objects.filter(pk__in=[row.pk for row in rows]).delete()
    ended = [
        SessionEnded(about=user.about, ip=row.ip, began_at=row.created_at)
        for row in rows
        if row.session_key in was_open
    ]
    record(*ended, by=by, at=at)
    return len(ended)
