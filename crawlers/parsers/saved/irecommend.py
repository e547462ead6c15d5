"""iRecommend: the markup of a page with one review, where it has no schema.org.

The date stands in `.dtreviewed meta[content]`, the stars are the `.on` ones of
`.fivestarWidgetStatic`, what is good and bad are lists (`.plus`, `.minus`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit

from crawlers.items import ParseContext, digest
from crawlers.parsers.saved.page import SavedPage, attribute, shown
from crawlers.text import element_text, with_points
from mention import Mention, Reject

LOWEST, HIGHEST = 1.0, 5.0
_BODY: Final = "[itemprop=reviewBody], .reviewText, .description.hasinlineimage"


def read(page: SavedPage, context: ParseContext) -> Iterator[Mention | Reject]:
    """Yield the review of a page."""
    scope = page.selector
    body = shown(scope, _BODY)
    if not body:
        return
    pros, cons = (
        [element_text(one.root) for one in scope.css(f".{name} li")] for name in ("plus", "minus")
    )
    author = shown(scope, ".reviewer a, .reviewer, [itemprop=author]")
    date = attribute(scope, ".dtreviewed meta", "content") or shown(scope, ".dtreviewed")
    marked = attribute(scope, "meta[itemprop=ratingValue]", "content")
    stars = len(scope.css(".fivestarWidgetStatic")[:1].css(".on"))
    path = urlsplit(page.url).path.strip("/") if page.url else ""
    yield context.mention(
        f"irecommend/{path or digest(author, date, body)}",
        where=page.where,
        raw=body,
        kind="review",
        url=page.url,
        title=shown(scope, ".reviewTitle") or shown(scope, "h1") or None,
        text=with_points(body, pros, cons),
        rating=context.rating(marked or stars, LOWEST, HIGHEST),
        rating_min=LOWEST,
        rating_max=HIGHEST,
        published_at=context.date(date or None),
        **context.authors.fields("irecommend", None, author),
    )
