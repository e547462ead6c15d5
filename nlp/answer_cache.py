"""What the tagger said of texts before, on disk: one version of the tagger reads a text once.

So `molva tag FILE` that was killed after hours goes on where it was, and what is written
every day («Отлично!») costs nothing the next day. One SQLite file for all projects of a
user. It holds no text: a key is a hash of the text and of everything that the answer
depends on, a value has the labels only. What it cannot do, it leaves: a cache that is
damaged, locked or on a full disk makes tagging slower, never wrong and never impossible.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any, Final

from platformdirs import user_cache_path

from mention import SentenceTagging, TopicLabel
from nlp import facts
from nlp.document import Document

log = logging.getLogger(__name__)

# Title, text, and the language that the platform states: what an answer is given for.
Key = tuple[str | None, str, str | None]
# All of a tagging but the mention's id.
Answer = dict[str, Any]

VARIABLE: Final = "MOLVA_TAG_CACHE"
# At about 150 bytes an answer, 75 MB.
MOST: Final = 500_000
# Seconds to wait for another process that writes.
PATIENCE: Final = 5.0
# Keys that one statement asks for; SQLite allows many more.
_ASKED: Final = 500
_TABLE: Final = (
    "CREATE TABLE IF NOT EXISTS answer (number INTEGER PRIMARY KEY, key BLOB NOT NULL UNIQUE,"
    " said TEXT NOT NULL)"
)


def default_path() -> Path | None:
    """Return where the cache lies: `MOLVA_TAG_CACHE`, else the user's folder for caches.

    None where that variable is `off`.
    """
    named = os.environ.get(VARIABLE, "")
    if named == "off":
        return None
    return Path(named).expanduser() if named else user_cache_path("molva") / "tags.sqlite"


def code_version() -> str:
    """Return a hash of the tagger's own code: how sentences are cut decides the answer too."""
    digest = hashlib.blake2b(digest_size=16)
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def shorten(answer: Answer) -> list[Any]:
    """Return an answer without what follows from the text: spans of sentences, and facts."""
    if "untagged_reason" in answer:
        return [answer["lang"], answer["untagged_reason"]]
    labels = [
        [number, label.topic, label.polarity, label.confidence]
        for number, sentence in enumerate(answer["sentences"])
        for label in sentence.topics
    ]
    return [answer["lang"], answer["sentiment"], answer["score"], answer["confidence"], labels]


def restore(key: Key, said: list[Any]) -> Answer:
    """Return the answer that `shorten` was given; `key`: of its text."""
    title, text, _ = key
    lang, *rest = said
    if len(rest) == 1:
        return {"lang": lang, "untagged_reason": rest[0]}
    sentiment, score, confidence, labels = rest
    places = Document(title or "", text).places
    topics: list[list[TopicLabel]] = [[] for _ in places]
    for number, topic, polarity, sure in labels:
        topics[number].append(TopicLabel(topic=topic, polarity=polarity, confidence=sure))
    return {
        "lang": lang,
        "facts": facts.find_in_mention(title, text, lang),
        "sentiment": sentiment,
        "score": score,
        "confidence": confidence,
        "sentences": tuple(
            SentenceTagging(field=field, start=start, end=end, topics=tuple(found))
            for (field, start, end), found in zip(places, topics, strict=True)
        ),
    }


class AnswerCache:
    """Answers by text, of one tagger.

    Args:
        path: of the file, made when needed, readable by its owner only.
        version: names everything but the text that an answer depends on.
        most: answers that are kept; the oldest go first.
    """

    def __init__(self, path: Path, version: str, *, most: int = MOST) -> None:
        self._version, self._most = version, most
        self._connection: sqlite3.Connection | None = None
        try:
            self._connection = _opened(path)
        except (OSError, sqlite3.Error) as error:
            self._give_up(error)

    def find(self, keys: Iterable[Key]) -> dict[Key, Any]:
        """Return what was said of those texts that are known, as it was given to `keep`."""
        if self._connection is None:
            return {}
        wanted = {self._hash(key): key for key in keys}
        hashes, found = list(wanted), {}
        try:
            for first in range(0, len(hashes), _ASKED):
                part = hashes[first : first + _ASKED]
                marks = ",".join("?" * len(part))
                rows = self._connection.execute(
                    f"SELECT key, said FROM answer WHERE key IN ({marks})",  # noqa: S608 - only marks
                    part,
                )
                found.update({wanted[key]: json.loads(said) for key, said in rows})
        except (sqlite3.Error, ValueError) as error:
            self._give_up(error)
        return found

    def keep(self, answers: Mapping[Key, Any]) -> None:
        """Keep what was said of texts: whatever JSON can hold."""
        if self._connection is None or not answers:
            return
        rows = [
            (self._hash(key), json.dumps(said, ensure_ascii=False, separators=(",", ":")))
            for key, said in answers.items()
        ]
        try:
            with self._connection:
                self._connection.executemany(
                    "INSERT OR REPLACE INTO answer (key, said) VALUES (?, ?)", rows
                )
                self._connection.execute(
                    "DELETE FROM answer WHERE number <= (SELECT max(number) FROM answer) - ?",
                    (self._most,),
                )
        except sqlite3.Error as error:
            self._give_up(error)

    def close(self) -> None:
        """Let go of the file."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _hash(self, key: Key) -> bytes:
        # A text may hold half a surrogate pair: JSON writes it with an escape.
        whole = json.dumps([self._version, *key])
        return hashlib.blake2b(whole.encode("ascii"), digest_size=16).digest()

    def _give_up(self, error: Exception) -> None:
        log.warning("tags are not kept for the next time: %s", error)
        self.close()


def _opened(path: Path) -> sqlite3.Connection:
    """Open the cache; a file that is no database, or a damaged one, is begun anew."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    try:
        return _connected(path)
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.OperationalError):
            raise
        log.warning("the cache of tags %s is damaged and begun anew", path)
        for suffix in ("", "-wal", "-shm"):
            path.with_name(path.name + suffix).unlink(missing_ok=True)
        path.touch(mode=0o600)
        return _connected(path)


def _connected(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=PATIENCE)
    try:
        # What is lost in a power cut is computed again.
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute(_TABLE)
        with closing(connection.execute("SELECT number, key, said FROM answer LIMIT 1")) as rows:
            rows.fetchone()
    except sqlite3.Error:
        connection.close()
        raise
    return connection
