"""Texts, dates and ratings as people and programs write them."""

from __future__ import annotations

import time
import warnings
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers.dates import parse_date
from crawlers.items import ParseContext, http_url, parse_count
from crawlers.ratings import parse_rating
from crawlers.text import plain_text
from mention import Mention, Reject


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("цена <500 рублей & I <3 it", "цена <500 рублей & I <3 it"),
        ("<p>Один.</p><p>Два<br>три</p>", "Один.\n\nДва\nтри"),
        ("x<br/><br />y", "x\n\ny"),
        ("строка\nвторая <b>жирная</b>\n\nтретья", "строка\nвторая жирная\n\nтретья"),
        ("<ul><li>раз<li>два</ul>", "раз\nдва"),
        ("<b>Ко</b>фе", "Кофе"),
        ("AT&amp;T &laquo;x&raquo;", "AT&T «x»"),
        ("&lt;p&gt;Привет&lt;/p&gt;", "Привет"),
        ("&amp;quot;Да&amp;quot;", '"Да"'),
        ("<script>alert(1)</script>Текст<style>p{}</style>", "Текст"),
        ("до<!-- тайна -->после", "допосле"),
        ("<p></p>", ""),
        ("a\r\nb\rc", "a\nb\nc"),
        ("<table><tr><td>a</td><td>b</td></tr></table>", "a b"),
        ("<div>" * 3000 + "глубоко", "глубоко"),
        ('<img title="a>b" src=x>после', "после"),
        ("неразрывный&nbsp;пробел", "неразрывный пробел"),
        ("как  есть,\tи \xa0 тоже", "как  есть,\tи \xa0 тоже"),
    ],
)
def test_plain_text(markup: str, expected: str) -> None:
    assert plain_text(markup) == expected


@pytest.mark.parametrize(
    "piece", ["<!--", "<p", "<p>", "&lt;p&gt;", "<a href='", "<", "&#1;", "\n "]
)
def test_hostile_markup_takes_no_longer_than_its_length(piece: str) -> None:
    begin = time.perf_counter()
    plain_text(piece * 100_000 + "<p>конец")
    assert time.perf_counter() - begin < 5


@given(st.text())
def test_plain_text_takes_anything(text: str) -> None:
    assert plain_text(f"<p>{text}") is not None
    assert plain_text(text) is not None


def day(year: int, *parts: int) -> datetime:
    return datetime(year, *parts, tzinfo=UTC)  # type: ignore[arg-type]  # month, day and time


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2025-09-28T11:55:46-07:00", day(2025, 9, 28, 18, 55, 46)),
        ("2024-05-06", day(2024, 5, 6)),
        ("2024-5-6", day(2024, 5, 6)),
        ("20240506", day(2024, 5, 6)),
        ("2024-05-06 10:30:00", day(2024, 5, 6, 10, 30)),
        ("2024-05-06T10:30+0300", day(2024, 5, 6, 7, 30)),
        ("2024-05-06T10:30:00.123456789Z", day(2024, 5, 6, 10, 30, 0, 123456)),
        ("03.04.2026", day(2026, 4, 3)),
        ("03.04.2026 9:05", day(2026, 4, 3, 9, 5)),
        ("03/04/2026", day(2026, 3, 4)),
        ("13/04/2026", day(2026, 4, 13)),
        ("2026/04/03", day(2026, 4, 3)),
        ("16 сентября 2024", day(2024, 9, 16)),
        ("5 мая 2026 г. в 10:00", day(2026, 5, 5, 10)),
        ("5 мар. 2024", day(2024, 3, 5)),
        ("2024 m. rugsėjo 16 d.", day(2024, 9, 16)),
        ("March 5, 2024", day(2024, 3, 5)),
        ("Mon, 21 Nov 2016 17:00:10 +0100", day(2016, 11, 21, 16, 0, 10)),
        ("Thu Jan  1 2026 10:00:00 GMT+0300 (MSK)", day(2026, 1, 1, 7)),
        ("1700000000", day(2023, 11, 14, 22, 13, 20)),
        (1700000000000, day(2023, 11, 14, 22, 13, 20)),
        (date(2024, 5, 6), day(2024, 5, 6)),
        (datetime(2024, 5, 6, 1, tzinfo=timezone(timedelta(hours=3))), day(2024, 5, 5, 22)),
        # Half a date is none: the rest would be made up.
        ("2024-05", None),
        ("2024", None),
        ("16 сентября", None),
        ("May", None),
        ("12:30", None),
        ("вчера", None),
        ("0000-00-00", None),
        ("2024-02-30", None),
        ("9999-12-31", None),
        ("1969-12-31", None),
        ("", None),
        ("x" * 1000, None),
        (True, None),
        (None, None),
        (float("nan"), None),
        (10**400, None),
    ],
)
def test_dates(written: object, expected: datetime | None) -> None:
    assert parse_date(written) == expected


def test_day_first_when_it_is_said() -> None:
    assert parse_date("03/04/2026", day_first=True) == day(2026, 4, 3)
    assert parse_date("2026-04-03", day_first=True) == day(2026, 4, 3)


@given(st.one_of(st.text(), st.integers(), st.floats(), st.none(), st.lists(st.text())))
def test_any_value_is_a_date_of_these_centuries_or_none(value: object) -> None:
    parsed = parse_date(value)
    assert parsed is None or (parsed.utcoffset() == timedelta(0) and 1970 <= parsed.year <= 2100)


@given(st.datetimes(min_value=datetime(1971, 1, 1), max_value=datetime(2099, 12, 30)))
def test_every_way_to_write_a_day_gives_that_day(moment: datetime) -> None:
    expected = day(moment.year, moment.month, moment.day)
    for form in ("%Y-%m-%d", "%d.%m.%Y", "%m/%d/%Y", "%Y/%m/%d", "%Y%m%d", "%d %B %Y", "%b %d, %Y"):
        assert parse_date(moment.strftime(form)) == expected, form


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("5", (5, 1, 5)),
        (4.6, (4.6, 1, 5)),
        ("4,6", (4.6, 1, 5)),
        ("80%", (80, 0, 100)),
        ("4 из 5", (4, 1, 5)),
        ("9/10", (9, 1, 10)),
        ("4.5 out of 5 stars", (4.5, 1, 5)),
        ("★★★★☆", (4, 1, 5)),
        ("5 звёзд", (5, 1, 5)),
        ("Rated 4.0 by 5 people", None),
        ("хорошо", None),
        (True, None),
        (float("inf"), None),
        (10**400, None),
        ("", None),
    ],
)
def test_ratings(written: object, expected: tuple[float, float, float] | None) -> None:
    assert parse_rating(written, 1, 5) == expected


@given(st.one_of(st.text(), st.integers(), st.floats(), st.none()))
def test_ratings_and_counts_take_anything(value: object) -> None:
    parse_rating(value, 1, 5)
    count = parse_count(value)
    assert count is None or count >= 0


@given(st.text(), st.text())
def test_any_native_id_and_address_make_a_mention_or_a_reject(native: str, url: str) -> None:
    context = ParseContext("test")
    made = context.mention(native, url=http_url("https://x.example/" + url), text="текст")
    assert isinstance(made, Mention | Reject)
    if isinstance(made, Mention):
        assert len(made.id.encode()) <= 512
        assert made.model_dump_json()
    else:
        assert not native.strip()[:1].isalnum()
    assert context.reject("why", raw={"x": native}).model_dump_json()


def test_date_with_a_zone_that_nobody_knows_warns_nobody() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for text in ("2026-03-05T10:00:00Y", "5 March 2026 10:00 XYZT"):
            assert parse_date(text) == datetime(2026, 3, 5, 10, tzinfo=UTC)
