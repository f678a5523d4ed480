"""News by mail, and the reviewer's way back: a page behind a personal link."""

import smtplib
from collections.abc import Mapping
from datetime import datetime, timedelta
from email.utils import parseaddr
from typing import Annotated, Any, ClassVar
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.mail import EmailMultiAlternatives
from django.core.mail.message import sanitize_address
from django.core.validators import validate_email

from accessplane.lib import mailing
from chatops.channels.base import DeliveryFailed
from chatops.channels.email import letters, links
from chatops.channels.email.letters import Thread
from chatops.messages import Audience, Deed, Message
from chatops.specs import ChannelSpec, told
from identity.specs import Spec

MOST_OF_SENDER = 128
MOST_SAID = 200
# What was refused is this mail, and not our call at this moment.
_OF_THIS_MAIL = (
    smtplib.SMTPRecipientsRefused,
    smtplib.SMTPSenderRefused,
    smtplib.SMTPDataError,
)
# Of RFC 5321: what can be wrong with a mailbox. The class of RFC 3463 that is said beside it
# tells whether it is the server that will not take our mail for anybody, such as one that relays
# for others only.
_OF_MAILBOX = {550, 551, 552, 553}
_POLICY = "5.7."


class EmailSettings(Spec, frozen=True):
    """Who the mail is from, and whether a reviewer must be signed in to decide.

    The mail server is `EMAIL_URL`, which the operator sets.
    """

    sender: Annotated[str, told("Such as Access Plane <access@example.com>.")]
    require_sign_in: Annotated[
        bool, told("A reviewer signs in behind the link of a mail before deciding.")
    ] = True

    def __post_init__(self) -> None:
        name, address = parseaddr(self.sender)
        if len(self.sender) > MOST_OF_SENDER or not self.sender.isprintable():
            raise ValueError(f"A sender has at most {MOST_OF_SENDER} characters on one line.")
        if not _is_address(address) or not _is_whole(self.sender, name, address):
            raise ValueError(
                "A sender is an address such as access@example.com, or a name and an address: "
                "Access Plane <access@example.com>."
            )


class EmailSpec(ChannelSpec, frozen=True):
    """The `spec` of a channel of this type."""

    settings: EmailSettings


class Email:
    """A channel whose recipients are e-mail addresses.

    Of one conversation each recipient has one thread, and `posted` is that thread.
    """

    kind: ClassVar[str] = "email"
    spec: ClassVar[type[ChannelSpec]] = EmailSpec
    secrets: ClassVar[frozenset[str]] = frozenset()
    has_recipients: ClassVar[bool] = True
    reaches_people: ClassVar[bool] = True
    follows: ClassVar[bool] = True
    pace: ClassVar[timedelta] = timedelta(milliseconds=100)

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self._sender: str = settings["sender"]
        self._channel = UUID(settings["channel"])

    def post(self, message: Message, *, to: str, key: str, at: datetime) -> str:
        """Send the first mail of a thread; to nobody, which a sample is for, to who asks for it."""
        recipient = to or str(message.event["actor"]["name"])
        first = letters.mail_id(key, to=recipient, sender=self._sender)
        thread = Thread(first, letters.subject_of(message))
        self._send(message, recipient, first, thread, at)
        return str(thread) if to else f"A mail is on its way to {recipient}."

    def update(self, message: Message, *, to: str, posted: str, key: str, at: datetime) -> str:
        """Send a further mail of the thread: what arrived before cannot be changed."""
        thread = Thread.kept_as(posted)
        own_id = letters.mail_id(key, to=to, sender=self._sender)
        self._send(message, to, own_id, thread, at)
        return posted

    def _send(
        self, message: Message, to: str, own_id: str, thread: Thread, at: datetime
    ) -> None:
        if not _is_address(to):
            raise DeliveryFailed(
                f"{to[:80]!r} is no e-mail address.", permanent=True, of_recipient=True
            )
        mail = letters.letter(
            message,
            sender=self._sender,
            to=to,
            own_id=own_id,
            thread=thread,
            personal_link=self._personal_link(message, to),
            at=at,
        )
        deliver(mail)

    def _personal_link(self, message: Message, to: str) -> str:
        """Where this reviewer decides; nothing for rooms, and when there is nothing to decide."""
        if message.audience is not Audience.REVIEWER or Deed.APPROVE not in message.deeds:
            return ""
        invitation = links.Invitation(self._channel, message.conversation, to)
        return links.address_of(invitation)


def deliver(mail: EmailMultiAlternatives) -> None:
    """Hand the mail to the server of `EMAIL_URL`, outside of any transaction.

    Raises `DeliveryFailed`: for good if the server will not have this mail, else to try again.
    """
    try:
        mailing.hand_over(mail)
    except smtplib.SMTPException as error:
        raise _refusal(error) from error
    except OSError as error:
        raise DeliveryFailed("The mail server could not be reached.") from error


def _refusal(error: smtplib.SMTPException) -> DeliveryFailed:
    code, said = _answer_in(error)
    if not code:
        return DeliveryFailed("The mail server broke off the conversation.")
    is_lasting = isinstance(error, _OF_THIS_MAIL) and code // 100 == 5  # noqa: PLR2004
    return DeliveryFailed(
        f"The mail server answered {code}: {said}",
        permanent=is_lasting,
        of_recipient=isinstance(error, smtplib.SMTPRecipientsRefused)
        and code in _OF_MAILBOX
        and _POLICY not in said,
    )


def _answer_in(error: smtplib.SMTPException) -> tuple[int, str]:
    """The server's code and its words on one line; 0 if it said nothing."""
    code: int
    said: bytes | str
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, said = next(iter(error.recipients.values()))
    elif isinstance(error, smtplib.SMTPResponseException):
        code, said = error.smtp_code, error.smtp_error
    else:
        return 0, ""
    text = said.decode(errors="replace") if isinstance(said, bytes) else str(said)
    return code, " ".join(text.split())[:MOST_SAID]


def _is_address(text: str) -> bool:
    try:
        validate_email(text)
    except ValidationError:
        return False
    return True


def _is_whole(sender: str, name: str, address: str) -> bool:
    """Whether nothing of the text is left over, which a mail system might read as an address."""
    try:
        return sanitize_address(sender, "utf-8") == sanitize_address((name, address), "utf-8")
    except ValueError:
        return False
