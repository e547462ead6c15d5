"""The App Store spider: the feed's many shapes, and a second run that reads only what is new."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from crawlers.authors import AuthorPolicy
from crawlers.items import ParseContext
from crawlers.parsers.app_store import parse_page
from mention import Mention, Reject
from tests.crawlers import crawl_process
from tests.crawlers.app_store_feed import APP, entry, feed, page, path
from tests.crawlers.loopback import Answer, Loopback


def parse(body: str | bytes) -> list[Mention | Reject]:
    context = ParseContext("app_store", {}, AuthorPolicy(b"salt"))
    return list(parse_page(body, "https://itunes.apple.com/x", context, country="lt"))


def test_review_has_every_field_of_the_feed() -> None:
    (one,) = parse(feed([entry(3)]))
    assert isinstance(one, Mention)
    assert one.id == "app_store:899997"
    assert (one.title, one.text) == ("Įspūdis 3", "Kurjeris vėlavo 3 min.")
    assert (one.rating, one.rating_min, one.rating_max, one.stars) == (4, 1, 5, 4)
    # 23:55 in California is the next morning in UTC.
    assert one.published_at == datetime(2026, 3, 26, 6, 55, 46, tzinfo=UTC)
    assert (one.country, one.version, one.likes, one.lang) == ("LT", "4.2.0", 3, None)
    assert one.url == "https://itunes.apple.com/lt/review?id=77&type=Purple%20Software"
    assert one.reply_text is None
    assert one.author_name is None
    assert one.author_id is not None
    # The time of collecting may have any digits.
    kept = one.model_dump_json(exclude={"collected_at"})
    assert "Skaitytojas" not in kept
    assert "7003" not in kept


def test_author_is_the_same_by_account_and_another_with_another_salt() -> None:
    renamed = entry(3)
    renamed["author"]["name"]["label"] = "Kitas vardas"
    first, second, other = parse(feed([entry(3), renamed | {"id": {"label": "5"}}, entry(4)]))
    assert isinstance(first, Mention)
    assert isinstance(second, Mention)
    assert isinstance(other, Mention)
    assert first.author_id == second.author_id != other.author_id
    context = ParseContext("app_store", {}, AuthorPolicy(b"other salt", store_names=True))
    (resalted,) = parse_page(feed([entry(3)]), "https://x.example", context, country="lt")
    assert isinstance(resalted, Mention)
    assert resalted.author_id not in {first.author_id, other.author_id}
    assert resalted.author_name == "Skaitytojas 3"


def test_entry_is_a_list_an_object_or_absent() -> None:
    assert len(parse(feed([entry(1), entry(2)]))) == 2
    assert len(parse(feed(entry(1)))) == 1
    assert parse(feed(None)) == []
    assert parse(feed([])) == []


def test_app_itself_is_no_review() -> None:
    assert [item.id for item in parse(feed([APP, entry(1)])) if isinstance(item, Mention)] == [
        "app_store:899999"
    ]


def test_missing_date_version_and_votes_are_unknown() -> None:
    (one,) = parse(feed([entry(1, updated=None, im_version=None, im_voteSum=None, author=None)]))
    assert isinstance(one, Mention)
    assert (one.published_at, one.version, one.likes, one.author_id) == (None, None, None, None)


def test_broken_entry_is_rejected_alone() -> None:
    broken = [
        "x",
        7,
        None,
        entry(10, im_rating={"label": "7"}),
        entry(11, im_rating={"label": None}),
        entry(12, im_rating=["five"]),
        entry(13, content={"label": None}),
        entry(14, id={"label": None}),
        entry(15, id=None),
        entry(16, im_rating=None),
        entry(17, title={"label": {"a": 1}}),
    ]
    items = parse(feed([entry(1), *broken, entry(2)]))
    assert [one.id for one in items if isinstance(one, Mention)] == [
        "app_store:899999",
        "app_store:899998",
    ]
    rejects = [one for one in items if isinstance(one, Reject)]
    assert len(rejects) == len(broken)
    assert all(one.reason and one.where for one in rejects)


def test_answer_that_is_no_feed_is_one_reject() -> None:
    for body in ("<html>Service unavailable</html>", "[]", "{}", '{"feed": "x"}', "", b"\xff\xfe"):
        (reject,) = parse(body)
        assert isinstance(reject, Reject)


def test_depth_limit_is_an_end_not_an_error() -> None:
    assert parse("CustomerReviews RSS page depth is limited to 10") == []


def test_crawl_reads_ten_pages_and_the_second_one_only_what_is_new() -> None:
    pages = {path(n): Answer(page(range(50 * n - 50, 50 * n))) for n in range(1, 11)}
    pages[path(11)] = Answer("CustomerReviews RSS page depth is limited to 10")
    with Loopback(dict(pages)) as server:
        first = crawl_process.run("app_store", app_id="77", country="lt", base_url=server.url)
        assert first.summary is not None
        assert first.summary.outcome == "finished"
        assert server.paths == [path(n) for n in range(1, 11)]
        assert len(first.stored) == 500
        assert all(len(batch) <= 100 for batch in first.batches)
        assert (first.summary.pages, first.summary.items, first.summary.rejects) == (10, 500, 0)
        assert first.summary.statuses == {200: 10}

        # Two new reviews, and one was edited; the rest is known.
        server.forget()
        edited = entry(5, content={"label": "Atsiėmiau pats, viskas gerai."})
        newest = [entry(-1), entry(-2), *(entry(n) for n in range(5)), edited]
        server.routes[path(1)] = Answer(feed(newest + [entry(n) for n in range(6, 48)]))
        server.routes[path(2)] = Answer(page(range(48, 98)))
        second = crawl_process.run(
            "app_store",
            stored=first.stored,
            options={"state": first.state},
            app_id="77",
            country="lt",
            base_url=server.url,
        )
        assert second.summary is not None
        assert second.summary.stop_reason == "known"
        assert server.paths == [path(1)]
        changed = {
            one.id for one in second.mentions if first.stored.get(one.id) != one.content_hash
        }
        assert changed == {"app_store:900001", "app_store:900002", "app_store:899995"}


def test_killed_run_leaves_no_gap() -> None:
    pages = {path(n): Answer(page(range(50 * n - 50, 50 * n))) for n in (1, 2, 3)}
    broken = {**pages, path(2): Answer("bad gateway", 502)}
    with Loopback(dict(broken)) as server:
        arguments = {"app_id": "77", "country": "lt", "base_url": server.url}
        first = crawl_process.run("app_store", **arguments)
        assert first.summary is not None
        assert first.summary.outcome == "failed"
        assert "502" in str(first.summary.message)
        assert len(first.stored) == 50
        assert server.paths.count(path(2)) == 5  # asked again four times
        server.routes.update(pages)
        second = crawl_process.run(
            "app_store", stored=first.stored, options={"state": first.state}, **arguments
        )
        assert second.summary is not None
        assert second.summary.outcome == "finished"
        assert len(second.mentions) == 150


def test_trouble_on_the_way() -> None:
    """Random empty pages, a gateway error, cut JSON, a broken connection, then repetition."""
    routes = {
        path(1): [Answer(feed(None)), Answer(feed([APP])), Answer(page(range(40)))],
        path(2): [Answer("<h1>502</h1>", 502), Answer(page(range(40, 60)))],
        path(3): Answer(page(range(60, 80))[:2000]),
        path(4): [Answer(page(range(80, 90)), cut=400), Answer(page(range(80, 90)))],
        path(5): Answer(page(range(85, 95))),
        path(6): Answer(page(range(85, 95))),
    }
    with Loopback(dict(routes)) as server:
        crawled = crawl_process.run(
            "app_store", app_id="id77", country="LT", brand="Парус", base_url=server.url
        )
    assert crawled.summary is not None
    assert crawled.summary.outcome == "finished"
    assert crawled.summary.stop_reason == "repeated"
    assert [path(n) in server.paths for n in (5, 6, 7)] == [True, True, False]
    expected = {*range(60), *range(80, 95)}
    assert {one.id for one in crawled.mentions} == {f"app_store:{900_000 - n}" for n in expected}
    assert len(crawled.mentions) == len(expected)
    (reject,) = crawled.rejects
    assert "JSON" in reject.reason
    assert reject.where == "https://itunes.apple.com" + path(3)
    assert {one.brand for one in crawled.mentions} == {"Парус"}
    assert crawled.summary.statuses[502] == 1
    # The cut page may be tried again: the list is not taken for covered.
    assert crawled.state["lt/77"]["covered"] is None


def test_app_without_reviews_and_app_that_is_not_there() -> None:
    with Loopback({path(1): Answer(feed(None))}) as server:
        empty = crawl_process.run("app_store", app_id="77", country="lt", base_url=server.url)
        missing = crawl_process.run("app_store", app_id="88", country="lt", base_url=server.url)
    assert empty.summary is not None
    assert missing.summary is not None
    assert (empty.summary.outcome, empty.summary.items) == ("finished", 0)
    assert "no reviews" in str(empty.summary.message)
    assert server.paths.count(path(1)) == 4  # believed after four answers
    assert missing.summary.outcome == "failed"
    assert "404" in str(missing.summary.message)


def test_since_and_max_items() -> None:
    def month(number: int) -> str:
        return json.dumps({"label": f"2026-{12 - number:02d}-15T00:00:00Z"})

    pages = {
        path(n): Answer(feed([entry(10 * n + k, updated=json.loads(month(n))) for k in range(10)]))
        for n in range(1, 11)
    }
    with Loopback(dict(pages)) as server:
        arguments = {"app_id": "77", "country": "lt", "base_url": server.url}
        since = crawl_process.run("app_store", since="2026-08-20", **arguments)
        asked = len(server.asked)
        few = crawl_process.run("app_store", max_items="25", **arguments)
    assert since.summary is not None
    assert since.summary.stop_reason == "since"
    assert asked == 4  # the fourth page is all older
    assert len(since.mentions) == 30
    assert few.summary is not None
    assert (few.summary.outcome, len(few.mentions)) == ("stopped", 25)
    assert "max_items=25" in str(few.summary.message)
    assert len(server.asked) - asked == 3
