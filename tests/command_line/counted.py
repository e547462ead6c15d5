"""A store with counts that are known beforehand: made once, without loading a tagger."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from collecting.jobs import jobs_of
from index import open_store
from mention import Mention, SentenceTagging, Tagging, TopicLabel
from nlp.weights import verify
from project import load

# The shipped tagger, whose figures stand under what is counted.
MODEL, VERSION = verify("default")
PROJECT = """
time_zone = "UTC"

[[sources]]
spider = "rss"
url = "https://forum.example.org/feed.xml"
every = "1d"
"""
# (month, brand): mentions that praise and that blame the delivery.
DELIVERY = {
    (1, "Парус"): (30, 10),
    (2, "Парус"): (8, 4),
    (3, "Парус"): (10, 40),
    (1, "Маяк"): (20, 20),
    (3, "Маяк"): (3, 2),
}
# A text that a spreadsheet would run, and one that no terminal should see.
HOSTILE = ('=HYPERLINK("https://example.org")', "Доставка\x1b[31m\u202e опоздала")


def mentions() -> list[tuple[Mention, str]]:
    """Return every mention with what it says of the delivery."""
    found = []
    for (month, brand), counts in DELIVERY.items():
        for polarity, number in zip(("positive", "negative"), counts, strict=True):
            for which in range(number):
                name = f"{month}-{brand}-{polarity}-{which}"
                found.append((_mention(name, month, which, brand, polarity), polarity))
    return found


def _mention(name: str, month: int, which: int, brand: str, polarity: str) -> Mention:
    return Mention(
        id=f"rss:{name}",
        source="rss",
        text=HOSTILE[which % 2],
        brand=brand,
        location="Vilnius" if which % 2 else "Kaunas",
        rating=5 if polarity == "positive" else 1,
        published_at=datetime(2026, month, 1, 12, tzinfo=UTC) + timedelta(days=which % 28),
        collected_at=datetime(2026, 4, 1, tzinfo=UTC),
    )


def tagging(mention: Mention, polarity: str) -> tuple[str, Tagging]:
    """Return what the shipped tagger would say, in its name."""
    label = TopicLabel.model_validate(
        {"topic": "delivery", "polarity": polarity, "confidence": 0.9}
    )
    said = Tagging.model_validate(
        {
            "mention_id": mention.id,
            "lang": "ru",
            "sentiment": polarity,
            "score": 0.5,
            "confidence": 0.9,
            "sentences": [SentenceTagging(start=0, end=len(mention.text), topics=(label,))],
            "model": MODEL,
            "model_version": VERSION,
            "taxonomy_version": "1.0",
        }
    )
    return mention.content_hash, said


def fill(folder: Path, covered: tuple[int, ...] = (1, 2, 3)) -> None:
    """Make molva.toml and molva.sqlite in `folder`.

    Args:
        folder: is empty.
        covered: the months of which the source was read from the first day to the last.
    """
    (folder / "molva.toml").write_text(PROJECT, encoding="utf-8")
    (job,) = jobs_of(load(folder / "molva.toml"))
    with open_store(folder / "molva.sqlite", create=True) as store:
        told = mentions()
        store.upsert([mention for mention, _ in told])
        store.add_taggings([tagging(mention, polarity) for mention, polarity in told])
        for month in covered:
            span = datetime(2026, month, 1, tzinfo=UTC), datetime(2026, month + 1, 1, tzinfo=UTC)
            run = store.start_run("rss", {}, job.series)
            store.finish_run(run, "finished", {"pages": 3, "items": 50}, covers=span)
