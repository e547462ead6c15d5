"""What a measurement found: every figure, as tables for people and as JSON for programs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from mention import SENTIMENTS
from nlp.evaluation.figures import Calibration, Counts, Figures, Measure, calibration
from nlp.evaluation.labelled import BadLine
from nlp.evaluation.scoring import Scored
from nlp.taxonomy import codes

UNKNOWN: Final = "?"
Table = tuple[str, list[str], list[dict[str, str]]]
# Figures of a group, with the headings of their columns.
_HEADINGS: Final = {
    "texts": "texts",
    "accuracy": "overall accuracy",
    "macro_f1": "overall macro-F1",
    "weighted_f1": "overall weighted F1",
    "topic_f1": "topic per text F1",
    "text_pair_f1": "topic and polarity per text F1",
    "pair_f1": "topic and polarity per sentence F1",
}
_DETAILS: Final = {
    "texts": "labelled",
    "said": "said",
    "precision": "precision",
    "recall": "recall",
    "f1": "F1",
}


@dataclass
class Report:
    """Figures for all texts and for groups of them; see `tables` and `as_dict`.

    Attributes:
        model: name and version of the tagger.
        groups: by `all`, `language`, `dataset`, `domain`, then by value, the main figures.
        classes: by overall sentiment, precision, recall and F1.
        topics: by topic, the same per text, and `pair_f1` per sentence.
        polarities: by topic and polarity, the same per text.
        confusion: by labelled, then by said sentiment (or `untagged`), how many texts.
        calibration: of `sentiment` and of the reported `topics`.
        texts: how many texts were measured; `untagged`: of them, left untagged.
        left_out: how many ratings stand for no sentiment.
        bad_lines: what could not be used.
        notes: how the labels were understood, one sentence each.
    """

    model: str
    groups: dict[str, dict[str, Figures]] = field(default_factory=dict)
    classes: dict[str, Figures] = field(default_factory=dict)
    topics: dict[str, Figures] = field(default_factory=dict)
    polarities: dict[str, dict[str, Figures]] = field(default_factory=dict)
    confusion: dict[str, dict[str, int]] = field(default_factory=dict)
    calibration: dict[str, Calibration] = field(default_factory=dict)
    texts: int = 0
    untagged: int = 0
    left_out: int = 0
    bad_lines: list[BadLine] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def calibration_error(self) -> float | None:
        """The expected calibration error of the overall sentiment."""
        return self.calibration["sentiment"].error

    def as_dict(self) -> dict[str, Any]:
        """Return every figure as plain numbers, for JSON; what has no basis is None."""
        return {
            "model": self.model,
            "texts": self.texts,
            "untagged": self.untagged,
            "left_out": self.left_out,
            "bad_lines": [asdict(line) for line in self.bad_lines],
            "notes": self.notes,
            "groups": _plain(self.groups),
            "classes": _plain(self.classes),
            "topics": _plain(self.topics),
            "topic_polarities": _plain(self.polarities),
            "confusion": self.confusion,
            "calibration_error": _plain(self.calibration_error),
            "calibration": {name: _plain(asdict(one)) for name, one in self.calibration.items()},
        }

    def tables(self) -> list[Table]:
        """Return (title, column names, rows) of each table; a row maps columns to text."""
        tables = [self._summary()]
        headings = {key: heading for key, heading in _HEADINGS.items() if self._has(key)}
        for kind, members in self.groups.items():
            if members and set(members) != {UNKNOWN}:
                tables.append(_table(f"{self.model} by {kind}", [kind], _named(members), headings))
        if self._has("accuracy"):
            title = "overall sentiment by class"
            tables.append(_table(title, ["sentiment"], _named(self.classes), _DETAILS))
            tables.append(self._confusion())
        if self._has("topic_f1"):
            headings = dict(_DETAILS)
            if self._has("pair_f1"):
                headings["pair_f1"] = "topic and polarity per sentence F1"
            tables.append(_table("topics per text", ["topic"], _named(self.topics), headings))
            found = [
                ((code, polarity), figures)
                for code, signs in self.polarities.items()
                for polarity, figures in signs.items()
                if figures["texts"] or figures["said"]
            ]
            title = "topics and polarities per text"
            tables.append(_table(title, ["topic", "polarity"], found, _DETAILS))
        for name, one in self.calibration.items():
            if one.error is not None:
                tables.append(_bins(name, one))
        return tables

    def _has(self, key: str) -> bool:
        """Tell whether a figure has a basis in all texts."""
        figure = self.groups["all"]["all"][key]
        return not isinstance(figure, Measure) or figure.value is not None

    def _summary(self) -> Table:
        facts = {
            "texts measured": str(self.texts),
            "of them left untagged, which counts as wrong": str(self.untagged),
            "ratings that stand for no sentiment": str(self.left_out),
            "lines that could not be used": str(len(self.bad_lines)),
        }
        rows = [{"what": what, "how many": count} for what, count in facts.items()]
        rows += [{"what": f"note: {note}", "how many": ""} for note in self.notes]
        return "what was measured", ["what", "how many"], rows

    def _confusion(self) -> Table:
        rows = [
            {"labelled": gold} | {said: str(count) for said, count in row.items()}
            for gold, row in self.confusion.items()
        ]
        columns = ["labelled", *SENTIMENTS, "untagged"]
        return "overall sentiment, labelled and said", columns, rows


def report(scored: Sequence[Scored], model: str) -> Report:
    """Return the figures of texts already compared; `model` is the name that the tables show."""
    counts = Counts(scored)
    topics = counts.topics()
    kinds: dict[str, Callable[[Scored], str]] = {
        "language": _language,
        "dataset": lambda one: str(one.record.get("dataset", UNKNOWN)),
        "domain": lambda one: str(one.record.get("domain", UNKNOWN)),
    }
    confusion = {gold: dict.fromkeys([*SENTIMENTS, "untagged"], 0) for gold in SENTIMENTS}
    for one in scored:
        if one.sentiment is not None:
            confusion[one.sentiment][one.said_sentiment or "untagged"] += 1
    return Report(
        model,
        groups={"all": {"all": counts.overall(range(len(scored)))}}
        | {kind: _groups(counts, key) for kind, key in kinds.items()},
        classes=counts.classes(),
        topics={code: topics[code][0] for code in codes()},
        polarities={code: topics[code][1] for code in codes()},
        confusion=confusion,
        calibration={
            "sentiment": calibration(
                (one.confidence, one.right)
                for one in scored
                if one.sentiment is not None and one.said_sentiment is not None and not one.by_sign
            ),
            "topics": calibration(
                (confidence, one.is_right(pair))
                for one in scored
                if one.gold is not None
                for pair, confidence in one.confidences.items()
            ),
        },
        texts=len(scored),
        untagged=sum(one.said_sentiment is None for one in scored),
    )


def _language(one: Scored) -> str:
    """Return the language as labelled, else as identified."""
    found = one.tagging.lang if one.tagging else None
    return str(one.record.get("lang") or found or UNKNOWN)


def _groups(counts: Counts, key: Callable[[Scored], str]) -> dict[str, Figures]:
    members: dict[str, list[int]] = {}
    for place, one in enumerate(counts.scored):
        members.setdefault(key(one), []).append(place)
    ordered = sorted(members.items(), key=lambda item: -len(item[1]))
    return {name: counts.overall(places) for name, places in ordered}


def _plain(value: Any) -> Any:
    """Return nested figures as what JSON has, numbers rounded to four places."""
    if isinstance(value, Measure):
        return value.as_dict()
    if isinstance(value, Mapping):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return round(value, 4) if isinstance(value, float) else value


def _table(
    title: str,
    keys: Sequence[str],
    members: Iterable[tuple[Sequence[str], Figures]],
    headings: Mapping[str, str],
) -> Table:
    """Return a table of groups, each with its names.

    `keys`: the headings of the names; `headings`: which figures, and what stands above them.
    """
    rows = [
        dict(zip(keys, names, strict=True))
        | {heading: str(figures[key]) for key, heading in headings.items()}
        for names, figures in members
    ]
    return title, [*keys, *headings.values()], rows


def _named(members: Mapping[str, Figures]) -> list[tuple[Sequence[str], Figures]]:
    return [((name,), figures) for name, figures in members.items()]


def _bins(name: str, one: Calibration) -> Table:
    """Return the bins of a calibration, those without answers too."""
    rows = [
        {
            "confidence": f"{each.low:.1f}–{each.high:.1f}",
            "count": str(each.count),
            "mean confidence": "–" if each.confidence is None else f"{each.confidence:.3f}",
            "accuracy": "–" if each.accuracy is None else f"{each.accuracy:.3f}",
        }
        for each in one.bins
    ]
    title = f"calibration of {name}: expected error {one.error:.3f}, {one.count} answers"
    return title, list(rows[0]), rows
