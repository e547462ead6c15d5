"""`molva trends` on a real store: intervals, gaps, comparison, every format."""

from __future__ import annotations

import csv
import io
import json
import struct
from pathlib import Path
from typing import Any, get_args
from xml.etree import ElementTree

import pytest
from openpyxl import load_workbook
from pyarrow import parquet

from commands.counting import PERIODS, SPLITS
from index.base import Period, Split
from tests.command_line import counted
from tests.command_line.conftest import Molva

DELIVERY = ("--topic", "delivery")
TAGGER = f"{counted.MODEL} {counted.VERSION}"


@pytest.fixture
def store(molva: Molva, tmp_path: Path) -> Path:
    """A store of which everything was collected, in the working folder."""
    counted.fill(tmp_path)
    return tmp_path


@pytest.fixture
def gap(molva: Molva, tmp_path: Path) -> Path:
    """A store whose source was not read in February."""
    counted.fill(tmp_path, covered=(1, 3))
    return tmp_path


def rows(molva: Molva, *arguments: str) -> dict[Any, dict[str, Any]]:
    """Return the rows of a trend by start, and by group where there is one."""
    found = json.loads(molva("trends", *arguments, "--format", "json").stdout)
    return {
        row["start"] if row["group"] is None else (row["group"], row["start"]): row for row in found
    }


def in_quarter(molva: Molva, *arguments: str) -> dict[Any, dict[str, Any]]:
    return rows(molva, "date:2026-01..2026-03", *arguments)


def test_every_number_of_a_trend_has_its_interval(store: Path, molva: Molva) -> None:
    march = in_quarter(molva, *DELIVERY)["2026-03-01"]
    assert (march["count"], march["negative"], march["mentions"]) == (55, 42, 55)
    assert march["share_negative"] == pytest.approx(42 / 55, abs=1e-4)
    # statsmodels.stats.proportion.proportion_confint(42, 55, method="wilson")
    assert (march["share_negative_low"], march["share_negative_high"]) == (0.6365, 0.8563)
    # scipy.stats.chi2.ppf([0.025, 0.975], [110, 112]) / 2
    assert (march["count_low"], march["count_high"]) == (41.4335, 71.5901)
    assert march["net_sentiment"] == pytest.approx((13 - 42) / 55, abs=1e-4)
    assert march["net_sentiment_low"] < march["net_sentiment"] < march["net_sentiment_high"] < 0
    assert march["average_stars"] == pytest.approx((13 * 5 + 42) / 55, abs=1e-4)
    assert (march["coverage"], march["reason"]) == ("known", None)


def test_few_mentions_are_not_enough_data(store: Path, molva: Molva) -> None:
    few = in_quarter(molva, *DELIVERY, "--split", "brand")["Маяк", "2026-03-01"]
    assert few["count"] == 5
    assert few["share_negative"] is few["net_sentiment"] is few["average_stars"] is None
    assert few["reason"].startswith("not enough data (fewer than 10): share, share_negative")
    enough = in_quarter(molva, *DELIVERY, "--split", "brand", "--minimum", "5")
    assert enough["Маяк", "2026-03-01"]["share_negative"] == pytest.approx(0.4)
    shown = molva("trends", "brand:Маяк date:2026-03", *DELIVERY).stdout
    assert shown.splitlines()[1].count("not enough data") == 4


def test_what_was_not_collected_is_unknown_and_never_zero(gap: Path, molva: Molva) -> None:
    found = in_quarter(molva, *DELIVERY, "--split", "source")
    unknown = found["rss", "2026-02-01"]
    numbers = ("count", "positive", "negative", "mentions", "share", "share_negative")
    assert all(unknown[name] is None for name in numbers)
    assert unknown["coverage"] == "unknown"
    assert "rss" in unknown["reason"]
    assert found["rss", "2026-01-01"]["count"] == 80
    shown = molva("trends", "date:2026-02", *DELIVERY).stdout
    line = next(line for line in shown.splitlines() if "2026-02-01" in line)
    assert "unknown" in line
    assert "12" not in line
    assert "1 not collected (unknown): rss" in shown


def test_the_footer_says_what_was_asked_and_how_good_the_labels_are(
    store: Path, molva: Molva
) -> None:
    shown = molva("trends", "brand:Парус date:2026-01..2026-03", *DELIVERY).stdout
    assert "query: brand:Парус date:2026-01..2026-03" in shown
    assert "period: 2026-01-01 to 2026-03-31, by month" in shown
    assert "time zone: UTC" in shown
    assert "coverage: of 3 buckets 3 collected" in shown
    assert f"labels: {TAGGER}, taxonomy 1.0 (102 mentions)" in shown
    measured = next(line for line in shown.splitlines() if line.startswith("measured: "))
    assert f"{TAGGER}, ru: overall sentiment accuracy 0.8" in measured
    assert "delivery F1 0." in measured
    data = molva("trends", "date:2026-01..2026-03", "--format", "csv")
    assert "period: " not in data.stdout
    assert "period: 2026-01-01 to 2026-03-31, by month" in data.stderr


def test_two_periods_are_compared(store: Path, molva: Molva) -> None:
    compare = ("--compare", "2026-01,2026-03", "--split", "brand")
    output = molva("trends", *DELIVERY, *compare, "--format", "json").stdout
    changes = {row["group"]: row for row in json.loads(output)}
    ours, theirs = changes["Парус"], changes["Маяк"]
    assert (ours["before_count"], ours["after_count"]) == (40, 50)
    assert (ours["before_days"], ours["after_days"]) == (31, 31)
    assert ours["rate_ratio"] == 1.25
    assert ours["rate_ratio_low"] < 1 < ours["rate_ratio_high"]
    assert ours["count_change"] == "within chance"
    assert ours["share_negative_difference"] == pytest.approx(0.8 - 0.25)
    assert ours["share_negative_change"] == "up, beyond chance"
    assert ours["net_sentiment_change"] == "down, beyond chance"
    assert theirs["count_change"] == "down, beyond chance"
    assert theirs["share_negative_change"] == "not enough data"
    shown = molva("trends", *DELIVERY, *compare).stdout
    assert "25% → 80%" in shown
    assert "2026-03-01..2026-03-31 against 2026-01-01..2026-01-31" in shown


def test_days_that_were_not_collected_are_not_compared(gap: Path, molva: Molva) -> None:
    arguments = ("trends", *DELIVERY, "--compare", "2026-01..2026-02,2026-03", "--format", "json")
    (change,) = json.loads(molva(*arguments).stdout)
    assert (change["before_days"], change["before_count"]) == (31, 80)
    unknown = ("trends", *DELIVERY, "--compare", "2026-02,2026-03", "--format", "json")
    (change,) = json.loads(molva(*unknown).stdout)
    assert change["before_count"] is None
    assert change["count_change"] == change["share_change"] == "unknown"


def test_the_last_whole_bucket_is_compared_with_the_one_before(store: Path, molva: Molva) -> None:
    shown = molva("trends", *DELIVERY, "--compare", "previous").stdout
    assert "2026-03-01..2026-03-31 against 2026-02-01..2026-02-28" in shown
    quarters = molva("trends", "--overall", "--compare", "previous", "--by", "quarter").stdout
    assert "2026-01-01..2026-03-31 against 2025-10-01..2025-12-31" in quarters


@pytest.mark.parametrize(
    ("periods", "says"),
    [
        ("2026-01", "not two periods"),
        ("2026-01,spring", "'spring' is not a period"),
        ("2026-01..,2026-03", "is not a period"),
        ("2026-01..2026-03,2026-03", "share days"),
    ],
)
def test_periods_that_cannot_be_compared_are_refused(
    store: Path, molva: Molva, periods: str, says: str
) -> None:
    error = molva("trends", "--compare", periods, code=2).stderr
    assert says in error
    assert "Traceback" not in error


def test_a_workbook_has_types_and_runs_nothing(store: Path, molva: Molva) -> None:
    molva("trends", "date:2026-01..2026-03", *DELIVERY, "--output", "trend.xlsx")
    answer, about = load_workbook("trend.xlsx").worksheets
    heading, *lines = answer.iter_rows(values_only=True)
    march = dict(zip(heading, lines[-1], strict=True))
    assert march["start"].isoformat() == "2026-03-01T00:00:00"
    assert (march["count"], march["topic"], march["reason"]) == (55, "delivery", None)
    assert answer.freeze_panes == "A2"
    entries = dict(row[:2] for row in about.iter_rows(values_only=True))
    assert entries["query"] == "date:2026-01..2026-03"
    assert entries["coverage"] == "of 3 buckets 3 collected"


def test_mentions_in_a_workbook_stay_text(store: Path, molva: Molva) -> None:
    molva("export", "date:2026-02", "--output", "mentions.xlsx")
    sheet = load_workbook("mentions.xlsx").worksheets[0]
    heading, *lines = sheet.iter_rows()
    names = [cell.value for cell in heading]
    text = names.index("text")
    assert {line[text].value for line in lines} >= {counted.HOSTILE[0]}
    assert {cell.data_type for line in lines for cell in line} <= {"s", "n", "d", "b"}
    first = dict(zip(names, (cell.value for cell in lines[0]), strict=True))
    assert (first["rating"], first["brand"]) == (5, "Парус")
    assert first["published_at"].year == 2026


def test_parquet_has_types_and_the_footer(store: Path, molva: Molva) -> None:
    molva("trends", "date:2026-01..2026-03", *DELIVERY, "--output", "trend.parquet")
    table = parquet.read_table("trend.parquet")
    types = {
        name: str(kind) for name, kind in zip(table.schema.names, table.schema.types, strict=True)
    }
    assert types["start"] == "date32[day]"
    assert types["count"] == "int64"
    assert types["share_negative"] == "double"
    assert table.column("count").to_pylist() == [80, 12, 55]
    footer = json.loads(table.schema.metadata[b"molva.footer"])
    assert footer["labels"] == [{"tagger": TAGGER, "taxonomy": "1.0", "mentions": 147}]
    assert {one["topic"] for one in footer["accuracy"]} == {None, "delivery"}
    molva("export", "--output", "mentions.parquet")
    mentions = parquet.read_table("mentions.parquet")
    assert str(mentions.schema.field("published_at").type) == "timestamp[us, tz=UTC]"
    assert mentions.column("topic_sentiment").to_pylist()[0] == ["delivery:negative"]
    assert mentions.num_rows == 147


def test_a_file_beside_csv_has_the_footer(store: Path, molva: Molva) -> None:
    result = molva("trends", *DELIVERY, "--output", "trend.csv")
    assert result.output == ""
    lines = list(csv.DictReader(io.StringIO(Path("trend.csv").read_text("utf-8"))))
    assert lines[0]["count"] == "80"
    footer = json.loads(Path("trend.csv.footer.json").read_text("utf-8"))
    assert footer["time_zone"] == "UTC"
    table = molva("trends", *DELIVERY, "--format", "table", "--output", "trend.txt")
    assert table.output == ""
    assert "time zone: UTC" in Path("trend.txt").read_text("utf-8")


def test_a_chart_as_svg_is_text_that_says_what_it_shows(gap: Path, molva: Molva) -> None:
    arguments = ("trends", "date:2026-01..2026-03", "--split", "brand")
    molva(*arguments, "--output", "one.svg")
    molva(*arguments, "--output", "two.svg")
    picture = Path("one.svg").read_bytes()
    assert picture == Path("two.svg").read_bytes()
    root = ElementTree.fromstring(picture)
    assert not [one for one in root.iter() if one.tag.endswith("script")]
    said = [one.text or "" for one in root.iter() if one.tag.endswith("}text")]
    assert {"delivery", "Парус", "Маяк", "mentions", "negative"} <= set(said)
    assert any("coverage: " in one and "not collected" in one for one in said)


def test_a_chart_as_png_is_as_large_as_its_topics_need(store: Path, molva: Molva) -> None:
    molva("trends", "date:2026-01..2026-03", "--output", "chart.png")
    header = Path("chart.png").read_bytes()[:24]
    assert header.startswith(b"\x89PNG")
    width, height = struct.unpack(">II", header[16:])
    assert 600 < width < 700
    assert 600 < height < 900


def test_names_are_drawn_as_they_are(store: Path, molva: Molva, tmp_path: Path) -> None:
    row = {"id": "1", "text": "Доставка", "brand": "_$x^2$ <b>&", "published_at": "2026-01-05"}
    (tmp_path / "more.jsonl").write_text(json.dumps(row), encoding="utf-8")
    molva("import", "more.jsonl")
    molva("trends", "--overall", "--split", "brand", "--output", "chart.svg")
    root = ElementTree.fromstring(Path("chart.svg").read_bytes())
    assert "_$x^2$ <b>&" in {one.text for one in root.iter()}


def test_too_many_lines_are_not_drawn(store: Path, molva: Molva, tmp_path: Path) -> None:
    brands = "".join(f"{number},Хорошо,Марка {number}\n" for number in range(9))
    (tmp_path / "more.csv").write_text(f"id,text,brand\n{brands}", encoding="utf-8")
    molva("import", "more.csv")
    error = molva("trends", "--overall", "--split", "brand", "--output", "chart.png", code=1).stderr
    assert "a chart tells 8 lines apart" in error
    assert not Path("chart.png").exists()
    assert "is a table" not in error
    assert "a table" in molva("trends", "--compare", "previous", "--format", "png", code=2).stderr


def test_a_file_that_cannot_be_written_is_one_sentence(store: Path, molva: Molva) -> None:
    error = molva("trends", "--output", "absent/trend.csv", code=1).stderr
    assert error.startswith("Error: absent/trend.csv cannot be written")
    Path("trend.csv").write_text("mine", encoding="utf-8")
    molva("trends", "--topic", "sped", "--output", "trend.csv", code=2)
    assert Path("trend.csv").read_text("utf-8") == "mine"
    assert not list(Path().glob(".*.part"))


def test_options_name_every_period_and_split() -> None:
    assert get_args(Period) == PERIODS
    assert get_args(Split) == SPLITS
