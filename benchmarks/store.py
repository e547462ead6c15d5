"""How fast the SQLite store takes mentions in and answers, on a seeded synthetic corpus.

Bars, at a million mentions: 8,000 mentions a second in, with stems and counts; a
newest-first search under 50 ms with its exact total; the trend of every topic by month
under 100 ms; the trend of one brand under 20 ms. Each figure stands beside a plain way of
getting the same, measured in the same run: rows put into one bare table, and trends
counted from the rows.
"""

from __future__ import annotations

import itertools
import random
import shutil
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import click

from index import open_store
from index.rows import MENTION_FIELDS, mention_values
from index.sqlite import SqliteStore
from mention import Mention, SentenceTagging, Sentiment, Tagging, TopicLabel

BATCH = 5000
DAYS = 3 * 365
BEGIN = datetime(2023, 1, 1, tzinfo=UTC)
SOURCES = ("app_store", "google_play", "rss", "reddit", "steam", "telegram", "vk", "youtube")
BRANDS = tuple(f"Brand {number:02}" for number in range(50))
TOPICS = (
    "speed", "politeness", "professionalism", "personal_approach", "communication",
    "resolution", "returns", "delivery", "price", "quality", "assortment", "usability",
    "premises", "convenience", "honesty",
)  # fmt: skip
SYLLABLES = {
    "ru": "ка ро де ми сту пра во ле ни зо бра кли то ва ше гу",
    "en": "ba ker do li mon ta per so ven ri cu st ing er al om",
    "lt": "ka lė vi nu ša ra ži te mo gą stu pri ei nė lo bu",
}
ENDINGS = {
    "ru": ("", "а", "ы", "ой", "ами", "ого", "ает", "или"),
    "en": ("", "s", "ed", "ing", "ly"),
    "lt": ("as", "o", "ui", "ų", "ai", "ams", "ė"),
}


class Corpus:
    """Mentions and taggings of invented words, the same for the same seed and size."""

    def __init__(self, size: int, order: str) -> None:
        self.size = size
        self.order = order
        self._random = random.Random(20261125)
        self._words = {lang: self._vocabulary(lang) for lang in SYLLABLES}
        # Zipf: the n-th word comes 1/n as often as the first.
        self._weights = list(itertools.accumulate(1 / (rank + 3) for rank in range(20_000)))

    def _vocabulary(self, lang: str) -> list[str]:
        syllables = SYLLABLES[lang].split()
        words: dict[str, None] = {}
        while len(words) < 20_000:
            stem = "".join(self._random.choices(syllables, k=self._random.randint(2, 4)))
            words[stem + self._random.choice(ENDINGS[lang])] = None
        return list(words)

    def batches(self) -> Iterator[list[Mention]]:
        """Yield the mentions in batches, in the order in which a crawl would bring them."""
        for begin in range(0, self.size, BATCH):
            end = min(begin + BATCH, self.size)
            yield [self._mention(number) for number in range(begin, end)]

    def _mention(self, number: int) -> Mention:
        chance = self._random
        share = number / self.size if self.order == "published" else chance.random()
        published = BEGIN + timedelta(seconds=share * DAYS * 86400)
        lang = chance.choices(("ru", "en", "lt"), (60, 25, 15))[0]
        length = min(300, max(3, int(chance.lognormvariate(3.3, 0.8))))
        words = chance.choices(self._words[lang], cum_weights=self._weights, k=length)
        source = chance.choice(SOURCES)
        native = f"{chance.getrandbits(48):012x}{number}"
        return Mention(
            id=f"{source}:{native}",
            source=source,
            url=f"https://example.org/reviews/{native}",
            text=" ".join(words),
            lang=lang if chance.random() < 0.8 else None,
            rating=float(chance.randint(1, 5)),
            published_at=published,
            collected_at=published + timedelta(hours=6),
            author_id=f"{chance.getrandbits(128):032x}",
            brand=chance.choice(BRANDS),
            country="LT",
            likes=chance.randint(0, 9),
        )

    def tagging(self, mention: Mention) -> Tagging:
        """Return invented labels: none to three topics a mention."""
        chance = self._random
        sentiment: Sentiment = chance.choice(("positive", "neutral", "negative", "mixed"))
        end = len(mention.text) // 2
        labels = tuple(
            TopicLabel(
                topic=topic,
                polarity=chance.choice(("positive", "neutral", "negative")),
                confidence=0.9,
            )
            for topic in chance.sample(TOPICS, chance.randint(0, 3))
        )
        return Tagging(
            mention_id=mention.id,
            lang=mention.lang or "ru",
            sentiment=sentiment,
            score=0.0,
            confidence=0.9,
            sentences=(
                SentenceTagging(start=0, end=end, topics=labels),
                SentenceTagging(start=end, end=len(mention.text)),
            ),
            model="benchmark",
            model_version="1",
            taxonomy_version="1",
        )

    def common_words(self) -> list[tuple[str, str]]:
        """Return (word, how common) for searches."""
        return [
            (self._words["ru"][0], "commonest"),
            (self._words["ru"][30], "common"),
            (self._words["en"][300], "ordinary"),
            (self._words["lt"][8000], "rare"),
        ]


@dataclass
class Clock:
    """Seconds spent in one kind of work, and how many mentions it was done for."""

    seconds: float = 0.0
    mentions: int = 0

    def run(self, work: Callable[[], object], mentions: int) -> None:
        """Do `work` on so many mentions and add up the time."""
        begin = time.perf_counter()
        work()
        self.seconds += time.perf_counter() - begin
        self.mentions += mentions

    @property
    def rate(self) -> float:
        """Mentions a second."""
        return self.mentions / self.seconds


class BareTable:
    """The plain alternative: the same rows in one table with a unique id and no index else."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None)
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = NORMAL")
        columns = ", ".join(f'"{name}"' for name in MENTION_FIELDS[1:])
        self._connection.execute(f"CREATE TABLE mention (id TEXT UNIQUE, {columns})")
        self._insert = f"INSERT INTO mention VALUES ({', '.join('?' * len(MENTION_FIELDS))})"

    def add(self, mentions: list[Mention]) -> None:
        """Insert a batch in one transaction."""
        self._connection.execute("BEGIN")
        self._connection.executemany(self._insert, [mention_values(one) for one in mentions])
        self._connection.execute("COMMIT")

    def close(self) -> None:
        """Release the file."""
        self._connection.close()


@click.command()
@click.option("--mentions", default=1_000_000, show_default=True)
@click.option(
    "--order",
    type=click.Choice(["published", "shuffled"]),
    default="published",
    show_default=True,
    help="How mentions arrive: as they were published (a store kept up to date), or from all "
    "times at once (the first crawl of a long history; the harder case for any B-tree).",
)
@click.option("--folder", type=click.Path(file_okay=False, path_type=Path), help="Keep files here.")
def main(mentions: int, order: str, folder: Path | None) -> None:
    """Fill a store and a bare table, then search and count."""
    place = folder or Path(tempfile.mkdtemp(prefix="molva-benchmark-"))
    place.mkdir(parents=True, exist_ok=True)
    try:
        corpus = Corpus(mentions, order)
        with open_store(place / "store.sqlite") as store:
            _fill(corpus, store, place)
            _search(corpus, store)
            _trends(corpus, store)
    finally:
        if folder is None:
            shutil.rmtree(place)


def _fill(corpus: Corpus, store: SqliteStore, place: Path) -> None:
    bare, inserts, again, tags = Clock(), Clock(), Clock(), Clock()
    table = BareTable(place / "bare.sqlite")
    for number, batch in enumerate(corpus.batches()):
        bare.run(partial(table.add, batch), len(batch))
        inserts.run(partial(store.upsert, batch), len(batch))
        pairs = [(mention.content_hash, corpus.tagging(mention)) for mention in batch]
        tags.run(partial(store.add_taggings, pairs), len(pairs))
        if number % 10 == 0:
            seen = [one.model_copy(update={"likes": 10}) for one in batch]
            again.run(partial(store.upsert, seen), len(seen))
    table.close()
    size = store.stats().size_bytes
    click.echo(f"{corpus.size:,} mentions, arriving {corpus.order}")
    click.echo(f"{'':34}{'mentions/s':>12}{'÷ bare table':>14}")
    for name, clock in (
        ("bare table, executemany", bare),
        ("upsert of new mentions", inserts),
        ("upsert again, likes changed", again),
        ("taggings added", tags),
    ):
        click.echo(f"{name:34}{clock.rate:>12,.0f}{clock.rate / bare.rate:>14.2f}")
    bare_size = (place / "bare.sqlite").stat().st_size
    click.echo(
        f"size: {size / corpus.size:,.0f} bytes a mention, "
        f"{size / bare_size:.1f} times the bare table\n"
    )


def _search(corpus: Corpus, store: SqliteStore) -> None:
    click.echo(f"{'search, 20 hits and the total':44}{'hits':>10}{'newest ms':>11}{'best ms':>9}")
    for word, how in corpus.common_words():
        for query, name in ((word, how), (f'{word} brand:"{BRANDS[7]}"', f"{how}, one brand")):
            total = store.search(query).total
            newest = _milliseconds(partial(store.search, query))
            best = _milliseconds(partial(store.search, query, order="best"))
            click.echo(f"{name:44}{total:>10,}{newest:>11.1f}{best:>9.1f}")
    click.echo()


def _trends(corpus: Corpus, store: SqliteStore) -> None:
    brand = f'brand:"{BRANDS[7]}"'
    (_, _), (common, _), *_ = corpus.common_words()
    with sqlite3.connect(store.path) as connection:
        plain = _milliseconds(
            lambda: connection.execute(
                "SELECT strftime('%Y-%m', m.day * 86400, 'unixepoch'), mt.topic, mt.polarity,"
                " count(*) FROM mention_topic mt JOIN mention m ON m.rowid = mt.mention_rowid"
                " GROUP BY 1, 2, 3"
            ).fetchall(),
            times=1,
        )
    connection.close()
    click.echo(f"{'trend':44}{'points':>10}{'ms':>11}{'× faster':>9}")
    click.echo(f"{'every topic by month, counted from the rows':44}{'':>10}{plain:>11.1f}{1:>9}")
    questions: dict[str, Callable[[], list[object]]] = {
        "every topic by month": lambda: list(store.trends()),
        "every topic by week": lambda: list(store.trends(period="week")),
        "every topic by day": lambda: list(store.trends(period="day")),
        "every topic by month, by brand": lambda: list(store.trends(split="brand")),
        "sentiment by month, by source": lambda: list(store.trends(topics=(), split="source")),
        "one brand by month": lambda: list(store.trends(brand)),
        "one brand, one topic by week": lambda: list(
            store.trends(brand, topics=("speed",), period="week")
        ),
        "one brand by month, by source": lambda: list(store.trends(brand, split="source")),
        "a common word by month": lambda: list(store.trends(common)),
    }
    for name, question in questions.items():
        points = len(question())
        took = _milliseconds(question)
        click.echo(f"{name:44}{points:>10,}{took:>11.1f}{plain / took:>9.0f}")


def _milliseconds(work: Callable[[], object], times: int = 7) -> float:
    """Return the median time of `times` runs."""
    taken = []
    for _ in range(times):
        begin = time.perf_counter()
        work()
        taken.append(time.perf_counter() - begin)
    return statistics.median(taken) * 1000


if __name__ == "__main__":
    main()
