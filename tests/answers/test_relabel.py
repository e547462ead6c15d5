"""Two taggings of the same mentions, and what of a change comes from labels alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from answers.relabel import (
    Change,
    RelabelError,
    model_changes,
    relabelling,
    split_change,
)
from index import open_store
from index.base import MentionStore, QueryError
from tests.contract.records import at, later, make, tag


@pytest.fixture
def store(tmp_path: Path) -> Iterator[MentionStore]:
    with open_store(tmp_path / "molva.sqlite") as store:
        yield store


def fill(store: MentionStore, day: str, before: str, after: str, *, first: int = 0) -> None:
    """Add a mention of `speed` for each letter: `-`, `+`, or `.` where it is not spoken of."""
    for number, (old, new) in enumerate(zip(before, after, strict=True), start=first):
        mention = make(f"{day}-{number}", published_at=at(day))
        store.upsert([mention])
        for version, sign in (("1", old), ("2", new)):
            if sign != " ":  # not read by this tagger
                topics = "" if sign == "." else f"speed{sign}"
                store.add_taggings([tag(mention, topics=topics, version=version)])


def test_the_worked_example_of_the_documentation() -> None:
    # 100 mentions a month; the earlier tagger finds 30 and 40 negative, the later 36 and 44.
    change = split_change((0.30, 0.36), (0.40, 0.44))
    assert change is not None
    assert (change.total, change.mentions, change.labels) == pytest.approx((0.14, 0.09, 0.05))


@pytest.mark.parametrize(
    ("earlier", "later_one", "expected"),
    [
        ((0.3, 0.3), (0.5, 0.5), (0.2, 0.2, 0)),  # the taggers agree
        ((0.3, 0.4), (0.3, 0.4), (0.1, 0, 0.1)),  # the mentions do not change
        ((0.3, 0.4), (None, 0.5), (0.2, 0.1, 0.1)),  # the earlier one has not read the second
    ],
)
def test_the_parts_are_what_they_are_called(
    earlier: tuple[float, float],
    later_one: tuple[float | None, float],
    expected: tuple[float, float, float],
) -> None:
    change = split_change(earlier, later_one)
    assert change is not None
    assert (change.total, change.mentions, change.labels) == pytest.approx(expected)
    assert change.mentions + change.labels == pytest.approx(change.total)


def test_a_change_that_cannot_be_known() -> None:
    assert split_change((None, 0.4), (0.3, 0.4)) is None
    assert split_change((0.3, 0.4), (0.3, None)) is None


def test_a_retag_over_the_same_mentions(store: MentionStore) -> None:
    fill(store, "2026-01-05", before="---+++....", after="----++....")
    fill(store, "2026-02-05", before="----++....", after="------+...")
    found = relabelling(store, topics=["speed"])
    assert (found.before.model_version, found.after.model_version) == ("1", "2")
    january, february = found.rows("share_negative", minimum=5)
    assert january["value_before"] == 0.5
    assert january["value_after"] == january["value_before"] + january["labels_alone"] == 0.6667
    assert january["change"] is None
    assert (january["relabelled"], february["relabelled"]) == (1, 3)
    assert (february["count_before"], february["count_after"]) == (6, 7)
    assert (february["mentions_before"], february["mentions_after"]) == (10, 10)
    # From 3/6, as it was reported, to 6/7.
    labels = ((4 / 6 - 3 / 6) + (6 / 7 - 4 / 6)) / 2
    mentions = ((4 / 6 - 3 / 6) + (6 / 7 - 4 / 6)) / 2
    assert february["change"] == pytest.approx(6 / 7 - 3 / 6, abs=1e-4)
    assert february["change_from_labels"] == pytest.approx(labels, abs=1e-4)
    assert february["change_from_mentions"] == pytest.approx(mentions, abs=1e-4)
    shares = found.rows("share", minimum=5)
    assert [row["value_after"] for row in shares] == [0.6, 0.7]


def test_what_only_the_later_tagger_has_read(store: MentionStore) -> None:
    fill(store, "2026-01-05", before="---+++", after="----++")
    fill(store, "2026-02-05", before="      ", after="-----+")
    _, february = relabelling(store, topics=["speed"]).rows("share_negative", minimum=5)
    assert february["only_after"] == 6
    assert (february["value_before"], february["labels_alone"]) == (None, None)
    assert february["change_from_labels"] == pytest.approx(1 / 6, abs=1e-4)
    assert february["change_from_mentions"] == pytest.approx(1 / 6, abs=1e-4)


def test_too_few_mentions_give_no_number(store: MentionStore) -> None:
    fill(store, "2026-01-05", before="--", after="-+")
    (row,) = relabelling(store, topics=["speed"]).rows("share_negative", minimum=10)
    assert (row["value_before"], row["value_after"], row["relabelled"]) == (None, None, 1)


def test_labels_of_an_older_text_are_not_compared(store: MentionStore) -> None:
    fill(store, "2026-01-05", before="-", after="-")
    mention = later(make("2026-01-05-0", published_at=at("2026-01-05")), text="Теперь быстро")
    store.upsert([mention])
    store.add_taggings([tag(mention, topics="speed+", version="2")])
    (row,) = relabelling(store, topics=["speed"]).rows("share_negative", minimum=1)
    assert (row["mentions_before"], row["only_after"], row["value_after"]) == (0, 1, 0)


def test_the_overall_sentiment_and_every_topic(store: MentionStore) -> None:
    mention = make(1)
    store.upsert([mention])
    store.add_taggings(
        [
            tag(mention, "neutral", "price0|speed-"),
            tag(mention, None, version="2"),
            tag(mention, "negative", "speed-|speed+", version="3"),
        ]
    )
    found = relabelling(store, before="tagger 1", after="tagger 3")
    rows = {row["topic"]: row for row in found.rows("share_negative", minimum=1)}
    assert list(rows) == ["(overall)", "price", "speed"]
    assert (rows["(overall)"]["value_before"], rows["(overall)"]["value_after"]) == (0, 1)
    assert (rows["price"]["count_before"], rows["price"]["count_after"]) == (1, 0)
    assert (rows["speed"]["value_before"], rows["speed"]["relabelled"]) == (1, 1)
    declined = relabelling(store, before="tagger 1", after="tagger 2", topics=())
    (row,) = declined.rows("net_sentiment", minimum=1)
    assert (row["mentions_before"], row["mentions_after"]) == (1, 0)


def test_when_the_model_changed(store: MentionStore) -> None:
    assert model_changes(store) == []
    fill(store, "2026-01-05", before="-", after="+")
    _, second = store.taggers()
    (change,) = model_changes(store)
    assert change == (
        second.first_tagged_at.date(),
        "tagger 1 (taxonomy 3)",
        "tagger 2 (taxonomy 3)",
    )


def test_the_tagger_before_is_the_one_that_began_before(store: MentionStore) -> None:
    fill(store, "2026-01-05", before="-", after="+")
    mention = make("2026-01-05-0", published_at=at("2026-01-05"))
    store.add_taggings([tag(mention, topics="speed-", version="3")])
    found = relabelling(store, after="tagger 2")
    assert (found.before.model_version, found.after.model_version) == ("1", "2")
    newest = relabelling(store)
    assert (newest.before.model_version, newest.after.model_version) == ("2", "3")


def test_what_cannot_be_compared(store: MentionStore) -> None:
    with pytest.raises(RelabelError, match="nothing is tagged"):
        relabelling(store)
    fill(store, "2026-01-05", before="-", after=" ")
    with pytest.raises(RelabelError, match="every label is of tagger 1"):
        relabelling(store)
    fill(store, "2026-01-05", before="-", after="+")
    with pytest.raises(RelabelError, match="no tagger has 'tagger 9'"):
        relabelling(store, before="tagger 9")
    with pytest.raises(RelabelError, match="several taggers have 'TAG'"):
        relabelling(store, after="TAG")
    for query in ("курьера topic:speed", "sentiment:negative", "-has:topic"):
        with pytest.raises(QueryError, match="by their labels"):
            relabelling(store, query)
    assert relabelling(store, "курьера has:rating").topics == {None: []}
    assert isinstance(split_change((0.1, 0.1), (0.1, 0.1)), Change)
