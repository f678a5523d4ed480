"""How allauth signs people in here."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from allauth.mfa.adapter import DefaultMFAAdapter
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accessplane.lib import sealed
from identity.models import User
from identity.services import addresses, logins
from identity.services.factors import KINDS
from identity.sessions import actor_behind
from identity.user_spec import normalised_email

_BY_PASSWORD = "reauthenticate"  # noqa: S105 - allauth's name of the way
_BY_PASSKEY = "mfa_reauthenticate:webauthn"
# allauth keeps confirmed addresses in a table of its own, by which people could sign in as well.
_CONFIRMATION = {
    "allauth.account.stages.EmailVerificationStage": "identity.stages.ConfirmedAddress"
}
_WAYS = {
    "mfa_reauthenticate": _("Use a code"),
    _BY_PASSKEY: _("Use a passkey"),
}


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """Nobody signs up by himself; every sign-in of somebody known stands in the log."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": _(
            "This e-mail address and password do not belong together."
        ),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Users come from documents or from a directory, never from a form."""
        return False

    def get_login_stages(self) -> list[str]:
        """What stands between the password and being signed in."""
        stages: list[str] = super().get_login_stages()
        return [_CONFIRMATION.get(stage, stage) for stage in stages]

    def post_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse:
        """Record the sign-in."""
        response: HttpResponse = super().post_login(request, user, **kwargs)
        logins.record_success(
            user=user,
            proofs=_proofs(request, user),
            by=actor_behind(user, request),
            at=timezone.now(),
        )
        return response

    def set_password(self, user: User, password: str) -> None:
        """Record that somebody has a new password; nobody gets one who is managed elsewhere."""
        if user.managed_by:
            raise PermissionDenied(
                gettext("You sign in through another system, and have no password here.")
            )
        super().set_password(user, password)
        logins.record_new_password(
            user=user, by=actor_behind(user, self.request), at=timezone.now()
        )

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """In the language that its recipient chose, else in that of the page that asks for it."""
        chosen = getattr(context.get("user"), "language", "")
        with translation.override(chosen or translation.get_language()):
            super().send_mail(template_prefix, email, context)

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Record that somebody known was not let in."""
        super().authentication_failed(request, **credentials)
        email = normalised_email(str(credentials.get("email") or ""))
        user = User.objects.filter(email=email).first()
        if user is not None:
            logins.record_failure(user=user, by=actor_behind(user, request), at=timezone.now())

    def get_reauthentication_methods(self, user: User) -> list[dict[str, Any]]:
        """How somebody proves once more who he or she is.

        Whoever has a second factor proves it by that alone: else a password would be enough to
        take the factor away.
        """
        ways: list[dict[str, Any]] = super().get_reauthentication_methods(user)
        others = [
            way | {"description": _WAYS.get(way["id"], way["description"])}
            for way in ways
            if way["id"] != _BY_PASSWORD
        ]
        # Passkeys first: nobody can be talked out of one.
        return sorted(others, key=lambda way: way["id"] != _BY_PASSKEY) or ways


class FactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth has no types
    """Second factors: their secrets are sealed, and their words are ours."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": _("That was not right, or it was used before. Try the next one."),
    }

    def encrypt(self, text: str) -> str:
        """What is stored of a secret."""
        return sealed.seal(text.encode(), purpose="factor").decode()

    def decrypt(self, encrypted_text: str) -> str:
        """The secret that was stored."""
        return sealed.unseal(encrypted_text.encode(), purpose="factor").decode()

    def generate_authenticator_name(self, user: User, type: str) -> str:  # noqa: A002
        """What a passkey is called if its holder does not say."""
        return gettext("Passkey")

    def _get_site_name(self) -> str:
        return "Access Plane"


def record_failed_factor(request: HttpRequest, user: User, **_: Any) -> None:
    """Record that somebody knew the password, or was signed in, and could not prove the factor."""
    logins.record_failure(user=user, by=actor_behind(user, request), at=timezone.now())


def confirm_by_new_password(request: HttpRequest, user: User, **_: Any) -> None:
    """Whoever came by the link of a password mail has shown that the address is theirs."""
    addresses.confirm(user, by=actor_behind(user, request), at=timezone.now())


def _proofs(request: HttpRequest, user: User) -> list[str]:
    """What the sign-in was made with: "password", or the kind of a factor; each once."""
    records = get_authentication_records(request, user)
    names = [
        KINDS.get(one.get("type")) or one.get("provider") or one["method"] for one in records
    ]
    return list(dict.fromkeys(names))
