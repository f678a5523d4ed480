"""Mails to people about their own sign-in."""

import logging
from datetime import datetime
from smtplib import SMTPException
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from accessplane.lib import mailing
from accessplane.lib.errors import Conflict
from accessplane.lib.instants import spoken

log = logging.getLogger(__name__)


class MailNotSent(Conflict):
    """The mail server did not take it; the log says why."""

    code = "mail_not_sent"


def send(letter: str, *, to: str, door: str, key: str, until: datetime, **words: Any) -> None:
    """Send the letter of this name, whose first line is its subject, with a link to the door that
    works `until` then.

    Outside of any transaction. Raises `MailNotSent`.
    """
    link = f"{settings.ACCESSPLANE_PUBLIC_URL}{reverse(door, args=[key])}"
    words |= {"to": to, "link": link, "until": spoken(until)}
    text = render_to_string(f"identity/letters/{letter}.txt", words)
    subject, _line, body = text.strip().partition("\n")
    mail = EmailMessage(
        subject=subject,
        body=f"{body.strip()}\n",
        to=[to],
        headers={"Auto-Submitted": "auto-generated"},
    )
    try:
        mailing.hand_over(mail)
    except (SMTPException, OSError) as error:
        log.warning("A mail to %s was not sent: %s", to, error)
        raise MailNotSent(
            _("The mail could not be sent. Try again later; the log of the plane says why.")
        ) from error
