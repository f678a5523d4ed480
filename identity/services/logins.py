"""Sign-ins and passwords on the pages, for the record; and the end of what a sign-in opened."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from uuid import UUID

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.db import transaction
from django.utils.translation import gettext as _

from accessplane.lib.actors import Actor
from accessplane.lib.errors import NotFound, NotPermitted
from audit.recorder import record
from identity import selectors
from identity.events import LoginFailed, LoginSucceeded, SessionsEnded, UserUpdated
from identity.models import User
from identity.subject import Subject

_CHUNK = 1000


def record_success(*, user: User, proofs: Sequence[str], by: Actor, at: datetime) -> None:
    """Somebody signed in with these proofs."""
    with transaction.atomic():
        record(LoginSucceeded(about=user.about, proofs=list(proofs)), by=by, at=at)


def record_failure(*, user: User, by: Actor, at: datetime) -> None:
    """Somebody tried to sign in as this user, and was not let in."""
    with transaction.atomic():
        record(LoginFailed(about=user.about), by=by, at=at)


def record_new_password(*, user: User, by: Actor, at: datetime) -> None:
    """Somebody chose another password."""
    held = user.assignments.order_by("position").values_list("role__name", flat=True)
    with transaction.atomic():
        event = UserUpdated(
            about=user.about, roles=list(held), active=user.is_active, changed=["password"]
        )
        record(event, by=by, at=at)


def end_sessions(*, user_id: UUID, subject: Subject, by: Actor, at: datetime) -> int:
    """Sign somebody out everywhere; how many sessions that ended. API tokens stay.

    `NotFound` for who does not see the user, `NotPermitted` without `update` on `user`. The event
    tells their number; there is none if nothing ended.
    """
    with transaction.atomic():
        user = selectors.users_visible_to(subject).filter(pk=user_id).first()
        if user is None:
            raise NotFound(_("There is no such user."))
        if not subject.may("update", "user"):
            raise NotPermitted(_("You may not end the sessions of others."))
        keys = list(_sessions_of(user, at))
        Session.objects.filter(session_key__in=keys).delete()
        if keys:
            record(SessionsEnded(about=user.about, count=len(keys)), by=by, at=at)
    return len(keys)


def _sessions_of(user: User, at: datetime) -> Iterator[str]:
    """The keys of the user's sessions. Whose a session is stands inside it, so all are read."""
    live = Session.objects.filter(expire_date__gt=at)
    for session in live.iterator(chunk_size=_CHUNK):
        if session.get_decoded().get(SESSION_KEY) == str(user.pk):
            yield session.session_key
