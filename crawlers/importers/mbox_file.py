"""E-mail: an mbox of any size, or a single message.

Quoted replies and signatures are left as they are: no rule tells them from the
writer's own words in every language and program.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from email import message_from_bytes, policy
from email.errors import HeaderParseError, MessageError
from email.header import decode_header
from email.message import Message
from email.utils import parseaddr, parsedate_to_datetime
from pathlib import Path
from typing import Final

from crawlers.importers.files import open_bytes
from crawlers.importers.options import ImportOptions
from crawlers.items import ParseContext, digest
from crawlers.text import plain_text
from mention import Mention, Reject

MAX_MESSAGE: Final = 64 * 1024 * 1024  # bytes
# "From sender Mon Nov  7 18:44:27 2016": a line of a body that begins with "From" has no year.
_SEPARATOR: Final = re.compile(rb"From .*\b\d{4}\b[^\n]{0,20}$")
_ESCAPED: Final = re.compile(rb"^>(>*From )", re.MULTILINE)
_MESSAGE_ID: Final = re.compile(r"<([^<>\s]+)>")


def read_mbox(path: Path, options: ImportOptions) -> Iterator[Mention | Reject]:
    """Yield the messages of an mbox or of a file with one message."""
    context = options.context
    for number, raw in enumerate(_messages(path), start=1):
        where = f"{path}: message {number}"
        if len(raw) > MAX_MESSAGE:
            yield context.reject(f"the message is longer than {MAX_MESSAGE >> 20} MB", where=where)
            continue
        try:
            yield read_message(raw, where, context)
        except (MessageError, ValueError, LookupError, TypeError, AttributeError) as error:
            # The standard library's parser fails on some malformed headers.
            yield context.reject(
                f"the message cannot be read: {error}",
                where=where,
                raw=raw[:2000].decode("utf-8", "replace"),
            )


def _messages(path: Path) -> Iterator[bytes]:
    """Split an mbox at its separator lines; without any, the file is one message."""
    with open_bytes(path) as stream:
        message: list[bytes] = []
        size = 0
        after_blank = True
        for line in stream:
            if after_blank and line.startswith(b"From ") and _SEPARATOR.match(line.rstrip()):
                if message:
                    yield _ESCAPED.sub(rb"\1", b"".join(message))
                message, size = [], 0
            elif size <= MAX_MESSAGE:
                message.append(line)
                size += len(line)
            after_blank = not line.strip()
        if any(line.strip() for line in message):
            yield _ESCAPED.sub(rb"\1", b"".join(message))


def read_message(raw: bytes, where: str, context: ParseContext) -> Mention | Reject:
    """Return the mention of one message.

    Id is the Message-ID, else a hash; parent the message it answers; author the
    sender's address, hashed. Of several parts the first plain text counts, else the
    first HTML.
    """
    message = message_from_bytes(raw, policy=policy.compat32)
    subject = _header(message, "Subject")
    sender, address = parseaddr(_header(message, "From"))
    date = _date(message, context)
    text = _body(message)
    own_id = _MESSAGE_ID.search(_header(message, "Message-ID"))
    native_id = own_id[1] if own_id else digest(date, address, subject, text)
    answers = (
        _MESSAGE_ID.findall(_header(message, "In-Reply-To"))
        or _MESSAGE_ID.findall(_header(message, "References"))[-1:]
    )
    return context.mention(
        native_id,
        where=where,
        raw=raw[:2000].decode("utf-8", "replace"),
        kind="message",
        title=" ".join(subject.split()) or None,
        text=text,
        lang=_header(message, "Content-Language").split(",")[0] or None,
        published_at=date,
        parent_id=context.mention_id(answers[0]) if answers else None,
        **context.authors.fields("email", address.lower() or sender, sender or address),
    )


def _header(message: Message, name: str) -> str:
    """Return a header as text: RFC 2047 words decoded, unknown charsets guessed."""
    value = message.get(name)
    if value is None:
        return ""
    pieces = []
    try:
        for piece, charset in decode_header(value):
            pieces.append(_decode(piece, charset) if isinstance(piece, bytes) else piece)
    except (HeaderParseError, ValueError):
        return str(value)
    return "".join(pieces).strip()


def _date(message: Message, context: ParseContext) -> datetime | None:
    value = _header(message, "Date")
    try:
        return context.date(parsedate_to_datetime(value)) if value else None
    except (ValueError, TypeError, IndexError, OverflowError):
        return context.date(value)


def _body(message: Message) -> str:
    markup = ""
    for part in message.walk():
        if part.is_multipart() or part.get_content_disposition() == "attachment":
            continue
        kind = part.get_content_type()
        if kind not in {"text/plain", "text/html"}:
            continue
        payload = part.get_payload(decode=True)
        text = _decode(payload, part.get_content_charset()) if isinstance(payload, bytes) else ""
        if kind == "text/plain" and text.strip():
            return text
        markup = markup or text
    return plain_text(markup)


def _decode(payload: bytes, charset: str | None) -> str:
    """Decode by the declared charset, else UTF-8, else the likeliest Cyrillic or Western one."""
    for name in (charset, "utf-8"):
        try:
            return payload.decode(name) if name else payload.decode("ascii")
        except (UnicodeDecodeError, LookupError, ValueError):
            continue
    from charset_normalizer import from_bytes

    best = from_bytes(payload[:100_000], cp_isolation=["cp1251", "koi8_r", "cp1252"]).best()
    return payload.decode(best.encoding if best else "cp1252", "replace")
