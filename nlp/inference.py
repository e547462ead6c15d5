"""The model at work: documents to calibrated probabilities, in batches of like length."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor
from transformers import AutoTokenizer

from nlp.encoding import Encoded, Window, batches, collate, encode, windows
from nlp.features import features, ngrams
from nlp.modeling import SENTIMENTS, TONES, ReviewModel, fast_bfloat16

Spans = Sequence[tuple[int, int]]


class Logits(NamedTuple):
    """What is said of one document: logits, or probabilities after `Engine.run`.

    `topics`: (sentences, topics, 4); `overall`: (4,); `tone`: (3,).
    """

    topics: Tensor
    overall: Tensor
    tone: Tensor


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
        self.tokenizer = AutoTokenizer.from_pretrained(folder)
        self.model = ReviewModel.from_pretrained(folder)
        self.bfloat16 = fast_bfloat16() if bfloat16 is None else bfloat16
        self._idf = self.model.wide.idf.numpy()

    def run(self, documents: Sequence[tuple[str, Spans]]) -> list[Logits]:
        """Return the probabilities of every document."""
        config = self.model.config
        return [
            Logits(
                (found.topics / config.topic_temperature).softmax(-1),
                self._overall(found.overall / config.overall_temperature, found.tone),
                found.tone.softmax(-1),
            )
            for found in self.logits(documents)
        ]

    def _overall(self, logits: Tensor, tone: Tensor) -> Tensor:
        """Return the overall probabilities, from the writer's tone where no company is judged.

        A post about one's own day is neutral towards every company. Where the
        tone is surer of a feeling than `tone_threshold`, the share of `neutral`
        goes to that feeling.
        """
        shares = logits.softmax(-1)
        feeling = tone.softmax(-1)
        best = int(feeling.argmax())
        neutral = SENTIMENTS.index("neutral")
        if (
            TONES[best] != "neutral"
            and float(feeling[best]) > self.model.config.tone_threshold
            and int(shares.argmax()) == neutral
        ):
            shares = shares.clone()
            kept = shares[neutral] * (1 - feeling[best])
            shares[SENTIMENTS.index(TONES[best])] += shares[neutral] - kept
            shares[neutral] = kept
        return shares

    def logits(self, documents: Sequence[tuple[str, Spans]]) -> list[Logits]:
        """Return the mixed logits of both parts."""
        config = self.model.config
        deep, wide = self.deep(documents), self.wide(documents)
        return [
            Logits(
                a.topics + config.wide_weight * topics,
                a.overall + config.overall_wide_weight * overall,
                a.tone,
            )
            for a, (topics, overall) in zip(deep, wide, strict=True)
        ]

    @torch.inference_mode()
    def wide(self, documents: Sequence[tuple[str, Spans]]) -> list[tuple[Tensor, Tensor]]:
        """Return the logits of the wide part."""
        result = []
        for text, spans in documents:
            counts = [ngrams(text[start:end]) for start, end in spans]
            whole: Counter[int] = Counter()
            for count in counts:
                whole.update(count)
            topics, overall = self.model.wide(
                features(counts, self._idf), features([whole], self._idf)
            )
            result.append((topics, overall[0]))
        return result

    @torch.inference_mode()
    def deep(self, documents: Sequence[tuple[str, Spans]]) -> list[Logits]:
        """Return the logits of the deep part. No token is left out, however long a document."""
        encoded = [encode(self.tokenizer, text, spans) for text, spans in documents]
        rows = [torch.zeros(len(e.ids), self.model.labels) for e in encoded]
        for window, scores in self._windows(encoded):
            kept = scores[window.keep_start - window.start : window.keep_end - window.start]
            rows[window.document][window.keep_start : window.keep_end] = kept
        result = []
        for row, one, (_, spans) in zip(rows, encoded, documents, strict=True):
            sentence = torch.tensor(one.sentence, dtype=torch.long)
            inside = sentence >= 0
            topics, overall, tone = self.model.pool(
                row[inside],
                sentence[inside],
                torch.zeros(int(inside.sum()), dtype=torch.long),
                len(spans),
                1,
            )
            result.append(Logits(topics, overall[0], tone[0]))
        return result

    def _windows(self, encoded: list[Encoded]) -> Iterator[tuple[Window, Tensor]]:
        """Yield every window with what its tokens say: (tokens, labels)."""
        parts = [w for i, e in enumerate(encoded) for w in windows(i, len(e.ids))]
        for batch in batches([w.end - w.start for w in parts]):
            chosen = [parts[i] for i in batch]
            ids, mask = collate(
                [encoded[w.document].ids[w.start : w.end] for w in chosen],
                self.tokenizer.pad_token_id,
                self.tokenizer.cls_token_id,
                self.tokenizer.sep_token_id,
            )
            with torch.autocast("cpu", torch.bfloat16, enabled=self.bfloat16):
                scores = self.model.encode(ids, mask)
            for row, window in enumerate(chosen):
                yield window, scores[row, 1 : 1 + window.end - window.start]
