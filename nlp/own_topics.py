"""Topics of a project's own: how they are declared, the examples they learn from, their files.

A user names a topic in the project file and gives some dozens of example
sentences. `nlp.own_training` fits a head for each on the tagger's frozen
encoder, `nlp.own_heads` uses it. All heads of a project lie in one folder as
`heads.safetensors` and `heads.json`. This module needs no torch, so that
questions about the topics are answered at once.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from mention import UserError, clean_text
from nlp.taxonomy import LANGUAGES, codes
from nlp.weights import digest

# Beside the project file.
FOLDER: Final = Path(".molva") / "topics"
WEIGHTS: Final = "heads.safetensors"
MANIFEST: Final = "heads.json"
# Examples that speak of the topic: fewer teach nothing that can be checked.
LEAST: Final = 10
# Fitting takes memory and time that grow with the square of the number.
MOST: Final = 2000
LABELS: Final = {"+": "positive", "-": "negative", "0": "neutral", "absent": "absent"}
_CODE: Final = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_FORM: Final = '{"text": "one sentence", "label": "+"}'


class OwnTopicError(UserError):
    """A topic of a project's own cannot be used; one sentence and the next step."""


@dataclass(frozen=True, slots=True)
class OwnTopic:
    """A topic as the project file declares it.

    `names` are keyed by language code and may be incomplete; `examples` is a
    file of JSON Lines.
    """

    code: str
    examples: Path
    names: Mapping[str, str] = field(default_factory=dict)

    def name(self, language: str) -> str:
        """Return the name in `language`, else in another one, else the code."""
        known = (self.names[one] for one in (language, *LANGUAGES) if one in self.names)
        return next(known, self.code)


@dataclass(frozen=True, slots=True)
class Example:
    """One sentence. `label`: `positive`, `negative`, `neutral` (of the topic) or `absent`."""

    text: str
    label: str


def check_code(code: str) -> None:
    """Refuse a code that queries could not name, or that a built-in topic has.

    Raises `OwnTopicError`.
    """
    if not _CODE.fullmatch(code) or len(code) > 40:
        raise OwnTopicError(
            f"the topic code '{code}' must be lower-case ASCII words joined by underscores, "
            "such as parking or staff_uniform"
        )
    if code in codes():
        raise OwnTopicError(f"the topic '{code}' is built in; give your own another code")


def read_examples(topic: OwnTopic) -> list[Example]:
    """Return the distinct examples of a topic, in order.

    Raises `OwnTopicError` when the file cannot be read, a line is no example or
    contradicts an earlier one, or too few or too many speak of the topic.
    """
    try:
        lines = topic.examples.read_text(encoding="utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8"
        raise OwnTopicError(
            f"the examples of topic '{topic.code}' cannot be read from {topic.examples} "
            f"({reason}); write one object a line: {_FORM}"
        ) from error
    found: dict[str, Example] = {}
    bad: list[tuple[int, str]] = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            example = _parse(line)
            if found.setdefault(example.text, example) != example:
                raise ValueError("the same sentence has another label above")
        except (ValueError, RecursionError) as error:
            bad.append((number, str(error)))
    if bad:
        number, reason = bad[0]
        others = f", and so are lines {', '.join(str(n) for n, _ in bad[1:6])}" if bad[1:] else ""
        raise OwnTopicError(
            f"line {number} of {topic.examples} is no example ({reason}){others}; "
            f"write one object a line: {_FORM}"
        )
    speaking = sum(example.label != "absent" for example in found.values())
    if speaking < LEAST:
        raise OwnTopicError(
            f"{topic.examples} has {speaking} examples that speak of topic '{topic.code}'; "
            f"give at least {LEAST}, better 20 to 50, with the label +, - or 0"
        )
    if len(found) > MOST:
        raise OwnTopicError(
            f"{topic.examples} has {len(found)} examples; keep the {MOST} that differ most"
        )
    return list(found.values())


def _parse(line: str) -> Example:
    try:
        record = json.loads(line)
    except ValueError as error:
        raise ValueError("it is not JSON") from error
    if not isinstance(record, dict):
        raise ValueError("it is not a JSON object")
    text, label = record.get("text"), record.get("label")
    if not isinstance(text, str) or not (text := " ".join(clean_text(text).split())):
        raise ValueError('it has no "text"')
    if not isinstance(label, str) or label not in LABELS:
        raise ValueError('its "label" is none of "+", "-", "0", "absent"')
    return Example(text, LABELS[label])


@dataclass(frozen=True, slots=True)
class Manifest:
    """What `heads.json` says: which tagger the heads belong to, and each topic's entry.

    An entry has `digest` (of the head), `examples_sha256`, `threshold`,
    `examples` (how many of each label) and `cross_validation`.
    """

    weights_sha256: str
    heads_sha256: str
    topics: dict[str, dict[str, Any]]


def read_manifest(folder: Path) -> Manifest | None:
    """Return what is trained in `folder`; None when nothing is.

    Raises `OwnTopicError` when the file is damaged.
    """
    path = folder / MANIFEST
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        topics = {str(code): dict(entry) for code, entry in data["topics"].items()}
        for entry in topics.values():
            str(entry["digest"]), str(entry["examples_sha256"]), float(entry["threshold"])
        return Manifest(str(data["weights_sha256"]), str(data["heads_sha256"]), topics)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise OwnTopicError(
            f"{path} cannot be read or is damaged; run 'molva topics train' to make it anew"
        ) from error


def in_use(topics: Sequence[OwnTopic], folder: Path) -> tuple[str, ...]:
    """Return the codes of the declared topics that are trained, in alphabetical order."""
    manifest = read_manifest(folder) if topics else None
    trained = manifest.topics if manifest else {}
    return tuple(sorted(topic.code for topic in topics if topic.code in trained))


def check_heads(topics: Sequence[OwnTopic], folder: Path, weights_sha256: str) -> Manifest | None:
    """Return the manifest if heads of declared topics are there and fit the tagger.

    `weights_sha256`: of that tagger's weights. None when no declared topic is
    trained. Raises `OwnTopicError` when they were fitted on another tagger's
    encoder, or are damaged.
    """
    manifest = read_manifest(folder) if topics else None
    if manifest is None or not in_use(topics, folder):
        return None
    if manifest.weights_sha256 != weights_sha256:
        raise OwnTopicError(
            "the topics of your own were trained for another model; run 'molva topics train'"
        )
    try:
        whole = digest(folder / WEIGHTS) == manifest.heads_sha256
    except OSError:
        whole = False
    if not whole:
        raise OwnTopicError(
            f"{folder / WEIGHTS} is missing or damaged; run 'molva topics train' to make it anew"
        )
    return manifest


def version(topics: Sequence[OwnTopic], folder: Path) -> str | None:
    """Return what a tagger's version gets appended, such as `own.3f2a91c4`; None without heads.

    It changes when a head changes, comes or goes, and not with names or order.
    """
    manifest = read_manifest(folder) if topics else None
    if manifest is None:
        return None
    parts = [f"{code} {manifest.topics[code]['digest']}" for code in in_use(topics, folder)]
    if not parts:
        return None
    return "own." + hashlib.sha256("\n".join(parts).encode()).hexdigest()[:8]


def state(topic: OwnTopic, manifest: Manifest | None) -> str:
    """Return `trained`, `not trained` or `examples changed` (since the training)."""
    entry = manifest.topics.get(topic.code) if manifest else None
    if entry is None:
        return "not trained"
    try:
        changed = digest(topic.examples) != entry["examples_sha256"]
    except OSError:  # the heads do their work without the examples
        changed = False
    return "examples changed" if changed else "trained"


def background() -> list[str]:
    """Return sentences of many topics in three languages: what a topic of one's own is not."""
    path = Path(__file__).with_name("background.jsonl")
    return [json.loads(line)["text"] for line in path.read_text(encoding="utf-8").splitlines()]


def listing(topics: Iterable[OwnTopic], folder: Path) -> list[dict[str, str]]:
    """Return a row for each built-in and own topic: `topic`, `ru`, `en`, `lt`, `state`."""
    from nlp.taxonomy import load

    rows = [
        {"topic": one.code, **{lang: one.names[lang] for lang in LANGUAGES}, "state": "built in"}
        for one in load().topics
    ]
    manifest = read_manifest(folder)
    rows += [
        {
            "topic": one.code,
            **{lang: one.name(lang) for lang in LANGUAGES},
            "state": state(one, manifest),
        }
        for one in topics
    ]
    return rows
