"""Reviews of an app, as Google Play's web store hands them to a browser. Nothing is documented.

The store's remote calls answer at `/_/PlayStoreUi/data/batchexecute` with the guard `)]}'` and
chunks of frames, with or without a line that counts their characters:
`[["wrb.fr","UsvDTd","<JSON in a string>",null,null,null,"generic"],["di",54],…]`. Two calls give
reviews, `UsvDTd` and `oCPfdb`; their payload is `[[review, …], [null, "<token of the next
page>"], …]`. It is `[]` or null where there is nothing, with a gRPC status in the frame where it
was refused. The app's page, `/store/apps/details?id=…`, embeds the same payload in a script, with
twenty reviews.

A review is a list: 0 id, 1 author (0 name), 2 stars, 3 title (rare), 4 text, 5 time (0 seconds
since 1970), 6 thumbs up, 7 answer (1 text, 2 time) or null, 9 account (0 number), 10 app version.
Only one time is given, that of the last edit. Reviews are kept apart by language, so theirs is the
one that was asked for. A deleted review is in no answer.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import urlencode

from crawlers.items import ParseContext, parse_count
from crawlers.parsers.values import UnreadableError, as_list, as_text, html_text, path_of, read_json
from crawlers.ratings import parse_number
from mention import Mention, Reject

CALLS: Final = ("UsvDTd", "oCPfdb")
LOWEST, HIGHEST = 1.0, 5.0
_NEWEST: Final = 2
_CHUNK: Final = re.compile(r"\[\s*\[\s*\"(?:wrb\.fr|er)\"")
_FRAME: Final = "wrb.fr"
_ERROR: Final = "er"
# Which of the page's blocks was made by which call, and where that block begins.
_REQUEST: Final = re.compile(r"'(ds:\d+)'\s*:\s*\{\s*id\s*:\s*'(\w+)'")
_BLOCK: Final = re.compile(
    r"AF_initDataCallback\(\{\s*key:\s*'(ds:\d+)'[^\[\]{}<>]{0,200}?\bdata:\s*"
    r"(?:function\(\)\s*\{\s*return\s+)?"  # before 2020
)
# https://grpc.io/docs/guides/status-codes/
_STATUS: Final = {
    3: "INVALID_ARGUMENT",
    5: "NOT_FOUND",
    7: "PERMISSION_DENIED",
    8: "RESOURCE_EXHAUSTED",
    13: "INTERNAL",
    14: "UNAVAILABLE",
}


def call_body(call: str, app_id: str, count: int, token: str | None) -> str:
    """Return the form field `f.req` that asks for a page of the newest reviews.

    Args:
        call: one of `CALLS`.
        app_id: package name of the app.
        count: of reviews; the server gives 150 at most.
        token: of the page, or None for the first.
    """
    page = [count, None, token] if token else [count]
    request: list[Any]
    if call == "UsvDTd":
        request = [None, None, [2, _NEWEST, page, None, []], [app_id, 7]]
    else:
        request = [None, [2, _NEWEST, page, None, [None] * 9], [app_id, 7]]
    return json.dumps([[[call, json.dumps(request), None, "generic"]]], separators=(",", ":"))


def parse_page(
    body: str | bytes, url: str, context: ParseContext, *, app_id: str, lang: str
) -> Iterator[Mention | Reject]:
    """Yield the reviews of an answer to one of `CALLS`, or those that an app's page embeds.

    Args:
        body: what the server sent.
        url: of the page, for rejects.
        context: source, labels, authors.
        app_id: package name of the app.
        lang: that was asked for.
    """
    try:
        payload = _payload(_text(body))
    except UnreadableError as error:
        yield context.reject(str(error), where=url, raw=_text(body))
        return
    if payload is None or payload == []:
        return
    reviews = path_of(payload, 0)
    if not isinstance(reviews, list | None):
        yield context.reject("the payload has no list of reviews", where=url, raw=payload)
        return
    for review in reviews or ():
        if isinstance(review, list):
            yield _review(review, url, context, app_id, lang)
        else:
            yield context.reject("a review is not a list", where=url, raw=review)


def _review(
    review: list[Any], url: str, context: ParseContext, app_id: str, lang: str
) -> Mention | Reject:
    native_id, text = path_of(review, 0), path_of(review, 4)
    if not isinstance(native_id, str) or not native_id.strip():
        return context.reject("a review has no id", where=url, raw=review)
    if not isinstance(text, str | None):
        return context.reject("the text of a review is not a text", where=url, raw=review)
    rating = parse_number(path_of(review, 2))
    if rating is None:
        return context.reject("a review has no rating that is a number", where=url, raw=review)
    reply = html_text(path_of(review, 7, 1)) or None
    account, name = as_text(path_of(review, 9, 0)), as_text(path_of(review, 1, 0))
    return context.mention(
        native_id.strip(),
        where=url,
        raw=review,
        kind="review",
        url=review_address(app_id, native_id.strip()),
        title=html_text(path_of(review, 3)),
        text=html_text(text),
        lang=lang,
        rating=rating,
        rating_min=LOWEST,
        rating_max=HIGHEST,
        published_at=context.date(path_of(review, 5, 0)),
        version=as_text(path_of(review, 10)),
        likes=parse_count(path_of(review, 6)),
        reply_text=reply,
        reply_at=context.date(path_of(review, 7, 2, 0)) if reply else None,
        **context.authors.fields("google", account, name),
    )


def review_address(app_id: str, review_id: str) -> str:
    """Return the address that shows a review on Google Play."""
    query = urlencode({"id": app_id, "reviewId": review_id})
    return f"https://play.google.com/store/apps/details?{query}"


def next_token(body: str | bytes) -> str | None:
    """Return what asks for the page after this one, or None at the end."""
    try:
        payload = _payload(_text(body))
    except UnreadableError:
        return None
    for part in as_list(payload)[1:]:
        token = path_of(part, -1)
        if isinstance(token, str) and token:
            return token
    return None


def is_empty(body: str | bytes) -> bool:
    """Whether an answer is whole and has no review."""
    try:
        return not path_of(_payload(_text(body)), 0)
    except UnreadableError:
        return False


def complaint(body: str | bytes) -> str | None:
    """Return what an answer says went wrong, or None."""
    for frame in _frames(_text(body)):
        if frame[0] == _ERROR:
            return f"error {as_text(path_of(frame, 5)) or as_text(path_of(frame, 1)) or ''}".strip()
        code = path_of(frame, 5, 0)
        if path_of(frame, 2) is None and isinstance(code, int):
            return f"{_STATUS.get(code, 'gRPC status')} ({code})"
    return None


def _payload(text: str) -> Any:
    """Return what a call gave, in an answer of its own or inside the app's page.

    Raises:
        UnreadableError: there is no such answer, or it is broken.
    """
    if "AF_initDataCallback" in text:
        return _embedded(text)
    for frame in _frames(text):
        if frame[0] == _FRAME and path_of(frame, 1) in CALLS:
            payload = path_of(frame, 2)
            return read_json(payload) if isinstance(payload, str) else payload
    raise UnreadableError("the answer has no frame of reviews")


def _frames(text: str) -> Iterator[list[Any]]:
    decoder = json.JSONDecoder(strict=False)
    end = 0
    for match in _CHUNK.finditer(text):
        if match.start() < end:
            continue
        try:
            chunk, end = decoder.raw_decode(text, match.start())
        except (ValueError, RecursionError):
            continue
        yield from (frame for frame in chunk if isinstance(frame, list) and frame)


def _embedded(text: str) -> Any:
    """Return the payload in the page's block that one of `CALLS` made; None without one."""
    wanted = {key for key, call in _REQUEST.findall(text) if call in CALLS}
    for match in _BLOCK.finditer(text):
        if match[1] in wanted:
            try:
                return json.JSONDecoder(strict=False).raw_decode(text, match.end())[0]
            except (ValueError, RecursionError):
                raise UnreadableError("the page's block of reviews is not whole JSON") from None
    return None


def _text(body: str | bytes) -> str:
    return body if isinstance(body, str) else body.decode("utf-8", "replace")
