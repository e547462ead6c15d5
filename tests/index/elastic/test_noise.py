"""A cluster answers as the store does where mentions are copies or adverts."""

from __future__ import annotations

from datetime import timedelta

from index.elastic.documents import Entry, to_document, to_noise, version_of
from index.noise import Noise
from tests.contract.records import COLLECTED, found, make
from tests.contract.test_noise import NoiseContract, copies, decide, examine, posted
from tests.index.elastic.sent import Sent


class TestElasticNoise(NoiseContract):
    def test_only_what_became_noise_or_ceased_to_be_is_sent_again(self, place: Sent) -> None:
        mentions = [posted(number) for number in range(1, 5)]
        place.store.upsert(mentions)
        assert place.send() == 4
        examine(place.store)
        assert place.send() == 3
        examine(place.store, rules_version=2)
        assert place.send() == 0
        decide(place.store, mentions[1], "keep")
        assert place.send() == 1
        place.store.noise().undo(mentions[1].id)
        # Within one second, so that only the documents themselves tell which is the newer.
        assert place.send() == 1
        assert len(copies(place.answers())) == 3
        place.store.delete([mentions[0].id])
        assert found(place.answers(), "has:copy") == [mentions[3].id, mentions[2].id]


def test_what_is_found_raises_the_version_and_comes_back() -> None:
    noise = Noise(("advert", "copy"), ("promo_code", "other_source"), "forum:7")
    at = [COLLECTED + timedelta(seconds=seconds) for seconds in (1, 2)]
    entries = [
        Entry(make(1), None, COLLECTED, None),
        Entry(make(1), None, COLLECTED, None, noise=noise, examined_at=at[0]),
        Entry(make(1), None, COLLECTED, None, examined_at=at[1]),
    ]
    versions = [version_of(entry) for entry in entries]
    assert versions == sorted(set(versions))
    found_again = [to_noise(to_document(entry, time_zone="UTC")) for entry in entries]
    assert found_again == [None, noise, None]
