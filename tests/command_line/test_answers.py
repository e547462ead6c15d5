"""import → tag → search, trends, explain, export, sql, doctor, forget: as a user runs them."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

from mention import Mention
from tests.command_line.conftest import Molva


def records(output: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in output.splitlines() if line]


def test_the_same_file_twice_adds_nothing(reviews: Path, molva: Molva) -> None:
    summary = molva("import", str(reviews), "--source", "shop").stdout
    assert "0 new" in summary
    assert "6 same" in summary


def test_search_finds_by_word_form_topic_and_date(tagged: Path, molva: Molva) -> None:
    def found(query: str) -> list[str]:
        rows = records(molva("search", query, "--format", "jsonl").stdout)
        return [str(row["id"]) for row in rows]

    assert found("очередь") == ["shop:1"]
    assert found("ОЧЕРЕДЕЙ AND topic:speed:negative") == ["shop:1"]
    assert found("topic:delivery:negative AND brand:Парус") == ["shop:3"]
    assert found("velavo") == ["shop:5"]
    assert found("date:2026-04") == ["shop:4", "shop:3"]
    assert found("") == ["shop:6", "shop:5", "shop:4", "shop:3", "shop:2", "shop:1"]


def test_search_shows_the_evidence_and_counts(tagged: Path, molva: Molva) -> None:
    result = molva("search", "очередь")
    assert "− speed" in result.stdout
    assert "«Ждал в очереди сорок минут.»" in result.stdout
    assert "1 of 1" in result.stderr


def test_paging_gives_every_mention_once(tagged: Path, molva: Molva) -> None:
    seen = []
    arguments = ["search", "", "--limit", "4", "--format", "jsonl"]
    first = molva(*arguments)
    seen += records(first.stdout)
    token = first.stderr.split("--after ")[1].strip()
    second = molva(*arguments, "--after", token)
    seen += records(second.stdout)
    assert len({row["id"] for row in seen}) == len(seen) == 6
    assert "--after" not in second.stderr


def test_trends_count_topics_by_month_and_brand(tagged: Path, molva: Molva) -> None:
    arguments = ("--topic", "delivery", "--split", "brand", "--minimum", "1")
    output = molva("trends", *arguments, "--format", "json").stdout
    points = {(p["group"], p["start"]): p for p in json.loads(output)}
    assert points["Парус", "2026-03-01"]["positive"] == 1
    assert points["Парус", "2026-04-01"]["negative"] == 1
    assert points["Парус", "2026-04-01"]["share_negative"] == 1
    assert points["Маяк", "2026-05-01"]["negative"] == 1


def test_overall_trend_and_table(tagged: Path, molva: Molva) -> None:
    points = json.loads(molva("trends", "--overall", "--by", "week", "--format", "json").stdout)
    assert sum(p["count"] for p in points) == 5
    assert (
        "2026-03-02" in molva("trends", "brand:Парус").stdout
        or "2026-03-01" in molva("trends", "brand:Парус").stdout
    )


def test_an_unknown_topic_is_refused_with_the_nearest(molva: Molva, reviews: Path) -> None:
    assert "speed" in molva("trends", "--topic", "sped", code=2).stderr


def test_explain_puts_each_label_beside_its_sentence(tagged: Path, molva: Molva) -> None:
    shown = molva("explain", "shop:1").stdout
    assert "speed" in shown
    assert "politeness" in shown
    record = json.loads(molva("explain", "shop:1", "--format", "json").stdout)
    for label in record["topics"]:
        assert record["text"][label["start"] : label["end"]] == label["sentence"]
    assert "untagged" in molva("explain", "shop:6").stdout
    assert "there is no mention" in molva("explain", "shop:77", code=1).stderr


def test_export_has_every_field_and_comes_back(tagged: Path, molva: Molva, tmp_path: Path) -> None:
    exported = molva("export").stdout
    rows = records(exported)
    added = {"conflict", "tagging", "case", "noise", "noise_reasons", "copy_of"}
    fields = {*Mention.model_fields, *Mention.model_computed_fields, *added}
    assert all(set(row) == fields for row in rows)
    assert len(rows) == 6
    file = tmp_path / "export.jsonl"
    file.write_text(exported, encoding="utf-8")
    molva("import", str(file), "--source", "shop", "--store", "copy.sqlite")
    again = records(molva("export", "--store", "copy.sqlite").stdout)
    drop = {"conflict", "tagging", "collected_at"}  # the copy has not been tagged
    assert [{k: r[k] for k in r if k not in drop} for r in again] == [
        {k: r[k] for k in r if k not in drop} for r in rows
    ]


def test_export_csv_is_whole(tagged: Path, molva: Molva) -> None:
    rows = list(csv.DictReader(io.StringIO(molva("export", "--format", "csv").stdout)))
    assert len(rows) == 6
    assert "politeness:negative" in rows[-1]["topic_sentiment"]


def test_sql_reads_and_never_writes(tagged: Path, molva: Molva) -> None:
    rows = json.loads(
        molva("sql", "SELECT count(*) AS n FROM v_mentions", "--format", "json").stdout
    )
    assert rows == [{"n": 6}]
    assert "read" in molva("sql", "DELETE FROM mention", code=1).stderr.lower()
    assert molva("sql", "SELECT nothing FROM nowhere", code=1).stderr.startswith("Error: ")


def test_doctor_shows_counts_runs_and_rejects(tagged: Path, molva: Molva, tmp_path: Path) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_text("id,text,rating\n7,,\n8,Хорошо,5\n9,Плохо,99\n", encoding="utf-8")
    assert "2 rejected" in molva("import", str(bad), "--source", "shop").stdout
    report = json.loads(molva("doctor", "--format", "json").stdout)
    assert report["counts"]["mentions"] == 7
    assert report["counts"]["rejects"] == 2
    assert any("bad.csv" in str(reject["where"]) for reject in report["rejects"])
    shown = molva("doctor").stdout
    assert "all is well" in shown
    assert "2 rejects" in shown


def test_forget_erases(tagged: Path, molva: Molva) -> None:
    assert "1 erased" in molva("forget", "shop:1", "--yes").stdout
    assert records(molva("search", "очередь", "--format", "jsonl").stdout) == []
    assert "грубят".encode() not in Path("molva.sqlite").read_bytes()


def test_sources_lists_spiders_with_their_arguments(molva: Molva) -> None:
    rows = {row["spider"]: row for row in json.loads(molva("sources", "--format", "json").stdout)}
    assert {"app_store", "schema_org", "rss"} <= set(rows)
    assert "app_id" in str(rows["app_store"]["arguments"])


def test_search_explains_how_it_understood(tagged: Path, molva: Molva) -> None:
    explained = molva("search", "очередь AND NOT brand:Маяк", "--explain").stdout
    json.loads(explained)
    assert "очеред" in explained
    assert "SELECT" in explained.upper()
