"""Values that `MentionStore` answers with about taggers: who tagged what, and what has changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class TaggerUse:
    """A tagger, and when it read what the store has of it.

    Attributes:
        model, model_version, taxonomy_version: which one.
        first_tagged_at, last_tagged_at: of the taggings that are kept, UTC.
    """

    model: str
    model_version: str
    taxonomy_version: str
    first_tagged_at: datetime
    last_tagged_at: datetime

    @property
    def name(self) -> str:
        """Model, version and taxonomy as a person reads them."""
        return f"{self.model} {self.model_version} (taxonomy {self.taxonomy_version})"


@dataclass(frozen=True, slots=True)
class LabelPair:
    """How many mentions of a bucket the later tagger labelled so, and the earlier one so.

    Attributes:
        start: first day of the bucket, as in `TrendPoint`.
        topic: code of the topic; None for the overall sentiment.
        by_both: whether the earlier tagger has read them too.
        before, after: polarity by the earlier and by the later tagger; None where the
            mention does not speak of the topic, or has no sentiment.
        mentions: how many.
    """

    start: date
    topic: str | None
    by_both: bool
    before: str | None
    after: str | None
    mentions: int
