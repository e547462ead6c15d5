"""The options of commands that count over time: length of a bucket, split, fewest mentions."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

import click

from commands import Command

if TYPE_CHECKING:
    from index.base import Period, Split

# As `index.base` has them, which takes too long to load for a help text.
PERIODS: Final[tuple[Period, ...]] = ("day", "week", "month", "quarter")
SPLITS: Final[tuple[Split, ...]] = ("source", "brand", "location", "product", "lang", "stars")


def period_option(command: Command) -> Command:
    """The option `--by`, as the argument `period`."""
    return click.option(
        "--by",
        "period",
        type=click.Choice(PERIODS),
        default="month",
        show_default=True,
        help="Length of a bucket; weeks begin on Monday.",
    )(command)


def split_option(*splits: Split) -> Callable[[Command], Command]:
    """The option `--split`, for all splits or those given."""
    kinds = click.Choice(splits or SPLITS)

    def with_split(command: Command) -> Command:
        return click.option("--split", type=kinds, help="A line for each of these.")(command)

    return with_split


def minimum_option(command: Command) -> Command:
    """The option `--minimum`: with how many mentions a figure is given."""
    option: Any = click.option(
        "--minimum",
        type=click.IntRange(min=1),
        default=10,
        show_default=True,
        help="With fewer mentions there is 'not enough data'.",
    )
    decorated: Command = option(command)
    return decorated
