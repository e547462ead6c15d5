"""From what a page says to a `Mention`, or to a `Reject` that says why not."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

from pydantic import ValidationError

from crawlers.authors import AuthorPolicy
from crawlers.dates import parse_date
from crawlers.keys import hide
from crawlers.ratings import parse_number, parse_rating
from mention import MAX_ID_BYTES, Mention, Reject, clean_text

MAX_RAW: Final = 1000  # characters kept of what was rejected
MAX_URL: Final = 4000
# SQLite and Elasticsearch keep 64-bit integers; no text has this many likes.
MAX_COUNT: Final = 10**12


@dataclass(frozen=True, slots=True)
class ParseContext:
    """What a parser needs besides the page.

    Attributes:
        source: name of the spider or import, the first part of every id.
        labels: values that the user attaches to everything, such as `brand`;
            they win over what the page says.
        authors: what is kept of authors.
        problems: counts of what was read only in part, such as `date_unreadable`.
    """

    source: str
    labels: Mapping[str, str] = field(default_factory=dict)
    authors: AuthorPolicy = field(default_factory=AuthorPolicy)
    problems: Counter[str] = field(default_factory=Counter)

    def mention(
        self, native_id: str, *, where: str | None = None, raw: object = None, **values: Any
    ) -> Mention | Reject:
        """Return a mention of this source, or a reject with the reason.

        Args:
            native_id: the platform's own id; a very long one is replaced by its hash.
            where: address, or file and line, for the reject.
            raw: what the values come from, for the reject.
            **values: the other fields of `Mention`.
        """
        try:
            return Mention(
                id=self.mention_id(native_id),
                source=self.source,
                **(values | {name: value for name, value in self.labels.items() if value}),
            )
        except ValidationError as error:
            return self.reject(reason_of(error), where=where, raw=raw)

    def mention_id(self, native_id: str) -> str:
        """Return `source:native_id`; without control characters, and hashed when too long."""
        native = " ".join(clean_text(native_id).split())
        if len(native.encode()) > MAX_ID_BYTES - len(self.source) - 1:
            native = "sha1-" + digest(native)
        return f"{self.source}:{native}"

    def reject(self, reason: str, *, where: str | None = None, raw: object = None) -> Reject:
        """Return a reject of this source with the beginning of `raw`."""
        if raw is not None and not isinstance(raw, str):
            try:
                raw = json.dumps(raw, ensure_ascii=False, default=str)
            except (TypeError, ValueError, RecursionError):
                raw = "it cannot be written down"
        shown = None if raw is None else clean_text(hide(raw)[: 2 * MAX_RAW])[:MAX_RAW]
        place = None if where is None else hide(where)
        return Reject(source=self.source, reason=clean_text(hide(reason)), where=place, raw=shown)

    def date(self, value: object, *, day_first: bool | None = None) -> datetime | None:
        """Return `value` as a UTC time or None; a date that is there but unreadable is counted."""
        parsed = parse_date(value, day_first=day_first)
        if parsed is None and value not in (None, "", [], {}):
            self.problems["date_unreadable"] += 1
        return parsed

    def rating(self, value: object, low: float, high: float) -> float | None:
        """Return `value`, a number or words, as a rating from `low` to `high`; None without one.

        0 on a scale that begins above it is how platforms write "not rated". What cannot be
        read, or is off the scale, is counted and left out: the text still counts.
        """
        if value in (None, "", [], {}):
            return None
        parsed = parse_rating(value, low, high)
        if parsed is None or parsed[1:] != (low, high):
            self.problems["rating_unreadable"] += 1
        elif low <= parsed[0] <= high:
            return parsed[0]
        elif parsed[0]:
            self.problems["rating_out_of_scale"] += 1
        return None


def reason_of(error: ValidationError) -> str:
    """Return the first problem of a pydantic error as one sentence."""
    first = error.errors(include_url=False)[0]
    message = first["msg"].removeprefix("Value error, ")
    place = ".".join(str(part) for part in first["loc"])
    return f"{place}: {message}" if place else message


def digest(*parts: object) -> str:
    """Return the SHA-1 of `parts` in hexadecimal: an id where the platform gives none."""
    joined = "\x1f".join("" if part is None else str(part) for part in parts)
    return hashlib.sha1(joined.encode("utf-8", "replace"), usedforsecurity=False).hexdigest()


def http_url(value: object, base: str | None = None) -> str | None:
    """Return `value` as an absolute http(s) address that `Mention` takes, else None."""
    if not isinstance(value, str) or not value.strip():
        return None
    try:
        joined = urljoin(base, value.strip()) if base else value.strip()
        joined = re.sub(r"\s", "%20", clean_text(joined))
        urlsplit(joined)  # so that nobody who takes it apart meets the error
    except ValueError:
        return None
    return (
        joined
        if re.match(r"https?://[^/?#]", joined, re.IGNORECASE) and (len(joined) <= MAX_URL)
        else None
    )


def parse_count(value: object) -> int | None:
    """Return a count of likes: a whole number from 0, given as number or text, else None."""
    number = parse_number(value)
    if number is None or not 0 <= number <= MAX_COUNT or number != int(number):
        return None
    return int(number)
