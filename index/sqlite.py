"""The embedded store: one SQLite file behind the protocol `index.base.MentionStore`.

The tables are in `schema.sql`, explained to analysts in `docs/store.md`. This class opens
the file and hands the work out: to `upserts`, `taggings`, `searching`, `trends`, `runs`
and `checks`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Self
from zoneinfo import ZoneInfoNotFoundError

from index import checks, facets, label_counts, retagging, rollups, runs, searching, trends
from index.base import (
    FACETS,
    Facet,
    FacetCount,
    Hit,
    LabelCount,
    Order,
    Period,
    Run,
    RunDigest,
    SearchResult,
    Split,
    Stats,
    StoreError,
    TrendPoint,
    UpsertResult,
)
from index.compile_sqlite import register_functions
from index.connection import (
    connect,
    cut_log,
    limit_time,
    translated_errors,
    write_transaction,
)
from index.crawl_state import CrawlState, author_salt
from index.label_pairs import LabelPair, TaggerUse
from index.ledger import KeepsLedger
from index.lookup import hashes_by_id, revisions
from index.migrations import (
    MIGRATIONS,
    Migration,
    check_version,
    newest_version,
    prepare,
    read_meta,
)
from index.noise_book import KeepsNoise
from index.rows import day_counter
from index.sampling import Samples
from index.service import ServiceAnswers
from index.taggings import add, pending, with_older_facts
from index.text_index import Analysis
from index.upserts import Upsert, erase
from mention import Mention, Reject, Tagging

if TYPE_CHECKING:
    from index.alert_log import AlertLog
    from index.outbox import Outbox


class SqliteStore(ServiceAnswers, KeepsLedger, KeepsNoise):
    """A store in one file, for any number of processes at once.

    An object belongs to the thread that made it; another thread opens its own. Every call
    of a writing method is one transaction and all processes take turns, so batches of
    1,000 to 5,000 mentions are fastest.

    Attributes:
        path: the file.
        read_only: whether it was opened for reading.
        time_zone: IANA name; days, weeks and months begin there.
    """

    def __init__(
        self,
        path: str | Path,
        *,
        create: bool = True,
        read_only: bool = False,
        time_zone: str = "UTC",
        topics: Collection[str] | None = None,
        steps: Mapping[int, Migration] = MIGRATIONS,
        analysis: Analysis | None = None,
    ) -> None:
        """See `index.open_store`; `steps` and `analysis` are the program's own by default."""
        self.path = Path(path)
        self.read_only = read_only
        self._topics = topics
        self._analysis = analysis or Analysis()
        self._analysis_checked = False
        self._heartbeat = runs.Heartbeat()
        self._samples = Samples()
        _day_counter(time_zone)
        self._schema = newest_version(steps)
        self._connection = connect(self.path, create=create, read_only=read_only)
        try:
            with translated_errors(self.path):
                register_functions(self._connection)
                if read_only:
                    self._require_current_schema(steps)
                else:
                    version = check_version(self._connection, self.path, steps)
                    if 0 < version < self._schema and not self._analysis.is_current(
                        self._connection
                    ):
                        # Not with the next mention, as else: until then words are missed. And
                        # first, so that whoever is killed meanwhile finds an older store again.
                        self._analysis.rebuild(self._connection)
                    meta = {"time_zone": time_zone, "analysis_version": self._analysis.version}
                    prepare(self._connection, self.path, meta, steps)
                self.time_zone = read_meta(self._connection)["time_zone"]
        except BaseException:
            self._connection.close()
            raise
        self._day_of = _day_counter(self.time_zone)

    def _require_current_schema(self, steps: Mapping[int, Migration]) -> None:
        version = check_version(self._connection, self.path, steps)
        if version == 0:
            raise StoreError(f"the store {self.path} is empty; collect or import something first")
        if version != self._schema:
            raise StoreError(
                f"the store {self.path} was written by an older Molva; "
                "open it once for writing, for example with: molva doctor"
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        """Release the file; safe to call twice."""
        self._connection.close()

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        with translated_errors(self.path):
            yield self._connection

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        if self.read_only:
            raise StoreError(f"the store {self.path} was opened for reading; open it for writing")
        with translated_errors(self.path):
            yield self._connection
            self._heartbeat.beat(self._connection)
            cut_log(self._connection, self.path)

    @contextmanager
    def _writing_text(self) -> Iterator[sqlite3.Connection]:
        """Write what the text index holds; rebuild it first after an upgrade of the analysis."""
        with self._writing() as connection:
            if not self._analysis_checked:
                if not self._analysis.is_current(connection):
                    self._analysis.rebuild(connection)
                self._analysis_checked = True
            yield connection

    def _require_unchanged(self) -> None:
        """Refuse to write, inside a transaction, what another process has moved on from."""
        meta = read_meta(self._connection)
        (schema,) = self._connection.execute("PRAGMA user_version").fetchone()
        found = (schema, meta["analysis_version"], meta["time_zone"])
        if found != (self._schema, self._analysis.version, self.time_zone):
            raise StoreError(
                f"another process has upgraded the store {self.path} or changed its time zone, "
                "so nothing was written; start this command again"
            )

    def limit_time(self, seconds: float) -> None:
        """Let what is asked until `seconds` from now be answered; then it is a `StoreError`."""
        limit_time(self._connection, seconds)

    # --- writing -----------------------------------------------------------
    def upsert(self, mentions: Sequence[Mention]) -> UpsertResult:
        """Add mentions or replace them by id. An older `collected_at` never wins."""
        with self._writing_text() as connection:
            upsert = Upsert(connection, self._day_of, self._analysis)
            return upsert.run(mentions, self._require_unchanged)

    def add_taggings(self, taggings: Sequence[tuple[str, Tagging]]) -> int:
        """Store (content_hash, tagging) pairs and return how many were stored.

        Pairs for content that has changed since are dropped.
        """
        with self._writing_text() as connection:
            return add(connection, taggings, self._analysis, self._require_unchanged)

    def add_rejects(self, rejects: Sequence[Reject], run_id: int | None = None) -> None:
        """Keep what could not become a mention, with the reason."""
        with self._writing() as connection, write_transaction(connection):
            runs.add_rejects(connection, rejects, run_id)

    def delete(self, ids: Iterable[str]) -> int:
        """Erase mentions with history and taggings. Returns how many existed.

        Their words stay in freed parts of the file's text index until `compact`.
        """
        with self._writing_text() as connection:
            return erase(connection, ids, self._analysis, self._require_unchanged)

    # --- runs --------------------------------------------------------------
    def start_run(
        self, source: str, arguments: dict[str, object], series: str | None = None
    ) -> int:
        """Note that a run began and return its number; secrets are left out."""
        with self._writing() as connection:
            run_id = runs.start(connection, source, arguments, series)
        self._heartbeat.runs.add(run_id)
        return run_id

    def finish_run(
        self,
        run_id: int,
        outcome: str,
        counts: Mapping[str, int],
        message: str | None = None,
        *,
        rejects: Mapping[str, int] | None = None,
        empty_fields: Mapping[str, int] | None = None,
        alarms: Sequence[str] = (),
        covers: tuple[datetime, datetime] | None = None,
    ) -> None:
        """Note how a run ended and what it counted; see `Run` for the values."""
        self._heartbeat.runs.discard(run_id)
        end = runs.End(outcome, counts, message, rejects or {}, empty_fields or {}, alarms, covers)
        with self._writing() as connection:
            runs.finish(connection, run_id, end)

    def runs(
        self, source: str | None = None, limit: int = 50, *, series: str | None = None
    ) -> list[Run]:
        """Return the latest runs of everything, a source or a series, newest first."""
        with self._reading() as connection:
            return runs.latest(connection, source, series, limit)

    def last_runs(self) -> list[Run]:
        """Return the latest run of each series, and of each source without one, newest first."""
        with self._reading() as connection:
            return runs.last_of_each(connection)

    def first_runs(self) -> dict[str, datetime]:
        """Return {series: when its first run began}."""
        with self._reading() as connection:
            return runs.firsts(connection)

    def runs_between(self, begin: datetime, end: datetime) -> Iterator[RunDigest]:
        """Yield the runs that began from `begin` to before `end`, oldest first.

        Nothing may be written before the last one is read.
        """
        with self._reading() as connection:
            yield from runs.between(connection, begin, end)

    def state(self, spider: str) -> CrawlState:
        """Return what a spider remembers from run to run, a mapping kept in the store."""
        return CrawlState(spider, self._reading, self._writing)

    def author_salt(self) -> str:
        """Return the store's secret for hashes of authors."""
        with self._writing() as connection:
            return author_salt(connection)

    # --- reading -----------------------------------------------------------
    def _select(self, query: str) -> searching.Selection:
        return searching.select(query, self.time_zone, self._topics)

    def get(self, mention_id: str) -> Hit | None:
        """Return one mention with its current tagging."""
        with self._reading() as connection:
            return searching.by_id(connection, mention_id)

    def history(self, mention_id: str) -> list[Mention]:
        """Return superseded versions of a mention, oldest first."""
        with self._reading() as connection:
            return revisions(connection, mention_id)

    def taggers(self) -> list[TaggerUse]:
        """Return the taggers of which taggings are kept, the first to tag first."""
        with self._reading() as connection:
            return retagging.taggers(connection)

    def label_pairs(
        self, query: str, before: TaggerUse, after: TaggerUse, *, period: Period = "month"
    ) -> list[LabelPair]:
        """Count labels of two taggers over the same mentions; see `MentionStore.label_pairs`."""
        with self._reading() as connection:
            return retagging.label_pairs(connection, self._select(query), before, after, period)

    def known(self, ids: Sequence[str]) -> dict[str, str]:
        """Return {id: content_hash} for those of `ids` that the store has."""
        with self._reading() as connection:
            return hashes_by_id(connection, ids)

    def pending(
        self, model: str, model_version: str, taxonomy_version: str, batch: int = 512
    ) -> Iterator[list[Mention]]:
        """Yield batches of mentions whose labels are of another tagger, or that have none.

        Those without come first, the newest first. A tagger that comes back reads again what
        another has labelled since. Taggings may be added between the batches.
        """
        with self._reading() as connection:
            tagger = (model, model_version, taxonomy_version)
            yield from pending(connection, tagger, batch)

    def with_older_facts(
        self, facts_version: int, batch: int = 512
    ) -> Iterator[list[tuple[Mention, Tagging]]]:
        """Yield mentions and taggings whose facts are those of older rules, or of none."""
        with self._reading() as connection:
            yield from with_older_facts(connection, facts_version, batch)

    def search(
        self,
        query: str,
        *,
        order: Order = "newest",
        limit: int = 20,
        after: str | None = None,
    ) -> SearchResult:
        """Return one page of hits; `after` is `SearchResult.next` of the page before.

        `order="best"` ranks by BM25; with more than 5,000 hits only the newest 5,000 are
        ranked and given. A query without words has no ranking and comes newest first.
        """
        with self._reading() as connection:
            selection = self._select(query)
            return searching.search(connection, selection, order, limit, after)

    def scan(self, query: str = "", batch: int = 1000) -> Iterator[Hit]:
        """Yield every hit, newest first, in bounded memory, from one state of the store.

        The state is that of the first hit, whatever is written meanwhile.
        """
        selection = self._select(query)  # an error in the query shows here, not later
        return self._scan(selection, batch)

    def _scan(self, selection: searching.Selection, batch: int) -> Iterator[Hit]:
        # A connection of its own: this object goes on reading and writing meanwhile.
        with (
            translated_errors(self.path),
            closing(connect(self.path, read_only=True)) as connection,
        ):
            register_functions(connection)
            yield from searching.scan(connection, selection, batch)

    def explain_query(self, query: str) -> dict[str, object]:
        """Return the parsed tree, the expanded words and the SQL with its plan."""
        with self._reading() as connection:
            return searching.explain(connection, self._select(query))

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

        See `MentionIndex.trends`. Series are given for the topics asked for, in every
        group, or with `topics=None` for the topics that occur in a group. The group of
        mentions without a brand is ''.
        """
        with self._reading() as connection:
            question = trends.Question(period, topics, split, limit, most)
            selection = self._select(query)
            return trends.trends(connection, selection, self._samples, question)

    def facets(
        self,
        query: str = "",
        fields: Sequence[Facet] = FACETS,
        limit: int = 50,
        *,
        most: int | None = None,
    ) -> dict[str, list[FacetCount]]:
        """Count what `query` finds by the values of each of `fields`; see `MentionIndex`."""
        with self._reading() as connection:
            return facets.facets(
                connection, self._select(query), self._samples, fields, limit, most=most
            )

    def count_labels(
        self, query: str = "", *, most: int | None = None, by_language: bool = True
    ) -> list[LabelCount]:
        """Count the mentions that `query` finds by tagger and language."""
        with self._reading() as connection:
            selection = self._select(query)
            return label_counts.count_labels(
                connection, selection, self._samples, most, by_language=by_language
            )

    def rejects(self, limit: int = 50) -> list[tuple[datetime, Reject]]:
        """Return the latest rejects, newest first."""
        with self._reading() as connection:
            return runs.latest_rejects(connection, limit)

    # --- cluster -----------------------------------------------------------
    def outbox(self) -> Outbox:
        """Return what a cluster has still to be told of this store."""
        from index.outbox import Outbox  # here: nobody without a cluster needs it

        return Outbox(self._reading, self._writing)

    def alert_log(self) -> AlertLog:
        """Return what `molva alerts` has found, and what has still to reach somebody."""
        from index.alert_log import AlertLog  # here: no other command needs it

        return AlertLog(self._reading, self._writing)

    # --- upkeep ------------------------------------------------------------
    def stats(self) -> Stats:
        """Count what the store holds."""
        with self._reading() as connection:
            return checks.stats(connection, self.path)

    def check(self) -> list[str]:
        """Return what is damaged or stale, one sentence each; empty when all is well."""
        with self._reading() as connection:
            return checks.check(connection, self._analysis, read_only=self.read_only)

    def rebuild_text_index(self) -> None:
        """Write the text index anew, as after an upgrade of the text analysis."""
        with self._writing() as connection:
            self._analysis.rebuild(connection)
            self._analysis_checked = True

    def rebuild_counts(self) -> None:
        """Count the mentions anew for trends."""
        with self._writing() as connection, write_transaction(connection):
            rollups.rebuild(connection)

    def set_time_zone(self, name: str) -> None:
        """Let days begin elsewhere: every mention and every count is moved.

        Processes that have the store open may read on; they have to open it again to write.
        """
        day_of = _day_counter(name)
        with self._writing() as connection:
            connection.create_function("day_of", 1, day_of, deterministic=True)
            with write_transaction(connection):
                connection.execute("UPDATE meta SET value = ? WHERE key = 'time_zone'", (name,))
                rollups.move_days(connection)
        self.time_zone, self._day_of = name, day_of

    def compact(self) -> None:
        """Give freed space back and remove the last traces of what was erased.

        Writes the whole file anew, which needs as much free disk and stops other writers
        meanwhile.
        """
        with self._writing() as connection:
            connection.execute("INSERT INTO mention_text (mention_text) VALUES ('optimize')")
            connection.execute("VACUUM")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


def _day_counter(time_zone: str) -> Callable[[int], int]:
    try:
        return day_counter(time_zone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise StoreError(
            f"'{time_zone}' is not a time zone; write one such as Europe/Vilnius"
        ) from error
