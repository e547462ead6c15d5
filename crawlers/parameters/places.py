"""Arguments of the spiders of maps and places."""

from __future__ import annotations

import re
from typing import Annotated, Final

from pydantic import AfterValidator, Field

from crawlers.parameters.common import BrandLabels, Parameters, PlaceLabels

_FIRM: Final = re.compile(r"https?://[^?#]*/firm/(\d+)")
_BUSINESS: Final = re.compile(r"https?://[^?#]*/biz/([^/?#]+)")
_LOCATION: Final = re.compile(r"https?://[^?#]*-d(\d+)-")


def _branch(value: str) -> str:
    match = _FIRM.match(value)
    branch = match[1] if match else value
    if not re.fullmatch("[0-9]{1,30}", branch):
        raise ValueError(f"'{value}' is not the number that follows /firm/ in the address")
    return branch


def _place(value: str) -> str:
    place = value.removeprefix("places/")
    if not re.fullmatch(r"[\w-]{1,300}", place, re.ASCII):
        raise ValueError(f"'{value}' is not a place id such as ChIJN1t_tDeuEmsRUsoyG83frY4")
    return place


def _business(value: str) -> str:
    match = _BUSINESS.match(value)
    business = match[1] if match else value
    if not re.fullmatch(r"[^\s/?#]{1,200}", business):
        raise ValueError(f"'{value}' is not what follows /biz/ in the address")
    return business


def _location(value: str) -> str:
    match = _LOCATION.match(value)
    location = match[1] if match else value.removeprefix("d")
    if not re.fullmatch("[0-9]{1,20}", location):
        raise ValueError(f"'{value}' is not the number that follows -d in the address")
    return location


def _locale(value: str) -> str:
    if not re.fullmatch("[a-z]{2,3}_[A-Z]{2}", value):
        raise ValueError(f"'{value}' is not a language and a country, such as de_DE")
    return value


def _language(value: str) -> str:
    if not re.fullmatch("[a-zA-Z]{2,3}(_[a-zA-Z]{2,4})?", value):
        raise ValueError(f"'{value}' is not a language code, such as lt")
    return value


class TwoGisParameters(BrandLabels, PlaceLabels, Parameters):
    """Arguments of `twogis`."""

    branch_id: Annotated[str, AfterValidator(_branch)] = Field(
        title="Branch",
        description="the number that follows /firm/ in the branch's address on 2gis.ru, or the "
        "address itself",
    )


class GooglePlacesParameters(BrandLabels, PlaceLabels, Parameters):
    """Arguments of `google_places`."""

    place_id: Annotated[str, AfterValidator(_place)] = Field(
        title="Place", description="Google's id of the place, such as ChIJN1t_tDeuEmsRUsoyG83frY4"
    )


class YelpParameters(BrandLabels, PlaceLabels, Parameters):
    """Arguments of `yelp`."""

    business_id: Annotated[str, AfterValidator(_business)] = Field(
        title="Business",
        description="Yelp's id of the business, or what follows /biz/ in its address",
    )
    locale: Annotated[str | None, AfterValidator(lambda value: value and _locale(value))] = Field(
        default=None,
        title="Language and country",
        description="language and country of the reviews, such as de_DE; Yelp's default is en_US",
    )


class TripAdvisorParameters(BrandLabels, PlaceLabels, Parameters):
    """Arguments of `tripadvisor`."""

    location_id: Annotated[str, AfterValidator(_location)] = Field(
        title="Location",
        description="the number that follows -d in the location's address on tripadvisor.com, or "
        "the address itself",
    )
    language: Annotated[str, AfterValidator(_language)] = Field(
        default="en", title="Language", description="language of the reviews, such as en or ru"
    )
