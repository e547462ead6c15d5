"""Importing CSV and JSON Lines as people's programs write them."""

from __future__ import annotations

import bz2
import contextlib
import csv
import gzip
import io
import json
import lzma
import tracemalloc
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers import ImportFileError
from crawlers.importers import import_file
from mention import Mention, Reject

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def to_file(content: str | bytes, name: str = "reviews.csv", encoding: str = "utf-8") -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode(encoding) if isinstance(content, str) else content)
        return path

    return to_file


def read(path: Path, *args: Any, **options: Any) -> tuple[list[Mention], list[Reject]]:
    items = list(import_file(path, *args, author_salt="salt", **options))
    return (
        [one for one in items if isinstance(one, Mention)],
        [one for one in items if isinstance(one, Reject)],
    )


RUSSIAN = """\
Дата отзыва;Автор;Оценка;Заголовок;Текст отзыва;Достоинства;Недостатки;Город;Ответ компании
03.04.2026;Ольга;4,5;Неплохо;"Привезли, но поздно.
Курьер извинился ""словами"".";Вежливые;Долго;Тверь;Спасибо!
04.04.2026 10:30;Пётр;1;;Нахамили;;;Тверь;
"""


def test_russian_spreadsheet(write: Write) -> None:
    (first, second), rejects = read(write(RUSSIAN))
    assert rejects == []
    assert first.title == "Неплохо"
    assert first.text == ('Привезли, но поздно.\nКурьер извинился "словами".\n+ Вежливые\n− Долго')
    assert (first.rating, first.location, first.reply_text) == (4.5, "Тверь", "Спасибо!")
    assert first.published_at == datetime(2026, 4, 3, tzinfo=UTC)
    assert second.published_at == datetime(2026, 4, 4, 10, 30, tzinfo=UTC)
    assert first.source == "import"
    assert first.author_id
    assert first.author_name is None


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "cp1251", "utf-16", "utf-16-le", "koi8-r"]
)
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_encodings_and_delimiters(write: Write, encoding: str, delimiter: str) -> None:
    table = io.StringIO()
    rows = csv.writer(table, delimiter=delimiter)
    rows.writerow(["id", "дата", "оценка", "текст"])
    texts = [f"Отзыв {n}: долго, {delimiter} дорого; невкусно | всё" for n in range(20)]
    for number, text in enumerate(texts):
        rows.writerow([number, "2026-03-01", "3,5", text])
    found, rejects = read(write(table.getvalue(), encoding=encoding))
    assert rejects == []
    assert [one.text for one in found] == texts
    assert {one.rating for one in found} == {3.5}


def test_lithuanian_and_english_names(write: Write) -> None:
    (one,), _ = read(
        write("Data,Įvertinimas,Atsiliepimas,Miestas\n2026-03-01,4,Greitai atvežė,Kaunas\n")
    )
    assert (one.rating, one.text, one.location) == (4, "Greitai atvežė", "Kaunas")
    (one,), _ = read(write("Review ID,Star Rating,Review Text,App Version Name\n9,2,Slow,4.1\n"))
    assert (one.id, one.rating, one.text, one.version) == ("import:9", 2, "Slow", "4.1")


def test_texts_alone_keep_their_commas(write: Write) -> None:
    found, _ = read(write("текст\nХорошо, быстро\nПлохо; медленно\n"))
    assert [one.text for one in found] == ["Хорошо, быстро", "Плохо; медленно"]


def test_slashes_follow_the_column_and_dots_are_day_first(write: Write) -> None:
    def dates(*written: str, **options: Any) -> list[str]:
        table = "date,text\n" + "".join(f"{one},x\n" for one in written)
        found, _ = read(write(table), **options)
        return [f"{one.published_at:%m-%d}" for one in found if one.published_at]

    assert dates("03/04/2026", "05/04/2026") == ["03-04", "05-04"]
    assert dates("03/04/2026", "25/04/2026") == ["04-03", "04-25"]
    assert dates("03/04/2026", "04/25/2026") == ["03-04", "04-25"]
    assert dates("03.04.2026") == ["04-03"]
    assert dates("03/04/2026", day_first=True) == ["04-03"]


def test_rows_that_cannot_become_mentions_name_their_line(write: Write) -> None:
    path = write(
        'id,rating,text\n1,5,"две\nстроки"\n2,,\n\n3,9,оценка вне шкалы\n4,2,a,b,c\n5,3,хорошо\n'
    )
    found, rejects = read(path)
    assert [one.id for one in found] == ["import:1", "import:5"]
    assert [one.where for one in rejects] == [f"{path}:4", f"{path}:6", f"{path}:7"]
    assert ["no text" in rejects[0].reason, "--rating-max" in rejects[1].reason] == [True, True]
    assert "5 values for 3 columns" in rejects[2].reason


def test_unclosed_quote_is_told_and_what_is_before_it_is_kept(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    from crawlers.importers import csv_file

    monkeypatch.setattr(csv_file, "MAX_FIELD", 2000)
    rows = "".join(f"{n},текст {n}\n" for n in range(300))
    found, rejects = read(write('id,text\n1,хорошо\n2,"не закрыта\n' + rows))
    assert found[0].text == "хорошо"
    assert "quote" in rejects[0].reason
    assert found[-1].text == "текст 299"


def test_scale_mapping_and_labels(write: Write) -> None:
    path = write(
        "Балл,Комментарий,Что-то\n9,Отлично,x\n0,Без оценки,y\n80%,Проценты,z\n5 из 7,Из,z\n"
    )
    found, _ = read(
        path, rating_max=10, labels={"brand": "Парус", "country": "lt"}, source="bank_2026"
    )
    assert [(one.rating, one.rating_max) for one in found] == [
        (9, 10),
        (None, 10),
        (80, 100),
        (5, 7),
    ]
    assert {(one.brand, one.country, one.source) for one in found} == {("Парус", "LT", "bank_2026")}
    (first, *_), _ = read(path, mapping={"text": "что-то", "rating": ""})
    assert (first.text, first.rating) == ("x", None)


def test_what_is_half_understood_is_counted(write: Write) -> None:
    problems: Counter[str] = Counter()
    found, rejects = read(
        write("date,rating,text\nскоро,хорошо,Текст\n-,n/a,Ещё\n"), problems=problems
    )
    assert (len(found), rejects) == (2, [])
    assert problems == {"date_unreadable": 2, "rating_unreadable": 1}


def test_same_file_twice_gives_the_same_ids_and_equal_ratings_stay_apart(write: Write) -> None:
    path = write(
        "date,rating,text\n2026-03-01,5,\n2026-03-01,5,\n2026-03-01,5,Да\n2026-03-01,5,Да\n"
    )
    first, _ = read(path)
    again, _ = read(path)
    assert [one.id for one in first] == [one.id for one in again]
    assert len({one.id for one in first}) == 3  # two bare ratings, and one text written twice


@pytest.mark.parametrize("opener", [gzip.open, bz2.open, lzma.open])
def test_compressed_files_are_read_directly(tmp_path: Path, opener: Any) -> None:
    ending = {gzip.open: "gz", bz2.open: "bz2", lzma.open: "xz"}[opener]
    path = tmp_path / f"отзывы.csv.{ending}"
    with opener(path, "wt", encoding="cp1251") as stream:
        stream.write(RUSSIAN)
    assert len(read(path)[0]) == 2
    damaged = tmp_path / f"damaged.csv.{ending}"
    damaged.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(ImportFileError, match="damaged"):
        read(damaged)


def test_files_that_cannot_be_read_say_what_to_do(write: Write, tmp_path: Path) -> None:
    cases = [
        (tmp_path / "missing.csv", "no file"),
        (tmp_path, "folder"),
        (write("", "empty.csv"), "empty"),
        (write("\n\n\n", "blank.csv"), "no rows"),
        (write(b"PK\x03\x04....", "table.xlsx"), "save the sheet as CSV"),
        (write(b"\x89PNG\r\n\x1a\n", "picture.csv"), "picture"),
        (write(bytes(range(256)) * 100, "noise.csv"), "not a text"),
        (write("a,b,c\n1,2,3\n", "columns.csv"), "--map text=COLUMN"),
        (write('[{"text": "x"}]', "list.json"), "one object a line"),
        (write('{"text": "x"}\n', "wide.jsonl", "utf-16"), "UTF-16"),
    ]
    for path, words in cases:
        with pytest.raises(ImportFileError, match=words):
            read(path)
    path = write("text\nx\n")
    for options, words in [
        ({"mapping": {"texts": "text"}}, "did you mean 'text'"),
        ({"mapping": {"text": "Отзыв"}}, "no column 'Отзыв'; there are: text"),
        ({"labels": {"brnd": "x"}}, "did you mean 'brand'"),
        ({"labels": {"kind": "reviews"}}, "did you mean 'review'"),
        ({"source": "Мой банк"}, "lower-case"),
        ({"rating_max": 0}, "lowest rating"),
        ({"file_format": "xls"}, "no format 'xls'"),
    ]:
        with pytest.raises(ImportFileError, match=words):
            read(path, **options)


def test_json_lines(write: Write) -> None:
    lines = [
        json.dumps(
            {"id": 7, "lang": "ru", "domain": "bank", "title": "Т", "text": "А", "rating": 4}
        ),
        "{broken",
        "[1, 2]",
        "",
        json.dumps({"body": "Другие ключи", "stars": "2", "created_at": 1700000000}),
        json.dumps({"id": 8, "unrelated": 1}),
        json.dumps({"review": "<p>Из <b>HTML</b></p>", "nested": {"text": "x"}}),
    ]
    path = write("\n".join(lines).encode() + b'\n{"text": "\xff"}\n', "data.jsonl")
    found, rejects = read(path)
    assert [(one.text, one.rating) for one in found] == [
        ("А", 4),
        ("Другие ключи", 2),
        ("Из HTML", None),
    ]
    assert (found[0].id, found[0].lang, found[0].title) == ("import:7", "ru", "Т")
    assert found[1].published_at == datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
    assert [str(one.where).rpartition(":")[2] for one in rejects] == ["2", "3", "6", "8"]


def test_molvas_own_export_comes_back_as_it_was(write: Write) -> None:
    mention = Mention(
        id="app_store:5",
        source="app_store",
        title="Т",
        text="Текст",
        rating=7,
        rating_max=10,
        published_at=datetime(2026, 3, 1, tzinfo=UTC),
        author_id="abc",
        author_name="Ольга",
        likes=3,
        reply_text="Спасибо",
    )
    record = mention.model_dump(mode="json") | {"tagging": {"sentiment": "negative"}, "new": 1}
    assert {"stars", "content_hash"} <= record.keys()
    path = write(json.dumps(record, ensure_ascii=False) + "\n", "export.jsonl")
    (back,), _ = read(path, store_author_names=True)
    assert back == mention
    (nameless,), _ = read(path)
    assert nameless == mention.model_copy(update={"author_name": None})


def test_saved_page(write: Write) -> None:
    page = (Path(__file__).parent / "pages" / "shop_graph.html").read_text(encoding="utf-8")
    found, _ = read(write(page, "page.html"))
    assert len(found) == 7
    assert found[0].url is None
    saved = "<!-- saved from url=(0031)https://shop.example.org/p/1/ -->" + page
    found, _ = read(write(saved, "page.html"), source="shop")
    assert found[0].url == "https://shop.example.org/p/1/"
    assert found[0].source == "shop"
    _, (reject,) = read(write("<html><body>x</body></html>", "none.html"))
    assert "no schema.org reviews" in reject.reason


def test_format_is_guessed_without_an_ending(write: Write) -> None:
    for content, count in [
        ('{"text": "x"}\n', 1),
        ("text\nx\ny\n", 2),
        ("From a Mon Nov  7 18:44:27 2016\nSubject: s\n\nbody\n", 1),
        ("Subject: s\nFrom: a@b\n\nbody\n", 1),
    ]:
        assert len(read(write(content, "file"))[0]) == count


def test_a_large_file_takes_little_memory(tmp_path: Path) -> None:
    for name, head, row in [
        ("big.csv", "id,text\n", "{0},Доставка опоздала на {0} дней\n"),
        ("big.jsonl", "", '{{"id": {0}, "text": "Доставка опоздала на {0} дней"}}\n'),
    ]:
        path = tmp_path / name
        with path.open("w", encoding="utf-8") as stream:
            stream.write(head)
            stream.writelines(row.format(number) for number in range(30_000))
        tracemalloc.start()
        count = sum(1 for _ in zip(import_file(path), range(5000), strict=False))
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert count == 5000
        assert peak < 20_000_000


cells = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=30)


@given(st.lists(st.tuples(cells, cells, cells), min_size=1, max_size=8), st.sampled_from(",;\t|"))
def test_any_table_gives_a_mention_or_a_reject_for_every_row(
    rows: list[tuple[str, str, str]], delimiter: str
) -> None:
    import tempfile

    table = io.StringIO()
    writer = csv.writer(table, delimiter=delimiter)
    writer.writerow(["rating", "text", "date"])
    writer.writerows(rows)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "t.csv"
        path.write_text(table.getvalue(), encoding="utf-8")
        items = list(import_file(path))
    filled = sum(any(cell.strip() for cell in row) for row in rows)
    assert len(items) == filled


@given(st.binary(max_size=300))
def test_any_bytes_give_items_or_one_sentence(content: bytes) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "t"
        path.write_bytes(content)
        for file_format in (None, "csv", "jsonl", "mbox", "html"):
            with contextlib.suppress(ImportFileError):
                for item in import_file(path, file_format):
                    assert isinstance(item, Mention | Reject)


def test_survey_scores_are_columns_like_others(write: Write) -> None:
    content = "Дата;Оценка;CSAT;Комментарий\n03.04.2026;9;4;Хорошо\n03.04.2026;3;;Хорошо\n"
    content += "04.04.2026;0;5;\n04.04.2026;0;5;\n"
    path = write(content)
    mentions, rejects = read(path, mapping={"nps": "Оценка"})
    assert rejects == []
    assert [(one.nps, one.csat, one.rating) for one in mentions] == [
        (9, 4, None),
        (3, None, None),
        (0, 5, None),
        (0, 5, None),
    ]
    assert len({one.id for one in mentions}) == 4
    assert [one.id for one in read(path, mapping={"nps": "Оценка"})[0]] == [
        one.id for one in mentions
    ]


def test_a_score_that_cannot_be_read_is_counted_and_the_text_kept(write: Write) -> None:
    problems: Counter[str] = Counter()
    path = write('{"text": "Хорошо", "nps": "не знаю", "ces": null}\n', "answers.jsonl")
    (mention,), rejects = read(path, problems=problems)
    assert rejects == []
    assert (mention.nps, mention.ces) == (None, None)
    assert problems == {"nps_unreadable": 1}
