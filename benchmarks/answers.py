"""How fast trends are answered, on the synthetic corpus of `benchmarks.store`.

Bars, at a million mentions: every topic by month under 100 ms, one brand under 20 ms, 100
alert rules judged in under 5 s. Each figure is the 95th percentile; trends stand beside the
plain way, measured in the same run: the same numbers grouped in SQL from the table of mentions.
"""

from __future__ import annotations

import itertools
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import click

from benchmarks.store import BRANDS, SOURCES, TOPICS, Corpus
from index import open_store
from index.sqlite import SqliteStore

RUNS = 60
PLAIN_RUNS = 3
ALERT_RUNS = 3
_BUCKETS = {"month": "strftime('%Y-%m', m.day * 86400, 'unixepoch')", "day": "m.day"}


def store_options(command: Callable[..., None]) -> Callable[..., None]:
    """The options of a benchmark that asks a store filled by `filled`."""
    size = click.option(
        "--size", default=1_000_000, show_default=True, help="Mentions in the store."
    )
    folder = click.option(
        "--folder",
        type=click.Path(file_okay=False, path_type=Path),
        help="Keep the store here, and use it again when it has this size.",
    )
    return size(folder(command))


@click.command()
@store_options
def main(size: int, folder: Path | None) -> None:
    """Fill a store, then ask for trends."""
    with filled(size, folder) as store:
        click.echo(f"{size:,} mentions, {len(BRANDS)} brands; milliseconds")
        _trends(store)
        _alerts(store)


@contextmanager
def filled(size: int, folder: Path | None) -> Iterator[SqliteStore]:
    with tempfile.TemporaryDirectory(prefix="molva-benchmark-") as temporary:
        place = folder or Path(temporary)
        place.mkdir(parents=True, exist_ok=True)
        with open_store(place / f"answers-{size}.sqlite") as store:
            if store.stats().mentions != size:
                corpus = Corpus(size, "published")
                for batch in corpus.batches():
                    store.upsert(batch)
                    store.add_taggings([(one.content_hash, corpus.tagging(one)) for one in batch])
            yield store


def _trends(store: SqliteStore) -> None:
    click.echo(f"{'trend':28}{'p95':>8}{'median':>8}{'plain SQL':>12}{'× faster':>10}")
    brands = itertools.cycle(BRANDS)
    questions: dict[str, tuple[Callable[[], object], Callable[[], object]]] = {
        "every topic by month": (store.trends, partial(_plain, store.path, "month")),
        "one brand by month": (
            lambda: store.trends(f'brand:"{next(brands)}"'),
            lambda: _plain(store.path, "month", next(brands)),
        ),
        "one brand by day": (
            lambda: store.trends(f'brand:"{next(brands)}"', period="day"),
            lambda: _plain(store.path, "day", next(brands)),
        ),
    }
    for name, (ask, plain) in questions.items():
        p95, median = percentile(ask, RUNS)
        _, slow = percentile(plain, PLAIN_RUNS)
        click.echo(f"{name:28}{p95:>8.1f}{median:>8.1f}{slow:>12.1f}{slow / p95:>10.0f}")


def _alerts(store: SqliteStore) -> None:
    """Judge the last day by rules as a large project has them, each with a query of its own."""
    from answers.alerts.covered import unknown_days
    from answers.alerts.evaluation import evaluate
    from project import AlertRule, Project

    words = [word for word, _ in Corpus(0, "published").common_words()]
    queries = [f'brand:"{brand}"' for brand in BRANDS]
    queries += [f"source:{source}" for source in SOURCES]
    queries += [f'{word} brand:"{brand}"' for word in words for brand in BRANDS[:8]]
    rules = [AlertRule(query, query=query) for query in queries]
    rules += [
        AlertRule(f"{topic} by brand", polarity="any", topics=(topic,), split="brand")
        for topic in TOPICS[: 100 - len(rules)]
    ]
    last = store.trends(period="day", topics=())[-1].start
    project = Project(store=store.path)

    def work() -> int:
        found = evaluate(store, rules, last, unknown_days(store, project))
        return len(found.findings)

    p95, median = percentile(work, ALERT_RUNS)
    click.echo(
        f"\n{len(rules)} alert rules, {work():,} series: "
        f"{p95 / 1000:.2f} s (median {median / 1000:.2f} s)"
    )


def _plain(path: Path, period: str, brand: str | None = None) -> list[tuple[object, ...]]:
    """Count topics and stars, as somebody would who has the tables and no prepared counts."""
    condition, parameters = ("m.brand = ?", [brand]) if brand else ("1", [])
    connection = sqlite3.connect(path)
    try:
        return connection.execute(
            f"SELECT {_BUCKETS[period]}, mt.topic, mt.polarity, count(*), avg(m.stars)"
            " FROM mention m CROSS JOIN mention_topic mt ON mt.mention_rowid = m.rowid"
            f" WHERE {condition} GROUP BY 1, 2, 3",
            parameters,
        ).fetchall()
    finally:
        connection.close()


def percentile(work: Callable[[], object], times: int) -> tuple[float, float]:
    """Return the 95th percentile and the median of `times` runs, in milliseconds.

    The run before the first counted one fills the caches.
    """
    work()
    taken = []
    for _ in range(times):
        begin = time.perf_counter()
        work()
        taken.append((time.perf_counter() - begin) * 1000)
    return statistics.quantiles(taken, n=20, method="inclusive")[18], statistics.median(taken)


if __name__ == "__main__":
    main()
