"""From brands and sources to jobs, and which machine and which hour has a job."""

from __future__ import annotations

import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import project
from collecting.jobs import Job, jobs_of, series_of
from collecting.schedule import due
from collecting.sharding import Shard, ShardError
from index.base import Run

BRANDS = """
[[brands]]
name = "Парус"
own = true
spellings = ["Parus", "парус", "ПАРУС Банк"]
[[brands]]
name = "Маяк"
spellings = ["Mayak"]
"""


def jobs(folder: Path, sources: str) -> list[Job]:
    file = folder / "molva.toml"
    file.write_text(BRANDS + sources, encoding="utf-8")
    return jobs_of(project.load(file))


def test_a_source_runs_once_for_each_spelling_of_each_brand(tmp_path: Path) -> None:
    found = jobs(tmp_path, '[[sources]]\nspider = "vk"\nquery = \'"{spelling}"\'\nevery = "6h"')
    assert [(job.arguments["brand"], job.arguments["query"]) for job in found] == [
        ("Парус", '"Парус"'),
        ("Парус", '"Parus"'),
        ("Парус", '"ПАРУС Банк"'),
        ("Маяк", '"Маяк"'),
        ("Маяк", '"Mayak"'),
    ]
    assert {job.every for job in found} == {timedelta(hours=6)}


@pytest.mark.parametrize(
    ("brands", "queries"),
    [
        ('brands = "own"', ["Парус", "Parus", "ПАРУС Банк"]),
        ('brands = "competitors"', ["Маяк", "Mayak"]),
        ('brands = ["Маяк"]', ["Маяк", "Mayak"]),
        ('brand = "Маяк"', ["Маяк", "Mayak"]),
        ('brands = "all"', ["Парус", "Parus", "ПАРУС Банк", "Маяк", "Mayak"]),
    ],
)
def test_a_source_says_which_brands(tmp_path: Path, brands: str, queries: list[str]) -> None:
    found = jobs(tmp_path, f'[[sources]]\nspider = "vk"\nquery = "{{spelling}}"\n{brands}')
    assert [job.arguments["query"] for job in found] == queries
    assert all("brands" not in job.arguments for job in found)


def test_a_spelling_is_encoded_inside_an_address(tmp_path: Path) -> None:
    text = (
        '[[sources]]\nspider = "rss"\nurl = "https://a.example/?q={spelling}&n=1"\nbrands = "own"'
    )
    assert jobs(tmp_path, text)[2].arguments["url"] == (
        "https://a.example/?q=%D0%9F%D0%90%D0%A0%D0%A3%D0%A1%20%D0%91%D0%B0%D0%BD%D0%BA&n=1"
    )


def test_brands_without_spelling_label_one_run_each(tmp_path: Path) -> None:
    found = jobs(tmp_path, '[[sources]]\nspider = "rss"\nurl = "https://a.example"\nbrands = "all"')
    assert [job.arguments["brand"] for job in found] == ["Парус", "Маяк"]


def test_the_same_source_twice_is_one_job(tmp_path: Path) -> None:
    once = '[[sources]]\nspider = "vk"\nquery = "x"\nbrand = "Парус"\n'
    other = (
        '[[sources]]\nspider = "vk"\nbrand = "Парус"\nquery = "x"\nbase_url = "http://a.example"\n'
    )
    assert len(jobs(tmp_path, once + other)) == 1


def test_a_token_in_an_address_is_not_shown(tmp_path: Path) -> None:
    text = '[[sources]]\nspider = "rss"\nurl = "https://u:s3cret@a.example/?token=s3cret&page=1"'
    (job,) = jobs(tmp_path, text)
    assert "s3cret" not in job.label
    assert "s3cret" not in repr(job.shown)
    assert "s3cret" not in job.series
    assert "page=1" in job.label


@pytest.mark.parametrize(
    ("spider", "arguments", "hosts"),
    [
        ("vk", {"query": "x"}, {"vk"}),
        ("rss", {"url": "https://A.example:8/x,y,https://b.example/z"}, {"a.example", "b.example"}),
        ("mastodon", {"instance": "Mastodon.example"}, {"mastodon.example"}),
        ("mastodon", {"instance": "https://mastodon.example"}, {"mastodon.example"}),
        ("vk", {"query": "x", "base_url": "https://proxy.example"}, {"proxy.example"}),
        ("vk", {"query": "x", "base_url": "http://127.0.0.1:8000"}, set()),
        ("rss", {"url": "http://localhost/feed"}, set()),
    ],
)
def test_a_job_knows_whom_it_asks(spider: str, arguments: dict[str, str], hosts: set[str]) -> None:
    assert Job(spider, arguments, timedelta(days=1)).hosts == hosts


# --- shards --------------------------------------------------------------------------
MANY = [Job("app_store", {"app_id": str(number)}, timedelta(days=1)) for number in range(3000)]


def owners(machines: int, given: list[Job]) -> dict[str, int]:
    """Return which machine has each job; fails if one has none or two."""
    found = {}
    for number in range(1, machines + 1):
        for job in Shard(number, machines).of(given):
            assert found.setdefault(job.series, number) == number
    assert len(found) == len(given)
    return found


def test_every_job_has_one_machine_and_machines_have_like_shares() -> None:
    shares = Counter(owners(8, MANY).values())
    assert max(shares.values()) / min(shares.values()) < 1.3


def test_the_order_and_the_neighbours_of_a_job_do_not_matter() -> None:
    shuffled = random.Random(1).sample(MANY, 500)
    before = owners(8, MANY)
    assert all(before[series] == number for series, number in owners(8, shuffled).items())


def test_the_server_and_the_order_of_arguments_do_not_matter() -> None:
    given = {"app_id": "1", "country": "lt"}
    assert series_of("app_store", given) == series_of(
        "app_store", {"country": "lt", "base_url": "http://127.0.0.1:9", "app_id": "1"}
    )
    assert series_of("app_store", given) != series_of("app_store", {"app_id": "1"})
    assert series_of("app_store", given) != series_of("other", given)


def test_one_more_machine_takes_its_share_and_moves_nothing_else() -> None:
    before, after = owners(8, MANY), owners(9, MANY)
    moved = [series for series in before if before[series] != after[series]]
    assert {after[series] for series in moved} == {9}
    assert len(moved) == pytest.approx(len(MANY) / 9, rel=0.15)


def test_the_division_is_the_same_in_every_release() -> None:
    """Another one would read everything anew, on another machine."""
    assert [job.arguments["app_id"] for job in Shard(2, 8).of(MANY[:40])] == ["2", "22"]


@pytest.mark.parametrize("text", ["0/8", "9/8", "2", "2/0", "a/b", "1/2/3", "-1/2", ""])
def test_a_shard_that_is_none(text: str) -> None:
    with pytest.raises(ShardError, match="write 2/8"):
        Shard.parse(text)


# --- schedule ------------------------------------------------------------------------
NOW = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)
DAILY = Job("rss", {"url": "https://a.example"}, timedelta(days=1))


def ran(hours: float, outcome: str = "finished", **counts: int) -> dict[str, Run]:
    """The last run of `DAILY`, so many hours ago."""
    at = NOW - timedelta(hours=hours)
    return {DAILY.series: Run(1, "rss", at, at, outcome, counts=counts)}


@pytest.mark.parametrize(
    ("last", "is_due"),
    [
        ({}, True),
        (ran(24), True),
        (ran(23.9), True),  # the timer was late yesterday
        (ran(22), False),
        (ran(1), False),
        (ran(25, "running"), False),
        (ran(0.2, "failed"), False),
        (ran(1, "failed"), True),
        (ran(1, "interrupted"), True),
        (ran(1, "stopped", stop_interrupted=1), True),
        (ran(1, "stopped", stop_max_items=1, stop_interrupted=1), False),
    ],
)
def test_when_a_job_is_due(last: dict[str, Run], is_due: bool) -> None:
    assert due([DAILY], last, NOW) == [DAILY] * is_due


def test_a_source_every_ten_minutes_is_not_asked_twice_in_nine() -> None:
    often = Job("rss", DAILY.arguments, timedelta(minutes=10))
    assert due([often], ran(8 / 60), NOW) == []
    assert due([often], ran(9.5 / 60), NOW) == [often]
    assert due([often], ran(9.5 / 60, "failed"), NOW) == [often]
