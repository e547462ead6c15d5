"""How fast `molva tag` is, beside the usual ways to run a transformer over the same texts.

One run, the same texts, each way in a process of its own:

* `molva tag`, with each shipped model: the whole command, from start to exit: language,
  sentences, fifteen topics with polarity for every sentence, overall sentiment;
* `pipeline()` of transformers with a random model of the shape of rubert-tiny2 (3 layers,
  width 312), which gives one label a text, one text at a time (its default) and 32 at once;
* obsei's way: zero-shot entailment, one pass a topic, with a random model of the shape of its
  default (XLM-RoBERTa large); a few texts suffice to see its speed.

Random weights cost what trained ones cost. The last column is the share of this machine's
measured rate of matrix products (the better of float32 and bfloat16) that the way reaches
with the multiplications its encoder needs, padding and start left out of account.
Run: `python -m benchmarks.tagging`.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import click

ROOT = Path(__file__).parents[1]
MODELS = ROOT / "nlp" / "models"
# What the other ways count tokens with: the vocabulary nearest in size to that of rubert-tiny2.
COMMON = MODELS / "fast"
TEXTS = (ROOT / "demo" / "texts.jsonl", ROOT / "tests" / "nlp" / "evaluation.jsonl")
TINY = {
    "hidden_size": 312, "num_hidden_layers": 3, "num_attention_heads": 12,
    "intermediate_size": 600, "vocab_size": 83_828,
}  # fmt: skip
LARGE = {
    "hidden_size": 1024, "num_hidden_layers": 24, "num_attention_heads": 16,
    "intermediate_size": 4096, "vocab_size": 250_002,
}  # fmt: skip


@dataclass(frozen=True)
class Result:
    """What one way took: `seconds` without its start, `peak` in MiB, `first` in seconds."""

    texts: int
    tokens: int
    seconds: float
    peak: float
    first: float
    products: float


def read_texts(file: Path | None, median: int) -> list[str]:
    """Return distinct texts between half and twice `median` characters, or all of `file`."""
    if file:
        return [json.loads(line)["text"] for line in file.read_text("utf-8").splitlines()]
    found = []
    for path in TEXTS:
        for line in path.read_text("utf-8").splitlines():
            record = json.loads(line)
            found.append(record.get("text") or " ".join(record["sentences"]))
    return [text for text in dict.fromkeys(found) if median / 2 <= len(text) <= median * 2]


def encoder_products(shape: dict[str, int]) -> float:
    """Return the multiply-adds that an encoder of this shape needs for a token, attention aside."""
    width, inner = shape["hidden_size"], shape["intermediate_size"]
    return float(shape["num_hidden_layers"] * (4 * width * width + 2 * width * inner))


def peak_rate() -> float:
    """Return the multiply-adds a second of a 1,600 × 768 by 768 × 3,072 product, the best type."""
    import torch

    best = 0.0
    for kind in (torch.float32, torch.bfloat16):
        a, b = torch.randn(1600, 768, dtype=kind), torch.randn(768, 3072, dtype=kind)
        a @ b
        begin = time.perf_counter()
        for _ in range(10):
            a @ b
        best = max(best, 10 * 1600 * 768 * 3072 / (time.perf_counter() - begin))
    return best


def molva(texts: list[str], model: str) -> Result:
    """Run the command on a file; the time of a file of one text is the start."""
    config = json.loads((MODELS / model / "config.json").read_text("utf-8"))
    with tempfile.TemporaryDirectory() as folder:
        one, many = Path(folder) / "one.jsonl", Path(folder) / "many.jsonl"
        _write(one, texts[:1])
        _write(many, texts)
        starts = [_seconds(one, model) for _ in range(3)]
        before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
        whole = _seconds(many, model)
        peak = max(before, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
    return Result(
        len(texts), _tokens(texts, MODELS / model), whole - min(starts), peak / 1024, min(starts),
        encoder_products(config["encoder"]),
    )  # fmt: skip


def _write(path: Path, texts: list[str]) -> None:
    lines = [json.dumps({"id": str(i), "text": text}) for i, text in enumerate(texts)]
    path.write_text("\n".join(lines) + "\n", "utf-8")


def _seconds(path: Path, model: str) -> float:
    begin = time.perf_counter()
    command = [sys.executable, "-m", "cli", "tag", "--model", model, str(path)]
    # Nothing may be known from an earlier run.
    fresh = os.environ | {"MOLVA_TAG_CACHE": "off"}
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=ROOT, env=fresh)
    return time.perf_counter() - begin


def _tokens(texts: list[str], model: Path = COMMON) -> int:
    from transformers import AutoTokenizer

    encoded = AutoTokenizer.from_pretrained(model)(texts, add_special_tokens=False)["input_ids"]
    return sum(map(len, encoded))


def pipeline_way(texts: list[str], batch: int) -> Result:
    """Run `pipeline("text-classification")` with a random model of rubert-tiny2's shape."""
    begin = time.perf_counter()
    from transformers import (
        AutoTokenizer,
        BertConfig,
        BertForSequenceClassification,
        pipeline,
    )

    model = BertForSequenceClassification(BertConfig(**TINY, num_labels=3)).eval()
    tokenizer = AutoTokenizer.from_pretrained(COMMON)
    classify = pipeline(
        "text-classification", model=model, tokenizer=tokenizer, batch_size=batch, device="cpu"
    )
    classify(texts[:1], truncation=True)
    first = time.perf_counter() - begin
    begin = time.perf_counter()
    classify(texts, truncation=True)
    seconds = time.perf_counter() - begin
    return Result(len(texts), _tokens(texts), seconds, _own_peak(), first, encoder_products(TINY))


def zero_shot_way(texts: list[str]) -> Result:
    """Run zero-shot entailment over the topics with a random model of XLM-R large's shape."""
    begin = time.perf_counter()
    from transformers import (
        AutoTokenizer,
        XLMRobertaConfig,
        XLMRobertaForSequenceClassification,
        pipeline,
    )

    from nlp.taxonomy import names

    labels = {0: "contradiction", 1: "neutral", 2: "entailment"}
    config = XLMRobertaConfig(
        **LARGE, id2label=labels, label2id={name: i for i, name in labels.items()}
    )
    model = XLMRobertaForSequenceClassification(config).eval()
    tokenizer = AutoTokenizer.from_pretrained(COMMON)
    classify = pipeline("zero-shot-classification", model=model, tokenizer=tokenizer, device="cpu")
    topics = list(names("en").values())
    first = time.perf_counter() - begin
    begin = time.perf_counter()
    for text in texts:
        classify(text, candidate_labels=topics, multi_label=True)
    seconds = time.perf_counter() - begin
    # Every topic is a pass of its own over the text.
    products = encoder_products(LARGE) * len(topics)
    return Result(len(texts), _tokens(texts), seconds, _own_peak(), first, products)


def _own_peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _alone(way: Callable[..., Result], *arguments: object) -> Result:
    """Run a way in a new process, so that its peak memory is its own."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(way, arguments)


@click.command()
@click.option("--texts", "file", type=click.Path(path_type=Path), help="JSON Lines with `text`.")
@click.option("--median", default=200, show_default=True, help="Characters of a middling text.")
@click.option("--repeat", default=3, show_default=True, help="Runs of each way; the best counts.")
@click.option("--zero-shot", default=2, show_default=True, help="Texts for obsei's way; 0: none.")
def main(file: Path | None, median: int, repeat: int, zero_shot: int) -> None:
    """Print reviews and tokens a second, peak memory and the share of the machine's rate."""
    texts = read_texts(file, median)
    rate = _alone_rate()
    ways: dict[str, list[Result]] = {}
    for _ in range(repeat):
        ways.setdefault("molva tag", []).append(_alone(molva, texts, "default"))
        ways.setdefault("molva tag --model fast", []).append(_alone(molva, texts, "fast"))
        ways.setdefault("pipeline(), default", []).append(_alone(pipeline_way, texts, 1))
        ways.setdefault("pipeline(), batch 32", []).append(_alone(pipeline_way, texts, 32))
    if zero_shot:
        ways["zero-shot, one pass a topic"] = [_alone(zero_shot_way, texts[:zero_shot])]
    click.echo(f"{len(texts)} texts, {sum(map(len, texts)) / len(texts):.0f} characters on average")
    click.echo(f"best matrix products: {rate / 1e9:.0f} billion multiply-adds a second")
    head = ("way", "reviews/s", "tokens/s", "start s", "peak MiB", "share of rate", "× default")
    click.echo(f"{head[0]:30}" + "".join(f"{name:>15}" for name in head[1:]))
    best = {name: min(runs, key=lambda run: run.seconds / run.texts) for name, runs in ways.items()}
    usual = best["pipeline(), default"]
    for name, run in best.items():
        speed, tokens = run.texts / run.seconds, run.tokens / run.seconds
        cells = (
            f"{speed:,.1f}", f"{tokens:,.0f}", f"{run.first:.2f}", f"{run.peak:,.0f}",
            f"{tokens * run.products / rate:.2f}", f"{speed * usual.seconds / usual.texts:.2f}",
        )  # fmt: skip
        click.echo(f"{name:30}" + "".join(f"{cell:>15}" for cell in cells))


def _alone_rate() -> float:
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(peak_rate)


if __name__ == "__main__":
    main()
