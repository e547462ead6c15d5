"""The fields of the query language: their names, their values, and what is wrong with one.

`read_filter` turns `name:value` as a user wrote it into a node of the tree.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Collection
from datetime import date, timedelta
from difflib import get_close_matches
from typing import Final, NoReturn, cast, get_args

from index.base import QueryError
from index.cases import STATUSES
from index.noise import NOISE_KINDS
from index.query import (
    DateFilter,
    FactFilter,
    Filter,
    HasFilter,
    Node,
    NumberFilter,
    Part,
    Phrase,
    Prefix,
    TextFilter,
    TopicFilter,
    Within,
    Word,
    walk,
)
from index.text import expand
from mention import FACT_UNITS, KINDS, SCORES, SENTIMENTS, FactKind

PARTS: Final = get_args(Part)
# Fields that hold any text; all but an address may be asked for by their beginning.
TEXT_FIELDS: Final = (
    "source",
    "brand",
    "product",
    "location",
    "version",
    "author",
    "url",
    "id",
    "owner",
)
# Fields with few values, which are checked.
CHOICES: Final = {"kind": KINDS, "sentiment": SENTIMENTS, "case": STATUSES, "noise": NOISE_KINDS}
# Fields whose values are codes: how one looks, and what is wrong with another.
CODES: Final = {"lang": ("[a-z]{2,3}", "no_language"), "country": ("[A-Z]{2}", "no_country")}
NUMBER_FIELDS: Final = ("rating", "stars", "likes", *SCORES)
# What `has:` can ask for.
THINGS: Final = (
    "reply",
    "rating",
    "tagging",
    "sentiment",
    "topic",
    "fact",
    "title",
    "date",
    "url",
    "brand",
    "product",
    "location",
    "version",
    "author",
    "conflict",
    "correction",
    "case",
    "copy",
    "noise",
    *SCORES,
)
POLARITIES: Final = SENTIMENTS  # a topic is mixed when the sentences of a mention disagree
FIELDS: Final = (
    *PARTS,
    "topic",
    "fact",
    "sentiment",
    "rating",
    "stars",
    "date",
    *TEXT_FIELDS,
    "lang",
    "country",
    "kind",
    "likes",
    *SCORES,
    "case",
    "noise",
    "has",
)
# What people write instead, where it is not a slip of the keyboard.
_OTHER_NAMES: Final = {
    "after": "date", "before": "date", "since": "date", "until": "date", "дата": "date",
    "company": "brand", "компания": "brand", "бренд": "brand",
    "site": "source", "platform": "source", "источник": "source", "площадка": "source",
    "language": "lang", "язык": "lang", "type": "kind",
    "city": "location", "branch": "location", "город": "location", "филиал": "location",
    "score": "rating", "grade": "rating", "оценка": "rating", "звезды": "stars",
    "тема": "topic", "aspect": "topic", "тональность": "sentiment", "tone": "sentiment",
    "товар": "product", "app": "product", "продукт": "product", "страна": "country",
    "body": "text", "текст": "text", "заголовок": "title", "ответ": "reply", "answer": "reply",
    "link": "url", "ссылка": "url", "is": "has", "автор": "author", "версия": "version",
    "status": "case", "статус": "case", "жалоба": "case", "complaint": "case",
    "facts": "fact", "факт": "fact", "wait": "fact", "resolved": "fact", "recommend": "fact",
    "spam": "noise", "duplicate": "noise", "реклама": "noise", "спам": "noise",
    "assignee": "owner", "ответственный": "owner",
}  # fmt: skip

# Facts whose value is 1 or 0.
YES_OR_NO: Final = ("recommend", "resolved")
_ANSWERS: Final = {"yes": 1.0, "1": 1.0, "да": 1.0, "no": 0.0, "0": 0.0, "нет": 0.0}

_BARE: Final = re.compile(r"[^\"«“„]*")
_NUMBER: Final = r"-?\d{1,12}(?:[.,]\d{1,6})?"
_NUMBERS: Final = re.compile(
    rf"(?P<sign>[<>]?=?)(?P<one>{_NUMBER})|(?P<low>{_NUMBER})?\.\.(?P<high>{_NUMBER})?"
)
_DAY: Final = r"\d{4}(?:-\d\d){0,2}"
_DATES: Final = re.compile(
    rf"(?P<sign>[<>]?=?)(?P<one>{_DAY})|(?P<low>{_DAY})?\.\.(?P<high>{_DAY})?"
)


def fail(code: str, position: int, **values: str | int) -> NoReturn:
    """Raise a `QueryError` that says where in the query the mistake is."""
    raise QueryError(code, position, **values)


def unquote(quoted: str) -> str:
    r"""Return what stands between quotation marks; in "…" a backslash escapes " and \."""
    inner = quoted[1:-1]
    return re.sub(r'\\(["\\])', r"\1", inner) if quoted[0] == '"' else inner


def fail_unknown(
    code: str, position: int, written: str, known: Collection[str], **values: str
) -> NoReturn:
    """Raise the `QueryError` of what is not known, with what is meant or else all that is known.

    Args:
        code: of the sentence that lists what is known; that with what is meant has `_near` more.
        position: where it stands in the query.
        written: what is not known.
        known: what could have been written.
        values: what else goes into either sentence.
    """
    near = get_close_matches(written.lower(), known, n=1, cutoff=0.6)
    if near:
        fail(f"{code}_near", position, near=near[0], **values)
    fail(code, position, known=", ".join(known), **values)


def read_filter(written: str, position: int) -> Filter | Within:
    """Return the node of `name:value`.

    Args:
        written: as it stands in the query.
        position: where it begins in the query.

    Raises:
        QueryError: there is no such field, or the value does not fit it.
    """
    name, _, rest = written.partition(":")
    name = name.lower()
    place = position + len(name) + 1
    if name not in FIELDS:
        _fail_unknown_field(name, position)
    if not rest:
        fail("no_value", place, field=name)
    starred = rest.endswith("*")
    bare = rest.rstrip("*")
    quoted = not _BARE.fullmatch(bare)
    value = unquote(bare) if quoted else bare
    if not value.strip():
        fail("empty_value", place, field=name, example=_example(name))
    if name in PARTS:
        return Within(
            cast(Part, name), _term(value, place, quoted=quoted, starred=starred), position
        )
    if name in TEXT_FIELDS:
        if starred and name in {"url", "id", "author"}:
            fail("no_star_in_address" if name == "url" else "no_star_at_all", place, field=name)
        if "*" in value and not quoted:
            fail("star_in_value", place, field=name, beginning=value.partition("*")[0])
        return TextFilter(name, value, starred, position)
    if starred:
        fail("no_star", place, field=name, example=_example(name))
    return _checked_filter(name, value, position, place)


def _checked_filter(name: str, value: str, position: int, place: int) -> Filter:
    if name in NUMBER_FIELDS:
        return _numbers(name, value, position, place)
    readers: dict[str, Callable[[str, int, int], Filter]] = {
        "date": _dates,
        "topic": _topic,
        "fact": _fact,
    }
    if name in readers:
        return readers[name](value, position, place)
    if name == "has":
        return HasFilter(_choice("has", value, THINGS, place), position)
    if name in CHOICES:
        return TextFilter(name, _choice(name, value, CHOICES[name], place), position=position)
    pattern, mistake = CODES[name]
    value = value.lower() if name == "lang" else value.upper()
    if not re.fullmatch(pattern, value):
        fail(mistake, place, value=value)
    return TextFilter(name, value, position=position)


def _fail_unknown_field(name: str, position: int) -> NoReturn:
    near = _OTHER_NAMES.get(name) or next(iter(get_close_matches(name, FIELDS, n=1)), None)
    if near:
        fail("unknown_field_near", position, field=name, near=f"{near}:{_example(near)}")
    fail("unknown_field", position, field=name, known=", ".join(FIELDS))


def _example(name: str) -> str:
    return {
        "topic": "speed",
        "fact": "wait:>=40",
        "sentiment": "negative",
        "rating": "<=2",
        "stars": "1..2",
        "likes": ">=10",
        "nps": "<=6",
        "csat": ">=4",
        "ces": ">=5",
        "date": "2026-03",
        "lang": "ru",
        "country": "LT",
        "kind": "review",
        "case": "open",
        "noise": "advert",
        "has": "reply",
    }.get(name, '"…"')


def _term(value: str, place: int, *, quoted: bool, starred: bool) -> Word | Prefix | Phrase:
    check_words(value, place)
    if starred:
        check_prefix(value, place)
        return Prefix(value, place)
    if "*" in value and not quoted:
        fail("star_in_word", place, beginning=value.partition("*")[0])
    return Phrase(value, place) if quoted else Word(value, place)


def check_words(text: str, position: int) -> None:
    """Refuse text in which no word can be searched for."""
    if not expand(text):
        fail("no_word", position)


def check_prefix(text: str, position: int) -> None:
    """Refuse a beginning that nearly every mention has."""
    last = re.split(r"[\W_]+", text)[-1]
    if len(last) < 2:
        fail("short_beginning", position)


def _choice(name: str, value: str, known: Collection[str], place: int) -> str:
    if value.lower() not in known:
        fail_unknown("unknown_value", place, value, known, field=name, value=value)
    return value.lower()


def _topic(value: str, position: int, place: int) -> TopicFilter:
    topic, colon, polarity = value.lower().partition(":")
    if not re.fullmatch(r"[\w-]+", topic):
        fail("no_topic", place, topic=topic)
    if not colon:
        return TopicFilter(topic, None, position)
    return TopicFilter(
        topic, _choice(f"topic:{topic}", polarity, POLARITIES, place + len(topic) + 1), position
    )


def _fact(value: str, position: int, place: int) -> FactFilter:
    written, colon, bounds = value.lower().partition(":")
    kind = cast(FactKind, _choice("fact", written, FACT_UNITS, place))
    if not colon:
        return FactFilter(kind, position=position)
    place += len(kind) + 1
    if kind in YES_OR_NO:
        answer = _ANSWERS.get(bounds)
        if answer is None:
            fail("no_answer", place, value=bounds, field=f"fact:{kind}")
        return FactFilter(kind, answer, answer, position=position)
    number = _numbers(f"fact:{kind}", bounds, position, place)
    return FactFilter(kind, number.low, number.high, number.exclusive, position)


def check_topics(node: Node, topics: Collection[str]) -> None:
    """Refuse a query with a topic that is not among `topics`."""
    for one in walk(node):
        if isinstance(one, TopicFilter) and one.topic not in topics:
            place = one.position + len("topic:")
            fail_unknown("unknown_topic", place, one.topic, topics, topic=one.topic)


def _numbers(name: str, value: str, position: int, place: int) -> NumberFilter:
    match = _NUMBERS.fullmatch(value)
    if not match or value == "..":
        fail("no_number", place, value=value, field=name)
    sign = match["sign"]
    if match["one"]:
        number = _float(match["one"])
        return NumberFilter(
            name,
            None if sign in {"<", "<="} else number,
            None if sign in {">", ">="} else number,
            sign in {"<", ">"},
            position,
        )
    low = _float(match["low"]) if match["low"] else None
    high = _float(match["high"]) if match["high"] else None
    if low is not None and high is not None and low > high:
        fail("range_backwards", place, field=name, low=match["low"], high=match["high"])
    return NumberFilter(name, low, high, position=position)


def _float(number: str) -> float:
    return float(number.replace(",", ".")) + 0.0  # + 0.0: "-0" is 0


def _dates(value: str, position: int, place: int) -> DateFilter:
    match = _DATES.fullmatch(value)
    if not match or value == "..":
        fail("no_date", place, value=value)
    sign = match["sign"]
    if match["one"]:
        first, last = _period(match["one"], place)
        if sign == "<":
            return DateFilter(None, first - timedelta(days=1), position)
        if sign == "<=":
            return DateFilter(None, last, position)
        if sign == ">":
            return DateFilter(last + timedelta(days=1), None, position)
        return DateFilter(first, None if sign == ">=" else last, position)
    start = _period(match["low"], place)[0] if match["low"] else None
    end = _period(match["high"], place)[1] if match["high"] else None
    if start is not None and end is not None and start > end:
        fail("range_backwards", place, field="date", low=match["low"], high=match["high"])
    return DateFilter(start, end, position)


def _period(text: str, place: int) -> tuple[date, date]:
    """Return the first and the last day of a year, a month or a day."""
    year, month, day = (*(int(part) for part in text.split("-")), 0, 0)[:3]
    if not 1970 <= year <= 2100:
        fail("no_such_year", place, value=str(year))
    try:
        first = date(year, month or 1, day or 1)
        last = date(year, month or 12, day or calendar.monthrange(year, month or 12)[1])
    except ValueError:
        fail("no_such_day", place, value=text)
    return first, last
