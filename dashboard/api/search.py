"""Mentions that a query finds, page by page, and what their fields hold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from math import isfinite, nan
from typing import Annotated, Final

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from dashboard.api import MOST_COUNTED
from dashboard.api.found import Found, from_hit
from dashboard.api.narrowing import ChosenField, Narrowing
from dashboard.errors import NarrowingError
from dashboard.settings import Asking
from index.base import FACETS, Facet, FacetCount, Order, QueryError
from index.trends import whole_stars

router = APIRouter(tags=["search"])

# Stars are kept to hundredths: from 1 to 5 there are no more values.
_STARS: Final = 401
# What values of a field are chosen by.
_CHOSEN_BY: Final[dict[Facet, ChosenField]] = {
    "source": "source",
    "brand": "brand",
    "topic": "topic",
    "topic_sentiment": "topic",
    "sentiment": "sentiment",
    "stars": "stars",
    "lang": "lang",
}


class SearchArguments(Narrowing):
    """What is searched for, and which page of it."""

    order: Order = Field(default="newest", description="newest first, or best match first")
    limit: int = Field(default=20, ge=1, le=100, description="most hits of a page")
    after: str | None = Field(
        default=None, max_length=1000, description="`next` of the page before"
    )


class SearchAnswer(BaseModel):
    """A page of mentions."""

    query: str = Field(description="all that was asked for, as one query")
    total: int = Field(description="mentions that it finds")
    next: str | None = Field(description="`after` of the page that follows; null on the last")
    hits: list[Found] = Field(description="in the order asked for")


class FacetArguments(Narrowing):
    """What is counted, and by which fields."""

    field: Annotated[list[Facet], Field(max_length=len(FACETS))] = Field(
        default_factory=lambda: list(FACETS), description="fields; none: all of them"
    )
    limit: int = Field(default=20, ge=1, le=100, description="most values of a field")


class FacetValue(BaseModel):
    """How many mentions have a value."""

    value: str | None = Field(
        description="as a query writes it, stars rounded; null: mentions that have none"
    )
    mentions: int = Field(description="how many")
    is_estimate: bool = Field(description="whether it was reckoned from a sample")


class FacetAnswer(BaseModel):
    """Values of fields, those of the most mentions first."""

    query: str = Field(description="all that was asked for, as one query")
    fields: dict[Facet, list[FacetValue]] = Field(
        description="a field's own chosen values do not narrow its counts"
    )


@router.get("/search")
def search(arguments: Annotated[SearchArguments, Query()], desk: Asking) -> SearchAnswer:
    """One page of the mentions that are asked for."""
    query = arguments.query()
    with desk.open() as mentions:
        try:
            result = mentions.search(
                query, order=arguments.order, limit=arguments.limit, after=arguments.after
            )
        except QueryError as error:
            if arguments.after is None:
                raise
            # The query has been understood before: it is the page that is not one of it.
            raise NarrowingError(error.code, **error.values) from error
    return SearchAnswer(
        query=query,
        total=result.total,
        next=result.next,
        hits=[from_hit(hit) for hit in result.hits],
    )


@router.get("/facets")
def facets(arguments: Annotated[FacetArguments, Query()], desk: Asking) -> FacetAnswer:
    """How many mentions have which values, so that one may be chosen."""
    # Fields that nothing is chosen of have the same question, and are counted together.
    together: dict[str, list[Facet]] = {}
    found: dict[Facet, list[FacetValue]] = {field: [] for field in arguments.field}
    for field in found:
        query = arguments.query(without=_CHOSEN_BY[field])
        together.setdefault(query, []).append(field)
    with desk.open() as mentions:
        for query, fields in together.items():
            # Stars have more values than are asked for, which become few.
            limit = max(arguments.limit, _STARS) if "stars" in fields else arguments.limit
            counts = mentions.facets(query, fields, limit, most=MOST_COUNTED)
            for field in fields:
                values = counts[field] if field != "stars" else _whole(counts[field])
                found[field] = [
                    FacetValue(value=one.value, mentions=one.mentions, is_estimate=one.is_estimate)
                    for one in values[: arguments.limit]
                ]
    return FacetAnswer(query=arguments.query(), fields=found)


def _whole(counts: Sequence[FacetCount]) -> list[FacetCount]:
    """Add up the stars of scales that have other steps than whole ones."""
    whole: Counter[str | None] = Counter()
    for one in counts:
        # A scale without an end has ratings, but no stars.
        stars = nan if one.value is None else float(one.value)
        whole[whole_stars(stars) if isfinite(stars) else None] += one.mentions
    is_estimate = any(one.is_estimate for one in counts)
    return [FacetCount(value, number, is_estimate) for value, number in whole.most_common()]
