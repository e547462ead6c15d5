"""Complaints that wait for a reply, and for how long."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from answers.counted import answerable
from index.base import Hit, MentionIndex
from index.query import HasFilter, Not, TextFilter

# What an age is counted by, each up to the next.
AGES: Final = (timedelta(days=1), timedelta(days=3), timedelta(days=7))
AGE_NAMES: Final = ("under 1 day", "1 to 3 days", "3 to 7 days", "over 7 days")


@dataclass(frozen=True, slots=True)
class Unanswered:
    """Negative mentions without a reply.

    Attributes:
        hits: some of them, the newest first.
        total: how many there are.
        next: for the following page, as `SearchResult.next`.
        by_age: how many are of each age; the names are `AGE_NAMES`.
        now: when the ages were taken, UTC.
    """

    hits: tuple[Hit, ...]
    total: int
    next: str | None
    by_age: dict[str, int]
    now: datetime

    def age(self, hit: Hit) -> timedelta | None:
        """Return how long a mention has waited; None where the platform hides its time."""
        published = hit.mention.published_at
        return None if published is None else self.now - published


def unanswered(
    mentions: MentionIndex,
    query: str,
    now: datetime,
    *,
    limit: int = 20,
    after: str | None = None,
) -> Unanswered:
    """Return the negative mentions that `query` finds and nobody has replied to.

    Only of sources of which any reply was ever read: elsewhere a reply would not be seen.

    Args:
        mentions: what answers.
        query: narrows the mentions.
        now: from which ages are counted.
        limit: most mentions on the page.
        after: `next` of the page before.

    Raises:
        QueryError: the query cannot be understood.
    """
    negative = TextFilter("sentiment", "negative")
    narrow = answerable(mentions, query, negative, Not(HasFilter("reply")))
    if narrow is None:
        return Unanswered((), 0, None, dict.fromkeys(AGE_NAMES, 0), now)
    found = mentions.search(narrow, limit=limit, after=after)
    counts = mentions.ages(narrow, now, AGES)
    by_age = dict(zip(AGE_NAMES, counts, strict=True))
    return Unanswered(found.hits, found.total, found.next, by_age, now)
