"""Noise among mentions, copies of other texts and adverts, and what people say of it.

The rules are in docs/noise.md. Nothing is ever deleted because of it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field

from mention import Text, Time

NoiseKind = Literal["advert", "copy"]
NOISE_KINDS: Final[tuple[NoiseKind, ...]] = get_args(NoiseKind)
Decision = Literal["keep", "advert", "copy"]
# Why something is a copy: who else wrote the text before, and where.
Relation = Literal["same_author", "same_source", "other_source"]
# The reason where no rule gives one.
PERSON: Final = "person"


@dataclass(frozen=True, slots=True)
class Noise:
    """Why a mention may be left out of a count.

    Attributes:
        kinds: `advert`, `copy` or both, in this order.
        reasons: names of rules about adverts, a `Relation`, or `PERSON`.
        copy_of: id of the mention that it is a copy of; None where it is none, or where only
            a person says that it is one.
    """

    kinds: tuple[NoiseKind, ...]
    reasons: tuple[str, ...]
    copy_of: str | None = None


class Verdict(BaseModel):
    """What a person says of a mention. It is added and never changed, and wins over the rules."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    mention_id: str = Field(description="id of the mention")
    made_at: Time = Field(
        default_factory=lambda: datetime.now(UTC), description="when it was said, UTC"
    )
    author: Text = Field(default=None, description="who says so")
    verdict: Decision | None = Field(
        default=None, description="keep: neither copy nor advert; null where it only undoes"
    )
    note: Text = Field(default=None, description="why")
    undoes: int | None = Field(default=None, description="number of the verdict taken back")


def noise_of(
    *,
    is_copy: bool,
    is_advert: bool,
    adverts: Iterable[str],
    relation: str | None,
    copy_of: str | None,
) -> Noise | None:
    """Return what holds of a mention; None where it is neither a copy nor an advert.

    Args:
        is_copy: whether it counts as a copy.
        is_advert: whether it counts as an advert.
        adverts: names of the rules that take it for an advert.
        relation: to the mention that the rules take for its original; None without one.
        copy_of: id of that mention.
    """
    kinds: list[NoiseKind] = []
    reasons: list[str] = []
    if is_advert:
        kinds.append("advert")
        reasons += list(adverts) or [PERSON]
    if is_copy:
        kinds.append("copy")
        reasons.append(relation or PERSON)
    if not kinds:
        return None
    return Noise(tuple(kinds), tuple(dict.fromkeys(reasons)), copy_of if is_copy else None)


def said(verdicts: Iterable[Verdict]) -> tuple[bool | None, bool | None]:
    """Return what people have decided: whether it is a copy, whether it is an advert.

    Args:
        verdicts: those in force, in the order in which they were made; the later one wins.
    """
    is_copy: bool | None = None
    is_advert: bool | None = None
    for one in verdicts:
        if one.verdict == "keep":
            is_copy = is_advert = False
        elif one.verdict == "copy":
            is_copy = True
        elif one.verdict == "advert":
            is_advert = True
    return is_copy, is_advert
