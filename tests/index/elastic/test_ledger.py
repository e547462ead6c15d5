"""A cluster answers as the store does where people have corrected labels and opened cases."""

from __future__ import annotations

import random
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import settings as running

from index import open_store
from index.cases import Case
from index.elastic.connection import ClusterSettings, connect
from index.elastic.documents import Entry, to_case, to_document, to_hit, version_of
from index.elastic.writing import send
from tests.contract.histories import Operation, assert_holds, operations, play
from tests.contract.records import COLLECTED, make, tag
from tests.contract.test_ledger import LedgerContract, correct, enter, labels
from tests.index.elastic.sent import Sent


class TestElasticLedger(LedgerContract):
    def test_only_what_a_person_touched_is_sent_again(self, place: Sent) -> None:
        mentions = [make(number) for number in range(5)]
        place.store.upsert(mentions)
        place.store.add_taggings([tag(one) for one in mentions])
        assert place.send() == 5
        correct(place.store, mentions[1], sentiment="mixed")
        enter(place.store, mentions[2], owner="Анна")
        assert place.send() == 2
        assert place.send() == 0
        place.store.ledger().undo(mentions[1].id)
        # Within one second, so that only the documents themselves tell which is the newer.
        assert place.send() == 1
        assert labels(place.answers(), mentions[1])[2] is False


def test_whatever_happens_the_cluster_says_what_the_store_says(
    shared: ClusterSettings, tmp_path: Path
) -> None:
    with open_store(tmp_path / "molva.sqlite") as store, connect(shared) as client:
        client.delete_by_query(index=shared.index, query={"match_all": {}}, refresh=True)
        place = Sent(store, shared)

        @given(operations)
        @running(max_examples=8, deadline=None)
        def agree(history: list[Operation]) -> None:
            source = f"s{uuid4().hex[:8]}"
            chance = random.Random(len(history))
            # Sent now and then: the cluster has to take back what it was told.
            expected = play(store, source, history, lambda: chance.random() < 0.3 and place.send())
            assert_holds(place.answers(), source, expected)

        agree()
        place.close()


def with_case(case: Case | None, **values: object) -> Entry:
    _, tagging = tag(make(1), "negative", "speed-")
    tagging = tagging.model_copy(update={"corrected": True})
    return Entry(make(1), tagging, COLLECTED, COLLECTED, case, **values)  # type: ignore[arg-type]  # times by name


def test_a_document_holds_the_case_to_the_microsecond() -> None:
    moment = COLLECTED + timedelta(microseconds=123_457)
    for closed in (None, moment):
        case = Case(
            status="done" if closed else "open",
            owner="Анна",
            opened_at=COLLECTED,
            changed_at=moment,
            closed_at=closed,
        )
        document = to_document(with_case(case), time_zone="UTC")
        assert to_case(document) == case
        _, tagging = to_hit(document)
        assert tagging is not None
        assert tagging.corrected
    assert to_case(to_document(with_case(None), time_zone="UTC")) is None


def test_a_late_copy_of_an_earlier_word_changes_nothing(shared: ClusterSettings) -> None:
    # All within one second, which is one version: the documents themselves tell.
    early, late = (
        with_case(None, corrected_at=COLLECTED + timedelta(microseconds=after)) for after in (1, 2)
    )
    with connect(shared) as client:
        client.delete_by_query(index=shared.index, query={"match_all": {}}, refresh=True)
        for entry, sent, newer_there in ((early, 1, 0), (late, 1, 0), (early, 0, 1)):
            (report,) = send(client, [shared.write_alias], [entry], time_zone="UTC")
            assert (report.sent, report.newer_there) == (sent, newer_there)
        found = client.get(index=shared.index, id="shop:1")
        assert found["_source"]["noted_at"].endswith(".000002Z")


@pytest.mark.parametrize("note", ["case", "correction"])
def test_what_a_person_notes_raises_the_version(note: str) -> None:
    def at(seconds: int) -> Entry:
        time = COLLECTED + timedelta(seconds=seconds)
        if note == "correction":
            return with_case(None, corrected_at=time)
        return with_case(Case(status="open", opened_at=COLLECTED, changed_at=time))

    versions = [version_of(with_case(None)), version_of(at(1)), version_of(at(2))]
    assert versions == sorted(set(versions))
    pending = Entry(make(1), None, COLLECTED, None)
    assert version_of(pending) < version_of(
        Entry(make(1), None, COLLECTED, None, corrected_at=COLLECTED)
    )
