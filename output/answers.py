"""What each answer of the command line looks like: hits, trends, explanations, measurements."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import click

from index.base import Hit, SearchResult, TrendPoint
from mention import Mention, Tagging
from output.collecting import print_runs
from output.rows import Column, console, print_rows, printable, share, signed, to_json

SIGNS: Final = {"positive": "+", "neutral": "0", "negative": "−", "mixed": "±"}
# Longest piece of a text that the table of hits shows; JSON has all of it.
EXCERPT: Final = 320
BAR: Final = 24

HIT_COLUMNS: Final = tuple(
    Column(key, key)
    for key in (
        "id",
        "source",
        "kind",
        "published_at",
        "brand",
        "product",
        "location",
        "lang",
        "stars",
        "sentiment",
        "score",
        "topic_sentiment",
        "title",
        "text",
        "url",
    )
)


def hit_record(hit: Hit) -> dict[str, Any]:
    """Return a hit as one flat object: every field of the mention, then its tagging."""
    record = hit.mention.model_dump(mode="json")
    tagging = hit.tagging
    record["sentiment"] = tagging.sentiment if tagging else None
    record["score"] = tagging.score if tagging else None
    record["topics"] = list(_labels(hit.mention, tagging))
    record["topic_sentiment"] = list(
        dict.fromkeys(f"{label['topic']}:{label['polarity']}" for label in record["topics"])
    )
    record["highlights"] = [list(span) for span in hit.highlights]
    if hit.relevance is not None:
        record["relevance"] = hit.relevance
    return record


def _labels(mention: Mention, tagging: Tagging | None) -> Iterator[dict[str, Any]]:
    """Yield each topic label with its span and the sentence it rests on."""
    for sentence in tagging.sentences if tagging else ():
        text = (mention.title or "") if sentence.field == "title" else mention.text
        for label in sentence.topics:
            yield {
                "topic": label.topic,
                "polarity": label.polarity,
                "confidence": label.confidence,
                "field": sentence.field,
                "start": sentence.start,
                "end": sentence.end,
                "sentence": text[sentence.start : sentence.end],
            }


def print_summary(summary: Any, output_format: str) -> None:
    """Print what a crawl or an import brought (`pipeline.IntakeSummary`)."""
    if output_format == "json":
        record: Mapping[str, Any] = {
            "source": summary.source,
            "outcome": summary.outcome,
            "message": summary.message,
            **summary.counts,
            "reject_reasons": summary.observed.rejects,
            "empty_fields": summary.observed.empty_fields,
            "alarms": summary.alarms,
        }
        click.echo(to_json(record))
    else:
        click.echo(printable(summary.line()))
        for alarm in summary.alarms:
            click.echo(printable(f"! {summary.source} {alarm}"), err=True)


def print_search(result: SearchResult, output_format: str) -> None:
    """Print a page of hits; a table is a list of cards with the evidence under each text."""
    if output_format != "table":
        print_rows((hit_record(hit) for hit in result.hits), output_format, HIT_COLUMNS)
    else:
        for hit in result.hits:
            _print_card(hit)
    shown = len(result.hits)
    line = f"{shown} of {result.total}" if result.total else "nothing found"
    if result.next is not None:
        line += f"; the next page: --after {result.next}"
    click.echo(line, err=True)


def _print_card(hit: Hit) -> None:
    from rich.text import Text

    mention, tagging = hit.mention, hit.tagging
    when = mention.published_at or mention.collected_at
    facts = [f"{when:%Y-%m-%d}", mention.source]
    facts += [value for value in (mention.brand, mention.location) if value]
    if mention.stars is not None:
        facts.append(f"★ {mention.stars:g}")
    if tagging and tagging.sentiment:
        facts.append(f"{tagging.sentiment} {signed(tagging.score)}")
    else:
        facts.append("untagged")
    screen = console()
    screen.print(Text(printable(" · ".join(facts)), style="bold"), Text(printable(mention.id)))
    if mention.title:
        screen.print(Text("  " + printable(mention.title), style="italic"))
    screen.print(Text("  ") + _highlighted(mention.text, hit.highlights))
    for label in _labels(mention, tagging):
        line = f"    {SIGNS[label['polarity']]} {label['topic']} {label['confidence']:.2f}  "
        screen.print(Text(line, style="dim") + Text(f"«{printable(label['sentence'])}»"))
    screen.print()


def _highlighted(text: str, spans: Sequence[tuple[int, int]]) -> Any:
    """Return an excerpt around the first match with matches in bold."""
    from rich.text import Text

    begin = 0
    if spans and spans[0][1] > EXCERPT:
        begin = max(0, spans[0][0] - EXCERPT // 3)
    end = begin + EXCERPT
    shown = Text("…" if begin else "")
    position = begin
    for start, stop in (*spans, (end, end)):
        if start >= end or stop <= position:
            start = stop = min(max(start, position), end)  # noqa: PLW2901 - clipped to the excerpt
        shown.append(_flat(text[position:start]))
        shown.append(_flat(text[start:stop]), style="bold yellow")
        position = max(position, stop)
    shown.append("…" if len(text) > end else "")
    return shown


def _flat(piece: str) -> str:
    """Make a piece of text printable without losing the spaces at its ends."""
    if not piece:
        return ""
    inner = printable(piece)
    left = " " if piece[0].isspace() else ""
    right = " " if piece[-1].isspace() and inner else ""
    return f"{left}{inner}{right}"


def print_trends(points: Sequence[TrendPoint], output_format: str, split: str | None) -> None:
    """Print a trend; the table draws the negative count of each bucket as a bar."""
    largest = max((point.negative for point in points), default=0) or 1
    rows = (
        {
            "topic": point.topic or "(overall)",
            "group": point.group,
            "start": point.start,
            "count": point.count,
            "positive": point.positive,
            "neutral": point.neutral,
            "negative": point.negative,
            "mixed": point.mixed,
            "mentions": point.mentions,
            "share_negative": _rounded(point.share_negative),
            "net_sentiment": _rounded(point.net_sentiment),
            "bar": "█" * round(BAR * point.negative / largest) or ("▏" if point.negative else ""),
        }
        for point in points
    )
    columns = [
        Column("topic", "topic"),
        Column("start", "from"),
        Column("count", "count", right=True),
        Column("positive", "+", right=True),
        Column("neutral", "0", right=True),
        Column("negative", "−", right=True),
        Column("mixed", "±", right=True),
        Column("mentions", "mentions", right=True),
        Column("share_negative", "negative", right=True, show=share),
        Column("net_sentiment", "net", right=True, show=signed),
    ]
    if split is not None:
        columns.insert(1, Column("group", split))
    if output_format == "table":
        columns.append(Column("bar", ""))
    else:
        rows = ({key: row[key] for key in row if key != "bar"} for row in rows)
    count = print_rows(rows, output_format, columns)
    if not count:
        click.echo("nothing to count: is the store tagged? 'molva tag' does it", err=True)


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def print_export(hits: Iterable[Hit], output_format: str) -> None:
    """Print every field of each mention with its whole current tagging."""
    if output_format == "csv":
        print_rows((hit_record(hit) for hit in hits), "csv", _export_columns())
        return
    records = (
        hit.mention.model_dump(mode="json")
        | {"tagging": hit.tagging.model_dump(mode="json") if hit.tagging else None}
        for hit in hits
    )
    print_rows(records, output_format, ())


def _export_columns() -> list[Column]:
    names = [*Mention.model_fields, *Mention.model_computed_fields]
    return [Column(name, name) for name in (*names, "sentiment", "score", "topic_sentiment")]


def print_explanation(hit: Hit, versions: Sequence[Mention], output_format: str) -> None:
    """Print the labels of one mention, each beside the sentence it rests on."""
    mention, tagging = hit.mention, hit.tagging
    if output_format == "json":
        record = hit_record(hit) | {
            "tagging": tagging.model_dump(mode="json") if tagging else None,
            "earlier_versions": [one.model_dump(mode="json") for one in versions],
        }
        click.echo(to_json(record, indent=2))
        return
    _print_card(hit)
    if tagging is None:
        click.echo("not tagged yet: run 'molva tag'")
    elif tagging.untagged_reason:
        click.echo(f"untagged, because of its {tagging.untagged_reason}")
    else:
        click.echo(
            f"overall {tagging.sentiment}, confidence {tagging.confidence:.2f}, "
            f"language {tagging.lang}"
        )
        print_rows(_sentence_rows(mention, tagging), "table", _SENTENCE_COLUMNS)
    if tagging is not None:
        click.echo(
            f"\nby {tagging.model} {tagging.model_version}, taxonomy {tagging.taxonomy_version}"
        )
    if mention.url:
        click.echo(f"original: {printable(mention.url)}")
    if versions:
        click.echo(f"edited: {len(versions)} earlier versions; --format json shows them")


_SENTENCE_COLUMNS: Final = (
    Column("number", "no", right=True),
    Column("labels", "labels"),
    Column("sentence", "sentence"),
)


def _sentence_rows(mention: Mention, tagging: Tagging) -> Iterator[Mapping[str, Any]]:
    for number, sentence in enumerate(tagging.sentences, start=1):
        text = (mention.title or "") if sentence.field == "title" else mention.text
        labels = (f"{SIGNS[x.polarity]}{x.topic} {x.confidence:.2f}" for x in sentence.topics)
        yield {
            "number": number,
            "labels": ", ".join(labels),
            "sentence": text[sentence.start : sentence.end],
        }


def print_evaluation(report: Any, output_format: str) -> None:
    """Print what `molva evaluate` measured: `report` is `nlp.evaluation.Report`."""
    if output_format == "json":
        click.echo(to_json(report.as_dict(), indent=2))
        return
    for title, columns, rows in report.tables():
        click.echo(f"\n{title}")
        shown = [Column(name, name, right=number > 0) for number, name in enumerate(columns)]
        print_rows(rows, "table", shown)


def print_diagnosis(report: Any, output_format: str) -> None:
    """Print what `molva doctor` found: `report` is `doctor.Diagnosis`."""
    if output_format == "json":
        click.echo(to_json(report.as_dict(), indent=2))
        return
    for line in report.facts:
        click.echo(printable(line))
    if report.runs:
        click.echo("\nlast runs")
        print_runs(report.runs)
    if report.rejects:
        click.echo("\nlast rejects")
        print_rows(report.rejects, "table", [Column(key, key) for key in report.rejects[0]])
    if report.refused:
        click.echo("\nrefused by the cluster")
        print_rows(report.refused, "table", [Column(key, key) for key in report.refused[0]])
    click.echo()
    for problem in report.problems:
        click.echo(f"! {printable(problem)}")
    if not report.problems:
        click.echo("all is well")
