"""The cluster behind the protocol `index.base.MentionIndex`.

It gives the same answers as `index/sqlite.py` to the same mentions, with these
differences: it knows no authors, keeps no history, ranks by the server's own BM25, and
orders two mentions of one order key by their ids.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Self

from elasticsearch import Elasticsearch

from index.base import (
    FACETS,
    Facet,
    FacetCount,
    Hit,
    LabelCount,
    Measure,
    Order,
    Period,
    SearchResult,
    Split,
    Stats,
    StoreError,
    TrendPoint,
    UpsertResult,
)
from index.elastic import facets, label_counts, reading, service, trends
from index.elastic.compile import CompiledQuery, compile_query, explain
from index.elastic.compile_filters import check_time_zone
from index.elastic.connection import ClusterSettings, clear_errors, connect
from index.elastic.filling import Filling
from index.elastic.mapping import SCHEMA_VERSION
from index.elastic.states import current_index
from index.query import parse
from index.service_counts import ReplyPoint, ValuePoint
from index.trends import Question
from mention import Mention, Tagging


class ElasticIndex:
    """The mentions in a cluster; what was written is found after the next refresh.

    Attributes:
        settings: which cluster and index.
        time_zone: IANA name; days, weeks and months begin there.
    """

    def __init__(
        self,
        settings: ClusterSettings,
        *,
        time_zone: str = "UTC",
        topics: Collection[str] | None = None,
    ) -> None:
        """Connect, and see that there is an index of this Molva.

        Args:
            settings: which cluster and index.
            time_zone: IANA name of the zone whose days are counted.
            topics: codes that a query's `topic:` may name; None allows any.

        Raises:
            StoreError: the cluster or the index cannot be used.
        """
        check_time_zone(time_zone)
        self.settings = settings
        self.time_zone = time_zone
        self._topics = topics
        self._client = connect(settings)
        try:
            self._check_index()
        except BaseException:
            self._client.close()
            raise
        self._filling = Filling(self._client, settings, time_zone)

    def _check_index(self) -> None:
        state = current_index(self._client, self.settings)
        if state is None:
            raise StoreError(
                f"the cluster at {self.settings.url} has no index '{self.settings.index}'; "
                "make it with: molva index"
            )
        if state.schema_version != SCHEMA_VERSION:
            raise StoreError(
                f"the index {state.name} has schema {state.schema_version}, this Molva reads "
                f"{SCHEMA_VERSION}; run: molva index --rebuild"
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        """Release the connections; safe to call twice."""
        self._client.close()

    @contextmanager
    def _asking(self) -> Iterator[tuple[Elasticsearch, str]]:
        """Give the client and the name to ask; errors become clear ones."""
        with clear_errors(self.settings), reading.clear_query_errors():
            yield self._client, self.settings.index

    def _compile(self, query: str) -> CompiledQuery:
        return compile_query(parse(query, self._topics), time_zone=self.time_zone)

    # --- reading -----------------------------------------------------------
    def get(self, mention_id: str) -> Hit | None:
        """Return one mention with its current tagging, without its author."""
        with self._asking() as (client, index):
            return reading.by_id(client, index, mention_id)

    def search(
        self,
        query: str,
        *,
        order: Order = "newest",
        limit: int = 20,
        after: str | None = None,
    ) -> SearchResult:
        """Return one page of hits; `after` is `SearchResult.next` of the page before.

        `order="best"` ranks all hits by the server's BM25. A query that does not insist on
        words has no ranking and comes newest first.
        """
        compiled = self._compile(query)
        with self._asking() as (client, index):
            return reading.search(
                client, index, compiled, ranked=order == "best", limit=limit, after=after
            )

    def scan(self, query: str = "", batch: int = 1000) -> Iterator[Hit]:
        """Yield every hit, newest first, in bounded memory, from one state of the index.

        The state is that of the first hit. Whoever lets five minutes pass between two
        batches gets an error.
        """
        compiled = self._compile(query)  # an error in the query shows here, not later
        return self._scan(compiled, batch)

    def _scan(self, compiled: CompiledQuery, batch: int) -> Iterator[Hit]:
        with self._asking() as (client, index):
            yield from reading.scan(client, index, compiled, batch)

    def explain_query(self, query: str) -> dict[str, object]:
        """Return the parsed tree, the expanded words and the request, ready for Kibana."""
        node = parse(query, self._topics)
        compiled = compile_query(node, time_zone=self.time_zone)
        return {
            **explain(node, compiled),
            "request": f"POST /{self.settings.index}/_search",
            "body": reading.search_body(compiled, ranked=False),
        }

    def trends(
        self,
        query: str = "",
        *,
        period: Period = "month",
        topics: Sequence[str] | None = None,
        split: Split | None = None,
        limit: int | None = None,
        most: int | None = None,
    ) -> list[TrendPoint]:
        """Count mentions by bucket, topic and group, ordered by (topic, group, start).

        See `MentionIndex.trends`; series are given as `SqliteStore.trends` gives them.
        """
        compiled, question = self._compile(query), Question(period, topics, split, limit, most)
        with self._asking() as (client, index):
            return trends.trends(client, index, compiled, question, self.time_zone)

    def facets(
        self,
        query: str = "",
        fields: Sequence[Facet] = FACETS,
        limit: int = 50,
        *,
        most: int | None = None,
    ) -> dict[str, list[FacetCount]]:
        """Count the mentions that `query` finds by the values of each of `fields`."""
        compiled = self._compile(query)
        with self._asking() as (client, index):
            return facets.facets(client, index, compiled, fields, limit, most)

    def count_labels(
        self,
        query: str = "",
        *,
        most: int | None = None,  # noqa: ARG002 - a cluster counts all of them
        by_language: bool = True,
    ) -> list[LabelCount]:
        """Count the mentions that `query` finds by tagger and language."""
        compiled = self._compile(query)
        with self._asking() as (client, index):
            return label_counts.count_labels(client, index, compiled, by_language=by_language)

    def replies(
        self,
        query: str = "",
        *,
        period: Period = "month",
        split: Split | None = None,
        days: int = 7,
    ) -> list[ReplyPoint]:
        """Count by bucket and group what was replied to, and how soon."""
        compiled, question = self._compile(query), Question(period, (), split)
        with self._asking() as (client, index):
            return service.replies(client, index, compiled, question, days, self.time_zone)

    def values(
        self,
        measure: Measure,
        query: str = "",
        *,
        period: Period = "month",
        split: Split | None = None,
    ) -> list[ValuePoint]:
        """Count the values of a measure by bucket and group."""
        compiled, question = self._compile(query), Question(period, (), split)
        with self._asking() as (client, index):
            return service.values(client, index, compiled, question, measure, self.time_zone)

    def sources_with_replies(self) -> list[str]:
        """Return the sources of which any mention has a reply, in order."""
        with self._asking() as (client, index):
            return service.sources_with_replies(client, index)

    def ages(self, query: str, now: datetime, edges: Sequence[timedelta]) -> list[int]:
        """Count by age the mentions that `query` finds."""
        compiled = self._compile(query)
        with self._asking() as (client, index):
            return service.ages(client, index, compiled, now, edges)

    def stats(self) -> Stats:
        """Count what the index holds; history, rejects and old taggings it has none."""
        with self._asking() as (client, index):
            return facets.stats(client, index, self.time_zone)

    # --- writing -----------------------------------------------------------
    def upsert(self, mentions: Sequence[Mention]) -> UpsertResult:
        """Add mentions or replace them by id. An older `collected_at` never wins."""
        return self._filling.upsert(mentions)

    def add_taggings(self, taggings: Sequence[tuple[str, Tagging]]) -> int:
        """Store (content_hash, tagging) pairs and return how many were stored.

        Pairs for content that has changed since are dropped.
        """
        return self._filling.add_taggings(taggings)

    def delete(self, ids: Iterable[str]) -> int:
        """Erase mentions. Returns how many existed.

        For a minute the server then refuses older versions of the same mention.
        """
        return self._filling.delete(ids)
