"""The signed-in user of a request, and the actor he is."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from allauth.account.authentication import get_authentication_records
from django.http import HttpRequest

from accessplane.lib.actors import Actor, ActorKind, Via
from identity.models import ApiToken, User


def user_of(request: Any) -> User:
    """The user behind a Django or REST request that let nobody in without signing in."""
    user = request.user
    if not isinstance(user, User):
        raise TypeError("This door was opened to nobody in particular.")
    return user


def actor_of(request: Any) -> Actor:
    """Who acts through this request: by a token over the API or the client it names, or a page."""
    user = user_of(request)
    return Actor(
        kind=ActorKind.BOT if user.is_bot else ActorKind.USER,
        id=user.pk,
        name=user.email,
        via=_via(request),
        ip=ip_of(request),
        factor_at=_factor_at(request, user),
    )


def actor_behind(user: User, request: HttpRequest) -> Actor:
    """Who acts through a page without being signed in yet: at the sign-in, or by a mailed link."""
    kind = ActorKind.BOT if user.is_bot else ActorKind.USER
    return Actor(kind=kind, id=user.pk, name=user.email, via=Via.WEB, ip=ip_of(request))


def admin_actor_of(request: Any) -> Actor:
    """Who acts through this request of the admin."""
    return replace(actor_of(request), via=Via.ADMIN)


def end_of_token(request: Any) -> datetime | None:
    """When the token that this call was made with ends; None without one, or without an end."""
    token = request.auth
    return token.expires_at if isinstance(token, ApiToken) else None


def ip_of(request: HttpRequest) -> str | None:
    """The address that the call came from, as the server in front of us reports it."""
    return request.META.get("REMOTE_ADDR") or None


def _factor_at(request: Any, user: User) -> datetime | None:
    """When the person proved a second factor in this session; a token proves none, nor a bot."""
    if getattr(request, "auth", None) is not None or user.is_bot:
        return None
    proofs = [
        record["at"]
        for record in get_authentication_records(request, user)
        if record["method"] == _FACTOR
    ]
    return datetime.fromtimestamp(max(proofs), UTC) if proofs else None


_FACTOR = "mfa"  # allauth's word for it
_CLIENTS = {"cli": Via.CLI, "mcp": Via.MCP}


def _via(request: Any) -> Via:
    if getattr(request, "auth", None) is None:
        return Via.WEB
    return _CLIENTS.get(request.META.get("HTTP_ACCESSPLANE_VIA", ""), Via.API)
