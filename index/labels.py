"""What holds of a mention beside its own row: its labels, and how its case stands.

Read in one statement with the mention: `FROM mention m {JOIN}` gives `COLUMNS`, which
`to_labels` understands.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from index.cases import Case
from index.noise import Noise, noise_of
from index.rows import TAGGING_COLUMNS, to_datetime, to_tagging
from index.taggings import Tagger
from mention import Tagging

# Where a person has corrected a label, `corrected` has the whole of what holds.
_CORRECTED: Final = {
    **{
        name: f"coalesce(c.{name}, t.{name})"
        for name in ("sentiment", "score", "confidence", "sentences")
    },
    "untagged_reason": "iif(c.mention_rowid IS NULL, t.untagged_reason, NULL)",
}
_CASE: Final = ("status", "owner", "opened_at", "changed_at", "closed_at")
# As `v_noise` has it.
_RELATION: Final = (
    "CASE WHEN o.source <> m.source THEN 'other_source'"
    " WHEN o.author_id = m.author_id THEN 'same_author'"
    " WHEN o.id IS NOT NULL THEN 'same_source' END"
)
_NOISE: Final = ("n.is_copy", "n.is_advert", "n.adverts", _RELATION, "o.id")
COLUMNS: Final = ", ".join(
    (
        "t.tagger_id",
        *(_CORRECTED.get(name, f"t.{name}") for name in TAGGING_COLUMNS),
        "c.mention_rowid IS NOT NULL",
        *(f"s.{name}" for name in _CASE),
        *_NOISE,
    )
)
JOIN: Final = (
    "LEFT JOIN tagging t ON t.id = m.tagging_id"
    " LEFT JOIN corrected c ON c.mention_rowid = m.rowid"
    " LEFT JOIN case_state s ON s.mention_rowid = m.rowid"
    " LEFT JOIN noise n ON n.mention_rowid = m.rowid"
    " LEFT JOIN mention o ON o.rowid = n.original_rowid"
)
_CASE_FROM: Final = 2 + len(TAGGING_COLUMNS)
_NOISE_FROM: Final = _CASE_FROM + len(_CASE)


def to_labels(
    mention_id: str, taggers: Mapping[int, Tagger], values: Sequence[Any]
) -> tuple[Tagging | None, Case | None]:
    """Return the labels that hold and the case; `values` are those of `COLUMNS`."""
    tagger_id, *tagging = values[:_CASE_FROM]
    labels = None
    if tagger_id is not None:
        labels = to_tagging(mention_id, taggers[tagger_id], tagging)
    return labels, to_case(values[_CASE_FROM:_NOISE_FROM])


def to_noise(values: Sequence[Any]) -> Noise | None:
    """Return whether a mention is a copy or an advert; `values` are those of `COLUMNS`."""
    is_copy, is_advert, adverts, relation, copy_of = values[_NOISE_FROM:]
    if is_copy is None:
        return None
    return noise_of(
        is_copy=bool(is_copy),
        is_advert=bool(is_advert),
        adverts=json.loads(adverts),
        relation=relation,
        copy_of=copy_of,
    )


def to_case(values: Sequence[Any]) -> Case | None:
    """Return the case of a row of `case_state`; None where there is none."""
    status, owner, opened_at, changed_at, closed_at = values
    if status is None:
        return None
    return Case(
        status=status,
        owner=owner,
        opened_at=to_datetime(opened_at),
        changed_at=to_datetime(changed_at),
        closed_at=None if closed_at is None else to_datetime(closed_at),
    )
