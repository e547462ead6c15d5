"""The command that warns: `molva alerts`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

import click

from commands import EXIT_PARTLY, answer_options
from output import format_option

if TYPE_CHECKING:
    from answers.alerts.messages import Message
    from cluster import Place
    from index.alert_log import AlertLog
    from index.base import AlertEvent, MentionIndex
    from index.sqlite import SqliteStore
    from output.alerts.delivery import Delivery
    from project import Project

EXIT_ALERT: Final = 4


@click.command()
@click.option(
    "--on",
    "day",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="DATE",
    help="The last day that is looked at.  [default: yesterday, the last whole day]",
)
@click.option("--deliver", is_flag=True, help="Send what waits to the outputs of the project file.")
@click.option("--dry-run", is_flag=True, help="Show what would be told; note and send nothing.")
@click.option(
    "--digest",
    type=click.Choice(["day", "week", "month"]),
    help="Sum up what was told in that time (a month is thirty days) instead of looking anew.",
)
@format_option("table", "json")
@answer_options
def alerts(
    day: datetime | None,
    deliver: bool,
    dry_run: bool,
    digest: str | None,
    output_format: str,
    place: Place,
) -> None:
    """Warn early: what people complain of, or praise, more than usual, by the project's rules.

    Exit code 4 says that something new has to be told, 3 that an output could not be reached.
    """
    if deliver and dry_run:
        raise click.UsageError("--dry-run sends nothing; give it without --deliver")
    with _open_store(place.project, is_dry=dry_run) as store, place.open() as mentions:
        yesterday = _yesterday(store.time_zone)
        on = yesterday if day is None else day.date()
        if on > yesterday:
            raise click.UsageError(f"the {on} is not over yet; --on takes a day before today")
        run = _Run(place.project, store, mentions, is_dry=dry_run, delivers=deliver)
        if digest is None:
            code = run.look(on, output_format)
        else:
            code = run.sum_up(digest, on, output_format)
    sys.exit(code)


def _yesterday(time_zone: str) -> date:
    return datetime.now(ZoneInfo(time_zone)).date() - timedelta(days=1)


def _open_store(project: Project, *, is_dry: bool) -> SqliteStore:
    import pipeline

    return pipeline.read_store(project) if is_dry else pipeline.open_store(project, create=False)


@dataclass(frozen=True, slots=True)
class _Run:
    """One run of the command."""

    project: Project
    store: SqliteStore
    mentions: MentionIndex
    is_dry: bool
    delivers: bool
    messages: dict[str, Message] = field(default_factory=dict)

    def look(self, on: date, output_format: str) -> int:
        """Try the rules, print what came of it, and return the exit code."""
        from answers.alerts.covered import unknown_days
        from answers.alerts.evaluation import evaluate, latest_events, rules_of
        from answers.alerts.states import ON, decide, still_on
        from output.alerts.report import Report, print_report

        log, rules = self.store.alert_log(), rules_of(self.project)
        unknown = unknown_days(self.store, self.project)
        evaluation = evaluate(self.mentions, rules, on, unknown)
        new = self._note(log, list(decide(evaluation.findings, log.latest())))
        if not self.is_dry:
            log.look(on)
        latest = latest_events(log, self.project) | {event.series: event for event in new}
        deliveries = self._deliver(log)
        report = Report(
            on=on,
            new=[self._message(event) for event in new],
            on_now=[self._message(event) for event in still_on(latest)],
            tested=len(evaluation.findings),
            gaps=evaluation.gaps,
            deliveries=deliveries,
            waiting=log.waiting([output.name for output in self.project.alerts_delivery]),
        )
        print_report(report, output_format)
        has_news = any(event.kind in ON for event in new)
        return _exit_code(deliveries, has_news=has_news)

    def sum_up(self, span: str, on: date, output_format: str) -> int:
        """Print what was told in the days up to `on`, and return the exit code."""
        from answers.alerts.evaluation import latest_events
        from answers.alerts.messages import DIGEST_DAYS, digest
        from output.alerts.report import print_deliveries, print_digest

        log = self.store.alert_log()
        first = on - timedelta(days=DIGEST_DAYS[span] - 1)
        event = digest(span, on, log.between(first, on), latest_events(log, self.project))
        if self.delivers:
            self._note(log, [event])
        deliveries = self._deliver(log)
        print_digest(self._message(event), output_format)
        print_deliveries(deliveries)
        return _exit_code(deliveries, has_news=False)

    def _note(self, log: AlertLog, events: Sequence[AlertEvent]) -> list[AlertEvent]:
        """Keep events with whom they have to reach; return the new ones, worst first."""
        from project.alerts import SEVERITIES

        if self.is_dry:
            new = list(events)
        else:
            outputs = self.project.alerts_delivery
            new = log.add(
                (event, [one.name for one in outputs if one.takes(event.record["severity"])])
                for event in events
            )
        return sorted(new, key=lambda event: -SEVERITIES.index(event.record["severity"]))

    def _deliver(self, log: AlertLog) -> list[Delivery]:
        if not self.delivers:
            return []
        from output.alerts.delivery import deliver

        return deliver(self.project.alerts_delivery, log, self._message)

    def _message(self, event: AlertEvent) -> Message:
        """Return what there is to tell of an event; its sentences are looked up once."""
        from answers.alerts.messages import message_of

        if event.id not in self.messages:
            zone = ZoneInfo(self.store.time_zone)
            self.messages[event.id] = message_of(event, self.mentions, zone)
        return self.messages[event.id]


def _exit_code(deliveries: Sequence[Delivery], *, has_news: bool) -> int:
    if any(one.error is not None for one in deliveries):
        return EXIT_PARTLY
    return EXIT_ALERT if has_news else 0
