"""A store and a cluster that is sent what the store holds, for suites that write to a store."""

from __future__ import annotations

from elasticsearch import Elasticsearch

from index.base import MentionIndex
from index.elastic.connection import ClusterSettings, connect
from index.elastic.sender import Sender
from index.elastic.store import ElasticIndex
from index.sqlite import SqliteStore


class Sent:
    """A store, and a cluster that is sent what the store holds before it is asked."""

    def __init__(self, store: SqliteStore, settings: ClusterSettings) -> None:
        self.store = store
        self._settings = settings
        self._index = ElasticIndex(settings)

    def send(self) -> int:
        """Send what waits, let it be found, and return how many documents were written."""
        with connect(self._settings) as client:
            sender = self._sender(client)
            sender.send()
            sender.compare()
        assert sender.report.problems == []
        assert (sender.report.waiting, sender.report.refused) == (0, 0)
        return sender.report.sent

    def _sender(self, client: Elasticsearch) -> Sender:
        outbox = self.store.outbox()
        return Sender(outbox, client, self._settings, time_zone="UTC", model=lambda: "none")

    def answers(self) -> MentionIndex:
        self.send()
        return self._index

    def close(self) -> None:
        self._index.close()
