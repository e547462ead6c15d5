"""How fast the cluster takes mentions in and answers, beside a bare client in the same run.

Bars, at a million mentions: `molva index` sends at least 0.9 of the documents a second that
a bare `streaming_bulk` of the same, ready-made documents reaches, in less than 300 MB; the
topic trend of everything by month has a p95 under 500 ms, of one brand under 100 ms; the
p95 of 200 mixed searches is under 100 ms.

Server and client share this machine. The bare client's documents are read from a file
while its clock stands still, so it is as fast as one can be; it runs before and after
`molva index`, as the server grows faster while it warms up. Before every timed question
the server forgets what it has answered.
"""

from __future__ import annotations

import itertools
import json
import os
import random
import shutil
import statistics
import subprocess
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

from benchmarks.store import BRANDS, TOPICS, Clock, Corpus
from index import open_store
from index.elastic.aliases import prepare
from index.elastic.connection import ClusterSettings, connect
from index.elastic.documents import Entry, to_document
from index.elastic.store import ElasticIndex
from tests.elasticsearch.names import remove
from tests.elasticsearch.server import VARIABLE, Server

INDEX: Final = "molva-benchmark"
ROUNDS: Final = 30  # of the trend of everything
SEARCHES: Final = 200
BATCH: Final = 5000


@click.command()
@click.option(
    "--size", default=100_000, show_default=True, help="Mentions; the bars are for 1000000."
)
@click.option("--folder", type=click.Path(file_okay=False, path_type=Path), help="Keep files here.")
def main(size: int, folder: Path | None) -> None:
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
        _send(client, settings, place, size)
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
def _send(client: Elasticsearch, settings: ClusterSettings, place: Path, size: int) -> None:
    _bare(client, settings, itertools.islice(_documents(place), 1))
    before = _bare(client, settings, _documents(place))
    seconds, megabytes = _molva_index(settings, place, size)
    after = _bare(client, settings, _documents(place))
    bare = (before + after) / 2
    click.echo(f"{'sending':44}{'documents/s':>12}{'÷ bare':>9}{'peak MB':>9}")
    click.echo(f"{'bare streaming_bulk, before':44}{before:>12,.0f}{before / bare:>9.2f}")
    click.echo(
        f"{'molva index, the whole process':44}"
        f"{size / seconds:>12,.0f}{size / seconds / bare:>9.2f}{megabytes:>9,.0f}"
    )
    click.echo(f"{'bare streaming_bulk, after':44}{after:>12,.0f}{after / bare:>9.2f}")
    store = client.indices.stats(index=settings.index, metric="store")["_all"]["primaries"]["store"]
    click.echo(f"size: {store['size_in_bytes'] / size:,.0f} bytes a mention, no replica\n")


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
    command = [sys.executable, "-m", "cli", "index", "--config", str(project), "--format", "json"]
    begin = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        answer = process.stdout.read() if process.stdout else ""
        # The memory of this one child, which `wait` would not tell.
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - begin
    if process.returncode or json.loads(answer)["sent"] != size:
        sys.exit(f"'molva index' did not send everything: {answer}")
    # Linux counts kilobytes, macOS bytes.
    return seconds, usage.ru_maxrss / (1 << 20 if sys.platform == "darwin" else 1 << 10)


# --- asking --------------------------------------------------------------------
def _ask(client: Elasticsearch, settings: ClusterSettings, texts: list[list[str]]) -> None:
    click.echo(f"{'asking':44}{'median ms':>12}{'p95 ms':>9}{'bare p95':>10}{'÷ bare':>8}")
    with ElasticIndex(settings) as index:
        ours = _times(client, [index.trends] * ROUNDS)
        bare = _times(client, [partial(_bare_trend, client, None)] * ROUNDS)
        _print("topic trend of everything, by month", ours, bare)
        ours = _times(client, [partial(index.trends, f'brand:"{one}"') for one in BRANDS])
        bare = _times(client, [partial(_bare_trend, client, one) for one in BRANDS])
        _print(f"topic trend of one brand, each of {len(BRANDS)}", ours, bare)
        queries = list(itertools.islice(_queries(texts), SEARCHES))
        bodies = [index.explain_query(query)["body"] for query in queries]
        ours = _times(client, [partial(index.search, query) for query in queries])
        bare = _times(client, [partial(_bare_search, client, body) for body in bodies])
        _print(f"search, {SEARCHES} mixed queries, 20 hits and total", ours, bare)


def _times(client: Elasticsearch, questions: Sequence[Callable[[], object]]) -> list[float]:
    """Return the milliseconds of each question; the first is asked once before, untimed."""
    questions[0]()
    taken = []
    for question in questions:
        client.indices.clear_cache(index=INDEX, request=True, query=True)
        begin = time.perf_counter()
        question()
        taken.append((time.perf_counter() - begin) * 1000)
    return taken


def _print(name: str, ours: list[float], bare: list[float]) -> None:
    mine, other = (statistics.quantiles(times, n=20)[-1] for times in (ours, bare))
    click.echo(
        f"{name:44}{statistics.median(ours):>12.1f}{mine:>9.1f}{other:>10.1f}{mine / other:>8.2f}"
    )


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


def _queries(texts: list[list[str]]) -> Iterator[str]:
    """Yield queries of many kinds, made of words that stand in the corpus."""
    chance = random.Random(2)
    while True:
        words = chance.choice([text for text in texts if len(text) >= 8])
        place = chance.randrange(len(words) - 5)
        one, two, three = words[place : place + 3]
        other = chance.choice(chance.choice(texts))
        brand, topic, month = chance.choice(BRANDS), chance.choice(TOPICS), chance.randint(1, 12)
        yield from (
            one,
            f"{one} {other}",
            f"{one} OR {other}",
            f'"{one} {two} {three}"',
            f'{one} brand:"{brand}"',
            f"topic:{topic}:negative date:2024-{month:02}",
            f"{other[:5]}* topic:{topic}",
            f"{one} NEAR/5 {three}",
            f"sentiment:negative rating:<=2 NOT {two}",
            f'brand:"{brand}" source:vk',
        )


if __name__ == "__main__":
    main()
