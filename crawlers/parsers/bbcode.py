"""BBCode as Steam writes it to plain text: marks go, blocks become lines.

https://steamcommunity.com/comment/Recommendation/formattinghelp lists the marks. What is in
brackets and no mark, such as "[sic]" or "[10/10]", stays.
"""

from __future__ import annotations

import re
from typing import Final

from crawlers.text import plain_text

# What follows "=" is an address or the name of whoever is quoted. Bounded, since texts are hostile.
_VALUE: Final = r"(?:=[^\[\]\n]{0,2000})?"
_PICTURE: Final = re.compile(
    rf"\[(img|previewyoutube|dynamiclink){_VALUE}\][^\[\]]{{0,2000}}\[/\1\]", re.IGNORECASE
)
_BLOCK: Final = re.compile(
    rf"\[/?(?:h[1-6]|p|hr|list|olist|\*|quote|code|table|tr){_VALUE}\]", re.IGNORECASE
)
_CELL: Final = re.compile(rf"\[/?t[hd]{_VALUE}\]", re.IGNORECASE)
_INLINE: Final = re.compile(
    rf"\[/?(?:b|i|u|strike|spoiler|noparse|url|img|previewyoutube|dynamiclink){_VALUE}\]",
    re.IGNORECASE,
)


def bbcode_text(markup: str) -> str:
    """Return `markup` without BBCode, HTML and entities; pictures and videos vanish."""
    text = _INLINE.sub("", _CELL.sub(" ", _PICTURE.sub("", markup)))
    parts = _BLOCK.split(text)
    if len(parts) > 1:
        text = "\n".join(line for part in parts if (line := part.strip()))
    return plain_text(text)
