"""Trends as pictures: two small panels a topic, how many above and how bad below.

Drawn with matplotlib's object interface: no pyplot, so no display and no state. The same
rows give the same bytes. Colours are those of Okabe, M. and Ito, K. (2008), Color Universal
Design, which people tell apart whatever colours they see; lines have dashes and markers of
their own as well, for print.
"""

from __future__ import annotations

import io
import itertools
import math
import textwrap
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from mention import UserError
from output.rows import shortened

if TYPE_CHECKING:
    from answers.estimates import Estimate
    from answers.trends import TrendRow
    from output.footer import Footer

_LOOKS: Final = (
    ("#0072b2", "-", "o"),
    ("#d55e00", "--", "s"),
    ("#009e73", "-.", "^"),
    ("#cc79a7", ":", "D"),
    ("#e69f00", "-", "v"),
    ("#56b4e9", "--", "P"),
    ("#000000", "-.", "X"),
    ("#7f7f7f", ":", "*"),
)
MOST_GROUPS: Final = len(_LOOKS)
MOST_TOPICS: Final = 30
_ACROSS: Final = 3
# Inches: of the panels of a topic, of a line of the footer, of the legend.
_WIDTH, _HEIGHT, _LINE, _LEGEND = 4.2, 3.0, 0.125, 0.35
_CHARACTERS: Final = 78  # of the footer in the width of a topic
_LABEL: Final = 40  # characters of a label
_DPI: Final = 150
_MUTED: Final[dict[str, Any]] = {"ha": "center", "va": "center", "color": "#777777"}
_STYLE: Final[dict[str, Any]] = {
    "font.family": "DejaVu Sans",  # comes with matplotlib; has Cyrillic and Lithuanian letters
    "font.size": 8,
    "text.parse_math": False,  # a dollar sign in a name is a dollar sign
    "svg.hashsalt": "molva",  # names of shapes are the same every time
    "svg.fonttype": "none",  # text stays text, to be searched and copied
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
}


class ChartError(UserError):
    """What cannot be drawn; the message is one sentence and the next step."""


@dataclass(slots=True)
class _Line:
    """One line with its band; NaN makes a gap in both."""

    days: list[date] = field(default_factory=list)
    values: list[float] = field(default_factory=list)
    lows: list[float] = field(default_factory=list)
    highs: list[float] = field(default_factory=list)
    bounds: list[bool] = field(default_factory=list)  # whether a value is only a lower bound

    def add(self, row: TrendRow, estimate: Estimate) -> None:
        numbers = (estimate.value, estimate.low, estimate.high)
        value, low, high = (math.nan if one is None else one for one in numbers)
        self.days.append(row.point.start)
        self.values.append(value)
        self.lows.append(low)
        self.highs.append(high)
        self.bounds.append(row.coverage is not None and not row.coverage.known)

    def is_alone(self, place: int) -> bool:
        """Whether a value has a gap, or nothing, on both sides."""
        here, *beside = (self.values[at] for at in (place, place - 1, place + 1) if self._has(at))
        return not math.isnan(here) and all(map(math.isnan, beside))

    def _has(self, place: int) -> bool:
        return 0 <= place < len(self.values)


def trend_chart(
    rows: Sequence[TrendRow], image_format: str, split: str | None, footer: Footer
) -> bytes:
    """Return a picture of a trend as PNG or SVG.

    Intervals are bands. Periods that were not collected, and shares of too few mentions, are
    gaps; the former are grey as well. Hollow markers are lower bounds.

    Args:
        rows: from `answers.trends.trend_rows`.
        image_format: png or svg.
        split: what the lines of a panel are; None for one line.
        footer: stands below.

    Raises:
        ChartError: there is nothing to draw, or too much for one picture.
    """
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    topics = list(dict.fromkeys(row.point.topic for row in rows))
    groups = list(dict.fromkeys(row.point.group for row in rows))
    _check(topics, groups, split)
    across = min(_ACROSS, len(topics))
    down = math.ceil(len(topics) / across)
    about = _footer_lines(footer, across)
    legend = _LEGEND * math.ceil(len(groups) / (2 * across)) if split else 0.0
    below = _LINE * (len(about) + 1)
    width, height = across * _WIDTH, down * _HEIGHT + legend + below
    by_topic: dict[str | None, list[TrendRow]] = defaultdict(list)
    for row in rows:
        by_topic[row.point.topic].append(row)
    with rc_context(_STYLE):
        figure = Figure(figsize=(width, height))
        # Margins of our own: a layout that is solved for differs in the last digit every time.
        grid = figure.add_gridspec(
            down,
            across,
            left=0.7 / width,
            right=1 - 0.15 / width,
            top=1 - (legend + 0.3) / height,
            bottom=(below + 0.35) / height,
            wspace=0.24,
            hspace=0.32,
        )
        for place, topic in enumerate(topics):
            cell = grid[place // across, place % across].subgridspec(
                2, 1, height_ratios=(3, 2), hspace=0.15
            )
            _draw_topic(figure, cell, by_topic[topic], groups)
        figure.align_ylabels()
        if split:
            _draw_legend(figure, groups, split, across)
        figure.text(0.01, 0.5 * _LINE / height, "\n".join(about), fontsize=7, color="#444444")
        return _saved(figure, image_format, footer)


def _check(topics: Sequence[str | None], groups: Sequence[str | None], split: str | None) -> None:
    if not topics:
        raise ChartError("there is nothing to draw: is the store tagged? 'molva tag' does it")
    if len(groups) > MOST_GROUPS:
        raise ChartError(
            f"a chart tells {MOST_GROUPS} lines apart and there are {len(groups)}; narrow the "
            f"query to some of each {split}, or write a table"
        )
    if len(topics) > MOST_TOPICS:
        raise ChartError(
            f"a chart has room for {MOST_TOPICS} topics and there are {len(topics)}; choose some "
            "with --topic"
        )


def _draw_topic(
    figure: Any, cell: Any, rows: Sequence[TrendRow], groups: Sequence[str | None]
) -> None:
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
    from matplotlib.ticker import MaxNLocator, PercentFormatter

    above = figure.add_subplot(cell[0])
    below = figure.add_subplot(cell[1], sharex=above)
    is_empty = True
    for place, group in enumerate(groups):
        counts, shares = _Line(), _Line()
        for row in rows:
            if row.point.group == group:
                counts.add(row, row.count)
                shares.add(row, row.share_negative)
        _draw_line(above, counts, place)
        _draw_line(below, shares, place)
        is_empty = is_empty and all(map(math.isnan, shares.values))
    if is_empty:
        below.text(0.5, 0.5, "not enough data", transform=below.transAxes, **_MUTED)
    _draw_gaps((above, below), rows)
    above.set_title(_label(rows[0].point.topic or "overall"), loc="left", fontweight="bold")
    above.set_ylabel("mentions")
    above.set_ylim(bottom=0)
    above.yaxis.set_major_locator(MaxNLocator(4, integer=True))
    above.tick_params(labelbottom=False)
    below.set_ylabel("negative")
    below.set_ylim(0, 1)
    below.yaxis.set_major_formatter(PercentFormatter(1))
    locator = AutoDateLocator(minticks=3, maxticks=6)
    below.xaxis.set_major_locator(locator)
    below.xaxis.set_major_formatter(ConciseDateFormatter(locator))
    for axes in (above, below):
        axes.grid(color="#dddddd", linewidth=0.6)


def _draw_line(axes: Any, line: _Line, place: int) -> None:
    color, dashes, marker = _LOOKS[place]
    axes.fill_between(line.days, line.lows, line.highs, color=color, alpha=0.18, linewidth=0)
    # A band has no width at a point between two gaps: there it becomes a line.
    alone = [at for at, _ in enumerate(line.days) if line.is_alone(at)]
    lows, highs = [line.lows[at] for at in alone], [line.highs[at] for at in alone]
    axes.vlines([line.days[at] for at in alone], lows, highs, color=color, alpha=0.4, linewidth=2)
    axes.plot(line.days, line.values, color=color, linestyle=dashes, linewidth=1.3)
    for is_bound in (False, True):
        some = [at for at, bound in enumerate(line.bounds) if bound == is_bound]
        axes.plot(
            [line.days[at] for at in some],
            [line.values[at] for at in some],
            color=color,
            linestyle="none",
            marker=marker,
            markersize=3,
            markerfacecolor="white" if is_bound else color,
            # Whole also where 0 and 100 % lie on the edge.
            clip_on=False,
            zorder=3,
        )


def _draw_gaps(panels: Sequence[Any], rows: Sequence[TrendRow]) -> None:
    """Shade the periods of which nothing is known, in no group."""
    from matplotlib.dates import date2num

    starts = sorted({row.point.start for row in rows})
    known = {row.point.start for row in rows if not row.is_unknown}
    numbers = [float(date2num(start)) for start in starts]
    middles = [(one + other) / 2 for one, other in itertools.pairwise(numbers)]
    lefts, rights = [numbers[0], *middles], [*middles, numbers[-1]]
    for start, left, right in zip(starts, lefts, rights, strict=True):
        if start not in known:
            for axes in panels:
                axes.axvspan(left, right, color="#e6e6e6", linewidth=0)


def _draw_legend(figure: Any, groups: Sequence[str | None], split: str, across: int) -> None:
    from matplotlib.lines import Line2D

    lines = [
        Line2D([], [], color=color, linestyle=dashes, marker=marker, markersize=4)
        for color, dashes, marker in _LOOKS[: len(groups)]
    ]
    legend = figure.legend(
        lines,
        [str(place) for place, _ in enumerate(groups)],
        loc="upper left",
        ncols=min(len(groups), 2 * across),
        frameon=False,
        title=None,
    )
    # A name that begins with '_' would be left out of a legend, were it given as a label.
    for text, group in zip(legend.get_texts(), groups, strict=True):
        text.set_text(_label(group or f"no {split}"))


def _label(text: str) -> str:
    return shortened(text, _LABEL)


def _footer_lines(footer: Footer, across: int) -> list[str]:
    meaning = "line: number · band: 95 % interval · gap: too few to tell · grey: not collected"
    lines = [*footer.lines(), meaning]
    return [part for line in lines for part in textwrap.wrap(line, _CHARACTERS * across)]


def _saved(figure: Any, image_format: str, footer: Footer) -> bytes:
    about = " | ".join(footer.lines())
    # Without the moment it was made, so that the same chart is the same file.
    metadata: dict[str, str | None] = {"Title": "Molva trend", "Description": about}
    if image_format == "svg":
        metadata |= {"Date": None}
    buffer = io.BytesIO()
    figure.savefig(buffer, format=image_format, dpi=_DPI, metadata=metadata)
    return buffer.getvalue()
