"""Arguments of the spiders of forums and question sites."""

from __future__ import annotations

import re
from typing import Annotated, Final
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from crawlers.parameters.common import BrandLabels, Parameters, at_least_one, several
from crawlers.parameters.social import Instance

_SITE: Final = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)*")
_TAGS: Final = re.compile(r"[\w(),-]+", re.ASCII)


def _item(value: str) -> str:
    match = re.fullmatch(r"(?:https?://[^?#]*/item\?id=)?([0-9]{1,12})", value)
    if match is None:
        raise ValueError(f"'{value}' is not the number at the end of the discussion's address")
    return match[1]


def _topic(value: str) -> str:
    # /t/slug/17/3 is the third post of topic 17; /t/17 is the topic.
    match = re.fullmatch(
        r"(?:https?://[^/]+(?:/.*)?/t/(?:[^/]*[^/\d][^/]*/)?)?(\d{1,12})(?:/\d*)?", value
    )
    if match is None:
        raise ValueError(f"'{value}' is not the address of a topic, or its number")
    return match[1]


def _hacker_news_tags(value: str | None) -> str | None:
    if value is not None and not _TAGS.fullmatch(value):
        raise ValueError(f"'{value}' is no list of tags, such as comment,author_pg")
    return value


def _site(value: str) -> str:
    """Return what the API calls a site that is given by that name or by its address."""
    host = urlsplit(value).netloc if "//" in value else value
    name = host.lower().strip("/").removeprefix("www.")
    name = name.removesuffix(".stackexchange.com").removesuffix(".com")
    if not _SITE.fullmatch(name):
        raise ValueError(f"'{value}' is not a site, such as stackoverflow or ru.stackoverflow")
    return name


class HackerNewsParameters(BrandLabels, Parameters):
    """Arguments of `hackernews`."""

    query: str | None = Field(
        default=None,
        title="Words",
        description="stories and comments with these words; in quotation marks, exactly so",
    )
    tags: Annotated[str | None, AfterValidator(_hacker_news_tags)] = Field(
        default=None,
        title="Tags",
        description="what is searched, in the search's own words: a comma is AND, in brackets it "
        "is OR; such as comment,author_pg; all stories, comments and polls by default",
    )
    item: Annotated[
        tuple[Annotated[str, AfterValidator(_item)], ...] | None, BeforeValidator(several)
    ] = Field(
        default=None,
        title="Discussions",
        description="addresses or numbers of stories whose whole discussion is wanted",
    )

    _check = model_validator(mode="after")(at_least_one("query", "tags", "item"))


class StackExchangeParameters(BrandLabels, Parameters):
    """Arguments of `stackexchange`."""

    site: Annotated[str, AfterValidator(_site)] = Field(
        default="stackoverflow",
        title="Site",
        description="address or name of the site, such as stackoverflow or ru.stackoverflow",
    )
    query: str | None = Field(
        default=None, title="Words", description="questions with these words in title or text"
    )
    tagged: Annotated[tuple[str, ...] | None, BeforeValidator(several)] = Field(
        default=None,
        title="Tags",
        description="questions with this tag, or with one of several, with commas between them",
    )
    answers: bool = Field(
        default=False,
        title="Answers",
        description="true for the answers to the questions too, a request or more for each hundred",
    )
    comments: bool = Field(
        default=False,
        title="Comments",
        description="true for the comments too, a request or more for each hundred texts",
    )

    _check = model_validator(mode="after")(at_least_one("query", "tagged"))


class DiscourseParameters(BrandLabels, Parameters):
    """Arguments of `discourse`."""

    instance: Instance = Field(
        title="Forum", description="the server of the forum, such as meta.discourse.org"
    )
    query: str | None = Field(
        default=None,
        title="Words",
        description="posts with these words; Discourse's own filters work, such as #support or "
        "@user; without query and topic the newest posts of the forum",
    )
    topic: Annotated[
        tuple[Annotated[str, AfterValidator(_topic)], ...] | None, BeforeValidator(several)
    ] = Field(
        default=None,
        title="Topics",
        description="addresses or numbers of topics that are wanted whole",
    )
