"""What a question finds, as a file: for spreadsheets and for programs."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from datetime import datetime
from tempfile import TemporaryFile
from threading import Event
from typing import Annotated, Final, Literal, TypeVar
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query
from pydantic import Field
from starlette.responses import StreamingResponse

from dashboard.api.narrowing import Narrowing
from dashboard.downloads import Sending
from dashboard.settings import Asking, Desk
from output.answers import export_rows
from output.footers import whole_footer
from output.rows import pieces, to_json

router = APIRouter(tags=["sheets"])

Format = Literal["csv", "xlsx", "json", "jsonl", "parquet", "footer"]
MEDIA_TYPES: Final[dict[Format, str]] = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json",
    "jsonl": "application/x-ndjson",
    "parquet": "application/vnd.apache.parquet",
    "footer": "application/json",
}
# These are compressed already.
COMPRESSED: Final = (MEDIA_TYPES["xlsx"], MEDIA_TYPES["parquet"])
_ENDINGS: Final[dict[Format, str]] = {"footer": "footer.json"}
_PART: Final = 64 * 1024  # bytes, or characters
Row = TypeVar("Row")


class ExportArguments(Narrowing):
    """What a file is to have, and how it is written."""

    format: Format = Field(
        default="csv",
        description="csv, json and jsonl have rows alone: footer is the file that belongs beside "
        "them, with what was asked and collected, whose labels these are and how good; xlsx and "
        "parquet have it inside",
    )


def _schema(kind: str) -> dict[str, object]:
    """Return what is said of a file of this type; JSON is an array of mentions, or the footer."""
    return {} if kind == "application/json" else {"type": "string", "format": "binary"}


@router.get(
    "/export",
    response_class=StreamingResponse,
    responses={
        200: {
            "description": "A file with every field and the whole current tagging, as "
            "`molva export` writes it",
            "content": {
                kind.partition(";")[0]: {"schema": _schema(kind)} for kind in MEDIA_TYPES.values()
            },
        }
    },
)
async def export(
    asked: Annotated[ExportArguments, Query()], desk: Asking, downloads: Sending
) -> StreamingResponse:
    """Download everything that is found, however much it is."""
    today = datetime.now(ZoneInfo(desk.settings.project.time_zone)).date()

    def write(ended: Event) -> Generator[bytes, None, None]:
        return _parts(desk, asked, ended)

    return await downloads.answer(
        write,
        media_type=MEDIA_TYPES[asked.format],
        name=f"molva-{today}.{_ENDINGS.get(asked.format, asked.format)}",
    )


def _parts(desk: Desk, asked: ExportArguments, ended: Event) -> Generator[bytes, None, None]:
    query, place = asked.query(), desk.settings.place
    with desk.open(patience=None) as mentions:
        if asked.format in {"csv", "json", "jsonl"}:
            rows, columns = export_rows(_until(ended, mentions.scan(query)), asked.format)
            yield from _joined(pieces(rows, asked.format, columns))
            return
        topics = place.project.tagger.topic_codes()
        footer = whole_footer(place, mentions, query, topics=topics)
        if asked.format == "footer":
            yield to_json(footer.as_dict(), indent=2).encode() + b"\n"
            return
        from output.files import write_parquet, write_xlsx

        write_file = write_xlsx if asked.format == "xlsx" else write_parquet
        rows, columns = export_rows(_until(ended, mentions.scan(query)), asked.format)
        # A workbook is not written from its beginning to its end. The file has no name, so
        # that nothing is left of it, whatever happens.
        with TemporaryFile() as file:
            write_file(rows, columns, file, footer)
            file.seek(0)
            while part := file.read(_PART):
                yield part


def _until(ended: Event, rows: Iterable[Row]) -> Iterator[Row]:
    for row in rows:
        if ended.is_set():
            return
        yield row


def _joined(texts: Iterable[str]) -> Iterator[bytes]:
    """Yield texts as larger parts: each costs a change of threads and a packet."""
    waiting: list[str] = []
    size = 0
    for text in texts:
        waiting.append(text)
        size += len(text)
        if size >= _PART:
            yield "".join(waiting).encode()
            waiting, size = [], 0
    if waiting:
        yield "".join(waiting).encode()
