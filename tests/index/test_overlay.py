"""The labels that hold: what a tagger says with what people say laid over it."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from index.overlay import overlaid, text_hash
from index.rows import topic_polarities
from mention import Correction, SentenceTagging, Span, Tagging
from tests.contract.records import make, tag

TEXT = "Долго ждали. Зато дёшево!"
FIRST, SECOND = Span(start=0, end=12), Span(start=13, end=25)


def said(topics: str, sentiment: str | None = "neutral") -> Tagging:
    """Return a tagging of `TEXT` whose labels stand in its two sentences in turn."""
    _, tagging = tag(make(1, TEXT), sentiment, topics)
    sentences = [
        SentenceTagging(**span.model_dump(), topics=one.topics)
        for span, one in zip((FIRST, SECOND), tagging.sentences, strict=False)
    ]
    return tagging.model_copy(update={"sentences": tuple(sentences)})


def correct(**values: Any) -> Correction:
    return Correction.model_validate({"mention_id": "shop:1"} | values)


def labels(tagging: Tagging) -> list[tuple[int, int, list[tuple[str, str, float]]]]:
    return [
        (one.start, one.end, [(x.topic, x.polarity, x.confidence) for x in one.topics])
        for one in tagging.sentences
    ]


def test_what_nobody_corrects_stays_as_it_is() -> None:
    tagging = said("speed-|price+")
    assert overlaid(tagging, []) is tagging


def test_a_sentiment_is_certain_and_leaves_the_topics() -> None:
    tagging = said("speed-|price+")
    held = overlaid(tagging, [correct(sentiment="mixed")])
    assert (held.sentiment, held.score, held.confidence, held.corrected) == ("mixed", 0, 1, True)
    assert held.sentences == tagging.sentences
    assert overlaid(tagging, [correct(sentiment="negative")]).score == -1


def test_a_topic_of_the_whole_mention_has_no_span() -> None:
    held = overlaid(said("speed-|price+"), [correct(topics={"quality": "negative", "price": None})])
    assert labels(held) == [
        (0, 12, [("speed", "negative", 0.9)]),
        (13, 25, []),
        (0, 0, [("quality", "negative", 1.0)]),
    ]
    assert (held.sentiment, held.score) == ("neutral", 0.25)


def test_sentences_that_say_the_same_stay_as_evidence() -> None:
    held = overlaid(said("speed-|speed+"), [correct(topics={"speed": "negative"})])
    assert labels(held) == [(0, 12, [("speed", "negative", 0.9)]), (13, 25, [])]
    mixed = overlaid(said("speed-|"), [correct(topics={"speed": "mixed"})])
    assert topic_polarities(mixed) == {"speed": "mixed"}
    assert labels(mixed)[0] == (0, 12, [("speed", "negative", 0.9)])


def test_a_topic_of_one_sentence_leaves_the_others() -> None:
    one = correct(topics={"speed": "positive"}, span=SECOND)
    held = overlaid(said("speed-|speed- price+"), [one])
    assert labels(held) == [
        (0, 12, [("speed", "negative", 0.9)]),
        (13, 25, [("price", "positive", 0.9), ("speed", "positive", 1.0)]),
    ]


def test_a_sentence_that_another_tagger_cuts_otherwise_is_put_between() -> None:
    tagging = said("speed-|price+")
    span = Span(start=6, end=25)
    held = overlaid(tagging, [correct(topics={"price": None, "quality": "positive"}, span=span)])
    assert labels(held) == [
        (0, 12, [("speed", "negative", 0.9)]),
        (6, 25, [("quality", "positive", 1.0)]),
        (13, 25, []),
    ]


def test_the_latest_word_wins_topic_by_topic() -> None:
    held = overlaid(
        said("speed-|"),
        [
            correct(topics={"speed": "positive", "price": "negative"}, sentiment="positive"),
            correct(topics={"speed": None}),
            correct(sentiment="negative"),
        ],
    )
    assert topic_polarities(held) == {"price": "negative"}
    assert held.sentiment == "negative"


def test_a_text_that_the_tagger_left_alone_has_topics_only_with_a_sentiment() -> None:
    alone = said("|", None)
    topics = correct(topics={"speed": "negative"})
    assert overlaid(alone, [topics]) is alone
    held = overlaid(alone, [topics, correct(sentiment="negative")])
    assert (held.sentiment, held.untagged_reason) == ("negative", None)
    assert topic_polarities(held) == {"speed": "negative"}


def test_a_correction_is_bound_to_title_and_text() -> None:
    assert text_hash("а", "б") != text_hash("а", "в") != text_hash("в", "в")


topics = st.dictionaries(
    st.sampled_from(("speed", "price")),
    st.sampled_from(("positive", "neutral", "negative", "mixed", None)),
    min_size=1,
)


@given(
    st.sampled_from(("speed-|", "speed-|speed+ price0", "price+ speed0|price-", "|")),
    st.lists(st.tuples(topics, st.sampled_from((None, FIRST, SECOND))), max_size=4),
    topics,
)
def test_the_last_word_about_the_whole_mention_is_what_holds(
    by_tagger: str, before: list[tuple[dict[str, Any], Span | None]], last: dict[str, Any]
) -> None:
    made = [correct(topics=one, span=span) for one, span in before]
    held = overlaid(said(by_tagger), [*made, correct(topics=last)])
    found = topic_polarities(held)
    assert {topic: found.get(topic) for topic in last} == last
    # Saying it again changes nothing.
    assert overlaid(said(by_tagger), [*made, *[correct(topics=last)] * 2]) == held
    Tagging.model_validate(held.model_dump())
