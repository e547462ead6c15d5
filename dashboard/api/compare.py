"""Brands, branches, products, sources or languages side by side."""

from __future__ import annotations

from collections import Counter
from math import floor
from typing import Annotated, Final

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field
from starlette.responses import Response

from answers.estimates import MINIMUM
from answers.remarks import Remark
from answers.sides import By, Side
from dashboard.api.narrowing import Narrowing, Value
from dashboard.api.rows import DistinctRow, GroupRow, TopicRow, encoded
from dashboard.api.said import Said, all_said
from dashboard.settings import Asking
from output.comparison import comparison_notes
from output.footers import coverage_sentence, coverages_of

router = APIRouter(tags=["compare"])

MOST_GROUPS: Final = 20
# Of each group, the newest: words are read in a second or two, and more tell hardly more.
TEXTS: Final = 500


class CompareArguments(Narrowing):
    """What is compared, and by what."""

    by: By = Field(default="brand", description="what tells the groups apart")
    of: Annotated[list[Value], Field(max_length=MOST_GROUPS)] = Field(
        default_factory=list, description="the groups; none: the eight with the most mentions"
    )
    base: Value | None = Field(
        default=None,
        description="the group that the others are held against; none: all the others together",
    )
    minimum: int = Field(
        default=MINIMUM, ge=1, le=10_000, description="with fewer mentions a share is not given"
    )
    distinct: bool = Field(
        default=False,
        description=f"also what one group has and another has not, read of the newest {TEXTS} "
        "texts of each, which takes a while",
    )


class Compared(BaseModel):
    """Groups beside each other."""

    query: str = Field(description="all that narrowed them, as one query")
    by: By = Field(description="what tells the groups apart")
    base: str | None = Field(description="what the others are held against; null: all the others")
    mentions: int = Field(description="of all the groups: the base of the share of voice")
    left_out: int = Field(description="groups that are not shown; `of` names those to compare")
    groups: list[GroupRow] = Field(description="the one with the most mentions first")
    topics: list[TopicRow] = Field(description="by topic, then as the groups")
    distinct: list[DistinctRow] = Field(
        description="by group, praise before complaints; empty unless it was asked for"
    )
    notes: list[Said] = Field(description="how to read it and how far it holds")


@router.get("/compare", response_model=Compared)
def compare(arguments: Annotated[CompareArguments, Query()], desk: Asking) -> Response:
    """Hold groups against each other: how much is said of them, how good it is, about what."""
    from answers import compare as comparing
    from answers.distinct import distinct_terms, read

    query = arguments.query()
    with desk.open() as mentions:
        found = comparing.compare(
            mentions,
            query,
            by=arguments.by,
            names=[name for one in arguments.of if (name := one.strip())],
            base=arguments.base,
            minimum=arguments.minimum,
        )
        reading = read(mentions, query, found, texts=TEXTS) if arguments.distinct else None
    coverages = coverages_of(desk.settings.place, "month", None, query=query)
    return encoded({
        "query": query,
        "by": found.by,
        "base": found.base,
        "mentions": found.mentions,
        "left_out": found.left_out,
        "groups": [
            row | {"stars": _stars(side)}
            for row, side in zip(found.group_rows(), found.sides, strict=True)
        ],
        "topics": found.topic_rows(),
        "distinct": [
            one.as_row() for one in (distinct_terms(found, reading) if reading else ())
        ],
        "notes": all_said([
            Remark("coverage", coverage=coverage_sentence(coverages)),
            *comparison_notes(found, reading),
        ]),
    })  # fmt: skip


def _stars(side: Side) -> list[int]:
    """Return how many mentions have 1, 2, 3, 4 and 5 stars, rounded."""
    counts = Counter[int]()
    for stars, number in side.stars.items():
        counts[floor(stars + 0.5)] += number
    return [counts[stars] for stars in range(1, 6)]


class GroupsArguments(Narrowing):
    """What tells the groups apart, and how many are listed."""

    by: By = Field(default="brand", description="what tells the groups apart")
    limit: int = Field(default=100, ge=1, le=100, description="most groups in the answer")


class Group(BaseModel):
    """What can be compared."""

    group: str = Field(description="its most frequent spelling")
    mentions: int = Field(description="all of them, tagged or not")


class Groups(BaseModel):
    """What there is to compare."""

    query: str = Field(description="all that narrowed them, as one query")
    by: By = Field(description="what tells the groups apart")
    total: int = Field(description="how many there are")
    groups: list[Group] = Field(description="the one with the most mentions first")


@router.get("/compare/groups")
def groups(arguments: Annotated[GroupsArguments, Query()], desk: Asking) -> Groups:
    """The groups that a comparison can be made of."""
    from answers import compare as comparing

    query = arguments.query()
    with desk.open() as mentions:
        found = comparing.groups(mentions, query, arguments.by)
    return Groups(
        query=query,
        by=arguments.by,
        total=len(found),
        groups=[Group(group=one.name, mentions=one.mentions) for one in found[: arguments.limit]],
    )
