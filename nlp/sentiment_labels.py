"""What the labels of somebody else's sentiment model mean in Molva's four sentiments."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from mention import SENTIMENTS
from nlp.weights import ModelError

_STARS: Final = re.compile(r"([1-5])[ _-]?stars?")
_KNOWN: Final = {"pos": "positive", "neg": "negative", "neu": "neutral"} | {
    one: one for one in SENTIMENTS
}


class SentimentLabelError(ModelError):
    """The labels of a sentiment model are not mapped to Molva's, or wrongly."""

    exit_code = 2


def parse_labels(text: str) -> dict[str, str]:
    """Return the mapping that `LABEL_0=negative,LABEL_1=positive` writes.

    Raises `SentimentLabelError`.
    """
    labels = {}
    for part in text.split(","):
        name, sign, sentiment = part.rpartition("=")
        if not sign or not name.strip():
            raise SentimentLabelError(
                f"'{part.strip()}' needs the form LABEL=SENTIMENT, "
                "such as LABEL_0=negative,LABEL_1=positive"
            )
        labels[name.strip()] = sentiment.strip().lower()
    return check_labels(labels)


def check_labels(labels: Mapping[str, str]) -> dict[str, str]:
    """Return `labels` if every value is one of Molva's four sentiments.

    Raises `SentimentLabelError`.
    """
    for name, sentiment in labels.items():
        if sentiment not in SENTIMENTS:
            raise SentimentLabelError(
                f"label {name} is mapped to '{sentiment}'; write one of {', '.join(SENTIMENTS)}"
            )
    return dict(labels)


def sentiments(names: Sequence[str], labels: Mapping[str, str]) -> list[str]:
    """Return Molva's sentiment for each label of a model; `labels` overrides what names say.

    Raises `SentimentLabelError` when a label says nothing, or `labels` names one that is not there.
    """
    strange = sorted(set(labels) - set(names))
    if strange:
        raise SentimentLabelError(
            f"the model has no label {', '.join(strange)}; its labels are {', '.join(names)}"
        )
    found = {name: labels.get(name) or _by_name(name) for name in names}
    unknown = [name for name in names if not found[name]]
    if unknown:
        example = ",".join(f"{name}=negative" for name in unknown[:2])
        raise SentimentLabelError(
            f"what do the labels {', '.join(unknown)} mean? Map each to one of "
            f'{", ".join(SENTIMENTS)}, such as --sentiment-labels "{example}"'
        )
    return [str(found[name]) for name in names]


def _by_name(name: str) -> str | None:
    plain = name.strip().lower().removeprefix("very").strip(" _-")
    if stars := _STARS.fullmatch(plain):
        return ("negative", "negative", "neutral", "positive", "positive")[int(stars[1]) - 1]
    return _KNOWN.get(plain)
