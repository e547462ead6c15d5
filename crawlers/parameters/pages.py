"""Arguments of the spiders of web pages and feeds of any site."""

from __future__ import annotations

from pydantic import Field

from crawlers.parameters.common import Addresses, BrandLabels, Parameters, PlaceLabels


class SchemaOrgParameters(Addresses, BrandLabels, PlaceLabels, Parameters):
    """Arguments of `schema_org`."""

    max_pages: int = Field(
        default=100,
        ge=1,
        title="Most pages",
        description="follow the pager for at most this many pages from each address",
    )


class RssParameters(Addresses, BrandLabels, PlaceLabels, Parameters):
    """Arguments of `rss`."""

    max_pages: int = Field(
        default=10,
        ge=1,
        title="Most pages",
        description="follow a feed's rel=next for at most this many pages",
    )
