"""Topics over time: for charts, and as files."""

from __future__ import annotations

import io
from collections.abc import Generator
from datetime import date, datetime
from threading import Event, Lock
from typing import Annotated, Final, Literal
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field
from starlette.responses import Response

from answers.estimates import MINIMUM
from answers.trends import TrendRow as Row
from dashboard.api import MOST_COUNTED
from dashboard.api.narrowing import Narrowing, Values
from dashboard.api.rows import TrendRow, encoded
from dashboard.api.said import Said, all_said, said
from dashboard.downloads import Sending
from dashboard.settings import PATIENCE, Asking, Desk
from index.base import MentionIndex, Period, Split
from output.footer import Footer
from output.footers import model_changes_of
from output.rows import pieces
from output.trending import Asked
from output.trends import trend_columns

router = APIRouter(tags=["trends"])

MOST_ROWS: Final = 10_000
TrendFormat = Literal["csv", "xlsx", "json", "png", "svg"]
_MEDIA_TYPES: Final[dict[TrendFormat, str]] = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json",
    "png": "image/png",
    "svg": "image/svg+xml",
}
# Drawing changes settings that the whole process shares.
_drawing: Final = Lock()


class TrendArguments(Narrowing):
    """What is counted, and by what."""

    period: Period = Field(default="month", description="length of a bucket")
    only: Values = Field(
        default_factory=list, description="codes of the topics to show; none: all that occur"
    )
    overall: bool = Field(default=False, description="whole mentions, not topics")
    split: Split | None = Field(default=None, description="a line for each of these")
    minimum: int = Field(
        default=MINIMUM, ge=1, le=10_000, description="with fewer mentions a share is not given"
    )

    def topics(self, desk: Desk) -> tuple[str, ...] | None:
        """Return what `MentionIndex.trends` takes as topics.

        Raises:
            TopicError: there is no such topic.
        """
        chosen = desk.settings.project.tagger.check_topics(self.only)
        return () if self.overall else chosen or None

    def asked(self, desk: Desk, mentions: MentionIndex, most: int | None) -> Asked:
        """Return what is asked of `mentions`, of which at most `most` are counted.

        Raises:
            QueryError: the query cannot be understood.
        """
        return Asked(
            desk.settings.place,
            mentions,
            self.query(),
            self.period,
            self.split,
            self.minimum,
            limit=MOST_ROWS,
            most=most,
        )


class TrendExport(TrendArguments):
    """A trend as a file."""

    format: TrendFormat = Field(default="csv", description="of the file")


class ModelChange(BaseModel):
    """A day on which the labels changed with the model."""

    day: date = Field(description="UTC")
    before: Said = Field(description="name, version and taxonomy of the tagger before")
    after: Said = Field(description="those of the tagger after")


class Trends(BaseModel):
    """A trend with all that is known of how far it holds."""

    query: str = Field(description="all that narrowed it, as one query")
    period: Period = Field(description="length of a bucket")
    rows: list[TrendRow] = Field(
        description=f"by topic, group and day; more than {MOST_ROWS} are an error"
    )
    model_changes: list[ModelChange] = Field(description="where lines may jump for that reason")
    reasons: list[Said] = Field(description="those that the rows give, each once")
    coverage: Said = Field(description="how much of it was collected")
    labels: list[Said] = Field(description="whose labels were counted, and how many mentions have")
    notes: list[Said] = Field(description="what else there is to know")


@router.get("/trends", response_model=Trends)
def trends(arguments: Annotated[TrendArguments, Query()], desk: Asking) -> Response:
    """Topics, or whole mentions, by day, week, month or quarter.

    Of many mentions a random sample is counted; a note says so, and the intervals are as wide
    as that makes them.
    """
    rows, footer = _counted(arguments, desk, at_once=True)
    changes = model_changes_of(desk.settings.place)
    return encoded({
        "query": footer.query,
        "period": arguments.period,
        "rows": [row.as_row() for row in rows],
        "model_changes": [
            {"day": day, "before": said(before), "after": said(after)}
            for day, before, after in changes
        ],
        "reasons": all_said(row.reason for row in rows if row.reason is not None),
        "coverage": said(footer.coverage),
        "labels": all_said(one.remark for one in footer.labels),
        "notes": all_said(footer.notes),
    })  # fmt: skip


@router.get(
    "/trends/export",
    response_class=Response,
    responses={200: {"content": {kind: {} for kind in _MEDIA_TYPES.values()}}},
)
async def export(
    arguments: Annotated[TrendExport, Query()], desk: Asking, downloads: Sending
) -> Response:
    """The same as a file, of all mentions: data, a workbook or a picture.

    Workbooks and pictures have inside what `/trends` says of how far the numbers hold.
    """
    today = datetime.now(ZoneInfo(desk.settings.project.time_zone)).date()

    def write(_ended: Event) -> Generator[bytes, None, None]:
        rows, footer = _counted(arguments, desk, at_once=False)
        yield _file(rows, arguments, footer)

    # Seconds of counting and drawing: not by the threads that answer questions.
    return await downloads.answer(
        write,
        media_type=_MEDIA_TYPES[arguments.format],
        name=f"molva-trends-{today}.{arguments.format}",
    )


def _counted(arguments: TrendArguments, desk: Desk, *, at_once: bool) -> tuple[list[Row], Footer]:
    """Count, of many mentions at once a sample, and say how far it holds."""
    topics = arguments.topics(desk)
    with desk.open(patience=PATIENCE if at_once else None) as mentions:
        asked = arguments.asked(desk, mentions, MOST_COUNTED if at_once else None)
        answer = asked.trend(topics)
        return answer.rows, asked.footer(answer)


def _file(rows: list[Row], arguments: TrendExport, footer: Footer) -> bytes:
    if arguments.format in {"png", "svg"}:
        from output.charts import trend_chart

        with _drawing:
            return trend_chart(rows, arguments.format, arguments.split, footer)
    columns = trend_columns(arguments.split)
    shown = (row.as_row() for row in rows)
    if arguments.format != "xlsx":
        return "".join(pieces(shown, arguments.format, columns)).encode()
    from output.files import write_xlsx

    book = io.BytesIO()
    write_xlsx(shown, columns, book, footer)
    return book.getvalue()
