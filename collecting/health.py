"""Source health: what a run brought, beside what its source has brought before.

A page that changes seldom breaks a spider loudly: the list is empty, or a field is, and the
run has finished all the same. So each run is compared with the earlier runs of its series
(the same spider with the same arguments). Three questions are asked:

* **Has it brought nothing?** Counts are put on Anscombe's scale, A(x) = 2·√(x + 3/8), on which
  a Poisson count has a standard deviation of 1 (F. J. Anscombe, Biometrika 35, 1948). The
  distance from what is usual, the median of the earlier runs, is measured in robust standard
  deviations, 1.4826 times the median absolute deviation (the modified z-score of B. Iglewicz
  and D. C. Hoaglin, How to Detect and Handle Outliers, 1993) but at least Poisson's 1, times
  √(1 + k/n) because the median of n runs is itself uncertain; more than 4 is an alarm: by
  chance three runs in a thousand of a steady source of seven mentions a run, fewer of others.
  k is how many runs in a row have brought nothing: a source of two mentions a run may be
  empty once, but not for a week of days. One earlier run is enough here, since a list of
  fifty does not empty itself.
* **Far fewer than usual?** The same distance, and less than a quarter of the median, because
  weekends and holidays halve what people write.
* **Is a field empty more often?** The lower end of Wilson's interval for the share of this run
  (E. B. Wilson, JASA 22, 1927; z = 3.29, one false alarm in 2,000) lies above the usual share
  by more than three robust standard deviations of the earlier runs' shares, and the share
  itself by ten points. Usual is the median of those shares, or the share of all their mentions
  together where that is higher. The spread is that between runs, not between mentions, because
  the mentions of a page resemble one another. Rejects are counted as one more such field.

The last two need three earlier runs: the first run of a source reads all there is and the
others only what is new, and a median of three is the first that one odd run cannot move.
Medians follow a lasting change within half of the runs compared.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import takewhile
from math import sqrt
from statistics import median
from typing import Final

from answers.remarks import Remark
from index.base import Run
from mention import Mention, Reject

# Runs that the store is asked for, and how many of them are compared: those before a silence.
HISTORY: Final = 200
COMPARED: Final = 30
MINIMUM_RUNS: Final = 3
# Below this a share says little, of this run or an earlier one.
MINIMUM_MENTIONS: Final = 10
FAR: Final = 4.0
FEW: Final = 0.25
MORE: Final = 0.1
_Z: Final = 3.29
_MAD_TO_SD: Final = 1.4826  # of a normal distribution
_SPREADS: Final = 3

# What a platform gives or not; labels such as `brand` are the user's.
FIELDS: Final = (
    "text",
    "title",
    "rating",
    "published_at",
    "author_id",
    "url",
    "lang",
    "likes",
    "version",
    "reply_text",
)
_REJECTED: Final = "rejected"

# How the alarms begin, or what is in them, that say that mentions are missing.
_NOTHING: Final = "brought nothing"
_FEW: Final = "brought only"
_UNREADABLE: Final = "could not be read"

# Reasons may quote what was read, so their number is up to the page.
KEPT_REASONS: Final = 20
OTHER_REASONS: Final = "other reasons"
_REASON_CHARACTERS: Final = 200


@dataclass(slots=True)
class Observations:
    """Counts, of one run, that tell of the health of its source.

    Attributes:
        reasons: reason -> rejects, without limit.
        empty_fields: field -> mentions that came without it, also where that is none.
        span: when the oldest and the newest of the mentions were published.
    """

    reasons: Counter[str] = field(default_factory=Counter)
    empty_fields: Counter[str] = field(default_factory=Counter)
    span: tuple[datetime, datetime] | None = None

    def note(self, item: Mention | Reject) -> None:
        """Count one mention or reject."""
        if isinstance(item, Reject):
            self.reasons[item.reason[:_REASON_CHARACTERS]] += 1
            return
        for name in FIELDS:
            self.empty_fields[name] += getattr(item, name) in (None, "")
        if (date := item.published_at) is not None:
            first, last = self.span or (date, date)
            self.span = min(first, date), max(last, date)

    @property
    def rejects(self) -> dict[str, int]:
        """The commonest reasons with their counts, and the rest under `OTHER_REASONS`."""
        kept = dict(self.reasons.most_common(KEPT_REASONS))
        if rest := self.reasons.total() - sum(kept.values()):
            kept[OTHER_REASONS] = rest
        return kept


def alarms(run: Run, earlier: Sequence[Run]) -> list[Remark]:
    """Return what is unusual about a run, one sentence each with the next step.

    Args:
        run: with `outcome`, `counts` and `empty_fields`. A failed one has its own message,
            one that was broken off says nothing; neither gives an alarm.
        earlier: of its series, newest first; those that ended otherwise are passed over.
    """
    if not _comparable(run):
        return []
    comparable = [one for one in earlier if _comparable(one)]
    silence = _silence(_items(run), [_items(one) for one in comparable])
    found = [] if silence is None else [silence]
    return found + list(_emptier(run, comparable[:COMPARED]))


def _items(run: Run) -> int:
    return run.counts.get("items", 0)


def is_complete(run: Run) -> bool:
    """Tell whether a run has read all there was, or as much as it was asked for."""
    return run.outcome == "finished" or (
        run.outcome == "stopped" and "stop_max_items" in run.counts
    )


def is_silence(alarm: str) -> bool:
    """Tell whether an alarm says that a run has brought nothing."""
    return alarm.startswith(_NOTHING)


def misses_mentions(found: Iterable[str]) -> bool:
    """Tell whether one of the alarms of a run says that there are mentions it has not brought."""
    return any(alarm.startswith((_NOTHING, _FEW)) or _UNREADABLE in alarm for alarm in found)


def _comparable(run: Run) -> bool:
    """Whether a run says how much its source has; one that is told "not modified" does not."""
    return is_complete(run) and "items" in run.counts and "stop_not_modified" not in run.counts


def _silence(items: int, earlier: Sequence[int]) -> Remark | None:
    streak = len(list(takewhile(lambda one: one == 0, earlier))) if items == 0 else 0
    before = earlier[streak : streak + COMPARED]
    if not before or (items and len(before) < MINIMUM_RUNS):
        return None
    usual, runs = median(before), 1 + streak
    if items > FEW * usual:
        return None
    spread = max(1.0, _MAD_TO_SD * _deviation([_anscombe(one) for one in before]))
    distance = _anscombe(runs * usual) - _anscombe(items)
    if distance <= FAR * spread * sqrt(1 + runs / len(before)):
        return None
    history = {"usual": usual, "count": len(before)}
    if items:
        return Remark("brought_few", items=items, **history)
    if runs == 1:
        return Remark("brought_nothing", **history)
    return Remark("brought_nothing_again", runs=runs, **history)


def _emptier(run: Run, earlier: Sequence[Run]) -> Iterator[Remark]:
    for name in (*FIELDS, _REJECTED):
        empty, total = _share(run, name)
        before = [
            (one_empty, one_total)
            for one_empty, one_total in (_share(one, name) for one in earlier)
            if one_total >= MINIMUM_MENTIONS
        ]
        if total < MINIMUM_MENTIONS or len(before) < MINIMUM_RUNS:
            continue
        shares = [one_empty / one_total for one_empty, one_total in before]
        together = sum(one[0] for one in before) / sum(one[1] for one in before)
        usual = max(median(shares), together)
        limit = usual + _SPREADS * _MAD_TO_SD * _deviation(shares)
        if empty / total < usual + MORE or _wilson_low(empty, total) <= limit:
            continue
        shares_told = {"empty": empty, "total": total, "share": usual, "count": len(before)}
        if name == _REJECTED:
            yield Remark("unreadable", **shares_told)
        else:
            yield Remark("came_without", field=name, **shares_told)


def _share(run: Run, name: str) -> tuple[int, int]:
    """Return how many mentions came without a field, and of how many."""
    items = _items(run)
    if name == _REJECTED:
        rejects = run.counts.get("rejects", 0)
        return rejects, items + rejects
    # A field that was not counted then is not known to have been there.
    return run.empty_fields.get(name, 0), items if name in run.empty_fields else 0


def _anscombe(count: float) -> float:
    return 2 * sqrt(count + 3 / 8)


def _deviation(values: Sequence[float]) -> float:
    """Return the median absolute deviation from the median."""
    middle = median(values)
    return median(abs(one - middle) for one in values)


def _wilson_low(hits: int, total: int, z: float = _Z) -> float:
    """Return the lower end of Wilson's score interval for the share `hits` / `total`."""
    share = hits / total
    middle = share + z * z / (2 * total)
    margin = z * sqrt(share * (1 - share) / total + z * z / (4 * total * total))
    return (middle - margin) / (1 + z * z / total)
