"""A step of signing in: whoever gives a password has shown that the address is theirs."""

from typing import Any

from allauth.account.authentication import get_authentication_records
from allauth.account.stages import LoginStage
from allauth.core.internal import ratelimit
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from identity.letters import MailNotSent
from identity.models import User
from identity.services import addresses

_BY_PASSWORD = "password"  # noqa: S105 - allauth's name of the way


class ConfirmedAddress(LoginStage):  # type: ignore[misc]  # allauth has no types
    """Stops whoever comes by a password with an address that is not confirmed, where that counts.

    It is behind the password: what is said here tells nobody else that the address is known.
    """

    key = "confirm_address"
    urlname = "account_email_verification_sent"

    def handle(self) -> tuple[HttpResponse | None, bool]:
        """Send the link and wait for it, or go on."""
        if self._may_pass(self.login.user):
            return None, True
        self.send_link()
        return redirect(self.urlname), True

    def is_resumable(self, request: HttpRequest) -> bool:
        """Whoever confirmed signs in again, and is not led back here."""
        return False

    def send_link(self) -> bool:
        """Send the link to the address, unless one was sent there a moment ago; whether it was."""
        user = self.login.user
        usage: Any = ratelimit.consume(
            self.request,
            app="allauth.account",
            action="confirm_email",
            key=user.email,
            limit_get=True,
        )
        if not usage:
            messages.warning(
                self.request,
                _("A mail was sent a moment ago. Have another one sent in some minutes."),
            )
            return False
        try:
            addresses.send_link(user, at=timezone.now())
        except MailNotSent as failure:
            usage.rollback()
            messages.warning(self.request, failure.detail)
            return False
        return True

    def _may_pass(self, user: User) -> bool:
        if not settings.ACCESSPLANE_CONFIRM_ADDRESSES or user.has_confirmed_email:
            return True
        records = get_authentication_records(self.request, user)
        return not any(record["method"] == _BY_PASSWORD for record in records)
