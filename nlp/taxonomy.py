"""The service topics: codes, names in three languages, definitions. Read from `taxonomy.yaml`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from types import MappingProxyType

import yaml

from mention import CodedError

PATH = Path(__file__).with_name("taxonomy.yaml")
LANGUAGES = ("ru", "en", "lt")


@dataclass(frozen=True)
class Topic:
    """One service topic; `names` and `definitions` are keyed by language code."""

    code: str
    names: dict[str, str]
    definitions: dict[str, str]


@dataclass(frozen=True)
class Taxonomy:
    """The list of topics in its fixed order, and its version."""

    version: str
    topics: tuple[Topic, ...]

    def __getitem__(self, code: str) -> Topic:
        for topic in self.topics:
            if topic.code == code:
                return topic
        known = ", ".join(topic.code for topic in self.topics)
        raise KeyError(f"there is no topic '{code}'; the topics are {known}")


@cache
def load(path: Path = PATH) -> Taxonomy:
    """Read a taxonomy file.

    Raises `ValueError` when a topic lacks a name or a definition in one of the
    three languages, or a code is used twice.
    """
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    topics = []
    for code, entry in data["topics"].items():
        names, definitions = entry["name"], entry["definition"]
        for language in LANGUAGES:
            if not names.get(language) or not definitions.get(language):
                raise ValueError(f"topic '{code}' needs a name and a definition in '{language}'")
        topics.append(Topic(code, names, definitions))
    return Taxonomy(str(data["version"]), tuple(topics))


class TopicError(CodedError, ValueError):
    """A topic that the taxonomy does not have."""

    exit_code = 2
    sentences = MappingProxyType(
        {
            "unknown_topic": "there is no topic '{topic}'; the topics are {known}",
            "unknown_topic_near": "there is no topic '{topic}'; did you mean '{near}'?",
        }
    )

    @classmethod
    def of(cls, topic: str, known: Sequence[str]) -> TopicError:
        """Return the error of a topic that is not `known`: what is meant, or all that are."""
        near = get_close_matches(topic, known, n=1)
        if near:
            return cls("unknown_topic_near", topic=topic, near=near[0])
        return cls("unknown_topic", topic=topic, known=", ".join(known))


def codes() -> tuple[str, ...]:
    """Return the topic codes in the order in which the model numbers them."""
    return tuple(topic.code for topic in load().topics)


def names(language: str = "en") -> dict[str, str]:
    """Return the display name of every topic code in `language` (ru, en or lt)."""
    return {topic.code: topic.names[language] for topic in load().topics}


def check_topics(topics: Iterable[str]) -> tuple[str, ...]:
    """Return `topics` as a tuple of known codes, without repeats.

    Raises `TopicError`, one sentence with the nearest or all known codes, for an unknown one.
    """
    known = codes()
    for topic in topics:
        if topic not in known:
            raise TopicError.of(topic, known)
    return tuple(dict.fromkeys(topics))
