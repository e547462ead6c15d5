"""What comparison and drivers make of any index: the same numbers from every back-end."""

from __future__ import annotations

import random

import pytest

from answers.compare import ComparisonError, compare
from answers.distinct import distinct_terms, read
from answers.drivers import drivers
from mention import Mention
from tests.contract.records import FillableIndex, at, make, tag


def fill(store: FillableIndex, mentions: list[Mention], labels: list[str]) -> None:
    """Store mentions with their labels; praise is positive, everything else negative."""
    store.upsert(mentions)
    store.add_taggings(
        [
            tag(one, "positive" if topics.endswith("+") else "negative", topics)
            for one, topics in zip(mentions, labels, strict=True)
        ]
    )


class ComparingContract:
    """`answers.compare`, `answers.distinct` and `answers.drivers` over an index."""

    def test_groups_are_compared_by_hand(self, store: FillableIndex) -> None:
        brands = ["Ёлка"] * 8 + ["елка"] * 2 + ["Маяк"] * 10 + ["Третий"]
        labels = ["speed-"] * 6 + ["speed+"] * 4 + ["speed-"] * 2 + ["price+"] * 8 + ["price-"]
        mentions = [
            make(number, brand=brand, rating=1 + number % 5) for number, brand in enumerate(brands)
        ]
        fill(store, mentions, labels)
        store.upsert([make(90, brand="Маяк"), make(91)])  # not tagged; of no brand
        found = compare(store, by="brand", names=["ЕЛКА", "маяк"], minimum=5)
        assert [(side.name, side.mentions) for side in found.sides] == [("Маяк", 11), ("Ёлка", 10)]
        assert (found.mentions, found.left_out) == (21, 1)
        other, first = found.group_rows()
        assert first["share_of_voice"] == round(10 / 21, 4)
        assert other["share_of_voice"] == round(11 / 21, 4)  # also what is not tagged
        assert (first["positive"], first["negative"], first["tagged"]) == (4, 6, 10)
        assert (other["share_negative"], other["net_sentiment"]) == (0.2, 0.6)
        # Newcombe's method 10 from Wilson's 0.3127–0.8318 of 6/10 and 0.0567–0.5098 of 2/10.
        assert first["share_negative_difference"] == 0.4
        assert first["share_negative_difference_low"] == pytest.approx(-0.0226, abs=2e-4)
        assert first["share_negative_difference_high"] == pytest.approx(0.6725, abs=2e-4)
        assert (first["average_stars"], first["rated"]) == (3.0, 10)
        topics = {(row["topic"], row["group"]): row for row in found.topic_rows()}
        assert topics["speed", "Ёлка"]["share"] == 1.0
        assert topics["speed", "Маяк"]["count"] == 2
        assert topics["speed", "Маяк"]["share_negative"] is None  # of two, nothing can be said
        only = compare(store, "stars:1", by="brand", base="Третий", minimum=1)
        assert only.base == "Третий"
        assert [row["against"] for row in only.group_rows()] == ["Третий", "Третий", None]

    def test_groups_that_are_not_there(self, store: FillableIndex) -> None:
        with pytest.raises(ComparisonError, match="not two to compare by source"):
            compare(store, by="source")
        fill(store, [make(1, brand="Маяк"), make(2, brand="Парус")], ["speed-", "speed-"])
        with pytest.raises(ComparisonError, match="'Маек'; there is Маяк"):
            compare(store, by="brand", names=["Маек", "Парус"])
        with pytest.raises(ComparisonError, match="'Нечто'; there is Маяк, Парус"):
            compare(store, by="brand", base="Нечто")

    def test_names_that_mean_something_in_a_query(self, store: FillableIndex) -> None:
        names = ['A "B" \\ OR C*', "(х) date:2026"]
        fill(store, [make(n, location=name) for n, name in enumerate(names)], ["speed-"] * 2)
        found = compare(store, by="location", minimum=1)
        assert {side.name for side in found.sides} == set(names)
        assert all(side.topic("speed").negative == 1 for side in found.sides)
        assert sum(read(store, "", found).texts.values()) == 2

    def test_what_is_said_of_one_and_not_of_the_other(self, store: FillableIndex) -> None:
        ours, theirs = "Парус для очереди: касса была закрыта", "Очередь до двери и грубость"
        texts = [ours] * 30 + [theirs] * 30 + ["Грубость, но недорого"] * 30
        mentions = [
            make(number, text, brand="Парус" if number < 30 else "Маяк", rating=1)
            for number, text in enumerate(texts)
        ]
        # The last are praise and complaint in one sentence, so their words are neither.
        fill(store, mentions, ["speed-"] * 30 + ["politeness-"] * 30 + ["speed+ price-"] * 30)
        found = compare(store, by="brand")
        terms = {
            (one.group, one.tone, one.kind, one.term): one
            for one in distinct_terms(found, read(store, "", found))
        }
        words = {key[3] for key in terms if key[:3] == ("Парус", "complaint", "word")}
        # Both have queues; "для" and the name of the brand say nothing.
        assert words == {"касса", "была", "закрыта"}
        assert "недорого" not in {one.term for one in terms.values()}
        politeness = terms["Маяк", "complaint", "topic", "politeness"]
        assert (politeness.contrast.here, politeness.contrast.there) == (30, 0)
        assert politeness.example is not None
        assert politeness.example.sentence == texts[30]
        little = read(store, "", found, texts=7)
        assert set(little.texts.values()) == {7}

    def test_what_moves_the_stars(self, store: FillableIndex) -> None:
        chance = random.Random(5)
        mentions, labels = [], []
        for number in range(240):
            slow, polite = chance.random() < 0.5, chance.random() < 0.5
            topics = " ".join(
                label for label, is_there in (("speed-", slow), ("politeness+", polite)) if is_there
            )
            source = "forum" if chance.random() < 0.3 else "shop"
            stars = 4 - 2 * slow - (source == "forum") + chance.choice([0, 1])
            mentions.append(
                make(
                    number,
                    source=source,
                    rating=stars,
                    published_at=at(f"2026-0{1 + number % 3}-07"),
                )
            )
            labels.append(topics)
        fill(store, mentions, labels)
        store.upsert([make(999, rating=5), make(998)])
        basis, (found,) = drivers(store)
        assert (basis.mentions, basis.rated, basis.read, basis.is_cut) == (242, 241, 240, False)
        assert basis.conflicts == store.search("has:conflict", limit=0).total > 0
        assert found.controls == ("source", "month")
        slow_one, polite_one = found.drivers
        assert (slow_one.topic, slow_one.polarity) == ("speed", "negative")
        assert slow_one.effect.low is not None
        assert slow_one.effect.high is not None
        assert slow_one.effect.low < -2 < slow_one.effect.high < -1.7
        assert slow_one.chance < 0.001 < 0.05 < polite_one.chance
        assert slow_one.inflation == pytest.approx(1, abs=0.1)
        assert found.explained is not None
        assert found.explained > 0.7
        cut, (newest,) = drivers(store, "has:rating", limit=100)
        assert (cut.read, cut.is_cut, newest.rated) == (100, True, 100)

    def test_opinions_that_cannot_be_told_apart(self, store: FillableIndex) -> None:
        mentions = [make(number, rating=1 + number % 2) for number in range(80)]
        # Half of them praise and blame the speed, in two sentences.
        fill(store, mentions, ["speed-|speed+" if n % 4 < 2 else "" for n in range(80)])
        _, (found,) = drivers(store, minimum=20)
        (kept,), (left_out,) = found.drivers, found.left_out
        assert {kept.polarity, left_out.polarity} == {"positive", "negative"}
        assert (kept.mentions, left_out.mentions) == (40, 40)
        assert left_out.reason == "cannot be told from other topics or controls"
        assert kept.effect.value == pytest.approx(0)
