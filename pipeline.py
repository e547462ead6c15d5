"""Collect → store → tag → answer: composes the rooms and knows no details of any.

Every step can be killed and run again: spiders hand over what they have in
small batches, each stored whole or not at all; what is not yet tagged is what
the store says is pending. Nothing is kept only in memory.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import index
from collecting.covering import covered
from collecting.health import HISTORY, Observations, alarms
from collecting.jobs import series_of
from index.base import MentionStore, UpsertResult
from mention import Fact, Mention, Reject, Tagging
from project import Project

if TYPE_CHECKING:
    from crawlers.listing import Reach
    from index.sqlite import SqliteStore
    from nlp.tagger import Tagger

IMPORT_BATCH: Final = 1000
# Small enough that a killed run loses seconds of work, large enough that texts
# of like length fill the tagger's batches.
TAG_BATCH: Final = 512

_LONE_SURROGATE: Final = re.compile("[\ud800-\udfff]")

Progress = Callable[[int], None]


def _no_progress(_done: int) -> None: ...


def _no_warning(_sentence: str) -> None: ...


@dataclass(slots=True)
class IntakeSummary:
    """What a crawl or an import brought.

    Attributes:
        outcome: `finished`, `stopped` (by a limit or a person) or `failed`.
        counts: `items`, of which `new`, `changed`, `refreshed` and `same`; `rejects`; and
            for crawls `pages` and HTTP statuses (`status_404` …).
        message: one sentence when it did not finish, or when there is something to know.
        observed: what the record of the run says of the health of its source.
        alarms: what was unusual beside the runs before, one sentence each.
        reach: how far back a crawl has read; None when there are gaps.
        covers: between which times everything was read that the source shows; None when the
            run says nothing of the kind.
    """

    source: str
    outcome: str = "finished"
    counts: Counter[str] = field(default_factory=Counter)
    message: str | None = None
    observed: Observations = field(default_factory=Observations)
    alarms: list[str] = field(default_factory=list)
    reach: Reach | None = None
    covers: tuple[datetime, datetime] | None = None

    def line(self) -> str:
        """Return the summary as one line for a person."""
        parts = [f"{self.counts[name]} {name}" for name in ("new", "changed", "refreshed", "same")]
        parts.append(f"{self.counts['rejects']} rejected")
        if "pages" in self.counts:
            pages = self.counts["pages"]
            parts.append(f"{pages} page" if pages == 1 else f"{pages} pages")
        line = f"{self.source}: {', '.join(parts)}"
        if self.outcome != "finished":
            line += f"; {self.outcome}: {self.message or 'no reason was given'}"
        elif self.message:
            line += f"; {self.message}"
        return line


class Intake:
    """Stores batches of mentions and rejects for one run, and counts what became of them."""

    def __init__(self, store: MentionStore, source: str, run_id: int) -> None:
        self._store = store
        self._run_id = run_id
        # Zeros too: a run that brought nothing says so.
        self.summary = IntakeSummary(source, counts=Counter(items=0, rejects=0))

    def __call__(self, items: Iterable[Mention | Reject]) -> UpsertResult:
        """Store a batch; when this returns, it is on disk."""
        mentions = []
        rejects = []
        for item in items:
            self.summary.observed.note(item)
            if isinstance(item, Reject):
                rejects.append(item)
            else:
                mentions.append(item)
        result = self._store.upsert(mentions) if mentions else UpsertResult()
        if rejects:
            self._store.add_rejects(rejects, self._run_id)
        self.summary.counts.update(
            items=len(mentions),
            new=result.new,
            changed=result.changed,
            refreshed=result.refreshed,
            same=result.same,
            rejects=len(rejects),
        )
        return result


@contextmanager
def _run(
    store: MentionStore, source: str, arguments: Mapping[str, object], series: str | None = None
) -> Iterator[Intake]:
    """Record a run around the block: finished, failed with its reason, or stopped by a person.

    One that belongs to a series is compared with the earlier runs of it.
    """
    run_id = store.start_run(source, dict(arguments), series)
    intake = Intake(store, source, run_id)
    summary = intake.summary
    try:
        yield intake
        if series is not None:
            runs = {run.id: run for run in store.runs(source, limit=HISTORY, series=series)}
            this = replace(
                runs[run_id],
                outcome=summary.outcome,
                counts=dict(summary.counts),
                empty_fields=dict(summary.observed.empty_fields),
            )
            earlier = [run for run in runs.values() if run.id < run_id]
            summary.alarms += alarms(this, earlier)
            this = replace(this, alarms=tuple(summary.alarms))
            summary.covers = covered(this, summary.reach, earlier)
        else:
            summary.covers = summary.observed.span
    except KeyboardInterrupt:
        summary.outcome, summary.message = "stopped", "interrupted; run it again to continue"
        raise
    except Exception as error:
        summary.outcome, summary.message = "failed", str(error)
        raise
    finally:
        store.finish_run(
            run_id,
            summary.outcome,
            dict(summary.counts),
            summary.message,
            rejects=summary.observed.rejects,
            empty_fields=dict(summary.observed.empty_fields),
            alarms=summary.alarms,
            covers=summary.covers,
        )


def open_store(project: Project, *, create: bool = True) -> SqliteStore:
    """Open the project's store for writing; with `create=False` a missing file is an error.

    A time zone that was changed in the project file moves the store's days.

    Raises:
        StoreError: it is missing or cannot be used.
    """
    store = index.open_store(
        project.store,
        time_zone=project.time_zone,
        create=create,
        topics=project.tagger.topic_codes(),
    )
    if project.file is not None and store.time_zone != project.time_zone:
        store.set_time_zone(project.time_zone)
    return store


def read_store(project: Project) -> SqliteStore:
    """Open the project's store for questions only; needs no right to write the file.

    Raises:
        StoreError: it is missing or cannot be used.
    """
    return index.open_store(
        project.store, create=False, read_only=True, topics=project.tagger.topic_codes()
    )


def collect(
    project: Project,
    spider: str,
    arguments: Mapping[str, str],
    *,
    tolerated: bool = False,
    warn: Callable[[str], None] = _no_warning,
    cache: Path | None = None,
) -> IntakeSummary:
    """Run one spider in this process and store what it brings.

    Args:
        tolerated: allow it where the platform's terms may forbid it, as the project may too.
        warn: is called with what the user should know before anything is asked for.
        cache: folder to keep answers in and to read them from, while a parser is written.

    A process can do this once (a Twisted reactor does not start again);
    `collecting.processes` therefore gives each source a process of its own.

    Raises:
        ArgumentError: there is no such spider or argument, or a value is wrong.
        MissingKeyError: a key is not set.
        NotAllowedError: the platform's terms may forbid it, and nobody allowed it.
        StoreError: the store cannot be used.
    """
    from crawlers.run import check, crawl

    tolerated = tolerated or project.tolerated
    # Before a store is made for a slip of the keyboard.
    checked = check(spider, arguments, tolerated=tolerated)
    if checked.warning is not None:
        warn(checked.warning)
    series = series_of(spider, checked.public)
    with open_store(project) as store, _run(store, spider, checked.public, series) as intake:
        result = crawl(
            spider,
            dict(arguments),
            intake,
            known=store.known,
            state=store.state(spider),
            author_salt=store.author_salt(),
            store_author_names=project.store_author_names,
            contact=project.contact,
            tolerated=tolerated,
            cache=cache,
        )
        summary = intake.summary
        summary.outcome, summary.message = result.outcome, result.message
        summary.reach = result.reach
        summary.counts.update(result.counts)
        return summary


def import_files(
    project: Project,
    paths: Sequence[Path],
    *,
    file_format: str | None = None,
    source: str = "import",
    mapping: Mapping[str, str] | None = None,
    options: Mapping[str, Any] | None = None,
    progress: Progress = _no_progress,
) -> IntakeSummary:
    """Read files into the store; the same file twice adds nothing.

    Raises:
        ImportFileError: a file cannot be read. Files before it are stored.
        StoreError: the store cannot be used.
    """
    from crawlers.importers import import_file

    arguments = {"files": [str(path) for path in paths], "format": file_format}
    with open_store(project) as store, _run(store, source, arguments) as intake:
        problems: Counter[str] = Counter()
        for path in paths:
            items = import_file(
                path,
                file_format,
                source=source,
                mapping=dict(mapping or {}),
                author_salt=store.author_salt(),
                store_author_names=project.store_author_names,
                problems=problems,
                **dict(options or {}),
            )
            for batch in _batches(items, IMPORT_BATCH):
                intake(batch)
                progress(len(batch))
        intake.summary.counts.update(problems)
        return intake.summary


def _batches(items: Iterable[Any], size: int) -> Iterator[list[Any]]:
    batch: list[Any] = []
    for item in items:
        batch.append(item)
        if len(batch) >= size:
            yield batch
            batch = []
    if batch:
        yield batch


def tag_pending(
    store: MentionStore, tagger: Tagger, progress: Progress = _no_progress
) -> Counter[str]:
    """Tag what has labels of another tagger or none, batch by batch.

    Returns counts: `tagged`, and `untagged_<reason>` for texts that were left alone.
    """
    counts: Counter[str] = Counter()
    pending = store.pending(
        tagger.model, tagger.model_version, tagger.taxonomy_version, batch=TAG_BATCH
    )
    for batch in pending:
        taggings = list(tagger.tag(batch))
        store.add_taggings(
            [(one.content_hash, tagging) for one, tagging in zip(batch, taggings, strict=True)]
        )
        for tagging in taggings:
            reason = tagging.untagged_reason
            counts["tagged" if reason is None else f"untagged_{reason}"] += 1
        progress(len(batch))
    _add_facts(store)
    return counts


def _add_facts(store: MentionStore) -> None:
    """Look for facts where older rules did; the model need not read these texts again."""
    from nlp import facts

    for batch in store.with_older_facts(facts.VERSION, batch=TAG_BATCH):
        store.add_taggings(
            [
                (
                    mention.content_hash,
                    tagging.model_copy(
                        update={
                            "facts": facts.find_in_mention(
                                mention.title, mention.text, tagging.lang
                            ),
                            "facts_version": facts.VERSION,
                        }
                    ),
                )
                for mention, tagging in batch
            ]
        )


def tagging_record(tagging: Tagging) -> dict[str, Any]:
    """Return a tagging in the form that `molva tag FILE` writes; offsets count in `text`.

    A topic that only the title speaks of has an empty span and `"field": "title"`.
    """
    topics = []
    for sentence in tagging.sentences:
        in_text = sentence.field == "text"
        for label in sentence.topics:
            topic = {
                "topic": label.topic,
                "polarity": label.polarity,
                "confidence": round(label.confidence, 4),
                "start": sentence.start if in_text else 0,
                "end": sentence.end if in_text else 0,
            }
            topics.append(topic if in_text else topic | {"field": "title"})
    record: dict[str, Any] = {
        "id": tagging.mention_id,
        "lang": tagging.lang,
        "sentiment": tagging.sentiment,
        "score": None if tagging.score is None else round(tagging.score, 4),
        "topics": topics,
        "facts": [_fact_record(fact) for fact in tagging.facts],
    }
    if tagging.untagged_reason is not None:
        record["untagged_reason"] = tagging.untagged_reason
    return record


def _fact_record(fact: Fact) -> dict[str, Any]:
    record = {"kind": fact.kind, "value": fact.value, "start": fact.start, "end": fact.end}
    # As for topics: offsets count in `text` unless the record says otherwise.
    return record if fact.field == "text" else record | {"field": "title"}


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line of a file that could not be read, and why."""

    number: int
    reason: str


def tag_lines(lines: Iterable[bytes], tagger: Tagger) -> Iterator[dict[str, Any] | BadLine]:
    """Tag JSON Lines `{"id", "title"?, "text", "lang"?}` in order.

    A line that cannot be read comes back as `BadLine` in its place; the rest goes on.
    """
    from nlp.tagger import TagItem

    for batch in _batches(_numbered(lines), TAG_BATCH * 4):
        parsed = [_parse_line(number, line) for number, line in batch]
        items = [TagItem(**one) for one in parsed if not isinstance(one, BadLine)]
        taggings = iter(tagger.tag(items))
        for one in parsed:
            yield one if isinstance(one, BadLine) else tagging_record(next(taggings))


def _numbered(lines: Iterable[bytes]) -> Iterator[tuple[int, bytes]]:
    for number, line in enumerate(lines, start=1):
        if line.strip():
            yield number, line


def read_objects(lines: Iterable[bytes]) -> Iterator[tuple[int, dict[str, Any] | BadLine]]:
    """Yield the number of each line that is not blank, with its JSON object or why it has none."""
    for number, line in _numbered(lines):
        yield number, _object(number, line)


def _object(number: int, line: bytes) -> dict[str, Any] | BadLine:
    try:
        record = json.loads(line.decode("utf-8-sig"))
    except UnicodeDecodeError:
        return BadLine(number, "is not UTF-8; convert the file with iconv")
    except (ValueError, RecursionError):
        return BadLine(number, "is not JSON; each line is one object")
    if not isinstance(record, dict):
        return BadLine(number, 'is not a JSON object; write {"id": …}')
    return record


def _parse_line(number: int, line: bytes) -> dict[str, Any] | BadLine:
    record = _object(number, line)
    if isinstance(record, BadLine):
        return record
    text, title, lang = record.get("text"), record.get("title"), record.get("lang")
    if not isinstance(text, str):
        return BadLine(number, 'has no "text" that is a string')
    return {
        # JSON can carry half of a surrogate pair, which no encoder accepts; one
        # character for one, so that offsets hold.
        "id": _LONE_SURROGATE.sub("\ufffd", str(record.get("id", number))),
        "text": _LONE_SURROGATE.sub("\ufffd", text),
        "title": _LONE_SURROGATE.sub("\ufffd", title) if isinstance(title, str) else None,
        "lang": lang if isinstance(lang, str) else None,
    }
