"""When a list is read no further, and what the next run may rely on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from crawlers.listing import EMPTY_PAGES, ENOUGH_KNOWN, Budget, Listing
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
    """A list of numbers, newest first, read by pages with a store behind it.

    A run may be killed: what is stored then is a part of what was handed on, and the state is
    as it was written last. The points of a list are kept and used as `MentionSpider` does it.
    """

    def __init__(self) -> None:
        self.store: dict[str, str] = {}
        self.state: dict[str, Any] = {}

    def known(self, ids: Sequence[str]) -> dict[str, str]:
        return {one: self.store[one] for one in ids if one in self.store}

    def read(
        self,
        numbers: Sequence[int],
        size: int = 10,
        fail_at: int | None = None,
        kill: int | None = None,
        cursors: bool = False,
        **limits: Any,
    ) -> Listing:
        """Read all of it.

        Args:
            numbers: what the list has.
            size: of a page.
            fail_at: number of answers after which there is no further one.
            kill: so many of the last mentions are lost, and the list is not closed.
            cursors: a page is known by the mention that it begins with, not by its number.
        """
        most = limits.get("max_items")
        listing = Listing("list", state=self.state, known=self.known, budget=Budget(most), **limits)
        waiting: list[tuple[int, dict[str, Any]]] = []
        handed_on: list[Mention] = []
        stored = start = answers = 0
        instead = (0, 0)
        while listing.stop is None and start <= max(len(numbers) - 1, 0):
            if answers == fail_at:
                listing.stop = "failed"
                break
            answers += 1
            page = [mention(n) for n in numbers[start : start + size]]
            handed_on += [one for one in listing.take(page) if isinstance(one, Mention)]
            if listing.missed:
                listing.pages, start = instead
                continue
            lost = kill if kill is not None and answers == fail_at else 0
            for one in handed_on[stored : len(handed_on) - lost]:
                self.store[one.id] = str(one.content_hash)
            stored = max(stored, len(handed_on) - lost)
            while waiting and waiting[0][0] <= stored:
                listing.checkpoint(waiting.pop(0)[1])
            if listing.stop is None:
                read, here, start = listing.pages, start, start + size
                arguments = str(limits.get("since"))
                point = listing.jump(arguments)
                if point is not None:
                    instead, start = (read, start), point["at"]
                    if cursors:  # the mention itself may be gone
                        start = next((i for i, n in enumerate(numbers) if n >= start), len(numbers))
                elif read > 1:
                    at = numbers[here] if cursors else here
                    point = {"pages": read - 1, "arguments": arguments, "at": at}
                    waiting.append((len(handed_on), point))
        if kill is None or answers != fail_at:
            listing.close()
        return listing


def test_enough_known_in_a_row_ends_it_and_an_edit_does_not_count_as_known() -> None:
    site = Site()
    site.read(range(100))
    assert site.read(range(100)).pages == ENOUGH_KNOWN // 10
    site.store["s:15"] = "another version"
    listing = site.read(range(100))
    assert (listing.stop, listing.pages) == ("known", 5)


@settings(max_examples=300)
@given(
    st.integers(0, 120),
    st.lists(
        st.tuples(
            st.integers(0, 100),  # new reviews since the run before
            st.integers(0, 60),  # of those that were there, how many of the newest are deleted
            st.one_of(st.none(), st.integers(1, 12)),  # the page at which it fails
            st.one_of(st.none(), st.integers(0, 25)),  # mentions that are lost then, by a kill
            st.one_of(st.none(), st.integers(1, 150)),  # max_items
            st.one_of(st.none(), st.integers(0, 150)),  # since, in days before the newest
        ),
        max_size=5,
    ),
    st.booleans(),
    st.booleans(),
    st.sampled_from((10, 40)),
)
def test_no_sequence_of_runs_leaves_a_gap(
    first: int,
    runs: list[tuple[int, int, int | None, int | None, int | None, int | None]],
    whole: bool,
    cursors: bool,
    size: int,
) -> None:
    """Whatever failed or was limited before, a run that ends well leaves the store complete."""
    site = Site()
    numbers = list(range(first))
    newest = 0
    if whole:
        site.read(numbers, size, cursors=cursors)
    for new, gone, fail_at, kill, most, days in runs:
        # Where pages are numbered, what moves up by more than a page cannot be noticed.
        gone = gone if cursors else min(gone, 9)  # noqa: PLW2901 - a part of what was drawn
        numbers = list(range(newest - new, newest)) + numbers[gone:]
        newest -= new
        since = None if days is None else START - timedelta(days=newest + days)
        site.read(
            numbers,
            size,
            fail_at=fail_at,
            kill=kill,
            cursors=cursors,
            max_items=most,
            since=since,
        )
    site.read(numbers, size, cursors=cursors)
    assert {f"s:{number}" for number in numbers} <= site.store.keys()


def test_list_that_broke_off_is_read_on_from_there() -> None:
    site = Site()
    site.read(range(500), fail_at=30)
    assert site.read(range(500), fail_at=3).stop == "failed"  # before anything new was there
    listing = site.read(range(-5, 500))
    # Four pages from the top to 30 known ones, then from the page before the last one on.
    assert (listing.stop, listing.counts["mentions"]) == ("end", 40 + 505 - 280)
    assert "resume" not in site.state["list"]
    assert len(site.store) == 505


def test_point_that_has_moved_up_into_what_was_read_is_no_repetition() -> None:
    site = Site()
    site.read(range(100), fail_at=9, cursors=True)
    site.read(range(55, 100), cursors=True)
    assert len(site.store) == 100


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


def test_empty_pages_without_end_end_the_list_and_a_few_do_not() -> None:
    listing = Listing("x", state={})
    for _ in range(EMPTY_PAGES - 1):
        assert listing.take([]) == []
    assert listing.stop is None
    assert listing.take([mention(1)])
    for _ in range(EMPTY_PAGES):
        listing.take([])
    assert listing.stop == "repeated"


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
