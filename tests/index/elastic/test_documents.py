"""A mention becomes a document and comes back whole; versions say which state is newer."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any, get_args

from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from index.cases import STATUSES, Case
from index.elastic.documents import (
    UNREAD_FIELDS,
    Entry,
    deletion_version,
    to_case,
    to_document,
    to_hit,
    version_of,
)
from index.elastic.mapping import FIELDS
from mention import (
    KINDS,
    POLARITIES,
    SCORES,
    SENTIMENTS,
    Fact,
    FactKind,
    Mention,
    SentenceTagging,
    Tagging,
)
from tests.contract.records import at, make, tag

TOLD = {field.name for field in FIELDS}

times = st.datetimes(
    datetime(1970, 1, 1), datetime(2100, 12, 31, 23, 59, 59, 999_999), timezones=st.just(UTC)
)
names = st.none() | st.text(max_size=20)
# A tagging's strings are not cleaned as a mention's are; what no encoding has is no text.
words = st.text(st.characters(codec="utf-8"), min_size=1, max_size=12)
shares = st.floats(0, 1)
numbers = st.floats(allow_nan=False)

fields = st.fixed_dictionaries(
    {
        "native": words,
        "kind": st.sampled_from(KINDS),
        "url": st.none() | st.just("https://example.org/Ё?a=1#b"),
        "title": names,
        "text": st.text(max_size=60),
        "lang": st.sampled_from((None, "ru", "en", "lt", "de")),
        "scale": st.tuples(numbers, numbers, numbers).map(sorted),
        "rated": st.booleans(),
        "published_at": st.none() | times,
        "updated_at": st.none() | times,
        "collected_at": times,
        "author_id": names,
        "author_name": names,
        "brand": names,
        "product": names,
        "location": names,
        "country": st.sampled_from((None, "LT", "RU")),
        "version": names,
        "likes": st.none() | st.integers(0, 2**63 - 1),
        "reply_text": names,
        "reply_at": st.none() | times,
        "parent_id": names,
        **{name: st.none() | st.integers(*scale) for name, scale in SCORES.items()},
    }
)
labels = st.fixed_dictionaries(
    {"topic": words, "polarity": st.sampled_from(POLARITIES), "confidence": shares}
)
sentences = st.builds(
    SentenceTagging,
    field=st.sampled_from(("title", "text")),
    start=st.integers(0, 5000),
    end=st.integers(0, 5000),
    topics=st.lists(labels, max_size=3),
)

facts = st.builds(
    Fact,
    kind=st.sampled_from(get_args(FactKind)),
    value=st.floats(0, 1e9),
    field=st.sampled_from(("title", "text")),
    start=st.integers(0, 5000),
    end=st.integers(0, 5000),
)

cases = st.builds(
    Case,
    status=st.sampled_from(STATUSES),
    owner=st.none() | words,
    opened_at=times,
    changed_at=times,
    closed_at=st.none() | times,
)


@st.composite
def mentions(draw: st.DrawFn) -> Mention:
    values: dict[str, Any] = dict(draw(fields))
    low, rating, high = values.pop("scale")
    values |= {"rating_min": low, "rating_max": high}
    values["rating"] = rating if values.pop("rated") else None
    values |= {"source": "shop", "id": f"shop:{values.pop('native')}"}
    try:
        return Mention.model_validate(values)
    except ValidationError:
        # Nothing to read in it, or a scale of no length: most parts are kept.
        values |= {"id": "shop:1", "text": "Текст", "rating_min": -1, "rating_max": 7, "rating": 0}
        return Mention.model_validate(values)


@st.composite
def entries(draw: st.DrawFn) -> Entry:
    mention = draw(mentions())
    tagging = None
    if draw(st.booleans()):
        sentiment = draw(st.sampled_from((*SENTIMENTS, None)))
        tagging = Tagging(
            mention_id=mention.id,
            lang=draw(st.sampled_from((None, "ru", "lt"))),
            sentiment=sentiment,
            score=draw(st.none() | st.floats(-1, 1)),
            confidence=draw(st.none() | shares),
            sentences=tuple(draw(st.lists(sentences, max_size=3))),
            facts=tuple(draw(st.lists(facts, max_size=3))),
            facts_version=draw(st.none() | st.integers(1, 9)),
            model=draw(words),
            model_version=draw(words),
            taxonomy_version=draw(words),
            untagged_reason=None if sentiment else draw(words),
            corrected=draw(st.booleans()),
        )
    return Entry(
        mention,
        tagging,
        draw(times),
        draw(times) if tagging else None,
        draw(st.none() | cases),
        draw(st.none() | times),
    )


def without_author(mention: Mention) -> Mention:
    return mention.model_copy(update={"author_id": None, "author_name": None})


@given(entries(), st.sampled_from(("UTC", "Europe/Vilnius", "Pacific/Auckland")))
def test_a_document_holds_everything_but_the_author(entry: Entry, zone: str) -> None:
    document = to_document(entry, time_zone=zone)
    sent = json.loads(json.dumps(document, ensure_ascii=False, allow_nan=False).encode())
    read = {name: value for name, value in sent.items() if name not in UNREAD_FIELDS}
    for one in (sent, read):
        mention, tagging = to_hit(one)
        assert mention == without_author(entry.mention)
        assert mention.content_hash == entry.mention.content_hash
        assert tagging == entry.tagging
        assert to_case(one) == entry.case


@given(entries())
def test_every_field_of_a_document_is_described(entry: Entry) -> None:
    document = to_document(entry, time_zone="UTC")
    folded = document.pop("folded", {})
    assert document.keys() | {f"folded.{name}" for name in folded} <= TOLD
    assert not {name for name in TOLD if "author" in name}


def test_fields_say_what_questions_ask() -> None:
    mention = make(
        1, "Ждали час", rating=7.5, rating_min=0, rating_max=10, brand="Ёлка", lang="lt",
        published_at=at("2025-12-31T22:30:00.000001"), reply_text="Простите", version="1.2",
    )  # fmt: skip
    tagging = tag(mention, "mixed", "speed- price+|speed+|quality0 quality-", lang="ru",
                  facts="wait=60 wait=30 resolved=1 resolved=0")[1]  # fmt: skip
    entry = Entry(mention, tagging, mention.collected_at, at("2026-03-02T00:00:00"))
    document = to_document(entry, time_zone="Europe/Vilnius")
    expected = {
        "id": "shop:1",
        "date": "2025-12-31T22:30:00.000001Z",
        "published_at": "2025-12-31T22:30:00.000001Z",
        "day": "2026-01-01",
        "stars": 4.0,
        "lang": "ru",
        "lang_stated": "lt",
        "product_version": "1.2",
        "has_reply": True,
        "tagged": True,
        "topics": ["price", "quality", "speed"],
        "topic_sentiment": ["price:positive", "quality:negative", "speed:mixed"],
        "facts": ["resolved", "wait"],
        "wait_minutes": 60.0,
        "resolved": False,
        "facts_version": 1,
        "stems": "ждат час \ue001 прост",
        "folded": {"brand": "елка", "product_version": "1.2"},
    }
    assert {name: document.get(name) for name in expected} == expected
    assert "updated_at" not in document


def test_what_nobody_tagged_or_published_says_so() -> None:
    mention = make(2, lang=None)
    document = to_document(Entry(mention, None, at("2026-02-01T10:00:00"), None), time_zone="UTC")
    assert document["date"] == document["first_collected_at"] == "2026-02-01T10:00:00.000000Z"
    assert document["tagged"] is False
    assert not document.keys() & {"published_at", "lang", "sentiment", "topics", "model", "stars"}


def entry(collected: str, tagged: str | None = None) -> Entry:
    mention = make(1, collected_at=at(collected))
    if tagged is None:
        return Entry(mention, None, mention.collected_at, None)
    return Entry(mention, tag(mention)[1], mention.collected_at, at(tagged))


def test_the_newer_look_wins_and_of_one_look_the_later_tagging() -> None:
    states = [
        entry("2026-03-01T12:00:00"),
        entry("2026-03-01T12:00:00", "2026-03-01T12:00:01"),
        entry("2026-03-01T12:00:00", "2026-03-01T12:00:02"),
        entry("2026-03-01T12:00:00", "2049-01-01T00:00:00"),
        entry("2026-03-01T12:00:01"),
        entry("2026-03-01T12:00:01", "2026-03-01T12:00:01"),
    ]
    versions = [version_of(one) for one in states]
    assert versions == sorted(set(versions))
    assert version_of(entry("2026-03-01T12:00:00")) == versions[0]
    assert versions[3] < deletion_version(at("2026-03-01T12:00:00")) < versions[4]


@given(entries())
def test_versions_fit_the_server_and_a_deletion_beats_what_was_collected(one: Entry) -> None:
    version = version_of(one)
    collected = one.mention.collected_at
    assert 0 <= version < deletion_version(collected) < 9_200_000_000_000_000_000
    if collected.year < 2100:
        later = one.mention.model_copy(update={"collected_at": collected + timedelta(seconds=1)})
        assert version_of(Entry(later, None, one.first_collected_at, None)) > version
