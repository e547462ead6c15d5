"""Small models that the arguments of a spider are combined from, and how they are checked."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Annotated, Final, TypeVar
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from crawlers.dates import parse_date
from crawlers.errors import ArgumentError, did_you_mean

# A comma separates addresses only where another address begins: addresses have commas too.
_SEPARATOR: Final = re.compile(r"[,\s]+(?=https?://)", re.IGNORECASE)


def _address(value: str) -> str:
    value = value.strip()
    try:
        parts = urlsplit(value)
        valid = parts.scheme.lower() in {"http", "https"} and bool(parts.hostname)
        _ = parts.port
    except ValueError:
        valid = False
    if not valid or re.search(r"\s", value):
        raise ValueError(f"'{value}' is not an address that begins with http:// or https://")
    return value


def _addresses(value: object) -> object:
    if isinstance(value, str):
        return tuple(part for part in _SEPARATOR.split(value.strip().strip(",")) if part)
    return value


def several(value: object) -> object:
    """Return a text that lists values, with commas or spaces between them, as a tuple."""
    if isinstance(value, str):
        return tuple(part for part in re.split(r"[,\s]+", value) if part)
    return value


def _since(value: object) -> object:
    if not isinstance(value, str):
        return value
    parsed = parse_date(value) if re.match(r"\d{4}-\d\d-\d\d", value.strip()) else None
    if parsed is None:
        raise ValueError(f"'{value}' is not a date such as 2026-01-31")
    return parsed


def _country(value: str) -> str:
    if not re.fullmatch("[A-Za-z]{2}", value):
        raise ValueError(f"'{value}' is not a country code of two letters, such as lt")
    return value.lower()


Address = Annotated[str, AfterValidator(_address)]
Country = Annotated[str, AfterValidator(_country)]


class Parameters(BaseModel):
    """What every spider takes."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    base_url: Address | None = Field(
        default=None,
        title="Other server",
        description="scheme, host and port to use instead of the platform's, such as a replay "
        "server; paths and queries stay, and so do the ids and addresses that are stored",
    )
    max_items: int | None = Field(
        default=None,
        ge=1,
        title="Most mentions",
        description="stop after this many mentions",
    )
    since: Annotated[datetime | None, BeforeValidator(_since)] = Field(
        default=None,
        title="Oldest date",
        description="leave out what is older than this date (YYYY-MM-DD, UTC); what has no date "
        "is kept",
    )


class BrandLabels(BaseModel):
    """Labels that are attached to everything collected."""

    brand: str | None = Field(
        default=None, title="Brand", description="brand to label everything with"
    )
    product: str | None = Field(
        default=None,
        title="Product",
        description="product or service to label everything with; wins over the page's own",
    )


class PlaceLabels(BaseModel):
    """Labels of place that are attached to everything collected."""

    location: str | None = Field(
        default=None,
        title="Branch or city",
        description="branch, shop or city to label everything with",
    )
    country: Country | None = Field(
        default=None,
        title="Country",
        description="country to label everything with, two letters",
    )


class Addresses(BaseModel):
    """One or several pages or feeds."""

    url: Annotated[tuple[Address, ...], BeforeValidator(_addresses), Field(min_length=1)] = Field(
        title="Addresses", description="one address or several, with commas between them"
    )


AnyParameters = TypeVar("AnyParameters", bound=Parameters)


def at_least_one(*names: str) -> Callable[[AnyParameters], AnyParameters]:
    """Return a check for `pydantic.model_validator(mode="after")`: one of `names` must be given."""

    def check(arguments: AnyParameters) -> AnyParameters:
        if not any(getattr(arguments, name) for name in names):
            shown = " or ".join(f"'{name}'" for name in names)
            raise ValueError(f"needs the argument {shown}; give it as -a {names[0]}=…")
        return arguments

    return check


LABELS: Final = ("brand", "product", "location", "country")


def read_arguments(
    spider: str, model: type[AnyParameters], arguments: Mapping[str, object]
) -> AnyParameters:
    """Check `arguments` and return them typed.

    Raises:
        ArgumentError: an argument is unknown, missing or has a wrong value.
    """
    for name in arguments:
        if name not in model.model_fields:
            raise ArgumentError(
                f"{spider} has no argument '{name}'; {did_you_mean(name, model.model_fields)}"
            )
    try:
        # An empty value is what a shell leaves of an unset variable: not given.
        given = {name: value for name, value in arguments.items() if value not in (None, "")}
        return model.model_validate(given)
    except ValidationError as error:
        first = error.errors()[0]
        if not first["loc"]:  # about the arguments together
            together = first["msg"].removeprefix("Value error, ")
            raise ArgumentError(f"{spider} {together}") from None
        name = str(first["loc"][0])
        meaning = model.model_fields[name].description
        if first["type"] == "missing":
            raise ArgumentError(
                f"{spider} needs the argument '{name}' ({meaning}); give it as -a {name}=…"
            ) from None
        what = first["msg"].removeprefix("Value error, ")
        what = what if what[:1] in "'\"" else f"{what[:1].lower()}{what[1:]}"
        raise ArgumentError(
            f"{spider} cannot use {name}={given.get(name)}: {what}; {name} is: {meaning}"
        ) from None
