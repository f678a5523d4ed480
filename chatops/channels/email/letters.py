"""How a message looks as a mail, and what makes several of them one conversation."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime, parseaddr

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from accessplane.lib.instants import spoken
from chatops.messages import Audience, Deed, Fact, Message

SUBJECT_LENGTH = 90  # with its id, a thread is kept in 254 characters


@dataclass(frozen=True, slots=True)
class Thread:
    """A conversation in a mailbox: the id of its first mail, and the subject of all of them."""

    first: str
    subject: str

    def __str__(self) -> str:
        return f"{self.first} {self.subject}"

    @classmethod
    def kept_as(cls, text: str) -> "Thread":
        """The thread that was written as `str(thread)`."""
        first, _, subject = text.partition(" ")
        return cls(first, subject)


def mail_id(key: str, *, to: str, sender: str) -> str:
    """The Message-ID of this posting to this recipient: the same one however often it is sent."""
    _, address = parseaddr(sender)
    digest = hashlib.sha256(f"{key} {to}".encode()).hexdigest()
    return f"<{digest[:32]}@{address.rpartition('@')[2]}>"


def subject_of(message: Message) -> str:
    """The title on one line, without anything that a header could not hold."""
    subject = _one_line(message.title)
    is_long = len(subject) > SUBJECT_LENGTH
    return f"{subject[: SUBJECT_LENGTH - 1].rstrip()}…" if is_long else subject


def letter(
    message: Message,
    *,
    sender: str,
    to: str,
    own_id: str,
    thread: Thread,
    personal_link: str,
    at: datetime,
) -> EmailMultiAlternatives:
    """The mail: its text, and the same in HTML that loads nothing from anywhere.

    `personal_link` is where this recipient decides, and empty for whoever does not.
    """
    words = _words(message, to=to, personal_link=personal_link)
    mail = EmailMultiAlternatives(
        subject=thread.subject,
        body=render_to_string("chatops/email/message.txt", words),
        from_email=sender,
        to=[to],
        headers=_headers(message, own_id=own_id, thread=thread, at=at),
    )
    html = render_to_string("chatops/email/message.html", words)
    mail.attach_alternative(html, "text/html")
    return mail


def notifications_link() -> str:
    """The address of the page where people choose what they hear of."""
    return f"{settings.ACCESSPLANE_PUBLIC_URL}{reverse('notifications-page')}"


def _headers(message: Message, *, own_id: str, thread: Thread, at: datetime) -> dict[str, str]:
    headers = {
        "Message-ID": own_id,
        "Date": format_datetime(at),
        "Auto-Submitted": "auto-generated",
    }
    if thread.first != own_id:
        headers |= {"In-Reply-To": thread.first, "References": thread.first}
    if message.audience is not Audience.ROOM:
        headers["List-Unsubscribe"] = f"<{notifications_link()}>"
    return headers


def _words(message: Message, *, to: str, personal_link: str) -> dict[str, object]:
    """What the templates may use."""
    return {
        "title": _one_line(message.title),
        "news": message.news,
        "mood": message.mood.lower(),
        "facts": [(fact.label, _text_of(fact)) for fact in message.facts],
        "to": to,
        "is_for_a_room": message.audience is Audience.ROOM,
        "is_for_a_reviewer": message.audience is Audience.REVIEWER,
        "is_personal": bool(personal_link),
        "link": personal_link or message.link,
        "action": _action(message, personal_link),
        "more_time": message.more_time,
        "notifications": notifications_link(),
    }


def _action(message: Message, personal_link: str) -> str:
    if message.object_id is None:
        return _("Open Access Plane")
    if personal_link:
        return _("Approve or deny")
    return Deed.GIVE_BACK.label if Deed.GIVE_BACK in message.deeds else _("Show the request")


def _text_of(fact: Fact) -> str:
    """What the fact says; a line of it can be told from the beginning of another fact."""
    text = spoken(fact.value) if isinstance(fact.value, datetime) else fact.value
    return "\n    ".join(text.splitlines())


def _one_line(text: str) -> str:
    printable = (char if char.isprintable() else " " for char in text)
    return " ".join("".join(printable).split())
