"""When a list is read no further, and what the next run may rely on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from crawlers.listing import ENOUGH_KNOWN, Budget, Listing
from mention import Mention, Reject

START = datetime(2026, 6, 1, tzinfo=UTC)


def mention(number: int, text: str = "") -> Mention:
    return Mention(
        id=f"s:{number}",
        source="s",
        text=text or f"Отзыв {number}",
        published_at=START - timedelta(days=number),
    )


class Site:
    """A list of numbers, newest first, read by pages with a store behind it."""

    def __init__(self) -> None:
        self.store: dict[str, str] = {}
        self.state: dict[str, Any] = {}

    def known(self, ids: Sequence[str]) -> dict[str, str]:
        return {one: self.store[one] for one in ids if one in self.store}

    def read(
        self, numbers: Sequence[int], size: int = 10, fail_at: int | None = None, **limits: Any
    ) -> Listing:
        most = limits.get("max_items")
        listing = Listing("list", state=self.state, known=self.known, budget=Budget(most), **limits)
        for page in range(0, max(len(numbers), 1), size):
            if fail_at is not None and page // size == fail_at:
                listing.stop = "failed"
            if listing.stop is not None:
                break
            for item in listing.take([mention(n) for n in numbers[page : page + size]]):
                assert isinstance(item, Mention)
                self.store[item.id] = str(item.content_hash)
        listing.close()
        return listing


def test_enough_known_in_a_row_ends_it_and_an_edit_does_not_count_as_known() -> None:
    site = Site()
    site.read(range(100))
    assert site.read(range(100)).pages == ENOUGH_KNOWN // 10
    site.store["s:15"] = "another version"
    listing = site.read(range(100))
    assert (listing.stop, listing.pages) == ("known", 5)


@given(
    st.integers(0, 120),
    st.lists(
        st.tuples(
            st.integers(0, 60),  # new reviews since the run before
            st.one_of(st.none(), st.integers(0, 12)),  # the page at which it fails
            st.one_of(st.none(), st.integers(1, 150)),  # max_items
            st.one_of(st.none(), st.integers(0, 150)),  # since, in days before the newest
        ),
        max_size=5,
    ),
)
def test_no_sequence_of_runs_leaves_a_gap(
    first: int, runs: list[tuple[int, int | None, int | None, int | None]]
) -> None:
    """Whatever failed or was limited before, a run that ends well leaves the store complete."""
    site = Site()
    newest = 0
    site.read(range(newest, first))
    for new, fail_at, most, days in runs:
        newest -= new
        since = None if days is None else START - timedelta(days=newest + days)
        site.read(range(newest, first), fail_at=fail_at, max_items=most, since=since)
    site.read(range(newest, first))
    assert {int(one.partition(":")[2]) for one in site.store} == set(range(newest, first))


def test_dates_out_of_order_or_missing_mean_that_nothing_is_skipped() -> None:
    state: dict[str, Any] = {}
    store = {f"s:{n}": str(mention(n).content_hash) for n in range(200)}

    def known(ids: Sequence[str]) -> dict[str, str]:
        return {one: store[one] for one in ids if one in store}

    for order, stops in ((list(range(100)), True), ([50, *range(50), *range(51, 100)], False)):
        listing = Listing("x", state=state, known=known, newest_first=None)
        listing.take([mention(n) for n in order])
        assert (listing.stop == "known") == stops
        listing.close()


def test_rejects_pass_and_pages_of_nothing_else_leave_a_gap() -> None:
    state: dict[str, Any] = {}
    listing = Listing("x", state=state)
    reject = Reject(source="s", reason="broken")
    assert listing.take([mention(1), reject, mention(1)]) == [mention_of(listing, 1), reject]
    listing.close()
    assert state["x"]["covered"] is not None
    listing = Listing("x", state=state)
    listing.take([reject])
    assert listing.unreadable == 1
    listing.close()
    assert state["x"]["covered"] is None


def mention_of(listing: Listing, number: int) -> Any:
    """Equal to a mention by id: the time of collection differs."""

    class ById:
        def __eq__(self, other: object) -> bool:
            return isinstance(other, Mention) and other.id == f"s:{number}"

        __hash__ = None  # type: ignore[assignment]  # equal to every version, so it has no hash

    return ById()


def test_undated_is_never_older() -> None:
    undated = Mention(id="s:u", source="s", text="Без даты")
    listing = Listing("x", state={}, since=START)
    assert listing.take([mention(5), undated]) == [undated]
    assert listing.stop is None
    listing.take([mention(6), mention(7)])
    assert listing.stop == "since"
    assert listing.counts == {"mentions": 1, "older": 3, "repeated": 0}
