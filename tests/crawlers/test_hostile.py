"""Damaged answers: whatever is broken, no parser raises, and sound entries survive."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crawlers.items import ParseContext
from crawlers.parsers import app_store, feed, schema_org
from crawlers.parsers.pager import next_page, robots_directives
from crawlers.parsers.structured_data import parse_tree
from mention import Mention, Reject
from tests.crawlers.app_store_feed import entry
from tests.crawlers.app_store_feed import feed as app_store_page

PAGES = Path(__file__).parent / "pages"
URL = "https://shop.example.org/p/1/"

many = settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
# What may stand where something else should.
junk = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=20),
    st.lists(st.text(max_size=5), max_size=2),
    st.dictionaries(st.sampled_from(["@type", "@id", "label", "name", "x"]), st.text(max_size=5)),
    st.builds(lambda: {"@id": URL}),
)


def places(value: Any) -> list[tuple[Any, Any]]:
    """Every (container, key) in a tree."""
    found = []
    stack = [value]
    while stack:
        one = stack.pop()
        keys = (
            list(one) if isinstance(one, dict) else range(len(one)) if isinstance(one, list) else []
        )
        for key in keys:
            found.append((one, key))
            stack.append(one[key])
    return found


@st.composite
def damaged(draw: st.DrawFn, value: Any) -> Any:
    """The value with up to four parts dropped, nulled or replaced."""
    value = copy.deepcopy(value)
    for _ in range(draw(st.integers(1, 4))):
        there = places(value)
        if not there:
            break
        container, key = there[draw(st.integers(0, len(there) - 1))]
        if isinstance(container, dict) and draw(st.booleans()):
            del container[key]
        else:
            container[key] = draw(junk)
    return value


def check(items: list[Mention | Reject]) -> set[str]:
    """Every item can be written down; return the ids of mentions."""
    for item in items:
        item.model_dump_json()
    return {item.id for item in items if isinstance(item, Mention)}


SOUND = [entry(1), entry(2)]


@many
@given(st.lists(damaged(entry(7)), max_size=3), st.randoms())
def test_app_store_entries(broken: list[Any], order: Any) -> None:
    entries = [*SOUND, *broken]
    order.shuffle(entries)
    context = ParseContext("app_store")
    ids = check(list(app_store.parse_page(app_store_page(entries), URL, context, country="lt")))
    assert {"app_store:899999", "app_store:899998"} <= ids


@many
@given(damaged(json.loads(app_store_page(SOUND))), st.integers(0, 3000), st.booleans())
def test_app_store_pages(page: Any, cut: int, whole: bool) -> None:
    body = json.dumps(page)
    body = body if whole else body[:cut]
    check(list(app_store.parse_page(body.encode(), URL, ParseContext("app_store"), country="lt")))


GRAPH = json.loads(
    (PAGES / "shop_graph.html")
    .read_text(encoding="utf-8")
    .partition('ld+json">')[2]
    .partition("</script>")[0]
)
SOUND_BLOCK = json.dumps(
    {"@type": "Review", "author": "Целый", "reviewBody": "Этот отзыв цел", "reviewRating": "4"}
)


def scripts(*blocks: str) -> str:
    tags = "".join(f'<script type="application/ld+json">{one}</script>' for one in blocks)
    return f"<html><head>{tags}</head></html>"


@many
@given(damaged(GRAPH), st.integers(0, 4000), st.booleans())
def test_json_ld(graph: Any, cut: int, whole: bool) -> None:
    body = json.dumps(graph)
    context = ParseContext("schema_org")
    page = scripts(body if whole else body[:cut], SOUND_BLOCK)
    items = list(schema_org.parse_page(page, URL, context))
    check(items)
    assert "Этот отзыв цел" in {one.text for one in items if isinstance(one, Mention)}


@many
@given(st.data())
def test_web_pages_and_feeds_with_bytes_changed(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(one.name for one in PAGES.iterdir() if one.is_file())))
    body = bytearray((PAGES / name).read_bytes())
    for _ in range(data.draw(st.integers(1, 5))):
        begin = data.draw(st.integers(0, len(body)))
        end = begin + data.draw(st.integers(0, 40))
        body[begin:end] = data.draw(st.binary(max_size=20))
    damaged_body = bytes(body[: data.draw(st.integers(0, len(body)))])
    check(list(schema_org.parse_page(damaged_body, URL, ParseContext("schema_org"))))
    check(list(feed.parse_page(damaged_body, URL, ParseContext("rss"))))
    tree = parse_tree(damaged_body.decode("utf-8", "replace"))
    if tree is not None:
        next_page(tree, URL)
        robots_directives(tree)


@many
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["title", "link", "guid", "pubDate", "description", "author", "x:y"]),
            st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=30),
        ),
        max_size=6,
    )
)
def test_feed_entries(parts: list[tuple[str, str]]) -> None:
    def item(content: str) -> str:
        return f"<item>{content}</item>"

    sound = item("<guid>https://n.example.org/sound</guid><title>Целая запись</title>")
    broken = item("".join(f"<{name}><![CDATA[{text}]]></{name}>" for name, text in parts))
    body = f"<rss version='2.0'><channel>{sound}{broken}{sound}</channel></rss>".encode()
    ids = check(list(feed.parse_page(body, URL, ParseContext("rss"))))
    assert "rss:https://n.example.org/sound" in ids


JSON_FEED = json.loads((PAGES / "feed.json").read_text(encoding="utf-8"))


@many
@given(st.lists(damaged(JSON_FEED["items"][0]), max_size=3))
def test_json_feed_items(broken: list[Any]) -> None:
    sound = {"id": "https://n.example.org/sound", "content_text": "Целая запись"}
    body = json.dumps(JSON_FEED | {"items": [*broken, sound]}).encode()
    ids = check(list(feed.parse_page(body, URL, ParseContext("rss"))))
    assert "rss:https://n.example.org/sound" in ids


@many
@given(damaged(JSON_FEED))
def test_json_feed_documents(document: Any) -> None:
    check(list(feed.parse_page(json.dumps(document).encode(), URL, ParseContext("rss"))))
