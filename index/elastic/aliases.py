"""The indices behind the aliases: making the first, building the next, dropping the old.

| name | points to | who uses it |
|---|---|---|
| `mentions` | the current index | everyone who reads |
| `mentions-write` | the current index | senders |
| `mentions-next` | the index that a rebuild fills; exists only meanwhile | senders |

**Nothing is lost during a rebuild.** While `mentions-next` exists, every sender writes to
both indices, first the next one, then the current one (`write_targets`); external
versions make the order in which a change and the rebuild's older copy arrive
irrelevant, and deletions are remembered for a day meanwhile. A sender that meets a
missing `mentions-next` has met the end of the rebuild, and its second write goes to the
new index. It has to ask for the targets *after* it read the changes from its outbox, and
the rebuild has to read the store after `start_rebuild`: then each change is in the
rebuild's copy of the store or sent to both.

Needs of the server's rights: `prepare` and the functions with "rebuild" and "drop" manage
indices and templates; everything else only reads metadata.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from typing import Any, Final, cast

from elasticsearch import ApiError, BadRequestError, Elasticsearch

from index.base import StoreError
from index.elastic.connection import ClusterSettings, clear_errors
from index.elastic.mapping import (
    SETTINGS,
    TEMPLATE_META,
    Body,
    component_templates,
    index_name,
    index_template,
    state_meta,
)
from index.elastic.states import (
    IndexState,
    all_indices,
    check_schema,
    current_index,
    next_index,
    problems,
    with_alias,
)

__all__ = [
    "IndexState",
    "OldIndex",
    "abandon_rebuild",
    "current_index",
    "drop_old",
    "erasure_targets",
    "finish_rebuild",
    "next_index",
    "old_indices",
    "prepare",
    "problems",
    "start_rebuild",
    "write_targets",
]

# While a rebuild fills an index: nobody searches it, copies are made afterwards, and a
# deletion is remembered longer than any rebuild takes.
_FILLING: Final[Body] = {
    "refresh_interval": "-1",
    "auto_expand_replicas": "false",
    "number_of_replicas": 0,
    "gc_deletes": "1d",
}
_FILLED: Final[Body] = {
    "refresh_interval": None,
    "auto_expand_replicas": SETTINGS["auto_expand_replicas"],
}


@dataclass(frozen=True, slots=True)
class OldIndex:
    """An index that nobody reads any more."""

    name: str
    mentions: int
    size_bytes: int


def prepare(
    client: Elasticsearch, settings: ClusterSettings, *, model_version: str, time_zone: str
) -> IndexState:
    """Return the current index; make it, with templates and aliases, where there is none.

    Args:
        client: from `connect`.
        settings: name the index.
        model_version: of the tagger whose labels will be sent; part of the index's name.
        time_zone: IANA name of the project's zone.

    Raises:
        StoreError: it cannot be made; the aliases are not as Molva leaves them; the
            index has another schema.
    """
    current = current_index(client, settings)
    if current is None:
        aliases: Body = {settings.index: {}, settings.write_alias: {"is_write_index": True}}
        made = _make(client, settings, model_version, time_zone, aliases=aliases)
        # Another process may have been quicker.
        current = current_index(client, settings) or made
    if settings.write_alias not in current.aliases:
        raise StoreError(
            f"the alias '{settings.write_alias}' is missing; point it to {current.name} "
            "with POST _aliases, or run: molva index --rebuild"
        )
    check_schema(current)
    return current


def write_targets(client: Elasticsearch, settings: ClusterSettings) -> list[str]:
    """Return the aliases to send changes to, in this order; ask after reading the changes.

    Raises:
        StoreError: an alias is missing, or the index has another schema.
    """
    indices = all_indices(client, settings)
    filling = with_alias(indices, settings.next_alias)
    current = with_alias(indices, settings.write_alias)
    if current is None:
        raise StoreError(
            f"the alias '{settings.write_alias}' is missing in the cluster; "
            "run: molva index --rebuild"
        )
    if filling is None:
        check_schema(current)
        return [settings.write_alias]
    if not current.takes_documents:
        # The current index would refuse the new fields; until the swap it stays as it is.
        return [settings.next_alias]
    return [settings.next_alias, settings.write_alias]


def start_rebuild(
    client: Elasticsearch, settings: ClusterSettings, *, model_version: str, time_zone: str
) -> IndexState:
    """Return the index to fill through the alias `<index>-next`; read the store after this.

    A rebuild that was broken off goes on in the index that it began, where that still
    fits; otherwise that index is thrown away. Arguments as for `prepare`.
    """
    begun = next_index(client, settings)
    if begun is not None:
        if begun.model_version == model_version and not problems(begun, time_zone=time_zone):
            return begun
        abandon_rebuild(client, settings)
    return _make(
        client, settings, model_version, time_zone,
        aliases={settings.next_alias: {}}, options=_FILLING,
    )  # fmt: skip


def finish_rebuild(
    client: Elasticsearch, settings: ClusterSettings, *, expected: int
) -> IndexState:
    """Let the next index become the current one, in one request; the old one is kept.

    Args:
        client: from `connect`.
        settings: name the index.
        expected: mentions that the new index has to have: those of the store without
            those that the cluster refused for good.

    Raises:
        StoreError: there is no rebuild, or the counts differ; then nothing was swapped
            and the rebuild can go on.
    """
    indices = all_indices(client, settings)
    new = with_alias(indices, settings.next_alias)
    if new is None:
        raise StoreError("no rebuild is going on; begin one with: molva index --rebuild")
    with clear_errors(settings):
        client.indices.refresh(index=new.name)
        mentions = int(client.count(index=new.name)["count"])
        if mentions != expected:
            raise StoreError(
                f"the new index has {mentions:,} mentions where the store has {expected:,}, so "
                "the old one stays; run this again: molva index --rebuild"
            )
        client.indices.put_settings(index=new.name, settings={"index": _FILLED})
        client.indices.update_aliases(actions=_swap(settings, indices, new.name))
        # Only now: until here a late copy of a deleted mention had to be refused.
        client.indices.put_settings(index=new.name, settings={"index": {"gc_deletes": None}})
    swapped = current_index(client, settings)
    assert swapped is not None  # noqa: S101 - it was made current above
    return swapped


def abandon_rebuild(client: Elasticsearch, settings: ClusterSettings) -> None:
    """Throw away the index that a rebuild was filling."""
    begun = next_index(client, settings)
    if begun is not None and settings.index not in begun.aliases:
        with clear_errors(settings):
            client.indices.delete(index=begun.name)


def old_indices(client: Elasticsearch, settings: ClusterSettings) -> list[OldIndex]:
    """Return the indices that are neither current nor being filled, oldest name first."""
    names = _old_names(all_indices(client, settings), settings)
    if not names:
        return []
    with clear_errors(settings):
        stats = client.indices.stats(index=",".join(names), metric=["docs", "store"])["indices"]
    return [
        OldIndex(
            name,
            int(stats[name]["primaries"]["docs"]["count"]),
            int(stats[name]["total"]["store"]["size_in_bytes"]),
        )
        for name in names
        if name in stats
    ]


def erasure_targets(client: Elasticsearch, settings: ClusterSettings) -> list[str]:
    """Return the old indices, from which a deletion has to erase a mention as well."""
    return _old_names(all_indices(client, settings), settings)


def drop_old(client: Elasticsearch, settings: ClusterSettings) -> list[str]:
    """Delete the old indices for good; return their names."""
    if current_index(client, settings) is None:
        return []
    names = erasure_targets(client, settings)
    with clear_errors(settings):
        for name in names:
            client.indices.delete(index=name, ignore_unavailable=True)
    return names


def _old_names(indices: Mapping[str, IndexState], settings: ClusterSettings) -> list[str]:
    used = {settings.index, settings.write_alias, settings.next_alias}
    return [name for name, state in indices.items() if not state.aliases & used]


def _make(
    client: Elasticsearch,
    settings: ClusterSettings,
    model_version: str,
    time_zone: str,
    *,
    aliases: Body,
    options: Body | None = None,
) -> IndexState:
    """Write the templates and make an index; its name gets a number where it is taken."""
    now = datetime.now(UTC)
    meta = state_meta(model_version, time_zone, now.isoformat(timespec="seconds"))
    base = index_name(settings.index, model_version, now.date())
    with clear_errors(settings):
        _put_templates(client, settings.index)
        for number in count(1):
            name = base if number == 1 else f"{base}-{number}"
            try:
                client.indices.create(
                    index=name,
                    aliases=cast("Mapping[str, Mapping[str, Any]]", aliases),
                    mappings={"_meta": meta},
                    settings={"index": options or {}},
                )
            except BadRequestError as error:
                if not _is_taken(error):
                    raise
                taken = all_indices(client, settings).get(name)
                if taken is not None and aliases.keys() <= taken.aliases:
                    return taken  # another process has just made the same one
            else:
                return all_indices(client, settings)[name]
    raise AssertionError  # count() has no end


def _is_taken(error: ApiError) -> bool:
    return error.error == "resource_already_exists_exception"


def _put_templates(client: Elasticsearch, index: str) -> None:
    for name, template in component_templates(index).items():
        client.cluster.put_component_template(name=name, template=template, meta=TEMPLATE_META)
    client.indices.put_index_template(
        name=index, body={**index_template(index), "_meta": TEMPLATE_META}
    )


def _swap(
    settings: ClusterSettings, indices: Mapping[str, IndexState], new: str
) -> list[Mapping[str, Mapping[str, object]]]:
    """Return the actions that move both aliases to `new` and end the rebuild."""
    ours = (settings.index, settings.write_alias)
    actions: list[Mapping[str, Mapping[str, object]]] = [
        {"remove": {"index": name, "alias": alias}}
        for name, state in indices.items()
        for alias in ours
        if alias in state.aliases and name != new
    ]
    return [
        *actions,
        {"add": {"index": new, "alias": settings.index}},
        {"add": {"index": new, "alias": settings.write_alias, "is_write_index": True}},
        {"remove": {"index": new, "alias": settings.next_alias}},
    ]
