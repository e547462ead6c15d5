"""How well a tagger was measured to do: the `metrics.json` beside its weights.

`python -m nlp.training card` writes it from the labelled test side; `docs/model.md` says what
that is. Reads files only, without torch.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from nlp.weights import MODELS, ModelError, folder_of

METRICS: Final = "metrics.json"


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure with its 95 % interval, 0–1.

    Attributes:
        value, low, high: the figure.
        texts: labelled texts that it was measured on; for a topic, those that speak of it.
    """

    value: float
    low: float
    high: float
    texts: int


@dataclass(frozen=True, slots=True)
class Measured:
    """The figures of one tagger.

    Attributes:
        accuracy: of the overall sentiment, by language.
        topics: F1 of finding a topic in a text, by language and topic.
    """

    accuracy: Mapping[str, Figure]
    topics: Mapping[tuple[str, str], Figure]


def measured(model: str, model_version: str, *folders: str) -> Measured:
    """Return what was measured of a tagger; nothing where nobody has measured it.

    Args:
        model: its name, as taggings have it.
        model_version: as taggings have it. What follows a plus, such as topics of the project's
            own, changes nothing of the built-in topics; another model for the overall
            sentiment is not measured.
        folders: names or folders of models to look at beside the shipped ones.
    """
    base, _, additions = model_version.partition("+")
    for record in _records(folders):
        if (record.get("model"), record.get("model_version")) == (model, base):
            found = _read(record["languages"])
            return Measured({}, found.topics) if "sentiment." in additions else found
    return Measured({}, {})


def _records(folders: Iterable[str]) -> Iterator[dict[str, Any]]:
    """Yield what is in each `metrics.json`; a folder that has none, or is none, is passed over."""
    places = sorted(MODELS.glob("*/"))
    for name in folders:
        try:
            places.append(folder_of(name))
        except ModelError:
            continue
    for place in places:
        try:
            record = json.loads((place / METRICS).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue
        if isinstance(record, dict):
            yield record


def _read(languages: Mapping[str, Any]) -> Measured:
    accuracy, topics = {}, {}
    for lang, one in languages.items():
        accuracy[lang] = Figure(**one["accuracy"], texts=one["texts"])
        for topic, figures in one["topics"].items():
            topics[lang, topic] = Figure(**figures["f1"], texts=figures["texts"])
    return Measured(accuracy, topics)
