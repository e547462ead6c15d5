"""Sentences beside numbers, with what they say, so that a page can say it in any language."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, Field

from answers.remarks import Remark

# A list is of names, or of remarks that belong together.
SaidValue = Annotated[
    "int | float | AwareDatetime | date | str | Said | list[Said | str]",
    Field(description="a number, a share of 0–1, a day, a moment, a name, or another sentence"),
]


class Said(BaseModel):
    """A sentence, or a part of one, and what it says."""

    text: str = Field(description="in English, as the command line prints it")
    code: str | None = Field(
        description="which sentence it is; null for one that Molva did not make, such as a "
        "platform's message"
    )
    values: dict[str, SaidValue] = Field(
        description="what the sentence leaves open: docs/api.md has the names"
    )


def said(sentence: str) -> dict[str, Any]:
    """Return a sentence as the fields of `Said`.

    Args:
        sentence: a `Remark`, or a text that nobody knows the parts of.
    """
    if isinstance(sentence, Remark):
        return sentence.as_dict()
    return {"text": sentence, "code": None, "values": {}}


def all_said(sentences: Iterable[str]) -> list[dict[str, Any]]:
    """Return sentences as fields of `Said`, each once."""
    return [said(one) for one in dict.fromkeys(sentences)]


def as_said(sentence: str | None) -> Said | None:
    """Return a sentence as an answer has it that is made of models."""
    return None if sentence is None else Said.model_validate(said(sentence))


def all_as_said(sentences: Iterable[str]) -> list[Said]:
    """Return sentences as such an answer has them, each once."""
    return [Said.model_validate(one) for one in all_said(sentences)]
