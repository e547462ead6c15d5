"""What a run has covered: between which times everything that its source shows was read.

`docs/coverage.md` has the rules. They are applied once, when a run ends, and the answer is
stored with the run: later, what all runs of a source have covered is the union of these spans.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from collecting.health import is_complete, misses_mentions
from index.base import Run

if TYPE_CHECKING:
    from crawlers.listing import Reach

Span = tuple[datetime, datetime]


def covered(run: Run, reach: Reach | None, earlier: Sequence[Run]) -> Span | None:
    """Return the span of publication times that a run has covered; None for nothing certain.

    It ends when the run began: what was published later may have been missed.

    Args:
        run: with `outcome`, `counts` and `alarms`.
        reach: how far back it has read; None when there are gaps.
        earlier: of its series, newest first.
    """
    if reach is None or not is_complete(run) or misses_mentions(run.alarms):
        return None
    until = run.started_at
    if not reach.as_before:
        return min(reach.back_to, until), until
    complete = [one for one in earlier if is_complete(one)]
    sound = [one for one in complete if one.covers is not None]
    if "stop_not_modified" in run.counts and (not complete or complete[0].covers is None):
        return None  # not modified since a run that had not read everything itself
    # The first one covers no time, but those after it go on from there.
    since = sound[0].started_at if sound else until
    return min(max(reach.back_to, since), until), until
