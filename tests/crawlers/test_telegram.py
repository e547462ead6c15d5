"""Telegram beyond what all sources have in common: channels without a preview, odd pages."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawlers.errors import ArgumentError
from crawlers.items import ParseContext
from crawlers.parameters import TelegramParameters, read_arguments
from crawlers.parsers.telegram import next_before, parse_page
from mention import Mention
from tests.contract.sources import telegram
from tests.contract.sources.crawls import crawl, ended, serve
from tests.crawlers import crawl_process
from tests.crawlers.loopback import Answer

URL = "https://t.me/s/parus_Cafe"


def read(page: str) -> list[Mention]:
    found = list(parse_page(page.encode(), URL, ParseContext("telegram")))
    assert all(isinstance(one, Mention) for one in found)
    return [one for one in found if isinstance(one, Mention)]


def test_channel_without_a_preview_leads_away_and_is_told() -> None:
    about = '<html><body><div class="tgme_page"><div>Закрытый клуб</div></div></body></html>'
    routes = {
        telegram.PATH: Answer(status=302, headers={"Location": f"https://t.me/{telegram.CHANNEL}"}),
        f"/{telegram.CHANNEL}": Answer(about),
    }
    with serve(dict(routes)) as server:
        crawled = crawl(telegram.SOURCE, server)
    assert "parus_Cafe has no posts that everybody may see" in ended(crawled, "failed")
    assert crawled.items == []


def test_words_are_asked_for_on_every_page() -> None:
    with serve(telegram.platform(range(60))) as server:
        crawled = crawl_process.run(
            "telegram", channel=telegram.CHANNEL, query="кофе", base_url=server.url
        )
        asked = telegram.SOURCE.page_requests(server.asked)
    assert len(asked) == 2
    assert all(parse_qs(urlsplit(one.path).query)["q"] == ["кофе"] for one in asked)
    assert crawled.mentions


def test_list_that_does_not_go_down_ends() -> None:
    """Pages of pictures alone, all of them with the same link to older ones."""
    picture = telegram.message(telegram.PICTURE)
    link = '<a class="tme_messages_more" data-before="77"></a>'
    page = f'<section class="tgme_channel_history">{link}{picture}</section>'
    with serve({telegram.PATH: Answer(page)}) as server:
        ended(crawl(telegram.SOURCE, server))
        assert len(telegram.SOURCE.page_requests(server.asked)) == 2


def test_page_without_the_link_is_continued_by_its_head() -> None:
    assert next_before('<head><link rel="prev" href="/s/parus?before=419"></head><p>.</p>') == 419
    after = '<a class="tme_messages_more" data-after="440"></a>'
    assert next_before(f"<section>{after}</section>") is None


@pytest.mark.parametrize(
    ("written", "likes"),
    [("3", 3), ("1.2K", 1200), ("2.38M", 2_380_000), ("1\u202f234", 1234), ("", 0), ("1.2.3K", 0)],
)
def test_reactions_are_counted(written: str, likes: int) -> None:
    old = telegram.message(telegram.SIGNED)
    assert "1.2K" in old
    (one,) = read(f"<div>{old.replace('1.2K', written)}</div>")
    assert one.likes == likes + 1  # and a heart


def test_text_of_a_post_is_not_that_of_its_poll_or_answer_alone() -> None:
    poll = telegram.message(telegram.POLL)
    words = '<div class="tgme_widget_message_text js-message_text">Голосуем</div>'
    (one,) = read(poll.replace('<div class="tgme_widget_message_poll">', f"{words}<div>"))
    assert one.text.startswith("Голосуем\nЖдёте")


def test_post_is_known_by_its_link_where_the_mark_is_missing() -> None:
    page = telegram.message(0).replace("data-post", "data-x")
    (one,) = read(page)
    assert one.id == "telegram:parus_Cafe/900000"


@pytest.mark.parametrize("name", ["data-post", "href", "class"])
def test_broken_names_of_attributes_cost_no_post(name: str) -> None:
    page = telegram.message(0).replace(f" {name}=", f" \x10x='' {name}=")
    assert "\x10" in page
    (one,) = read(page)
    assert one.id == "telegram:parus_Cafe/900000"


@settings(max_examples=60, deadline=None)
@given(st.text("аб <>&;/br\"'", max_size=60))
def test_any_text_is_read(text: str) -> None:
    page = telegram.message(0).replace("Меню", text)
    assert len(list(parse_page(page, URL, ParseContext("telegram")))) == 1


@pytest.mark.parametrize("name", ["кофейня", "a", "парус/1", "+AbCdEf", "https://vk.com/parus"])
def test_what_is_no_channel(name: str) -> None:
    with pytest.raises(ArgumentError, match="not the name of a public channel"):
        read_arguments("telegram", TelegramParameters, {"channel": name})
