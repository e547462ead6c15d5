"""How numbers with intervals are shown, and the columns that they have in data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from output.rows import Column, Kind, signed

if TYPE_CHECKING:
    from answers.estimates import Estimate

TOO_FEW: Final = "not enough data"


def plain_columns(kind: Kind, *keys: str) -> tuple[Column, ...]:
    """Return columns of one kind, headed by their keys."""
    return tuple(Column(key, key, kind=kind) for key in keys)


def estimate_columns(kind: Kind, key: str) -> tuple[Column, ...]:
    """Return the columns of `Estimate.as_row`."""
    return plain_columns(kind, key, f"{key}_low", f"{key}_high")


def show_share(estimate: Estimate) -> str:
    """Show a share of 0–1 with its interval, as whole percentages."""
    if estimate.value is None or estimate.low is None or estimate.high is None:
        return TOO_FEW
    return f"{estimate.value:.0%} ({100 * estimate.low:.0f}–{100 * estimate.high:.0f})"


def show_signed(estimate: Estimate) -> str:
    """Show a number that may be negative with its interval, to hundredths."""
    if estimate.value is None:
        return TOO_FEW
    return f"{signed(estimate.value)} ({signed(estimate.low)} to {signed(estimate.high)})"


def show_points(estimate: Estimate) -> str:
    """Show the difference of two shares with its interval, in percentage points."""
    if estimate.value is None or estimate.low is None or estimate.high is None:
        return TOO_FEW
    value, low, high = (100 * part for part in (estimate.value, estimate.low, estimate.high))
    return f"{value:+.0f} pp ({low:+.0f} to {high:+.0f})"


def estimate_in(row: Mapping[str, Any], key: str) -> Estimate:
    """Return the estimate that a row has under `key`, as `Estimate.as_row` put it there."""
    from answers.estimates import Estimate

    return Estimate(row[key], row[f"{key}_low"], row[f"{key}_high"])
