"""What one bulk request is made of: documents and deletions, and what becomes of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import NamedTuple

from pydantic_core import to_json


class Fate(Enum):
    """What became of a document or of a deletion."""

    SENT = auto()
    NEWER_THERE = auto()
    DELETED = auto()
    ABSENT = auto()
    REFUSED = auto()


class Outcome(NamedTuple):
    """A fate, and for what was refused the reason."""

    fate: Fate
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """One document, or one deletion, ready to be sent.

    Attributes:
        mention_id: also the `_id`.
        version: external version; None deletes whatever is there.
        source: the document as JSON; None for a deletion.
        collected_at: as the document has it; of a deletion, the last time that it is about.
        tagged_at, noted_at: as the document has them; "" without one.
        content_hash: as the document has it.
        digest: of the whole document.
        problem: why it cannot be sent at all.
    """

    mention_id: str
    version: int | None
    source: bytes | None = None
    collected_at: str = ""
    tagged_at: str = ""
    noted_at: str = ""
    content_hash: str = ""
    digest: str = ""
    problem: str = ""

    def action(self, instead: Mapping[str, object] | None) -> bytes:
        """Return the line before the document; `instead` takes the place of the version."""
        about: dict[str, object] = {"_id": self.mention_id}
        verb = "delete" if self.source is None else "index"
        if instead is not None:
            # Nothing is there, and nothing shall be when it arrives.
            verb = verb if instead else "create"
            about |= instead
        elif self.version is not None:
            about |= {"version": self.version, "version_type": "external"}
        return to_json({verb: about})
