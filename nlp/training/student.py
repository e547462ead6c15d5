"""Stage `student`: a small new encoder whose words begin where a teacher's are.

Its vocabulary is trained anew, larger than what is left of the base's, so that texts
have fewer pieces. Each piece begins at the mean embedding of the teacher's pieces
that spell it, turned to the directions in which those means differ most (principal
components); all layers are new. The folder is laid out as that of `prune`.
"""

from __future__ import annotations

import logging
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import torch
from tokenizers import trainers
from torch import Tensor
from transformers import AutoModel, AutoTokenizer, BertConfig, BertModel

from mention import UserError
from nlp.modeling import ReviewModel
from nlp.training.prune import ALPHABETS, LANGUAGES, SPECIAL, UNKNOWN, texts_of, tokenizer_of
from nlp.training.split import Unit
from nlp.weights import folder_of

log = logging.getLogger(__name__)
# Other characters that get pieces of their own: the most frequent, emoji mostly.
MORE_CHARACTERS = 300
# At most as many words are given to the trainer, each as often as its share says, the
# rarest not at all; the rarest of a small collection as often as this.
SAMPLE = 5_000_000
RAREST = 10


@dataclass(frozen=True)
class Shape:
    """The student's size; see `transformers.BertConfig`."""

    pieces: int = 40_000
    layers: int = 4
    width: int = 320
    heads: int = 5
    neurons: int = 768
    positions: int = 512
    seed: int = 17


def weigh(texts: Iterable[tuple[str, str]]) -> dict[str, float]:
    """Return each word's share of all words, languages weighted as in `prune`.

    `texts`: (language, text) pairs.
    """
    core = tokenizer_of(list(SPECIAL)).backend_tokenizer
    counts: dict[str, Counter[str]] = {language: Counter() for language in LANGUAGES}
    for language, text in texts:
        if language in counts:
            found = core.pre_tokenizer.pre_tokenize_str(core.normalizer.normalize_str(text))
            counts[language].update(word for word, _ in found)
    weights: dict[str, float] = defaultdict(float)
    for language, share in LANGUAGES.items():
        total = max(1, counts[language].total())
        for word, count in counts[language].items():
            weights[word] += share * count / total
    return weights


def train_pieces(weights: dict[str, float], size: int) -> list[str]:
    """Return at most `size` WordPieces for words of these weights, special ones first."""
    known = set(ALPHABETS)
    others: dict[str, float] = defaultdict(float)
    for word, weight in weights.items():
        for character in set(word) - known:
            others[character] += weight
    frequent = sorted(others, key=lambda character: (-others[character], character))
    letters = [*ALPHABETS, *frequent[:MORE_CHARACTERS]]
    core = tokenizer_of(list(SPECIAL)).backend_tokenizer
    # The trainer numbers the inner forms of letters as it meets them, in an order that
    # changes from run to run, and breaks ties by number. Given first, they are the same.
    trainer = trainers.WordPieceTrainer(
        vocab_size=size,
        special_tokens=[*SPECIAL, *letters, *(f"##{letter}" for letter in letters)],
        limit_alphabet=len(letters),
        initial_alphabet=letters,
        show_progress=False,
    )
    core.train_from_iterator(_repeated(weights), trainer)
    numbers = core.get_vocab()
    return sorted(numbers, key=numbers.__getitem__)


def _repeated(weights: dict[str, float]) -> Iterator[str]:
    """Yield every word as often as its weight says: the trainer takes no weights."""
    scale = min(SAMPLE, RAREST / min(weights.values()))
    for word, weight in weights.items():
        times = round(weight * scale)
        for start in range(0, times, 1000):
            yield " ".join([word] * min(1000, times - start))


def spell(piece: str, known: Collection[str]) -> list[str]:
    """Return the longest known pieces, from left to right, that `piece` is made of.

    A piece that begins with ## goes on with a word. Empty when a letter is unknown.
    """
    inside = piece.startswith("##") and len(piece) > 2
    text = piece[2:] if inside else piece
    result: list[str] = []
    start = 0
    while start < len(text):
        ends = range(len(text), start, -1)
        mark = "##" if start or inside else ""
        found = next((end for end in ends if mark + text[start:end] in known), None)
        if found is None:
            return []
        result.append(mark + text[start:found])
        start = found
    return result


def embed(pieces: list[str], known: dict[str, int], table: Tensor, width: int) -> Tensor:
    """Return the first embeddings of `pieces`: (pieces, width).

    `table`: (teacher's pieces, teacher's width); `known`: a piece's row in it.
    """
    rows = []
    for piece in pieces:
        parts = [piece] if piece in known else spell(piece, known) or [UNKNOWN]
        rows.append(table[[known[part] for part in parts]].mean(0))
    means = torch.stack(rows).double()
    means -= means.mean(0)
    # Least to greatest; a direction's sign is free, so it is fixed by its largest number.
    directions: Tensor = torch.linalg.eigh(means.T @ means).eigenvectors.flip(1)[:, :width]
    largest = directions.gather(0, directions.abs().argmax(0, keepdim=True))
    turned: Tensor = means @ (directions * largest.sign())
    return turned.float()


def make(teacher: str | Path, target: Path, units: list[Unit], data: Path, shape: Shape) -> None:
    """Write a student's encoder and tokenizer to `target`.

    `teacher`: folder of an encoder or of a whole model, or a shipped model's name.
    Raises `UserError` when the shape cannot be made.
    """
    folder = folder_of(teacher)
    model = AutoModel.from_pretrained(folder, add_pooling_layer=False)
    encoder = model.encoder if isinstance(model, ReviewModel) else model
    table = encoder.embeddings.word_embeddings.weight.data
    check(shape, table.shape[1])
    pieces = train_pieces(weigh(texts_of(units, data)), shape.pieces)
    log.info("%d pieces", len(pieces))
    known = AutoTokenizer.from_pretrained(folder).get_vocab()
    new_encoder(pieces, known, table, shape).save_pretrained(target)
    tokenizer_of(pieces).save_pretrained(target)


def check(shape: Shape, widest: int) -> None:
    """Raise `UserError` when no student of this shape can be made of a teacher of that width."""
    if shape.width % shape.heads:
        raise UserError(
            f"a width of {shape.width} cannot be divided among {shape.heads} heads: "
            "change --width or --heads"
        )
    if shape.width > widest:
        raise UserError(
            f"a student of width {shape.width} is wider than its teacher ({widest}): "
            "give a smaller --width"
        )


def new_encoder(pieces: list[str], known: dict[str, int], table: Tensor, shape: Shape) -> BertModel:
    """Return an encoder for `pieces` whose layers are new; `known` and `table` as for `embed`."""
    torch.manual_seed(shape.seed)
    config = BertConfig(
        vocab_size=len(pieces),
        hidden_size=shape.width,
        num_hidden_layers=shape.layers,
        num_attention_heads=shape.heads,
        intermediate_size=shape.neurons,
        max_position_embeddings=shape.positions,
        pad_token_id=pieces.index("[PAD]"),
    )
    student = BertModel(config, add_pooling_layer=False)
    words = embed(pieces, known, table, shape.width)
    student.embeddings.word_embeddings.weight.data.copy_(words)
    return student
