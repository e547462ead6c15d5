"""What the cluster says of Molva's indices: which there are, and what they were made with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from elasticsearch import Elasticsearch

from index.base import StoreError
from index.elastic.connection import ClusterSettings, clear_errors
from index.elastic.mapping import FIELDS, SCHEMA_VERSION, is_index_of
from index.text import ANALYSIS_VERSION


@dataclass(frozen=True, slots=True)
class IndexState:
    """One index and what its documents were made with.

    Attributes:
        name: of the index itself, not of an alias.
        schema_version: of the mapping; 0 when the index does not say.
        model_version: of the tagger, as given when the index was made.
        analysis_version: of the stems.
        time_zone: IANA name of the zone that decided `day`.
        created_at: ISO 8601.
        aliases: names that point to it.
        lacks: fields that this Molva writes and the index does not know, in their order.
    """

    name: str
    schema_version: int
    model_version: str
    analysis_version: str
    time_zone: str
    created_at: str
    aliases: frozenset[str]
    lacks: tuple[str, ...] = ()

    @property
    def takes_documents(self) -> bool:
        """Whether it has the fields that this Molva writes; a strict mapping refuses others."""
        return self.schema_version == SCHEMA_VERSION and not self.lacks


def current_index(client: Elasticsearch, settings: ClusterSettings) -> IndexState | None:
    """Return the index that is read; None when there is no index at all.

    Raises:
        StoreError: the aliases are not as Molva leaves them.
    """
    indices = all_indices(client, settings)
    current = [state for state in indices.values() if settings.index in state.aliases]
    if len(current) > 1:
        names = ", ".join(state.name for state in current)
        raise StoreError(
            f"the alias '{settings.index}' points to several indices ({names}); "
            "take it from all but one with POST _aliases"
        )
    if current:
        return current[0]
    others = [one.name for one in indices.values() if settings.next_alias not in one.aliases]
    if others:
        raise StoreError(
            f"the alias '{settings.index}' is missing, though there is the index "
            f"{max(others)}; give it back with POST _aliases, or run: molva index --rebuild"
        )
    with clear_errors(settings):
        if client.indices.exists(index=settings.index):
            raise StoreError(
                f"'{settings.index}' in the cluster is not Molva's; "
                "write another name as index under [elasticsearch]"
            )
    return None


def next_index(client: Elasticsearch, settings: ClusterSettings) -> IndexState | None:
    """Return the index that a rebuild is filling, or None."""
    return with_alias(all_indices(client, settings), settings.next_alias)


def problems(state: IndexState, *, time_zone: str) -> list[str]:
    """Return what makes an index answer otherwise than the store, one sentence each."""
    found = []
    if not state.takes_documents:
        found.append(_misfit(state))
    if state.analysis_version != ANALYSIS_VERSION:
        found.append(
            f"the index {state.name} was written with text analysis {state.analysis_version}, "
            f"this Molva has {ANALYSIS_VERSION}: searches may miss words until you run: "
            "molva index --rebuild"
        )
    if state.time_zone != time_zone:
        found.append(
            f"the field day of {state.name} counts days in {state.time_zone}, the project in "
            f"{time_zone}; run: molva index --rebuild"
        )
    return found


def check_schema(state: IndexState) -> None:
    """Refuse an index whose mapping is another than this Molva's."""
    if not state.takes_documents:
        raise StoreError(_misfit(state))


def _misfit(state: IndexState) -> str:
    if state.schema_version != SCHEMA_VERSION:
        return (
            f"the index {state.name} has schema {state.schema_version}, this Molva writes "
            f"{SCHEMA_VERSION}; run: molva index --rebuild"
        )
    return (
        f"the index {state.name} was made by an older Molva, without the field {state.lacks[0]}"
        f"{f' and {len(state.lacks) - 1} others' if len(state.lacks) > 1 else ''}; "
        "run: molva index --rebuild"
    )


def all_indices(client: Elasticsearch, settings: ClusterSettings) -> dict[str, IndexState]:
    """Return every index of Molva's with what it says of itself."""
    with clear_errors(settings):
        answer = client.indices.get(
            index=f"{settings.index}-v*", features=["aliases", "mappings"], allow_no_indices=True
        )
    return {
        name: _state(name, about)
        for name, about in sorted(answer.items())
        if is_index_of(settings.index, name)
    }


def _state(name: str, about: Mapping[str, Any]) -> IndexState:
    meta = about.get("mappings", {}).get("_meta", {})
    return IndexState(
        name=name,
        schema_version=int(meta.get("schema_version", 0)),
        model_version=str(meta.get("model_version", "")),
        analysis_version=str(meta.get("analysis_version", "")),
        time_zone=str(meta.get("time_zone", "")),
        created_at=str(meta.get("created_at", "")),
        aliases=frozenset(about.get("aliases", {})),
        lacks=tuple(one.name for one in FIELDS if one.name not in meta.get("fields", {})),
    )


def with_alias(indices: Mapping[str, IndexState], alias: str) -> IndexState | None:
    """Return the index among `indices` that an alias points to."""
    return next((state for state in indices.values() if alias in state.aliases), None)
