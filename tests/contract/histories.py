"""Random histories of mentions that taggers and people speak about, and what holds after them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

from index.base import MentionIndex
from index.cases import CaseEvent
from index.rows import topic_polarities
from index.sqlite import SqliteStore
from mention import Correction, Mention
from tests.contract.records import later, make, tag

POLARITIES = ("positive", "neutral", "negative", "mixed")
TEXTS = ("Долго ждали", "Ждали курьера")
TAGGED = {"": {}, "speed-": {"speed": "negative"}, "speed-|speed+ price0": {"speed": "mixed"}}
TAGGED["speed-|speed+ price0"] |= {"price": "neutral"}

Operation = tuple[Any, ...]
numbers = st.integers(0, 2)
said = st.dictionaries(
    st.sampled_from(("speed", "price")), st.sampled_from((*POLARITIES, None)), min_size=1
)
operations = st.lists(
    st.one_of(
        st.tuples(
            st.just("tag"),
            numbers,
            st.sampled_from((*POLARITIES, None)),
            st.sampled_from(sorted(TAGGED)),
            st.sampled_from("12"),
        ),
        st.tuples(st.just("correct"), numbers, st.sampled_from((*POLARITIES, None)), said),
        st.tuples(st.just("undo"), numbers),
        st.tuples(st.just("refresh"), numbers, st.integers(0, 9)),
        st.tuples(st.just("edit"), numbers, st.sampled_from(TEXTS)),
        st.tuples(st.just("reply"), numbers, st.sampled_from(("Разберёмся", None))),
        st.tuples(
            st.just("case"),
            numbers,
            st.sampled_from(("open", "waiting", "done", None)),
            st.sampled_from(("Анна", "", None)),
        ),
    ),
    max_size=12,
)


@dataclass
class Expected:
    """One mention as a history should leave it.

    Attributes:
        mention: as it was last collected.
        tagged: (sentiment, topics) of the last tagging of this content; None before it.
        spoken: corrections that were not undone: the text they are about, then what they say.
        case: (status, owner); None without one.
    """

    mention: Mention
    tagged: tuple[str | None, dict[str, str]] | None = None
    spoken: list[tuple[str, str | None, dict[str, str | None]]] = field(default_factory=list)
    case: tuple[str, str | None] | None = None

    def labels(self) -> tuple[str | None, dict[str, str], bool]:
        """Return the sentiment and the topics that hold, and whether a person decided any."""
        if self.tagged is None:
            return None, {}, False
        sentiment, topics = self.tagged[0], dict(self.tagged[1])
        holding = [one for one in self.spoken if one[0] == self.mention.text]
        for _, overall, words in holding:
            sentiment = overall or sentiment
            for topic, polarity in words.items():
                topics.pop(topic, None)
                if polarity is not None:
                    topics[topic] = polarity
        if sentiment is None:
            return None, {}, False
        return sentiment, topics, bool(holding)


def play(
    store: SqliteStore,
    source: str,
    history: list[Operation],
    after_each: Callable[[], object] = lambda: None,
) -> dict[str, Expected]:
    """Do what `history` says to three new mentions of `source`; return what should hold."""
    mentions = [make(number, TEXTS[0], source=source) for number in range(3)]
    store.upsert(mentions)
    all_expected = [Expected(one) for one in mentions]
    for operation, number, *values in history:
        _do(store, all_expected[number], operation, values)
        after_each()
    return {one.mention.id: one for one in all_expected}


def _do(store: SqliteStore, one: Expected, operation: str, values: list[Any]) -> None:
    ledger, mention_id = store.ledger(), one.mention.id
    if operation == "tag":
        sentiment, topics, version = values
        topics = "" if sentiment is None else topics
        store.add_taggings([tag(one.mention, sentiment, topics, version=version)])
        one.tagged = sentiment, dict(TAGGED[topics])
    elif operation == "correct":
        sentiment, topics = values
        new = (one.mention.text, sentiment, topics)
        made = Correction(mention_id=mention_id, sentiment=sentiment, topics=topics)
        before = [each for each in one.spoken if each[0] == one.mention.text]
        is_new = not before or before[-1] != new
        assert (ledger.correct(made) is not None) is is_new
        if is_new:
            one.spoken.append(new)
    elif operation == "undo":
        before = [each for each in one.spoken if each[0] == one.mention.text]
        assert (ledger.undo(mention_id) is None) is (not before)
        if before:
            place = max(n for n, each in enumerate(one.spoken) if each[0] == one.mention.text)
            del one.spoken[place]
    elif operation == "case":
        status, owner = values
        ledger.enter(CaseEvent(mention_id=mention_id, status=status, owner=owner))
        was_status, was_owner = one.case or ("open", None)
        one.case = status or was_status, (was_owner if owner is None else owner or None)
    else:
        name = {"refresh": "likes", "edit": "text", "reply": "reply_text"}[operation]
        mention = later(one.mention, **{name: values[0]})
        store.upsert([mention])
        if mention.content_hash != one.mention.content_hash:
            one.tagged = None
        one.mention = mention


def assert_holds(index: MentionIndex, source: str, expected: dict[str, Expected]) -> None:
    """Check that every answer of `index` is about the labels and cases that should hold."""
    query = f"source:{source}"
    hits = {hit.mention.id: hit for hit in index.scan(query)}
    assert hits.keys() == expected.keys()
    overall: Counter[str] = Counter()
    topics: Counter[tuple[str, str]] = Counter()
    for mention_id, one in expected.items():
        sentiment, polarities, corrected = one.labels()
        hit = hits[mention_id]
        assert (hit.tagging is None) is (one.tagged is None)
        if hit.tagging is not None:
            assert hit.tagging.sentiment == sentiment
            assert topic_polarities(hit.tagging) == polarities
            assert hit.tagging.corrected is corrected
        assert (hit.case and (hit.case.status, hit.case.owner)) == one.case
        overall.update([sentiment] if sentiment else [])
        topics.update(polarities.items())
    wanted = {
        "has:correction": [one.labels()[2] for one in expected.values()],
        "has:case": [one.case is not None for one in expected.values()],
        "case:waiting": [
            one.case is not None and one.case[0] == "waiting" for one in expected.values()
        ],
        "owner:анна": [one.case is not None and one.case[1] == "Анна" for one in expected.values()],
        "topic:speed:mixed": [one.labels()[1].get("speed") == "mixed" for one in expected.values()],
        "sentiment:negative": [one.labels()[0] == "negative" for one in expected.values()],
    }
    for condition, holds in wanted.items():
        found = {hit.mention.id for hit in index.scan(f"{query} {condition}")}
        assert found == {one for one, held in zip(expected, holds, strict=True) if held}, condition
    counted: Counter[Any] = Counter()
    for asked in (None, ()):
        for point in index.trends(query, topics=asked):
            for polarity in POLARITIES:
                key = polarity if point.topic is None else (point.topic, polarity)
                counted[key] += getattr(point, polarity)
    assert +counted == overall + topics
