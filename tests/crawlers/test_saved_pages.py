"""Pages that a user saved: every site's own form, how the site is known, and damaged pages."""

from __future__ import annotations

import json
import re
from collections import Counter
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from cli import cli
from crawlers.authors import AuthorPolicy
from crawlers.errors import ImportFileError, NotAllowedError
from crawlers.importers import import_file
from crawlers.items import ParseContext
from crawlers.parsers.saved import SITES, choose, open_page, read_page
from crawlers.registry import SAVED_ONLY, find
from mention import Mention, Reject
from tests.contract.sources.damage import damaged
from tests.crawlers.saved_pages import EXPECTED

PAGES = Path(__file__).parent / "pages" / "saved"
ALL = sorted(PAGES.iterdir())
# The JSON that a page carries, or is.
STATE = re.compile(
    rb"(?s)(?:\A|<(?:script|noframes)[^>]*>|data-state=')(?P<json>\{.*?\})\s*(?:\Z|</|'>)"
)


def saved(path: Path, **options: Any) -> tuple[list[Mention], list[Reject]]:
    items = list(import_file(path, "html", store_author_names=True, **options))
    return (
        [one for one in items if isinstance(one, Mention)],
        [one for one in items if isinstance(one, Reject)],
    )


@pytest.mark.parametrize("name", EXPECTED)
def test_reviews_of_a_saved_page(name: str) -> None:
    site, expected = EXPECTED[name]
    page = open_page((PAGES / name).read_bytes(), name)
    assert page is not None
    assert choose(page) == site
    found, _ = saved(PAGES / name)
    assert len(found) == len(expected) == len({one.id for one in found})
    for one, fields in zip(found, expected, strict=True):
        for field, value in fields.items():
            shown = getattr(one, field)
            assert (shown.removeprefix("import:") if field == "id" else shown) == value, field


def test_same_page_gives_the_same_ids_and_no_names_unasked() -> None:
    for path in ALL:
        first, again = (
            [one.id for one in import_file(path, "html") if isinstance(one, Mention)]
            for _ in range(2)
        )
        assert first == again
        assert all(
            one.author_name is None
            for one in import_file(path, "html", author_salt="s")
            if isinstance(one, Mention)
        )


def test_author_of_the_map_is_one_in_the_state_and_in_the_markup(tmp_path: Path) -> None:
    page = (PAGES / "yandex_maps.html").read_text("utf-8")
    (tmp_path / "a.html").write_text(page, "utf-8")
    (tmp_path / "b.html").write_text(page.replace("state-view", "gone"), "utf-8")
    one, two = (
        next(iter(import_file(tmp_path / name, author_salt="s"))) for name in ("a.html", "b.html")
    )
    assert isinstance(one, Mention)
    assert isinstance(two, Mention)
    assert one.author_id == two.author_id is not None
    assert two.text == "Кофе остыл"


def test_whole_text_of_otzovik_is_a_new_version_of_its_beginning() -> None:
    (whole,), _ = saved(PAGES / "otzovik_review.html")
    (beginning, _), _ = saved(PAGES / "otzovik_list.html")
    assert whole.id == beginning.id
    assert whole.content_hash != beginning.content_hash


def test_what_is_no_review_is_told() -> None:
    problems: Counter[str] = Counter()
    _, rejects = saved(PAGES / "trustpilot.html")
    assert [one.reason for one in rejects] == ["a review has no id", "a review is not an object"]
    assert all(one.where and one.where.endswith("trustpilot.html") for one in rejects)
    saved(PAGES / "ozon.html", problems=problems)
    assert problems == {"hidden": 1}
    found, (reject,) = saved(PAGES / "robot_check.html")
    assert found == []
    assert "whether you are a robot" in reject.reason


@pytest.mark.parametrize(
    "head",
    [
        "<!-- saved from url=(0020)https://m.otzovik.com/reviews/x/ --><html><head></head>",
        '<html><head><link rel="canonical" href="https://otzovik.com/reviews/x/"></head>',
        '<html><head><meta property="og:url" content="http://otzovik.com/reviews/x/"></head>',
        '<html><head><meta property="og:site_name" content=" Отзовик "></head>',
        '<html><head></head><body><a class="review-btn review-read-link">Читать</a>',
    ],
)
def test_site_is_known_by_address_name_or_markup(head: str) -> None:
    page = open_page(head.encode(), "x.html")
    assert page is not None
    assert choose(page) == "otzovik"


@pytest.mark.parametrize(
    ("address", "site"),
    [
        ("https://yandex.ru/maps/org/parus/1/reviews/", "yandex_maps"),
        ("https://yandex.com.tr/maps/org/parus/1/", "yandex_maps"),
        ("https://market.yandex.ru/card/x/1/reviews", "yandex_market"),
        ("https://lt.trustpilot.com/review/x.example", "trustpilot"),
        ("https://www.amazon.com.tr/dp/B0", "amazon"),
        ("https://www.amazon.de/dp/B0", "amazon"),
        ("https://www.booking.com/hotel/lt/x.html", "booking"),
        ("https://www.ozon.by/product/x-1/reviews/", "ozon"),
        ("https://www.banki.ru/services/responses/bank/x/", "banki_ru"),
        ("https://irecommend.ru/content/x", "irecommend"),
        ("https://notozon.ru/product/", None),
        ("https://shop.example.org/?u=https://otzovik.com/", None),
        ("https://otzovik.com.example.org/", None),
    ],
)
def test_site_by_address(address: str, site: str | None) -> None:
    page = open_page(f'<link rel="canonical" href="{address}"><p>x'.encode(), "x.html")
    assert page is not None
    assert choose(page) == site


def test_user_says_which_site(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text(
        '<div class="review-body">Карту не привезли</div><h1>Отзыв: Парус</h1>', "utf-8"
    )
    found, (reject,) = saved(page)
    assert found == []
    assert "--site" in reject.reason
    (one,), _ = saved(page, site="otzovik")
    assert (one.title, one.text) == ("Парус", "Карту не привезли")
    with pytest.raises(ImportFileError, match="did you mean 'otzovik'"):
        list(import_file(page, "html", site="otzovk"))


def test_page_without_the_state_is_read_by_schema_org(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    review = {"@type": "Review", "reviewBody": "Late", "reviewRating": {"ratingValue": 2}}
    page.write_text(
        '<link rel="canonical" href="https://www.trustpilot.com/review/x.example">'
        f'<script type="application/ld+json">{json.dumps(review)}</script>'
        '<script id="__NEXT_DATA__">{"props": {"pageProps"</script>',
        "utf-8",
    )
    (one,), rejects = saved(page)
    assert (one.text, one.rating) == ("Late", 2)
    assert rejects == []
    page.write_text('<script id="__NEXT_DATA__">{"businessUnit": {</script>', "utf-8")
    found, (reject,) = saved(page, site="trustpilot")
    assert found == []
    assert "not whole JSON" in reject.reason


def test_page_and_pictures_in_one_file(tmp_path: Path) -> None:
    message = EmailMessage()
    message["From"] = "<Saved by Blink>"
    message["Snapshot-Content-Location"] = "https://otzovik.com/review_18400123.html"
    message.make_related()
    body = (PAGES / "otzovik_review.html").read_bytes().replace(b"saved from", b"nothing from")
    message.add_related(body, "text", "html", cte="quoted-printable")
    message.add_related(b"GIF89a", "image", "gif")
    page = tmp_path / "page.mhtml"
    page.write_bytes(message.as_bytes())
    (one,), _ = saved(page)
    assert one.id == "import:otzovik/18400123"
    assert one.text.startswith("Карту привезли вовремя.")


def test_file_that_is_no_page(tmp_path: Path) -> None:
    for body in (b"just words", b'{"data": {"reviews": [', b"[1, "):
        page = tmp_path / "page.html"
        page.write_bytes(body)
        with pytest.raises(ImportFileError, match="is not a web page"):
            list(import_file(page, "html"))


def test_forbidden_site_is_not_crawled_but_its_pages_are_welcome() -> None:
    assert SAVED_ONLY.keys() == SITES.keys()
    for site in SAVED_ONLY:
        with pytest.raises(NotAllowedError, match=f"--site {site} PAGE"):
            find(site)
    result = CliRunner().invoke(cli, ["collect", "otzovik", "-a", "url=https://otzovik.com/"])
    assert result.exit_code == 1
    assert "otzovik is not crawled" in result.output
    assert len(result.output.strip().splitlines()) == 1


def read(body: bytes, site: str | None = None) -> list[Mention | Reject]:
    page = open_page(body, "page.html")
    context = ParseContext("import", {}, AuthorPolicy(b"salt"))
    return list(read_page(page, context, site)) if page else []


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_damaged_data_raises_nothing(data: st.DataObject) -> None:
    """The JSON of a page: fields missing, null, of another type, cut off, wrongly encoded."""
    body = data.draw(
        st.sampled_from([path.read_bytes() for path in ALL if STATE.search(path.read_bytes())])
    )
    state = data.draw(st.sampled_from(list(STATE.finditer(body))))
    made = data.draw(damaged(state["json"]))
    items = read(body[: state.start("json")] + made.body + body[state.end("json") :])
    assert all(isinstance(item, Mention | Reject) for item in items)
    ids = [item.id for item in items if isinstance(item, Mention)]
    assert len(ids) == len(set(ids))


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_damaged_page_raises_nothing(data: st.DataObject) -> None:
    body = data.draw(st.sampled_from([path.read_bytes() for path in ALL]))
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(body)))
        length = data.draw(st.sampled_from([0, 1, 5, 60, len(body)]))
        piece = data.draw(
            st.sampled_from(
                [
                    b"",
                    b"null",
                    b"[]",
                    b"{}",
                    b"7",
                    b'"',
                    b"\xff",
                    b"<",
                    b"</div>",
                    b"1e999",
                    b"\x00",
                ]
            )
        )
        body = body[:start] + piece + body[start + length :]
    items = read(body, data.draw(st.sampled_from([None, *SITES])))
    assert all(isinstance(item, Mention | Reject) for item in items)
