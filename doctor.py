"""What `molva doctor` examines: the store, the tagger, the last runs, what was rejected."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

import pipeline
from collecting.jobs import jobs_of
from collecting.state import examine_sources, run_row
from index.base import MentionStore, StoreError
from mention import UserError
from project import Project

if TYPE_CHECKING:
    from index.sqlite import SqliteStore

SHOWN_RUNS: Final = 10
SHOWN_REJECTS: Final = 10
SHOWN_REFUSED: Final = 10
# How far back gaps are told of.
GAP_DAYS: Final = 30


@dataclass(slots=True)
class Diagnosis:
    """The findings.

    Attributes:
        facts: what was looked at, one line each.
        problems: what needs a person, one sentence and the next step each.
        runs: the latest runs of every source.
        rejects: the latest rejects with their reasons.
        refused: the latest mentions that the cluster refused, with its reasons.
    """

    facts: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    runs: list[dict[str, Any]] = field(default_factory=list)
    rejects: list[dict[str, Any]] = field(default_factory=list)
    refused: list[dict[str, Any]] = field(default_factory=list)
    counts: dict[str, Any] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """Return everything as plain values, for JSON."""
        return {
            "problems": self.problems,
            "facts": self.facts,
            "counts": self.counts,
            "runs": self.runs,
            "rejects": self.rejects,
            "refused": self.refused,
        }


def examine(project: Project, *, insecure_http: bool = False) -> Diagnosis:
    """Look at everything a project needs and say what is wrong. Changes nothing.

    Args:
        project: to be examined.
        insecure_http: allow plain http to a cluster on another machine.
    """
    report = Diagnosis()
    report.facts.append(
        f"project file {project.file}"
        if project.file
        else "no project file; 'molva init' writes one"
    )
    model = _examine_model(project, report)
    if not project.store.exists():
        report.facts.append(
            f"no store at {project.store} yet; 'molva collect' and 'molva import' make one"
        )
        return report
    try:
        with pipeline.open_store(project, create=False) as store:
            _examine_store(store, project, model, report)
            _examine_outbox(store, project, report)
    except StoreError as error:
        report.problems.append(str(error))
    if project.elasticsearch is not None:
        _examine_cluster(project, report, insecure_http=insecure_http)
    return report


def _examine_model(project: Project, report: Diagnosis) -> tuple[str, str] | None:
    try:
        name, version = project.tagger.verify()
        report.facts += project.tagger.untrained()
    except UserError as error:
        report.problems.append(str(error))
        return None
    report.facts.append(f"tagger {name} {version}, weights as they were released")
    return name, version


def _examine_store(
    store: MentionStore, project: Project, model: tuple[str, str] | None, report: Diagnosis
) -> None:
    stats = store.stats()
    report.facts.append(
        f"store {project.store}: {stats.mentions} mentions, {stats.versions} earlier versions, "
        f"{stats.tagged} tagged, {stats.untagged} untagged with a reason, {stats.pending} pending, "
        f"{stats.rejects} rejects, {stats.size_bytes / 1e6:.1f} MB"
    )
    for label, counts in (
        ("sources", stats.by_source),
        ("languages", stats.by_language),
        ("taggers", stats.by_model),
    ):
        if counts:
            listed = (f"{name or 'unknown'} {count}" for name, count in counts.items())
            report.facts.append(f"{label}: {', '.join(listed)}")
    report.counts = {
        "mentions": stats.mentions,
        "versions": stats.versions,
        "tagged": stats.tagged,
        "untagged": stats.untagged,
        "pending": stats.pending,
        "rejects": stats.rejects,
        "by_source": stats.by_source,
        "by_language": stats.by_language,
        "by_model": stats.by_model,
    }
    report.problems += store.check()
    if stats.pending:
        report.facts.append(f"{stats.pending} mentions wait for 'molva tag'")
    if model is not None and stats.by_model and " ".join(model) not in stats.by_model:
        report.facts.append("the store was tagged by another tagger; 'molva tag' tags it anew")
    report.runs = [run_row(run) for run in store.runs(limit=SHOWN_RUNS)]
    facts, problems = examine_sources(jobs_of(project), store.last_runs())
    report.facts += facts
    report.facts += _gaps(store, project)
    report.problems += problems
    rejects = store.rejects(limit=1000)
    for reason, count in Counter(reject.reason for _, reject in rejects).most_common(5):
        report.facts.append(f"rejected {count}: {reason}")
    report.rejects = [
        {
            "when": f"{when:%Y-%m-%d %H:%M}",
            "source": reject.source,
            "where": reject.where,
            "reason": reject.reason,
        }
        for when, reject in rejects[:SHOWN_REJECTS]
    ]


def _gaps(store: MentionStore, project: Project) -> list[str]:
    """Return one sentence about the last days that were not collected; none without any."""
    if not project.sources:
        return []
    from answers.coverage import coverage

    now = datetime.now(ZoneInfo(store.time_zone))
    yesterday = now.date() - timedelta(days=1)
    begin = now.date() - timedelta(days=GAP_DAYS)
    days = coverage(store, project, period="day", split="source", begin=begin, end=yesterday)
    spiders = {source.spider for source in project.sources}
    gaps = Counter(one.group for one in days.values() if one.group in spiders and not one.known)
    if not gaps:
        return []
    listed = ", ".join(f"{source} {number}" for source, number in gaps.most_common())
    return [
        f"of the last {GAP_DAYS} days so many were not collected: {listed}; "
        "'molva coverage --by day --split source --gaps' says why"
    ]


def _examine_outbox(store: SqliteStore, project: Project, report: Diagnosis) -> None:
    outbox = store.outbox()
    state, counts = outbox.state(), outbox.counts()
    if state is None:
        if project.elasticsearch is not None:
            report.facts.append("nothing was sent to the cluster yet; 'molva index' sends it")
        return
    if project.elasticsearch is None:
        report.facts.append(
            f"{counts.waiting} changes wait for a cluster that the project file does not name; "
            "name it, or run: molva index --forget-cluster"
        )
        return
    report.counts |= {"waiting": counts.waiting, "refused": counts.refused}
    last = f"{state.sent_at:%Y-%m-%d %H:%M} UTC" if state.sent_at else "never"
    report.facts.append(f"{counts.waiting} changes wait for 'molva index'; all was sent: {last}")
    if state.rebuilding is not None:
        report.facts.append("a rebuild was broken off; 'molva index --rebuild' goes on with it")
    letters = outbox.dead_letters(SHOWN_REFUSED)
    if letters:
        report.problems.append(
            f"the cluster refused {counts.refused} mentions, the last one because of "
            f"{letters[0].reason}; put that right, then run: molva index --retry-refused"
        )
    report.refused = [
        {
            "when": f"{letter.refused_at:%Y-%m-%d %H:%M}",
            "id": letter.mention_id,
            "reason": letter.reason,
        }
        for letter in letters
    ]


def _examine_cluster(project: Project, report: Diagnosis, *, insecure_http: bool) -> None:
    import cluster

    try:
        index, mentions, problems = cluster.examine(project, insecure_http=insecure_http)
    except UserError as error:
        report.problems.append(str(error))
        return
    if index is None:
        report.facts.append("the cluster answers; it has no index yet, 'molva index' makes it")
    else:
        report.facts.append(f"the cluster answers; its index {index} has {mentions} mentions")
    report.problems += problems
