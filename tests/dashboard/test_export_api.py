"""Downloads: the same as `molva export` writes, in little memory, and nothing is left behind."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner
from fastapi.testclient import TestClient
from pyarrow import parquet

from cli import cli
from dashboard import downloads
from dashboard.api import sheets
from dashboard.downloads import AT_ONCE
from index import open_store
from index.base import StoreError
from index.sqlite import SqliteStore
from output.files import FOOTER_KEY
from tests.dashboard.serving import browser

EXPORT = "/api/v1/export"
QUERY = "sentiment:negative"


@pytest.fixture
def page(store: Path) -> TestClient:
    return browser(store)


def exported(store: Path, file: Path, *arguments: str) -> bytes:
    """What the command writes into a file."""
    result = CliRunner().invoke(
        cli, ["export", *arguments, "--store", str(store), "--output", str(file)]
    )
    assert result.exit_code == 0, result.output
    return file.read_bytes()


@pytest.mark.parametrize("name", ["csv", "json", "jsonl"])
def test_text_is_what_the_command_writes(
    page: TestClient, store: Path, tmp_path: Path, name: str
) -> None:
    for query in ("", QUERY, "brand:'no such'"):
        answer = page.get(EXPORT, params={"q": query, "format": name})
        assert answer.status_code == 200
        assert answer.content == exported(store, tmp_path / f"answer.{name}", query)
    assert len(page.get(EXPORT, params={"format": "jsonl"}).text.splitlines()) > 100


def test_a_workbook_and_parquet_are_what_the_command_writes(
    page: TestClient, store: Path, tmp_path: Path
) -> None:
    answer = page.get(EXPORT, params={"q": QUERY, "format": "xlsx"})
    exported(store, tmp_path / "answer.xlsx", QUERY)
    books = [
        openpyxl.load_workbook(source, read_only=True)
        for source in (io.BytesIO(answer.content), tmp_path / "answer.xlsx")
    ]
    assert books[0].sheetnames == ["answer", "about"]
    for sheet in books[0].sheetnames:
        ours, theirs = (list(book[sheet].iter_rows(values_only=True)) for book in books)
        assert ours == theirs
    answer = page.get(EXPORT, params={"q": QUERY, "format": "parquet"})
    ours = parquet.read_table(io.BytesIO(answer.content))
    exported(store, tmp_path / "answer.parquet", QUERY)
    theirs = parquet.read_table(tmp_path / "answer.parquet")
    assert ours.equals(theirs)
    assert FOOTER_KEY.encode() in ours.schema.metadata


def test_the_footer_is_the_file_that_the_command_writes_beside(
    page: TestClient, store: Path, tmp_path: Path
) -> None:
    exported(store, tmp_path / "answer.csv", QUERY)
    answer = page.get(EXPORT, params={"q": QUERY, "format": "footer"})
    assert answer.content == (tmp_path / "answer.csv.footer.json").read_bytes()
    assert answer.json()["query"] == QUERY
    assert answer.headers["content-disposition"].endswith('.footer.json"')


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("csv", "text/csv; charset=utf-8"),
        ("json", "application/json"),
        ("jsonl", "application/x-ndjson"),
        ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        ("parquet", "application/vnd.apache.parquet"),
    ],
)
def test_a_browser_keeps_it_as_a_file(page: TestClient, name: str, kind: str) -> None:
    answer = page.get(EXPORT, params={"q": QUERY, "format": name})
    assert answer.headers["content-type"] == kind
    today = page.get("/api/v1/about").json()["today"]
    assert answer.headers["content-disposition"] == f'attachment; filename="molva-{today}.{name}"'
    # What is compressed already is not compressed again.
    assert ("content-encoding" in answer.headers) == (name not in {"xlsx", "parquet"})


def test_it_has_what_was_chosen_on_the_page(page: TestClient) -> None:
    params = {"brand": "Парус", "sentiment": ["negative", "positive"], "format": "json"}
    rows = page.get(EXPORT, params=params).json()
    del params["format"]
    assert len(rows) == page.get("/api/v1/search", params=params).json()["total"] > 0
    assert {row["brand"] for row in rows} == {"Парус"}
    assert {row["tagging"]["sentiment"] for row in rows} == {"negative", "positive"}


def test_what_a_spreadsheet_would_run_is_disarmed(writable: Path) -> None:
    with browser(writable) as page:
        mention = page.get("/api/v1/search").json()["hits"][0]["id"]
        formulas = ["=1+1", "+7 900", "-1", "@SUM(A1)"]
        cells = []
        for formula in formulas:
            body = {"mention_id": mention, "owner": formula}
            assert page.post("/api/v1/cases", json=body).status_code == 200
            text = page.get(EXPORT, params={"q": "has:case", "format": "csv"}).text
            rows = {row["id"]: row for row in csv.DictReader(io.StringIO(text))}
            cells.append(rows[mention]["case_owner"])
    assert cells == [f"'{formula}" for formula in formulas]


@pytest.mark.parametrize("name", ["csv", "xlsx", "footer"])
def test_an_error_is_an_answer_and_no_file(page: TestClient, name: str) -> None:
    answer = page.get(EXPORT, params={"q": "очередь AND (", "format": name})
    assert answer.status_code == 400
    error = answer.json()["error"]
    assert (error["kind"], error["position"]) == ("query", 12)
    assert "content-disposition" not in answer.headers
    assert page.get(EXPORT, params={"format": "docx"}).status_code == 422
    assert page.get(EXPORT, params={"limit": "1"}).status_code == 422


def test_places_are_given_back_whatever_happens(page: TestClient) -> None:
    for _ in range(AT_ONCE + 2):
        assert page.get(EXPORT, params={"q": "("}).status_code == 400
        assert page.get(EXPORT, params={"q": QUERY, "format": "xlsx"}).status_code == 200
        assert page.head(EXPORT).status_code == 200


# --- while it goes on ------------------------------------------------------
class Slow:
    """A browser that reads a download part by part, by the protocol of the server itself."""

    def __init__(self, page: TestClient, query: str = "format=jsonl") -> None:
        self.received: list[dict[str, Any]] = []
        self.may_read = asyncio.Semaphore(0)
        self.has_read = 0
        self.is_gone = asyncio.Event()
        scope = {
            "type": "http", "method": "GET", "path": EXPORT, "raw_path": EXPORT.encode(),
            "query_string": query.encode(), "scheme": "http", "headers": [(b"host", b"localhost")],
            "client": ("127.0.0.1", 1), "server": ("localhost", 80), "root_path": "",
            "http_version": "1.1", "asgi": {"version": "3.0", "spec_version": "2.3"},
        }  # fmt: skip
        self.done = asyncio.ensure_future(page.app(scope, self._receive, self._send))

    async def _receive(self) -> dict[str, Any]:
        if not any(one["type"] == "asked" for one in self.received):
            self.received.append({"type": "asked"})
            return {"type": "http.request", "body": b"", "more_body": False}
        await self.is_gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: dict[str, Any]) -> None:
        self.received.append(message)
        await self.may_read.acquire()

    async def read(self, parts: int) -> None:
        """Read so many messages, and wait until the one after them is there."""
        for _ in range(parts):
            self.may_read.release()
        self.has_read += parts
        end = time.monotonic() + 20
        while not self.done.done() and self._sent() <= self.has_read:
            assert time.monotonic() < end
            await asyncio.sleep(0.02)

    def _sent(self) -> int:
        return sum(one["type"] != "asked" for one in self.received)

    @property
    def status(self) -> int | None:
        return next((one["status"] for one in self.received if "status" in one), None)


@pytest.fixture
def rows_read(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Make of the store's mentions a long answer; gives how many rows were read of it."""
    read: list[int] = []
    scan = SqliteStore.scan

    def repeated(self: SqliteStore, query: str = "", batch: int = 1000) -> Iterator[Any]:
        hits = list(scan(self, query, batch))
        for number in range(100_000):
            read.append(number)
            yield hits[number % len(hits)]

    monkeypatch.setattr(SqliteStore, "scan", repeated)
    return read


def writers() -> int:
    return sum(one.name.startswith("download") for one in threading.enumerate())


def wait_until(condition: Any, seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_nothing_is_written_that_nobody_reads(page: TestClient, rows_read: list[int]) -> None:
    async def visit() -> None:
        browser = Slow(page)
        await browser.read(2)
        before = len(rows_read)
        assert 0 < before < 5_000
        await asyncio.sleep(0.3)
        assert len(rows_read) == before
        browser.is_gone.set()
        await asyncio.wait([browser.done], timeout=20)

    asyncio.run(visit())
    wait_until(lambda: writers() == 0)
    assert len(rows_read) < 5_000


def test_a_file_that_nobody_waits_for_is_not_finished(
    page: TestClient, rows_read: list[int]
) -> None:
    """A workbook is sent when it is whole; whoever leaves before ends it."""

    async def visit() -> None:
        browser = Slow(page, "format=xlsx")
        await asyncio.sleep(0.5)
        browser.done.cancel()
        await asyncio.wait([browser.done], timeout=20)

    asyncio.run(visit())
    wait_until(lambda: writers() == 0)
    assert len(rows_read) < 100_000


def test_whoever_stops_reading_does_not_keep_a_place_for_ever(
    page: TestClient, rows_read: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(downloads, "LONGEST_PAUSE", 0.5)

    async def visit() -> None:
        browser = Slow(page)
        await browser.read(3)
        await asyncio.wait_for(browser.done, timeout=20)
        # What it has is not taken for the whole.
        assert all(one.get("more_body", True) for one in browser.received)

    asyncio.run(visit())
    wait_until(lambda: writers() == 0)
    assert len(rows_read) < 100_000


def test_there_are_so_many_at_once_and_no_more(page: TestClient, rows_read: list[int]) -> None:
    async def visit() -> list[int | None]:
        browsers = [Slow(page) for _ in range(AT_ONCE)]
        for one in browsers:
            await one.read(1)
        late = Slow(page)
        await late.read(2)
        for one in browsers:
            one.is_gone.set()
        await asyncio.wait([one.done for one in browsers], timeout=20)
        return [one.status for one in (*browsers, late)]

    assert asyncio.run(visit()) == [200] * AT_ONCE + [429]
    wait_until(lambda: writers() == 0)
    assert page.head(EXPORT, params={"format": "footer"}).status_code == 200


def test_a_download_that_fails_is_cut_off(
    page: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody takes a part for the whole: the answer never ends as it should."""

    def broken(self: SqliteStore, query: str = "", batch: int = 1000) -> Iterator[Any]:
        with open_store(self.path, read_only=True) as store:
            hits = list(store.search("", limit=100).hits)
        for number in range(1_000):
            yield hits[number % len(hits)]
        raise StoreError("the disk failed; check the disk")

    monkeypatch.setattr(SqliteStore, "scan", broken)

    async def visit() -> Slow:
        browser = Slow(page)
        await browser.read(10_000)
        await asyncio.wait([browser.done], timeout=20)
        return browser

    one = asyncio.run(visit())
    assert one.done.exception() is not None
    assert one.received[-1]["more_body"]


def test_it_leaves_no_files(
    page: TestClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sheets, "_PART", 1000)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    for name in ("xlsx", "parquet", "csv"):
        assert page.get(EXPORT, params={"format": name}).status_code == 200
    assert list(tmp_path.iterdir()) == []


def test_json_of_a_download_is_json(page: TestClient) -> None:
    rows = page.get(EXPORT, params={"format": "json"}).json()
    # Texts may have ends of lines that are none of JSON Lines.
    lines = page.get(EXPORT, params={"format": "jsonl"}).text.rstrip("\n").split("\n")
    assert [json.loads(line) for line in lines] == rows
