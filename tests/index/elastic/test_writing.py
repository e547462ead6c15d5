"""Sending on the real server: versions, refusals, retries, deletions, memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from elasticsearch import Elasticsearch

from index.base import StoreError
from index.elastic import aliases
from index.elastic.connection import ClusterSettings, connect
from index.elastic.documents import Entry, deletion_version, to_hit
from index.elastic.writing import Deletion, SendReport, send
from mention import Mention, Tagging
from tests.contract.records import COLLECTED, make, tag
from tests.index.elastic.loopback import Proxy, proxy_to

# In the middle of a second, so that a microsecond before it is in the same one.
NOW = datetime.now(UTC).replace(microsecond=500_000)


@pytest.fixture
def target(client: Elasticsearch, settings: ClusterSettings) -> str:
    """The write alias of a fresh index."""
    aliases.prepare(client, settings, model_version="1", time_zone="UTC")
    return settings.write_alias


@pytest.fixture
def proxy(elasticsearch_url: str) -> Iterator[Proxy]:
    with proxy_to(elasticsearch_url) as proxy:
        yield proxy


@pytest.fixture
def through(proxy: Proxy, settings: ClusterSettings) -> Iterator[Elasticsearch]:
    """A client that reaches the server through the proxy."""
    with connect(ClusterSettings(proxy.url, index=settings.index)) as client:
        yield client


class Waits(list[float]):
    """Remembers how long would have been waited."""

    def __call__(self, seconds: float) -> None:
        self.append(seconds)


def of(mention: Mention, tagging: Tagging | None = None, tagged_at: datetime = NOW) -> Entry:
    return Entry(mention, tagging, mention.collected_at, tagged_at if tagging else None)


def total(reports: Iterable[SendReport]) -> SendReport:
    whole = SendReport()
    for report in reports:
        for name in ("changes", "sent", "newer_there", "deleted", "absent", "refused"):
            setattr(whole, name, getattr(whole, name) + getattr(report, name))
    return whole


def there(client: Elasticsearch, target: str) -> dict[str, Mention]:
    client.indices.refresh(index=target)
    hits = client.search(index=target, size=1000)["hits"]["hits"]
    return {hit["_id"]: to_hit(hit["_source"])[0] for hit in hits}


def test_what_is_sent_is_there_and_a_replay_changes_nothing(
    client: Elasticsearch, target: str
) -> None:
    mentions = [make(number, f"Текст {number}") for number in range(7)]
    changes = [of(one, tag(one)[1]) for one in mentions]
    assert total(send(client, [target], changes)) == SendReport(7, sent=7)
    assert there(client, target) == {one.id: one for one in mentions}
    versions = {one.id: client.get(index=target, id=one.id)["_seq_no"] for one in mentions}
    assert total(send(client, [target], changes)) == SendReport(7, newer_there=7)
    assert versions == {one.id: client.get(index=target, id=one.id)["_seq_no"] for one in mentions}


def test_only_what_is_newer_replaces(client: Elasticsearch, target: str) -> None:
    def look(seconds: float, text: str) -> Entry:
        return of(make(1, text, collected_at=COLLECTED + timedelta(seconds=seconds)))

    steps = [
        (look(10, "первый"), "sent"),
        (look(9, "старее"), "newer_there"),
        (look(10, "той же микросекунды"), "sent"),
        (look(10.5, "той же секунды, позже"), "sent"),
        (look(10.4, "той же секунды, раньше"), "newer_there"),
        (look(11, "новее"), "sent"),
    ]
    text = ""
    for change, fate in steps:
        report = total(send(client, [target], [change]))
        assert getattr(report, fate) == report.changes == 1
        text = change.mention.text if fate == "sent" else text
        assert there(client, target)["shop:1"].text == text


def test_a_text_that_was_corrected_and_imported_again_replaces_a_tagged_one(
    client: Elasticsearch, target: str
) -> None:
    mention, corrected = make(1), make(1, "Исправлено вручную")
    assert total(send(client, [target], [of(mention, tag(mention)[1])])).sent == 1
    assert total(send(client, [target], [of(corrected)])).sent == 1
    assert there(client, target) == {"shop:1": corrected}


def test_of_one_look_the_later_tagging_stays(client: Elasticsearch, target: str) -> None:
    mention = make(1)
    first, second = (tag(mention, version=version)[1] for version in "12")
    for tagging, tagged_at, fate in (
        (second, NOW, "sent"),
        (first, NOW - timedelta(seconds=1), "newer_there"),
        (None, NOW, "newer_there"),
        (first, NOW - timedelta(microseconds=1), "newer_there"),
        (first, NOW + timedelta(seconds=1), "sent"),
    ):
        change = Entry(mention, tagging, COLLECTED, tagged_at if tagging else None)
        assert getattr(total(send(client, [target], [change])), fate) == 1


def test_deletions_erase_and_are_remembered_for_a_while(client: Elasticsearch, target: str) -> None:
    mentions = [of(make(number)) for number in range(3)]
    assert total(send(client, [target], mentions)).sent == 3
    deletions = [Deletion(f"shop:{number}", deletion_version(NOW)) for number in (0, 1, 9)]
    assert total(send(client, [target], deletions)) == SendReport(3, deleted=2, absent=1)
    assert set(there(client, target)) == {"shop:2"}
    # A copy of the store that is older than the deletion, as a rebuild has it.
    assert total(send(client, [target], mentions, deleted_wins=True)).newer_there == 3
    assert set(there(client, target)) == {"shop:2"}
    # A later look at the page is a mention like any other.
    again = of(make(1, collected_at=NOW + timedelta(seconds=1)))
    assert total(send(client, [target], [again])).sent == 1
    old = Deletion("shop:1", deletion_version(NOW))
    assert total(send(client, [target], [old])) == SendReport(1, newer_there=1)
    assert set(there(client, target)) == {"shop:1", "shop:2"}


def test_an_older_look_that_was_added_again_after_a_deletion_is_there_and_lives_on(
    client: Elasticsearch, target: str
) -> None:
    mention = make(1)
    deletion = Deletion("shop:1", deletion_version(NOW))
    assert total(send(client, [target], [of(mention)])).sent == 1
    # Erased and imported again between two runs; then once more, as after a kill.
    for _ in range(2):
        assert total(send(client, [target], [deletion, of(mention)])).changes == 2
        assert there(client, target) == {"shop:1": mention}
    # Its version is far above what it should be by now; what comes later still counts.
    tagged = of(mention, tag(mention)[1])
    assert total(send(client, [target], [tagged])).sent == 1
    assert total(send(client, [target], [of(mention), tagged])).newer_there == 2
    edited = make(1, "Исправлено", collected_at=COLLECTED + timedelta(microseconds=1))
    assert total(send(client, [target], [of(edited)])).sent == 1
    assert there(client, target) == {"shop:1": edited}
    # Erased again in the same second as before.
    assert total(send(client, [target], [deletion])).deleted == 1
    assert there(client, target) == {}
    assert total(send(client, [target], [deletion])).absent == 1


def test_a_document_that_is_tried_again_never_comes_back_after_its_deletion(
    client: Elasticsearch, through: Elasticsearch, proxy: Proxy, target: str
) -> None:
    proxy.refuse = lambda place, _: 429 if len(proxy.bulks) == 1 and place == 0 else None
    changes: list[Entry | Deletion] = [of(make(1)), Deletion("shop:1", deletion_version(NOW))]
    assert total(send(through, [target], changes, sleep=Waits())).changes == 2
    assert there(client, target) == {}


def test_what_the_mapping_refuses_is_told_and_the_rest_arrives(
    client: Elasticsearch, target: str
) -> None:
    # An index where likes are something else: what an older mapping may do to a document.
    index = client.indices.get_alias(name=target)
    (name,) = index
    client.indices.delete(index=name)
    aliases_of = {alias: {} for alias in index[name]["aliases"]}
    client.indices.create(
        index=name,
        aliases=aliases_of,
        mappings={"properties": {"likes": {"type": "ip"}}},
    )
    changes = [of(make(1)), of(make(2, likes=5)), of(make(3))]
    report = total(send(client, [target], changes))
    assert (report.sent, report.changes) == (2, 3)
    ((mention_id, reason),) = report.refused
    assert mention_id == "shop:2"
    assert "failed to parse field [likes] of type [ip]" in reason
    assert set(there(client, target)) == {"shop:1", "shop:3"}


def test_text_of_any_length_is_taken(client: Elasticsearch, target: str) -> None:
    long = make(1, "длинно" * 20_000, brand="Ё" * 40_000, url="https://example.org/" + "a" * 40_000)
    change = of(long, tag(long, topics="т" * 40_000 + "-")[1])
    assert total(send(client, [target], [change])).sent == 1
    assert there(client, target) == {long.id: long}


def test_text_that_no_encoding_has_is_refused(client: Elasticsearch, target: str) -> None:
    broken = Mention.model_construct(**{**make(1).__dict__, "text": "\ud800"})
    report = total(send(client, [target], [of(make(2)), of(broken)]))
    assert report.sent == 1
    assert report.refused[0][0] == "shop:1"
    assert "cannot be written as JSON" in report.refused[0][1]


@pytest.mark.parametrize("status", [429, 503])
def test_items_that_fail_for_now_are_tried_again_alone(
    client: Elasticsearch, through: Elasticsearch, proxy: Proxy, target: str, status: int
) -> None:
    def refuse(_: int, mention_id: str) -> int | None:
        return status if len(proxy.bulks) <= 2 and mention_id in {"shop:3", "shop:5"} else None

    proxy.refuse = refuse
    waits = Waits()
    changes = [of(make(number)) for number in range(8)]
    assert total(send(through, [target], changes, sleep=waits)) == SendReport(8, sent=8)
    assert proxy.bulks == [8, 2, 2]
    assert set(there(client, target)) == {f"shop:{number}" for number in range(8)}
    assert len(waits) == 2
    for seconds in waits:
        assert 0.5 <= seconds <= 3


def test_waits_grow_and_differ_and_end_in_one_sentence(
    through: Elasticsearch, proxy: Proxy, target: str
) -> None:
    waits = Waits()
    proxy.refuse = lambda *_: 429
    with pytest.raises(StoreError, match=r"too busy or not ready \(429: .*nothing is lost"):
        list(send(through, [target], [of(make(1))], sleep=waits))
    assert len(waits) == 6
    for attempt, seconds in enumerate(waits):
        assert 0.5 <= seconds / 2**attempt <= 1.5
    # Jitter: it would be a strange coincidence otherwise.
    assert len({seconds / 2**attempt for attempt, seconds in enumerate(waits)}) == 6


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_whole_requests_that_fail_for_now_are_sent_again(
    through: Elasticsearch, proxy: Proxy, target: str, status: int
) -> None:
    proxy.fail = (status, 3)
    waits = Waits()
    report = total(send(through, [target], [of(make(1)), of(make(2))], sleep=waits))
    assert report == SendReport(2, sent=2)
    assert (proxy.bulks, len(waits)) == ([2, 2, 2, 2], 3)


def test_a_connection_that_breaks_after_the_server_wrote_changes_nothing_twice(
    client: Elasticsearch, through: Elasticsearch, proxy: Proxy, target: str
) -> None:
    proxy.drop = 1
    changes: list[Entry | Deletion] = [of(make(number)) for number in range(4)]
    changes.append(Deletion("shop:0", deletion_version(NOW)))
    report = total(send(through, [target], changes, sleep=Waits()))
    assert report.changes == 5
    assert not report.refused
    assert set(there(client, target)) == {"shop:1", "shop:2", "shop:3"}


def test_a_server_that_is_gone_is_told_in_one_sentence(
    through: Elasticsearch, proxy: Proxy, target: str
) -> None:
    proxy.drop = 1000
    waits = Waits()
    with pytest.raises(StoreError, match=r"no cluster answers at http://127.*nothing is lost"):
        list(send(through, [target], [of(make(1))], sleep=waits, max_retries=3))
    assert len(waits) == 3


def test_chunks_are_bounded_and_cut_where_the_way_is_narrow(
    client: Elasticsearch, through: Elasticsearch, proxy: Proxy, target: str
) -> None:
    changes = [of(make(number, "слово " * 200)) for number in range(40)]
    done: list[int] = []
    reports = list(send(through, [target], changes, chunk_bytes=20_000, progress=done.append))
    assert total(reports).sent == sum(proxy.bulks) == sum(done) == 40
    assert done == [report.changes for report in reports]
    assert max(proxy.sizes) <= 20_000 + 100 * max(proxy.bulks)
    assert min(proxy.bulks[:-1]) > 1

    proxy.largest = 12_000
    huge = of(make("huge", "слово " * 3000))
    newer = [of(make(n, "слово " * 200, collected_at=NOW)) for n in range(40)]
    report = total(send(through, [target], [*newer, huge]))
    assert report.sent == 40
    ((mention_id, reason),) = report.refused
    assert mention_id == "shop:huge"
    assert "bytes are more than the way there allows" in reason


def test_changes_are_read_only_as_they_are_needed(client: Elasticsearch, target: str) -> None:
    read = 0

    def endless() -> Iterator[Entry]:
        nonlocal read
        while True:
            read += 1
            yield of(make(read))

    reports = send(client, [target], endless(), chunk_bytes=10_000)
    sent = sum(next(reports).sent for _ in range(3))
    assert read <= sent * 2 + 1
    reports.close()


def test_targets_are_asked_for_before_every_chunk(
    client: Elasticsearch, settings: ClusterSettings, target: str
) -> None:
    def changes() -> Iterator[Entry]:
        yield from (of(make(number)) for number in range(5))
        aliases.start_rebuild(client, settings, model_version="1", time_zone="UTC")
        yield from (of(make(number)) for number in range(5, 9))

    def targets() -> list[str]:
        return aliases.write_targets(client, settings)

    assert total(send(client, targets, changes(), chunk_bytes=1)).sent == 9
    later = {f"shop:{number}" for number in range(5, 9)}
    assert set(there(client, settings.next_alias)) >= later


def test_a_missing_alias_is_named_and_nothing_is_made(
    client: Elasticsearch, settings: ClusterSettings, target: str
) -> None:
    (name,) = client.indices.get_alias(name=target)
    client.indices.delete_alias(index=name, name=target)
    with pytest.raises(StoreError, match="no index or alias"):
        list(send(client, [target], [of(make(1))]))
    assert not client.indices.exists(index=target)


def test_a_read_only_block_of_a_full_disk_is_told_at_once(
    client: Elasticsearch, target: str
) -> None:
    # What the server does itself when its disk passes the flood-stage watermark.
    block: dict[str, Any] = {"index.blocks.read_only_allow_delete": True}
    client.indices.put_settings(index=target, settings=block)
    waits = Waits()
    with pytest.raises(StoreError, match=r"disk .* is nearly full.*nothing is lost"):
        list(send(client, [target], [of(make(1))], sleep=waits))
    assert not waits
    client.indices.put_settings(
        index=target, settings={"index.blocks.read_only_allow_delete": None}
    )
    assert total(send(client, [target], [of(make(1))])).sent == 1


def test_nothing_to_send_sends_nothing(through: Elasticsearch, proxy: Proxy) -> None:
    assert list(send(through, ["missing"], [])) == []
    assert proxy.bulks == []
