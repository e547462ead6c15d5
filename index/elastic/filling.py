"""Adding mentions and taggings straight to the cluster, without a store behind it.

Everyone else sends what a store has (`index/elastic/writing.py`); here the index itself is
asked what it has, and the same rules decide what becomes of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from elasticsearch import Elasticsearch

from index.base import StoreError, UpsertResult
from index.elastic.connection import ClusterSettings, clear_errors
from index.elastic.documents import Entry, deletion_version, to_case, to_hit, to_noise
from index.elastic.writing import Deletion, send
from index.lookup import rounds
from mention import Mention, Tagging


class Filling:
    """Writes to one index and lets everyone see it before it returns."""

    def __init__(self, client: Elasticsearch, settings: ClusterSettings, time_zone: str) -> None:
        self._client = client
        self._settings = settings
        self._time_zone = time_zone

    def upsert(self, mentions: Sequence[Mention]) -> UpsertResult:
        """Add mentions or replace them by id; see `MentionStore.upsert`."""
        new = changed = refreshed = 0
        for batch in rounds(mentions, lambda one: one.id):
            there = self._there(batch)
            entries = []
            for mention in batch.values():
                old = there.get(mention.id)
                if old is None:
                    new += 1
                    entries.append(Entry(mention, None, mention.collected_at, None))
                elif mention.collected_at < old.mention.collected_at:
                    continue  # an older look at the page never wins
                elif mention.content_hash != old.mention.content_hash:
                    changed += 1
                    entries.append(replace(old, mention=mention, tagging=None, tagged_at=None))
                else:
                    refreshed += _differ(mention, old.mention)
                    entries.append(replace(old, mention=mention))
            self._send(entries)
        return UpsertResult(new, changed, refreshed, len(mentions) - new - changed - refreshed)

    def add_taggings(self, taggings: Sequence[tuple[str, Tagging]]) -> int:
        """Store (content_hash, tagging) pairs; see `MentionStore.add_taggings`."""
        stored = 0
        for batch in rounds(taggings, lambda pair: pair[1].mention_id):
            there = self._there(batch)
            now = datetime.now(UTC)
            entries = [
                replace(old, tagging=tagging, tagged_at=now)
                for mention_id, (content_hash, tagging) in batch.items()
                if (old := there.get(mention_id)) and old.mention.content_hash == content_hash
            ]
            self._send(entries)
            stored += len(entries)
        return stored

    def delete(self, ids: Iterable[str]) -> int:
        """Erase mentions; return how many existed."""
        version = deletion_version(datetime.now(UTC))
        return self._send([Deletion(one, version) for one in dict.fromkeys(ids)])

    def _send(self, changes: Sequence[Entry | Deletion]) -> int:
        """Send changes and return how many mentions were erased."""
        if not changes:
            return 0
        alias = self._settings.write_alias
        deleted = 0
        for report in send(self._client, [alias], changes, time_zone=self._time_zone):
            deleted += report.deleted
            for mention_id, reason in report.refused:
                raise StoreError(f"the cluster refuses {mention_id}: {reason}")
        with clear_errors(self._settings):
            self._client.indices.refresh(index=alias)
        return deleted

    def _there(self, ids: Iterable[str]) -> dict[str, Entry]:
        """Return what the index has of `ids`, also what no search finds yet."""
        wanted = list(ids)
        if not wanted:
            return {}
        with clear_errors(self._settings):
            answer = self._client.mget(index=self._settings.write_alias, ids=wanted)
        return {one["_id"]: _entry(one["_source"]) for one in answer["docs"] if one.get("found")}


def _entry(document: dict[str, Any]) -> Entry:
    mention, tagging = to_hit(document)
    first = datetime.fromisoformat(document["first_collected_at"])
    tagged, noted = (
        datetime.fromisoformat(document[name]) if name in document else None
        for name in ("tagged_at", "noted_at")
    )
    noise = to_noise(document)
    return Entry(mention, tagging, first, tagged, to_case(document), noted, noise)


def _differ(mention: Mention, old: Mention) -> bool:
    """Say whether two looks at the same content differ otherwise; the index has no authors."""
    known = {"author_id": None, "author_name": None, "collected_at": old.collected_at}
    return mention.model_copy(update=known) != old
