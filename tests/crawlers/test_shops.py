"""Wildberries, Ozon, Yandex Market: what the conformance tests do not ask of them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from crawlers.errors import ArgumentError
from crawlers.parameters import WildberriesParameters, read_arguments
from tests.contract.sources import ozon_owner as ozon
from tests.contract.sources import wildberries as store
from tests.contract.sources import wildberries_owner as seller
from tests.contract.sources import yandex_market_owner as market
from tests.contract.sources.crawls import crawl, ended, serve, wanted
from tests.contract.sources.kit import Routes, Source
from tests.contract.sources.simulated import simulate
from tests.crawlers.crawl_process import Crawled
from tests.crawlers.loopback import Answer, Answers, Asked


def ids(crawled: Crawled) -> set[str]:
    return {one.id for one in crawled.mentions}


def with_arguments(source: Source, **arguments: object) -> Source:
    return replace(source, arguments={**source.arguments, **arguments})


# --- Wildberries' store ----------------------------------------------------------------

NULL = store.body({"feedbacks": None, "feedbackCount": 0})


def reviews(*numbers: int) -> Answer:
    return store.body({"feedbacks": [store.review(number) for number in numbers]})


def test_reviews_that_another_server_has_are_found() -> None:
    card = store.body(store.card(3))
    with serve({store.CARD: card, store.REVIEWS: [NULL, reviews(1, 2, 3)]}) as server:
        crawled = crawl(store.SOURCE, server)
    ended(crawled)
    assert len(crawled.mentions) == 3


def test_reviews_of_the_newer_form_of_the_address_are_found() -> None:
    newer = store.REVIEWS.replace("v1", "v2")
    with serve({store.CARD: store.body(store.card(3)), newer: reviews(1, 2)}) as server:
        crawled = crawl(store.SOURCE, server)
        asked = [path for path in server.paths if path.startswith("/feedbacks/")]
    ended(crawled)
    assert asked == [store.REVIEWS, store.REVIEWS, newer]
    assert len(crawled.mentions) == 2


def test_reviews_that_no_server_gives_are_missed() -> None:
    newer = store.REVIEWS.replace("v1", "v2")
    routes: Routes = {store.CARD: store.body(store.card(7)), store.REVIEWS: NULL, newer: NULL}
    with serve(routes) as server:
        message = ended(crawl(store.SOURCE, server), "failed")
    assert "counts 7 reviews and gives none" in message


def test_product_without_reviews_is_no_failure() -> None:
    with serve({store.CARD: store.body(store.card(0)), store.REVIEWS: NULL}) as server:
        assert "no reviews" in ended(crawl(store.SOURCE, server))
        assert server.paths.count(store.REVIEWS) == 1


def test_unknown_product_is_told() -> None:
    with serve({store.CARD: store.body({"products": []})}) as server:
        message = ended(crawl(store.SOURCE, server), "failed")
    assert f"no product {store.ARTICLE}" in message


def test_card_of_the_older_form() -> None:
    older = store.body({"data": store.card(1)})
    with serve({store.CARD: older, store.REVIEWS: reviews(1)}) as server:
        (one,) = crawl(store.SOURCE, server).mentions
    assert one.product == "Сумка «Бриз»"


def test_group_that_is_given_needs_no_card() -> None:
    source = replace(store.SOURCE, arguments={"imt_id": store.ROOT, "product": "Бриз"})
    source = replace(source, arguments={name: str(one) for name, one in source.arguments.items()})
    with serve({store.REVIEWS: reviews(1, 2)}) as server:
        crawled = crawl(source, server)
        assert server.paths == ["/robots.txt", store.REVIEWS]
    assert [one.product for one in crawled.mentions] == ["Бриз", "Бриз"]


def test_article_is_named_as_people_name_it() -> None:
    address = "https://www.wildberries.ru/catalog/211000123/detail.aspx?targetUrl=SP"
    given = read_arguments("wildberries", WildberriesParameters, {"nm_id": address})
    assert given.nm_id == "211000123"
    with pytest.raises(ArgumentError, match="'nm_id' or 'imt_id'"):
        read_arguments("wildberries", WildberriesParameters, {})
    with pytest.raises(ArgumentError, match="is not a number"):
        read_arguments("wildberries", WildberriesParameters, {"nm_id": "сумка"})


# --- Wildberries for sellers -----------------------------------------------------------


def test_questions_and_archive_are_read_when_asked_for() -> None:
    numbers = range(20)
    source = with_arguments(seller.SOURCE, questions="true", archive="true")
    with serve(seller.platform(numbers)) as server:
        crawled = crawl(source, server)
    ended(crawled)
    questions = {
        f"wildberries_owner:{seller.expected_question(one)['id']}": seller.expected_question(one)
        for one in numbers
    }
    assert ids(crawled) == wanted(source, numbers).keys() | questions.keys()
    assert len(crawled.mentions) == 40  # the archive has the same reviews
    for one in crawled.mentions:
        if one.kind == "message":
            fields = questions[one.id]
            shown = one.model_dump()
            names = fields.keys() - {"id"}
            assert {name: shown[name] for name in names} == {name: fields[name] for name in names}


def test_lists_deeper_than_the_interface_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    module = "crawlers.spiders.wildberries_owner"
    monkeypatch.setattr(f"{module}.PAGE_SIZE", 10)
    monkeypatch.setattr(f"{module}.DEEPEST", {"feedbacks": 30, "questions": 30})
    numbers = range(200)
    result = simulate(seller.SOURCE, Answers(seller.platform(numbers)))
    assert {one.id for one in result.mentions} == wanted(seller.SOURCE, numbers).keys()
    queries = [parse_qs(urlsplit(one.path).query) for one in result.asked]
    assert max(int(one["skip"][0]) for one in queries) <= 20
    assert any("dateTo" in one for one in queries)


def test_beginning_and_article_are_pushed_to_the_seller_interface() -> None:
    source = with_arguments(seller.SOURCE, since="2026-03-28", nm_id="211000001")
    with serve(seller.platform(range(30))) as server:
        crawl(source, server)
        queries = [parse_qs(urlsplit(one.path).query) for one in server.asked]
    assert {one["isAnswered"][0] for one in queries} == {"true", "false"}
    assert all(one["dateFrom"] == ["1774656000"] for one in queries)
    assert all(one["nmId"] == ["211000001"] for one in queries)


def test_wrong_token_is_told_in_the_words_of_the_interface() -> None:
    with serve({seller.FEEDBACKS: seller.refusal()}) as server:
        message = ended(crawl(seller.SOURCE, server), "failed")
    assert "token problem; token is malformed: unauthorized" in message


# --- Ozon ------------------------------------------------------------------------------


def ozon_shop(comments: Answer | Callable[[Asked, int], Answer], amount: int = 3) -> Routes:
    """One review with comments, and one without."""
    listed = [ozon.review(0) | {"comments_amount": amount}, ozon.review(5)]
    answer = ozon.body({"has_next": False, "last_id": "", "reviews": listed})
    return {f"POST {ozon.LIST}": answer, f"POST {ozon.COMMENTS}": comments}


def test_comments_of_others_are_mentions_of_their_own() -> None:
    first = ozon.comment(0, 1, "И у меня треснула.")
    answer = ozon.comment(0, 2, "Исправим.", is_owner=True, parent_comment_id=first["id"])
    below = ozon.comment(0, 3, "Тоже &quot;да&quot;.", parent_comment_id=first["id"])
    thanks = ozon.comment(0, 4, "Ждём!", parent_comment_id=answer["id"])
    with serve(ozon_shop(ozon.body({"comments": [first, answer, below, thanks]}))) as server:
        crawled = crawl(ozon.SOURCE, server)
    ended(crawled)
    review, *others = crawled.mentions[:4]
    assert (review.reply_text, review.parent_id) == ("Исправим.", None)
    assert [(one.text, one.kind, one.parent_id) for one in others] == [
        ("И у меня треснула.", "comment", review.id),
        ('Тоже "да".', "comment", f"ozon_owner:{first['id']}"),
        ("Ждём!", "comment", review.id),
    ]
    assert len(crawled.mentions) == 5


@pytest.mark.parametrize("status", [403, 404])
def test_reviews_are_stored_where_comments_are_not_for_the_key(status: int) -> None:
    refused = ozon.body({"code": 7, "message": "no subscription"}, status)
    with serve(ozon_shop(refused)) as server:
        crawled = crawl(ozon.SOURCE, server)
    assert "stored without their comments" in ended(crawled)
    assert len(crawled.mentions) == 2


def test_reviews_wait_for_comments_that_fail_for_a_moment() -> None:
    """Stored without their answers, they would get a version too many."""
    with serve(ozon_shop(ozon.body({"code": 2, "message": "try later"}, 500))) as server:
        crawled = crawl(ozon.SOURCE, server)
    assert "try later" in ended(crawled, "failed")
    assert crawled.mentions == []


def test_likes_are_asked_for_when_wanted() -> None:
    with serve(ozon.platform(range(6))) as server:
        crawled = crawl(with_arguments(ozon.SOURCE, likes="true"), server)
        assert server.paths.count(ozon.INFO) == 6
    ended(crawled)
    assert [one.likes for one in crawled.mentions] == list(range(6))


def test_list_that_was_replaced_is_asked_for_in_its_new_form() -> None:
    numbers = range(120)
    routes = ozon.platform(numbers)
    routes[f"POST {ozon.NEW_LIST}"] = routes.pop(f"POST {ozon.LIST}")
    with serve(routes) as server:
        crawled = crawl(with_arguments(ozon.SOURCE, since="2026-03-01"), server)
        asked = [json.loads(one.body) for one in server.asked if one.path == ozon.NEW_LIST]
    ended(crawled)
    assert crawled.mentions
    assert all("status" not in one for one in asked)
    assert asked[0]["filters"] == {"published_from": "2026-03-01T00:00:00+00:00"}


# --- Yandex Market ---------------------------------------------------------------------


def market_shop(comments: Answer, listed: dict[str, Any] | None = None) -> Routes:
    one = market.review(market.ANSWERED)
    result = {"feedbacks": [one], "paging": {}}
    answer = market.body({"status": "OK", "result": listed or result})
    return {f"POST {market.LIST}": answer, f"POST {market.COMMENTS}": comments}


def test_half_years_are_asked_for_one_by_one() -> None:
    since = datetime.now(UTC) - timedelta(days=400)
    source = with_arguments(market.SOURCE, since=f"{since:%Y-%m-%d}")
    asked: list[dict[str, str]] = []

    def page(one: Asked, _before: int) -> Answer:
        asked.append(json.loads(one.body))
        records = [market.review(len(asked) * 14)]
        return market.body({"status": "OK", "result": {"feedbacks": records, "paging": {}}})

    with serve({f"POST {market.LIST}": page}) as server:
        crawled = crawl(source, server)
    assert len(asked) == 3
    times = [
        (datetime.fromisoformat(one["dateTimeFrom"]), datetime.fromisoformat(one["dateTimeTo"]))
        for one in asked
    ]
    assert all(end - begin <= timedelta(days=180) for begin, end in times)
    assert [end for _, end in times[1:]] == [begin for begin, _ in times[:-1]]
    assert times[-1][0].date() == since.date()
    assert crawled.summary is not None
    assert crawled.summary.outcome == "finished"


def test_limit_of_the_hour_is_waited_for() -> None:
    until = datetime.now(UTC) + timedelta(seconds=1.5)
    headers = {"X-RateLimit-Resource-Until": until.strftime("%a, %d %b %Y %H:%M:%S GMT")}
    limit = market.body({"status": "ERROR", "errors": [{"code": "LIMIT_EXCEEDED"}]}, 420)
    numbers = range(3)
    with serve(market.platform(numbers)) as server:

        def limited(asked: Asked, before: int, answer: Answer) -> Answer:
            return replace(limit, headers=headers) if before == 0 else answer

        server.change = limited
        crawled = crawl(market.SOURCE, server)
        waited = server.asked[1].at - server.asked[0].at
    ended(crawled)
    assert len(crawled.mentions) == 3
    assert waited > 0.9


def test_limit_that_lasts_is_told() -> None:
    headers = {"X-RateLimit-Resource-Until": "2099-01-01T00:00:00Z"}
    limit = market.body({"status": "ERROR", "errors": [{"code": "LIMIT_EXCEEDED"}]}, 420)
    with serve({f"POST {market.LIST}": replace(limit, headers=headers)}) as server:
        message = ended(crawl(market.SOURCE, server), "failed")
        assert len(server.asked) == 1
    assert "asks for a long wait" in message


def test_comments_of_others_on_the_market() -> None:
    said = market.comments(market.ANSWERED)
    user = {"type": "USER", "name": "Гость"}
    said += [
        {"id": 7, "text": "И мне", "author": user, "status": "PUBLISHED"},
        {"id": 8, "text": "Да", "author": user, "parentId": 7, "status": "PUBLISHED"},
        {"id": 9, "text": "Реклама", "author": user, "status": "BANNED"},
    ]
    answer = market.body({"status": "OK", "result": {"comments": said}})
    with serve(market_shop(answer)) as server:
        crawled = crawl(market.SOURCE, server)
    ended(crawled)
    review, first, second = crawled.mentions
    assert review.reply_text == 'Спасибо, "приходите"!'
    assert (first.id, first.parent_id) == ("yandex_market_owner:comment-7", review.id)
    assert (second.text, second.parent_id) == ("Да", first.id)
    assert crawled.summary is not None
    assert crawled.summary.counts["comments_not_published"] == 1


def test_damaged_comments_cost_the_answer_alone() -> None:
    with serve(
        market_shop(Answer('{"result": {"comments": [', content_type="text/plain"))
    ) as server:
        crawled = crawl(market.SOURCE, server)
    ended(crawled)
    assert [one.reply_text for one in crawled.mentions] == [None]
    assert [one.reason[:26] for one in crawled.rejects] == ["the page is not whole JSON"]
