"""Which topics move the stars: a regression of stars on praise and complaints.

Everything is accumulated from `MentionIndex.scan`, some 50 bytes a mention. What the figures
do and do not say stands in `docs/drivers.md`; `CAVEATS` is printed with every answer.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC
from itertools import islice
from math import isfinite
from typing import TYPE_CHECKING, Final

from answers.estimates import Estimate
from answers.intervals import CONFIDENCE
from index.base import Hit, MentionIndex
from index.query import HasFilter, narrowed
from index.rows import topic_polarities

if TYPE_CHECKING:
    from answers.indicators import Column, Layout, Rows
    from answers.regression import Fit

# An opinion about a topic that fewer mentions have is left out.
MINIMUM: Final = 30
# So many rated mentions are read at most, the newest: half a gigabyte while they are fitted.
LIMIT: Final = 1_000_000
CAVEATS: Final = (
    "These are associations in what people wrote, not effects of an experiment: whatever moves "
    "both the topic and the stars, and is none of the controls, is in the figures.",
    "Topics occur together: where the inflation is high (above 5), the share of each of them "
    "cannot be told apart well.",
    "Only mentions with stars and a text that the tagger understood are counted: people who "
    "leave stars alone, and places without stars, may differ.",
    "Stars are taken as equal steps, and the topics are those that the tagger found: its errors "
    "mostly make effects look smaller than they are.",
)
_POLARITIES: Final = {
    "positive": ("positive",),
    "negative": ("negative",),
    "mixed": ("positive", "negative"),
}


@dataclass(frozen=True, slots=True)
class Driver:
    """One opinion about one topic, and the stars.

    Attributes:
        topic: code.
        polarity: positive or negative.
        mentions: rated mentions that have it.
        share: of all rated mentions, 0–1.
        effect: difference in stars from mentions without an opinion about the topic, all
            else that is counted being equal.
        impact: share × effect: by how many stars it moves the average.
        chance: rate of false discoveries among all that are as far from 0, 0–1.
        inflation: factor by which the variance of the effect grows because topics and
            controls occur together.
    """

    topic: str
    polarity: str
    mentions: int
    share: float
    effect: Estimate
    impact: Estimate
    chance: float
    inflation: float


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An opinion about a topic that the answer says nothing of, with the reason."""

    topic: str
    polarity: str
    mentions: int
    reason: str


@dataclass(frozen=True, slots=True)
class Drivers:
    """What moves the stars of one group.

    Attributes:
        group: a brand; None for everything.
        rated: mentions that have stars and a sentiment.
        average_stars: their mean; None without one.
        drivers: the greatest impact first; none where there is not enough data.
        left_out: what is too rare or cannot be told apart.
        controls: what was held equal beside the topics.
        explained: part of the variance of the stars that all of it explains, 0–1.
    """

    group: str | None
    rated: int
    average_stars: float | None
    drivers: tuple[Driver, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    controls: tuple[str, ...] = ()
    explained: float | None = None


@dataclass(frozen=True, slots=True)
class Basis:
    """What the answer rests on.

    Attributes:
        mentions: all that the query finds.
        rated: those with stars.
        read: those with stars and a sentiment, which were used.
        conflicts: those whose stars and text say opposite things.
        is_cut: whether only the newest `LIMIT` were read.
    """

    mentions: int
    rated: int
    read: int
    conflicts: int
    is_cut: bool


def drivers(
    index: MentionIndex,
    query: str = "",
    *,
    by_brand: bool = False,
    minimum: int = MINIMUM,
    limit: int = LIMIT,
) -> tuple[Basis, list[Drivers]]:
    """Return what the answer rests on, and the drivers of everything or of each brand.

    Args:
        index: the store or the cluster.
        query: narrows the mentions.
        by_brand: a regression for each brand; else one, in which the brand is a control.
        minimum: fewest mentions of an opinion, and of a value of a control that is told
            from the others.
        limit: rated mentions that are read at most, the newest.

    Raises:
        QueryError: the query cannot be understood.
    """
    from answers.indicators import Rows

    total = index.search(query, limit=0).total
    rating, sentiment, conflict = map(HasFilter, ("rating", "sentiment", "conflict"))
    rated = index.search(narrowed(query, rating), limit=0).total
    usable = narrowed(query, rating, sentiment)
    conflicts = index.search(narrowed(query, rating, sentiment, conflict), limit=0).total
    groups: dict[str | None, Rows] = {}
    read = 0
    for hit in islice(index.scan(usable), limit):
        if hit.mention.stars is None or not isfinite(hit.mention.stars):
            continue  # a scale without an end has ratings, but no stars
        read += 1
        group = (hit.mention.brand or "") if by_brand else None
        rows = groups.setdefault(group, Rows())
        rows.add(_columns(hit, by_brand=by_brand), hit.mention.stars)
    is_cut = index.search(usable, limit=0).total > limit
    basis = Basis(total, rated, read, conflicts, is_cut)
    found = [_fitted(group, rows, minimum) for group, rows in groups.items()]
    return basis, sorted(found, key=lambda one: (-one.rated, one.group or ""))


def _columns(hit: Hit, *, by_brand: bool) -> Iterator[Column]:
    """Yield what is true of a mention: its opinions, and the values of the controls."""
    from answers.indicators import Control, Opinion

    mention, tagging = hit.mention, hit.tagging
    if tagging is not None:
        for topic, polarity in topic_polarities(tagging).items():
            for opinion in _POLARITIES.get(polarity, ()):
                yield Opinion(topic, opinion)
    when = (mention.published_at or mention.collected_at).astimezone(UTC)
    yield Control("source", mention.source)
    yield Control("lang", (tagging.lang if tagging else None) or mention.lang or "")
    yield Control("month", f"{when:%Y-%m}")
    if not by_brand:
        yield Control("brand", mention.brand or "")


def _fitted(group: str | None, rows: Rows, minimum: int) -> Drivers:
    """Return the drivers of one group."""
    import numpy as np

    from answers.indicators import Layout
    from answers.regression import least_squares

    stars = np.frombuffer(rows.stars, dtype=np.float64)
    average = float(stars.mean())
    layout = Layout(rows, minimum)
    rare = [
        LeftOut(one.topic, one.polarity, number, f"fewer than {minimum} mentions")
        for one, number in layout.rare
    ]
    if not layout.opinions or len(stars) - layout.width < minimum:
        return Drivers(group, len(stars), average, left_out=tuple(rare))
    fit = least_squares(layout.table(), stars)
    kept = set(fit.kept.tolist())
    alike = [
        LeftOut(one.topic, one.polarity, number, "cannot be told from other topics or controls")
        for column, (one, number) in layout.opinions.items()
        if column not in kept
    ]
    return Drivers(
        group=group,
        rated=len(stars),
        average_stars=average,
        drivers=_ranked(layout, fit, len(stars)),
        left_out=(*rare, *alike),
        controls=layout.controls,
        explained=fit.explained,
    )


def _ranked(layout: Layout, fit: Fit, rows: int) -> tuple[Driver, ...]:
    from scipy.special import stdtr, stdtrit
    from scipy.stats import false_discovery_control

    quantile = float(stdtrit(fit.freedom, (1 + CONFIDENCE) / 2))
    places = [
        (place, layout.opinions[column])
        for place, column in enumerate(fit.kept.tolist())
        if column in layout.opinions
    ]
    if not places:
        return ()
    scores = [
        abs(float(fit.coefficients[place])) / max(float(fit.errors[place]), 1e-12)
        for place, _ in places
    ]
    # Benjamini and Hochberg (1995), over all that are told together.
    levels = false_discovery_control([2 * float(stdtr(fit.freedom, -score)) for score in scores])
    found = []
    for (place, (opinion, number)), level in zip(places, levels, strict=True):
        effect, reach = float(fit.coefficients[place]), quantile * float(fit.errors[place])
        share = number / rows
        found.append(
            Driver(
                opinion.topic,
                opinion.polarity,
                number,
                share,
                Estimate(effect, effect - reach, effect + reach),
                Estimate(share * effect, share * (effect - reach), share * (effect + reach)),
                float(level),
                float(fit.inflation[place]),
            )
        )
    return tuple(sorted(found, key=lambda one: -abs(one.impact.value or 0)))
