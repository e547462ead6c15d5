"""Gaps as a person meets them: after crawls that fail, are cut short or fall silent."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from cli import cli
from index import open_store
from tests.crawlers.loopback import Answer, Loopback
from tests.pipeline.test_collect_project import rows, write

DAYS = 20
TODAY = datetime.now(UTC).date()


def feed(days_ago: range, name: str = "a", older: str = "") -> Answer:
    """A feed with one entry for each of these days."""
    now = datetime.now(UTC)
    items = "".join(
        f"<item><guid>{name}:{number}</guid><title>Тема {number}</title>"
        f"<description>Курьер опоздал на {number} мин.</description>"
        f"<pubDate>{format_datetime(now - timedelta(days=number))}</pubDate></item>"
        for number in days_ago
    )
    link = f'<link rel="next" href="{older}" xmlns="http://www.w3.org/2005/Atom"/>' if older else ""
    text = f'<rss version="2.0"><channel><title>Форум</title>{link}{items}</channel></rss>'
    return Answer(text, content_type="application/rss+xml")


def source(url: str, brand: str, more: str = "") -> str:
    return f'[[sources]]\nspider = "rss"\nurl = "{url}"\nbrand = "{brand}"\n{more}\n'


def known(folder: Path, *arguments: str) -> dict[tuple[str | None, date], dict[str, Any]]:
    """The coverage of each day and group."""
    answer = ask(folder, "coverage", "--by", "day", *arguments)
    return {(one["group"], date.fromisoformat(one["start"])): one for one in answer}


def ask(folder: Path, *arguments: str) -> Any:
    """What a command answers, as JSON."""
    config = str(folder / "molva.toml")
    result = CliRunner().invoke(cli, [*arguments, "--config", config, "--format", "json"])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.output
    return json.loads(result.stdout)


def day(number: int) -> date:
    return TODAY - timedelta(days=number)


def runs_are_older(folder: Path, days: int) -> None:
    """Let all runs so far have happened days ago."""
    moved = days * 24 * 3600 * 10**6
    with closing(sqlite3.connect(folder / "molva.sqlite")) as connection, connection:
        connection.execute(
            "UPDATE run SET started_at = started_at - :moved, covers_from = covers_from - :moved,"
            " covers_until = covers_until - :moved",
            {"moved": moved},
        )


@pytest.fixture
def site() -> Iterator[Loopback]:
    with Loopback() as site:
        yield site


def test_only_what_a_crawl_has_read_is_known(tmp_path: Path, site: Loopback) -> None:
    site.routes["/whole"] = feed(range(DAYS))
    site.routes["/broken"] = feed(range(DAYS), "b", "/broken/2")
    site.routes["/broken/2"] = Answer("no", 500)
    site.routes["/limited"] = feed(range(DAYS), "c")
    urls = {name: f"{site.url}/{name}" for name in ("whole", "broken", "limited")}
    write(
        tmp_path,
        source(urls["whole"], "whole")
        + source(urls["broken"], "broken")
        + source(urls["limited"], "limited", "max_items = 5"),
    )
    rows(tmp_path, "collect", code=3)
    found = known(tmp_path, "--split", "brand")
    states = {
        brand: [found[brand, day(ago)]["state"] for ago in (DAYS - 1, DAYS - 2, 3, 0)]
        for brand in urls
    }
    assert states == {
        "whole": ["unknown", "known", "known", "partly"],
        "broken": ["unknown", "unknown", "unknown", "unknown"],
        "limited": ["unknown", "unknown", "known", "partly"],
    }
    assert "1 run failed" in found["broken", TODAY]["reason"]
    assert (found["whole", TODAY]["runs_done"], found["whole", TODAY]["pages"]) == (1, 1)
    everything = known(tmp_path)
    assert everything[None, day(3)]["state"] == "partly"
    assert everything[None, day(3)]["missing"] == [f"rss (url={urls['broken']} brand=broken)"]

    counts = {
        (one["group"], one["start"]): (one["count"], one["pending"], bool(one["reason"]))
        for one in ask(tmp_path, "trends", "--overall", "--by", "day", "--split", "brand")
    }
    assert counts["broken", f"{day(3)}"] == (None, None, True)
    assert counts["whole", f"{day(3)}"][:2] == (0, 1)


def test_a_source_that_falls_silent_is_unknown_until_it_speaks_again(
    tmp_path: Path, site: Loopback
) -> None:
    site.routes["/feed"] = [feed(range(3, DAYS)), feed(range(0)), feed(range(DAYS))]
    write(tmp_path, source(f"{site.url}/feed", "Парус"))
    rows(tmp_path, "collect")
    runs_are_older(tmp_path, 3)
    (silent,) = rows(tmp_path, "collect", code=3)
    assert "brought nothing" in silent["note"]
    found = known(tmp_path)
    assert [found[None, day(ago)]["state"] for ago in (4, 2, 1, 0)] == ["known"] + ["unknown"] * 3
    assert "was not read after" in found[None, day(1)]["reason"]
    assert "brought less than usual" in found[None, TODAY]["reason"]
    facts = " ".join(ask(tmp_path, "doctor")["facts"])
    assert "of the last 30 days so many were not collected: rss" in facts
    # The trend ends three days ago and is shown to go on, unknown.
    last = ask(tmp_path, "trends", "--overall", "--by", "day")[-1]
    assert (last["start"], last["count"], last["coverage"]) == (f"{TODAY}", None, "unknown")

    rows(tmp_path, "collect")
    found = known(tmp_path, "--gaps")
    assert (None, day(1)) not in found
    assert found[None, TODAY]["reason"].startswith("so far: read up to")


def test_coverage_is_where_the_store_is(tmp_path: Path) -> None:
    write(tmp_path, '[elasticsearch]\nurl = "http://127.0.0.1:1"\n')
    given = ["coverage", "--config", str(tmp_path / "molva.toml")]
    result = CliRunner().invoke(cli, [*given, "--cluster"])
    assert result.exit_code == 1
    assert "coverage: not kept in the cluster; run it where the store is" in result.stderr
    open_store(tmp_path / "molva.sqlite").close()
    result = CliRunner().invoke(cli, [*given, "--cluster"])
    assert (result.exit_code, result.stderr) == (0, "nothing to show\n")
    result = CliRunner().invoke(cli, [*given, "brand:("])
    assert result.exit_code == 2
