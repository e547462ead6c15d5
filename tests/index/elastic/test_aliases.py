"""Aliases on the real server: the first index, a rebuild beside it, the swap, the old ones."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from elasticsearch import Elasticsearch

from index.base import StoreError
from index.elastic import aliases, mapping
from index.elastic.connection import ClusterSettings
from index.elastic.documents import Entry, deletion_version
from index.elastic.mapping import component_templates
from index.elastic.writing import Deletion, send
from mention import Mention
from tests.contract.records import later, make

CALL: dict[str, str] = {"model_version": "molva 1.0.0", "time_zone": "Europe/Vilnius"}


def entries(*mentions: Mention) -> list[Entry]:
    return [Entry(one, None, one.collected_at, None) for one in mentions]


def write(client: Elasticsearch, targets: list[str], changes: list[Any], **options: Any) -> None:
    for report in send(client, targets, changes, **options):
        assert not report.refused


def texts(client: Elasticsearch, name: str) -> dict[str, str]:
    client.indices.refresh(index=name)
    answer = client.search(index=name, size=100, source=["text"])
    return {hit["_id"]: hit["_source"]["text"] for hit in answer["hits"]["hits"]}


def test_the_first_index_stands_behind_both_aliases(
    client: Elasticsearch, settings: ClusterSettings
) -> None:
    assert aliases.current_index(client, settings) is None
    state = aliases.prepare(client, settings, **CALL)
    today = f"{datetime.now(UTC):%Y.%m.%d}"
    assert state.name == f"{settings.index}-v1-molva-1.0.0-{today}"
    assert state.aliases == {settings.index, settings.write_alias}
    assert (state.model_version, state.time_zone) == ("molva 1.0.0", "Europe/Vilnius")
    assert aliases.prepare(client, settings, **CALL) == state
    assert aliases.current_index(client, settings) == state
    assert aliases.write_targets(client, settings) == [settings.write_alias]
    about = client.indices.get(index=state.name)[state.name]
    options = about["settings"]["index"]
    assert (options["number_of_shards"], options["auto_expand_replicas"]) == ("1", "0-1")
    assert about["mappings"]["dynamic"] == "strict"
    for name in component_templates(settings.index):
        client.cluster.get_component_template(name=name)
    client.indices.get_index_template(name=settings.index)


def test_settings_of_ones_own_are_taken_up_by_a_rebuild(
    client: Elasticsearch, settings: ClusterSettings
) -> None:
    """As `docs/elasticsearch.md` tells it; Molva writes its own templates anew and not these."""
    aliases.prepare(client, settings, **CALL)
    mine = f"{settings.index}-mine"
    client.cluster.put_component_template(name=mine, template={"settings": {"number_of_shards": 4}})
    client.indices.put_index_template(
        name=mine,
        index_patterns=[f"{settings.index}-v*"],
        priority=501,
        composed_of=[*component_templates(settings.index), mine],
    )
    try:
        new = aliases.start_rebuild(client, settings, **CALL)
    finally:
        client.indices.delete_index_template(name=mine)
        client.cluster.delete_component_template(name=mine)
    about = client.indices.get(index=new.name)[new.name]
    assert about["settings"]["index"]["number_of_shards"] == "4"
    assert about["mappings"]["dynamic"] == "strict"


def test_a_rebuild_takes_what_comes_meanwhile_and_swaps_in_one_step(
    client: Elasticsearch, settings: ClusterSettings
) -> None:
    old = aliases.prepare(client, settings, **CALL)
    kept, edited, gone = make(1, "Одно"), make(2, "Два"), make(3, "Три")
    write(client, [settings.write_alias], entries(kept, edited, gone))

    new = aliases.start_rebuild(client, settings, **CALL)
    assert new.name == f"{old.name}-2"
    assert (
        client.indices.get_settings(index=new.name, flat_settings=True)[new.name]["settings"][
            "index.refresh_interval"
        ]
        == "-1"
    )
    targets = aliases.write_targets(client, settings)
    assert targets == [settings.next_alias, settings.write_alias]
    now = datetime.now(UTC)
    meanwhile = [*entries(later(edited, text="Два, исправлено"), make(4, "Четыре"))]
    write(client, targets, [*meanwhile, Deletion(gone.id, deletion_version(now))])
    # The rebuild's copy of the store is older than all that.
    write(client, [settings.next_alias], entries(kept, edited, gone), deleted_wins=True)

    swapped = aliases.finish_rebuild(client, settings, expected=3)
    assert swapped.name == new.name
    assert swapped.aliases == {settings.index, settings.write_alias}
    expected = {"shop:1": "Одно", "shop:2": "Два, исправлено", "shop:4": "Четыре"}
    assert texts(client, settings.index) == texts(client, old.name) == expected
    assert aliases.next_index(client, settings) is None
    flat = client.indices.get_settings(index=new.name, flat_settings=True)[new.name]["settings"]
    assert flat["index.auto_expand_replicas"] == "0-1"
    assert not flat.keys() & {"index.refresh_interval", "index.gc_deletes"}

    (before,) = aliases.old_indices(client, settings)
    assert (before.name, before.mentions) == (old.name, 3)
    assert aliases.drop_old(client, settings) == [old.name]
    assert aliases.old_indices(client, settings) == []
    assert texts(client, settings.index) == expected


@pytest.mark.parametrize("swapped_before", ["the next index", "the current index"])
def test_a_sender_that_the_swap_overtakes_loses_nothing(
    client: Elasticsearch, settings: ClusterSettings, swapped_before: str
) -> None:
    aliases.prepare(client, settings, **CALL)
    aliases.start_rebuild(client, settings, **CALL)
    targets = aliases.write_targets(client, settings)
    change = entries(make(1, "Поздно"))
    if swapped_before == "the next index":
        aliases.finish_rebuild(client, settings, expected=0)
        write(client, targets, change)
    else:
        write(client, targets[:1], change)
        aliases.finish_rebuild(client, settings, expected=1)
        write(client, targets[1:], change)
    assert texts(client, settings.index) == {"shop:1": "Поздно"}
    assert not client.indices.exists(index=settings.next_alias)


def test_a_deletion_never_makes_an_index_where_an_alias_was(
    client: Elasticsearch, settings: ClusterSettings
) -> None:
    aliases.prepare(client, settings, **CALL)
    deletion = Deletion("shop:1", deletion_version(datetime.now(UTC)))
    write(client, [settings.next_alias, settings.write_alias], [deletion])
    assert not client.indices.exists(index=settings.next_alias)
    with pytest.raises(StoreError, match=r"no index or alias .*-next"):
        write(client, [settings.next_alias], [deletion])


def test_a_deletion_reaches_indices_that_are_kept(
    client: Elasticsearch, settings: ClusterSettings
) -> None:
    old = aliases.prepare(client, settings, **CALL)
    mention = make(1, "Забудьте меня")
    write(client, [settings.write_alias], entries(mention))
    aliases.start_rebuild(client, settings, **CALL)
    write(client, [settings.next_alias], entries(mention))
    aliases.finish_rebuild(client, settings, expected=1)
    kept = aliases.erasure_targets(client, settings)
    assert kept == [old.name]
    deletion = Deletion(mention.id, deletion_version(datetime.now(UTC)))
    targets = aliases.write_targets(client, settings)
    write(client, targets, [deletion], erase_from=[*kept, f"{old.name}-dropped"])
    assert texts(client, settings.index) == texts(client, old.name) == {}


def test_counts_that_differ_leave_the_old_index_and_the_rebuild_goes_on(
    client: Elasticsearch, settings: ClusterSettings
) -> None:
    old = aliases.prepare(client, settings, **CALL)
    new = aliases.start_rebuild(client, settings, **CALL)
    write(client, [settings.next_alias], entries(make(1)))
    with pytest.raises(StoreError, match=r"1 mentions where the store has 2.*--rebuild"):
        aliases.finish_rebuild(client, settings, expected=2)
    current = aliases.current_index(client, settings)
    assert current is not None
    assert current.name == old.name
    assert aliases.start_rebuild(client, settings, **CALL).name == new.name
    write(client, [settings.next_alias], entries(make(1), make(2)))
    assert aliases.finish_rebuild(client, settings, expected=2).name == new.name


def test_a_rebuild_for_another_model_begins_anew(
    client: Elasticsearch, settings: ClusterSettings
) -> None:
    aliases.prepare(client, settings, **CALL)
    begun = aliases.start_rebuild(client, settings, **CALL)
    other = aliases.start_rebuild(client, settings, **{**CALL, "model_version": "2.0"})
    assert other.name.startswith(f"{settings.index}-v1-2.0-")
    assert not client.indices.exists(index=begun.name)
    aliases.abandon_rebuild(client, settings)
    assert aliases.next_index(client, settings) is None
    with pytest.raises(StoreError, match="no rebuild is going on"):
        aliases.finish_rebuild(client, settings, expected=0)


def test_missing_aliases_are_named_with_the_next_step(
    client: Elasticsearch, settings: ClusterSettings
) -> None:
    state = aliases.prepare(client, settings, **CALL)
    client.indices.delete_alias(index=state.name, name=settings.write_alias)
    for ask in (aliases.write_targets, lambda *who: aliases.prepare(*who, **CALL)):
        with pytest.raises(StoreError, match=r"-write' is missing.*--rebuild"):
            ask(client, settings)
    client.indices.delete_alias(index=state.name, name=settings.index)
    with pytest.raises(StoreError, match=rf"is missing, though there is the index {state.name}"):
        aliases.prepare(client, settings, **CALL)
    aliases.start_rebuild(client, settings, **CALL)
    assert aliases.finish_rebuild(client, settings, expected=0).name != state.name
    assert aliases.write_targets(client, settings) == [settings.write_alias]


def test_what_is_not_ours_is_left_alone(client: Elasticsearch, settings: ClusterSettings) -> None:
    client.indices.create(index=settings.index)
    with pytest.raises(StoreError, match="is not Molva's; write another name"):
        aliases.prepare(client, settings, **CALL)


def test_an_index_of_another_schema_is_not_written(
    client: Elasticsearch, settings: ClusterSettings
) -> None:
    old = f"{settings.index}-v0-m-2026.01.01"
    client.indices.create(
        index=old,
        mappings={"_meta": {"schema_version": 0}},
        aliases={settings.index: {}, settings.write_alias: {}},
    )
    for ask in (aliases.write_targets, lambda *who: aliases.prepare(*who, **CALL)):
        with pytest.raises(StoreError, match=r"has schema 0, this Molva writes 1; run: .*-reb"):
            ask(client, settings)
    aliases.start_rebuild(client, settings, **CALL)
    assert aliases.write_targets(client, settings) == [settings.next_alias]
    state = aliases.current_index(client, settings)
    assert state is not None
    said = " ".join(aliases.problems(state, time_zone="UTC"))
    for part in ("schema 0", "text analysis", "counts days in"):
        assert part in said
    new = aliases.finish_rebuild(client, settings, expected=0)
    assert aliases.problems(new, time_zone="Europe/Vilnius") == []


def test_an_index_without_the_newest_fields_is_rebuilt_not_written(
    client: Elasticsearch, settings: ClusterSettings
) -> None:
    old = f"{settings.index}-v1-m-2026.01.01"
    meta = mapping.state_meta("m", "UTC", "2026-01-01")
    fields = {name: one for name, one in meta["fields"].items() if "case" not in name}  # type: ignore[attr-defined]  # a mapping
    client.indices.create(
        index=old,
        mappings={"_meta": {**meta, "fields": fields}},
        aliases={settings.index: {}, settings.write_alias: {}},
    )
    for ask in (aliases.write_targets, lambda *who: aliases.prepare(*who, **CALL)):
        with pytest.raises(StoreError, match=r"without the field case_status and \d others; run:"):
            ask(client, settings)
    aliases.start_rebuild(client, settings, **CALL)
    assert aliases.write_targets(client, settings) == [settings.next_alias]
    new = aliases.finish_rebuild(client, settings, expected=0)
    assert aliases.write_targets(client, settings) == [settings.write_alias]
    assert new.lacks == ()


def test_a_later_look_at_a_mention_is_newer_in_every_index(
    client: Elasticsearch, settings: ClusterSettings
) -> None:
    aliases.prepare(client, settings, **CALL)
    old = make(1, "Старое")
    new = later(old, days=timedelta(seconds=1) / timedelta(days=1), text="Новое")
    write(client, [settings.write_alias], entries(new, old))
    assert texts(client, settings.index) == {"shop:1": "Новое"}


def test_names_are_legal_and_short() -> None:
    day = datetime(2026, 11, 25, tzinfo=UTC).date()
    for model in ("Molva Большая/1.0 *?", "x" * 400, "", "..", "1.0.0+own-a"):
        name = mapping.index_name("mentions", model, day)
        assert name.endswith("-2026.11.25")
        assert len(name) <= 251
        assert name == name.lower()
        assert not set(name) & set('\\/*?"<>| ,#:')
        assert mapping.is_index_of("mentions", name)
        assert mapping.is_index_of("mentions", f"{name}-12")
    assert not mapping.is_index_of("mentions", "mentions-vilnius")
    assert not mapping.is_index_of("mentions", "mentions-write")
