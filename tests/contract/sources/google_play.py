"""Reviews on Google Play, as the web store's remote calls answer."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.contract.sources.kit import Routes, Source
from tests.crawlers.loopback import Answer, Asked

APP = "lt.bure.kurjeris"
NEWEST = datetime(2026, 3, 28, 22, 40, 5, tzinfo=UTC)
PAGE = 40
CALL = "/_/PlayStoreUi/data/batchexecute"
CALLS = ("UsvDTd", "oCPfdb")
COOKIE = "NID=511=abc_d"
DETAILS = "/store/apps/details"


def _at(number: int) -> datetime:
    return NEWEST - timedelta(hours=7 * number)


def _time(time: datetime) -> list[int]:
    return [int(time.timestamp()), 721_000_000]


def record(number: int) -> list[Any]:
    """One review as the store writes it."""
    picture = [None, 2, None, [None, None, "https://play-lh.example.com/a"]]
    kind, name = number % 14, f"Pirkėjas {number}"
    made: list[Any] = [None] * 17
    made[0] = f"{number:08d}-0d4b-471d-b406-bcf0f52387a7"
    made[1] = [name, picture]
    made[2] = 1 + number % 5
    made[4] = f"Kurjeris &quot;vėlavo&quot; {number} min. &amp; dingo&#39;"
    made[5] = _time(_at(number))
    made[6] = number
    made[9] = [f"1079751762893048{number:05}", name, None, [picture, 1], picture]
    made[10] = "10.24.48-release"
    made[16] = 1
    if kind == 1:
        made[3] = "Juokinga."
    if kind == 2:
        made[4] = None  # stars only
    if kind == 3:
        answer = [f"UAB {number}", f"Ačiū, {number}!", _time(_at(number) + timedelta(days=1))]
        made[7] = answer
    if kind == 4:
        made[10] = None
        made[12] = [[["vaf_app_quality_stability", [1]]]]
    if kind == 5:
        made[1] = made[9] = None
    if kind == 6:
        made = made[:10]  # as some years ago
    return made


def envelope(payload: object, call: str = "UsvDTd", *, counted: bool = False) -> str:
    """An answer to a call, as one chunk or as chunks with their lengths."""
    frame = ["wrb.fr", call, json.dumps(payload), None, None, None, "generic"]
    rest = [["di", 228], ["af.httprm", 228, "-2365148840472433355", 17]]
    if not counted:
        return ")]}'\n\n" + json.dumps([frame, *rest], ensure_ascii=False, separators=(",", ":"))
    chunks = [json.dumps(one, separators=(",", ":")) for one in ([frame], rest)]
    return ")]}'\n\n" + "".join(f"{len(chunk)}\n{chunk}\n" for chunk in chunks)


def app_page(payload: object) -> str:
    """The app's page, whose script has one block for each call that the server made."""
    data = json.dumps(payload).replace("&", "\\u0026")
    return (
        "<!doctype html><html><head><title>Burė &amp; Kurjeris</title><script>"
        "var AF_dataServiceRequests = {'ds:0' : {id:'T6C6Se',request:[]},'ds:10' : "
        "{id:'oCPfdb',request:[null,[2,null,[20]]]}};</script></head><body><h1>Burė</h1>"
        "<script>AF_initDataCallback({key: 'ds:0', hash: '1', data:[[\"x\"]], sideChannel: {}});"
        f"</script><script>AF_initDataCallback({{key: 'ds:10', hash: '10', data:{data}, "
        "sideChannel: {}});</script></body></html>"
    )


def platform(numbers: Sequence[int]) -> Routes:
    def page(asked: Asked, _before: int) -> Answer:
        assert parse_qs(urlsplit(asked.path).query) == {"hl": ["lt"], "gl": ["LT"]}
        form = parse_qs(asked.body.decode())
        [[[call, arguments, _, kind]]] = json.loads(form["f.req"][0])
        assert (call in CALLS, kind) == (True, "generic")
        *_, (_, order, paging, *_), [app, seven] = json.loads(arguments)
        assert (order, app, seven) == (2, APP, 7)
        offset = re.fullmatch(r"CtgB_(\d{1,6})", paging[2]) if len(paging) > 1 else None
        start = int(offset[1]) if offset else len(numbers) * (len(paging) > 1)
        # Later pages need the cookie of the first answer.
        cookie = asked.headers.get("Cookie")
        if start and cookie != COOKIE:
            return Answer("no cookie", 400)
        part = [record(number) for number in numbers[start : start + PAGE]]
        left = len(numbers) > start + PAGE
        payload = [part, [None, f"CtgB_{start + PAGE}" if left else None]] if part else []
        body = envelope(payload, call, counted=bool(start))
        headers = {
            "Set-Cookie": "NID=511=abc_d; expires=Mon, 01-Jan-2029 00:00:00 GMT; path=/; HttpOnly"
        }
        return Answer(body, headers=headers, content_type="application/json; charset=utf-8")

    return {f"POST {CALL}": page, f"GET {DETAILS}": Answer(app_page([]))}


def expected(number: int) -> dict[str, Any]:
    kind = number % 14
    native = f"{number:08d}-0d4b-471d-b406-bcf0f52387a7"
    return {
        "id": native,
        "kind": "review",
        "url": f"https://play.google.com/store/apps/details?id={APP}&reviewId={native}",
        "title": "Juokinga." if kind == 1 else None,
        "text": "" if kind == 2 else f'Kurjeris "vėlavo" {number} min. & dingo\'',
        "lang": "lt",
        "country": "LT",
        "rating": float(1 + number % 5),
        "published_at": _at(number).replace(microsecond=0),
        "version": None if kind in {4, 6} else "10.24.48-release",
        "likes": number,
        "author_name": None if kind == 5 else f"Pirkėjas {number}",
        "reply_text": f"Ačiū, {number}!" if kind == 3 else None,
        "reply_at": _at(number) + timedelta(days=1) if kind == 3 else None,
    }


SOURCE = Source(
    spider="google_play",
    arguments={"app_id": APP, "lang": "lt", "country": "lt"},
    platform=platform,
    expected=expected,
    evidence="recording",
    features=frozenset(("author", "language", "likes", "markup", "rating", "reply", "reply_time")),
    lookups=(DETAILS,),
    errors=(
        (
            Answer(""")]}'\n\n[["wrb.fr","UsvDTd",null,null,null,[5],"generic"],["di",9]]"""),
            "NOT_FOUND",
        ),
        (Answer(""")]}'\n\n[["er",null,null,null,null,400,null,null,null,3]]"""), "400"),
    ),
)
