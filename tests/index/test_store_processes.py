"""Several processes on one file: nothing lost, nothing half written, readers undisturbed."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import subprocess
import sys
import time
from multiprocessing.synchronize import Event
from pathlib import Path

from index import open_store
from mention import Mention
from tests.contract.records import make, tag

ROOT = Path(__file__).parents[2]
SPAWN = multiprocessing.get_context("spawn")
BATCHES, SIZE = 5, 40


def batch_of(writer: int, number: int) -> list[Mention]:
    """Return mentions of which a quarter come from every writer."""
    return [
        make(f"all-{number}-{n}" if n % 4 == 0 else f"{writer}-{number}-{n}", brand=f"B{n % 3}")
        for n in range(SIZE)
    ]


def write(path: Path, writer: int, start: Event) -> None:
    start.wait()
    with open_store(path) as store:  # the first to come makes the tables
        run = store.start_run("shop", {"writer": writer})
        for number in range(BATCHES):
            mentions = batch_of(writer, number)
            store.upsert(mentions)
            store.add_taggings([tag(one, topics="speed-|price+") for one in mentions])
            store.delete([f"shop:{writer}-{number}-1"])
        store.finish_run(run, "finished", {})


def test_writers_take_turns_and_lose_nothing(tmp_path: Path) -> None:
    path, start = tmp_path / "molva.sqlite", SPAWN.Event()
    writers = [SPAWN.Process(target=write, args=(path, n, start)) for n in range(3)]
    for writer in writers:
        writer.start()
    start.set()
    for writer in writers:
        writer.join()
    assert [writer.exitcode for writer in writers] == [0, 0, 0]
    shared = BATCHES * SIZE // 4
    own = 3 * BATCHES * (SIZE - SIZE // 4 - 1)
    with open_store(path) as store:
        stats = store.stats()
        assert (stats.mentions, stats.tagged) == (shared + own, shared + own)
        assert len({hit.mention.id for hit in store.scan()}) == shared + own
        assert [run.outcome for run in store.runs()] == ["finished"] * 3
        assert store.check() == []


def read(path: Path, start: Event, stop: Event, answers: multiprocessing.Queue[object]) -> None:
    """Search until told to stop; every answer has to be of whole batches."""
    with open_store(path, read_only=True) as store:
        start.set()
        reads = 0
        while not stop.is_set():
            found = store.search("курьера", limit=5)
            counted = sum(point.mentions for point in store.trends(topics=()))
            if found.total % SIZE or counted % SIZE or len(found.hits) != min(5, found.total):
                answers.put((found.total, counted))
                return
            reads += 1
        answers.put(reads)


def test_a_reader_sees_whole_batches_while_another_process_writes(tmp_path: Path) -> None:
    path, start, stop = tmp_path / "molva.sqlite", SPAWN.Event(), SPAWN.Event()
    answers: multiprocessing.Queue[object] = SPAWN.Queue()
    with open_store(path) as store:
        reader = SPAWN.Process(target=read, args=(path, start, stop, answers))
        reader.start()
        start.wait()
        for number in range(15):
            mentions = [make(f"{number}-{n}") for n in range(SIZE)]
            store.upsert(mentions)
            store.add_taggings([tag(one) for one in mentions])
        stop.set()
        reads = answers.get(timeout=120)
        reader.join()
    assert isinstance(reads, int), f"half a batch was seen: {reads}"
    assert reads > 0


WRITE_FOREVER = """
import sys
from index import open_store
from tests.contract.records import later, make, tag
store = open_store(sys.argv[1])
store.start_run("shop", {})
for number in range(10_000):
    mentions = [make(f"{number}-{n}", f"Долго ждали {n} слов " * 20) for n in range(100)]
    store.upsert(mentions)
    store.add_taggings([tag(one, topics="speed-") for one in mentions])
    store.upsert([later(one, text="Иначе") for one in mentions[:50]])
    store.delete([one.id for one in mentions[:10]])
    print(number, flush=True)
"""


def test_a_killed_writer_leaves_a_sound_store(tmp_path: Path) -> None:
    path = tmp_path / "molva.sqlite"
    moments = random.Random(7)
    for _ in range(2):
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITE_FOREVER, str(path)], cwd=ROOT, stdout=subprocess.PIPE
        )
        assert writer.stdout is not None
        for _ in range(2):
            written = int(writer.stdout.readline())
        time.sleep(moments.random() / 5)
        os.kill(writer.pid, signal.SIGKILL)
        written = max([written, *map(int, writer.stdout.read().split())])
        writer.wait()
        with open_store(path) as store:
            assert store.check() == []
            assert store.stats().mentions >= 90 * (written + 1)
            assert store.runs()[0].outcome == "interrupted"
            assert len(list(store.scan("слов"))) == store.search("слов").total
        path.unlink()
