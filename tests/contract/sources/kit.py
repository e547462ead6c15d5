"""What a source tells the conformance tests: a look-alike of its platform, and what must come out.

A module `tests/contract/sources/<spider>.py` defines `SOURCE = Source(...)`. It is found by
its name; `tests/contract/test_sources.py` then runs every test over it, so a source writes
no tests of its own for what all sources have in common.

The heart is a fake platform made of numbered records. `platform(numbers)` returns the routes
of a server that has the records of these numbers, the first one the newest, with as many
pages as the real one would make of them. `expected(number)` returns what record `number`
must become, or None where it must not be stored (deleted, hidden, not a review). The same
number always gives the same record, and a larger number an older one. Let the first ones
differ in everything that real records differ in: markup and entities, an answer with and
without a date, an edit, no author, no rating, no text, and so on. The texts and names are
invented. Most answers are simply `Answer(body)` under the path with its query; where what
is asked is in the body, or queries come in any order, a route is a function of the request. Every
source is also asked with `since` and `max_items`; whether the platform heeds them is its affair.

While you write one: `python -m pytest tests/contract/test_sources.py -k <spider>`, and
`python -m tests.contract.sources.mutate <spider> --examples 500`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib import import_module
from typing import Any, Literal

from crawlers.spider_entry import variable
from tests.crawlers.loopback import Answer, Asked, Route

Routes = dict[str, Route]
Evidence = Literal["recording", "look-alike", "specification"]
Feature = Literal[
    "author",  # records name their author; `expected` gives `author_name`
    "deleted",  # records that are gone or hidden; `expected` is None for one
    "edited",  # `updated_at`
    "language",  # `lang`
    "likes",
    "markup",  # texts come as HTML, BBCode or with entities; `expected` has them clean
    "parent",  # `parent_id`
    "rating",
    "reply",  # `reply_text`
    "reply_time",  # `reply_at`
]


@dataclass(frozen=True)
class Source:
    """One spider and a look-alike of what it reads.

    Attributes:
        spider: name in the registry.
        arguments: that a person would give, without `base_url`.
        platform: numbers of records, newest first -> routes of a server that has them. Paths
            are the real ones. Pages beyond the last are the platform's own (an empty page, a
            404). No numbers: the platform has nothing for these arguments.
        expected: number of a record -> fields of its `Mention`, or None where it must not be
            stored. `id` and `parent_id` without the source's name; times as `datetime` or ISO 8601;
            `author_name` as it is when names are asked for. Fields that are left out are not
            compared, but `id`, `text`, `url` and `published_at` must be there.
        evidence: what the format is known from. `recording`: real answers, replayed by
            `tests/crawlers/recordings`; `look-alike`: real answers of another version or by
            another road; `specification`: documentation only.
        features: what the platform has; the first `records` records must show just these.
        records: how many records the tests of single records look at; fewer than the usual
            where the platform never gives so many.
        secrets: values of the spider's keys, by name; the kit puts them into the environment.
            Each must be long and look like nothing else.
        exchanged: what a key is exchanged for on the look-alike, such as its access token.
        several_pages: so many records fill four pages or more, the first two of them with 30
            or more; None where the platform has one page only.
        incremental: whether a second run asks for less than the first. False where the order
            of the list is not known.
        lists: how many lists the spider reads side by side; it asks for the first page of each.
        lookups: beginnings of paths that are no pages of mentions, such as a token's.
        errors: answers that report an error with a good status, each with a word that
            the platform says in it and the user must see.
        scale: lowest and highest rating; only looked at with the feature `rating`.
    """

    spider: str
    arguments: Mapping[str, object]
    platform: Callable[[Sequence[int]], Routes]
    expected: Callable[[int], Mapping[str, Any] | None]
    evidence: Evidence
    features: frozenset[Feature] = frozenset()
    records: int = 14
    secrets: Mapping[str, str] = field(default_factory=dict)
    exchanged: tuple[str, ...] = ()
    several_pages: int | None = 160
    incremental: bool = True
    lists: int = 1
    lookups: tuple[str, ...] = ()
    errors: tuple[tuple[Answer, str], ...] = ()
    scale: tuple[float, float] = (1.0, 5.0)

    def page_requests(self, asked: Iterable[Asked]) -> list[Asked]:
        """Return those requests that were for pages of mentions."""
        others = ("/robots.txt", *self.lookups)
        return [one for one in asked if not one.path.startswith(others)]

    def fields(self, number: int) -> dict[str, Any] | None:
        """Return what `expected` says of a record, as a `Mention` has it."""
        said = self.expected(number)
        if said is None:
            return None
        fields = dict(said)
        for name in ("id", "parent_id"):
            if fields.get(name) is not None:
                fields[name] = f"{self.spider}:{fields[name]}"
        for name in ("published_at", "updated_at", "reply_at"):
            if isinstance(fields.get(name), str):
                fields[name] = datetime.fromisoformat(fields[name]).astimezone(UTC)
        return fields

    @property
    def environment(self) -> dict[str, str]:
        """The environment that the spider takes its keys from."""
        return {variable(self.spider, name): value for name, value in self.secrets.items()}


def load(spider: str) -> Source:
    """Return the source of a spider.

    Raises:
        ModuleNotFoundError: it has none.
    """
    source: Source = import_module(f"tests.contract.sources.{spider}").SOURCE
    return source
