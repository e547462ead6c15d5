"""Which of a page's reviews are the same one, and what identifies a review over runs.

Pages write a review in JSON-LD and again in microdata, or twice in JSON-LD by two
plugins, and few give it an address of its own.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from crawlers.items import digest, http_url
from crawlers.parsers.structured_data import Block, Node

_NOT_A_LETTER: Final = re.compile(r"\W+")
# "#review-3" counts within its page, and another page counts anew; "#comment-48213" does not.
_ORDINAL: Final = re.compile(r"#\D*\d{0,3}$")


@dataclass(slots=True)
class Candidate:
    """A review as it stands in one place of the page.

    Attributes:
        node, block: where it was read.
        values: fields of its `Mention`.
        scope: the site.
        author: the display name, or "".
        own_id: the address that only this review has, if it gives one.
    """

    node: Node
    block: Block
    values: dict[str, Any]
    scope: str
    author: str
    own_id: str | None
    body: str = field(init=False)

    def __post_init__(self) -> None:
        self.body = squeeze(self.values["text"])

    def is_same(self, other: Candidate) -> bool:
        """Whether two reviews with the same body are one; another syntax may say less."""
        if self.own_id and other.own_id and self.own_id != other.own_id:
            return False
        pairs = zip(self._circumstances(), other._circumstances(), strict=True)
        lenient = self.block.syntax != other.block.syntax
        return all(one == two or (lenient and not (one and two)) for one, two in pairs)

    def _circumstances(self) -> tuple[str, str, str]:
        date, rating = self.values["published_at"], self.values["rating"]
        return squeeze(self.author), f"{date:%Y-%m-%d}" if date else "", str(rating or "")

    def digest(self) -> str:
        """Return a hash of what does not change: site, subject, author, date and body."""
        values, date = self.values, self.values["published_at"]
        return digest(
            self.scope,
            values.get("product"),
            squeeze(self.author),
            date.isoformat() if date else None,
            *([self.body] if self.body else ["", values["title"], values["rating"]]),
        )


def distinct(candidates: Iterable[Candidate]) -> Iterator[tuple[str, Candidate]]:
    """Yield (native id, candidate) for each review once, in order.

    The id is the review's own address where only one review has it, else the
    digest. Ratings without a text are told apart by their number as well: ten
    visitors who gave five stars on one day are ten, but a second block that
    repeats them adds none.
    """
    by_body: dict[str, list[Candidate]] = {}
    in_block: Counter[tuple[int, str]] = Counter()
    kept: dict[tuple[str, int], tuple[int, Candidate]] = {}
    for one in candidates:
        if one.body:
            alike = by_body.setdefault(one.body, [])
            if any(one.is_same(other) for other in alike):
                continue
            alike.append(one)
            kept[f"text {len(kept)}", 0] = (1, one)
            continue
        key = one.own_id or one.digest()
        in_block[id(one.block), key] += 1
        number = in_block[id(one.block), key]
        kept.setdefault((key, number), (number, one))
    uses = Counter(one.own_id for _, one in kept.values())
    for number, one in kept.values():
        if one.own_id and uses[one.own_id] == 1:
            yield one.own_id, one
        else:
            yield one.digest() + (f"-{number}" if number > 1 else ""), one


def own_address(values: Iterable[Any], page: str, others: Iterable[str]) -> str | None:
    """Return the first of `values` that is an address of this review alone.

    Args:
        values: its `@id` and `url`.
        page: the page's address.
        others: addresses that belong to the page or to the thing reviewed.
    """
    taken = {_bare(address) for address in others}
    for value in values:
        one = value[0] if isinstance(value, list) and value else value
        if not isinstance(one, str) or not one.strip() or one.startswith(("#", "_:")):
            continue
        address = one.strip() if ":" in one else http_url(one, page)
        if address and not {_bare(address), _bare(_ORDINAL.sub("", address))} & taken:
            return address
    return None


def squeeze(text: str) -> str:
    """Return only letters and digits, in lower case: what two spellings of one text share."""
    return _NOT_A_LETTER.sub("", text).casefold() or text.strip()


def _bare(url: str) -> str:
    """Return an address without scheme, `www.` and final slash, for comparison."""
    return re.sub(r"^https?://(?:www\.)?", "", url.strip(), flags=re.IGNORECASE).rstrip("/")
