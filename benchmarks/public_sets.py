"""The tagger on public sentiment sets, beside a baseline trained on the same texts.

Sets of posts, tweets and reviews with three classes (two for Amazon). The held-out side
is chosen by a hash of the id (`nlp.training.public`), texts of up to 700 characters. What
the tagger calls mixed counts as the side to which its score leans. Baseline: TF-IDF of
words 1–2 and characters 3–5, logistic regression, trained on the set's training side,
which the tagger saw as well. Run: `python -m benchmarks.public_sets --labels DIR --data DIR`.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table
from scipy.sparse import hstack
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, f1_score

from mention import Tagging
from nlp.outputs import TONES
from nlp.tagger import Tagger, TagItem
from nlp.training.public import PublicText, read
from nlp.training.split import divide
from nlp.training.split import read as read_labels

# What each set's authors report.
MEASURES = {
    "rusentiment_vk": "weighted F1",
    "rusentitweet": "macro F1",
    "sentirueval_tweets": "macro F1",
    "us_airline_tweets": "macro F1",
    "tweeteval_sentiment": "macro F1",
    "mds_blitzer_amazon": "accuracy",
}


def measure(name: str, gold: list[str], said: list[str]) -> float:
    """Return the figure that is usual for the set `name`."""
    kind = MEASURES[name]
    if kind == "accuracy":
        return float(accuracy_score(gold, said))
    return float(f1_score(gold, said, average=kind.split()[0]))


def sentiment(tagging: Tagging) -> str:
    """Return one of three classes; a text left untagged is neutral."""
    if tagging.sentiment is None:
        return "neutral"
    if tagging.sentiment == "mixed":
        return "positive" if (tagging.score or 0) > 0 else "negative"
    return tagging.sentiment


def classes(taggings: Iterable[Tagging], *, binary: bool) -> list[str]:
    """Return the tagger's class of every text; with `binary`, by the sign of the score."""
    if binary:
        return ["positive" if (tagging.score or 0) > 0 else "negative" for tagging in taggings]
    return [sentiment(tagging) for tagging in taggings]


def baseline_says(train: list[PublicText], test: list[PublicText]) -> list[str]:
    """Return the class that TF-IDF and logistic regression give every text of `test`."""
    words = TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True)
    letters = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), min_df=3, sublinear_tf=True)
    known = [text.text for text in train]
    unknown = [text.text for text in test]
    x = hstack([words.fit_transform(known), letters.fit_transform(known)]).tocsr()
    model = LogisticRegression(C=5.0, max_iter=300, class_weight="balanced")
    model.fit(x, [TONES[text.tone] for text in train if text.tone is not None])
    y = hstack([words.transform(unknown), letters.transform(unknown)]).tocsr()
    return [str(label) for label in model.predict(y)]


@click.command()
@click.option("--labels", type=click.Path(path_type=Path), envvar="MOLVA_LABELS")
@click.option("--data", type=click.Path(path_type=Path), envvar="MOLVA_TRAINING_DATA")
@click.option("--model", default="default", show_default=True)
@click.option("--side", type=click.Choice(["dev", "test"]), default="test", show_default=True)
@click.option("--baseline/--no-baseline", default=True, show_default=True)
def main(labels: Path | None, data: Path | None, model: str, side: str, baseline: bool) -> None:
    """Measure the tagger, and the baseline, on every set."""
    if labels is None or data is None:
        click.echo("the sets are not published with Molva; give their folders: --labels, --data")
        return
    sides = divide(read_labels(labels, data), data)
    tagger = Tagger.load(model)
    table = Table("set", "texts", "measure", "TF-IDF + LR", "Molva", "untagged")
    for name, kind in MEASURES.items():
        test = list(read(data, "dev" if side == "dev" else "test", sides, [name]))
        gold = [TONES[text.tone] for text in test if text.tone is not None]
        found = list(tagger.tag(TagItem(text.id, text.text, None, text.lang) for text in test))
        other = "–"
        if baseline:
            train = list(read(data, "train", sides, [name]))
            other = f"{measure(name, gold, baseline_says(train, test)):.3f}"
        untagged = sum(tagging.sentiment is None for tagging in found)
        mine = f"{measure(name, gold, classes(found, binary=kind == 'accuracy')):.3f}"
        table.add_row(name, str(len(test)), kind, other, mine, str(untagged))
    Console().print(table)


if __name__ == "__main__":
    main()
