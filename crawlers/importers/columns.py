"""Which column holds what, and from a row to a mention. CSV and JSON Lines share it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

from crawlers.errors import ImportFileError
from crawlers.items import digest, http_url, parse_count
from crawlers.ratings import parse_number, parse_rating
from crawlers.text import plain_text, with_points
from mention import KINDS, SCORES, Mention, Reject

if TYPE_CHECKING:
    from crawlers.importers.options import ImportOptions

# field -> names of columns, the surest first; compared without case, ё and punctuation.
FIELDS: Final[dict[str, tuple[str, ...]]] = {
    "text": (
        "text", "review text", "reviewtext", "review body", "review content", "review", "content",
        "body", "comment", "comments", "feedback", "message", "description",
        "текст отзыва", "текст", "отзыв", "комментарий", "сообщение", "содержание",
        "atsiliepimo tekstas", "tekstas", "atsiliepimas", "atsiliepimai", "komentaras", "žinutė",
    ),
    "title": (
        "title", "review title", "headline", "subject", "summary",
        "заголовок", "заголовок отзыва", "тема", "antraštė", "tema",
    ),
    "pros": ("pros", "advantages", "достоинства", "плюсы", "преимущества", "privalumai"),
    "cons": ("cons", "disadvantages", "недостатки", "минусы", "trūkumai"),
    "rating": (
        "rating", "stars", "star rating", "score", "grade", "mark", "review rating",
        "оценка", "рейтинг", "балл", "баллы", "звезды", "звезд", "количество звезд",
        "įvertinimas", "vertinimas", "reitingas", "žvaigždutės", "balas",
    ),
    "date": (
        "date", "published at", "published", "publish date", "review date", "created at", "created",
        "creation date", "timestamp", "datetime", "time", "submitted at",
        "дата", "дата отзыва", "дата публикации", "дата создания", "опубликовано", "время",
        "data", "paskelbta", "sukurta", "laikas",
    ),
    "updated": (
        "updated at", "updated", "modified", "last modified", "дата изменения", "изменено",
        "atnaujinta",
    ),
    "id": (
        "id", "review id", "reviewid", "uuid", "guid", "native id", "номер отзыва", "id отзыва",
        "идентификатор", "ид", "atsiliepimo id",
    ),
    "url": ("url", "link", "review url", "permalink", "ссылка", "адрес страницы", "nuoroda"),
    "author": (
        "author", "author name", "user", "username", "user name", "nickname", "reviewer",
        "reviewer name", "customer", "автор", "имя", "имя автора", "пользователь", "покупатель",
        "клиент", "autorius", "vartotojas", "vardas", "pirkėjas",
    ),
    "lang": ("lang", "language", "язык", "kalba"),
    "brand": ("brand", "company", "бренд", "компания", "марка", "prekės ženklas", "įmonė"),
    "product": (
        "product", "product name", "item", "app", "app name", "service", "товар", "название товара",
        "наименование", "наименование товара", "продукт", "услуга", "prekė", "produktas",
        "paslauga",
    ),
    "location": (
        "location", "branch", "store", "shop", "city", "филиал", "отделение", "магазин", "город",
        "точка", "filialas", "skyrius", "parduotuvė", "miestas",
    ),
    "country": ("country", "country code", "страна", "šalis"),
    "version": ("version", "app version", "app version name", "версия", "versija"),
    "likes": ("likes", "votes", "helpful", "thumbs up", "лайки", "нравится", "полезно", "patinka"),
    "reply": (
        "reply", "reply text", "response", "company reply", "developer reply text",
        "owner response", "ответ", "ответ компании", "ответ продавца", "ответ магазина",
        "atsakymas",
    ),
    "reply_date": (
        "reply date", "reply at", "response date", "developer reply date and time", "дата ответа",
        "atsakymo data",
    ),
    "nps": ("nps", "nps score", "net promoter score", "оценка nps", "nps įvertinimas"),
    "csat": ("csat", "csat score", "оценка csat", "csat įvertinimas"),
    "ces": ("ces", "ces score", "customer effort score", "оценка ces", "ces įvertinimas"),
    "kind": ("kind",),
    "parent": ("parent id", "parent", "in reply to"),
    "rating_min": ("rating min",),
    "rating_max": ("rating max",),
}  # fmt: skip
# One of these makes a row worth reading.
_CONTENT: Final = ("text", "title", "rating", "pros", "cons", *SCORES)
_NO_RATING: Final = frozenset(
    ("", "-", "–", "—", "n/a", "na", "nan", "none", "null", "нет", "нет оценки", "без оценки")
)


def normal(name: str) -> str:
    """Return a column's name for comparison."""
    return " ".join(re.sub(r"[\W_]+", " ", name.lower().replace("ё", "е")).split())


def match_columns(columns: Iterable[str], mapping: Mapping[str, str]) -> dict[str, str]:
    """Return field -> column: what the user says, and for the rest what the names say.

    Raises:
        ImportFileError: the user names a column that is not there, or none of the
            columns holds a text, a title or a rating.
    """
    there = [column for column in columns if column.strip()]
    by_normal = {normal(column): column for column in reversed(there)}
    found: dict[str, str] = {}
    for field, column in mapping.items():
        if column and column not in there and normal(column) not in by_normal:
            raise ImportFileError(f"there is no column '{column}'; there are: {_listed(there)}")
        if column:
            found[field] = column if column in there else by_normal[normal(column)]
    taken = set(found.values())
    for field, names in FIELDS.items():
        if field in mapping:
            continue
        for name in names:
            column = by_normal.get(normal(name), "")
            if column and column not in taken:
                found[field] = column
                taken.add(column)
                break
    if not any(field in found for field in _CONTENT):
        raise ImportFileError(
            f"no column looks like a text, a title, a rating or a score; say which with "
            f"--map text=COLUMN; there are: {_listed(there)}"
        )
    return found


def _listed(columns: list[str]) -> str:
    shown = ", ".join(columns[:20])
    return (shown or "none") + (" …" if len(columns) > 20 else "")


class RowReader:
    """Makes mentions of rows. A reader serves one file: it counts what looks alike."""

    def __init__(self, options: ImportOptions, day_first: bool | None = None) -> None:
        self._context = options.context
        self._scale = (options.rating_min, options.rating_max)
        self._day_first = options.day_first if options.day_first is not None else day_first
        self._alike: Counter[str] = Counter()

    def read(self, values: Mapping[str, Any], where: str, raw: object) -> Mention | Reject:
        """Return the mention of one row.

        Args:
            values: field -> value, for the fields of `FIELDS`.
            where: file and line, for the reject.
            raw: the row, for the reject.
        """
        rating, low, high = self._rating(values)
        if rating is not None and not low <= rating <= high:
            return self._context.reject(
                f"the rating {rating:g} is outside {low:g} to {high:g}; give the scale with "
                "--rating-min and --rating-max",
                where=where,
                raw=raw,
            )
        scores = {name: self._score(name, values) for name in SCORES}
        for name, score in scores.items():
            first, last = SCORES[name]
            if score is not None and not (score.is_integer() and first <= score <= last):
                return self._context.reject(
                    f"{name} {score:g} is no whole number from {first} to {last}; "
                    f"leave the column out with --map {name}=",
                    where=where,
                    raw=raw,
                )
        title, text = plain_text(_text(values.get("title"))), self._body(values)
        author = _text(values.get("author")) or None
        kind = _text(values.get("kind"))
        fields: dict[str, Any] = {
            "kind": kind if kind in KINDS else "review",
            "url": http_url(values.get("url")),
            "title": title or None,
            "text": text,
            "rating": rating,
            "rating_min": low,
            "rating_max": high,
            "published_at": self._date(values.get("date")),
            "updated_at": self._date(values.get("updated")),
            "likes": parse_count(values.get("likes")),
            "reply_text": plain_text(_text(values.get("reply"))) or None,
            "reply_at": self._date(values.get("reply_date")),
            **scores,
        }
        for name in ("lang", "brand", "product", "location", "country", "version"):
            fields[name] = _text(values.get(name)) or None
        if parent := _text(values.get("parent")):
            fields["parent_id"] = self._context.mention_id(parent)
        fields |= self._context.authors.fields(self._context.source, author, author)
        native_id = _text(values.get("id")) or self._hash(fields, author)
        return self._context.mention(native_id, where=where, raw=raw, **fields)

    def _rating(self, values: Mapping[str, Any]) -> tuple[float | None, float, float]:
        low = _number(values.get("rating_min"), self._scale[0])
        high = _number(values.get("rating_max"), self._scale[1])
        written = _text(values.get("rating"))
        if written.lower() in _NO_RATING or not low < high:
            return None, *self._scale
        parsed = parse_rating(written, low, high)
        if parsed is None:
            self._context.problems["rating_unreadable"] += 1
            return None, low, high
        if parsed[0] == 0 and low >= 1:  # how many tables write "not rated"
            return None, low, high
        return parsed

    def _score(self, name: str, values: Mapping[str, Any]) -> float | None:
        """Return a survey score as it is written, on its scale or not."""
        written = _text(values.get(name))
        if written.lower() in _NO_RATING:
            return None
        number = parse_number(written)
        if number is None:
            self._context.problems[f"{name}_unreadable"] += 1
        return number

    def _body(self, values: Mapping[str, Any]) -> str:
        """Return the text, with what stands in columns of its own for good and bad."""
        text, pros, cons = (
            plain_text(_text(values.get(name))) for name in ("text", "pros", "cons")
        )
        return with_points(text, [pros], [cons])

    def _date(self, value: object) -> Any:
        return self._context.date(value, day_first=self._day_first)

    def _hash(self, fields: Mapping[str, Any], author: str | None) -> str:
        """Identify a row by its content. Rows without words are told apart by their number."""
        date = fields["published_at"]
        scores = [fields[name] for name in SCORES]
        key = digest(
            fields["title"],
            fields["text"],
            fields["rating"],
            date.isoformat() if date else None,
            author,
            fields["product"],
            fields["location"],
            # Only where there are any: a row without them keeps the id that it has.
            *(scores if any(one is not None for one in scores) else ()),
        )
        if fields["title"] or fields["text"]:
            return key
        self._alike[key] += 1
        return key if self._alike[key] == 1 else f"{key}-{self._alike[key]}"


def _text(value: object) -> str:
    if value is None or isinstance(value, bool | dict | list):
        return ""
    return str(value).strip()


def _number(value: object, default: float) -> float:
    number = parse_number(value)
    return default if number is None else number
