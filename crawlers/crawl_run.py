"""What a spider shares with whoever started it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from crawlers.delivery import Delivery
from crawlers.items import ParseContext
from crawlers.listing import Known, Listing, State
from crawlers.patience import Patience


@dataclass(slots=True)
class CrawlRun:
    """One crawl.

    Attributes:
        delivery: where items go.
        context: what parsers need: labels, authors, counts of problems.
        state: remembered from run to run by the caller.
        known: content hashes of what is stored already.
        listings: the lists that were begun.
        failures: one sentence for each list that could not be read to its end.
        notes: one sentence each about what a person may want to know.
        pages: answers that were read.
        handed_on: mentions and rejects that the spider gave.
        patience: which hosts are waited for.
        given_keys: keys by name that win over the environment's.
    """

    delivery: Delivery
    context: ParseContext
    state: State
    known: Known | None = None
    listings: list[Listing] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    pages: int = 0
    handed_on: int = 0
    patience: Patience = field(default_factory=Patience)
    given_keys: Mapping[str, str] = field(default_factory=dict)
