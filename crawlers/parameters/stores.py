"""Arguments of the spiders of app stores, and of Trustpilot's for its customers."""

from __future__ import annotations

import re
from typing import Annotated, Final, Literal
from urllib.parse import parse_qs, urlsplit

from pydantic import AfterValidator, BeforeValidator, Field

from crawlers.parameters.common import BrandLabels, Country, Parameters, PlaceLabels, several

_STEAM_ADDRESS: Final = re.compile(r"https?://[^?#]*/app/(\d+)")
_PACKAGE: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]*(?:\.[A-Za-z0-9_]+)+")
_LANGUAGE: Final = re.compile("[a-z]{2,3}(?:-[A-Za-z0-9]{2,4})?")


def _app_id(value: str) -> str:
    digits = value.strip().removeprefix("id")
    if not re.fullmatch("[0-9]{1,20}", digits):
        raise ValueError(f"'{value}' is not the number that follows 'id' in the app's address")
    return digits


def _steam_app(value: str) -> str:
    match = _STEAM_ADDRESS.match(value)
    number = match[1] if match else value
    if not re.fullmatch("[0-9]{1,20}", number):
        raise ValueError(f"'{value}' is not the number that follows /app/ in the address")
    return number


def _steam_language(value: str) -> str:
    if not re.fullmatch("[A-Za-z]{2,20}", value):
        raise ValueError(f"'{value}' is not a language, such as russian, ru or all")
    return value.lower()


def _package(value: str) -> str:
    if value.lower().startswith(("http://", "https://")):
        value = (parse_qs(urlsplit(value).query).get("id") or [value])[0]
    if not _PACKAGE.fullmatch(value):
        raise ValueError(f"'{value}' is not a package name such as org.example.app")
    return value


def _language(value: str) -> str:
    if not _LANGUAGE.fullmatch(value):
        raise ValueError(f"'{value}' is not a language code, such as ru or pt-BR")
    return value


def _business_unit(value: str) -> str:
    if not re.fullmatch("[0-9A-Za-z]{1,64}", value):
        raise ValueError(f"'{value}' is not an id such as 46d6a890000064000500e0c3")
    return value


Package = Annotated[str, AfterValidator(_package)]
Language = Annotated[str, AfterValidator(_language)]


class AppStoreParameters(BrandLabels, Parameters):
    """Arguments of `app_store`."""

    app_id: Annotated[str, AfterValidator(_app_id)] = Field(
        title="App", description="the number that follows 'id' in the app's App Store address"
    )
    country: Country = Field(
        default="us", title="Store", description="country of the store, two letters"
    )


class AppStoreOwnerParameters(BrandLabels, Parameters):
    """Arguments of `app_store_owner`."""

    app_id: Annotated[str, AfterValidator(_app_id)] = Field(
        title="App", description="the number that follows 'id' in the app's App Store address"
    )


class GooglePlayParameters(BrandLabels, Parameters):
    """Arguments of `google_play`."""

    app_id: Package = Field(
        title="App", description="package name of the app, or its Google Play address"
    )
    lang: Annotated[tuple[Language, ...], BeforeValidator(several), Field(min_length=1)] = Field(
        default="en",
        validate_default=True,
        title="Languages",
        description="language of the reviews, such as ru, or several with commas between them; "
        "Google Play keeps reviews apart by language",
    )
    country: Country | None = Field(
        default=None, title="Store", description="country of the store, two letters"
    )


class GooglePlayOwnerParameters(BrandLabels, Parameters):
    """Arguments of `google_play_owner`."""

    app_id: Package = Field(
        title="App", description="package name of the app, or its Google Play address"
    )
    translation_language: Language | None = Field(
        default=None,
        title="Translation",
        description="have Google translate reviews into this language, such as en; without it "
        "they stay in the writers' own words",
    )


class SteamParameters(BrandLabels, Parameters):
    """Arguments of `steam`."""

    app_id: Annotated[str, AfterValidator(_steam_app)] = Field(
        title="App", description="the number that follows /app/ in the address, or the address"
    )
    language: Annotated[str, AfterValidator(_steam_language)] = Field(
        default="all",
        title="Language",
        description="language of the reviews as Steam names it, such as russian, or its code, "
        "such as ru; all of them by default",
    )
    purchase_type: Literal["all", "steam", "non_steam_purchase"] = Field(
        default="all",
        title="Purchase",
        description="all reviews, or only those of players who bought the app on Steam (steam) or "
        "came by it otherwise (non_steam_purchase)",
    )


class TrustpilotOwnerParameters(BrandLabels, PlaceLabels, Parameters):
    """Arguments of `trustpilot_owner`."""

    business_unit_id: Annotated[str, AfterValidator(_business_unit)] = Field(
        title="Business",
        description="Trustpilot's id of the business, which /v1/business-units/find gives for a "
        "domain",
    )
