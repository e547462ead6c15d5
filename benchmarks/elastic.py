"""How fast the cluster takes mentions in and answers, beside a bare client in the same run.

Bars, at a million mentions: `molva index` sends at least 0.9 of the documents a second that
a bare `streaming_bulk` of the same, ready-made documents reaches, in less than 300 MB; the
topic trend of everything by month has a p95 under 500 ms, of one brand under 100 ms; the
p95 of 200 mixed searches is under 100 ms.

Server and client share this machine. The bare client's documents are read from a file
while its clock stands still, so it is as fast as one can be. Both send everything to a new
index, one after the other and in turn first, after a run that warms the server up and is
not counted; what is compared with the bar is the median of the rounds. Molva and the bare
client ask in turn as well, a few times untimed, and before every timed question the server
forgets what it has answered.

A million mentions and two rounds take about three quarters of an hour on two cores, and
15 GB of disk: python -m benchmarks.elastic --size 1000000
"""

from __future__ import annotations

import itertools
import json
import os
import random
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Final

import click
from elasticsearch import Elasticsearch
from elasticsearch.helpers import streaming_bulk

from benchmarks.queries import mixed_queries
from benchmarks.store import BRANDS, Clock, Corpus
from index import open_store
from index.elastic.aliases import prepare
from index.elastic.connection import ClusterSettings, connect
from index.elastic.documents import Entry, to_document
from index.elastic.store import ElasticIndex
from tests.elasticsearch.names import remove
from tests.elasticsearch.server import VARIABLE, Server
from tests.processes import measure

INDEX: Final = "molva-benchmark"
TRENDS: Final = 30  # of everything
SEARCHES: Final = 200
BATCH: Final = 5000
WARM_UP: Final = 50_000  # documents; the server compiles itself meanwhile
WARM_ASKS: Final = 5  # questions of a kind, untimed, for the same reason

# Bars.
LEAST_SHARE: Final = 0.9  # of the bare client's documents a second
MOST_MEGABYTES: Final = 300.0
SLOWEST_TREND: Final = 500.0  # ms, as those below
SLOWEST_BRAND: Final = 100.0
SLOWEST_SEARCH: Final = 100.0


@click.command()
@click.option(
    "--size", default=100_000, show_default=True, help="Mentions; the bars are for 1000000."
)
@click.option("--rounds", default=2, show_default=True, help="Of sending, bare and with Molva.")
@click.option("--folder", type=click.Path(file_okay=False, path_type=Path), help="Keep files here.")
def main(size: int, rounds: int, folder: Path | None) -> None:
    """Fill a store, send it, and ask; then do the same with a bare client."""
    place = folder or Path(tempfile.mkdtemp(prefix="molva-benchmark-"))
    place.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        if folder is None:
            stack.callback(shutil.rmtree, place)
        url = os.environ.get(VARIABLE)
        if not url:
            url = stack.enter_context(Server(heap="1g", quick=False)).url
        settings = ClusterSettings(url, index=INDEX, timeout=120)
        client = stack.enter_context(connect(settings))
        _remove(client)
        stack.callback(_remove, client)
        corpus = Corpus(size, "published")
        words = _fill(corpus, place)
        click.echo(f"{size:,} mentions")
        _send(client, settings, place, size, rounds)
        _ask(client, settings, words)


def _remove(client: Elasticsearch) -> None:
    quiet = client.options(ignore_status=404)
    for name in (INDEX, f"{INDEX}-bare"):
        remove(quiet, name)


# --- the same mentions, as a store and as ready-made documents -----------------
def _fill(corpus: Corpus, place: Path) -> list[list[str]]:
    """Fill the store and the file of documents; return the words of some texts."""
    chance = random.Random(1)
    texts: list[list[str]] = []
    now = datetime.now(UTC)
    with (
        open_store(place / "molva.sqlite") as store,
        (place / "documents.jsonl").open("w", encoding="utf-8") as file,
    ):
        for batch in corpus.batches():
            taggings = [corpus.tagging(mention) for mention in batch]
            store.upsert(batch)
            store.add_taggings(
                [(one.content_hash, tagging) for one, tagging in zip(batch, taggings, strict=True)]
            )
            for mention, tagging in zip(batch, taggings, strict=True):
                entry = Entry(mention, tagging, mention.collected_at, now)
                file.write(json.dumps(to_document(entry, time_zone="UTC"), ensure_ascii=False))
                file.write("\n")
            texts += [one.text.split() for one in chance.sample(batch, min(50, len(batch)))]
    return texts


def _documents(place: Path) -> Iterator[list[dict[str, Any]]]:
    """Yield the ready-made documents in batches."""
    with (place / "documents.jsonl").open(encoding="utf-8") as file:
        while lines := list(itertools.islice(file, BATCH)):
            yield [json.loads(line) for line in lines]


# --- sending -------------------------------------------------------------------
def _send(
    client: Elasticsearch, settings: ClusterSettings, place: Path, size: int, rounds: int
) -> None:
    _bare(client, settings, itertools.islice(_documents(place), WARM_UP // BATCH))
    bare, ours, peaks = [], [], []
    for left in range(rounds, 0, -1):
        # In turn; the last is Molva's, whose index is asked afterwards.
        for is_ours in (True, False) if left % 2 == 0 else (False, True):
            _remove(client)
            if is_ours:
                seconds, megabytes = _molva_index(settings, place, size)
                ours.append(size / seconds)
                peaks.append(megabytes)
            else:
                bare.append(_bare(client, settings, _documents(place)))
    shares = [mine / other for mine, other in zip(ours, bare, strict=True)]
    click.echo(f"{'sending, documents/s':44}{'median':>12}   by round")
    for name, rates in (("bare streaming_bulk", bare), ("molva index, the whole process", ours)):
        by_round = "  ".join(f"{rate:,.0f}" for rate in rates)
        click.echo(f"{name:44}{statistics.median(rates):>12,.0f}   {by_round}")
    by_round = "  ".join(f"{share:.2f}" for share in shares)
    click.echo(f"{'÷ bare':44}{statistics.median(shares):>12.2f}   {by_round}")
    _judge(f"÷ bare at least {LEAST_SHARE}", is_met=statistics.median(shares) >= LEAST_SHARE)
    click.echo(f"{'peak memory of molva index, MB':44}{max(peaks):>12,.0f}")
    _judge(f"peak memory below {MOST_MEGABYTES:.0f} MB", is_met=max(peaks) < MOST_MEGABYTES)
    store = client.indices.stats(index=settings.index, metric="store")["_all"]["primaries"]["store"]
    click.echo(f"size: {store['size_in_bytes'] / size:,.0f} bytes a mention, no replica\n")


def _judge(bar: str, *, is_met: bool) -> None:
    click.echo(f"    {'PASS' if is_met else 'FAIL'}: {bar}")


def _bare(
    client: Elasticsearch, settings: ClusterSettings, batches: Iterator[list[dict[str, Any]]]
) -> float:
    """Send documents to an index with Molva's mapping; return documents a second."""
    bare = ClusterSettings(settings.url, index=f"{settings.index}-bare", timeout=120)
    name = prepare(client, bare, model_version="1", time_zone="UTC").name
    clock = Clock()
    for batch in batches:
        actions = [{"_index": name, "_id": one["id"], "_source": one} for one in batch]
        clock.run(partial(_exhaust, client, actions), len(batch))
    clock.run(partial(client.indices.refresh, index=name), 0)
    client.indices.delete(index=name)
    return clock.rate


def _exhaust(client: Elasticsearch, actions: Sequence[dict[str, Any]]) -> None:
    for _ in streaming_bulk(client, actions):
        pass


def _molva_index(settings: ClusterSettings, place: Path, size: int) -> tuple[float, float]:
    """Run `molva index` on the store; return its seconds and its largest memory in MB."""
    project = place / "molva.toml"
    project.write_text(
        f'store = "molva.sqlite"\n[elasticsearch]\nurl = "{settings.url}"\n'
        f'index = "{settings.index}"\ntimeout = 120\n',
        encoding="utf-8",
    )
    done = measure(("-m", "cli", "index", "--config", str(project), "--format", "json"), place)
    if json.loads(done.output)["sent"] != size:
        sys.exit(f"'molva index' did not send everything: {done.output}")
    return done.seconds, done.megabytes


# --- asking --------------------------------------------------------------------
def _ask(client: Elasticsearch, settings: ClusterSettings, texts: list[list[str]]) -> None:
    click.echo(f"{'asking':44}{'median ms':>12}{'p95 ms':>9}{'bare p95':>10}{'÷ bare':>8}")
    with ElasticIndex(settings) as index:
        compare = partial(_compare, client)
        compare(
            "topic trend of everything, by month",
            [index.trends] * TRENDS,
            [partial(_bare_trend, client, None)] * TRENDS,
            SLOWEST_TREND,
        )
        compare(
            f"topic trend of one brand, each of {len(BRANDS)}",
            [partial(index.trends, f'brand:"{one}"') for one in BRANDS],
            [partial(_bare_trend, client, one) for one in BRANDS],
            SLOWEST_BRAND,
        )
        queries = list(itertools.islice(mixed_queries(texts), SEARCHES))
        bodies = [index.explain_query(query)["body"] for query in queries]
        compare(
            f"search, {SEARCHES} mixed queries, 20 hits and total",
            [partial(index.search, query) for query in queries],
            [partial(_bare_search, client, body) for body in bodies],
            SLOWEST_SEARCH,
        )


def _compare(
    client: Elasticsearch,
    name: str,
    ours: Sequence[Callable[[], object]],
    bare: Sequence[Callable[[], object]],
    bar: float,
) -> None:
    """Ask in turn, so that a server that still compiles itself is as slow for both."""
    for one, other in itertools.islice(zip(ours, bare, strict=True), WARM_ASKS):
        one()
        other()
    times = [
        (_time(client, one), _time(client, other)) for one, other in zip(ours, bare, strict=True)
    ]
    mine, others = zip(*times, strict=True)
    slow, other = (statistics.quantiles(taken, n=20)[-1] for taken in (mine, others))
    click.echo(
        f"{name:44}{statistics.median(mine):>12.1f}{slow:>9.1f}{other:>10.1f}{slow / other:>8.2f}"
    )
    _judge(f"p95 below {bar:.0f} ms", is_met=slow < bar)


def _time(client: Elasticsearch, question: Callable[[], object]) -> float:
    """Return the milliseconds of a question that the server has to work out anew."""
    client.indices.clear_cache(index=INDEX, request=True, query=True)
    begin = time.perf_counter()
    question()
    return (time.perf_counter() - begin) * 1000


def _bare_trend(client: Elasticsearch, brand: str | None) -> object:
    """Count as the manual shows it: months, and in each the pairs of topic and polarity."""
    return client.search(
        index=INDEX,
        size=0,
        track_total_hits=False,
        query={"term": {"brand": brand}} if brand else {"match_all": {}},
        aggs={
            "months": {
                "date_histogram": {"field": "date", "calendar_interval": "month"},
                "aggs": {"pairs": {"terms": {"field": "topic_sentiment", "size": 100}}},
            }
        },
    )


def _bare_search(client: Elasticsearch, body: object) -> object:
    """Send what `molva search --explain` prints, and read the answer as JSON only."""
    assert isinstance(body, dict)
    return client.search(index=INDEX, body={**body, "size": 20})


if __name__ == "__main__":
    main()
