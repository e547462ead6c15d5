"""A mail server on this machine that speaks TLS and keeps what it is sent."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

from tests.elasticsearch.certificates import make_certificates


class Mailbox:
    """What was sent, and with which password.

    Attributes:
        mails: in the order of arrival.
        passwords: that clients logged in with.
    """

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.passwords: list[bytes] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd looks for this name
        mail = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        return "250 OK"

    def authenticate(
        self, server: Any, session: Any, envelope: Any, mechanism: str, given: LoginPassword
    ) -> AuthResult:
        self.passwords.append(given.password)
        # Not handled: the server sends the answer itself.
        return AuthResult(success=given.password == b"sesame", handled=False)


class _StartTls(Controller):
    def factory(self) -> SMTP:
        return SMTP(
            self.handler,
            tls_context=self.tls,
            require_starttls=True,
            authenticator=self.handler.authenticate,
            hostname="localhost",
        )


@contextmanager
def mail_server(folder: Path) -> Iterator[tuple[int, Path, Mailbox]]:
    """Yield the port of a server with STARTTLS, the authority to trust, and its mailbox."""
    authority = make_certificates(folder)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(folder / "server.crt", folder / "server.key")
    mailbox = Mailbox()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]  # aiosmtpd itself cannot take just any
    controller = _StartTls(mailbox, hostname="127.0.0.1", port=port)
    controller.tls = context
    controller.start()
    try:
        yield port, authority, mailbox
    finally:
        controller.stop()
