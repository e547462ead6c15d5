"""One list of mentions, read page by page: what to hand on, and when to stop.

A second run should fetch only what is new. It may stop when it meets a row of
mentions that the store has unchanged, but only if the run before had read
everything below them: a run that failed or was killed half-way leaves a gap that
the next one must fill. What a finished run covered is therefore kept in `state`, and
of one that broke off, the point that it had come to (see `crawlers.resuming`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from mention import Mention, Reject

Known = Callable[[Sequence[str]], Mapping[str, str]]
State = MutableMapping[str, Any]

# Longer than any row of pinned or lately answered reviews, shorter than a page.
ENOUGH_KNOWN: Final = 30
# A server whose pages are empty and name a next one for ever is going in circles. Platforms that
# filter what they have found send a few such pages in a row.
EMPTY_PAGES: Final = 30

# Reasons to stop after which the list is covered as before, or as far as was asked.
# After any other reason (`failed`, `interrupted`) the next run fills the gap.
_AS_BEFORE: Final = frozenset(("known", "not_modified"))
_COMPLETE: Final = frozenset(("end", "since", "repeated", "max_items", "page_limit"))
_LIMITED: Final = frozenset(("max_items", "page_limit"))
# No mention is older.
EARLIEST: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(slots=True)
class Budget:
    """How many more mentions a crawl may hand on; None is any number."""

    left: int | None = None


@dataclass(frozen=True, slots=True)
class Reach:
    """How far back a list, or all lists of a crawl, were read.

    Attributes:
        back_to: everything that the platform shows was read, if it was published since then;
            `EARLIEST` for a list that was read to its end.
        as_before: only what is new since the run before is certain to have been read.
    """

    back_to: datetime
    as_before: bool = False


class Listing:
    """A list that a spider reads page by page, normally newest first.

    Attributes:
        key: names the list in `state`, such as its address.
        pages: pages taken so far.
        page_size: mentions and rejects on the last page taken.
        unreadable: pages in a row that had nothing but rejects.
        stop: why nothing more is read, or None while there is more: `end`, `known`
            (the rest is stored already), `since`, `repeated` (the server repeats
            itself), `max_items`, `page_limit`, `not_modified`, `failed`, `interrupted`.
        missed: whether the page just taken was jumped to and had nothing new: its cursor is
            no longer good, or it has moved up into what was read.
        counts: `mentions` handed on, `older` left out, `repeated` left out.
    """

    def __init__(
        self,
        key: str,
        *,
        state: State,
        known: Known | None = None,
        since: datetime | None = None,
        max_items: int | None = None,
        max_pages: int | None = None,
        budget: Budget | None = None,
        newest_first: bool | None = True,
        shows_all: bool = True,
    ) -> None:
        """Begin to read; from the first new mention until `close` the list is not covered.

        Args:
            key: names the list in `state`.
            state: kept by the caller from run to run; values are JSON.
            known: gives the content hash of those ids that are stored.
            since: older mentions are left out.
            max_items: the budget's size, noted in the state.
            max_pages: pages to take at most.
            budget: shared by all lists of a crawl.
            newest_first: None when the order is not known. The list is then
                trusted to be so as long as its dates say it.
            shows_all: whether its end is the end of all that there is; False for a list of
                the newest ones, or of a selection.
        """
        self.key = key
        self.pages = self.page_size = self.unreadable = self._empty = 0
        self.stop: str | None = None
        self.counts = {"mentions": 0, "older": 0, "repeated": 0}
        self._known = known
        self._since = since
        self._budget = budget or Budget()
        self._limits = {"max_items": max_items, "max_pages": max_pages}
        self._state = state
        self._newest_first = newest_first
        self._shows_all = shows_all
        self._last_date: datetime | None = None
        self._last_taken: datetime | None = None
        self._seen: set[str] = set()
        self._known_in_a_row = 0
        self.missed = False
        self._has_gap = self._has_new = self._jumped = self._after_jump = False
        self._memory: dict[str, Any] = dict(state.get(key) or {})
        # Where the run before broke off, and where this one would.
        self._left_off: dict[str, Any] | None = self._memory.pop("resume", None)
        self._left_off_holds = True
        self._point: dict[str, Any] | None = None
        # A list that was never read has no gap: what the store knows of it came by other ways.
        self._covered: dict[str, Any] | None = self._memory.get("covered", {})

    @property
    def memory(self) -> Mapping[str, Any]:
        """What the run before remembered of this list."""
        return self._memory

    def take(self, items: Iterable[Mention | Reject]) -> list[Mention | Reject]:
        """Return what to hand on of a page, and set `stop` when it was the last one.

        Rejects always pass. Mentions pass once each, unless they are older than
        `since`; also those that the store has, because likes and labels may have
        changed and the store knows best.
        """
        page = list(items)
        mentions = [item for item in page if isinstance(item, Mention)]
        hashes = self._known([one.id for one in mentions]) if self._known and mentions else {}
        self.pages += 1
        self.page_size = len(page)
        self.unreadable = self.unreadable + 1 if page and not mentions else 0
        self._empty = 0 if page else self._empty + 1
        self._has_gap = self._has_gap or self.unreadable > 0
        passed: list[Mention | Reject] = []
        fresh = older = 0
        for item in page:
            if isinstance(item, Reject):
                passed.append(item)
                continue
            if item.id in self._seen:
                self.counts["repeated"] += 1
                continue
            self._seen.add(item.id)
            fresh += 1
            self._note_order(item)
            if self._is_older(item):
                older += 1
                continue
            if self._budget.left == 0:
                self.stop = "max_items"
                break
            stored = hashes.get(item.id)
            unchanged = stored is not None and stored == str(item.content_hash)
            self._known_in_a_row = self._known_in_a_row + 1 if unchanged else 0
            if self._budget.left is not None:
                self._budget.left -= 1
            self.counts["mentions"] += 1
            self._last_taken = max(_dates(item), default=self._last_taken)
            passed.append(item)
            if not unchanged and not self._has_new:
                # Written before it is stored: from now on there is a gap below it, and
                # another one where the run before broke off.
                self._has_new = True
                self._left_off_holds = self._jumped
                self._save(None)
        self.counts["older"] += older
        self.missed, self._after_jump = self._after_jump and not fresh, False
        if not self.missed:
            self.stop = self.stop or self._reason_to_stop(len(mentions), fresh, older)
        return passed

    def _reason_to_stop(self, mentions: int, fresh: int, older: int) -> str | None:
        if (mentions and not fresh) or self._empty >= EMPTY_PAGES:
            return "repeated"
        if self._budget.left == 0:
            return "max_items"
        if fresh and older == fresh and self._newest_first is not False:
            return "since"
        if self._known_in_a_row >= ENOUGH_KNOWN and self.covered_before:
            return "known"
        if self._limits["max_pages"] is not None and self.pages >= self._limits["max_pages"]:
            return "page_limit"
        return None

    def _note_order(self, item: Mention) -> None:
        if self._newest_first is not None:
            return
        date = item.published_at
        if date is None or (self._last_date is not None and date > self._last_date):
            self._newest_first = False
        self._last_date = date

    def _is_older(self, item: Mention) -> bool:
        dates = _dates(item)
        return self._since is not None and bool(dates) and max(dates) < self._since

    @property
    def reach(self) -> Reach | None:
        """How far back the list was read, once it is closed; None when there are gaps in it.

        The last mention's date tells, not the oldest one's: pinned ones stand above. Where a
        list is sorted by the last edit, that date is later than the publication's, so the
        reach is rather too short than too long.
        """
        if self._has_gap or self.stop not in _AS_BEFORE | _COMPLETE:
            return None
        since = self._since or EARLIEST
        if self.stop == "since" or (self.stop == "end" and self._shows_all):
            return Reach(since)
        if self.stop == "not_modified":
            return Reach(EARLIEST, as_before=True)
        if self._last_taken is None or self._newest_first is False:
            return None if self.stop in _LIMITED else Reach(since, as_before=True)
        return Reach(self._last_taken)

    @property
    def covered_before(self) -> bool:
        """Whether the run before read at least what this one is asked for."""
        if self._covered is None or self._newest_first is False:
            return False
        since = self._covered.get("since")
        if since and (self._since is None or self._since < datetime.fromisoformat(since)):
            return False
        for name, now in self._limits.items():
            before = self._covered.get(name)
            if before is not None and (now is None or now > before):
                return False
        return True

    def checkpoint(self, point: dict[str, Any]) -> None:
        """Note how far the list is read; call it once all before is stored.

        Args:
            point: from `crawlers.resuming.point_of`.
        """
        nothing_new = not (self._has_new or self._jumped)
        if nothing_new and (self._left_off is not None or self.covered_before):
            return  # the state says it better
        if self._has_gap:
            return  # the next run tries the unreadable pages again
        self._point = point
        self._save(None)

    def jump(self, fingerprint: str) -> dict[str, Any] | None:
        """Return where to go on instead of the next page, once, or None for the next page.

        Args:
            fingerprint: of this run's arguments; a point of others is another list's.
        """
        point = self._left_off
        if self._jumped or point is None or self._known_in_a_row < ENOUGH_KNOWN:
            return None
        if point.get("arguments") != fingerprint or point["pages"] < self.pages:
            return None
        self._jumped = self._after_jump = True
        self.pages = point["pages"]
        return point

    def remember(self, **values: Any) -> None:
        """Keep JSON values for the next run, such as an ETag; None forgets one.

        `close` writes them.
        """
        merged = self._memory | values
        self._memory = {name: value for name, value in merged.items() if value is not None}

    def close(self, reason: str = "end") -> None:
        """Note in the state what this run covered; call it after everything is stored.

        Args:
            reason: sets `stop` unless it is set.
        """
        self.stop = self.stop or reason
        covered: dict[str, Any] | None = None
        if self._has_gap:
            pass  # the next run tries the unreadable pages again
        elif self.stop in _AS_BEFORE or (self.stop not in _COMPLETE and not self._has_new):
            covered = self._covered
        elif self.stop in _COMPLETE:
            covered = {"since": self._since.isoformat() if self._since else None}
            limit = {"max_items": "max_items", "page_limit": "max_pages"}.get(self.stop)
            if limit is not None:
                covered[limit] = self._limits[limit]
        self._save(covered, broken_off=self.stop not in _COMPLETE)

    def _save(self, covered: dict[str, Any] | None, *, broken_off: bool = True) -> None:
        value = {**self._memory, "covered": covered}
        point = self._point or (self._left_off if self._left_off_holds else None)
        if broken_off and covered is None and point is not None:
            value["resume"] = point
        # The whole value is assigned, so that a mapping on disk notices it.
        self._state[self.key] = value


def _dates(item: Mention) -> list[datetime]:
    return [date for date in (item.published_at, item.updated_at) if date is not None]
