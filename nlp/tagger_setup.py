"""Which tagger a project uses: its model, topics of its own, another model for the sentiment.

torch is loaded only with the tagger itself, so that a query that names a topic
is answered at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from nlp.own_topics import (
    FOLDER,
    OwnTopic,
    OwnTopicError,
    check_heads,
    read_manifest,
    state,
)
from nlp.own_topics import version as own_version
from nlp.taxonomy import TopicError, codes
from nlp.weights import folder_of, read_config, verify

if TYPE_CHECKING:
    from nlp.own_training import Trained
    from nlp.tagger import Tagger


def full_version(base: str, *additions: str | None) -> str:
    """Return a tagger's version with what changes its answers, such as `1.0.0+own.3f2a91c4`."""
    named = ".".join(one for one in additions if one)
    return f"{base}+{named}" if named else base


@dataclass(frozen=True, slots=True)
class TaggerSetup:
    """The settings that decide what a text is tagged with.

    Attributes:
        model: name of a shipped tagger or a path to a model directory.
        topics: topics of the project's own.
        folder: where their heads lie.
        sentiment_model: folder or hub id of the model that gives the overall
            sentiment; None for the tagger itself.
        sentiment_labels: what that model's labels mean, where names do not say it.
    """

    model: str = "default"
    topics: tuple[OwnTopic, ...] = ()
    folder: Path = FOLDER
    sentiment_model: str | None = None
    sentiment_labels: Mapping[str, str] = field(default_factory=dict)

    def with_options(
        self,
        model: str | None = None,
        sentiment_model: str | None = None,
        sentiment_labels: str | None = None,
    ) -> TaggerSetup:
        """Return the setup with what is given instead of the project's settings.

        `sentiment_labels`: as `LABEL_0=negative,LABEL_1=positive`; raises `SentimentLabelError`.
        """
        # Labels of the project file belong to the model of the project file.
        labels = self.sentiment_labels if sentiment_model is None else {}
        if sentiment_labels is not None:
            from nlp.sentiment_labels import parse_labels

            labels = parse_labels(sentiment_labels)
        return replace(
            self,
            model=model or self.model,
            sentiment_model=sentiment_model or self.sentiment_model,
            sentiment_labels=labels,
        )

    def topic_codes(self) -> tuple[str, ...]:
        """Return the codes that queries may name: the built-in topics, then the project's own."""
        return (*codes(), *(topic.code for topic in self.topics))

    def check_topics(self, topics: Iterable[str]) -> tuple[str, ...]:
        """Return `topics` as a tuple of known codes, without repeats.

        Raises `TopicError`, one sentence with the nearest or all known codes, for another one.
        """
        known, chosen = self.topic_codes(), tuple(dict.fromkeys(topics))
        for topic in chosen:
            if topic not in known:
                raise TopicError.of(topic, known)
        return chosen

    def load(self, cache: Path | None = None) -> Tagger:
        """Load the tagger, with those topics of its own that are trained.

        `cache`: as in `Tagger.load`. Raises `ModelError`, `OwnTopicError`, `SentimentLabelError`.
        """
        from nlp.tagger import Tagger

        own = sentiment = None
        if self.topics:
            from nlp.own_heads import OwnHeads

            own = OwnHeads.load(self.topics, self.folder, self._weights())
        if self.sentiment_model is not None:
            from nlp.sentiment_model import SentimentModel

            sentiment = SentimentModel.load(self.sentiment_model, self.sentiment_labels)
        return Tagger.load(self.model, own=own, sentiment=sentiment, cache=cache)

    def verify(self) -> tuple[str, str]:
        """Check the tagger's files; return its name and version. Loads no torch.

        Raises `ModelError` or `OwnTopicError` when one is missing or damaged.
        """
        name, base = verify(self.model)
        check_heads(self.topics, self.folder, self._weights())
        own = own_version(self.topics, self.folder)
        sentiment = None
        if self.sentiment_model is not None:
            from nlp.sentiment_model import resolve, version

            folder = resolve(self.sentiment_model, download=False)
            sentiment = version(folder, self.sentiment_labels)
        return name, full_version(base, own, sentiment)

    def train_topics(self) -> list[Trained]:
        """Fit the heads of the project's own topics; return what their check found.

        Raises `OwnTopicError` for examples that cannot be used, `ModelError`.
        """
        if not self.topics:
            raise OwnTopicError(
                "the project file declares no topics of its own; write a table [topics.its_code] "
                "with names and examples into it, as docs/model.md shows"
            )
        from nlp.own_training import train

        return train(self.topics, self.folder, self.model)

    def _weights(self) -> str:
        """Return the SHA-256 of the model's weights: heads fit only what they were trained on."""
        return str(read_config(folder_of(self.model)).get("weights_sha256"))

    def untrained(self) -> list[str]:
        """Return a sentence each for own topics that are not trained, or not as declared now."""
        if not self.topics:
            return []
        manifest = read_manifest(self.folder)
        states = {topic.code: state(topic, manifest) for topic in self.topics}
        notes = []
        for wanted, meaning in (
            ("not trained", "not trained yet, so not reported"),
            ("examples changed", "trained on other examples than there are now"),
        ):
            some = [code for code, found in states.items() if found == wanted]
            if some:
                notes.append(f"{', '.join(some)}: {meaning}; 'molva topics train' trains anew")
        return notes
