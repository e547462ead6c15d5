"""A mention's text as the tagger reads it: title and text in one, cut into sentences."""

from __future__ import annotations

from typing import Any

from nlp import sentences


class Document:
    """Title and text as one string, with the sentences of both.

    `places`: (field, start, end) within the field; `spans`: the same within `whole`.
    """

    def __init__(self, title: str, text: str) -> None:
        shift = len(title) + 1 if title else 0
        self.whole = f"{title}\n{text}" if title else text
        parts = [("title", span, 0) for span in sentences.split(title)]
        parts += [("text", span, shift) for span in sentences.split(text)]
        self.places: list[tuple[Any, int, int]] = [(f, a, b) for f, (a, b), _ in parts]
        self.spans = [(a + by, b + by) for _, (a, b), by in parts]
