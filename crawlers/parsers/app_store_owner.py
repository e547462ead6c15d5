"""Customer reviews of one's own app, from the App Store Connect API.

`/v1/apps/{id}/customerReviews?include=response` gives a document of JSON:API: `data[]` with
`attributes` (`rating`, `title`, `body`, `reviewerNickname`, `createdDate`, `territory` as a code of
three letters), and in `included[]` the developer's answers (`responseBody`, `lastModifiedDate`),
found by the id in `relationships.response.data`. `links.next` is the address of the next page.
Errors are `errors[]` with `title` and `detail`. Language, version and likes are not given; a
deleted review is in no answer, and an edited one comes with its new words and no second time.

https://developer.apple.com/documentation/appstoreconnectapi/customer-reviews
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from iso3166 import countries_by_alpha3

from crawlers.items import ParseContext, http_url
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
# Apple's own code for Kosovo, which has none in ISO 3166-1.
_OTHER_TERRITORIES: Final = {"XKS": "XK"}


def parse_page(
    body: str | bytes, url: str, context: ParseContext, *, app_id: str
) -> Iterator[Mention | Reject]:
    """Yield the reviews of one page, newest first.

    Args:
        body: what the server sent.
        url: of the page, for rejects.
        context: source, labels, authors.
        app_id: of the app, for the addresses of reviews.
    """
    answers = _answers(body)
    for record in read_records(body, url, context, "data"):
        if isinstance(record, Reject):
            yield record
        else:
            yield _review(record, answers, url, context, app_id)


def _review(
    review: dict[str, Any],
    answers: dict[str, dict[str, Any]],
    url: str,
    context: ParseContext,
    app_id: str,
) -> Mention | Reject:
    native_id, values = record_id(review, "id"), as_object(review.get("attributes"))
    if native_id is None:
        return context.reject("a review has no id", where=url, raw=review)
    title, text = values.get("title"), values.get("body")
    if not isinstance(title, str | None) or not isinstance(text, str | None):
        return context.reject("the text of a review is not a text", where=url, raw=review)
    rating = parse_number(values.get("rating"))
    if rating is None:
        return context.reject("a review has no rating that is a number", where=url, raw=review)
    country = _country(as_text(values.get("territory")))
    reference = path_of(review, "relationships", "response", "data", "id")
    answer = answers.get(as_text(reference) or "", {})
    reply = html_text(answer.get("responseBody")) or None
    # Who wrote it is known by a nickname only, which is unique in a territory at most.
    scope = f"app_store_owner/{country or ''}"
    return context.mention(
        native_id,
        where=url,
        raw=review,
        kind="review",
        url=_address(app_id, country),
        title=html_text(title),
        text=html_text(text),
        rating=rating,
        rating_min=LOWEST,
        rating_max=HIGHEST,
        published_at=context.date(values.get("createdDate")),
        country=country,
        reply_text=reply,
        reply_at=context.date(answer.get("lastModifiedDate")) if reply else None,
        **context.authors.fields(scope, None, as_text(values.get("reviewerNickname"))),
    )


def _answers(body: str | bytes) -> dict[str, dict[str, Any]]:
    """Return the attributes of the developer's answers by id."""
    try:
        included = as_list(path_of(read_json(body), "included"))
    except UnreadableError:
        return {}
    return {
        name: as_object(one.get("attributes"))
        for one in included
        if isinstance(one, dict) and (name := record_id(one, "id")) is not None
    }


def _country(territory: str | None) -> str | None:
    code = (territory or "").upper()
    known = countries_by_alpha3.get(code)
    return known.alpha2 if known else _OTHER_TERRITORIES.get(code)


def _address(app_id: str, country: str | None) -> str:
    """Return the address of the app's reviews in a store: a single review has no public one."""
    store = f"{country.lower()}/" if country else ""
    return f"https://apps.apple.com/{store}app/id{app_id}?see-all=reviews"


def next_address(body: str | bytes) -> str | None:
    """Return the address of the page after this one, or None at the end."""
    try:
        return http_url(path_of(read_json(body), "links", "next"))
    except UnreadableError:
        return None


def complaint(body: str | bytes) -> str | None:
    """Return what an answer says went wrong, or None."""
    try:
        first = as_object(path_of(read_json(body), "errors", 0))
    except UnreadableError:
        return None
    words = [as_text(first.get(name)) for name in ("title", "detail")]
    return " ".join(word for word in words if word) or as_text(first.get("code"))
