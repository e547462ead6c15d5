"""How good the tagger is on labelled texts, with intervals. What `molva evaluate` prints.

`docs/evaluation.md` describes the file and every figure. Here the steps meet: labels are
read (modules `labelled` and `spellings`), texts are tagged and compared with them
(`scoring`), counted (`figures`) and reported (`report`).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mention import UserError
from nlp.evaluation.labelled import BadLine, LabelError, Labels, read_records
from nlp.evaluation.report import Report, report
from nlp.evaluation.scoring import Pair, Scored, by_sign, item_of, score, sentences_of
from nlp.evaluation.spellings import Record
from nlp.tagger_setup import TaggerSetup

if TYPE_CHECKING:
    from nlp.tagger import Tagger

__all__ = [
    "BadLine",
    "LabelError",
    "Labels",
    "Report",
    "Scored",
    "evaluate",
    "evaluate_file",
    "measure",
    "mistakes",
    "read_records",
    "report",
    "score",
]


def evaluate(records: Sequence[Record], tagger: Tagger) -> Report:
    """Tag labelled records in the normal form (`nlp.evaluation.spellings`) and compare."""
    return measure(records, tagger)[1]


def evaluate_file(
    path: Path,
    model: str | Path | TaggerSetup = "default",
    *,
    stars: bool = False,
    errors: Path | None = None,
) -> Report:
    """Measure a model on a labelled file.

    `stars`: ratings of 1 to 5 are the overall labels; `errors`: where to write
    what was tagged wrongly. Raises `LabelError`, `ModelError`, and `UserError`
    when `errors` cannot be written.
    """
    setup = model if isinstance(model, TaggerSetup) else TaggerSetup(str(model))
    labels = read_records(path, stars=stars)
    if errors is not None:
        if errors.exists() and path.exists() and errors.samefile(path):
            raise UserError(f"{errors} holds the labels; name another file for the errors")
        # Who has waited for the tagger should not hear only then that this fails.
        _write(errors, "a", [])
    scored, result = measure(labels.records, setup.load())
    result.bad_lines, result.left_out = labels.bad_lines, labels.left_out
    if errors is not None:
        _write(errors, "w", mistakes(scored))
    return result


def measure(records: Sequence[Record], tagger: Tagger) -> tuple[list[Scored], Report]:
    """As `evaluate`; return every compared text beside the report."""
    items = [item_of(number, record) for number, record in enumerate(records)]
    pairs = zip(records, tagger.tag(items), strict=True)
    scored, notes = by_sign([score(record, tagging) for record, tagging in pairs])
    result = report(scored, f"{tagger.model} {tagger.model_version}")
    result.notes = notes
    return scored, result


def _write(path: Path, mode: str, rows: Sequence[dict[str, Any]]) -> None:
    try:
        with path.open(mode, encoding="utf-8") as file:
            file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    except OSError as error:
        raise UserError(
            f"{path} cannot be written ({error.strerror or error}); name another file"
        ) from error


def mistakes(scored: Sequence[Scored]) -> list[dict[str, Any]]:
    """Return what was tagged wrongly, for JSON: what was labelled, what was said, the sentences.

    The surest mistakes come first: `certainty` is the highest confidence among
    the wrong answers of a text, 0 where something was only missed.
    """
    rows = [row for one in scored if (row := _mistake(one))["wrong"]]
    rows.sort(key=lambda row: -row["certainty"])
    return rows


def _mistake(one: Scored) -> dict[str, Any]:
    keys = ("line", "id", "lang", "domain", "dataset")
    row: dict[str, Any] = {key: one.record[key] for key in keys if key in one.record}
    labelled: dict[str, Any] = {}
    said: dict[str, Any] = {"sentiment": one.said_sentiment}
    if one.tagging is not None:
        said |= {
            "sentiment": one.tagging.sentiment,
            "score": _rounded(one.tagging.score),
            "confidence": _rounded(one.tagging.confidence),
        }
        if one.by_sign:
            said["counted_as"] = one.said_sentiment
        if one.tagging.untagged_reason is not None:
            said["untagged_reason"] = one.tagging.untagged_reason
    wrong, certainty = [], 0.0
    if one.sentiment is not None:
        labelled["sentiment"] = one.sentiment
        if not one.right:
            wrong.append("sentiment")
            certainty = one.confidence
    if one.gold is not None:
        labelled["topics"] = [
            _label(pair) | {"found": one.is_found(pair)} for pair in sorted(one.gold)
        ]
        said["topics"] = []
        for pair in sorted(one.said):
            confidence, right = one.confidences.get(pair, 0.0), one.is_right(pair)
            said["topics"].append(
                _label(pair) | {"confidence": round(confidence, 4), "right": right}
            )
            certainty = certainty if right else max(certainty, confidence)
        if not (all(map(one.is_right, one.said)) and all(map(one.is_found, one.gold))):
            wrong.append("topics")
    return row | {
        "wrong": wrong,
        "certainty": round(certainty, 4),
        "labelled": labelled,
        "said": said,
        "sentences": sentences_of(one),
    }


def _label(pair: Pair) -> dict[str, Any]:
    sentence, topic, polarity = pair
    number = {} if sentence < 0 else {"sentence": sentence}
    return number | {"topic": topic, "polarity": polarity}


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
