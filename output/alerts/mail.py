"""Sending alerts by e-mail, over TLS only."""

from __future__ import annotations

import smtplib
import ssl
from email.message import EmailMessage
from email.utils import formatdate
from typing import TYPE_CHECKING, Final

import click

from output.alerts.errors import DeliveryError
from output.alerts.texts import plain_text, title
from output.rows import printable
from project.delivery import AlertOutput

if TYPE_CHECKING:
    from answers.alerts.messages import Message

_SECONDS: Final = 20.0


def send_mail(output: AlertOutput, secret: str | None, message: Message) -> None:
    """Send a message to all recipients at once.

    Its Message-ID is made of the event's id: many mail programs show a mail that comes
    twice only once.
    """
    if output.user is not None and not secret:
        raise DeliveryError(f"the password of {output.user} is missing; set {output.variable}")
    try:
        mail = _mail(output, message)
        with _connect(output) as server:
            if output.user is not None and secret:
                _log_in(server, output, secret)
            refused = server.send_message(mail)
    except smtplib.SMTPResponseException as error:
        raise DeliveryError(f"the mail server {output.host} answered {error.smtp_code}") from None
    except (smtplib.SMTPException, OSError) as error:
        name = type(error).__name__
        raise DeliveryError(f"the mail server {output.host} cannot be used ({name})") from None
    except ValueError:
        raise DeliveryError("sender or recipients are no mail addresses; correct them") from None
    if refused:
        # Not an error: that would send it once more to those who have it, again and again.
        names = ", ".join(refused)
        click.echo(printable(f"the mail server {output.host} refused {names} only"), err=True)


def _connect(output: AlertOutput) -> smtplib.SMTP:
    trusted = ssl.create_default_context(cafile=output.ca_file)
    if output.security == "ssl":
        return smtplib.SMTP_SSL(output.host, output.port, timeout=_SECONDS, context=trusted)
    server = smtplib.SMTP(output.host, output.port, timeout=_SECONDS)
    try:
        server.starttls(context=trusted)
    except BaseException:
        server.close()
        raise
    return server


def _log_in(server: smtplib.SMTP, output: AlertOutput, secret: str) -> None:
    try:
        server.login(output.user or "", secret)
    except (smtplib.SMTPException, UnicodeError):
        # Some servers answer a wrong password, others hang up; none takes what is not ASCII.
        raise DeliveryError(
            f"the mail server {output.host} refuses {output.user}; check {output.variable}"
        ) from None


def _mail(output: AlertOutput, message: Message) -> EmailMessage:
    mail = EmailMessage()
    mail["From"] = output.sender
    mail["To"] = ", ".join(output.recipients)
    mail["Subject"] = title(message)
    mail["Date"] = formatdate(localtime=False)
    domain = output.sender.rpartition("@")[2].strip(" >")
    mail["Message-ID"] = f"<{message.id}@{domain}>"
    # No answers from robots: RFC 3834.
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(plain_text(message))
    return mail
