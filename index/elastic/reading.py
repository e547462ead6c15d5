"""Asking the cluster for mentions: a page of hits, every hit, one mention.

A page asks once and remembers nothing on the server: the next one begins behind the sort
values that `SearchResult.next` holds. What takes several requests reads from one point in
time, and so from one state of the index.
https://www.elastic.co/docs/reference/elasticsearch/rest-apis/paginate-search-results
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from typing import Any, Final
from urllib.parse import quote, unquote

from elasticsearch import ApiError, Elasticsearch, NotFoundError

from index.base import Hit, QueryError, SearchResult
from index.elastic.compile import CompiledQuery
from index.elastic.documents import UNREAD_FIELDS, to_case, to_hit, to_noise
from index.elastic.mapping import Body
from index.text import Pattern, highlight

# Most hits in one answer; the server itself stops at 10,000.
_PAGE: Final = 1000
# How long the server keeps a point in time after it was last asked.
_KEEP_ALIVE: Final = "5m"
# Shards count words together, or the same word would weigh more in one than in another.
_TOGETHER: Final = "dfs_query_then_fetch"
# An order key may be that of two mentions; ids tell them apart.
_NEWEST: Final[tuple[Body, ...]] = ({"order_key": "desc"}, {"id": "desc"})
_BEST: Final[tuple[Body, ...]] = ({"_score": "desc"}, *_NEWEST)

# `SearchResult.next`: order key and id that a page ended with, and its score when ranked.
_TOKEN: Final = re.compile(
    r"(?P<key>[0-9]{1,18})(?:@(?P<score>[0-9]+(?:\.[0-9]+)?(?:e[+-]?[0-9]+)?))?/(?P<id>\S+)"
)

RawHit = Mapping[str, Any]


def search(
    client: Elasticsearch,
    index: str,
    compiled: CompiledQuery,
    *,
    ranked: bool,
    limit: int,
    after: str | None,
) -> SearchResult:
    """Return one page of hits; see `MentionIndex.search`."""
    if limit < 0:
        raise ValueError(f"limit is at least 0, not {limit}")
    ranked = ranked and compiled.ranked
    request = search_body(compiled, ranked=ranked)
    if after is not None:
        request["search_after"] = _place(after, ranked=ranked)
    # One more than asked for tells whether a page follows.
    hits, total = _first(client, index, request, limit + 1 if limit else 0, ranked=ranked)
    page = hits[:limit]
    return SearchResult(
        hits=tuple(_hit(one, compiled.words, ranked=ranked) for one in page),
        total=total,
        next=_token(page[-1], ranked=ranked) if len(hits) > limit else None,
    )


def scan(client: Elasticsearch, index: str, compiled: CompiledQuery, batch: int) -> Iterator[Hit]:
    """Yield every hit, newest first, from one state of the index."""
    request = search_body(compiled, ranked=False)
    for answer in _pages(client, index, request, min(max(batch, 1), _PAGE)):
        for one in answer["hits"]["hits"]:
            yield _hit(one, compiled.words, ranked=False)


def by_id(client: Elasticsearch, index: str, mention_id: str) -> Hit | None:
    """Return one mention with its current tagging, also one that no search finds yet."""
    try:
        found = client.get(index=index, id=mention_id, source_excludes=UNREAD_FIELDS)
    except NotFoundError as error:
        if isinstance(error.body, Mapping) and error.body.get("found") is False:
            return None
        raise  # the index itself is not there
    document = found["_source"]
    return Hit(*to_hit(document), case=to_case(document), noise=to_noise(document))


def search_body(compiled: CompiledQuery, *, ranked: bool) -> Body:
    """Return the body of a search for mentions, as Kibana and curl take it."""
    return {
        "query": compiled.query,
        "sort": list(_BEST if ranked else _NEWEST),
        "track_total_hits": True,
        "_source": {"excludes": list(UNREAD_FIELDS)},
    }


@contextmanager
def clear_query_errors() -> Iterator[None]:
    """Turn what the server says of a query that asks too much into a `QueryError`."""
    try:
        yield
    except ApiError as error:
        said = str(error.body)
        if "Determinizing" in said or "too_complex_to_determinize" in said:
            raise QueryError("long_address") from error
        if "too_many_clauses" in said or "too_many_nested_clauses" in said:
            raise QueryError("many_words") from error
        if "expanded to too many terms" in said:
            raise QueryError("many_beginnings") from error
        raise


def _first(
    client: Elasticsearch, index: str, request: Body, wanted: int, *, ranked: bool
) -> tuple[list[RawHit], int]:
    """Return the first hits that a request finds, and how many it finds in all."""
    if wanted <= _PAGE:
        # Copies of an index score differently, so the same query always asks the same one.
        copy = f"molva-{zlib.crc32(repr(request['query']).encode())}"
        page = client.search(
            index=index,
            body={**request, "size": wanted},
            preference=copy,
            search_type=_TOGETHER if ranked else None,
            allow_partial_search_results=False,
        )
        return page["hits"]["hits"], int(page["hits"]["total"]["value"])
    hits: list[RawHit] = []
    total = 0
    with closing(_pages(client, index, request, _PAGE, _TOGETHER if ranked else None)) as pages:
        for answer in pages:
            hits += answer["hits"]["hits"]
            if "total" in answer["hits"]:
                total = int(answer["hits"]["total"]["value"])
            if len(hits) >= wanted:
                break
    return hits[:wanted], total


def _pages(
    client: Elasticsearch, index: str, request: Body, size: int, search_type: str | None = None
) -> Generator[Mapping[str, Any], None, None]:
    """Yield the server's answers, from one point in time; only the first has a total."""
    opened = client.open_point_in_time(index=index, keep_alive=_KEEP_ALIVE)
    newest = opened["id"]
    try:
        body = {**request, "size": size}
        while True:
            answer: Mapping[str, Any] = client.search(
                body={**body, "pit": {"id": newest, "keep_alive": _KEEP_ALIVE}},
                search_type=search_type,
                allow_partial_search_results=False,
            ).body
            newest = answer["pit_id"]
            hits = answer["hits"]["hits"]
            yield answer
            if len(hits) < size:
                return
            body |= {"search_after": hits[-1]["sort"], "track_total_hits": False}
    finally:
        # It may have been given up already, by a server that was restarted.
        client.options(ignore_status=404).close_point_in_time(id=newest)


def _hit(raw: RawHit, words: Sequence[Pattern], *, ranked: bool) -> Hit:
    document = raw["_source"]
    mention, tagging = to_hit(document)
    return Hit(
        mention,
        tagging,
        highlight(mention.text, document.get("lang"), words) if words else (),
        float(raw["_score"]) if ranked else None,
        to_case(document),
        to_noise(document),
    )


def _token(raw: RawHit, *, ranked: bool) -> str:
    # With a point in time the server adds a value of its own at the end.
    *score, key, mention_id = raw["sort"][: len(_BEST if ranked else _NEWEST)]
    return f"{key}{f'@{score[0]!r}' if score else ''}/{quote(mention_id, safe=':')}"


def _place(after: str, *, ranked: bool) -> list[str | float]:
    """Return the sort values that a page ended with."""
    found = _TOKEN.fullmatch(after)
    if found is None or (found["score"] is not None) != ranked:
        raise QueryError("no_such_page")
    score = [float(found["score"])] if ranked else []
    return [*score, int(found["key"]), unquote(found["id"])]
