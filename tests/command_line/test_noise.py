"""noise: what a person sees of copies and adverts, and how they put it right."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from tests.command_line.conftest import Molva
from tests.contract.test_noise import APP, SOFA
from tests.crawlers.loopback import Loopback

REVIEWS = f"""id;date;rating;text;brand
1;2026-03-02;1;{SOFA};Парус
2;2026-03-10;1;{SOFA}!;Парус
3;2026-04-05;1;{APP};Парус
4;2026-04-20;5;Дарю промокод PARUS500, вводите в корзине;Парус
"""


@pytest.fixture
def examined(molva: Molva, tmp_path: Path) -> str:
    """Import four reviews and look for copies; return what was printed."""
    file = tmp_path / "reviews.csv"
    file.write_text(REVIEWS, encoding="utf-8")
    molva("import", str(file), "--source", "shop")
    return str(molva("noise").output)


def lines(output: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in output.splitlines() if line]


def test_the_list_says_what_is_a_copy_of_what_and_why(examined: str, molva: Molva) -> None:
    assert "4 examined, 2 copies and adverts" in examined
    assert "another author, same source" in examined
    assert "promo_code" in examined
    listed = molva("noise", "--format", "jsonl")
    assert "0 examined" in listed.stderr
    rows = {row["id"]: row for row in lines(listed.stdout)}
    assert set(rows) == {"shop:2", "shop:4"}
    assert (rows["shop:2"]["copy_of"], rows["shop:2"]["similarity"]) == ("shop:1", 1.0)
    assert rows["shop:4"]["noise_reasons"] == ["promo_code"]
    assert json.loads(molva("noise", "--format", "json").stdout) == list(rows.values())
    table = list(csv.DictReader(io.StringIO(molva("noise", "--format", "csv").stdout)))
    assert {row["copy_of"] for row in table} == {"shop:1", ""}


def test_search_export_and_explain_show_it(examined: str, molva: Molva) -> None:
    (found,) = lines(molva("search", "has:copy", "--format", "jsonl").stdout)
    assert (found["id"], found["noise"], found["copy_of"]) == ("shop:2", ["copy"], "shop:1")
    exported = {row["id"]: row for row in lines(molva("export").stdout)}
    assert exported["shop:2"]["copy_of"] == "shop:1"
    assert exported["shop:4"]["noise"] == ["advert"]
    assert exported["shop:1"]["noise"] == []
    table = list(csv.DictReader(io.StringIO(molva("export", "--format", "csv").stdout)))
    assert {row["id"]: row["copy_of"] for row in table}["shop:2"] == "shop:1"
    assert "copy of shop:1: another author, same source" in molva("explain", "shop:2").stdout
    assert json.loads(molva("explain", "shop:4", "--format", "json").stdout)["noise"] == ["advert"]


def test_counting_both_ways(examined: str, molva: Molva) -> None:
    for query, untagged in (("", 4), ("NOT has:copy", 3), ("NOT has:noise", 2)):
        found = molva("search", query, "--format", "jsonl")
        assert len(lines(found.stdout)) == untagged


def test_a_person_decides_and_takes_it_back(examined: str, molva: Molva) -> None:
    said = molva("noise", "shop:2", "--keep", "--author", "анна", "--note", "два заказа")
    assert said.stdout == "shop:2: keep\n"
    assert (
        "said before"
        in molva("noise", "shop:2", "--keep", "--author", "анна", "--note", "два заказа").stdout
    )
    assert molva("noise", "shop:1", "--flag", "advert").stdout == "shop:1: advert\n"
    assert {
        row["id"] for row in lines(molva("search", "has:noise", "--format", "jsonl").stdout)
    } == {
        "shop:1",
        "shop:4",
    }
    shown = molva("noise", "shop:2").stdout
    assert shown.startswith("shop:2: neither a copy nor an advert\n")
    assert "два заказа" in shown
    whole = json.loads(molva("noise", "shop:1", "--format", "json").stdout)
    assert whole["noise_reasons"] == ["person"]
    assert [one["says"] for one in whole["verdicts"]] == ["advert"]
    assert molva("noise", "shop:2", "--undo").stdout == "shop:2: taken back: keep\n"
    assert "no verdict about shop:2 holds" in molva("noise", "shop:2", "--undo", code=1).stderr
    assert "copy of shop:1" in molva("noise", "shop:2").stdout


def test_forgetting_an_original_leaves_the_next(examined: str, molva: Molva) -> None:
    molva("forget", "shop:1", "--yes")
    assert lines(molva("search", "has:copy", "--format", "jsonl").stdout) == []
    assert "1 examined, 1 copies and adverts" in molva("noise").stderr


def test_what_cannot_be_done_is_one_sentence(examined: str, molva: Molva) -> None:
    assert "choose one" in molva("noise", "shop:1", "--keep", "--undo", code=2).stderr
    assert "name the mention" in molva("noise", "--keep", code=2).stderr
    assert "--note goes with" in molva("noise", "shop:1", "--note", "x", code=2).stderr
    for arguments in (["--keep"], ["--undo"], []):
        assert "there is no mention x:1" in molva("noise", "x:1", *arguments, code=1).stderr


def test_run_examines_what_it_has_brought(molva: Molva, tagged: Path, tmp_path: Path) -> None:
    file = tmp_path / "reviews.csv"
    file.write_text(REVIEWS, encoding="utf-8")
    molva("import", str(file), "--source", "again")
    with Loopback() as site:
        source = f'[[sources]]\nspider = "rss"\nurl = "{site.url}/feed.xml"\n'
        (tmp_path / "molva.toml").write_text(source, encoding="utf-8")
        molva("run", code=3)  # there is no such feed
    found = lines(molva("search", "has:noise", "--format", "jsonl").stdout)
    assert {row["id"] for row in found} == {"again:2", "again:4"}
