"""What each answer of the command line looks like: hits, trends, explanations, measurements."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, get_args

import click

from index.base import Hit, SearchResult
from index.cases import Case
from index.ledger import Told
from index.rows import rating_conflict, topic_polarities
from mention import Mention, Tagging
from output.collecting import print_runs
from output.exporting import Export
from output.facts import FACT_KINDS, fact_columns, fact_records, print_facts
from output.footer import Footer
from output.ledger import correction_rows, event_rows, print_told
from output.noise import NOISE_COLUMNS, noise_line, noise_record
from output.rows import Column, Kind, console, print_rows, printable, signed, to_json
from output.words import print_words

SIGNS: Final = {"positive": "+", "neutral": "0", "negative": "−", "mixed": "±"}
# Longest piece of a text that the table of hits shows; JSON has all of it.
EXCERPT: Final = 320
WHOLE: Final = "(the mention as a whole)"

_KINDS: Final[dict[type, Kind]] = {datetime: "moment", float: "number", int: "integer"}


def _kind(annotation: Any) -> Kind:
    """Return what a column of a field of `Mention` holds."""
    if annotation in _KINDS:
        return _KINDS[annotation]
    # `datetime | None`, with what checks it
    kinds = [_kind(part) for part in get_args(annotation)]
    return next((kind for kind in kinds if kind != "text"), "text")


_FIELDS: Final[dict[str, Kind]] = {
    **{name: _kind(one.annotation) for name, one in Mention.model_fields.items()},
    **{name: _kind(one.return_type) for name, one in Mention.model_computed_fields.items()},
}
_TAGGING: Final[dict[str, Kind]] = {
    "sentiment": "text",
    "conflict": "text",
    "score": "number",
    "topic_sentiment": "texts",
    "corrected": "flag",
    "case_status": "text",
    "case_owner": "text",
    "case_opened_at": "moment",
    "case_changed_at": "moment",
    "case_closed_at": "moment",
    **NOISE_COLUMNS,
    **FACT_KINDS,
}
EXPORT_COLUMNS: Final = tuple(
    Column(name, name, kind=kind) for name, kind in (_FIELDS | _TAGGING).items()
)
HIT_COLUMNS: Final = tuple(
    Column(key, key, kind=(_FIELDS | _TAGGING)[key])
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
    """Return a hit as one flat object: every field of the mention, its tagging and its case."""
    record = hit.mention.model_dump(mode="json")
    tagging = hit.tagging
    record["sentiment"] = tagging.sentiment if tagging else None
    record["conflict"] = rating_conflict(hit.mention.stars, record["sentiment"])
    record["score"] = tagging.score if tagging else None
    record["topics"] = list(_labels(hit.mention, tagging))
    record["topic_sentiment"] = list(
        dict.fromkeys(f"{label['topic']}:{label['polarity']}" for label in record["topics"])
    )
    record["facts"] = list(fact_records(hit.mention, tagging))
    record |= fact_columns(tagging)
    record["corrected"] = bool(tagging and tagging.corrected)
    for name in Case.model_fields:
        record[f"case_{name}"] = None if hit.case is None else getattr(hit.case, name)
    record |= noise_record(hit.noise)
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


def print_search(result: SearchResult, export: Export, footer: Footer | None) -> None:
    """Print a page of hits; a table is a list of cards with the evidence under each text."""
    if export.format == "table" and export.path is None:
        for hit in result.hits:
            _print_card(hit)
    else:
        export.write((hit_record(hit) for hit in result.hits), HIT_COLUMNS, footer)
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
        # What a person says of the whole mention rests on no sentence.
        evidence = f"«{printable(label['sentence'])}»" if label["end"] else WHOLE
        screen.print(Text(line, style="dim") + Text(evidence))
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


def print_export(hits: Iterable[Hit], export: Export, footer: Footer) -> None:
    """Write every field of each mention with its whole current tagging."""
    export.write(*export_rows(hits, export.format), footer)


def export_rows(
    hits: Iterable[Hit], output_format: str
) -> tuple[Iterator[dict[str, Any]], Sequence[Column]]:
    """Return the rows of an export in a format, and its columns (none for JSON and JSON Lines)."""
    if output_format not in {"json", "jsonl"}:
        return (hit_record(hit) for hit in hits), EXPORT_COLUMNS
    records = (
        hit.mention.model_dump(mode="json")
        | {
            "conflict": rating_conflict(
                hit.mention.stars, hit.tagging.sentiment if hit.tagging else None
            ),
            "tagging": hit.tagging.model_dump(mode="json") if hit.tagging else None,
            "case": hit.case.model_dump(mode="json") if hit.case else None,
        }
        | noise_record(hit.noise)
        for hit in hits
    )
    return records, ()


def print_explanation(
    hit: Hit,
    versions: Sequence[Mention],
    told: Told,
    output_format: str,
    words: Sequence[Mapping[str, Any]] | None = None,
) -> None:
    """Print the labels of one mention, each beside the sentence it rests on, and who says so.

    With `words`, from `output.words.word_records`, also what each word did for them.
    """
    mention, tagging = hit.mention, hit.tagging
    if output_format == "json":
        record = hit_record(hit) | {
            "tagging": tagging.model_dump(mode="json") if tagging else None,
            # Where nobody has corrected it, the model's word is the one above.
            "model_tagging": told.tagging.model_dump(mode="json")
            if told.tagging and tagging and tagging.corrected
            else None,
            "corrections": correction_rows(told, mention),
            "case_log": list(event_rows(told.events)),
            "earlier_versions": [one.model_dump(mode="json") for one in versions],
        }
        if words is not None:
            record["words"] = words
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
        print_words(words or ())
        print_facts(mention, tagging)
    if tagging is not None:
        click.echo(
            f"\nby {tagging.model} {tagging.model_version}, taxonomy {tagging.taxonomy_version}"
        )
        if tagging.corrected:
            click.echo(f"corrected; {_model_said(told.tagging)}")
    if noise := noise_line(hit.noise):
        click.echo(printable(noise))
    print_told(told, mention)
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
        is_sentence = sentence.end or not sentence.topics
        yield {
            "number": number,
            "labels": ", ".join(labels),
            "sentence": text[sentence.start : sentence.end] if is_sentence else WHOLE,
        }


def _model_said(tagging: Tagging | None) -> str:
    """Return in a line what holds without corrections."""
    if tagging is None:
        return "what the model said is in the store, not in the cluster"
    said = topic_polarities(tagging).items()
    topics = ", ".join(f"{SIGNS[polarity]}{topic}" for topic, polarity in said) or "no topic"
    overall = tagging.sentiment or f"nothing ({tagging.untagged_reason})"
    return f"the model said {overall}; {topics}"


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
