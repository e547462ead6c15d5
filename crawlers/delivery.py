"""Hands mentions to the caller in small batches, so that a killed crawl loses a second of work."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

from mention import Mention, Reject

Item = Mention | Reject
Sink = Callable[[list[Item]], object]

MAX_BATCH: Final = 100
MAX_SECONDS: Final = 1.0


class Delivery:
    """Batches items and calls the sink at 100 of them, after a second, and at the end.

    Attributes:
        mentions, rejects: how many were handed over.
        error: what the sink raised; nothing is handed over after that.
    """

    def __init__(self, sink: Sink) -> None:
        self.mentions = 0
        self.rejects = 0
        self.error: BaseException | None = None
        self._sink = sink
        self._batch: list[Item] = []
        self._waiting: list[tuple[int, Callable[[], None]]] = []
        self._timer: asyncio.TimerHandle | None = None

    def add(self, item: Item) -> None:
        """Take one item. Call it inside the running event loop."""
        self._batch.append(item)
        if len(self._batch) >= MAX_BATCH:
            self.flush()
        elif self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(MAX_SECONDS, self.flush)

    def when_stored(self, count: int, action: Callable[[], None]) -> None:
        """Call `action` as soon as the first `count` items of the crawl are handed over."""
        self._waiting.append((count, action))
        self._tell()

    def flush(self) -> None:
        """Hand over what there is; it is stored when this returns without `error`."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        batch, self._batch = self._batch, []
        if not batch or self.error is not None:
            return
        try:
            self._sink(batch)
        except BaseException as error:  # raised again by crawl(), outside the reactor
            self.error = error
            return
        rejects = sum(isinstance(item, Reject) for item in batch)
        self.rejects += rejects
        self.mentions += len(batch) - rejects
        self._tell()

    def _tell(self) -> None:
        while self._waiting and self._waiting[0][0] <= self.mentions + self.rejects:
            self._waiting.pop(0)[1]()
