"""`Tagger`: texts in, taggings out, in order. What the rest of Molva uses of this room."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, Self

from mention import Polarity, SentenceTagging, Tagging, TopicLabel
from nlp import facts, language
from nlp.answer_cache import Answer, AnswerCache, Key, code_version, restore, shorten
from nlp.document import Document
from nlp.tagger_setup import full_version
from nlp.weights import ModelError, digest, folder_of, read_config, verify

if TYPE_CHECKING:
    from torch import Tensor

    from nlp.inference import Engine, Logits, Spans
    from nlp.own_heads import OwnHeads
    from nlp.sentiment_model import SentimentModel

__all__ = ["ModelError", "TagItem", "Tagger", "verify"]

# Texts whose windows are sorted by length together; bounds memory and delay.
_CHUNK = 512
# Remembered taggings: the same short texts («Отлично!») come again and again.
_REMEMBERED = 20_000


@dataclass(frozen=True, slots=True)
class TagItem:
    """A text to tag. `lang` is what the platform states, a hint for very short texts."""

    id: str
    text: str
    title: str | None = None
    lang: str | None = None


class Taggable(Protocol):
    """What `Tagger.tag` reads: a `TagItem` or a `mention.Mention`."""

    @property
    def id(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def title(self) -> str | None: ...
    @property
    def lang(self) -> str | None: ...


def load_engine(path_or_name: str | Path = "default", threads: int | None = None) -> Engine:
    """Check and load a model, without what makes labels of its probabilities.

    Raises `ModelError` when files are missing, damaged or of another release.
    """
    folder = folder_of(path_or_name)
    verify(folder)
    from nlp.inference import Engine

    try:
        return Engine(folder, threads)
    except Exception as error:  # torch, tokenizers and safetensors raise many kinds
        raise ModelError(
            f"the model in {folder} cannot be loaded ({type(error).__name__}); install Molva again"
        ) from error


class Tagger:
    """A loaded model. Not safe for use by several threads at once.

    `model`, `model_version` and `taxonomy_version` are written into every tagging.
    """

    def __init__(
        self,
        engine: Engine,
        config: dict[str, Any],
        own: OwnHeads | None = None,
        sentiment: SentimentModel | None = None,
    ) -> None:
        self._cache: AnswerCache | None = None
        self._engine = engine
        self._own = own
        self._sentiment = sentiment
        self.model = str(config["model_name"])
        self.model_version = full_version(
            str(config["model_version"]),
            own.version if own else None,
            sentiment.version if sentiment else None,
        )
        self.taxonomy_version = str(config["taxonomy_version"])
        self._topics: list[str] = config["topics"]
        self._thresholds: list[float] = config["thresholds"]
        self._remembered: OrderedDict[Key, Answer] = OrderedDict()

    @classmethod
    def load(
        cls,
        path_or_name: str | Path = "default",
        threads: int | None = None,
        *,
        own: OwnHeads | None = None,
        sentiment: SentimentModel | None = None,
        cache: Path | None = None,
    ) -> Self:
        """Load a shipped model by name, or a folder made by `python -m nlp.training export`.

        `threads`: how many processor threads torch may use; its own choice without.
        `own`: topics to report besides the built-in ones; `sentiment`: what gives the
        overall sentiment instead of the model; `cache`: file that keeps what is said of
        texts from one run to the next (`nlp.answer_cache`), None for none.
        Raises `ModelError` when files are missing, damaged or of another release.
        """
        engine = load_engine(path_or_name, threads)
        folder = folder_of(path_or_name)
        tagger = cls(engine, read_config(folder), own, sentiment)
        if cache is not None:
            # The configuration names the weights by their hash.
            parts = (tagger.model_version, digest(folder / "config.json"), code_version())
            tagger._cache = AnswerCache(cache, " ".join(parts))
        return tagger

    def tag(self, items: Iterable[Taggable]) -> Iterator[Tagging]:
        """Yield one tagging for each item, in order. Identical texts are computed once.

        Reads ahead by some hundred items, which are batched by length.
        """
        stream = iter(items)
        while chunk := list(islice(stream, _CHUNK)):
            keys: list[Key] = [(item.title or None, item.text, item.lang) for item in chunk]
            # Looked up before anything is forgotten, so that this chunk is complete.
            answers = {key: self._remembered[key] for key in keys if key in self._remembered}
            self._add_kept(answers, keys)
            fresh = [key for key in dict.fromkeys(keys) if key not in answers]
            said = dict(zip(fresh, self._answer(fresh), strict=True))
            if self._cache is not None:
                self._cache.keep({key: shorten(answer) for key, answer in said.items()})
            answers |= said
            self._remember(answers)
            for item, key in zip(chunk, keys, strict=True):
                yield Tagging(
                    mention_id=item.id,
                    model=self.model,
                    model_version=self.model_version,
                    taxonomy_version=self.taxonomy_version,
                    facts_version=facts.VERSION,
                    **answers[key],
                )

    def chances(
        self,
        documents: Sequence[tuple[str, Spans]],
        sentence: int,
        topic: str,
        polarity: Polarity,
    ) -> list[float]:
        """Return how probable one label of one sentence is, in each of several texts.

        Args:
            documents: each text with the spans of its sentences.
            sentence: number of the sentence among the spans, from 0; the same in all texts.
            topic: built-in, or of the project's own and trained.
            polarity: of the label.

        Returns:
            Calibrated probabilities, 0–1, of the kind that a label has as its `confidence`.

        Raises:
            ValueError: the tagger does not know the topic.
        """
        from nlp.outputs import STATES

        if topic in self._topics:
            place = self._topics.index(topic), STATES.index(polarity)
            return [float(one.topics[sentence][place]) for one in self._engine.run(documents)]
        own = self._own
        if own is None or topic not in own.codes:
            raise ValueError(f"the tagger knows no topic {topic!r}")
        results = self._engine.run(documents, vectors=True)
        texts = [[text[start:end] for start, end in spans] for text, spans in documents]
        code, state = own.codes.index(topic), STATES.index(polarity) - 1
        return [
            float(present[sentence, code] * shares[sentence, code, state])
            for present, shares in own.shares(texts, results, self._engine.idf)
        ]

    def _remember(self, answers: dict[Key, Answer]) -> None:
        for key, answer in answers.items():
            if len(key[1]) <= 1000:
                self._remembered[key] = answer
                self._remembered.move_to_end(key)
        while len(self._remembered) > _REMEMBERED:
            self._remembered.popitem(last=False)

    def _add_kept(self, answers: dict[Key, Answer], keys: Iterable[Key]) -> None:
        """Add what an earlier run said of those texts that have no answer yet."""
        if self._cache is not None:
            kept = self._cache.find(key for key in dict.fromkeys(keys) if key not in answers)
            answers.update((key, restore(key, said)) for key, said in kept.items())

    def _answer(self, keys: list[Key]) -> list[Answer]:
        answers: list[Answer] = []
        documents = []
        for title, text, hint in keys:
            whole = f"{title}\n{text}" if title else text
            lang = language.identify(whole, hint)
            if lang in language.SUPPORTED:
                documents.append(Document(title or "", text))
                answers.append({"lang": lang, "facts": facts.find_in_mention(title, text, lang)})
            else:
                has_words = any(character.isalpha() for character in whole)
                answers.append(
                    {"lang": lang, "untagged_reason": "language" if has_words else "empty"}
                )
        tagged = [answer for answer in answers if "untagged_reason" not in answer]
        results = self._engine.run(
            [(d.whole, d.spans) for d in documents],
            toned=[answer["lang"] in language.TONED for answer in tagged],
            vectors=self._own is not None,
        )
        overall = [found.overall for found in results]
        if self._sentiment is not None:
            overall = self._sentiment.shares([document.whole for document in documents])
        for answer, document, found, shares in zip(
            tagged, documents, results, overall, strict=True
        ):
            answer.update(self._labels(document, found.topics, shares))
        if self._own is not None:
            self._add_own(self._own, tagged, documents, results)
        return answers

    def _add_own(
        self,
        own: OwnHeads,
        answers: list[Answer],
        documents: list[Document],
        results: list[Logits],
    ) -> None:
        texts = [[d.whole[start:end] for start, end in d.spans] for d in documents]
        labels = own.labels(texts, results, self._engine.idf)
        for answer, found in zip(answers, labels, strict=True):
            answer["sentences"] = tuple(
                sentence.model_copy(update={"topics": (*sentence.topics, *more)})
                for sentence, more in zip(answer["sentences"], found, strict=True)
            )

    def _labels(self, document: Document, topics: Tensor, overall: Tensor) -> Answer:
        """Turn probabilities into labels. `topics`: (sentences, topics, 4); `overall`: (4,)."""
        from nlp.outputs import SENTIMENTS, STATES

        shares = overall.tolist()
        best = max(range(len(shares)), key=shares.__getitem__)
        found = []
        for place, probabilities in zip(document.places, topics.tolist(), strict=True):
            labels = []
            for code, least, states in zip(
                self._topics, self._thresholds, probabilities, strict=True
            ):
                if 1 - states[0] >= least:
                    state = max((1, 2, 3), key=states.__getitem__)
                    labels.append(
                        TopicLabel.model_validate(
                            {"topic": code, "polarity": STATES[state], "confidence": states[state]}
                        )
                    )
            field, start, end = place
            found.append(SentenceTagging(field=field, start=start, end=end, topics=tuple(labels)))
        return {
            "sentiment": SENTIMENTS[best],
            "score": shares[SENTIMENTS.index("positive")] - shares[SENTIMENTS.index("negative")],
            "confidence": shares[best],
            "sentences": tuple(found),
        }
