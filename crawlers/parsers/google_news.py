"""Articles in the RSS of a search on Google News.

An item has the headline with the outlet after it (`Headline - Outlet`), the outlet once more
(`<source url>`), an opaque address of Google's that leads to the article, and a date. Its `guid` is
Google's name of the article and the same in every search.

* The outlet is taken out of the headline, because a search for its name would find all that it
  publishes. It is kept as the author.
* There is no text: the description repeats headlines, of this article and of others like it.
* The language is the edition's.

The feed says of itself that it is for personal, non-commercial use in a feed reader only.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from crawlers.items import ParseContext, digest, http_url
from crawlers.parsers.values import as_object, as_text, html_text
from crawlers.parsers.xml_feed import XmlFeed
from mention import Mention, Reject


def parse_feed(feed: XmlFeed, url: str, context: ParseContext) -> Iterator[Mention | Reject]:
    """Yield the articles of a feed, in its order, and a reject for what of it is broken.

    Args:
        feed: from `crawlers.parsers.xml_feed.read_xml_feed`.
        url: of the page, for rejects.
        context: source, labels, authors.
    """
    for entry in feed.entries:
        yield _article(entry, as_text(feed.about.get("language")), url, context)
    if feed.damage:
        yield context.reject(feed.damage, where=url, raw=feed.lost)


def _article(
    entry: Mapping[str, Any], language: str | None, url: str, context: ParseContext
) -> Mention | Reject:
    raw = {name: entry.get(name) for name in ("id", "link", "title", "published")}
    link = http_url(entry.get("link"))
    name = (as_text(entry.get("id")) or "").strip() or (digest(link) if link else None)
    if name is None:
        return context.reject("an article has neither id nor address", where=url, raw=raw)
    source = as_object(entry.get("source"))
    outlet, title = (" ".join(html_text(one.get("title")).split()) for one in (source, entry))
    return context.mention(
        name,
        where=url,
        raw=raw,
        kind="article",
        url=link,
        title=title.removesuffix(f" - {outlet}") if outlet else title,
        text="",
        lang=language,
        published_at=context.date(entry.get("published")),
        **context.authors.fields("google_news", http_url(source.get("href")), outlet or None),
    )
