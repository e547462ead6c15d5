"""The tagger beside a baseline, on the same split: what does the transformer add?

Baseline: TF-IDF of words 1–2 and characters 3–5, logistic regression; one
regression of four states for each topic over sentences, one for the overall
sentiment over texts. Run: `python -m benchmarks.tfidf --labels DIR --data DIR`.
"""

from __future__ import annotations

import time
from pathlib import Path

import click
import numpy as np
from rich.console import Console
from rich.table import Table
from scipy.sparse import hstack
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from nlp.evaluation import Report, Scored, evaluate, report
from nlp.outputs import SENTIMENTS, STATES
from nlp.tagger import Tagger
from nlp.taxonomy import codes
from nlp.training.split import Unit, divide, read, record_of


class Baseline:
    """TF-IDF and logistic regression, fitted on the training side."""

    def __init__(self, train: list[Unit], strength: float = 5.0) -> None:
        self.words = TfidfVectorizer(ngram_range=(1, 2), min_df=3, sublinear_tf=True)
        self.characters = TfidfVectorizer(
            analyzer="char_wb", ngram_range=(3, 5), min_df=5, sublinear_tf=True
        )
        texts = [s for unit in train for s in unit.sentences]
        self.words.fit(texts)
        self.characters.fit(texts)
        x = self._features(texts)
        whole = self._features([" ".join(unit.sentences) for unit in train])
        self.overall = LogisticRegression(C=strength, max_iter=200)
        self.overall.fit(whole, [unit.sentiment for unit in train])
        self.topics = []
        for topic in range(len(codes())):
            states = [found.get(topic, 0) for unit in train for found in unit.topics]
            self.topics.append(LogisticRegression(C=strength, max_iter=100).fit(x, states))

    def _features(self, texts: list[str]):  # type: ignore[no-untyped-def]  # scipy has no types
        return hstack([self.words.transform(texts), self.characters.transform(texts)]).tocsr()

    def score(self, units: list[Unit]) -> list[Scored]:
        """Compare the baseline's answers with the labels."""
        x = self._features([s for unit in units for s in unit.sentences])
        states = np.stack([regression.predict(x) for regression in self.topics], 1)
        shares = self.overall.predict_proba(
            self._features([" ".join(unit.sentences) for unit in units])
        )
        scored, row = [], 0
        for unit, share in zip(units, shares, strict=True):
            said = {
                (i, codes()[topic], STATES[state])
                for i in range(len(unit.sentences))
                for topic, state in enumerate(states[row + i])
                if state
            }
            row += len(unit.sentences)
            gold = {
                (i, codes()[topic], STATES[state])
                for i, found in enumerate(unit.topics)
                for topic, state in found.items()
            }
            sentiment = SENTIMENTS[self.overall.classes_[share.argmax()]]
            scored.append(
                Scored(
                    record_of(unit),
                    sentiment,
                    float(share.max()),
                    frozenset(said),
                    frozenset(gold),
                )
            )
        return scored


@click.command()
@click.option("--labels", type=click.Path(path_type=Path), envvar="MOLVA_LABELS")
@click.option("--data", type=click.Path(path_type=Path), envvar="MOLVA_TRAINING_DATA")
@click.option("--model", default="default", show_default=True)
def main(labels: Path | None, data: Path | None, model: str) -> None:
    """Fit the baseline, load the tagger, measure both on the test side."""
    if labels is None:
        click.echo("the labelled texts are not published; give their folder: --labels DIR")
        return
    sides = divide(read(labels, data), data)
    start = time.perf_counter()
    baseline = Baseline(sides["train"])
    fitted = time.perf_counter() - start
    test = sides["test"]
    reports = [report(baseline.score(test), f"TF-IDF + LR (fitted in {fitted:.0f} s)")]
    start = time.perf_counter()
    reports.append(evaluate([record_of(unit) for unit in test], Tagger.load(model)))
    spent = time.perf_counter() - start
    console = Console()
    for kind in ("all", "language", "dataset"):
        console.print(_table(kind, reports))
    console.print(f"tagged {len(test)} texts in {spent:.0f} s, loading included")


def _table(kind: str, reports: list[Report]) -> Table:
    table = Table(title=f"test side by {kind}", title_justify="left")
    for name in (kind, "texts", "model", "overall accuracy", "topic F1", "pair F1"):
        table.add_column(name)
    for group in reports[0].groups[kind]:
        for one in reports:
            figures = one.groups[kind][group]
            keys = ("accuracy", "topic_f1", "pair_f1")
            table.add_row(
                group, str(figures["texts"]), one.model, *(str(figures[key]) for key in keys)
            )
    return table


if __name__ == "__main__":
    main()
