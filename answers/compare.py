"""Brands, branches or products side by side: how much is said of each, and how good it is.

Counts come from `MentionIndex.trends` and `facets`, so the store and the cluster give the
same. `docs/comparison.md` has the formulas.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from math import isfinite
from types import MappingProxyType
from typing import Final

from answers.estimates import MINIMUM
from answers.sides import COMPARABLE, By, Comparison, Side, Tally
from index.base import MentionIndex
from index.compile_sqlite import fold
from index.query import HasFilter, Node, Or, TextFilter, narrowed
from mention import CodedError

# So many are compared when none are named.
MOST: Final = 8
# Stars are kept to hundredths: from 1 to 5 there are no more values.
_STARS: Final = 401


class ComparisonError(CodedError):
    """What was asked to be compared is not there, or is not two things."""

    sentences = MappingProxyType(
        {
            "compare_not_two": "there are not two to compare by {field}; widen the query, or "
            "compare by {known}",
            "compare_no_group": "nothing that the query finds is of '{group}'; there is {known}",
            "compare_nothing": "nothing that the query finds is of '{group}'; try another query",
        }
    )


def compare(
    index: MentionIndex,
    query: str = "",
    *,
    by: By,
    names: Sequence[str] = (),
    base: str | None = None,
    topics: Sequence[str] | None = None,
    minimum: int = MINIMUM,
) -> Comparison:
    """Count what a query finds in each of some groups.

    Args:
        index: the store or the cluster.
        query: narrows what is compared, also by `date:`.
        by: what tells the groups apart; mentions that have none of it are in no group.
        names: the groups; none: those with the most mentions.
        base: the group that the others are held against; None: all the others together.
        topics: codes of the topics to compare; None for every one that occurs.
        minimum: below so many mentions a share is not given.

    Raises:
        ComparisonError: a group does not occur, or there are not two.
        QueryError: the query cannot be understood.
    """
    everything = groups(index, query, by)
    chosen = _chosen(everything, names) if names else everything[:MOST]
    based = None if base is None else _chosen(everything, [base])[0]
    if based is not None and based not in chosen:
        chosen.append(based)
    if len(chosen) < 2:
        others = ", ".join(one for one in COMPARABLE if one != by)
        raise ComparisonError("compare_not_two", field=by, known=others)
    sides = {fold(side.name): side for side in chosen}
    within = narrowed(query, in_groups(by, *(side.name for side in chosen)))
    for point in index.trends(within, period="quarter", topics=topics, split=by):
        side = sides.get(fold(point.group))
        if side is not None and point.topic is not None:
            side.topics.setdefault(point.topic, Tally()).add(point)
    for side in chosen:
        rated = narrowed(query, in_groups(by, side.name), *map(HasFilter, ("sentiment", "rating")))
        values = index.facets(rated, ["stars"], limit=_STARS)["stars"]
        stars = {float(one.value): one.mentions for one in values if one.value}
        # A scale without an end has ratings, but no stars.
        side.stars.update({one: number for one, number in stars.items() if isfinite(one)})
    ordered = sorted(chosen, key=lambda side: (-side.mentions, side.name))
    return Comparison(
        by,
        tuple(ordered),
        None if based is None else based.name,
        len(everything) - len(chosen),
        minimum,
    )


def in_groups(by: By, *names: str) -> Node:
    """Return what finds the mentions of any of some groups."""
    filters = tuple(TextFilter(by, name) for name in names)
    return Or(filters) if len(filters) > 1 else filters[0]


def groups(index: MentionIndex, query: str, by: By) -> list[Side]:
    """Return every group of what a query finds, spellings of one name together, the largest first.

    Their topics and stars are not counted.

    Raises:
        QueryError: the query cannot be understood.
    """
    spellings: dict[str, dict[str, Side]] = {}
    for point in index.trends(query, period="quarter", topics=(), split=by):
        if point.group:
            same = spellings.setdefault(fold(point.group) or "", {})
            side = same.setdefault(point.group, Side(point.group))
            side.mentions += point.mentions + point.untagged + point.pending
            side.overall.add(point)
    return _largest_first(_together(same.values()) for same in spellings.values())


def _together(spellings: Iterable[Side]) -> Side:
    """Return one group of several spellings, under the most frequent one."""
    first, *others = _largest_first(spellings)
    for other in others:
        first.add(other)
    return first


def _largest_first(sides: Iterable[Side]) -> list[Side]:
    return sorted(sides, key=lambda side: (-side.mentions, side.name))


def _chosen(sides: Sequence[Side], names: Sequence[str]) -> list[Side]:
    """Return the groups of these names."""
    known: Mapping[str | None, Side] = {fold(side.name): side for side in sides}
    found: dict[str, Side] = {}
    for name in names:
        side = known.get(fold(name.strip()))
        if side is None:
            near = get_close_matches(name, [one.name for one in sides], n=1, cutoff=0.5)
            shown = near or [one.name for one in sides[:MOST]]
            if not shown:
                raise ComparisonError("compare_nothing", group=name)
            raise ComparisonError("compare_no_group", group=name, known=", ".join(shown))
        found[side.name] = side
    return list(found.values())
