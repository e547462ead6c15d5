"""One bulk request to one index, until every document of it has met its fate."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, cast

from elasticsearch import (
    ApiError,
    ConnectionError,  # noqa: A004 - the client's name for it
    ConnectionTimeout,
    Elasticsearch,
    SSLError,
    TransportError,
)

from index.base import StoreError
from index.elastic.errors import api_sentence, cause, sentence
from index.elastic.items import Fate, Item, Outcome

# Worth another try: the server, or what stands before it, is busy or starting.
_FOR_NOW: Final = frozenset({429, 500, 502, 503, 504})
_TOO_LARGE: Final = 413
_LONGEST_WAIT: Final = 60.0
# All of the answer that is read; for thousands of documents the rest is a megabyte.
_ANSWER: Final = "items.*.status,items.*.result,items.*.error"

_COMPARED: Final = ("collected_at", "tagged_at", "noted_at", "content_hash", "digest")

Result = Mapping[str, Any]


class Vanished(Exception):  # noqa: N818 - not an error of the caller: a rebuild may have ended
    """The index or alias is not there. The message is for a person."""


class Bulk:
    """Sends chunks and tries again what fails for now. Arguments: see `writing.send`."""

    def __init__(
        self,
        client: Elasticsearch,
        max_retries: int,
        sleep: Callable[[float], object],
        is_stopped: Callable[[], bool],
        *,
        deleted_wins: bool,
    ) -> None:
        # Tries are counted and spaced here, and not a second time inside the client.
        self._client = client.options(max_retries=0)
        self._url = client.transport.node_pool.get().base_url
        self._max_retries = max_retries
        self._sleep = sleep
        self._is_stopped = is_stopped
        self._deleted_wins = deleted_wins

    def deliver(self, index: str, items: Sequence[Item]) -> list[Outcome]:
        """Return what became of each item, in order.

        Raises:
            Vanished: there is no such index or alias.
            StoreError: something still failed after all tries, or will fail again.
        """
        outcomes: dict[int, Outcome] = {}
        attempt = 0
        delivery = _Delivery(self, index, items, outcomes)
        while waiting := [place for place in range(len(items)) if place not in outcomes]:
            failure = delivery.run(waiting)
            left = len(items) - len(outcomes)
            if failure is None or not left:
                continue
            # While some of it gets through, the rest will too.
            attempt = attempt + 1 if left == len(waiting) else 1
            if attempt > self._max_retries:
                raise StoreError(failure)
            delay = min(2.0 ** (attempt - 1), _LONGEST_WAIT)
            # Many senders that were refused together must not come back together.
            self._sleep(delay * random.uniform(0.5, 1.5))  # noqa: S311 - not a secret
            if self._is_stopped():
                raise StoreError("sending was broken off; run it again: nothing is lost")
        return [outcomes[place] for place in range(len(items))]

    def request(self, index: str, lines: Sequence[tuple[bytes, bytes | None]]) -> list[Result]:
        """Send (action, document) pairs and return the server's result for each.

        A request that is too large for something on the way is cut in two.
        """
        body = [part for line in lines for part in line if part is not None]
        try:
            answer = self._client.bulk(
                index=index,
                # Bytes are sent as they are; the client's type names only dictionaries.
                operations=cast("Sequence[Mapping[str, Any]]", body),
                # A write never makes an index; a deletion could not, as it is sent here.
                require_alias=any(source is not None for _, source in lines) or None,
                filter_path=_ANSWER,
            )
        except ApiError as error:
            if error.meta.status != _TOO_LARGE:
                raise
            if len(lines) == 1:
                reason = f"its {sum(map(len, body)):,} bytes are more than the way there allows"
                return [{"status": _TOO_LARGE, "error": {"type": "too large", "reason": reason}}]
            middle = len(lines) // 2
            return self.request(index, lines[:middle]) + self.request(index, lines[middle:])
        return [next(iter(one.values())) for one in answer["items"]]

    def there(self, index: str, ids: Sequence[str]) -> list[Result]:
        """Return what the cluster has of `ids`, as it would be read now."""
        answer = self._client.mget(index=index, ids=ids, source_includes=_COMPARED)
        return list(answer["docs"])

    def say(self, error: ApiError | TransportError) -> str:
        """Return what to tell about `error`."""
        return sentence(error, self._url)

    def say_of(self, result: Result) -> str:
        """Return what to tell about a result that is no fault of the document."""
        kind, reason, index = cause(result)
        return api_sentence(result["status"], kind, reason, index, self._url)

    @property
    def deleted_wins(self) -> bool:
        """Whether a deletion that the cluster remembers beats a document."""
        return self._deleted_wins


class _Delivery:
    """One chunk on its way to one index: notes outcomes, and what has to replace its equal."""

    def __init__(
        self, bulk: Bulk, index: str, items: Sequence[Item], outcomes: dict[int, Outcome]
    ) -> None:
        self._bulk = bulk
        self._index = index
        self._items = items
        self._outcomes = outcomes
        # What was looked up after a conflict and is written on these terms instead.
        self._instead: dict[int, Mapping[str, object]] = {}

    def run(self, waiting: Sequence[int]) -> str | None:
        """Try `waiting` once; return why something has to wait, None when nothing has to."""
        first: dict[str, int] = {}
        for place in waiting:
            item = self._items[place]
            if item.problem:
                self._outcomes[place] = Outcome(Fate.REFUSED, item.problem)
            else:
                # What comes second about a mention waits until the first is settled.
                first.setdefault(item.mention_id, place)
        places = list(first.values())
        if not places:
            return None
        try:
            results = self._bulk.request(self._index, [self._line(place) for place in places])
            failure, conflicts = None, []
            for place, result in zip(places, results, strict=True):
                if result["status"] == 409:
                    conflicts.append(place)
                else:
                    failure = self._judge(place, result) or failure
            return self._settle(conflicts) or failure
        except (ApiError, TransportError) as error:
            if not _is_for_now(error):
                raise StoreError(self._bulk.say(error)) from error
            return self._bulk.say(error)

    def _line(self, place: int) -> tuple[bytes, bytes | None]:
        item = self._items[place]
        return item.action(self._instead.get(place)), item.source

    def _judge(self, place: int, result: Result) -> str | None:
        """Note the outcome of a result; return why it has to wait."""
        status, error = int(result["status"]), result.get("error")
        if error is None:
            self._outcomes[place] = Outcome(_FATES[result["result"]])
            return None
        kind, reason, _ = cause(error)
        if kind == "index_not_found_exception":
            raise Vanished(self._bulk.say_of({"status": status, "error": error}))
        if status == _TOO_LARGE or (status == 400 and "write index" not in reason):
            self._outcomes[place] = Outcome(Fate.REFUSED, _whole_reason(error))
            return None
        said = self._bulk.say_of({"status": status, "error": error})
        if status not in _FOR_NOW or kind == "cluster_block_exception":
            raise StoreError(said)
        return said

    def _settle(self, places: Sequence[int]) -> str | None:
        """Look at what the cluster has in place of what it calls not newer.

        Versions count seconds, and a deletion that is remembered hides what it deleted; the
        documents themselves are exact. Returns why it has to wait.
        """
        if not places:
            return None
        failure = None
        there = self._bulk.there(self._index, [self._items[one].mention_id for one in places])
        for place, found in zip(places, there, strict=True):
            if "error" in found:
                failure = self._bulk.say_of({"status": 503, "error": found["error"]})
                continue
            fate = self._compare(self._items[place], found)
            if fate is not None:
                self._outcomes[place] = Outcome(fate)
            elif found["found"]:
                # Only if nobody else writes it meanwhile.
                terms = {"if_seq_no": found["_seq_no"], "if_primary_term": found["_primary_term"]}
                self._instead[place] = terms
            else:
                self._instead[place] = {}
        return failure

    def _compare(self, item: Item, found: Result) -> Fate | None:
        """Return the fate of what met a conflict; None: it is newer all the same."""
        if not found["found"]:
            if item.source is None:
                return Fate.ABSENT
            return Fate.NEWER_THERE if self._bulk.deleted_wins else None
        there: Result = found.get("_source", {})
        # All times are written in one length, so that text is compared as time.
        collected_at = there.get("collected_at", "")
        if collected_at != item.collected_at or item.source is None:
            return Fate.NEWER_THERE if collected_at > item.collected_at else None
        if there.get("content_hash") != item.content_hash:
            return None  # corrected by hand and imported again
        is_newer = (
            there.get("tagged_at", "") > item.tagged_at or there.get("noted_at", "") > item.noted_at
        )
        return Fate.NEWER_THERE if is_newer or there.get("digest") == item.digest else None


_FATES: Final = {
    "created": Fate.SENT,
    "updated": Fate.SENT,
    "deleted": Fate.DELETED,
    "not_found": Fate.ABSENT,
}


def _is_for_now(error: ApiError | TransportError) -> bool:
    if isinstance(error, ApiError):
        return error.meta.status in _FOR_NOW
    if isinstance(error, SSLError):
        return False
    return isinstance(error, ConnectionError | ConnectionTimeout)


def _whole_reason(error: Mapping[str, Any]) -> str:
    """Return the reason of a refusal with what caused it, on one line."""
    reasons: list[str] = []
    inner: Any = error
    while isinstance(inner, Mapping) and len(reasons) < 4:
        reasons.append(" ".join(str(inner.get("reason", "")).split()))
        inner = inner.get("caused_by")
    return f"{error.get('type')}: " + ": ".join(reason for reason in reasons if reason)
