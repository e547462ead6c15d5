"""An Atom feed of a forum, with links to its older pages (RFC 5005)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.contract.sources.kit import Routes, Source
from tests.crawlers.loopback import Answer

SITE = "https://forum.example.org"
PAGE = 40
NEWEST = datetime(2026, 5, 1, 9, 30, tzinfo=UTC)


def _published(number: int) -> datetime:
    return NEWEST - timedelta(hours=number)


def _entry(number: int) -> str:
    written = _published(number).astimezone().isoformat()
    changed = (_published(number) + timedelta(minutes=number == 3)).isoformat()
    author = "" if number == 2 else f"<author><name>Ona {number}</name></author>"
    return f"""
 <entry{' xml:lang="en"' if number == 4 else ""}>
  <id>tag:forum.example.org,2026:{number}</id>
  <title type="html">Parus &amp;amp; Ko, {number}</title>
  <link rel="alternate" href="/t/{number}"/>
  <published>{written}</published><updated>{changed}</updated>{author}
  <content type="html">&lt;p&gt;Kurjeris &lt;b&gt;vėlavo&lt;/b&gt; {number} min.&lt;/p&gt;</content>
 </entry>"""


def platform(numbers: Sequence[int]) -> Routes:
    routes: Routes = {}
    for start in range(0, max(len(numbers), 1), PAGE):
        page = start // PAGE + 1
        following = f'<link rel="next" href="/feed.atom?page={page + 1}"/>'
        routes["/feed.atom" if page == 1 else f"/feed.atom?page={page}"] = Answer(
            '<?xml version="1.0" encoding="utf-8"?>'
            '<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="lt-LT"><title>Forumas</title>'
            f"<id>{SITE}/</id>{following if start + PAGE < len(numbers) else ''}"
            f"{''.join(map(_entry, numbers[start : start + PAGE]))}</feed>",
            content_type="application/atom+xml",
        )
    return routes


def expected(number: int) -> dict[str, Any]:
    return {
        "id": f"tag:forum.example.org,2026:{number}",
        "kind": "article",
        "url": f"{SITE}/t/{number}",
        "title": f"Parus & Ko, {number}",
        "text": f"Kurjeris vėlavo {number} min.",
        "lang": "en" if number == 4 else "lt",
        "published_at": _published(number),
        "updated_at": _published(number) + timedelta(minutes=1) if number == 3 else None,
        "author_name": None if number == 2 else f"Ona {number}",
    }


SOURCE = Source(
    spider="rss",
    arguments={"url": f"{SITE}/feed.atom"},
    platform=platform,
    expected=expected,
    evidence="recording",
    features=frozenset(("author", "edited", "language", "markup")),
)
