"""A store as a year of two brands leaves it, for tests of the page. Deterministic but for the day.

`fill` writes it, with the project file beside it. Everything is placed by the last Sunday, so
that there is a last whole week whatever the day is.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from random import Random
from typing import Any, Final

from click.testing import CliRunner

from cli import cli
from crawlers.listing import EARLIEST, Reach
from index import open_store
from index.cases import CaseEvent
from index.rows import microseconds
from index.sqlite import SqliteStore
from mention import Correction, Mention, Tagging
from nlp import adverts, facts
from nlp.weights import verify
from project import Source, load
from tests.answers.recorded import record, record_file
from tests.dashboard.phrases import ADVERT, COPIED, CRISIS, ENDINGS, OPENINGS, PHRASES, REPLIES

PARUS, MAYAK = "Парус", "Маяк"
PLACES: Final = ("Вильнюс, Центр", "Каунас, Пристань", "Клайпеда, Порт")
# The tagger that labels are of: the one that ships, so that it can be asked why. And one before.
MODEL, VERSION = verify("fast")
OLD_VERSION = "1.0.0"
PROJECT: Final = f"""
store = "molva.sqlite"
model = "fast"
[[brands]]
name = "{PARUS}"
own = true
[[brands]]
name = "{MAYAK}"
[[sources]]
spider = "app_store"
app_id = "100000000001"
brand = "{PARUS}"
every = "1w"
[[sources]]
spider = "app_store"
app_id = "100000000002"
brand = "{MAYAK}"
every = "1w"
[[sources]]
spider = "twogis"
branch_id = "70000001"
brand = "{PARUS}"
every = "1w"
[[sources]]
spider = "twogis"
branch_id = "70000002"
brand = "{MAYAK}"
every = "1w"
[[sources]]
spider = "rss"
url = "https://forum.example/feed"
every = "1w"
"""
WEEKS: Final = 52
# Weeks before the last whole one in which nothing was read, and in which twogis was not.
OUTAGE: Final = range(30, 33)
UNREAD: Final = range(17, 22)
# Weeks ago: from then on the newer tagger has labelled.
RETAGGED: Final = 9
EMOJI = "🙂👍 "  # characters of two UTF-16 units each, before words that are found

# Names of mentions that tests look for.
ANSWERED, UNANSWERED, CONFLICT = "app_store:answered", "app_store:unanswered", "twogis:conflict"
CORRECTED, EDITED, CASE = "app_store:corrected", "app_store:edited", "twogis:case"
COPY, SPAM, ASTRAL = "rss:copy", "rss:advert", "app_store:astral"
GERMAN, PENDING = "app_store:german", "app_store:pending"
# Texts that a careless page would run, follow or be broken by.
HOSTILE: Final[dict[str, dict[str, str]]] = {
    "rss:script": {
        "title": "<script>alert('title')</script>",
        "text": "<img src=x onerror=alert(1)><script>alert('text')</script> Доставка <b>опоздала",
    },
    "rss:breakers": {"text": "</script><!-- ${alert(2)} {{7*7}} \u2028 &lt;b&gt; javascript:alert"},
    "rss:formula": {"text": '=HYPERLINK("https://evil.example";"Доставка")', "title": "@SUM(1+1)"},
    "rss:rtl": {"text": "Доставка опоздала \u200f שלום עולם 123 مرحبا \u200e и ещё раз опоздала"},
    "rss:long": {"text": "Доставка" + "а" * 100_000},
    "rss:zalgo": {"text": "До\u0301\u0301ста\u0336вка \u200b\u200d опоздала " + "e\u0301" * 40},
    "rss:\"'<&>/?#%00 й": {
        "text": "Доставка опоздала, а отзыв с кавычками в имени",
        "url": 'https://evil.example/"onmouseover="alert(4)',
        "location": "<svg onload=alert(5)>",
        "product": "'\"><i>курсив</i>",
    },
}  # fmt: skip

Sentence = tuple[str, str]  # what it says, and its labels: "delivery- price+"
Sample = tuple[Mention, str | None, Sequence[Sentence]]


def last_sunday() -> date:
    """Return the last day of the last whole week."""
    today = datetime.now(UTC).date()
    return today - timedelta(days=today.isoweekday())


def moment(weeks: int, day: int = 6, hour: int = 12) -> datetime:
    """Return a time of a week: `weeks` before the last whole one, `day` 0 (Monday) to 6."""
    monday = last_sunday() - timedelta(days=6)
    return datetime.combine(monday, time(hour), UTC) + timedelta(weeks=-weeks, days=day)


def fill(path: Path) -> None:
    """Write the samples into a new store, and `molva.toml` beside it."""
    project = path.with_name("molva.toml")
    project.write_text(PROJECT, encoding="utf-8")
    samples = list(_samples())
    before = [one for one in samples if _published(one) < moment(RETAGGED, 0, 0)]
    with open_store(path) as store:
        store.upsert([mention for mention, _, _ in samples])
        _tag(store, before, OLD_VERSION)
        _move_taggings(path, moment(WEEKS, 0))
        _tag(store, samples, VERSION)
        _move_taggings(path, moment(RETAGGED, 0))
        _record_runs(store, load(project).sources)
        _speak(store)
        book = store.noise()
        book.prepare(adverts.VERSION)
        for _ in book.examine(adverts.reasons):
            pass
    asked = ["alerts", "--on", str(last_sunday()), "--store", str(path), "--config", str(project)]
    looked = CliRunner().invoke(cli, asked)
    assert looked.exit_code == 4, (looked.output, looked.exception)


# --- what people write ----------------------------------------------------------
def _samples() -> Iterator[Sample]:
    chance = Random(8)
    number = 0
    for week in range(WEEKS, -1, -1):
        for one in range(18 if week < 2 else 6):
            source = ("app_store", "twogis", "rss")[(number := number + 1) % 3]
            if week not in OUTAGE and not (week in UNREAD and source == "twogis"):
                yield _ordinary(chance, f"{source}:{number}", moment(week, one % 7, 8 + one % 11))
    for one in range(24):
        text = CRISIS[one % len(CRISIS)].format(n=2 + one)
        day = moment(0, 4 + one // 8, 6 + one % 8)
        yield _sample(f"app_store:crisis-{one}", day, "negative", (text, "delivery-"), rating=1.0)
    for number, score in enumerate((10, 9, 3, 7, 10, 0, 8, 9, 6, 10, 2, 9)):
        yield _sample(f"survey:{number}", moment(4 * number, 2), None, nps=score)
    yield from _singular()
    yield from _hostile()


def _ordinary(chance: Random, name: str, day: datetime) -> Sample:
    lang = chance.choice(("ru", "ru", "ru", "en", "lt"))
    brand, place = chance.choice((PARUS, PARUS, MAYAK)), chance.choice(PLACES)
    # A competitor has fewer complaints, and of delivery both have few.
    is_bad = chance.random() < (0.5 if brand == PARUS else 0.35)
    topics = chance.sample([*PHRASES, *list(PHRASES)[1:]], 2)
    signs = {topics[0]: "-" if is_bad else "+"}
    if chance.random() < 0.4:
        signs[topics[1]] = chance.choice("+-")
    told = [(chance.choice(OPENINGS[lang]), "")]
    told += [(PHRASES[topic][sign][lang], f"{topic}{sign}") for topic, sign in signs.items()]
    told.append((chance.choice(ENDINGS[lang]), ""))
    told = [(text.format(n=chance.randint(2, 50), place=place), labels) for text, labels in told]
    sentiment = "mixed" if len(set(signs.values())) > 1 else "negative" if is_bad else "positive"
    source = name.partition(":")[0]
    values: dict[str, Any] = {"brand": brand, "lang": lang, "likes": chance.choice((None, 0, 3))}
    if source != "rss":
        ratings = {"negative": (1, 2), "mixed": (2, 3, 4), "positive": (4, 5)}
        values["rating"] = float(chance.choice(ratings[sentiment]))
        if is_bad and chance.random() < 0.5:
            values |= {"reply_text": REPLIES[lang], "reply_at": day + timedelta(days=2)}
    if source == "twogis":
        values["location"] = place
    if source == "rss":
        values |= {"kind": "post", "title": f"{brand}: {told[1][0].split(',')[0]}"}
    return _sample(name, day, sentiment, *told, **values)


def _singular() -> Iterator[Sample]:
    """Yield what there is one of."""
    late: Sentence = ("Доставка опоздала на неделю.", "delivery-")
    rude: Sentence = ("Оператор нагрубил.", "politeness-")
    answer = {"reply_text": REPLIES["ru"], "reply_at": moment(0, 3)}
    yield _sample(ANSWERED, moment(0, 1), "negative", late, rating=2.0, **answer)
    yield _sample(UNANSWERED, moment(0, 2), "negative", late, rude, rating=1.0)
    yield _sample(CONFLICT, moment(1), "negative", rude, rating=5.0, location=PLACES[0])
    yield _sample(CORRECTED, moment(1, 3), "negative", late, ("Зато цена хорошая.", "price+"))
    yield _sample(EDITED, moment(2), "negative", ("Возврат оформили за час.", "returns-"))
    yield _sample(CASE, moment(0, 3), "negative", rude, late, rating=1.0, location=PLACES[1])
    yield _sample(
        ASTRAL, moment(1, 5), "mixed", (f"{EMOJI}Кассир вежливый, спасибо 🙂.", "politeness+"),
        (f"{EMOJI}Доставка опоздала 😡 на день.", "delivery-"), rating=3.0,
    )  # fmt: skip
    for name, day in (("rss:original", 3), (COPY, 4)):
        yield _sample(name, moment(3, day), "negative", (COPIED, "delivery- returns-"))
    yield _sample(SPAM, moment(2, 4), "neutral", (ADVERT, ""))
    german = "Die Lieferung kam leider viel zu spät und das Paket war kaputt."
    yield _sample(GERMAN, moment(2, 1), None, (german, ""), lang="de")
    yield _sample(PENDING, moment(0, 6), None, ("Ещё никто не прочёл этот отзыв.", ""))


def _hostile() -> Iterator[Sample]:
    for number, (name, values) in enumerate(HOSTILE.items()):
        rest = {key: value for key, value in values.items() if key != "text"}
        said = (values["text"], "delivery-")
        yield _sample(name, moment(0, 0, 1 + number), "negative", said, **rest)


def _sample(
    name: str, day: datetime, sentiment: str | None, *sentences: Sentence, **values: Any
) -> Sample:
    source, _, number = name.partition(":")
    fields = {
        "id": name,
        "source": source,
        "text": " ".join(text for text, _ in sentences),
        "brand": PARUS,
        "lang": "ru",
        "published_at": day,
        "collected_at": day + timedelta(hours=3),
    }
    if number.isalnum():
        fields["url"] = f"https://{source.replace('_', '-')}.example/{number}"
    return Mention.model_validate(fields | values), sentiment, sentences


# --- what a tagger says ---------------------------------------------------------
def _tag(store: SqliteStore, samples: Sequence[Sample], version: str) -> None:
    tagged = [one for one in samples if one[0].id != PENDING]
    store.add_taggings([(one[0].content_hash, _tagging(one, version)) for one in tagged])


def _tagging(sample: Sample, version: str) -> Tagging:
    mention, sentiment, sentences = sample
    polarity = {"+": "positive", "-": "negative"}
    told, start = [], 0
    for number, (text, labels) in enumerate(sentences):
        # The older tagger knew no mixed feelings: it heard the first thing that was said.
        heard = [] if version == OLD_VERSION and number > 1 else labels.split()
        topics = [
            {"topic": one[:-1], "polarity": polarity[one[-1]], "confidence": 0.93 - 0.04 * number}
            for one in heard
        ]
        told.append({"start": start, "end": start + len(text), "topics": topics})
        start += len(text) + 1
    reason = None if sentiment else "language" if mention.text else "empty"
    values = {
        "mention_id": mention.id,
        "lang": mention.lang if mention.text else None,
        "sentiment": sentiment,
        "score": {"positive": 0.8, "negative": -0.8}.get(sentiment, 0.0) if sentiment else None,
        "confidence": 0.87 if sentiment else None,
        "sentences": told if sentiment else (),
        "facts": facts.find_in_mention(mention.title, mention.text, mention.lang),
        "facts_version": facts.VERSION,
        "model": MODEL,
        "model_version": version,
        "taxonomy_version": "1.0",
        "untagged_reason": reason,
    }
    return Tagging.model_validate(values)


def _move_taggings(path: Path, day: datetime) -> None:
    """Let what was tagged just now have been tagged on a day that has passed."""
    now = microseconds(datetime.now(UTC) - timedelta(hours=1))
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(
            "UPDATE tagging SET tagged_at = ? WHERE tagged_at > ?", (microseconds(day), now)
        )


def _published(sample: Sample) -> datetime:
    day = sample[0].published_at
    assert day is not None
    return day


# --- what collectors and people did ---------------------------------------------
def _record_runs(store: SqliteStore, sources: Sequence[Source]) -> None:
    """Every Monday each source was read for the week before, but for what was not."""
    for week in range(WEEKS, -1, -1):
        monday = moment(week, 7, 0)
        since = EARLIEST if week == WEEKS else monday - timedelta(days=8)
        for source in sources:
            if week in OUTAGE or (week in UNREAD and source.spider == "twogis"):
                continue
            # It covers what was published before it began.
            record(store, source, monday, Reach(since), counts={"items": 12, "new": 2})
    record(
        store, sources[-1], moment(0, 7, 0) + timedelta(seconds=1), None, "failed",
        {"items": 0, "new": 0}, ["the server answered 503 to 9 of 10 requests"],
    )  # fmt: skip
    record_file(store, "survey", moment(4 * 12), moment(0))


def _speak(store: SqliteStore) -> None:
    """Enter what people said: corrections, an edit, a case."""
    edited = store.get(EDITED)
    assert edited is not None
    values = edited.mention.model_dump(exclude={"stars", "content_hash"})
    values |= {"text": "Возврат оформили за час, а деньги пришли через месяц."}
    again = Mention.model_validate(values | {"collected_at": moment(0, 4)})
    store.upsert([again])
    _tag(store, [(again, "negative", [(again.text, "returns-")])], VERSION)
    ledger = store.ledger()
    said = {"mention_id": CORRECTED, "author": "Анна", "made_at": moment(0, 5)}
    ledger.correct(Correction.model_validate(said | {"sentiment": "positive"}))
    ledger.undo(CORRECTED, author="Анна", note="поторопилась")
    note = "в тексте есть и хорошее"
    ledger.correct(Correction.model_validate(said | {"sentiment": "mixed", "note": note}))
    for hour, values in enumerate(
        ({"status": "open", "owner": "Анна"}, {"status": "waiting", "note": "ждём склад"})
    ):
        event = {"mention_id": CASE, "author": "Анна", "at": moment(0, 4, 10 + hour)} | values
        ledger.enter(CaseEvent.model_validate(event))
    done = {"mention_id": ANSWERED, "author": "Борис", "at": moment(0, 4), "status": "done"}
    ledger.enter(CaseEvent.model_validate(done))
