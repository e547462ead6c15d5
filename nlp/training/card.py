"""Stage `card`: the model's README and metrics.json, with every figure measured in the same run.

The prose is `card.md` beside this file; its line `{{figures}}` gives place to
tables of the test side, by language, set, domain, topic and class, and to the
figures of the part of it that is published. `metrics.json` has by language what
stands under every export.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from nlp.evaluation import Scored, evaluate, measure, report
from nlp.evaluation.figures import Measure
from nlp.evaluation.report import Report
from nlp.measured import METRICS
from nlp.tagger import Tagger
from nlp.training.split import Unit, record_of
from nlp.weights import read_config

TEMPLATE = Path(__file__).with_name("card.md")
TOGETHER = (
    " It does not judge alone: the logits of the model `{model}`, which lies beside it and is"
    "\nchecked by its SHA-256 too, are added to its own with the share {share}."
)
# Smaller groups say nothing.
LEAST = 20
COLUMNS = {
    "texts": "texts",
    "accuracy": "overall, accuracy",
    "macro_f1": "overall, macro-F1",
    "topic_f1": "topic per text, F1",
    "pair_f1": "topic and polarity per sentence, F1",
}
TOPIC_COLUMNS = {
    "texts": "texts",
    "precision": "precision",
    "recall": "recall",
    "f1": "F1 per text",
    "pair_f1": "topic and polarity per sentence, F1",
}
CLASS_COLUMNS = {"texts": "texts", "precision": "precision", "recall": "recall", "f1": "F1"}


def markdown(
    head: str, rows: Iterable[tuple[str, Mapping[str, Any]]], columns: Mapping[str, str]
) -> str:
    """Return a Markdown table; `rows` are (name, figures)."""
    lines = [
        f"| {head} | " + " | ".join(columns.values()) + " |",
        "|---" * (len(columns) + 1) + "|",
    ]
    for name, figures in rows:
        cells = [str(figures[key]) for key in columns]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def tables(test: Report, published: Report) -> str:
    """Return every table of the card."""
    groups = test.groups
    parts = [
        f"Test side, {test.texts} texts; in brackets 95 % intervals (resampling whole texts).",
        markdown("language", [*groups["all"].items(), *groups["language"].items()], COLUMNS),
        f"Its published part, {published.texts} texts written for Molva "
        "(`tests/nlp/evaluation.jsonl`):",
        markdown(
            "language",
            [*published.groups["all"].items(), *published.groups["language"].items()],
            COLUMNS,
        ),
        f"Expected calibration error of the overall sentiment: {test.calibration_error:.3f} on the "
        f"test side, {published.calibration_error:.3f} on its published part. Left untagged: "
        f"{test.untagged} of {test.texts}.",
    ]
    for kind in ("dataset", "domain"):
        members = [
            (name, figures)
            for name, figures in sorted(
                groups[kind].items(), key=lambda item: -int(str(item[1]["texts"]))
            )
            if int(str(figures["texts"])) >= LEAST
        ]
        parts += [f"By {kind}, {LEAST} texts or more:", markdown(kind, members, COLUMNS)]
    parts += ["By topic:", markdown("topic", test.topics.items(), TOPIC_COLUMNS)]
    parts += ["By class:", markdown("sentiment", test.classes.items(), CLASS_COLUMNS)]
    said = {name: name for name in next(iter(test.confusion.values()))}
    parts += [
        "Labelled (rows) and said (columns):",
        markdown("labelled", test.confusion.items(), said),
    ]
    return "\n\n".join(parts)


def metrics(scored: Sequence[Scored], tagger: Tagger) -> dict[str, Any]:
    """Return the figures of each language: the overall accuracy, and F1 of each topic per text."""
    languages: dict[str, Any] = {}
    for lang in sorted({str(one.record["lang"]) for one in scored}):
        found = report([one for one in scored if one.record["lang"] == lang], tagger.model)
        languages[lang] = {
            "texts": found.texts,
            "accuracy": _plain(found.groups["all"]["all"]["accuracy"]),
            "topics": {
                code: {"texts": figures["texts"], "f1": _plain(figures["f1"])}
                for code, figures in found.topics.items()
                if figures["texts"]
            },
        }
    return {
        "model": tagger.model,
        "model_version": tagger.model_version,
        "taxonomy_version": tagger.taxonomy_version,
        "languages": languages,
    }


def _plain(figure: int | Measure) -> Any:
    return figure.as_dict() if isinstance(figure, Measure) else figure


def write(folder: Path, test: list[Unit]) -> Report:
    """Measure the model in `folder` on the units of `test`; write README.md and metrics.json."""
    tagger = Tagger.load(folder)
    scored, found = measure([record_of(unit) for unit in test], tagger)
    written = [record_of(unit) for unit in test if unit.dataset == "written"]
    text = TEMPLATE.read_text(encoding="utf-8")
    size = sum(
        path.stat().st_size for path in folder.iterdir() if path.name not in ("README.md", METRICS)
    )
    config = read_config(folder)
    shape, ensemble = config["encoder"], config.get("ensemble")
    values = {
        "layers": str(shape["num_hidden_layers"]),
        "width": str(shape["hidden_size"]),
        "neurons": f"{shape['intermediate_size']:,}",
        "pieces": f"{shape['vocab_size']:,}",
        "name": tagger.model,
        "version": tagger.model_version,
        "together": TOGETHER.format_map(ensemble) if ensemble else "",
        "megabytes": f"{size / 1e6:.0f}",
        "figures": tables(found, evaluate(written, tagger)),
    }
    for name, value in values.items():
        text = text.replace("{{" + name + "}}", value)
    (folder / "README.md").write_text(text, encoding="utf-8")
    figures = json.dumps(metrics(scored, tagger), indent=1)
    (folder / METRICS).write_text(figures + "\n", encoding="utf-8")
    return found
