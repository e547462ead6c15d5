"""What stands under every export: what was asked, how far it holds, who labelled it, how well.

Numbers travel without the command that made them; these lines go with them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

import click

from answers.remarks import Remark
from output.rows import printable

# More figures than these are shown without intervals, to stay readable; data have all.
_WITH_INTERVALS: Final = 4


@dataclass(frozen=True, slots=True)
class Labels:
    """Whose labels an export rests on.

    Attributes:
        tagger: name and version of the model; None for mentions that nothing has read yet.
        taxonomy: version of the topic list; None with the tagger.
        mentions: how many mentions have labels of this tagger.
    """

    tagger: str | None
    taxonomy: str | None
    mentions: int

    def __str__(self) -> str:
        return str(self.remark)

    @property
    def remark(self) -> Remark:
        """It, in words."""
        if self.tagger is None:
            return Remark("no_labels", count=self.mentions)
        return Remark(
            "labels", tagger=self.tagger, taxonomy=str(self.taxonomy), count=self.mentions
        )


@dataclass(frozen=True, slots=True)
class Accuracy:
    """How well a tagger was measured to do in one language, overall or for one topic.

    Attributes:
        tagger: name and version of the model.
        lang: ISO 639-1 code; None for mentions whose language is not known.
        topic: code of the topic; None for the overall sentiment.
        figure: "accuracy" of the overall sentiment, or "F1" of finding the topic in a text.
        value, low, high: the figure with its 95 % interval, 0–1; None where it was never
            measured.
        texts: labelled texts that it was measured on; for a topic, those that speak of it.
    """

    tagger: str
    lang: str | None
    topic: str | None
    figure: str
    value: float | None = None
    low: float | None = None
    high: float | None = None
    texts: int = 0

    def __str__(self) -> str:
        name = self.topic or "overall sentiment"
        if self.value is None:
            return f"{name} unmeasured"
        return (
            f"{name} {self.figure} {self.value:.2f}"
            f" ({self.low:.2f}–{self.high:.2f}; {self.texts} texts)"
        )

    def short(self) -> str:
        """Return it without its interval."""
        name = self.topic or f"overall {self.figure}"
        return f"{name} {'unmeasured' if self.value is None else f'{self.value:.2f}'}"


@dataclass(frozen=True, slots=True)
class Footer:
    """What an export says of itself.

    Attributes:
        query: as it was asked; empty for everything.
        period: first and last day and the length of buckets, as one phrase.
        time_zone: IANA name; where days begin.
        coverage: what the collectors missed, or that they missed nothing; one sentence.
        labels: whose labels were counted, the most frequent first.
        accuracy: how well these taggers do, for the languages and topics of the answer.
        notes: what else a reader has to know, one sentence each.
    """

    query: str
    period: str
    time_zone: str
    coverage: str
    labels: Sequence[Labels] = ()
    accuracy: Sequence[Accuracy] = ()
    notes: Sequence[str] = ()

    def entries(self) -> Iterator[tuple[str, str]]:
        """Yield (what, value) in the order in which they are read."""
        yield "query", self.query or "everything"
        yield "period", self.period
        yield "time zone", self.time_zone
        yield "coverage", self.coverage
        for labels in self.labels:
            yield "labels", str(labels)
        for tagger, lang in dict.fromkeys((one.tagger, one.lang) for one in self.accuracy):
            figures = [one for one in self.accuracy if (one.tagger, one.lang) == (tagger, lang)]
            is_long = len(figures) > _WITH_INTERVALS
            shown = ", ".join(one.short() if is_long else str(one) for one in figures)
            yield "measured", f"{tagger}, {lang or 'language unknown'}: {shown}"
        for note in self.notes:
            yield "note", note

    def lines(self) -> list[str]:
        """Return it as lines for people, safe for a terminal."""
        return [printable(f"{what}: {value}") for what, value in self.entries()]

    def as_dict(self) -> dict[str, Any]:
        """Return it as one object for programs."""
        return asdict(self)

    def print(self, *, err: bool = False) -> None:
        """Print its lines under an answer; with `err` to standard error."""
        if not err:
            click.echo()
        for line in self.lines():
            click.echo(line, err=err)
