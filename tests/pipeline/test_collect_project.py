"""`molva collect` without a spider: all sources of a project, each alone, and their health."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from index import open_store
from tests.crawlers.loopback import Answer, Asked, Loopback

ROOT = Path(__file__).parents[2]
ITEM = """<item><guid>tag:{n}</guid><title>Тема {n}</title><description>Курьер опоздал на {n} мин.
</description><pubDate>Mon, {d:02d} Jun 2026 10:00:00 +0300</pubDate></item>"""


def feed(numbers: range) -> str:
    items = "".join(ITEM.format(n=n, d=1 + n % 28) for n in numbers)
    return f'<rss version="2.0"><channel><title>Форум</title>{items}</channel></rss>'


FEED = Answer(feed(range(40)), content_type="application/rss+xml")
EMPTY = Answer(feed(range(0)), content_type="application/rss+xml")


@pytest.fixture
def site() -> Iterator[Loopback]:
    with Loopback({"/feed": FEED, "/other": FEED}) as site:
        yield site


def write(folder: Path, text: str) -> None:
    (folder / "molva.toml").write_text(text, encoding="utf-8")


def start(folder: Path, *arguments: str) -> subprocess.Popen[bytes]:
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    environment.pop("MOLVA_STORE", None)
    # Tests that are run in the background ignore interrupts, and so would what they start.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    return subprocess.Popen(
        [sys.executable, "-m", "cli", *arguments],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


def molva(folder: Path, *arguments: str, code: int = 0) -> tuple[str, str]:
    """Run a command and return what it wrote: standard output, standard error."""
    process = start(folder, *arguments)
    out, error = (text.decode() for text in process.communicate(timeout=120))
    assert process.returncode == code, (out, error)
    assert "Traceback" not in error
    return out, error


def rows(folder: Path, *arguments: str, code: int = 0) -> list[dict[str, Any]]:
    return list(json.loads(molva(folder, *arguments, "--format", "json", code=code)[0]))


def problems(folder: Path) -> list[str]:
    """What `molva doctor` says of sources; what it says of the tagger is not looked at here."""
    out, _ = start(folder, "doctor", "--format", "json").communicate(timeout=120)
    return [problem for problem in json.loads(out)["problems"] if "rss (" in problem]


def test_one_failing_source_stops_no_other(tmp_path: Path, site: Loopback) -> None:
    site.routes["/broken"] = Answer("no", 500)
    write(
        tmp_path,
        f"""
[[sources]]
spider = "rss"
url = "{site.url}/broken"
[[sources]]
spider = "no_such_spider"
[[sources]]
spider = "rss"
url = "{site.url}/feed"
urll = "a slip"
[[sources]]
spider = "rss"
url = "{site.url}/gone"
[[sources]]
spider = "rss"
url = "{site.url}/feed"
""",
    )
    out, error = molva(tmp_path, "collect", "--format", "json", code=3)
    found = json.loads(out)
    assert [row["outcome"] for row in found] == ["failed"] * 4 + ["finished"]
    says = ("answered 500", "there is no spider", "has no argument 'urll'", "does not exist (404)")
    for row, said in zip(found, says, strict=False):
        assert said in row["message"]
    assert "5 sources, 1 finished, 4 failed, 40 new mentions" in error
    assert (found[4]["new"], found[4]["same"], found[4]["counts"]["pages"]) == (40, 0, 1)
    assert [row["pages"] for row in found] == ["0 of 1", "0", "0", "0 of 1", "1"]
    assert len(molva(tmp_path, "export")[0].splitlines()) == 40


def test_a_process_that_is_killed_stops_no_other(tmp_path: Path, site: Loopback) -> None:
    def kill_who_asks(_asked: Asked, _before: int) -> Answer:
        with closing(sqlite3.connect(tmp_path / "molva.sqlite")) as connection:
            (process,) = connection.execute("SELECT process FROM run").fetchone()
        os.kill(process, signal.SIGKILL)
        return EMPTY

    site.routes["/fatal"] = kill_who_asks
    urls = (f"{site.url}/fatal", f"{site.url}/feed")
    write(tmp_path, "\n".join(f'[[sources]]\nspider = "rss"\nurl = "{url}"' for url in urls))
    killed, other = rows(tmp_path, "collect", "--at-once", "1", code=3)
    assert (killed["outcome"], other["outcome"]) == ("failed", "finished")
    assert "its process was killed by signal 9" in killed["message"]
    assert (
        f"the last run of rss (url={urls[0]}) interrupted" in molva(tmp_path, "doctor", code=1)[0]
    )


def test_several_sources_at_once_and_each_host_by_one_of_them(tmp_path: Path) -> None:
    together = 3
    barrier = threading.Barrier(together, timeout=60)

    def meet(_asked: Asked, _before: int) -> Answer:
        barrier.wait()  # answers only when three crawls wait at the same time
        return FEED

    with Loopback({f"/{n}": meet for n in range(together)}) as site:
        sources = [f'[[sources]]\nspider = "rss"\nurl = "{site.url}/{n}"' for n in range(together)]
        write(tmp_path, "\n".join(sources))
        found = rows(tmp_path, "collect", "--at-once", str(together))
    assert [row["outcome"] for row in found] == ["finished"] * together


def test_a_source_that_falls_silent_is_an_alarm(tmp_path: Path, site: Loopback) -> None:
    collect = ("collect", "rss", "-a", f"url={site.url}/feed")
    molva(tmp_path, *collect)
    site.routes["/feed"] = EMPTY
    _, error = molva(tmp_path, *collect, code=3)
    assert "! rss brought nothing where 40 are usual (median of 1 run before)" in error
    (problem,) = problems(tmp_path)
    assert problem.startswith(f"rss (url={site.url}/feed) brought nothing where 40 are usual")
    assert f"! {problem}" in molva(tmp_path, "doctor", code=1)[0]
    site.routes["/feed"] = FEED
    molva(tmp_path, *collect)
    assert problems(tmp_path) == []


def test_an_alarm_of_one_source_is_told_by_all_of_them(tmp_path: Path, site: Loopback) -> None:
    urls = (f"{site.url}/feed", f"{site.url}/other")
    write(tmp_path, "\n".join(f'[[sources]]\nspider = "rss"\nurl = "{url}"' for url in urls))
    molva(tmp_path, "collect")
    site.routes["/other"] = EMPTY
    table, error = molva(tmp_path, "collect", code=3)
    assert "2 sources, 2 finished, 1 with an alarm" in error
    assert f"! rss url={urls[1]} brought nothing" in error
    assert "brought nothing" in table
    (state,) = (row["last_run"] for row in rows(tmp_path, "sources") if row["spider"] == "rss")
    assert (state["series"], state["in_trouble"]) == (2, 1)
    assert "1 of 2 need a look" in molva(tmp_path, "sources")[0]
    assert len(problems(tmp_path)) == 1


def test_what_has_not_changed_is_no_silence(tmp_path: Path, site: Loopback) -> None:
    def unchanged(asked: Asked, _before: int) -> Answer:
        if asked.headers.get("If-None-Match") == '"1"':
            return Answer(status=304)
        return Answer(FEED.body, headers={"ETag": '"1"'}, content_type="application/rss+xml")

    site.routes["/feed"] = unchanged
    collect = ("collect", "rss", "-a", f"url={site.url}/feed", "--format", "json")
    molva(tmp_path, *collect)
    second = json.loads(molva(tmp_path, *collect)[0])
    assert (second["status_304"], second.get("items", 0), second["alarms"]) == (1, 0, [])


def test_a_run_records_what_tells_of_its_health(tmp_path: Path, site: Loopback) -> None:
    site.routes["/feed"] = Answer(
        feed(range(3)).replace("<title>Тема 1</title>", "").replace("Курьер опоздал на 2 мин.", ""),
        content_type="application/rss+xml",
    )
    bad = "<item><guid>tag:bad</guid></item></channel>"
    site.routes["/other"] = Answer(
        feed(range(5, 6)).replace("</channel>", bad), content_type="application/rss+xml"
    )
    url = f"{site.url}/feed,{site.url}/other,{site.url}/gone"
    molva(tmp_path, "collect", "rss", "-a", f"url={url}", code=1)
    with open_store(tmp_path / "molva.sqlite", read_only=True) as store:
        (run,) = store.runs()
    assert run.outcome == "failed"
    assert (run.counts["pages"], run.counts["pages_expected"]) == (2, 3)
    assert (run.counts["status_200"], run.counts["status_404"]) == (2, 1)
    assert (run.counts["items"], run.counts["rejects"]) == (4, 1)
    assert run.rejects == {"there is no text, no title, no rating and no survey score": 1}
    assert (run.empty_fields["title"], run.empty_fields["text"]) == (1, 1)
    assert (run.empty_fields["rating"], run.empty_fields["published_at"]) == (4, 0)
    (row,) = json.loads(molva(tmp_path, "doctor", "--format", "json", code=1)[0])["runs"]
    assert row["empty"]["rating"] == 1.0
    assert row["reject_reasons"] == run.rejects
    assert row["statuses"] == {"200": 2, "404": 1}
    table, _ = molva(tmp_path, "doctor", code=1)
    for cell in ("2 of 3", "1 × there is no text", "2 × 200, 1 × 404", "rating 100%"):
        assert cell in table


def test_a_second_run_is_not_due(tmp_path: Path, site: Loopback) -> None:
    often = f'[[sources]]\nspider = "rss"\nurl = "{site.url}/feed"\nevery = "1h"\n'
    write(tmp_path, often + f'[[sources]]\nspider = "rss"\nurl = "{site.url}/gone"')
    assert len(rows(tmp_path, "collect", "--due", code=3)) == 2
    assert rows(tmp_path, "collect", "--due") == []
    assert len(rows(tmp_path, "collect", "--dry-run")) == 2
    with open_store(tmp_path / "molva.sqlite") as store, store._writing() as connection:
        connection.execute("UPDATE run SET started_at = started_at - 3600000000")
    assert [row["outcome"] for row in rows(tmp_path, "collect", "--due", code=3)] == [
        "finished",
        "failed",
    ]


def test_the_shards_together_are_the_project(tmp_path: Path, site: Loopback) -> None:
    numbers = range(4)
    site.routes |= {f"/{n}": Answer(feed(range(n, n + 1))) for n in numbers}
    write(
        tmp_path,
        "\n".join(f'[[sources]]\nspider = "rss"\nurl = "{site.url}/{n}"' for n in numbers),
    )
    planned = rows(tmp_path, "collect", "--dry-run")
    assert len(planned) == len(numbers)
    assert site.asked == []
    seen = []
    for machine in (1, 2):
        given = ("--shard", f"{machine}/2", "--store", f"machine-{machine}.sqlite")
        seen += [row["arguments"]["url"] for row in rows(tmp_path, "collect", *given)]
    assert sorted(seen) == sorted(row["arguments"]["url"] for row in planned)
    assert len(site.asked) == len(numbers)


def test_an_interrupt_reaches_the_sources_and_is_waited_for(tmp_path: Path) -> None:
    def slowly(asked: Asked, _before: int) -> Answer:
        time.sleep(0.2)
        number = int(asked.path.partition("page=")[2] or 0)
        following = f'href="/feed?page={number + 1}" xmlns="http://www.w3.org/2005/Atom"'
        page = feed(range(number * 10, number * 10 + 10))
        page = page.replace("<item>", f'<link rel="next" {following}/><item>', 1)
        return Answer(page, content_type="application/rss+xml")

    with Loopback({"/feed": slowly}) as site:
        source = f'[[sources]]\nspider = "rss"\nurl = "{site.url}/feed"\nmax_pages = 1000'
        write(tmp_path, source)
        process = start(tmp_path, "collect")
        deadline = time.monotonic() + 60
        while len(site.asked) < 3 and time.monotonic() < deadline:
            time.sleep(0.05)
        assert len(site.asked) >= 3
        os.killpg(process.pid, signal.SIGINT)
        process.communicate(timeout=60)
    assert process.returncode != 0
    with open_store(tmp_path / "molva.sqlite", read_only=True) as store:
        (run,) = store.runs()
        assert (run.outcome, run.counts["stop_interrupted"]) == ("stopped", 1)
        assert store.stats().mentions == run.counts["new"] >= 10


def test_spiders_are_listed_though_the_store_is_broken(tmp_path: Path) -> None:
    (tmp_path / "molva.sqlite").write_bytes(b"a letter, not a store" * 100)
    out, error = molva(tmp_path, "sources", "--format", "json")
    assert {row["last_run"] for row in json.loads(out)} == {None}
    assert "the last runs are not known: molva.sqlite is not a Molva store" in error


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["-a", "url=x"], "name the SPIDER"),
        (["rss", "--due"], "leave the SPIDER out"),
        (["rss", "--shard", "1/2"], "leave the SPIDER out"),
        (["--shard", "3/2"], "write 2/8"),
        (["--at-once", "0"], "--at-once"),
    ],
)
def test_options_that_do_not_go_together(tmp_path: Path, arguments: list[str], says: str) -> None:
    write(tmp_path, '[[sources]]\nspider = "rss"\nurl = "https://a.example"')
    _, error = molva(tmp_path, "collect", *arguments, code=2)
    assert says in error


def test_a_project_without_sources_says_so(tmp_path: Path) -> None:
    _, error = molva(tmp_path, "collect", code=1)
    assert "names no sources; 'molva init'" in error
