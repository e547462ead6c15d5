"""Reviews of one's own app, from the Google Play Developer API.

`androidpublisher/v3/applications/{package}/reviews` gives `{"reviews": […], "tokenPagination":
{"nextPageToken"}}`, newest first, of the last week and only those with a text. A review has
`reviewId`, `authorName` and `comments[]`, each a `userComment` or a `developerComment`; the one
modified last counts. Title and body are one text with a tab between them. Where a translation was
asked for, `text` is the translation and `originalText` what was written; otherwise there is no
`originalText`. The only time is `lastModified`. A deleted review is in no answer.

https://developers.google.com/android-publisher/api-ref/rest/v3/reviews
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from crawlers.items import ParseContext, parse_count
from crawlers.parsers.google_play import review_address
from crawlers.parsers.records import read_records, record_id
from crawlers.parsers.values import (
    UnreadableError,
    as_list,
    as_object,
    as_text,
    html_text,
    path_of,
    read_json,
)
from crawlers.ratings import parse_number
from mention import Mention, Reject

LOWEST, HIGHEST = 1.0, 5.0


def parse_page(
    body: str | bytes, url: str, context: ParseContext, *, app_id: str, translation: str | None
) -> Iterator[Mention | Reject]:
    """Yield the reviews of one page, newest first.

    Args:
        body: what the server sent.
        url: of the page, for rejects.
        context: source, labels, authors.
        app_id: package name of the app.
        translation: language that a translation was asked for in.

    An app without reviews in the last week has no `reviews` at all.
    """
    if is_empty(body):
        return
    for record in read_records(body, url, context, "reviews"):
        if isinstance(record, Reject):
            yield record
        else:
            yield _review(record, url, context, app_id, translation)


def _review(
    review: dict[str, Any], url: str, context: ParseContext, app_id: str, translation: str | None
) -> Mention | Reject:
    native_id = record_id(review, "reviewId")
    if native_id is None:
        return context.reject("a review has no id", where=url, raw=review)
    comments = as_list(review.get("comments"))
    written = _last(comments, "userComment", context)
    answer = _last(comments, "developerComment", context)
    if written is None:
        return context.reject("a review has no comment of a user", where=url, raw=review)
    text, original = written.get("text"), written.get("originalText")
    if not isinstance(text, str | None):
        return context.reject("the text of a review is not a text", where=url, raw=review)
    rating = parse_number(written.get("starRating"))
    if rating is None:
        return context.reject("a review has no rating that is a number", where=url, raw=review)
    translated = isinstance(original, str) and bool(original.strip()) and translation is not None
    title, tab, rest = (text or "").partition("\t")
    reply = None if answer is None else html_text(answer.get("text")) or None
    return context.mention(
        native_id,
        where=url,
        raw=review,
        kind="review",
        url=review_address(app_id, native_id),
        title=html_text(title) if tab else None,
        text=html_text(rest if tab else title),
        lang=translation if translated else as_text(written.get("reviewerLanguage")),
        rating=rating,
        rating_min=LOWEST,
        rating_max=HIGHEST,
        published_at=_time(written, context),
        version=as_text(written.get("appVersionName")),
        likes=parse_count(written.get("thumbsUpCount")),
        reply_text=reply,
        reply_at=_time(answer, context) if answer is not None and reply else None,
        **context.authors.fields("google_play_owner", None, as_text(review.get("authorName"))),
    )


def _last(comments: list[Any], kind: str, context: ParseContext) -> dict[str, Any] | None:
    """Return the comment of a kind that was modified last; among equals the first."""
    found = [as_object(one[kind]) for one in comments if isinstance(one, dict) and one.get(kind)]
    dated = [(_time(one, context), one) for one in found]
    return max(
        dated, key=lambda pair: pair[0].timestamp() if pair[0] else 0.0, default=(None, None)
    )[1]


def _time(comment: dict[str, Any], context: ParseContext) -> datetime | None:
    return context.date(path_of(comment, "lastModified", "seconds"))


def is_empty(body: str | bytes) -> bool:
    """Whether a body is an object that speaks of no reviews."""
    try:
        data = read_json(body)
    except UnreadableError:
        return False
    return isinstance(data, dict) and data.get("reviews") is None


def next_token(body: str | bytes) -> str | None:
    """Return what asks for the page after this one, or None at the end."""
    try:
        return as_text(path_of(read_json(body), "tokenPagination", "nextPageToken")) or None
    except UnreadableError:
        return None
