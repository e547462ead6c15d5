"""The views for analysts: documented column by column, and right."""

from __future__ import annotations

import re
import sqlite3
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from index import open_store, run_sql
from index.sqlite import SqliteStore
from mention import Mention, Reject, SentenceTagging, Tagging, TopicLabel
from tests.contract.records import at, later, make, tag
from tests.contract.test_ledger import correct, enter
from tests.contract.test_noise import decide, examine

DOCUMENT = (Path(__file__).parents[2] / "docs" / "store.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^ *```sql\n(.*?)^ *```", DOCUMENT, re.MULTILINE | re.DOTALL)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    with open_store(tmp_path / "molva.sqlite") as store:
        mentions = [
            make(
                f"{brand}-{day}",
                "Ждали в очереди час. Зато дёшево!",
                title="Очередь на кассе",
                source="forum" if day % 2 else "shop",
                brand=brand,
                rating=1 + day % 5,
                published_at=at(f"2026-02-{1 + day:02}T21:30:00"),
                reply_text="Разберёмся",
                reply_at=at(f"2026-02-{2 + day:02}T00:30:00"),
            )
            for brand in ("Альфа", "Бета")
            for day in range(20)
        ]
        store.upsert(mentions)
        store.add_taggings(
            [tag(one, "mixed", "speed- delivery-|price+", facts="wait=60") for one in mentions[:30]]
        )
        store.add_taggings([tag(one, "negative", "speed-", version="2") for one in mentions[:5]])
        store.add_taggings([tag(mentions[30], None)])
        store.upsert([later(mentions[0], text="Исправлено")])
        correct(store, mentions[6], topics={"speed": None, "quality": "negative"}, author="Анна")
        enter(store, mentions[7], owner="Анна", note="звоню")
        examine(store)
        run = store.start_run("shop", {"app_id": 1})
        store.finish_run(run, "finished", {"new": 40})
        store.add_rejects([Reject(source="shop", reason="there is no text", where="f:1")], run)
        yield store


def rows(store: SqliteStore, statement: str) -> list[tuple[object, ...]]:
    with sqlite3.connect(store.path) as connection:
        found = connection.execute(statement).fetchall()
    connection.close()
    return found


def test_every_view_and_column_is_documented(store: SqliteStore) -> None:
    views = [
        str(name) for (name,) in rows(store, "SELECT name FROM sqlite_schema WHERE type = 'view'")
    ]
    columns = {
        view: [str(row[1]) for row in rows(store, f"PRAGMA table_info({view})")] for view in views
    }
    sections = re.findall(r"^## (v_\w+)\n(.*?)(?=^## )", DOCUMENT, re.MULTILINE | re.DOTALL)
    documented = {
        view: re.findall(r"^\| `(\w+)` \| \S", text, re.MULTILINE) for view, text in sections
    }
    assert documented == columns


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda text: text.split("\n")[0][:40])
def test_every_example_runs(store: SqliteStore, example: str) -> None:
    example = example.replace("date('now'", "date('2026-02-25'").replace(">= 30", ">= 3")
    with run_sql(store.path, example) as (_, answer):
        assert list(answer), "an example that shows nothing"


def test_mentions_in_words_and_iso_times(store: SqliteStore) -> None:
    first = rows(
        store,
        "SELECT day, published_at, reply_at, stars, sentiment, model_version, revision"
        " FROM v_mentions WHERE id = 'forum:Альфа-1'",
    )
    assert first == [
        ("2026-02-02", "2026-02-02T21:30:00Z", "2026-02-03T00:30:00Z", 2.0, "negative", "2", 1)
    ]
    states = rows(
        store, "SELECT sentiment, untagged_reason, count(*) FROM v_mentions GROUP BY 1, 2"
    )
    assert {row[:2]: row[2] for row in states} == {
        ("negative", None): 4,
        ("mixed", None): 25,
        (None, "language"): 1,
        (None, None): 10,
    }


def test_every_count_opens_to_its_sentences(store: SqliteStore) -> None:
    text = "Чисто. Но долго 🐌 ждали!"
    mention = Mention(id="x:1", source="x", title="Ждём", text=text, published_at=at("2026-01-01"))
    spans = [("title", 0, 4), ("text", 0, 6), ("text", 7, len(text))]
    labels = [("speed", "negative"), ("premises", "positive"), ("speed", "negative")]
    sentences = [
        SentenceTagging.model_validate(
            {
                "field": field,
                "start": start,
                "end": end,
                "topics": [
                    TopicLabel.model_validate({"topic": t, "polarity": p, "confidence": 0.5})
                ],
            }
        )
        for (field, start, end), (t, p) in zip(spans, labels, strict=True)
    ]
    store.upsert([mention])
    _, tagging = tag(mention)
    tagging = Tagging.model_validate(tagging.model_dump() | {"sentences": sentences})
    store.add_taggings([(mention.content_hash, tagging)])
    assert rows(
        store,
        "SELECT topic, polarity, mention_polarity, sentence, field, start, end FROM v_topics"
        " WHERE id = 'x:1' ORDER BY field DESC, start",
    ) == [
        ("speed", "negative", "negative", "Ждём", "title", 0, 4),
        ("premises", "positive", "positive", "Чисто.", "text", 0, 6),
        ("speed", "negative", "negative", "Но долго 🐌 ждали!", "text", 7, len(text)),
    ]


def test_trend_views_agree_with_trends(store: SqliteStore) -> None:
    store.set_time_zone("Europe/Vilnius")
    for topics, view, topic, column in (
        (None, "v_topic_trend", "topic", "polarity"),
        ((), "v_sentiment_trend", "NULL", "sentiment"),
    ):
        counted: Counter[object] = Counter()
        for point in store.trends(period="day", topics=topics, split="brand"):
            for polarity in ("positive", "neutral", "negative", "mixed"):
                key = (point.start.isoformat(), point.topic, point.group, polarity)
                counted[key] += getattr(point, polarity)
        viewed = rows(
            store,
            f"SELECT day, {topic}, coalesce(brand, ''), {column}, sum(mentions) FROM {view}"
            f" WHERE {column} NOT IN ('pending', 'untagged') GROUP BY 1, 2, 3, 4",
        )
        assert {row[:4]: row[4] for row in viewed} == dict(+counted)


def test_a_filter_on_a_topic_uses_its_index(store: SqliteStore) -> None:
    for view in ("v_topics", "v_topic_trend"):
        plan = rows(store, f"EXPLAIN QUERY PLAN SELECT * FROM {view} WHERE topic = 'speed'")
        assert any("mention_topic_by_topic (topic=?" in str(row[3]) for row in plan)


def test_corrections_and_cases_have_views(store: SqliteStore) -> None:
    (corrected,) = rows(store, "SELECT id FROM v_mentions WHERE corrected")
    assert corrected == ("shop:Альфа-6",)
    topics = rows(
        store,
        "SELECT topic, polarity, sentence, \"end\" FROM v_topics WHERE id = 'shop:Альфа-6'"
        " AND topic <> 'delivery' AND topic <> 'price'",
    )
    assert topics == [("quality", "negative", "", 0)]
    select = "SELECT author, sentiment, json_extract(topics, '$.quality'), in_force"
    assert rows(store, f"{select} FROM v_corrections") == [("Анна", None, "negative", 1)]
    assert store.ledger().undo("shop:Альфа-6") is not None
    assert rows(store, "SELECT undoes, in_force FROM v_corrections") == [(None, 0), (1, 0)]
    assert rows(store, "SELECT id FROM v_mentions WHERE corrected") == []
    case = rows(store, "SELECT id, status, owner, age_days, closed_at FROM v_cases")
    assert case == [("forum:Альфа-7", "open", "Анна", 0.0, None)]
    assert rows(store, "SELECT case_owner FROM v_mentions WHERE case_status = 'open'") == [
        ("Анна",)
    ]
    assert rows(store, "SELECT status, note FROM v_case_log") == [("open", "звоню")]


def test_noise_is_shown_with_what_a_person_says(store: SqliteStore) -> None:
    examine(store)
    original = rows(store, "SELECT DISTINCT copy_of FROM v_noise")
    assert len(original) == 1
    counted = rows(store, "SELECT is_copy, relation, count(*) FROM v_noise GROUP BY 1, 2")
    assert {row[:2] for row in counted} == {(1, "same_source"), (1, "other_source")}
    (kept,) = rows(store, "SELECT min(id) FROM v_noise")
    mention = store.get(str(kept[0]))
    assert mention is not None
    assert decide(store, mention.mention, "keep")
    shown = rows(
        store, f"SELECT is_copy, copy_said, similarity FROM v_noise WHERE id = '{kept[0]}'"
    )
    assert shown == [(0, 0, 1.0)]
