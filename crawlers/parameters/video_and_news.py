"""Arguments of the spiders of video platforms and news."""

from __future__ import annotations

import re
from typing import Annotated, Final
from urllib.parse import parse_qs, urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from crawlers.parameters.common import BrandLabels, Country, Parameters, at_least_one, several
from crawlers.parameters.stores import Language

_VIDEO: Final = re.compile(r"[\w-]{5,20}", re.ASCII)
_VIDEO_PATH: Final = re.compile(r"/(?:shorts|live|embed|v)/([^/]+)/?|/([^/]+)/?")
_CHANNEL: Final = re.compile(r"(?:https?://[^?#]*/channel/)?(UC[\w-]{22})/?", re.ASCII)


def _video(value: str) -> str:
    name = value
    if "//" in value:
        parts = urlsplit(value)
        match = _VIDEO_PATH.fullmatch(parts.path)
        path = (match[1] or match[2]) if match else ""
        name = parse_qs(parts.query).get("v", [path])[0]
    if not _VIDEO.fullmatch(name):
        raise ValueError(f"'{value}' is not the address of a video, or what follows v= in it")
    return name


def _channel(value: str | None) -> str | None:
    match = _CHANNEL.fullmatch(value or "")
    if value is not None and match is None:
        raise ValueError(
            f"'{value}' is not a channel's id, which begins with UC; the channel's page has it "
            "under Share channel, Copy channel ID"
        )
    return match[1] if match else None


class YouTubeParameters(BrandLabels, Parameters):
    """Arguments of `youtube`."""

    video_id: Annotated[
        tuple[Annotated[str, AfterValidator(_video)], ...] | None, BeforeValidator(several)
    ] = Field(
        default=None,
        title="Videos",
        description="addresses of videos, or what follows v= in them, with commas between them",
    )
    channel_id: Annotated[str | None, AfterValidator(_channel)] = Field(
        default=None,
        title="Channel",
        description="id of a channel, such as UC_x5XG1OV2P6uZZ5FSM9Ttw: comments on all its videos",
    )
    query: str | None = Field(
        default=None,
        title="Words",
        description="with a video or channel: only comments with these words; alone: the newest "
        "videos with these words and all comments on them",
    )
    replies: bool = Field(
        default=True,
        title="All replies",
        description="false for the first five replies to a comment only, which saves quota",
    )
    max_pages: int = Field(
        default=1,
        ge=1,
        le=10,
        title="Pages of videos",
        description="how many pages of fifty videos a search reads; each costs a hundredth of a "
        "day's quota",
    )

    _check = model_validator(mode="after")(at_least_one("query", "video_id", "channel_id"))


class GdeltParameters(BrandLabels, Parameters):
    """Arguments of `gdelt`."""

    query: str = Field(
        title="Words",
        description="articles with these words; GDELT's own filters work, such as "
        'sourcelang:russian, sourcecountry:lithuania or "words in this order"',
    )


class GoogleNewsParameters(BrandLabels, Parameters):
    """Arguments of `google_news`."""

    query: str = Field(
        title="Words",
        description="articles with these words; Google's own filters work, such as "
        "site:delfi.lt or when:7d",
    )
    lang: Language = Field(
        default="en", title="Language", description="language of the edition, such as lt"
    )
    country: Country = Field(
        default="us", title="Country", description="country of the edition, two letters"
    )
