"""What people do in a story, each through the use case that a door would call."""

from datetime import datetime, timedelta

from django.test import Client

from accessplane.lib.actors import Via
from identity.models import User
from requests_app.models import AccessRequest, Grant
from requests_app.planning import Wish
from requests_app.services import asking, granting
from requests_app.states import RequestState
from reviews.models import Review
from reviews.services import reviewing
from reviews.thresholds import Decision
from tests.cast import NOON, actor_of, called

PASSWORD = "a long way home"


def sign_in(who: User) -> Client:
    """A browser in which `who` has signed in on the page."""
    if not who.check_password(PASSWORD):
        who.set_password(PASSWORD)
        who.save(update_fields=["password"])
    client = Client()
    client.post("/accounts/login/", {"login": who.email, "password": PASSWORD})
    return client


def ask(
    who: User,
    *roles: str,
    at: datetime = NOON,
    extends: Grant | None = None,
    for_user: User | None = None,
    **wish,
) -> AccessRequest:
    """`who` asks for roles, dba if none is named."""
    request, _ = asking.create_request(
        wish=Wish(roles=roles or ("dba",), **wish),
        author=who,
        for_user=for_user.email if for_user else None,
        extends=extends.pk if extends else None,
        by=actor_of(who),
        at=at,
    )
    return request


def review(
    request: AccessRequest, who: User, decision: str, *, at: datetime = NOON, **more
) -> Review:
    return reviewing.submit_review(
        request_id=request.pk,
        reviewer=who,
        decision=Decision(decision),
        by=actor_of(who, Via.CLI),
        at=at,
        **more,
    )


def approve(request: AccessRequest, who: User, *, at: datetime = NOON, **more) -> Review:
    return review(request, who, "APPROVE", at=at, **more)


def deny(request: AccessRequest, who: User, *, at: datetime = NOON, **more) -> Review:
    return review(request, who, "DENY", at=at, **more)


def comment(request: AccessRequest, who: User, *, at: datetime = NOON, **more) -> Review:
    return review(request, who, "COMMENT", at=at, **more)


def cancel(request: AccessRequest, who: User, *, at: datetime = NOON) -> AccessRequest:
    return asking.cancel_request(
        request_id=request.pk, user=who, reason="", by=actor_of(who), at=at
    )


def force(
    request: AccessRequest, who: User, to: str, *, at: datetime = NOON, **more
) -> AccessRequest:
    return reviewing.force_resolution(
        request_id=request.pk,
        user=who,
        state=RequestState(to),
        by=actor_of(who),
        at=at,
        **{"reason": "the pager", **more},
    )


def end(grant: Grant, who: User, *, at: datetime = NOON) -> Grant:
    return granting.end_grant(grant_id=grant.pk, user=who, reason="", by=actor_of(who), at=at)


def revoke(grant: Grant, who: User, *, at: datetime = NOON, reason: str = "a leak") -> Grant:
    return granting.revoke_grant(
        grant_id=grant.pk, user=who, reason=reason, by=actor_of(who), at=at
    )


def extend(grant: Grant, who: User, *, at: datetime = NOON, **wish) -> AccessRequest:
    """The holder asks for more time."""
    return ask(who, grant.role.name, extends=grant, at=at, **wish)


def has_access(who: User, role: str = "dba", *, at: datetime = NOON) -> bool:
    """Whether a gateway that asks now lets `who` in."""
    return granting.access_of(email=who.email, role=role, caller=who, at=at).allowed


def granted_dba(who: User, *, at: datetime = NOON, **wish) -> Grant:
    """Bob asks for dba, Alice and Ivan approve: the grant."""
    request = ask(who, "dba", at=at, **wish)
    approve(request, called("alice"), at=at)
    approve(request, called("ivan"), at=at)
    return request.grants.get()


def later(*, of: datetime = NOON, **by: float) -> datetime:
    """So much after noon, or after another moment, given as to `timedelta`."""
    return of + timedelta(**by)
