"""The model at work: documents to calibrated probabilities, in batches of like length."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import accumulate, groupby
from pathlib import Path
from types import SimpleNamespace
from typing import NamedTuple, TypeVar

import torch
from tokenizers import Tokenizer
from torch import Tensor, nn

from nlp.encoder import fast_bfloat16
from nlp.encoding import Encoded, Window, batches, collate, encode, windows
from nlp.features import hashed
from nlp.network import ReviewNetwork
from nlp.outputs import SENTIMENTS, TONES
from nlp.weights import member_of, read_config

Spans = Sequence[tuple[int, int]]
# Tokens, about, whose labels are pooled at once: bounds memory.
POOLED = 16_000
# Half of a full batch, as two are read at a time on two processors: bounds memory.
SCALE = 0.5
_Item = TypeVar("_Item")
_Result = TypeVar("_Result")
# What a model's config.json may leave out; `nlp.modeling.ReviewConfig` explains each.
DEFAULTS = {
    "tone_wide_weight": 1.0,
    "tone_temperature": 1.0,
    "tone_threshold": 1.0,
    "overall_bias": [0.0] * 4,
    "ensemble": None,
}


class Logits(NamedTuple):
    """What is said of one document: logits, or probabilities after `Engine.run`.

    `topics`: (sentences, topics, 4); `overall`: (4,); `tone`: (3,); `vectors`:
    (sentences, width of the encoder), where they were asked for.
    """

    topics: Tensor
    overall: Tensor
    tone: Tensor
    vectors: Tensor | None = None

    def plus(self, other: Logits, *, topics: float | Tensor, overall: float, tone: float) -> Logits:
        """Return these logits with those of `other` added, each kind with its weight.

        `topics`: one weight, or one for each topic, (topics, 1). The vectors stay these.
        """
        return Logits(
            self.topics + topics * other.topics,
            self.overall + overall * other.overall,
            self.tone + tone * other.tone,
            self.vectors,
        )


class Engine:
    """A model and its tokenizer on the processor.

    bfloat16 products are used where the processor multiplies them itself: twice
    as fast, and the labels stay the same within rounding (a test measures it).

    Two models may judge together: `member`, the engine of a smaller one that the
    configuration names, has its logits added to those of the deep part. They err
    in different places, so both together err less (Hansen and Salamon 1990,
    https://doi.org/10.1109/34.58871).
    """

    def __init__(
        self,
        folder: Path,
        threads: int | None = None,
        *,
        bfloat16: bool | None = None,
        wide: bool = True,
    ) -> None:
        if threads:
            torch.set_num_threads(threads)
        # Neither transformers' tokenizer nor its model: importing it takes two seconds.
        self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        pieces = self.tokenizer.get_vocab()
        self.special = [pieces[name] for name in ("[PAD]", "[CLS]", "[SEP]")]
        config = read_config(folder)
        self.config = SimpleNamespace(**DEFAULTS | config)
        self.model = ReviewNetwork.load(folder, config, wide=wide)
        if fast_bfloat16() if bfloat16 is None else bfloat16:
            self.model.encoder.store_bfloat16()
        self.idf = self.model.wide.idf.numpy()
        beside = member_of(folder, config)
        self.member = Engine(beside, bfloat16=bfloat16, wide=False) if beside else None

    def run(
        self,
        documents: Sequence[tuple[str, Spans]],
        *,
        toned: Sequence[bool] | None = None,
        vectors: bool = False,
    ) -> list[Logits]:
        """Return the probabilities of every document, and if asked its sentences' vectors.

        `toned` tells for each document whether its tone may count; without, for none.
        """
        config = self.config
        bias = torch.tensor(config.overall_bias)
        least = torch.tensor(config.thresholds)
        results = []
        for number, found in enumerate(self.logits(documents, vectors=vectors)):
            topics = (found.topics / config.topic_temperature).softmax(-1)
            overall = (found.overall / config.overall_temperature + bias).softmax(-1)
            tone = (found.tone / config.tone_temperature).softmax(-1)
            if toned and toned[number] and not bool((1 - topics[..., 0] >= least).any()):
                overall = self.with_tone(overall, tone)
            results.append(Logits(topics, overall, tone, found.vectors))
        return results

    def with_tone(self, shares: Tensor, feeling: Tensor) -> Tensor:
        """Return the overall probabilities, (4,), of a text that speaks of no topic.

        A post about one's own day is neutral towards every company. Where the tone,
        `feeling` (3,), is surer than `tone_threshold`, the share of `neutral` goes to it.
        """
        best = int(feeling.argmax())
        neutral = SENTIMENTS.index("neutral")
        if (
            TONES[best] != "neutral"
            and float(feeling[best]) > self.config.tone_threshold
            and int(shares.argmax()) == neutral
        ):
            shares = shares.clone()
            kept = shares[neutral] * (1 - feeling[best])
            shares[SENTIMENTS.index(TONES[best])] += shares[neutral] - kept
            shares[neutral] = kept
        return shares

    def logits(
        self, documents: Sequence[tuple[str, Spans]], *, vectors: bool = False
    ) -> list[Logits]:
        """Return the mixed logits of both parts."""
        config = self.config
        deep, wide = self.deep(documents, vectors=vectors), self.wide(documents)
        weights = torch.tensor(config.wide_weight).reshape(-1, 1)
        return [
            a.plus(
                b,
                topics=weights,
                overall=config.overall_wide_weight,
                tone=config.tone_wide_weight,
            )
            for a, b in zip(deep, wide, strict=True)
        ]

    @torch.inference_mode()
    def wide(self, documents: Sequence[tuple[str, Spans]]) -> list[Logits]:
        """Return the logits of the wide part."""
        grams = hashed([text[start:end] for text, spans in documents for start, end in spans])
        sizes = [len(spans) for _, spans in documents]
        topics, overall, tone = self.model.wide(
            grams.features(self.idf), grams.joined(sizes).features(self.idf)
        )
        return [Logits(*found) for found in zip(topics.split(sizes), overall, tone, strict=True)]

    @torch.inference_mode()
    def deep(
        self, documents: Sequence[tuple[str, Spans]], *, vectors: bool = False
    ) -> list[Logits]:
        """Return the logits of the deep part. No token is left out, however long a document.

        Those of `member` count in it; the vectors are the model's own.
        """
        own = self.deep_alone(documents, vectors=vectors)
        if self.member is None:
            return own
        share = self.config.ensemble["share"]
        return [
            a.plus(b, topics=share, overall=share, tone=share)
            for a, b in zip(own, self.member.deep_alone(documents), strict=True)
        ]

    @torch.inference_mode()
    def deep_alone(
        self, documents: Sequence[tuple[str, Spans]], *, vectors: bool = False
    ) -> list[Logits]:
        """Return the logits of the deep part without those of `member`."""
        encoded = [encode(self.tokenizer, text, spans) for text, spans in documents]
        rows = [torch.zeros(len(e.ids), self.model.labels) for e in encoded]
        width = self.model.encoder.width if vectors else 0
        sums = [torch.zeros(len(spans), width) for _, spans in documents]
        for window, scores, middle in self._windows(encoded, vectors):
            kept = slice(window.keep_start - window.start, window.keep_end - window.start)
            rows[window.document][window.keep_start : window.keep_end] = scores[kept]
            if middle is not None:
                here = encoded[window.document].sentence[window.keep_start : window.keep_end]
                sentence = torch.tensor(here, dtype=torch.long)
                inside = sentence >= 0
                sums[window.document].index_add_(0, sentence[inside], middle[kept][inside])
        result: list[Logits] = []
        tokens = list(accumulate(len(e.ids) for e in encoded))
        for _, group in groupby(range(len(encoded)), key=lambda i: tokens[i] // POOLED):
            several = list(group)
            part = slice(several[0], several[-1] + 1)
            result += self._pool(rows[part], encoded[part], sums[part], vectors)
        return result

    def _pool(
        self, rows: list[Tensor], encoded: list[Encoded], sums: list[Tensor], vectors: bool
    ) -> list[Logits]:
        """Return the logits of some documents from what their tokens say.

        `rows`: (tokens, labels) of each; `sums`: (sentences, width), the sums of their
        tokens' vectors if `vectors`.
        """
        sizes = [len(total) for total in sums]
        lengths = torch.tensor([len(row) for row in rows])
        first = torch.tensor([0, *accumulate(sizes)])[:-1].repeat_interleave(lengths)
        sentence = torch.tensor([i for one in encoded for i in one.sentence], dtype=torch.long)
        document = torch.arange(len(rows)).repeat_interleave(lengths)
        inside = sentence >= 0
        sentence = (first + sentence)[inside]
        topics, overall, tone = self.model.pool(
            torch.cat(rows)[inside], sentence, document[inside], sum(sizes), len(rows)
        )
        means: Sequence[Tensor | None] = [None] * len(rows)
        if vectors:
            tokens = torch.bincount(sentence, minlength=sum(sizes)).clamp_min(1)
            means = (torch.cat(sums) / tokens[:, None]).split(sizes)
        return [
            Logits(*found) for found in zip(topics.split(sizes), overall, tone, means, strict=True)
        ]

    def _windows(
        self, encoded: list[Encoded], vectors: bool
    ) -> Iterator[tuple[Window, Tensor, Tensor | None]]:
        """Yield every window with what its tokens say, (tokens, labels).

        With `vectors` the third is how the middle layer sees them, (tokens, width).
        """
        parts = [w for i, e in enumerate(encoded) for w in windows(i, len(e.ids))]
        lengths = [w.end - w.start for w in parts]
        chosen = [[parts[i] for i in batch] for batch in batches(lengths, scale=SCALE)]
        with self._middle_layer(vectors) as seen:

            @torch.inference_mode()  # counts for one thread only
            def read(several: list[Window]) -> tuple[Tensor, Tensor | None]:
                ids, mask = collate(
                    [encoded[w.document].ids[w.start : w.end] for w in several], *self.special
                )
                return self.model.encode(ids, mask), seen.hidden if vectors else None

            for several, (scores, middle) in zip(chosen, _each(read, chosen), strict=True):
                for row, window in enumerate(several):
                    inside = slice(1, 1 + window.end - window.start)
                    kept = middle[row, inside].float() if middle is not None else None
                    yield window, scores[row, inside], kept

    @contextmanager
    def _middle_layer(self, watch: bool) -> Iterator[threading.local]:
        """Give what has, if `watch`, as `hidden` what the middle layer made of a thread's batch.

        The last layer has turned to the model's own labels, and to the whole text; the
        middle one still tells sentences apart by what they are about.
        """
        seen = threading.local()
        if not watch:
            yield seen
            return

        def keep(_layer: nn.Module, _arguments: object, output: Tensor | tuple[Tensor]) -> None:
            seen.hidden = output if isinstance(output, Tensor) else output[0]

        layers = self.model.encoder.encoder.layer
        hook = layers[(len(layers) - 1) // 2].register_forward_hook(keep)
        try:
            yield seen
        finally:
            hook.remove()


def _each(work: Callable[[_Item], _Result], items: Sequence[_Item]) -> Iterator[_Result]:
    """Yield the results of `work` in order, one item a processor thread if there are enough.

    Threads that share a product wait for one another at its end, spinning: where another
    program takes one of the processors, that costs many times the product itself.
    """
    threads = torch.get_num_threads()
    if threads == 1 or len(items) < threads:
        yield from map(work, items)
        return
    with ThreadPoolExecutor(threads, initializer=torch.set_num_threads, initargs=(1,)) as pool:
        # A few ahead of the reader, so that the results of a long text are not all kept.
        for start in range(0, len(items), 2 * threads):
            yield from pool.map(work, items[start : start + 2 * threads])
