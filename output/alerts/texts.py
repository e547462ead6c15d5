"""An alert as plain text and as what chats take. Everything in it is treated as hostile.

Names of rules and brands come from the user, sentences from strangers. Each of them becomes
one printable line first; what is left is escaped as the receiver's documentation says.
"""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any, Final

from output.rows import printable, shortened

if TYPE_CHECKING:
    from answers.alerts.messages import Evidence, Message

# Longest piece of a sentence and of a line in a message; JSON has all of it.
SENTENCE: Final = 300
LINE: Final = 500
# https://core.telegram.org/bots/api#sendmessage: 4,096 characters after its markup is read.
_TELEGRAM: Final = 4096
# https://docs.slack.dev/changelog/2018-truncating-really-long-messages: cut at 40,000.
_SLACK: Final = 12_000


def plain_text(message: Message) -> str:
    """Return a message for a mail or a terminal: lines of printable text."""
    lines = [printable(line) for line in message.lines]
    lines += [f"«{shortened(one.text, SENTENCE)}»\n    {_origin(one)}" for one in message.evidence]
    if message.query is not None:
        lines.append(f"All of them: {command_of(message.query)}")
    return "\n\n".join(lines) + "\n"


def title(message: Message) -> str:
    """Return the title as one printable line, with its severity."""
    severity = "" if message.severity == "info" else f"[{message.severity}] "
    return f"{severity}{shortened(message.title, LINE)}"


def command_of(query: str) -> str:
    """Return the command that shows what a query finds, ready for a POSIX shell."""
    quoted = printable(query).replace("'", "'\\''")
    return f"molva search '{quoted}'"


def slack_payload(message: Message) -> dict[str, Any]:
    """Return what an incoming webhook of Slack, Mattermost or Rocket.Chat takes.

    Slack reads `<!channel>`, `<@U…>` and links between angle brackets even where markup is
    switched off, so `&`, `<` and `>` are escaped
    (https://docs.slack.dev/messaging/formatting-message-text#escaping); the others call
    people by a bare `@all`, so a zero-width space follows every `@`, and may read Markdown, so
    one stands in every `](` of a link or picture.
    """
    text = "\n".join(_lines(message))
    for written, escaped in (
        ("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("@", "@\u200b"), ("](", "]\u200b("),
    ):  # fmt: skip
        text = text.replace(written, escaped)
    return {
        "text": _cut(text, _SLACK),
        "mrkdwn": False,
        "unfurl_links": False,
        "unfurl_media": False,
    }


def telegram_payload(message: Message, chat: str) -> dict[str, Any]:
    """Return what `sendMessage` of Telegram's Bot API takes.

    Text between `<code>` is neither read for names and commands nor turned into links, so
    that no sentence of a stranger calls a member of the chat.
    """
    head, *lines = _lines(message)
    # The head names a brand or a place, which may be what a page has written.
    parts = [f"<code>{html.escape(head, quote=False)}</code>"]
    room = _TELEGRAM - len(head)
    for line in lines:
        # Counted before escaping, as Telegram does after reading the markup.
        if len(line) + 1 > room:
            break
        room -= len(line) + 1
        parts.append(f"<code>{html.escape(line, quote=False)}</code>")
    return {
        "chat_id": chat,
        "text": "\n".join(parts),
        "parse_mode": "HTML",
        "link_preview_options": {"is_disabled": True},
    }


def json_record(message: Message) -> dict[str, Any]:
    """Return a message for programs: JSON values, with the sentences as they are."""
    return {
        "id": message.id,
        "event": message.kind,
        "severity": message.severity,
        "title": message.title,
        "text": list(message.lines),
        "evidence": [
            {
                "mention_id": one.mention_id,
                "text": one.text,
                "confidence": one.confidence,
                "source": one.source,
                "day": one.day,
                "url": one.url,
            }
            for one in message.evidence
        ],
        **{key: value for key, value in message.record.items() if key not in {"title", "lines"}},
    }


def _lines(message: Message) -> list[str]:
    lines = [title(message), *(shortened(line, LINE) for line in message.lines)]
    lines += [f"«{shortened(one.text, SENTENCE)}» ({_origin(one)})" for one in message.evidence]
    if message.query is not None:
        lines.append(shortened(command_of(message.query), LINE))
    return lines


def _origin(one: Evidence) -> str:
    parts = [f"{one.day:%Y-%m-%d}", one.source, one.mention_id]
    if one.confidence is not None:
        parts.append(f"confidence {one.confidence:.2f}")
    return shortened(", ".join(parts), LINE)


def _cut(text: str, characters: int) -> str:
    return text if len(text) <= characters else text[: characters - 1] + "…"
