"""What every index must answer where mentions are copies of others, or adverts.

A store examines and people speak to it; an index answers from it: the store itself, or a
cluster that has been sent what the store holds.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from index.base import Hit, MentionIndex
from index.noise import Noise, Verdict
from index.sqlite import SqliteStore
from mention import Mention
from tests.contract.records import COLLECTED, found, later, make, tag
from tests.contract.test_ledger import Place

SOFA = (
    "Заказывал диван в магазине Парус в начале месяца, обещали привезти через неделю, а привезли "
    "через три. Сборщик нахамил жене, ушёл и не доделал, деньги за сборку возвращать отказались"
)
APP = (
    "The app crashes every time I open the cart. I have reinstalled it twice and wrote to support, "
    "but nobody has answered me for more than a week now."
)


def posted(number: int, text: str = SOFA, **values: Any) -> Mention:
    """Return a mention that was published on day `number`."""
    return make(number, text, published_at=COLLECTED + timedelta(days=number), **values)


def adverts(title: str | None, text: str) -> list[str]:
    return ["promo_code"] if "промокод" in f"{title} {text}" else []


def examine(store: SqliteStore, rules_version: int = 1) -> int:
    """Examine what waits; return how many mentions were."""
    book = store.noise()
    book.prepare(rules_version)
    return sum(book.examine(adverts, batch=3))


def decide(store: SqliteStore, mention: Mention, verdict: str | None, **values: Any) -> bool:
    said = {"mention_id": mention.id, "verdict": verdict} | values
    return store.noise().say(Verdict.model_validate(said))


def noise(index: MentionIndex, mention: Mention) -> Noise | None:
    hit = index.get(mention.id)
    assert hit is not None
    (scanned,) = index.scan(f'id:"{mention.id}"')
    assert scanned.noise == hit.noise
    return hit.noise


def copies(index: MentionIndex) -> dict[str, str | None]:
    """Return {id of a copy: id of its original} of all that count as copies."""

    def original(hit: Hit) -> str | None:
        assert hit.noise is not None
        return hit.noise.copy_of

    return {hit.mention.id: original(hit) for hit in index.scan("has:copy")}


class NoiseContract:
    """Copies and adverts, as docs/noise.md promises them."""

    def test_copies_are_found_with_who_wrote_them_where(self, place: Place) -> None:
        first, again, same, other = (
            posted(1, author_id="a"),
            posted(2, SOFA.upper(), author_id="a"),
            posted(3, f"Здравствуйте! {SOFA}", author_id="b"),
            posted(4, source="forum", author_id="a"),
        )
        different = posted(5, APP)
        place.store.upsert([other, different, same, first, again])
        assert found(place.answers(), "has:copy") == []
        assert examine(place.store) == 5
        index = place.answers()
        assert noise(index, first) is None
        assert noise(index, again) == Noise(("copy",), ("same_author",), first.id)
        assert noise(index, same) == Noise(("copy",), ("same_source",), first.id)
        assert noise(index, other) == Noise(("copy",), ("other_source",), first.id)
        for query, ids in {
            "has:copy": [other.id, same.id, again.id],
            "noise:copy": [other.id, same.id, again.id],
            "has:noise": [other.id, same.id, again.id],
            "noise:advert": [],
            "-has:copy": [different.id, first.id],
        }.items():
            assert found(index, query) == ids, query

    def test_counting_both_ways(self, place: Place) -> None:
        mentions = [posted(1), posted(2), posted(3, APP)]
        place.store.upsert(mentions)
        place.store.add_taggings([tag(one, "negative", "speed-") for one in mentions])
        examine(place.store)
        index = place.answers()
        for query, count in {"": 3, "-has:copy": 2, "has:copy": 1}.items():
            (point,) = index.trends(query, topics=("speed",))
            assert point.negative == count

    def test_adverts_are_flagged_by_the_rules(self, place: Place) -> None:
        advert, honest = make(1, "Дарю промокод ПАРУС на скидку"), make(2, "Всё хорошо")
        place.store.upsert([advert, honest])
        examine(place.store)
        index = place.answers()
        assert noise(index, advert) == Noise(("advert",), ("promo_code",))
        assert found(index, "noise:advert") == [advert.id]
        assert found(index, "-has:noise") == [honest.id]

    def test_short_texts_and_replies_make_no_copies(self, place: Place) -> None:
        reply = {"reply_text": SOFA}
        place.store.upsert([make(1, "Отлично!"), make(2, "Отлично!"), make(3, "Да", **reply)])
        place.store.upsert([make(4, "Нет", **reply), posted(5, SOFA)])
        examine(place.store)
        assert copies(place.answers()) == {}

    def test_an_older_mention_that_comes_later_becomes_the_original(self, place: Place) -> None:
        one, two, three = posted(1), posted(2), posted(3)
        for mention in (three, two, one):
            place.store.upsert([mention])
            examine(place.store)
            assert place.answers()
        assert copies(place.answers()) == {two.id: one.id, three.id: one.id}

    def test_erasing_an_original_promotes_the_next(self, place: Place) -> None:
        one, two, three = posted(1), posted(2), posted(3)
        place.store.upsert([one, two, three])
        examine(place.store)
        assert copies(place.answers()) == {two.id: one.id, three.id: one.id}
        place.store.delete([one.id])
        assert copies(place.answers()) == {three.id: two.id}
        assert examine(place.store) == 2
        assert copies(place.answers()) == {three.id: two.id}
        place.store.delete([two.id, three.id])
        assert copies(place.answers()) == {}

    def test_a_copy_whose_text_is_edited_is_none_any_more(self, place: Place) -> None:
        one, two, three = posted(1), posted(2), posted(3)
        place.store.upsert([one, two, three])
        examine(place.store)
        place.store.upsert([two := later(two, text=APP)])
        examine(place.store)
        assert copies(place.answers()) == {three.id: one.id}
        place.store.upsert([later(one, text="Вопрос решили")])
        examine(place.store)
        assert copies(place.answers()) == {}
        place.store.upsert([later(two, text=SOFA)])
        examine(place.store)
        assert copies(place.answers()) == {three.id: two.id}

    def test_what_a_person_says_wins_and_can_be_undone(self, place: Place) -> None:
        one, two, advert = posted(1), posted(2), make(9, "Вот промокод на диван")
        place.store.upsert([one, two, advert])
        examine(place.store)
        assert decide(place.store, two, "keep", author="Анна", note="две покупки")
        assert decide(place.store, advert, "keep")
        assert not decide(place.store, advert, "keep")
        index = place.answers()
        assert (noise(index, two), noise(index, advert)) == (None, None)
        assert decide(place.store, one, "advert")
        assert decide(place.store, one, "copy")
        index = place.answers()
        assert noise(index, one) == Noise(("advert", "copy"), ("person",))
        assert found(index, "noise:advert") == found(index, "noise:copy") == [one.id]
        # No look at the texts by other rules changes that.
        examine(place.store, rules_version=2)
        assert found(place.answers(), "has:noise") == [one.id]
        for mention in (one, one, two, advert):
            assert place.store.noise().undo(mention.id) is not None
        assert place.store.noise().undo(one.id) is None
        index = place.answers()
        assert copies(index) == {two.id: one.id}
        assert found(index, "noise:advert") == [advert.id]
        assert len(place.store.noise().verdicts(one.id)) == 4

    def test_a_verdict_belongs_to_its_text(self, place: Place) -> None:
        mention = make(1, "Вот промокод на диван")
        place.store.upsert([mention])
        examine(place.store)
        decide(place.store, mention, "keep")
        edited = later(mention, text="Другой промокод на диван")
        place.store.upsert([edited])
        examine(place.store)
        assert noise(place.answers(), mention) == Noise(("advert",), ("promo_code",))
        place.store.upsert([later(edited, text=mention.text)])
        examine(place.store)
        assert noise(place.answers(), mention) is None
