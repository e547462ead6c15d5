"""What every question of the page is narrowed by: a query and the values chosen beside it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import Annotated, Final, Literal, get_args

from fastapi import Query, Request
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from dashboard.errors import NarrowingError
from dashboard.settings import Asking
from index.base import QueryError
from index.query import (
    MAX_LENGTH,
    DateFilter,
    Node,
    NumberFilter,
    Or,
    TextFilter,
    TopicFilter,
    narrowed,
    parse,
    to_string,
)
from mention import Sentiment

MOST_VALUES: Final = 50
Value = Annotated[str, StringConstraints(min_length=1, max_length=500)]


def _as_written(value: object) -> object:
    """Refuse a number, which pydantic takes for seconds since 1970."""
    if isinstance(value, str) and not re.fullmatch(r"\d{4}-\d\d-\d\d", value, re.ASCII):
        raise ValueError("a day is written as 2026-03-31")
    return value


Day = Annotated[
    date, BeforeValidator(_as_written), Field(ge=date(1970, 1, 1), le=date(2100, 12, 31))
]
Values = Annotated[list[Value], Field(max_length=MOST_VALUES)]
# Fields that several values of may be chosen of.
ChosenField = Literal[
    "source", "brand", "location", "product", "topic", "sentiment", "stars", "lang", "case"
]
CHOSEN_FIELDS: Final[tuple[ChosenField, ...]] = get_args(ChosenField)


class Narrowing(BaseModel):
    """A query, and values of fields beside it: any of a field's, and of every field one."""

    model_config = ConfigDict(extra="forbid")

    q: Annotated[str, StringConstraints(max_length=MAX_LENGTH)] = Field(
        default="", description="a query in Molva's language; empty for everything"
    )
    source: Values = Field(default_factory=list, description="only these sources")
    brand: Values = Field(default_factory=list, description="only these brands")
    location: Values = Field(default_factory=list, description="only these branches")
    product: Values = Field(default_factory=list, description="only these products")
    topic: Values = Field(
        default_factory=list, description="only what speaks of these: `speed`, `speed:negative`"
    )
    sentiment: Annotated[list[Sentiment], Field(max_length=4)] = Field(
        default_factory=list, description="only these overall sentiments"
    )
    stars: Annotated[list[Annotated[int, Field(ge=1, le=5)]], Field(max_length=5)] = Field(
        default_factory=list, description="only what rounds to so many stars, halves up"
    )
    lang: Values = Field(default_factory=list, description="only these languages, ISO 639-1")
    case: Values = Field(default_factory=list, description="only cases that stand so")
    first: Day | None = Field(default=None, description="the first day, in the store's time zone")
    last: Day | None = Field(default=None, description="the last day, included")

    def query(self, *others: Node, without: ChosenField | None = None) -> str:
        """Return all of it as one query.

        Args:
            others: what has to hold as well.
            without: a field whose values are not to narrow, for counting these values.

        Raises:
            QueryError: `q` cannot be understood; the position is in `q`.
            NarrowingError: a chosen value is none that the field can have, the days are the wrong
                way round, or all of it together is too long or too deep.
        """
        nodes = [
            node
            for field in CHOSEN_FIELDS
            if field != without and (node := _any(_filters(field, getattr(self, field))))
        ]
        if self.first is not None or self.last is not None:
            if self.first and self.last and self.first > self.last:
                first, last = self.first.isoformat(), self.last.isoformat()
                raise NarrowingError("days_backwards", first=first, last=last)
            nodes.append(DateFilter(self.first, self.last))
        query = narrowed(self.q, *nodes, *others)
        try:
            parse(query)
        except QueryError as error:
            # Each part can be understood: it is the whole that is too long, or too deep.
            raise NarrowingError(f"{error.code}_together", **error.values) from error
        return query


def check_topics(request: Request, desk: Asking) -> None:
    """Refuse a topic that there is not: what every question that takes a query depends on.

    What answers would refuse it too, but knows the place in the composed query only.

    Raises:
        QueryError: `q` cannot be understood; the position is in `q`.
        NarrowingError, TopicError: there is no topic that was chosen.
    """
    arguments, tagger = request.query_params, desk.settings.project.tagger
    parse(arguments.get("q", ""), tagger.topic_codes())
    tagger.check_topics(_topic(chosen).topic for chosen in arguments.getlist("topic"))


def _filters(field: ChosenField, values: Sequence[str | float]) -> list[Node]:
    if field == "stars":
        # As `index.trends.whole_stars` rounds them; stars are kept to the hundredth.
        return [NumberFilter(field, int(value) - 0.5, int(value) + 0.49) for value in values]
    if field == "topic":
        return [_read(_topic(str(value))) for value in values]
    return [_read(TextFilter(field, str(value))) for value in values]


def _topic(value: str) -> TopicFilter:
    """Return the filter of `speed` or `speed:negative`."""
    if not re.fullmatch(r"[\w-]+(:\w+)?", value):
        raise NarrowingError("no_chosen_topic", topic=value)
    topic, _, polarity = value.lower().partition(":")
    return TopicFilter(topic, polarity or None)


def _read(node: TextFilter | TopicFilter) -> Node:
    """Return a filter as the language understands it, if it does."""
    try:
        read = parse(to_string(node))
    except QueryError as error:
        # Without the place, which is in a query that nobody typed.
        raise NarrowingError(error.code, **error.values) from error
    assert read is not None  # noqa: S101 - a filter says something
    return read


def _any(filters: Sequence[Node]) -> Node | None:
    if not filters:
        return None
    return filters[0] if len(filters) == 1 else Or(tuple(filters))


# What an endpoint takes: `def endpoint(narrowing: Narrowed, …)`. FastAPI reads the whole query
# string into it, so that an endpoint with arguments of its own takes a class derived from it.
Narrowed = Annotated[Narrowing, Query()]
