"""Where a project sends its alerts: the tables `[alerts_delivery.NAME]`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, get_args
from urllib.parse import urlsplit

from project.alerts import SEVERITIES, Severity
from project.checks import ProjectError, refuse_unknown, text

OutputKind = Literal["webhook", "email", "slack", "telegram"]
Security = Literal["starttls", "ssl"]

_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")
_COMMON: Final = ("to", "severity", "ca_file")
_SETTINGS: Final[Mapping[OutputKind, tuple[str, ...]]] = {
    "webhook": ("url",),
    "email": ("host", "port", "security", "user", "sender", "recipients"),
    "slack": (),
    "telegram": ("chat", "url"),
}
# The end of the variable that has the secret of such an output.
SECRETS: Final[Mapping[OutputKind, str]] = {
    "webhook": "SECRET",
    "email": "PASSWORD",
    "slack": "URL",
    "telegram": "TOKEN",
}
_FORBIDDEN: Final = ("secret", "password", "token", "api_key", "key")
_PORTS: Final[Mapping[Security, int]] = {"starttls": 587, "ssl": 465}
_LOOPBACK: Final = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class AlertOutput:
    """One table `[alerts_delivery.NAME]`; secrets come from the environment.

    Attributes:
        name: of the table.
        to: what sort of receiver it is.
        severity: alerts below it are not sent there.
        ca_file: certificates that sign the receiver's own; None for those the machine trusts.
        url: of a webhook, or of a Bot API server of one's own.
        chat: id or @name of a Telegram chat.
        host, port, security: of the mail server.
        user: whom to log in as at the mail server; None: no login.
        sender, recipients: mail addresses.
    """

    name: str
    to: OutputKind
    severity: Severity = "info"
    ca_file: Path | None = None
    url: str | None = None
    chat: str | None = None
    host: str = ""
    port: int = 0
    security: Security = "starttls"
    user: str | None = None
    sender: str = ""
    recipients: tuple[str, ...] = ()

    @property
    def variable(self) -> str:
        """The environment variable that has its secret."""
        return f"MOLVA_ALERTS_{self.name.upper()}_{SECRETS[self.to]}"

    def takes(self, severity: Severity) -> bool:
        """Whether alerts of this severity are sent there."""
        return SEVERITIES.index(severity) >= SEVERITIES.index(self.severity)


def read_delivery(data: Mapping[str, Any], file: Path) -> tuple[AlertOutput, ...]:
    """Return the outputs of a project file.

    Raises:
        ProjectError: one is not as it should be.
    """
    tables = data.get("alerts_delivery", {})
    if not isinstance(tables, dict) or not all(isinstance(one, dict) for one in tables.values()):
        raise ProjectError(
            f"{file}: each receiver of alerts begins with a line [alerts_delivery.its_name]"
        )
    return tuple(_output(name, table, file) for name, table in tables.items())


def _output(name: str, table: Mapping[str, Any], file: Path) -> AlertOutput:
    where = f"{file}: [alerts_delivery.{name}]"
    if not _NAME.fullmatch(name):
        raise ProjectError(f"{where} needs a name of small Latin letters, digits and '_'")
    kinds: tuple[OutputKind, ...] = get_args(OutputKind)
    to = next((kind for kind in kinds if kind == table.get("to")), None)
    if to is None:
        raise ProjectError(f"{where}: to is one of {', '.join(kinds)}")
    severity = table.get("severity", "info")
    variable = AlertOutput(name, to).variable
    if secrets := [one for one in table if one in _FORBIDDEN or (to == "slack" and one == "url")]:
        raise ProjectError(
            f"{where}: '{secrets[0]}' is a secret and does not belong here; set {variable}"
        )
    refuse_unknown(table, (*_COMMON, *_SETTINGS[to]), file, f"setting of [alerts_delivery.{name}]:")
    if severity not in SEVERITIES:
        raise ProjectError(f"{where}: severity is one of {', '.join(SEVERITIES)}")
    ca_file = text(table, "ca_file", file)
    security = table.get("security", "starttls")
    if security not in tuple(_PORTS):
        raise ProjectError(f"{where}: security is starttls or ssl; mail is never sent in the clear")
    output = AlertOutput(
        name=name,
        to=to,
        severity=severity,
        ca_file=file.parent / ca_file if ca_file else None,
        url=_url(table, where, file),
        chat=_chat(table, where),
        host=text(table, "host", file) or "",
        port=_port(table, _PORTS[security], where),
        security=security,
        user=text(table, "user", file),
        sender=text(table, "sender", file) or "",
        recipients=_recipients(table, where),
    )
    _check_complete(output, where)
    return output


def _check_complete(output: AlertOutput, where: str) -> None:
    every: Mapping[OutputKind, Mapping[str, object]] = {
        "webhook": {"url": output.url},
        "email": {
            "host": output.host,
            "sender": output.sender,
            "recipients": output.recipients,
        },
        "slack": {},
        "telegram": {"chat": output.chat},
    }
    if missing := [setting for setting, value in every[output.to].items() if not value]:
        raise ProjectError(f"{where} needs {missing[0]}")


def _url(table: Mapping[str, Any], where: str, file: Path) -> str | None:
    url = text(table, "url", file)
    if url is None:
        return None
    try:
        check_url(url)
    except ValueError as error:
        raise ProjectError(f"{where}: url {error}") from error
    return url


def check_url(url: str) -> None:
    """Refuse an address that alerts would be readable on the way to.

    Raises:
        ValueError: it is not https, or http on this machine; the message says so.
    """
    parts = urlsplit(url)
    is_local = parts.scheme == "http" and parts.hostname in _LOOPBACK
    if not parts.hostname or not (parts.scheme == "https" or is_local):
        raise ValueError("begins with https:// (http:// only for this machine)")


def _chat(table: Mapping[str, Any], where: str) -> str | None:
    value = table.get("chat")
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise ProjectError(f'{where}: chat is a number such as -1001234567890 or "@name"')
    return str(value)


def _port(table: Mapping[str, Any], default: int, where: str) -> int:
    value = table.get("port", default)
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= 65535:
        raise ProjectError(f"{where}: port is a number from 1 to 65535")
    return value


def _recipients(table: Mapping[str, Any], where: str) -> tuple[str, ...]:
    value = table.get("recipients", [])
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise ProjectError(f'{where}: write recipients as ["service@example.org"]')
    return tuple(value)
