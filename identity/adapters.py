"""How allauth signs people in here."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from accessplane.lib.actors import Actor, ActorKind, Via
from identity.models import User
from identity.services import logins
from identity.sessions import ip_of
from identity.user_spec import normalised_email


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """Nobody signs up by himself; every sign-in of somebody known stands in the log."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": "This e-mail address and password do not belong together.",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Users come from documents or from a directory, never from a form."""
        return False

    def post_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse:
        """Record the sign-in."""
        response: HttpResponse = super().post_login(request, user, **kwargs)
        logins.record_success(user=user, by=_actor(user, request), at=timezone.now())
        return response

    def set_password(self, user: User, password: str) -> None:
        """Record that somebody has a new password."""
        super().set_password(user, password)
        logins.record_new_password(user=user, by=_actor(user, self.request), at=timezone.now())

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Record that somebody known was not let in."""
        super().authentication_failed(request, **credentials)
        email = normalised_email(str(credentials.get("email") or ""))
        user = User.objects.filter(email=email).first()
        if user is not None:
            logins.record_failure(user=user, by=_actor(user, request), at=timezone.now())


def _actor(user: User, request: HttpRequest) -> Actor:
    kind = ActorKind.BOT if user.is_bot else ActorKind.USER
    return Actor(kind=kind, id=user.pk, name=user.email, via=Via.WEB, ip=ip_of(request))
