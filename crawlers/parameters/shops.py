"""Arguments of the spiders of shops and marketplaces."""

from __future__ import annotations

import re
from typing import Annotated, Final

from pydantic import AfterValidator, Field, model_validator

from crawlers.parameters.common import BrandLabels, Parameters, at_least_one

_WILDBERRIES: Final = re.compile(r"https?://[^?#]*/catalog/(\d+)")


def _number(value: str | None) -> str | None:
    match = _WILDBERRIES.match(value or "")
    number = match[1] if match else value
    if number is not None and not re.fullmatch("[0-9]{1,18}", number):
        raise ValueError(f"'{value}' is not a number, such as 211723794")
    return number


class WildberriesParameters(BrandLabels, Parameters):
    """Arguments of `wildberries`."""

    nm_id: Annotated[str | None, AfterValidator(_number)] = Field(
        default=None,
        title="Article",
        description="the number that follows /catalog/ in the product's address",
    )
    imt_id: Annotated[str | None, AfterValidator(_number)] = Field(
        default=None,
        title="Product group",
        description="the number (imtId, root) that the product's variants share; found by nm_id "
        "where it is not given",
    )

    _check = model_validator(mode="after")(at_least_one("nm_id", "imt_id"))


class WildberriesOwnerParameters(BrandLabels, Parameters):
    """Arguments of `wildberries_owner`."""

    nm_id: Annotated[str | None, AfterValidator(_number)] = Field(
        default=None, title="Article", description="of one of your products only; else of all"
    )
    questions: bool = Field(
        default=False, title="Questions", description="true for customers' questions too"
    )
    archive: bool = Field(
        default=False,
        title="Archive",
        description="true for archived reviews too: answered ones, those without words, and those "
        "left alone for thirty days",
    )


class OzonOwnerParameters(BrandLabels, Parameters):
    """Arguments of `ozon_owner`."""

    likes: bool = Field(
        default=False,
        title="Likes",
        description="true for the likes of reviews too, which takes a request for each review",
    )


class YandexMarketOwnerParameters(BrandLabels, Parameters):
    """Arguments of `yandex_market_owner`."""

    business_id: Annotated[str, AfterValidator(_number)] = Field(
        title="Business", description="the number of your cabinet, in its settings"
    )
