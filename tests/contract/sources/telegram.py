"""Posts of a public channel: HTML, the oldest first, pages below a number."""

from __future__ import annotations

import html
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.contract.sources.kit import Routes, Source
from tests.crawlers.loopback import Answer, Asked

CHANNEL = "parus_Cafe"
PATH = f"/s/{CHANNEL}"
NEWEST = datetime(2026, 3, 28, 20, 15, 31, tzinfo=UTC)
PAGE = 40
EDITED, FORWARDED, HIDDEN_ORIGIN, PICTURE, SIGNED, ANSWER, POLL, SERVICE, VIDEO, QUIET = range(
    1, 11
)


def _at(number: int) -> datetime:
    return NEWEST - timedelta(hours=3 * number)


def _id(number: int) -> int:
    return 900_000 - number


def _media(turn: int) -> str:
    if turn == VIDEO:
        # A video says how long it is, in an element of the same name as the post's time.
        return (
            '<a class="tgme_widget_message_video_player"><i class="thumb"></i>'
            '<time class="message_video_duration">0:42</time></a>'
        )
    return '<a class="tgme_widget_message_photo_wrap" href="#"></a>' if turn == PICTURE else ""


def _words(number: int, turn: int) -> str:
    if turn == PICTURE:
        return ""
    if turn == POLL:
        return (
            '<div class="tgme_widget_message_poll"><div class="tgme_widget_message_poll_question">'
            f"Ждёте {number} мин?</div>"
            '<div class="tgme_widget_message_poll_option_text">Да &amp; долго</div>'
            '<div class="tgme_widget_message_poll_option_text">Нет</div></div>'
        )
    return (
        '<div class="tgme_widget_message_text js-message_text" dir="auto">'
        f"<b>Кофе</b> &amp; чай № {number} "
        '<tg-emoji emoji-id="5"><i class="emoji" style="a"><b>☕</b></i></tg-emoji><br/><br/>'
        '<a href="https://parus.example" onclick="return confirm(\'Open?\\n\\n\');">Меню</a>'
        "<blockquote>&lt;3</blockquote></div>"
    )


def _reactions(number: int, turn: int) -> str:
    if turn == QUIET:
        return ""
    thousands = "1.2K" if turn == SIGNED else str(number)
    return (
        '<div class="tgme_widget_message_reactions js-message_reactions">'
        '<span class="tgme_reaction tgme_reaction_paid"><i class="icon"></i>9</span>'
        f'<span class="tgme_reaction"><i class="emoji"><b>👍</b></i>{thousands}</span>'
        '<span class="tgme_reaction"><i class="emoji"><b>👎</b></i>7</span>'
        '<span class="tgme_reaction"><i class="emoji"><b>❤</b></i>1</span></div>'
    )


def message(number: int) -> str:
    turn, post = number % 14, f"{CHANNEL}/{_id(number)}"
    forwarded = '<div class="tgme_widget_message_forwarded_from accent_color">Forwarded from '
    name = 'class="tgme_widget_message_forwarded_from_name"'
    above = {
        FORWARDED: f'{forwarded}<a {name} href="https://t.me/Mayak_News/77">'
        '<span dir="auto">Маяк</span></a></div>',
        HIDDEN_ORIGIN: f"{forwarded}<span {name}>Гость {number}</span></div>",
        ANSWER: f'<a class="tgme_widget_message_reply" href="https://t.me/{CHANNEL.lower()}/'
        f'{_id(number) - 9}"><div class="tgme_widget_message_author">Парус</div>'
        '<div class="tgme_widget_message_text js-message_reply_text">Чужие слова</div></a>',
    }.get(turn, "")
    mark = {
        EDITED: "edited &nbsp;",
        SIGNED: f'<span class="tgme_widget_message_from_author">Боцман {number}</span>,&nbsp;',
    }.get(turn, "")
    classes = "tgme_widget_message text_not_supported_wrap js-widget_message"
    if turn == SERVICE:
        classes += " service_message"
    return f"""<div class="tgme_widget_message_wrap js-widget_message_wrap">
<div class="{classes}" data-post="{post}">
<div class="tgme_widget_message_bubble">
<div class="tgme_widget_message_author accent_color"><a class="tgme_widget_message_owner_name"
 href="https://t.me/{CHANNEL}"><span dir="auto">Кофейня &laquo;Парус&raquo;</span></a></div>
{above}{_media(turn)}{_words(number, turn)}{_reactions(number, turn)}
<div class="tgme_widget_message_footer compact js-message_footer">
<span class="tgme_widget_message_views">{number}.1K</span><span class="copyonly"> views</span>
<span class="tgme_widget_message_meta">{mark}<a class="tgme_widget_message_date"
 href="https://t.me/{post}"><time datetime="{_at(number).isoformat()}" class="time">20:15</time>
</a></span>
</div></div></div></div>"""


def page_of(numbers: Sequence[int], before: int | None) -> str:
    """A page with the newest of `numbers` first, which it shows the other way round."""
    more = ""
    if before is not None:
        more = (
            f'<div class="tgme_widget_message_centered"><a href="{PATH}?before={before}" '
            f'class="tme_messages_more js-messages_more" data-before="{before}"></a></div>'
        )
    head = f'<link rel="prev" href="{PATH}?before={before}">' if before is not None else ""
    messages = "\n".join(message(number) for number in reversed(numbers))
    return (
        f'<!DOCTYPE html><html><head><meta charset="utf-8"><title>Парус</title>{head}</head><body>'
        f'<section class="tgme_channel_history js-message_history">{more}{messages}</section>'
        "</body></html>"
    )


def platform(numbers: Sequence[int]) -> Routes:
    def page(asked: Asked, _before: int) -> Answer:
        query = parse_qs(urlsplit(asked.path).query)
        below = int(query.get("before", [10**9])[0])
        left = [number for number in numbers if _id(number) < below]
        part = left[:PAGE]
        before = _id(part[-1]) if len(left) > PAGE else None
        return Answer(page_of(part, before))

    return {PATH: page}


def expected(number: int) -> dict[str, Any] | None:
    turn, post = number % 14, f"{CHANNEL}/{_id(number)}"
    if turn in {PICTURE, SERVICE}:
        return None
    text = f"Кофе & чай № {number} ☕\n\nМеню\n\n<3"
    names = {FORWARDED: "Маяк", HIDDEN_ORIGIN: f"Гость {number}", SIGNED: f"Боцман {number}"}
    return {
        "id": post,
        "kind": "post",
        "url": f"https://t.me/{post}",
        "text": f"Ждёте {number} мин?\nДа & долго\nНет" if turn == POLL else text,
        "lang": None,
        "published_at": _at(number),
        "updated_at": None,
        "likes": None if turn == QUIET else 1201 if turn == SIGNED else number + 1,
        "parent_id": f"{CHANNEL}/{_id(number) - 9}" if turn == ANSWER else None,
        "author_name": names.get(turn, html.unescape("Кофейня &laquo;Парус&raquo;")),
    }


SOURCE = Source(
    spider="telegram",
    arguments={"channel": f"https://t.me/s/{CHANNEL}"},
    platform=platform,
    expected=expected,
    evidence="recording",
    features=frozenset(("author", "deleted", "likes", "markup", "parent")),
    errors=(
        (
            Answer('<html><body><div class="tgme_page"><div>@parus_Cafe</div></div></body></html>'),
            "no posts that everybody may see",
        ),
    ),
)
