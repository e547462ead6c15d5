"""Sending alerts over HTTP: webhooks with a signature, Slack-style webhooks, Telegram."""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from output.alerts.errors import DeliveryError
from output.alerts.texts import json_record, slack_payload, telegram_payload
from output.rows import to_json
from project.delivery import AlertOutput, check_url

if TYPE_CHECKING:
    from answers.alerts.messages import Message

TELEGRAM: Final = "https://api.telegram.org"
_SECONDS: Final = 10.0
_ATTEMPTS: Final = 3
# Seconds before the second attempt; the third waits twice as long.
_BACKOFF: Final = 0.5
_AGAIN: Final = (429, 500, 502, 503, 504)
_SECRET_PREFIX: Final = "whsec_"  # noqa: S105 - the beginning of a secret, not one
_SHORTEST_SECRET: Final = 24  # bytes, as the specification asks for


def send_webhook(output: AlertOutput, secret: str | None, message: Message) -> None:
    """Post a message as JSON, signed where there is a secret.

    The headers are those of Standard Webhooks 1.0 (https://www.standardwebhooks.com): an id
    that stays the same when a message is sent again, the time, and the HMAC-SHA256 of
    `id.time.body`, so that its libraries in every language check them.
    """
    body = to_json(json_record(message)).encode()
    moment = str(int(time.time()))
    headers = {"webhook-id": message.id, "webhook-timestamp": moment}
    if secret is not None:
        headers["webhook-signature"] = sign(secret, message.id, moment, body, output.variable)
    _post(output.url or "", body, output.ca_file, headers)


def sign(secret: str, message_id: str, moment: str, body: bytes, variable: str) -> str:
    """Return the signature of a message; `variable` names the secret in an error."""
    try:
        key = base64.b64decode(secret.removeprefix(_SECRET_PREFIX), validate=True)
    except ValueError:  # not base64, or not even ASCII
        key = b""
    if len(key) < _SHORTEST_SECRET:
        raise DeliveryError(
            f"{variable} is no secret for webhooks: it needs {_SHORTEST_SECRET} or more bytes in "
            f"base64, such as those of: openssl rand -base64 32"
        )
    signed = b".".join((message_id.encode(), moment.encode(), body))
    digest = hmac.digest(key, signed, hashlib.sha256)
    return f"v1,{base64.b64encode(digest).decode()}"


def send_slack(output: AlertOutput, secret: str | None, message: Message) -> None:
    """Post a message to the incoming webhook whose address is the secret."""
    url = _required(secret, output)
    try:
        check_url(url)
    except ValueError as error:
        raise DeliveryError(f"the address in {output.variable} {error}") from None
    _post(url, to_json(slack_payload(message)).encode(), output.ca_file)


def send_telegram(output: AlertOutput, secret: str | None, message: Message) -> None:
    """Post a message to a chat, as the bot whose token is the secret."""
    url = f"{(output.url or TELEGRAM).rstrip('/')}/bot{_required(secret, output)}/sendMessage"
    payload = telegram_payload(message, output.chat or "")
    _post(url, to_json(payload).encode(), output.ca_file)


def _required(secret: str | None, output: AlertOutput) -> str:
    if not secret:
        raise DeliveryError(f"its secret is missing; set {output.variable}")
    return secret


def _post(
    url: str, body: bytes, ca_file: Path | None, headers: Mapping[str, str] | None = None
) -> None:
    """Post JSON; errors name the host only, because the rest of an address may be secret."""
    from urllib3 import PoolManager, Retry
    from urllib3.exceptions import HTTPError

    host = urlsplit(url).hostname
    retries = Retry(
        total=_ATTEMPTS - 1,
        backoff_factor=_BACKOFF,
        status_forcelist=_AGAIN,
        allowed_methods=None,
        respect_retry_after_header=False,
        raise_on_status=False,
    )
    trusted: dict[str, Any] = {} if ca_file is None else {"ca_certs": str(ca_file)}
    try:
        with PoolManager(cert_reqs="CERT_REQUIRED", timeout=_SECONDS, **trusted) as pool:
            answer = pool.request(
                "POST",
                url,
                body=body,
                headers={"Content-Type": "application/json", **(headers or {})},
                retries=retries,
                redirect=False,
            )
    except (HTTPError, OSError, ValueError) as error:
        # An exception of urllib3 tells the whole address.
        reason = getattr(error, "reason", None) or error
        raise DeliveryError(f"{host} cannot be reached ({type(reason).__name__})") from None
    if not 200 <= answer.status < 300:
        raise DeliveryError(f"{host} answered {answer.status}")
