"""Stage `pack`: all that the stages after `prune` need, to carry to a machine with a GPU.

What takes a processor minutes is done here: texts are read, divided, cut into sentences
and tokenised, so that the GPU's time is spent on arithmetic (`nlp.training.together`).
"""

from __future__ import annotations

import json
import logging
from pathlib import Path

import safetensors.torch
from torch import Tensor
from transformers import AutoConfig, AutoModel, AutoTokenizer, BertModel

from nlp.taxonomy import codes
from nlp.training import pseudo
from nlp.training.base import HEAD
from nlp.training.corpus import Corpus
from nlp.training.examples import examples, public_examples, without_accents
from nlp.training.prune import texts_of, tokenizer_of
from nlp.training.public import PublicText
from nlp.training.split import Side, Unit
from nlp.training.student import train_pieces, weigh
from nlp.weights import pack8, unpack

log = logging.getLogger(__name__)
TEXTS = "texts.jsonl"
ENCODER = "encoder.safetensors"
# Rows of embeddings and matrices are stored as 8-bit integers: fine-tuning does not notice.
LARGE = 100_000


def shrink(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """Return a state dict with its matrices as 8-bit integers; `nlp.weights.unpack` undoes it."""
    stored = {}
    for name, value in state.items():
        tensor = value.detach().cpu().float().contiguous()
        if tensor.ndim == 2 and tensor.numel() > LARGE:
            stored[f"{name}.int8"], stored[f"{name}.scale"] = pack8(tensor)
        else:
            stored[name] = tensor
    return stored


def pack(
    encoder: Path,
    base: Path,
    target: Path,
    sides: dict[Side, list[Unit]],
    *,
    public: list[PublicText],
    data: Path,
    pieces: int,
    most: int,
) -> None:
    """Write to `target` the encoder, a student's vocabulary, the labelled and the plain texts.

    `encoder`: result of `prune`; `base`: where its decoder is; `pieces`: size of the student's
    vocabulary; `most`: plain texts of one set at most.
    """
    target.mkdir(parents=True, exist_ok=True)
    teacher = AutoTokenizer.from_pretrained(encoder)
    student = tokenizer_of(train_pieces(weigh(texts_of(sides["train"], data)), pieces))
    topics = len(codes())
    bare = list(without_accents(sides["train"]))
    for name, tokenizer in (("teacher", teacher), ("student", student)):
        folder = target / name
        tokenizer.save_pretrained(folder)
        for part, found in (
            ("labelled", examples(sides["train"], tokenizer, topics)),
            ("bare", examples(bare, tokenizer, topics)),
            ("public", public_examples(public, tokenizer, topics)),
            ("dev", examples(sides["dev"], tokenizer, topics)),
        ):
            corpus = Corpus.of(found)
            safetensors.torch.save_file(corpus.tensors(), folder / f"{part}.safetensors")
            log.info("%s %s: %d texts, %d tokens", name, part, len(corpus), len(corpus.ids))
    AutoConfig.from_pretrained(encoder).save_pretrained(target / "teacher")
    state = AutoModel.from_pretrained(encoder, add_pooling_layer=False).state_dict()
    safetensors.torch.save_file(shrink(state), target / "teacher" / ENCODER)
    if (base / HEAD).exists():
        safetensors.torch.save_file(safetensors.torch.load_file(base / HEAD), target / HEAD)
    (target / "vocab.txt").write_text((base / "vocab.txt").read_text("utf-8"), "utf-8")
    languages = {
        "labelled": [unit.lang for unit in sides["train"]],
        "bare": [unit.lang for unit in bare],
    }
    (target / "languages.json").write_text(json.dumps(languages), "utf-8")
    count = 0
    with (target / TEXTS).open("w", encoding="utf-8") as file:
        for text in pseudo.choose(data, sides, most):
            document = pseudo.cut(text)
            if document.spans:
                count += 1
                kept = {"lang": document.lang, "text": document.text, "spans": document.spans}
                file.write(json.dumps(kept, ensure_ascii=False) + "\n")
    log.info("%d plain texts", count)


def unpack_encoder(packed: Path, target: Path) -> None:
    """Write the packed teacher's encoder to `target`, laid out as by `prune`."""
    folder = packed / "teacher"
    model = BertModel(AutoConfig.from_pretrained(folder), add_pooling_layer=False)
    model.load_state_dict(unpack(safetensors.torch.load_file(folder / ENCODER)))
    model.save_pretrained(target)
    AutoTokenizer.from_pretrained(folder).save_pretrained(target)
