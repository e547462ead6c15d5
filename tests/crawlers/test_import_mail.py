"""Importing e-mail: headers and bodies as the world's programs write them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from crawlers.importers import import_file
from mention import Mention, Reject

PLAIN = """\
From: =?utf-8?b?0J7Qu9GM0LPQsA==?= <olga@example.org>
To: help@example.org
Subject: =?windows-1251?Q?=C6=E0=EB=EE=E1=E0?= =?utf-8?q?_=E2=84=96_5?=
Date: Mon, 02 Mar 2026 10:00:00 +0300
Message-ID: <one@mail.example.org>
In-Reply-To: <zero@mail.example.org>
References: <root@mail.example.org> <zero@mail.example.org>
Content-Type: text/plain; charset=windows-1251
Content-Transfer-Encoding: quoted-printable

=C6=E4=F3 =F2=F0=E5=F2=FC=FE =ED=E5=E4=E5=EB=FE.

> =D6=E8=F2=E0=F2=E0
--=20
=CE=EB=FC=E3=E0
"""

MULTIPART = """\
From: b@example.org
Subject: Two parts
Date: yesterday
Message-ID: <two@mail.example.org>
References: <one@mail.example.org>
Content-Language: lt-LT, en
Content-Type: multipart/mixed; boundary="o"

--o
Content-Type: multipart/alternative; boundary="i"

--i
Content-Type: text/html; charset=utf-8

<p>HTML &amp; part</p>
--i
Content-Type: text/plain; charset=x-no-such-charset
Content-Transfer-Encoding: base64

0J/RgNC+0YHRgtC+0Lkg0YLQtdC60YHRgg==
--i--
--o
Content-Type: text/plain; name="notes.txt"
Content-Disposition: attachment

Attachment
--o--
"""

HTML_ONLY = """\
From: c@example.org
Subject: Only HTML
Content-Type: text/html; charset=utf-8

<html><body><p>Pirma.</p><p>Antra &amp; paskutinė.</p></body></html>
"""

BARE = """\
From: d@example.org

From the very beginning it was slow.
>From my side: never again.
"""


def mbox(*messages: str) -> bytes:
    return b"".join(
        b"From x@example.org Mon Mar  2 10:00:00 2026\n" + one.encode() + b"\n" for one in messages
    )


def read(path: Path, content: bytes, **options: Any) -> list[Mention]:
    path.write_bytes(content)
    items = list(import_file(path, author_salt="s", **options))
    assert not [item for item in items if isinstance(item, Reject)]
    return [item for item in items if isinstance(item, Mention)]


@pytest.fixture
def messages(tmp_path: Path) -> list[Mention]:
    return read(tmp_path / "mail.mbox", mbox(PLAIN, MULTIPART, HTML_ONLY, BARE))


def test_headers_words_and_charsets(messages: list[Mention]) -> None:
    one = messages[0]
    assert (one.id, one.parent_id) == (
        "import:one@mail.example.org",
        "import:zero@mail.example.org",
    )
    assert (one.title, one.kind) == ("Жалоба № 5", "message")
    # Quotes and signatures stay.
    assert one.text == "Жду третью неделю.\n\n> Цитата\n-- \nОльга"
    assert one.published_at == datetime(2026, 3, 2, 7, tzinfo=UTC)
    assert one.author_id
    assert "olga" not in one.model_dump_json()


def test_plain_text_part_goes_before_html_and_attachments_are_left_out(
    messages: list[Mention],
) -> None:
    two = messages[1]
    assert two.text == "Простой текст"
    assert (two.published_at, two.lang) == (None, "lt")
    assert two.parent_id == "import:one@mail.example.org"
    assert messages[2].text == "Pirma.\n\nAntra & paskutinė."


def test_body_line_that_begins_with_from_is_no_new_message(messages: list[Mention]) -> None:
    assert len(messages) == 4
    assert messages[3].text == ("From the very beginning it was slow.\nFrom my side: never again.")


def test_message_without_an_id_keeps_its_hash(tmp_path: Path, messages: list[Mention]) -> None:
    again = read(tmp_path / "again.mbox", mbox(HTML_ONLY, BARE))
    assert [one.id for one in again] == [one.id for one in messages[2:]]


def test_single_message_and_windows_line_ends(tmp_path: Path) -> None:
    (one,) = read(tmp_path / "one.eml", PLAIN.replace("\n", "\r\n").encode(), source="support")
    assert one.id == "support:one@mail.example.org"
    assert one.text == "Жду третью неделю.\n\n> Цитата\n-- \nОльга"
    assert len(read(tmp_path / "crlf.mbox", mbox(PLAIN, BARE).replace(b"\n", b"\r\n"))) == 2


@pytest.mark.parametrize(
    "damage",
    [
        b"Subject: =?utf-8?b?!!!?=\n\nx\n",
        b"Subject: =?no-such?q?x?=\n\nx\n",
        b"Date: Mon, 99 Xxx 99999 99:99:99 +9999\nSubject: s\n\nx\n",
        b"Message-ID: <\nSubject: s\n\nx\n",
        b"Content-Type: multipart/mixed\nSubject: s\n\nx\n",
        b'Content-Type: text/plain; charset="\n\nx\n',
        b"Content-Transfer-Encoding: base64\nSubject: s\n\n%%%%\n",
        b"From: \xff\xfe <a@b>\nSubject: \xd0\xd1\n\n\xcf\xf0\xe8\xe2\xe5\xf2\n",
        b"From: a <b <c\nTo: ;;;\nSubject: s\n\n\x00\x01x\n",
    ],
)
def test_damaged_message_stands_alone(tmp_path: Path, damage: bytes) -> None:
    separator = b"From x@example.org Mon Mar  2 10:00:00 2026\n"
    path = tmp_path / "m.mbox"
    path.write_bytes(separator + damage + b"\n" + mbox(PLAIN))
    items = list(import_file(path))
    assert len(items) == 2
    assert isinstance(items[1], Mention)
    assert items[1].id == "import:one@mail.example.org"
