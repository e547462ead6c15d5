"""Sending what waits: every output by itself, so that one that fails stops no other."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

from output.alerts.errors import DeliveryError
from output.alerts.mail import send_mail
from output.alerts.web import send_slack, send_telegram, send_webhook
from project.delivery import AlertOutput, OutputKind

if TYPE_CHECKING:
    from answers.alerts.messages import Message
    from index.alert_log import AlertLog
    from index.base import AlertEvent

Send: TypeAlias = "Callable[[AlertOutput, str | None, Message], None]"

_SENDERS: Final[Mapping[OutputKind, Send]] = {
    "webhook": send_webhook,
    "email": send_mail,
    "slack": send_slack,
    "telegram": send_telegram,
}


@dataclass(frozen=True, slots=True)
class Delivery:
    """How sending to one output went.

    Attributes:
        output: its name in the project file.
        sent: messages that it took.
        error: why the next one could not be sent; None when nothing is left.
    """

    output: str
    sent: int
    error: str | None


def deliver(
    outputs: Iterable[AlertOutput], log: AlertLog, message_of: Callable[[AlertEvent], Message]
) -> list[Delivery]:
    """Send each output what it has not got yet, oldest first, until one message fails.

    Raises:
        StoreError: the store or the index cannot be used.
    """
    return [_deliver_to(output, log, message_of) for output in outputs]


def _deliver_to(
    output: AlertOutput, log: AlertLog, message_of: Callable[[AlertEvent], Message]
) -> Delivery:
    sent = 0
    secret = os.environ.get(output.variable) or None
    while (event := log.claim(output.name)) is not None:
        try:
            _SENDERS[output.to](output, secret, message_of(event))
        except DeliveryError as error:
            log.failed(event, output.name, str(error))
            return Delivery(output.name, sent, str(error))
        log.delivered(event, output.name)
        sent += 1
    return Delivery(output.name, sent, None)
