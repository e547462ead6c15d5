"""What a reader sees of HTML, found with the standard library alone."""

from __future__ import annotations

import re
from html.parser import HTMLParser


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.pieces: list[str] = []

    def handle_data(self, data: str) -> None:
        self.pieces.append(data)


def squeezed(markup: str | None) -> str:
    """Return the text of HTML without tags, entities and white space."""
    parser = _Text()
    parser.feed(markup or "")
    parser.close()
    return bare("".join(parser.pieces))


def bare(text: str | None) -> str:
    """Return a text without white space."""
    return re.sub(r"\s", "", text or "")
