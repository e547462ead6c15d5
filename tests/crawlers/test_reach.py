"""How far back a list was read, by the reason why no more was read."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from crawlers.listing import EARLIEST, ENOUGH_KNOWN, Listing, Reach
from mention import Mention, Reject

START = datetime(2026, 6, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def mention(days_ago: int, **values: Any) -> Mention:
    dated = {"published_at": START - days_ago * DAY} | values
    return Mention(id=f"s:{days_ago}", source="s", text="Отзыв", **dated)


def read(*pages: list[Any], reason: str = "end", **options: Any) -> Listing:
    listing = Listing("list", state=options.pop("state", {}), **options)
    for page in pages:
        listing.take(page)
    listing.close(reason)
    return listing


PAGE = [mention(number) for number in range(10)]


@pytest.mark.parametrize(
    ("options", "reach"),
    [
        ({}, Reach(EARLIEST)),
        ({"since": START - 30 * DAY}, Reach(START - 30 * DAY)),
        ({"shows_all": False}, Reach(START - 9 * DAY)),
        ({"shows_all": False, "newest_first": False}, Reach(EARLIEST, as_before=True)),
        ({"max_pages": 1}, Reach(START - 9 * DAY)),
        ({"max_pages": 1, "newest_first": False}, None),
        ({"since": START - 5 * DAY, "max_pages": 1}, Reach(START - 5 * DAY)),
    ],
)
def test_a_list_of_one_page(options: dict[str, Any], reach: Reach | None) -> None:
    assert read(PAGE, **options).reach == reach


@pytest.mark.parametrize("reason", ["failed", "interrupted"])
def test_a_list_that_broke_off_has_none(reason: str) -> None:
    assert read(PAGE, reason=reason).reach is None


def test_an_empty_list_is_read_to_its_end_or_as_before() -> None:
    assert read([]).reach == Reach(EARLIEST)
    assert read([], shows_all=False).reach == Reach(EARLIEST, as_before=True)


def test_a_page_that_cannot_be_read_leaves_a_gap() -> None:
    assert read(PAGE, [Reject(source="s", reason="no text")]).reach is None


def test_pinned_mentions_are_no_reach() -> None:
    assert read([mention(400), *PAGE], max_pages=1).reach == Reach(START - 9 * DAY)


def test_a_list_by_last_edit_reaches_back_to_the_last_edit() -> None:
    edited = mention(50, updated_at=START - 2 * DAY)
    assert read([mention(1), edited], max_pages=1).reach == Reach(START - 2 * DAY)


def test_a_row_of_known_ones_and_an_unchanged_page() -> None:
    state: dict[str, Any] = {}
    long = [mention(number) for number in range(ENOUGH_KNOWN + 5)]
    hashes = {one.id: str(one.content_hash) for one in long}
    read(long, state=state)
    again = read(long, state=state, known=lambda _ids: hashes)
    assert (again.stop, again.reach) == ("known", Reach(START - (ENOUGH_KNOWN + 4) * DAY))
    unchanged = read(state=state, reason="not_modified")
    assert unchanged.reach == Reach(EARLIEST, as_before=True)


def test_undated_mentions_tell_what_is_new_since_the_run_before() -> None:
    undated = [mention(number, published_at=None) for number in range(3)]
    assert read(undated, shows_all=False).reach == Reach(EARLIEST, as_before=True)
    assert read(undated, max_pages=1).reach is None
