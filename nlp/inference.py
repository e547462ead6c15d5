"""The model at work: documents to calibrated probabilities, in batches of like length."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import NamedTuple

import torch
from tokenizers import Tokenizer
from torch import Tensor, nn

from nlp.encoder import fast_bfloat16
from nlp.encoding import Encoded, Window, batches, collate, encode, windows
from nlp.features import features, ngrams
from nlp.network import ReviewNetwork
from nlp.outputs import SENTIMENTS, TONES
from nlp.weights import read_config

Spans = Sequence[tuple[int, int]]
# What a model's config.json may leave out; `nlp.modeling.ReviewConfig` explains each.
DEFAULTS = {"tone_wide_weight": 1.0, "tone_threshold": 1.0, "overall_bias": [0.0] * 4}


class Logits(NamedTuple):
    """What is said of one document: logits, or probabilities after `Engine.run`.

    `topics`: (sentences, topics, 4); `overall`: (4,); `tone`: (3,); `vectors`:
    (sentences, width of the encoder), where they were asked for.
    """

    topics: Tensor
    overall: Tensor
    tone: Tensor
    vectors: Tensor | None = None


class Engine:
    """A model and its tokenizer on the processor.

    bfloat16 products are used where the processor multiplies them itself: twice
    as fast, and the labels stay the same within rounding (a test measures it).
    """

    def __init__(
        self, folder: Path, threads: int | None = None, *, bfloat16: bool | None = None
    ) -> None:
        if threads:
            torch.set_num_threads(threads)
        # Neither transformers' tokenizer nor its model: importing it takes two seconds.
        self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        pieces = self.tokenizer.get_vocab()
        self.special = [pieces[name] for name in ("[PAD]", "[CLS]", "[SEP]")]
        config = read_config(folder)
        self.config = SimpleNamespace(**DEFAULTS | config)
        self.model = ReviewNetwork.load(folder, config)
        if fast_bfloat16() if bfloat16 is None else bfloat16:
            self.model.encoder.store_bfloat16()
        self.idf = self.model.wide.idf.numpy()

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
            tone = found.tone.softmax(-1)
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
            Logits(
                a.topics + weights * b.topics,
                a.overall + config.overall_wide_weight * b.overall,
                a.tone + config.tone_wide_weight * b.tone,
                a.vectors,
            )
            for a, b in zip(deep, wide, strict=True)
        ]

    @torch.inference_mode()
    def wide(self, documents: Sequence[tuple[str, Spans]]) -> list[Logits]:
        """Return the logits of the wide part."""
        counts: list[Counter[int]] = []
        whole: list[Counter[int]] = []
        for text, spans in documents:
            whole.append(Counter())
            for start, end in spans:
                counts.append(ngrams(text[start:end]))
                whole[-1].update(counts[-1])
        topics, overall, tone = self.model.wide(
            features(counts, self.idf), features(whole, self.idf)
        )
        parts = topics.split([len(spans) for _, spans in documents])
        return [Logits(*found) for found in zip(parts, overall, tone, strict=True)]

    @torch.inference_mode()
    def deep(
        self, documents: Sequence[tuple[str, Spans]], *, vectors: bool = False
    ) -> list[Logits]:
        """Return the logits of the deep part. No token is left out, however long a document."""
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
        result = []
        for row, one, total, (_, spans) in zip(rows, encoded, sums, documents, strict=True):
            sentence = torch.tensor(one.sentence, dtype=torch.long)
            inside = sentence >= 0
            topics, overall, tone = self.model.pool(
                row[inside],
                sentence[inside],
                torch.zeros(int(inside.sum()), dtype=torch.long),
                len(spans),
                1,
            )
            means = None
            if vectors:
                tokens = torch.bincount(sentence[inside], minlength=len(spans)).clamp_min(1)
                means = total / tokens[:, None]
            result.append(Logits(topics, overall[0], tone[0], means))
        return result

    def _windows(
        self, encoded: list[Encoded], vectors: bool
    ) -> Iterator[tuple[Window, Tensor, Tensor | None]]:
        """Yield every window with what its tokens say, (tokens, labels).

        With `vectors` the third is how the middle layer sees them, (tokens, width).
        """
        parts = [w for i, e in enumerate(encoded) for w in windows(i, len(e.ids))]
        for batch in batches([w.end - w.start for w in parts]):
            chosen = [parts[i] for i in batch]
            ids, mask = collate(
                [encoded[w.document].ids[w.start : w.end] for w in chosen],
                *self.special,
            )
            with self._middle_layer(vectors) as middle:
                scores = self.model.encode(ids, mask)
            for row, window in enumerate(chosen):
                inside = slice(1, 1 + window.end - window.start)
                seen = middle[0][row, inside].float() if middle else None
                yield window, scores[row, inside], seen

    @contextmanager
    def _middle_layer(self, watch: bool) -> Iterator[list[Tensor]]:
        """Give a list that holds, if `watch`, what the middle layer makes of the batch within.

        The last layer has turned to the model's own labels, and to the whole text; the
        middle one still tells sentences apart by what they are about.
        """
        seen: list[Tensor] = []
        if not watch:
            yield seen
            return

        def keep(_layer: nn.Module, _arguments: object, output: Tensor | tuple[Tensor]) -> None:
            seen[:] = [output if isinstance(output, Tensor) else output[0]]

        layers = self.model.encoder.encoder.layer
        hook = layers[(len(layers) - 1) // 2].register_forward_hook(keep)
        try:
            yield seen
        finally:
            hook.remove()
