"""Mentions and taggings for tests of stores, with as few words as a test needs to say."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from index.base import MentionIndex, UpsertResult
from mention import Mention, SentenceTagging, Tagging, TopicLabel

COLLECTED = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


class FillableIndex(MentionIndex, Protocol):
    """An index that takes mentions and taggings as a store does, so that it can be tested."""

    def upsert(self, mentions: Sequence[Mention]) -> UpsertResult:
        """See `MentionStore.upsert`."""
        ...

    def add_taggings(self, taggings: Sequence[tuple[str, Tagging]]) -> int:
        """See `MentionStore.add_taggings`."""
        ...


def found(index: MentionIndex, query: str) -> list[str]:
    """Return the ids that `query` finds, newest first."""
    return [hit.mention.id for hit in index.scan(query)]


def at(text: str) -> datetime:
    """Return an ISO time, UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def make(number: int | str = 1, text: str = "Долго ждали курьера", **values: Any) -> Mention:
    """Return the mention `shop:number`, collected at noon of 2026-03-01 unless told otherwise."""
    source = values.get("source", "shop")
    fields = {"id": f"{source}:{number}", "source": source, "collected_at": COLLECTED}
    return Mention.model_validate(fields | {"text": text} | values)


def later(mention: Mention, days: float = 1, **values: Any) -> Mention:
    """Return what another look at the same page finds `days` later."""
    fields = mention.model_dump(exclude={"stars", "content_hash"})
    fields["collected_at"] = mention.collected_at + timedelta(days=days)
    return Mention.model_validate(fields | values)


def tag(
    mention: Mention,
    sentiment: str | None = "negative",
    topics: str = "",
    *,
    version: str = "1",
    lang: str | None = "ru",
    facts: str = "",
) -> tuple[str, Tagging]:
    """Return what `add_taggings` takes.

    `topics` has a sentence after each '|' and labels such as `speed-`, `price+` or `quality0`;
    `facts` has kinds and values such as `wait=40`.
    """
    polarity = {"+": "positive", "0": "neutral", "-": "negative"}
    sentences = [
        SentenceTagging(
            start=0,
            end=len(mention.text),
            topics=tuple(
                TopicLabel.model_validate(
                    {"topic": label[:-1], "polarity": polarity[label[-1]], "confidence": 0.9}
                )
                for label in sentence.split()
            ),
        )
        for sentence in topics.split("|")
    ]
    tagging = {
        "mention_id": mention.id,
        "lang": lang,
        "sentiment": sentiment,
        "score": None if sentiment is None else 0.25,
        "confidence": None if sentiment is None else 0.75,
        "sentences": sentences,
        "facts": [
            {"kind": kind, "value": float(value), "start": 0, "end": 5}
            for kind, value in (fact.split("=") for fact in facts.split())
        ],
        "facts_version": 1,
        "model": "tagger",
        "model_version": version,
        "taxonomy_version": "3",
        "untagged_reason": "language" if sentiment is None else None,
    }
    return mention.content_hash, Tagging.model_validate(tagging)
