"""The store and its cluster: sends what the cluster does not have yet, and asks it.

`molva index` may be killed anywhere and run again: what the cluster has is taken out of the
store's outbox only after the cluster said so, and sending twice changes nothing there.
What a cluster needs is imported only by commands that use one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pipeline
from index.base import MentionIndex, StoreError
from project import Project

if TYPE_CHECKING:
    from elasticsearch import Elasticsearch

    from index.elastic.connection import ClusterSettings
    from index.elastic.sender import IndexReport, Sender
    from index.ledger import Told
    from index.sqlite import SqliteStore
    from mention import Mention

Show = Callable[[str, int], AbstractContextManager[Callable[[int], None]]]


def settings_of(project: Project, *, insecure_http: bool = False) -> ClusterSettings:
    """Return how to reach the project's cluster.

    Raises:
        StoreError: the project names none, or a setting cannot be right.
    """
    from index.elastic.connection import ClusterSettings

    named = project.elasticsearch
    if named is None:
        raise StoreError(
            "the project file names no cluster; write a table [elasticsearch] with its url, "
            "as 'molva init' shows"
        )
    return ClusterSettings(named.url, named.index, named.ca_file, named.timeout, insecure_http)


def open_answers(
    project: Project, *, cluster: bool | None = None, insecure_http: bool = False
) -> MentionIndex:
    """Open what answers questions: the cluster, or the project's store for reading.

    Args:
        project: names both.
        cluster: whether to ask the cluster; None asks what the project file says.
        insecure_http: allow plain http to another machine.

    Raises:
        StoreError: it cannot be used.
    """
    if not (project.asks_cluster if cluster is None else cluster):
        return pipeline.read_store(project)
    settings = settings_of(project, insecure_http=insecure_http)
    from index.elastic.store import ElasticIndex

    return ElasticIndex(settings, time_zone=project.time_zone, topics=project.tagger.topic_codes())


@dataclass(frozen=True, slots=True)
class Place:
    """Where a question is asked: the store, or the cluster that has the same.

    Attributes:
        project: of the question.
        asks_cluster: whether the cluster answers.
        insecure_http: allow plain http to another machine.
    """

    project: Project
    asks_cluster: bool
    insecure_http: bool

    def open(self) -> MentionIndex:
        """Open what answers; use it in a `with` statement."""
        return open_answers(
            self.project, cluster=self.asks_cluster, insecure_http=self.insecure_http
        )

    def history(self, mention_id: str) -> list[Mention]:
        """Return superseded versions of a mention, oldest first; only the store has them."""
        if self.asks_cluster:
            return []
        with pipeline.read_store(self.project) as store:
            return store.history(mention_id)

    def told(self, mention_id: str) -> Told:
        """Return what people have said about a mention; only the store has it."""
        from index.ledger import Told

        if self.asks_cluster:
            return Told()
        with pipeline.read_store(self.project) as store:
            return store.ledger().told(mention_id)


def index_store(
    project: Project,
    *,
    rebuild: bool = False,
    drop_old: bool = False,
    retry_refused: bool = False,
    insecure_http: bool = False,
    show: Show | None = None,
) -> IndexReport:
    """Send what the cluster does not have yet; the first time that is everything.

    Args:
        project: names the store and the cluster.
        rebuild: build a new index from the store, then let it take the old one's place.
        drop_old: delete the indices that rebuilds have left behind.
        retry_refused: send again what the cluster has refused.
        insecure_http: allow plain http to another machine.
        show: is told a label and a total, and shows what counts towards it.

    Raises:
        StoreError: the store or the cluster cannot be used. What was sent is sent, the rest
            waits.
    """
    from index.elastic.aliases import drop_old as drop
    from index.elastic.connection import connect
    from index.outbox import only_sender

    settings = settings_of(project, insecure_http=insecure_http)
    with (
        pipeline.open_store(project, create=False) as store,
        only_sender(store.path),
        closing(connect(settings)) as client,
    ):
        sender = _sender(project, store, client, settings, show)
        if retry_refused:
            sender.outbox.retry_dead()
        if rebuild:
            sender.rebuild()
        else:
            sender.send()
        sender.compare()
        if drop_old:
            sender.report.dropped = drop(client, settings)
        sender.look_around()
        return sender.report


def forget_cluster(project: Project) -> int:
    """Let the project's store note no more changes for a cluster.

    What the cluster holds stays there. Returns how many mentions were erased from the store
    and not yet from the cluster.

    Raises:
        StoreError: the store cannot be used, or is being sent.
    """
    from index.outbox import only_sender

    with pipeline.open_store(project, create=False) as store, only_sender(store.path):
        return store.outbox().disable()


def examine(project: Project, *, insecure_http: bool = False) -> tuple[str | None, int, list[str]]:
    """Return which index answers (None: there is none), how much it has, and what is wrong.

    Raises:
        StoreError: the cluster cannot be used.
    """
    from index.elastic.aliases import current_index, problems
    from index.elastic.connection import clear_errors, connect

    settings = settings_of(project, insecure_http=insecure_http)
    with closing(connect(settings)) as client:
        current = current_index(client, settings)
        if current is None:
            return None, 0, []
        with clear_errors(settings):
            mentions = int(client.count(index=settings.index)["count"])
    return current.name, mentions, problems(current, time_zone=project.time_zone)


def erase(
    project: Project, store: SqliteStore, ids: Sequence[str], *, insecure_http: bool = False
) -> None:
    """Erase mentions from the project's cluster that the store has erased.

    Raises:
        StoreError: the cluster could not be told; `molva index` will tell it.
    """
    from index.elastic.connection import connect
    from index.outbox import only_sender

    settings = settings_of(project, insecure_http=insecure_http)
    outbox = store.outbox()
    outbox.enable()
    outbox.erase(ids)
    with only_sender(store.path), closing(connect(settings)) as client:
        _sender(project, store, client, settings).send_deletions()


def _sender(
    project: Project,
    store: SqliteStore,
    client: Elasticsearch,
    settings: ClusterSettings,
    show: Show | None = None,
) -> Sender:
    from index.elastic.sender import Sender, show_nothing

    return Sender(
        store.outbox(),
        client,
        settings,
        time_zone=store.time_zone,
        model=lambda: " ".join(project.tagger.verify()),
        show=show or show_nothing,
    )
