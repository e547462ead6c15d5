"""Player reviews of an app on Steam, "User Reviews - Get List" of Valve's documentation.

`https://store.steampowered.com/appreviews/{app}?json=1` gives `{"success": 1, "query_summary",
"cursor", "reviews": […]}`. A review says thumbs up or down (`voted_up`), which is a rating on the
scale 0 to 1. Texts are BBCode, times are seconds since 1970, languages are Steam's own names.
`timestamp_updated` equals `timestamp_created` until the review is edited. There is no title and
no version, and a deleted or hidden review is in no answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from crawlers.items import ParseContext, parse_count
from crawlers.parsers.bbcode import bbcode_text
from crawlers.parsers.records import read_records, record_id
from crawlers.parsers.values import UnreadableError, as_object, as_text, path_of, read_json
from mention import Mention, Reject

LOWEST, HIGHEST = 0.0, 1.0
# https://partner.steamgames.com/doc/store/localization/languages
_LANGUAGES: Final = {
    "arabic": "ar",
    "bulgarian": "bg",
    "schinese": "zh",
    "tchinese": "zh",
    "czech": "cs",
    "danish": "da",
    "dutch": "nl",
    "english": "en",
    "finnish": "fi",
    "french": "fr",
    "german": "de",
    "greek": "el",
    "hungarian": "hu",
    "indonesian": "id",
    "italian": "it",
    "japanese": "ja",
    "koreana": "ko",
    "lithuanian": "lt",
    "malay": "ms",
    "norwegian": "no",
    "polish": "pl",
    "portuguese": "pt",
    "brazilian": "pt",
    "romanian": "ro",
    "russian": "ru",
    "spanish": "es",
    "latam": "es",
    "swedish": "sv",
    "thai": "th",
    "turkish": "tr",
    "ukrainian": "uk",
    "vietnamese": "vi",
}


def parse_page(
    body: str | bytes, url: str, context: ParseContext, *, app_id: str
) -> Iterator[Mention | Reject]:
    """Yield the reviews of one page, in its order.

    Args:
        body: what the server sent.
        url: of the page, for rejects.
        context: source, labels, authors.
        app_id: of the app, for the addresses of reviews.
    """
    for record in read_records(body, url, context, "reviews"):
        yield record if isinstance(record, Reject) else _review(record, url, context, app_id)


def _review(
    review: dict[str, Any], url: str, context: ParseContext, app_id: str
) -> Mention | Reject:
    native_id, text = record_id(review, "recommendationid"), review.get("review")
    if native_id is None:
        return context.reject("a review has no id", where=url, raw=review)
    if not isinstance(text, str | None):
        return context.reject("the text of a review is not a text", where=url, raw=review)
    author = as_object(review.get("author"))
    account = as_text(author.get("steamid"))
    created = context.date(review.get("timestamp_created"))
    updated = context.date(review.get("timestamp_updated"))
    answer = review.get("developer_response")
    reply = bbcode_text(answer) if isinstance(answer, str) else None
    return context.mention(
        native_id,
        where=url,
        raw=review,
        kind="review",
        url=_address(account, app_id),
        text=bbcode_text(text or ""),
        lang=_LANGUAGES.get(as_text(review.get("language")) or ""),
        rating=_rating(review.get("voted_up")),
        rating_min=LOWEST,
        rating_max=HIGHEST,
        published_at=created,
        updated_at=None if updated == created else updated,
        likes=parse_count(review.get("votes_up")),
        reply_text=reply,
        reply_at=context.date(review.get("timestamp_dev_responded")) if reply else None,
        **context.authors.fields("steam", account, as_text(author.get("personaname"))),
    )


def _rating(voted_up: object) -> float | None:
    return float(voted_up) if isinstance(voted_up, bool) else None


def _address(account: str | None, app_id: str) -> str | None:
    """Return the review's address, which names the account: an account has one review of an app."""
    if account is None or not re.fullmatch("[0-9]{1,20}", account):
        return None
    return f"https://steamcommunity.com/profiles/{account}/recommended/{app_id}/"


def steam_language(language: str) -> str:
    """Return Steam's name of a language that is given by its code; any other word as it is."""
    names = [name for name, code in _LANGUAGES.items() if code == language]
    return names[0] if names else language


def next_cursor(body: str | bytes) -> str | None:
    """Return what asks for the page after this one, or None."""
    try:
        cursor = path_of(read_json(body), "cursor")
    except UnreadableError:
        return None
    return cursor if isinstance(cursor, str) and cursor else None


def complaint(body: str | bytes) -> str | None:
    """Return what an answer without reviews says went wrong, or None.

    Valve documents only that `success` is 1 where the query was.
    """
    try:
        answer = read_json(body)
    except UnreadableError:
        return None
    if answer is None:
        return "nothing (null)"
    success = path_of(answer, "success")
    if not isinstance(answer, dict) or success == 1 or answer.get("reviews"):
        return None
    message = as_text(answer.get("error")) or as_text(answer.get("message"))
    return message or f"the query failed (success is {as_text(success) or 'not said'})"
