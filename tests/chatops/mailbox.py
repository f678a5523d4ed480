"""A mail server that keeps what it is given: a real one, which answers as it is told."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

_LINK = re.compile(r"http://127\.0\.0\.1:8000(/\S*)")


@dataclass(frozen=True)
class Mail:
    """One mail as it came in: its envelope, and what was inside."""

    sender: str
    recipients: list[str]
    raw: bytes

    @property
    def message(self) -> EmailMessage:
        return message_from_bytes(self.raw, policy=policy.default)

    @property
    def text(self) -> str:
        return self.message.get_body(("plain",)).get_content().replace("\r\n", "\n")

    @property
    def html(self) -> str:
        return self.message.get_body(("html",)).get_content()

    def header(self, name: str) -> str:
        return str(self.message[name])

    @property
    def link(self) -> str:
        """The path that the mail's first button leads to."""
        return self.links[0]

    @property
    def links(self) -> list[str]:
        """The paths of this plane that its text names."""
        return _LINK.findall(self.text)


@dataclass
class Mailbox:
    """`refusals` are given one after the other to the command that they name, then all is well.

    Who names himself is let in with `password` only.
    """

    port: int = 0
    password: bytes = b"the right password"
    mails: list[Mail] = field(default_factory=list)
    refusals: list[tuple[str, str]] = field(default_factory=list)

    def to(self, recipient: str) -> list[Mail]:
        return [mail for mail in self.mails if mail.recipients == [recipient]]

    def last_to(self, recipient: str) -> Mail:
        return self.to(recipient)[-1]

    def will_refuse(self, command: str, answer: str, times: int = 1) -> None:
        self.refusals += [(command, answer)] * times

    # --- what aiosmtpd calls --------------------------------------------------------------------

    async def handle_MAIL(self, _server, _session, envelope, address, options) -> str:  # noqa: N802
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return self._refusal_of("MAIL") or "250 OK"

    async def handle_RCPT(self, _server, _session, envelope, address, _options) -> str:  # noqa: N802
        refusal = self._refusal_of("RCPT")
        if refusal is None:
            envelope.rcpt_tos.append(address)
        return refusal or "250 OK"

    async def handle_DATA(self, _server, _session, envelope: Any) -> str:  # noqa: N802
        refusal = self._refusal_of("DATA")
        if refusal is None:
            self.mails.append(Mail(envelope.mail_from, envelope.rcpt_tos, envelope.content))
        return refusal or "250 Kept"

    def judge(
        self, _server, _session, _envelope, _mechanism, given: LoginPassword
    ) -> AuthResult:
        """Whether to let this client in."""
        return AuthResult(success=given.password == self.password, handled=False)

    def _refusal_of(self, command: str) -> str | None:
        if self.refusals and self.refusals[0][0] == command:
            return self.refusals.pop(0)[1]
        return None


class _AnyPort(Controller):
    """A server at a port that the system chooses."""

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@contextmanager
def mail_server() -> Iterator[Mailbox]:
    """A mailbox behind a server, for as long as the block lasts."""
    mailbox = Mailbox()
    server = _AnyPort(
        mailbox,
        hostname="127.0.0.1",
        port=0,
        authenticator=mailbox.judge,
        auth_require_tls=False,
    )
    server.start()
    mailbox.port = server.port
    try:
        yield mailbox
    finally:
        server.stop()
