"""What `molva alerts` prints: what is new with its sentences, what is on, where it is silent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Final

import click

from output.alerts.texts import SENTENCE, command_of, json_record, title
from output.rows import Column, console, print_rows, printable, shortened, to_json

if TYPE_CHECKING:
    from answers.alerts.findings import Gap
    from answers.alerts.messages import Message
    from output.alerts.delivery import Delivery


@dataclass(frozen=True, slots=True)
class Report:
    """The outcome of one run.

    Attributes:
        on: the last day that was looked at.
        new: what has to be told.
        on_now: the newest message of every alert that is on.
        tested: how many series were judged.
        gaps: what could not be judged.
        deliveries: how sending went; empty when nothing was to be sent.
        waiting: deliveries that have still to be made.
    """

    on: date
    new: Sequence[Message]
    on_now: Sequence[Message]
    tested: int
    gaps: Sequence[Gap]
    deliveries: Sequence[Delivery]
    waiting: int


def _figure(value: float | None) -> str:
    return "–" if value is None else f"{value:.3g}"


_COLUMNS: Final = (
    Column("severity", "severity"),
    Column("rule", "rule"),
    Column("topic", "topic", show=lambda value: value or "(overall)"),
    Column("group", "group", show=lambda value: "–" if value is None else value),
    Column("since", "since"),
    Column("last", "told"),
    Column("observed", "seen", right=True),
    Column("expected", "usual", right=True, show=_figure),
    Column("value", "value", right=True, show=_figure),
    Column("low", "from", right=True, show=_figure),
    Column("high", "to", right=True, show=_figure),
    Column("q", "q", right=True, show=_figure),
)


def print_report(report: Report, output_format: str) -> None:
    """Print a run; problems go to standard error."""
    if output_format == "json":
        click.echo(to_json(_as_json(report), indent=2))
    else:
        _print_tables(report)
    print_deliveries(report.deliveries)


def print_deliveries(deliveries: Sequence[Delivery]) -> None:
    """Print how sending went, to standard error."""
    for delivery in deliveries:
        click.echo(f"{delivery.output}: {delivery.sent} sent", err=True)
        if delivery.error is not None:
            line = f"! {delivery.output}: not sent, the next run tries again: {delivery.error}"
            click.echo(printable(line), err=True)


def print_digest(message: Message, output_format: str) -> None:
    """Print a digest."""
    if output_format == "json":
        click.echo(to_json(json_record(message), indent=2))
        return
    click.echo(printable(message.title))
    for line in message.lines:
        click.echo(f"  {printable(line)}")


def _as_json(report: Report) -> dict[str, Any]:
    return {
        "on": report.on,
        "new": [json_record(message) for message in report.new],
        "on_now": [json_record(message) for message in report.on_now],
        "tested": report.tested,
        "gaps": [asdict(gap) for gap in report.gaps],
        "deliveries": [asdict(delivery) for delivery in report.deliveries],
        "waiting": report.waiting,
    }


def _print_tables(report: Report) -> None:
    for message in report.new:
        _print_card(message)
    if report.on_now:
        print_rows((dict(one.record) for one in report.on_now), "table", _COLUMNS, title="on now")
    click.echo(
        f"{report.on}: {len(report.new)} to tell, {len(report.on_now)} on, "
        f"{report.tested} series judged",
        err=True,
    )
    for gap in report.gaps:
        group = f", {gap.group}" if gap.group else ""
        click.echo(
            printable(f"not judged: {gap.rule}{group} ({gap.series} series): {gap.reason}"),
            err=True,
        )
    if report.waiting:
        click.echo(f"messages that wait for a run with --deliver: {report.waiting}", err=True)


def _print_card(message: Message) -> None:
    from rich.text import Text

    screen = console()
    screen.print(Text(title(message), style="bold"))
    for line in message.lines:
        screen.print(Text("  " + printable(line)))
    for one in message.evidence:
        cut = shortened(one.text, SENTENCE)
        sure = "" if one.confidence is None else f"{one.confidence:.2f}  "
        screen.print(Text(f"    {sure}", style="dim") + Text(f"«{cut}»"))
    if message.query is not None:
        screen.print(Text("  " + command_of(message.query), style="dim"))
    screen.print()
