"""`molva run` killed at any point and run again ends where an undisturbed run ends."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.crawlers import app_store_feed
from tests.crawlers.loopback import Answer, Asked, Loopback

ROOT = Path(__file__).parents[2]
PAGES = 6
FORUM = """<rss version="2.0"><channel><title>Форум</title>{items}</channel></rss>"""
ITEM = """<item><guid>tag:{n}</guid><title>Тема {n}</title><pubDate>Mon, {d:02d} Jun 2026 10:00:00
 +0300</pubDate><description>Заказ везли {n} дней, оператор не отвечает.</description></item>"""


def slowly(body: str, content_type: str) -> Any:
    """Take a moment for each page, so that a kill falls between pages too."""

    def answer(_asked: Asked, _before: int) -> Answer:
        time.sleep(0.1)
        return Answer(body, content_type=content_type)

    return answer


@pytest.fixture
def site() -> Iterator[Loopback]:
    routes = {
        app_store_feed.path(number): slowly(
            app_store_feed.page(range(number * 50, number * 50 + 50)), "application/json"
        )
        for number in range(1, PAGES + 1)
    }
    routes[app_store_feed.path(PAGES + 1)] = slowly(app_store_feed.feed(None), "application/json")
    items = "".join(ITEM.format(n=n, d=1 + n % 28) for n in range(40))
    routes["/feed.xml"] = slowly(FORUM.format(items=items), "application/rss+xml")
    with Loopback(routes) as loopback:
        yield loopback


def project(folder: Path, site: Loopback) -> Path:
    folder.mkdir()
    file = folder / "molva.toml"
    file.write_text(
        f"""
store = "molva.sqlite"
[[sources]]
spider = "app_store"
app_id = "77"
country = "lt"
base_url = "{site.url}"
brand = "Парус"
[[sources]]
spider = "rss"
url = "{site.url}/feed.xml"
""",
        encoding="utf-8",
    )
    return file


def molva(folder: Path, *arguments: str) -> subprocess.Popen[bytes]:
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    environment.pop("MOLVA_STORE", None)
    return subprocess.Popen(
        [sys.executable, "-m", "cli", *arguments],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


def final_state(folder: Path) -> list[dict[str, Any]]:
    out, error = molva(folder, "export").communicate(timeout=60)
    rows = [json.loads(line) for line in out.splitlines()]
    assert rows, error
    for row in rows:
        del row["collected_at"]
        del row["author_id"]  # hashed with a secret of each store
    return sorted(rows, key=lambda row: str(row["id"]))


@pytest.mark.slow
def test_killed_at_any_point_and_run_again(tmp_path: Path, site: Loopback) -> None:
    undisturbed = tmp_path / "undisturbed"
    project(undisturbed, site)
    _, error = (whole := molva(undisturbed, "run")).communicate(timeout=180)
    assert whole.returncode == 0, error

    disturbed = tmp_path / "disturbed"
    project(disturbed, site)
    kills = 0
    for seconds in (0.4, 1.2, 2.0, 3.0, 4.0, 6.0, 8.0):
        process = molva(disturbed, "run")
        try:
            process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            kills += 1
    last = molva(disturbed, "run")
    _, error = last.communicate(timeout=180)
    assert last.returncode == 0, error
    assert kills >= 3

    assert final_state(disturbed) == final_state(undisturbed)
    assert len(final_state(disturbed)) == PAGES * 50 + 40
    report, _ = molva(disturbed, "doctor", "--format", "json").communicate(timeout=60)
    assert json.loads(report)["counts"]["pending"] == 0
