"""What every index must answer where people have corrected labels and opened cases.

People speak to a store; an index answers from it: the store itself, or a cluster that has
been sent what the store holds.
"""

from __future__ import annotations

from typing import Any, Protocol

from index.base import Hit, MentionIndex
from index.cases import CaseEvent
from index.rows import topic_polarities
from index.sqlite import SqliteStore
from mention import Correction, Mention, Span
from tests.contract.records import found, later, make, tag


class Place(Protocol):
    """A store, and the index under test that answers from it."""

    store: SqliteStore

    def answers(self) -> MentionIndex:
        """Return the index, which knows all that the store does."""
        ...


def correct(store: SqliteStore, mention: Mention, **values: Any) -> None:
    correction = Correction.model_validate({"mention_id": mention.id} | values)
    assert store.ledger().correct(correction)


def enter(store: SqliteStore, mention: Mention, **values: Any) -> None:
    store.ledger().enter(CaseEvent.model_validate({"mention_id": mention.id} | values))


def get(index: MentionIndex, mention: Mention) -> Hit:
    hit = index.get(mention.id)
    assert hit is not None
    return hit


def labels(index: MentionIndex, mention: Mention) -> tuple[str | None, dict[str, str], bool]:
    tagging = get(index, mention).tagging
    assert tagging is not None
    return tagging.sentiment, topic_polarities(tagging), tagging.corrected


class LedgerContract:
    """Corrections and cases, as docs/corrections.md promises them."""

    def test_every_answer_is_about_the_corrected_labels(self, place: Place) -> None:
        one, two = make(1), make(2)
        place.store.upsert([one, two])
        place.store.add_taggings([tag(each, "positive", "speed+ price-") for each in (one, two)])
        topics = {"speed": "negative", "price": None}
        correct(place.store, one, sentiment="negative", topics=topics, author="Анна")
        index = place.answers()
        assert labels(index, one) == ("negative", {"speed": "negative"}, True)
        assert labels(index, two) == ("positive", {"speed": "positive", "price": "negative"}, False)
        for query, ids in {
            "has:correction": [one.id],
            "-has:correction": [two.id],
            "topic:speed:negative sentiment:negative": [one.id],
            "topic:price": [two.id],
        }.items():
            assert found(index, query) == ids
        (point,) = index.trends(topics=("speed",))
        assert (point.positive, point.negative) == (1, 1)
        (overall,) = index.trends(topics=())
        assert (overall.positive, overall.negative) == (1, 1)
        (price,) = index.trends(topics=("price",))
        assert price.count == 1
        facet = index.facets(fields=["topic_sentiment"])["topic_sentiment"]
        assert {count.value for count in facet} == {
            "price:negative", "speed:negative", "speed:positive",
        }  # fmt: skip
        told = place.store.ledger().told(one.id)
        assert told.tagging is not None
        assert told.tagging.sentiment == "positive"
        assert [kept.author for _, kept in told.corrections] == ["Анна"]

    def test_the_sentence_of_a_correction_is_its_evidence(self, place: Place) -> None:
        mention = make(1, "Долго ждали. Зато дёшево!")
        place.store.upsert([mention])
        place.store.add_taggings([tag(mention, "negative", "")])
        span = Span(start=13, end=25)
        correct(place.store, mention, topics={"price": "positive"}, span=span)
        tagging = get(place.answers(), mention).tagging
        assert tagging is not None
        with_topic = [one for one in tagging.sentences if one.topics]
        assert [(one.field, one.start, one.end) for one in with_topic] == [("text", 13, 25)]
        assert tagging == get(place.store, mention).tagging

    def test_a_correction_survives_another_tagger_a_refresh_and_a_reply(self, place: Place) -> None:
        mention = make(1)
        place.store.upsert([mention])
        place.store.add_taggings([tag(mention, "positive", "speed+")])
        correct(place.store, mention, sentiment="negative", topics={"speed": "negative"})
        place.store.add_taggings([tag(mention, "neutral", "speed0 price+", version="2")])
        place.store.upsert([mention := later(mention, likes=7)])
        held = ("negative", {"speed": "negative", "price": "positive"}, True)
        assert labels(place.answers(), mention) == held
        place.store.upsert([mention := later(mention, reply_text="Разберёмся")])
        assert get(place.answers(), mention).tagging is None
        assert found(place.answers(), "has:correction") == []
        place.store.add_taggings([tag(mention, "neutral", "speed0 price+", version="2")])
        assert labels(place.answers(), mention) == held

    def test_a_correction_belongs_to_its_text(self, place: Place) -> None:
        mention = make(1)
        place.store.upsert([mention])
        place.store.add_taggings([tag(mention, "positive", "speed+")])
        correct(place.store, mention, sentiment="negative")
        edited = later(mention, text="Спасибо, всё решили")
        place.store.upsert([edited])
        place.store.add_taggings([tag(edited, "positive", "speed+")])
        assert labels(place.answers(), mention) == ("positive", {"speed": "positive"}, False)
        assert len(place.store.ledger().told(mention.id).corrections) == 1
        place.store.upsert([back := later(edited, text=mention.text)])
        place.store.add_taggings([tag(back, "positive", "speed+")])
        assert labels(place.answers(), mention) == ("negative", {"speed": "positive"}, True)

    def test_a_correction_waits_for_the_tagger(self, place: Place) -> None:
        mention = make(1)
        place.store.upsert([mention])
        correct(place.store, mention, topics={"speed": "negative"})
        assert get(place.answers(), mention).tagging is None
        place.store.add_taggings([tag(mention, "neutral", "")])
        assert labels(place.answers(), mention) == ("neutral", {"speed": "negative"}, True)

    def test_what_no_tagger_could_read_counts_as_a_person_says(self, place: Place) -> None:
        mention = make(1)
        place.store.upsert([mention])
        place.store.add_taggings([tag(mention, None)])
        correct(place.store, mention, topics={"speed": "negative"})
        assert labels(place.answers(), mention) == (None, {}, False)
        correct(place.store, mention, sentiment="negative")
        index = place.answers()
        assert labels(index, mention) == ("negative", {"speed": "negative"}, True)
        (point,) = index.trends(topics=("speed",))
        assert (point.negative, point.mentions, point.untagged) == (1, 1, 0)

    def test_undoing_goes_back_step_by_step(self, place: Place) -> None:
        mention = make(1)
        place.store.upsert([mention])
        place.store.add_taggings([tag(mention, "positive", "speed+")])
        correct(place.store, mention, sentiment="neutral")
        correct(place.store, mention, sentiment="negative", topics={"price": "negative"})
        ledger = place.store.ledger()
        assert place.answers()
        assert ledger.undo(mention.id, author="Олег") is not None
        assert labels(place.answers(), mention) == ("neutral", {"speed": "positive"}, True)
        assert ledger.undo(mention.id) is not None
        assert labels(place.answers(), mention) == ("positive", {"speed": "positive"}, False)
        assert found(place.answers(), "has:correction") == []
        assert ledger.undo(mention.id) is None
        assert len(ledger.told(mention.id).corrections) == 4

    def test_cases_are_found_by_status_and_owner(self, place: Place) -> None:
        one, two, three = (make(number) for number in (1, 2, 3))
        place.store.upsert([one, two, three])
        enter(place.store, one, owner="Анна Ёлкина", note="звоню")
        enter(place.store, two, status="waiting", owner="Олег")
        for query, ids in {
            "case:open": [one.id],
            "case:waiting": [two.id],
            "case:done": [],
            'owner:"анна елкина"': [one.id],
            "owner:ол*": [two.id],
            "-has:case": [three.id],
            "owner:Олег case:open": [],
        }.items():
            assert found(place.answers(), query) == ids, query
        enter(place.store, one, status="done", owner="")
        index = place.answers()
        assert found(index, "case:open") == []
        closed = get(index, one).case
        assert closed is not None
        assert closed == get(place.store, one).case
        assert (closed.status, closed.owner, closed.closed_at) == ("done", None, closed.changed_at)
        enter(place.store, one, status="open", note="снова жалуется")
        opened = get(place.answers(), one).case
        assert opened is not None
        assert opened.closed_at is None
        assert opened.opened_at > closed.changed_at
        assert get(index, three).case is None

    def test_a_case_stays_when_the_page_is_seen_again(self, place: Place) -> None:
        mention = make(1)
        place.store.upsert([mention])
        enter(place.store, mention, status="waiting")
        moved = later(mention, text="Другое", published_at=mention.collected_at)
        place.store.upsert([moved])
        case = get(place.answers(), mention).case
        assert case is not None
        assert case.status == "waiting"

    def test_erasing_takes_all_of_it(self, place: Place) -> None:
        mention = make(1)
        place.store.upsert([mention])
        place.store.add_taggings([tag(mention, "positive", "speed+")])
        correct(place.store, mention, sentiment="negative", note="личное")
        enter(place.store, mention, note="личное")
        assert found(place.answers(), "has:case has:correction") == [mention.id]
        assert place.store.delete([mention.id]) == 1
        assert found(place.answers(), "") == []
        place.store.upsert([mention])
        place.store.add_taggings([tag(mention, "positive", "speed+")])
        assert labels(place.answers(), mention) == ("positive", {"speed": "positive"}, False)
        told = place.store.ledger().told(mention.id)
        assert (told.corrections, told.events) == ((), ())
