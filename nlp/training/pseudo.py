"""Stage `pseudo`: a teacher labels collected texts, for a student to learn from.

What is kept are the teacher's logits, so that the student learns how sure the
teacher is. Texts come in a fair order, first those about services, and are stored
shard by shard: a stopped run is a fair sample, and the next one goes on behind it.
"""

from __future__ import annotations

import hashlib
import json
import logging
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from fnmatch import fnmatch
from pathlib import Path

import safetensors.torch
import torch
from safetensors import safe_open
from torch import Tensor, nn
from transformers import PreTrainedTokenizerBase

from mention import UserError
from nlp.encoding import encode
from nlp.inference import Engine, Logits
from nlp.sentences import split
from nlp.training import steps
from nlp.training.examples import Example, unlabelled
from nlp.training.split import Side, Unit
from nlp.training.texts import Allowed, Text, sample, sets
from nlp.weights import folder_of, verify

log = logging.getLogger(__name__)
LONGEST = 1500
# Names of sets: first reviews of services and goods and what people post, then the rest.
FIRST = (
    "banks_ru_reviews gpb_clause_topics otzovik_* marketplace_ru tripadvisor_* sentirueval* "
    "us_airline_tweets app_reviews_en mds_blitzer_amazon steam_sample geo_ru_misc "
    "mcdonalds_yelp_topics tweeteval_sentiment rusentitweet rusentiment_vk lt_*"
).split()
THEN = (
    "social_ru_human vk_comments_ru rudrec_drug_reviews semeval_absa m_absa_ru_en acos mams umsab "
    "cedr_emotions kinopoisk_films livelib_books* aclimdb_en"
).split()
# Of a set of the second kind this part of the cap is taken.
THEN_SHARE = 0.25


@dataclass(frozen=True)
class Document:
    """A text of a shard: its sentences are the teacher's, as (start, end) places."""

    id: str
    dataset: str
    lang: str
    text: str
    spans: list[tuple[int, int]]


@dataclass(frozen=True)
class Calibration:
    """What turns a teacher's mixed logits into the logits of its probabilities."""

    topic_temperature: float
    overall_temperature: float
    overall_bias: list[float]

    def __call__(self, topics: Tensor, overall: Tensor, tone: Tensor) -> Logits:
        """Return a text's logits, as float16, from what a shard holds."""
        return Logits(
            topics / self.topic_temperature,
            overall / self.overall_temperature + torch.tensor(self.overall_bias).to(overall),
            tone,
        )


def choose(data: Path, sides: dict[Side, list[Unit]], most: int) -> list[Text]:
    """Return the texts to label, in the order in which to label them.

    `most`: texts of one set at most. Left out are labelled units, whatever shares
    text with a development or test unit, and repeats.
    """
    allowed = Allowed(data, sides, labelled=True)
    result: dict[bytes, Text] = {}
    for patterns, cap in ((FIRST, most), (THEN, max(1, round(most * THEN_SHARE)))):
        found = [
            text
            for name in sets(data)
            if any(fnmatch(name, pattern) for pattern in patterns)
            for text in sample(data, name, allowed, longest=LONGEST, most=cap)
        ]
        for text in sorted(found, key=lambda text: text.place):
            key = hashlib.blake2b(text.text.encode("utf-8", "replace"), digest_size=16).digest()
            result.setdefault(key, text)
    return list(result.values())


def label(
    teacher: str | Path,
    target: Path,
    texts: Iterable[Text],
    *,
    size: int = 500,
    minutes: float | None = None,
) -> None:
    """Write shards of `size` texts to `target` until `minutes` have passed.

    `teacher`: a model's folder or a shipped name. NNNN.jsonl holds the texts as
    `Document`, NNNN.safetensors the mixed logits as float16: `topics` (sentences,
    topics, 4), `overall` (texts, 4), `tone` (texts, 3). Texts of finished shards are
    passed over. The file's metadata say how logits become probabilities
    (`Calibration`). Raises `UserError` when there are another teacher's shards.
    """
    began = time.monotonic()
    folder = folder_of(teacher)
    verify(folder)
    engine = Engine(folder)
    if torch.cuda.is_available():
        send(engine.model.encoder, torch.device(steps.device()))
    config = engine.config
    calibration = Calibration(
        config.topic_temperature, config.overall_temperature, list(config.overall_bias)
    )
    metadata = {
        "teacher": str(config.weights_sha256),
        "calibration": json.dumps(asdict(calibration)),
    }
    target.mkdir(parents=True, exist_ok=True)
    finished = shards(target)
    done = {document.id for shard in finished for document in documents(shard)}
    for shard in finished[:1]:
        with safe_open(shard, "pt") as file:
            if file.metadata().get("teacher") != metadata["teacher"]:
                raise UserError(
                    f"the shards in {target} are of another teacher than {teacher}: "
                    "delete them, or give another --name"
                )
    rest = [text for text in texts if text.id not in done]
    log.info("%d texts labelled, %d to go", len(done), len(rest))
    number = int(finished[-1].stem) + 1 if finished else 0
    for start in range(0, len(rest), size):
        if minutes and time.monotonic() - began > minutes * 60:
            log.info("stopped after %g minutes; the same command goes on", minutes)
            return
        shown = time.monotonic()
        part = [document for text in rest[start : start + size] if (document := cut(text)).spans]
        if part:
            found = engine.logits([(document.text, document.spans) for document in part])
            _write(target / f"{number:04d}.safetensors", part, found, metadata)
            rate = len(part) / (time.monotonic() - shown)
            log.info("shard %04d of %d texts, %.1f texts/s", number, len(part), rate)
            number += 1


def cut(text: Text) -> Document:
    """Return the text with its sentences."""
    return Document(text.id, text.dataset, text.lang, text.text, split(text.text))


def _write(path: Path, part: list[Document], found: list[Logits], metadata: dict[str, str]) -> None:
    """Write a shard. It counts as finished when the logits, the last of it, have their name."""
    lines = [json.dumps(asdict(document), ensure_ascii=False) + "\n" for document in part]
    path.with_suffix(".jsonl").write_text("".join(lines), encoding="utf-8")
    tensors = {
        "topics": torch.cat([logits.topics for logits in found]).half(),
        "overall": torch.stack([logits.overall for logits in found]).half(),
        "tone": torch.stack([logits.tone for logits in found]).half(),
    }
    fresh = path.with_suffix(".new")
    safetensors.torch.save_file(tensors, fresh, metadata)
    fresh.replace(path)


def shards(folder: Path) -> list[Path]:
    """Return the finished shards in order: the files of their logits."""
    return sorted(folder.glob("[0-9]*.safetensors"))


def documents(shard: Path) -> list[Document]:
    """Return the texts of a shard."""
    with shard.with_suffix(".jsonl").open(encoding="utf-8") as lines:
        return [Document(**json.loads(line)) for line in lines]


def examples(folder: Path, tokenizer: PreTrainedTokenizerBase, most: int) -> list[Example]:
    """Return the texts of the shards in `folder`, `most` at most, with calibrated logits.

    Raises `UserError` when there are none.
    """
    result: list[Example] = []
    for shard in shards(folder):
        tensors = safetensors.torch.load_file(shard)
        with safe_open(shard, "pt") as file:
            calibrated = Calibration(**json.loads(file.metadata()["calibration"]))
        texts = documents(shard)
        parts = tensors["topics"].split([len(text.spans) for text in texts])
        for text, *logits in zip(texts, parts, tensors["overall"], tensors["tone"], strict=True):
            encoded = encode(tokenizer.backend_tokenizer, text.text, text.spans)
            if encoded.ids:
                plain = unlabelled(encoded, logits[0].shape[1], len(text.spans))
                result.append(replace(plain, soft=calibrated(*logits)))
            if len(result) == most:
                return result
    if not result:
        raise UserError(f"there are no shards in {folder}: run the stage pseudo first")
    return result


def send(encoder: nn.Module, where: torch.device) -> None:
    """Move an engine's encoder, nine tenths of its work, to another device.

    The engine goes on handing over and getting back tensors of the processor.
    """

    def to_device(_: nn.Module, given: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        return tuple(value.to(where) for value in given)

    def to_processor(_: nn.Module, __: object, hidden: Tensor) -> Tensor:
        return hidden.cpu()

    encoder.to(where)
    encoder.register_forward_pre_hook(to_device)
    encoder.register_forward_hook(to_processor)
