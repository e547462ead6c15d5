"""Stage `prune`: keep what reviews need of the encoder.

Three cuts: the lowest layers, the WordPieces that Russian, English and
Lithuanian texts use, and the half of each layer's feed-forward neurons that
contribute most on such texts (mean size of a neuron's activation times the
length of its output column, a first-order measure as in Molchanov et al. 2017,
https://arxiv.org/abs/1611.06440). Fine-tuning mends what the cuts cost.
"""

from __future__ import annotations

import json
import lzma
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

import torch
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
from torch import Tensor, nn
from transformers import AutoModel, BertModel, PreTrainedTokenizerFast

from nlp.training.split import Unit

UNKNOWN = "[UNK]"
SPECIAL = ("[PAD]", UNKNOWN, "[CLS]", "[SEP]", "[MASK]")
ROLES = {
    f"{role}_token": name
    for role, name in zip(("pad", "unk", "cls", "sep", "mask"), SPECIAL, strict=True)
}
# Shares of the three languages in the count: Lithuanian data is scarce, and
# without weight its words would be spelled letter by letter.
LANGUAGES = {"ru": 0.6, "en": 0.22, "lt": 0.18}
ALPHABETS = (
    "абвгдеёжзийклмнопрстуфхцчшщъыьэюя"
    "abcdefghijklmnopqrstuvwxyz"
    "ąčęėįšųūž"
    "0123456789"
    "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~«»„“”’–—…№€₽°"
)


def tokenizer_of(pieces: list[str]) -> PreTrainedTokenizerFast:
    """Return a WordPiece tokenizer over `pieces` that lower-cases and keeps accents."""
    vocabulary = {piece: i for i, piece in enumerate(pieces)}
    core = Tokenizer(models.WordPiece(vocabulary, unk_token=UNKNOWN, max_input_chars_per_word=100))
    core.normalizer = normalizers.BertNormalizer(lowercase=True, strip_accents=False)
    core.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    core.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        special_tokens=[(name, vocabulary[name]) for name in ("[CLS]", "[SEP]")],
    )
    return PreTrainedTokenizerFast(tokenizer_object=core, model_max_length=512, **ROLES)


def choose_pieces(all_pieces: list[str], texts: Iterable[tuple[str, str]], size: int) -> list[str]:
    """Return the `size` most used pieces, special ones and single characters included.

    `texts`: (language, text) pairs; languages are weighted by `LANGUAGES`.
    """
    tokenizer = tokenizer_of(all_pieces).backend_tokenizer
    counts: dict[str, Counter[str]] = {language: Counter() for language in LANGUAGES}
    for language, text in texts:
        if language in counts:
            counts[language].update(tokenizer.encode(text, add_special_tokens=False).tokens)
    weight: dict[str, float] = defaultdict(float)
    for language, share in LANGUAGES.items():
        total = max(1, counts[language].total())
        for piece, count in counts[language].items():
            weight[piece] += share * count / total
    known = set(all_pieces)
    letters = [form for c in ALPHABETS for form in (c, f"##{c}") if form in known]
    chosen = dict.fromkeys([*SPECIAL, *letters])
    for piece in sorted(weight, key=weight.__getitem__, reverse=True):
        if len(chosen) == size:
            break
        chosen.setdefault(piece)
    # The base's own order, so that the same choice always gives the same file.
    return [piece for piece in all_pieces if piece in chosen]


def texts_of(units: list[Unit], data: Path, per_file: int = 3000) -> Iterator[tuple[str, str]]:
    """Yield (language, text) of the labelled units and of the first texts of each data set."""
    for unit in units:
        yield unit.lang, " ".join(unit.sentences)
    for path in sorted((data / "train").glob("*.jsonl.xz")):
        with lzma.open(path, "rt", encoding="utf-8") as lines:
            for _, line in zip(range(per_file), lines, strict=False):
                record = json.loads(line)
                yield record.get("lang", ""), (record.get("text") or "")[:2000]


def prune(
    base: Path,
    target: Path,
    units: list[Unit],
    data: Path,
    *,
    layers: int,
    pieces: int,
    neurons: int,
) -> None:
    """Write the pruned encoder and its tokenizer to `target`."""
    model = AutoModel.from_pretrained(base, add_pooling_layer=False)
    all_pieces = (base / "vocab.txt").read_text(encoding="utf-8").split("\n")
    all_pieces = all_pieces[: model.config.vocab_size]
    chosen = choose_pieces(all_pieces, texts_of(units, data), pieces)
    tokenizer = tokenizer_of(chosen)
    number = {piece: i for i, piece in enumerate(all_pieces)}
    rows = torch.tensor([number[piece] for piece in chosen])
    words = model.embeddings.word_embeddings.weight.data[rows].clone()
    model.embeddings.word_embeddings = nn.Embedding.from_pretrained(words, freeze=False)
    model.config.vocab_size = len(chosen)
    model.config.pad_token_id = chosen.index("[PAD]")
    model.embeddings.word_embeddings.padding_idx = model.config.pad_token_id
    model.encoder.layer = model.encoder.layer[:layers]
    model.config.num_hidden_layers = layers
    if neurons < model.config.intermediate_size:
        _prune_neurons(model, _calibration(tokenizer, units), neurons)
    model.save_pretrained(target)
    tokenizer.save_pretrained(target)


def _calibration(tokenizer: PreTrainedTokenizerFast, units: list[Unit]) -> list[Tensor]:
    """Return token ids of some 500 training texts, every language among them."""
    chosen = units[:: max(1, len(units) // 500)]
    return [tokenizer(" ".join(u.sentences), return_tensors="pt")["input_ids"] for u in chosen]


def _prune_neurons(model: BertModel, batches: list[Tensor], keep: int) -> None:
    """Keep the `keep` feed-forward neurons of each layer that contribute most."""
    sums = [torch.zeros(model.config.intermediate_size) for _ in model.encoder.layer]
    hooks = []
    for i, layer in enumerate(model.encoder.layer):

        def add(_: nn.Module, __: object, output: Tensor, i: int = i) -> None:
            sums[i] += output.abs().sum(dim=(0, 1))

        hooks.append(layer.intermediate.register_forward_hook(add))
    model.eval()
    with torch.inference_mode():
        for ids in batches:
            model(input_ids=ids)
    for hook in hooks:
        hook.remove()
    for size, layer in zip(sums, model.encoder.layer, strict=True):
        inner, outer = layer.intermediate.dense, layer.output.dense
        importance = size * outer.weight.data.norm(dim=0)
        best = importance.topk(keep).indices.sort().values
        inner.weight = nn.Parameter(inner.weight.data[best].clone())
        inner.bias = nn.Parameter(inner.bias.data[best].clone())
        outer.weight = nn.Parameter(outer.weight.data[:, best].clone())
        inner.out_features = outer.in_features = keep
    model.config.intermediate_size = keep
