"""The rows of trends, comparisons and changes, as `as_row` of each kind of answer gives them.

Every number that is estimated has the ends of its 95 % interval beside it, `_low` and `_high`;
all three are null where there are too few mentions to tell. Formulas: docs/trends.md and
docs/comparison.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field
from pydantic_core import to_json
from starlette.responses import Response

Number = float | None
Low = Annotated[Number, Field(description="lower end of its 95 % interval")]
High = Annotated[Number, Field(description="upper end of its 95 % interval")]
Topic = Annotated[str, Field(description="code of the topic; `(overall)` for whole mentions")]
Group = Annotated[str | None, Field(description="value of the split, '' for mentions without one")]
Change = Annotated[
    Literal["up, beyond chance", "down, beyond chance", "within chance", "not enough data",
            "unknown"],
    Field(description="what the interval says of the change"),
]  # fmt: skip
Share = Annotated[Number, Field(description="part of the mentions that speaks of it, 0–1")]
ShareNegative = Annotated[Number, Field(description="part of these that is negative, 0–1")]
NetSentiment = Annotated[
    Number, Field(description="(positive − negative) / all with an opinion, −1–1")
]
AverageStars = Annotated[Number, Field(description="mean stars, 1–5")]
Apart = Annotated[Number, Field(description="this − what it is held against")]
Mentions = Annotated[int, Field(ge=0, description="so many mentions")]
KnownMentions = Annotated[
    int | None, Field(ge=0, description="so many mentions; null where nothing was collected")
]


def encoded(answer: Mapping[str, Any]) -> Response:
    """Return an answer as JSON, without going through every row of thousands to check it.

    Args:
        answer: of the fields of the endpoint's model; the tests compare the two.
    """
    return Response(to_json(answer), media_type="application/json")


class TrendRow(BaseModel):
    """One bucket of one topic, of one group where the trend is split."""

    topic: Topic
    group: Group
    start: date = Field(description="first day of the bucket")
    count: KnownMentions
    count_low: Low
    count_high: High
    positive: KnownMentions
    neutral: KnownMentions
    negative: KnownMentions
    mixed: KnownMentions
    mentions: KnownMentions = Field(description="with a sentiment: the base of the share")
    share: Share
    share_low: Low
    share_high: High
    share_negative: ShareNegative
    share_negative_low: Low
    share_negative_high: High
    net_sentiment: NetSentiment
    net_sentiment_low: Low
    net_sentiment_high: High
    average_stars: AverageStars
    rated: KnownMentions = Field(description="of those counted, the ones with stars")
    untagged: KnownMentions = Field(description="that the tagger declined")
    pending: KnownMentions = Field(description="that no tagger has read yet")
    coverage: Literal["known", "partly", "unknown"] | None = Field(
        description="what was collected; partly: counts are lower bounds; null: nobody can tell"
    )
    reason: str | None = Field(
        description="why a number is missing or a lower bound: `text` of one of the `reasons`"
    )
    runs_due: int | None = Field(description="runs that should have begun in the bucket")
    runs_done: int | None = Field(description="runs that read all that they were asked for")
    pages: int | None = Field(description="pages that were fetched")
    rejects: int | None = Field(description="what could not be turned into mentions")
    untagged_share: float | None = Field(description="part that the tagger declined, 0–1")


class ChangeRow(BaseModel):
    """One topic in two periods, and by how much it changed."""

    topic: Topic
    group: Group
    before_days: int = Field(description="days of the earlier period that were collected")
    after_days: int = Field(description="days of the later period that were collected")
    before_count: KnownMentions
    after_count: KnownMentions
    rate_ratio: float | None = Field(
        description="mentions a day after / before; null without one before"
    )
    rate_ratio_low: Low
    rate_ratio_high: High
    count_change: Change
    before_share: Share
    after_share: Share
    share_difference: Apart
    share_difference_low: Low
    share_difference_high: High
    share_change: Change | None = Field(description="null for whole mentions, which are all")
    before_share_negative: ShareNegative
    after_share_negative: ShareNegative
    share_negative_difference: Apart
    share_negative_difference_low: Low
    share_negative_difference_high: High
    share_negative_change: Change
    before_net_sentiment: NetSentiment
    after_net_sentiment: NetSentiment
    net_sentiment_difference: Apart
    net_sentiment_difference_low: Low
    net_sentiment_difference_high: High
    net_sentiment_change: Change
    before_average_stars: AverageStars
    after_average_stars: AverageStars


class OpinionRow(BaseModel):
    """Complaints about one topic, or compliments on it, in two periods."""

    before: KnownMentions
    after: KnownMentions
    ratio: float | None = Field(
        description="mentions a day after / before; null without one before"
    )
    ratio_low: Low
    ratio_high: High
    change: Change


class TopicChangeRow(ChangeRow):
    """One topic in two periods, with what was said of it."""

    complaints: OpinionRow
    compliments: OpinionRow


class ComparedRow(BaseModel):
    """What the rows of a comparison share."""

    group: str = Field(description="the group")
    against: str | None = Field(
        description="what it is held against; null for the base, which is held against nothing"
    )
    positive: Mentions
    neutral: Mentions
    negative: Mentions
    mixed: Mentions
    share_negative: ShareNegative
    share_negative_low: Low
    share_negative_high: High
    share_negative_difference: Apart
    share_negative_difference_low: Low
    share_negative_difference_high: High


class GroupRow(ComparedRow):
    """One group of a comparison."""

    mentions: Mentions = Field(description="all of them, tagged or not")
    share_of_voice: float | None = Field(description="part of the mentions of all groups, 0–1")
    share_of_voice_low: Low
    share_of_voice_high: High
    tagged: Mentions = Field(description="those with a sentiment")
    net_sentiment: NetSentiment
    net_sentiment_low: Low
    net_sentiment_high: High
    net_sentiment_difference: Apart
    net_sentiment_difference_low: Low
    net_sentiment_difference_high: High
    rated: Mentions = Field(description="those with a sentiment and stars")
    average_stars: AverageStars
    average_stars_low: Low
    average_stars_high: High
    average_stars_difference: Apart
    average_stars_difference_low: Low
    average_stars_difference_high: High
    stars: list[Mentions] = Field(description="how many have 1, 2, 3, 4 and 5 stars, rounded")


class TopicRow(ComparedRow):
    """One topic in one group of a comparison."""

    topic: str = Field(description="code of the topic")
    count: Mentions = Field(description="mentions that speak of it")
    share: Share
    share_low: Low
    share_high: High
    share_difference: Apart
    share_difference_low: Low
    share_difference_high: High


class DistinctRow(BaseModel):
    """A topic or a word that one group has more often than what it is held against."""

    group: str = Field(description="the group")
    against: str = Field(description="what it is held against")
    tone: Literal["praise", "complaint"] = Field(description="as what it is said")
    kind: Literal["topic", "word"] = Field(description="what the term is")
    term: str = Field(description="code of the topic, or the word as the example has it")
    mentions: Mentions = Field(description="of the group that have it")
    mentions_against: Mentions = Field(description="of the others that have it")
    log_odds: float = Field(description="by how much more often, as the logarithm of the odds")
    z: float = Field(description="how many standard errors that is")
    chance: float = Field(description="of all that are as distinct, the part that is so by chance")
    example: str | None = Field(description="a sentence")
    example_id: str | None = Field(description="of the mention that it stands in")
