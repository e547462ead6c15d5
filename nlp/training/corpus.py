"""Tokenised texts with their labels as flat tensors, from which batches are gathered.

Everything lies on the device that trains: a batch is a few gathers, with hardly
anything to copy and no loop over texts, so that a GPU does not wait for Python. A
corpus can be written to a file, to be made on one machine and learned from on another.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import NamedTuple, Self

import torch
from torch import Tensor
from transformers import PreTrainedTokenizerBase

from nlp.encoding import WINDOW, batches, row_length
from nlp.inference import Logits
from nlp.outputs import SENTIMENTS, STATES, TONES
from nlp.training.examples import Example


class Special(NamedTuple):
    """Numbers of the special pieces that a row is made with."""

    pad: int
    first: int
    last: int

    @classmethod
    def of(cls, tokenizer: PreTrainedTokenizerBase) -> Self:
        """Return those of a tokenizer."""
        return cls(tokenizer.pad_token_id, tokenizer.cls_token_id, tokenizer.sep_token_id)


class Rows(NamedTuple):
    """Texts side by side, with special pieces and padding.

    `ids`, `mask`: (rows, length); `place`: (rows, length - 2), where in the flat
    tensors each token lies, 0 where `inside` is false.
    """

    ids: Tensor
    mask: Tensor
    place: Tensor
    inside: Tensor


class Batch(NamedTuple):
    """What a step reads: rows, where their tokens belong, and the labels.

    `sentence`, `document`: (rows, length - 2); tokens that belong nowhere have the number
    after the last one. `topics`: (sentences, topics); `overall`, `tone`: (rows,);
    `soft` has the same axes and one more, for texts that are `taught` (rows,).
    """

    rows: Rows
    sentence: Tensor
    document: Tensor
    sentences: int
    topics: Tensor
    overall: Tensor
    tone: Tensor
    taught: Tensor
    owner: Tensor
    soft: Logits | None


def _begins(sizes: Tensor) -> Tensor:
    """Return where each part begins when parts of these sizes lie one after another."""
    return sizes.cumsum(0) - sizes


@dataclass(frozen=True)
class Corpus:
    """Texts as flat tensors.

    `ids`, `sentence`: (tokens,), int32, the piece and the number of its sentence in its text,
    −1 for none; `lengths`, `sentences`: (texts,), int64, always on the processor, how many
    tokens and sentences a text has; `topics`: (all sentences, topics), int8, and `overall`,
    `tone`: (texts,), int8, class numbers or `UNKNOWN`; `soft_…`: a teacher's logits, float16,
    with one more axis, or empty when no text is `taught`: (texts,), bool.
    """

    ids: Tensor
    sentence: Tensor
    lengths: Tensor
    sentences: Tensor
    topics: Tensor
    overall: Tensor
    tone: Tensor
    taught: Tensor
    soft_topics: Tensor
    soft_overall: Tensor
    soft_tone: Tensor

    @classmethod
    def of(cls, examples: Sequence[Example]) -> Self:
        """Return the examples as one corpus. Raises `ValueError` when there are none."""
        if not examples:
            raise ValueError("a corpus needs at least one text")
        lengths = [len(e.encoded.ids) for e in examples]
        topics = torch.cat([e.topics for e in examples]).char()
        soft = [e.soft for e in examples]
        taught = torch.tensor([s is not None for s in soft])
        shape = (len(topics), topics.shape[1], len(STATES))
        logits = [torch.zeros(0)] * 3
        if taught.any():
            logits = [
                torch.zeros(shape).half(),
                torch.zeros(len(examples), len(SENTIMENTS)).half(),
                torch.zeros(len(examples), len(TONES)).half(),
            ]
            begin = 0
            for i, (one, found) in enumerate(zip(examples, soft, strict=True)):
                if found is not None:
                    logits[0][begin : begin + len(one.topics)] = found.topics.half()
                    logits[1][i], logits[2][i] = found.overall.half(), found.tone.half()
                begin += len(one.topics)
        return cls(
            torch.tensor([i for e in examples for i in e.encoded.ids], dtype=torch.int32),
            torch.tensor([i for e in examples for i in e.encoded.sentence], dtype=torch.int32),
            torch.tensor(lengths),
            torch.tensor([len(e.topics) for e in examples]),
            topics,
            torch.tensor([e.overall for e in examples], dtype=torch.int8),
            torch.tensor([e.tone for e in examples], dtype=torch.int8),
            taught,
            *logits,
        )

    def __len__(self) -> int:
        """Return the number of texts."""
        return len(self.lengths)

    def joined(self, others: Iterable[Self]) -> Self:
        """Return this corpus with others behind it."""
        every = [self, *others]
        if any(one.taught.any() for one in every):
            every = [one._with_room() for one in every]
        return replace(
            self,
            **{f.name: torch.cat([getattr(one, f.name) for one in every]) for f in fields(self)},
        )

    def _with_room(self) -> Self:
        """Return this corpus with zeros where a teacher's logits would be."""
        if len(self.soft_topics):
            return self
        zeros = {
            "soft_topics": torch.zeros(*self.topics.shape, len(STATES)),
            "soft_overall": torch.zeros(len(self), len(SENTIMENTS)),
            "soft_tone": torch.zeros(len(self), len(TONES)),
        }
        return replace(self, **{n: z.half().to(self.ids.device) for n, z in zeros.items()})

    def taught_by(self, said: Logits) -> Self:
        """Return this corpus with a teacher's logits for every text."""
        return replace(
            self,
            soft_topics=said.topics.half(),
            soft_overall=said.overall.half(),
            soft_tone=said.tone.half(),
            taught=torch.ones(len(self), dtype=torch.bool, device=self.ids.device),
        )

    def to(self, device: torch.device | str) -> Self:
        """Return this corpus on a device; what plans batches stays on the processor."""
        moved = {
            f.name: getattr(self, f.name).to(device)
            for f in fields(self)
            if f.name not in {"lengths", "sentences"}
        }
        return replace(self, **moved)

    def tensors(self) -> dict[str, Tensor]:
        """Return the fields by name: what safetensors stores."""
        return {f.name: getattr(self, f.name) for f in fields(self)}

    def plan(
        self, chosen: Sequence[int], scale: int = 1, rng: random.Random | None = None
    ) -> list[list[int]]:
        """Return batches of the chosen texts, `scale` times as large as a processor's."""
        lengths = self.lengths[torch.tensor(chosen, dtype=torch.long)].tolist()
        return [[chosen[i] for i in batch] for batch in batches(lengths, rng, scale)]

    def rows(self, chosen: Sequence[int], special: Special) -> Rows:
        """Return the first `WINDOW` tokens of the chosen texts as rows of one length."""
        device = self.ids.device
        numbers = torch.tensor(chosen)
        lengths = self.lengths[numbers].clamp(max=WINDOW)
        width = row_length(int(lengths.max()))
        begins, sizes = torch.stack([self._first_token[numbers], lengths]).to(device)[..., None]
        column = torch.arange(width, device=device)
        inside = column[:-2] < sizes
        place = torch.where(inside, begins + column[:-2], 0)
        ids = torch.full((len(chosen), width), special.pad, device=device)
        ids[:, 0] = special.first
        ids[:, 1:-1] = torch.where(inside, self.ids[place].long(), special.pad)
        ids.scatter_(1, sizes + 1, special.last)
        return Rows(ids, (column < sizes + 2).long(), place, inside)

    def batch(self, chosen: Sequence[int], special: Special) -> Batch:
        """Return the chosen texts with their labels."""
        device = self.ids.device
        rows = self.rows(chosen, special)
        numbers = torch.tensor(chosen)
        counts = self.sentences[numbers]
        total = int(counts.sum())
        where, first, sizes, stored = torch.stack(
            [numbers, _begins(counts), counts, self._first_sentence[numbers]]
        ).to(device)
        own = self.sentence[rows.place]
        spoken = rows.inside & (own >= 0)
        line = torch.arange(len(chosen), device=device)
        owner = line.repeat_interleave(sizes, output_size=total)
        place = torch.arange(total, device=device) + (stored - first)[owner]
        soft = None
        if len(self.soft_topics):
            soft = Logits(
                self.soft_topics[place].float(),
                self.soft_overall[where].float(),
                self.soft_tone[where].float(),
            )
        return Batch(
            rows,
            torch.where(spoken, own + first[:, None], total),
            torch.where(spoken, line[:, None], len(chosen)),
            total,
            self.topics[place].long(),
            self.overall[where].long(),
            self.tone[where].long(),
            self.taught[where],
            owner,
            soft,
        )

    @cached_property
    def _first_token(self) -> Tensor:
        return _begins(self.lengths)

    @cached_property
    def _first_sentence(self) -> Tensor:
        return _begins(self.sentences)
