"""Mail out: the one way in which the plane hands a mail to the server of `EMAIL_URL`."""

from contextlib import suppress
from datetime import timedelta

from django.core.mail import EmailMessage, get_connection

from accessplane.lib.outbound import check_outside_transactions

TIMEOUT = timedelta(seconds=10)


def hand_over(mail: EmailMessage) -> None:
    """Give the mail to the server. Raises what `smtplib` does, or `OSError`, if it is not taken, and
    `RuntimeError` inside a transaction."""
    check_outside_transactions()
    mail.connection = connection = get_connection(timeout=TIMEOUT.total_seconds())
    try:
        mail.send()
    finally:
        with suppress(OSError):  # Django leaves one open that refused to let us in
            connection.close()
