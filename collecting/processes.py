"""Runs jobs, several at once, each in a process of its own; one that fails stops no other.

A process can crawl once, because a Twisted reactor does not start again, and what one spider
does to its process (a leak, a crash of a C library) is nobody else's. Each process is
`molva collect SPIDER … --format json`; its last line says how it went.

Good manners are kept across processes: no host is asked by two jobs at once.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from collecting.jobs import Job
from project import Project

AT_ONCE: Final = 4
# By its place, so that no folder of a user's that is called `cli` or `project` is imported.
_PROGRAM: Final = Path(__file__).parents[1] / "cli.py"


@dataclass(frozen=True, slots=True)
class Result:
    """How a job went.

    Attributes:
        job: that was run.
        outcome: `finished`, `stopped` or `failed`.
        counts: as the store's record of the run has them; empty when it never began.
        message: one sentence when it did not finish.
        alarms: what was unusual beside its earlier runs.
        warnings: what else it said.
        seconds: how long it took.
    """

    job: Job
    outcome: str
    seconds: float
    counts: Mapping[str, int] = field(default_factory=dict)
    message: str | None = None
    alarms: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def needs_a_look(self) -> bool:
        """Whether it failed, or finished in an unusual way."""
        return self.outcome == "failed" or bool(self.alarms)


def run_jobs(
    project: Project,
    jobs: Sequence[Job],
    *,
    at_once: int = AT_ONCE,
    done: Callable[[Result], None] = lambda _result: None,
) -> list[Result]:
    """Run every job and return the results in the order of the jobs.

    Args:
        project: whose store takes what they bring.
        jobs: each with a series of its own.
        at_once: how many processes there are at most.
        done: is told each result as soon as it is there.
    """
    waiting = list(jobs)
    running: dict[Future[Result], Job] = {}
    results: dict[str, Result] = {}
    # A thread only waits for its process. Whoever interrupts this, by Ctrl-C for example, has
    # interrupted the processes too: they store what they have and are waited for.
    with ThreadPoolExecutor(at_once) as pool:
        while waiting or running:
            for job in list(_startable(waiting, running.values(), at_once - len(running))):
                waiting.remove(job)
                running[pool.submit(_run, project, job)] = job
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                job = running.pop(future)
                results[job.series] = future.result()
                done(results[job.series])
    return [results[job.series] for job in jobs]


def _startable(waiting: Iterable[Job], running: Iterable[Job], places: int) -> Iterator[Job]:
    """Yield at most `places` jobs that ask no host which another job is asking."""
    busy = {host for job in running for host in job.hosts}
    for job in waiting:
        if places <= 0:
            return
        if busy.isdisjoint(job.hosts):
            busy |= job.hosts
            places -= 1
            yield job


def _run(project: Project, job: Job) -> Result:
    """Run one job in a process and wait for its end. Raises nothing that the job has caused."""
    began = time.monotonic()
    try:
        ended = subprocess.run(  # noqa: S603 - our own command
            _command(project, job), check=False, capture_output=True, stdin=subprocess.DEVNULL
        )
    except OSError as error:
        reason = f"its process could not be started: {error.strerror or error}"
        return Result(job, "failed", time.monotonic() - began, message=reason)
    seconds = time.monotonic() - began
    lines = ended.stderr.decode("utf-8", "replace").strip().splitlines()
    record = _last_record(ended.stdout)
    if record is None:
        said = lines[-1].removeprefix("Error: ") if lines else "it said nothing"
        if ended.returncode < 0:
            said = f"its process was killed by signal {-ended.returncode}; {said}"
        return Result(job, "failed", seconds, message=said)
    return Result(
        job,
        record["outcome"],
        seconds,
        counts={name: value for name, value in record.items() if type(value) is int},
        message=record["message"],
        alarms=tuple(record["alarms"]),
        warnings=tuple(lines),
    )


def _command(project: Project, job: Job) -> list[str]:
    command = [sys.executable, str(_PROGRAM), "collect", job.spider]
    for name, value in job.arguments.items():
        command += ["-a", f"{name}={value}"]
    if job.tolerated:
        command.append("--tolerated")
    command += ["--format", "json", "--store", str(project.store)]
    if project.file is not None:
        command += ["--config", str(project.file)]
    return command


def _last_record(output: bytes) -> dict[str, Any] | None:
    """Return what the last line says, if the process got so far."""
    try:
        record = json.loads(output.strip().rpartition(b"\n")[2])
    except ValueError:
        return None
    return record if isinstance(record, dict) and "outcome" in record else None
