/** Charts of trends as uPlot draws them: lines with bands, and bars above and below a line. */

import { number } from "../../i18n.js";
import uPlot from "../../vendor/uplot.js";
import { ticks } from "./buckets.js";
import { drawBand, drawChanges, drawGaps, drawLittle, drawPoints, drawZero } from "./chart_layers.js";
import { DASHES } from "./chart_look.js";
import { valueText } from "./values.js";

/** More bands than these hide each other; then only that of the line that is looked at is drawn. */
const MOST_BANDS = { small: 1, large: 3 };
const LEFT = { small: 38, large: 52 };
const RIGHT = { small: 12, large: 22 };
const FOOT = 40;
const RADIUS = { small: 2, large: 2.75 };
/** Height of a name beside an axis with some room around, in CSS pixels. */
const ROOM_OF_NAME = 22;
/** Opacity, as the end of a colour, of lines beside the one that is looked at. */
const FAINT = "66";
/** Ticks of counts are whole. */
const WHOLE = [1, 2, 5].flatMap((one) => [1, 10, 100, 1e3, 1e4, 1e5, 1e6].map((ten) => one * ten)).sort((a, b) => a - b);
// Where the cursor stands is decided by who shows the chart, for pointers and for keys alike; and a
// click on a chart goes on to the link around it.
const DEAF = Object.fromEntries(
  ["mousedown", "mouseup", "click", "dblclick", "mousemove", "mouseleave", "mouseenter"].map((name) => [name, () => null]),
);

/**
 * @typedef {object} Frame What the charts of one answer have in common.
 * @property {string[]} starts first days of the buckets
 * @property {"day"|"week"|"month"|"quarter"} period
 * @property {number[]} gaps places of buckets that were not collected, for any group
 * @property {{place: number, label: string}[]} changes of the model
 * @property {"small"|"large"} size
 * @property {boolean} hasFoot whether the names of the buckets stand below
 */

/**
 * @param {Frame} frame
 * @param {{measure: string, lines: import("./data.js").Cell[][], range: [number, number],
 *   watched?: () => number|null}} drawn
 *   watched: the line that is looked at, where it is one of several
 * @returns {(look: import("./chart_look.js").Look) => {options: object, data: object[]}}
 */
export function linesPlot(frame, { measure, lines, range, watched = () => null }) {
  return (look) => {
    const color = (at) => look.lines[at];
    const little = lines.length === 1 ? placesOf(lines[0], "little") : [];
    const isFaint = (at) => watched() !== null && watched() !== at;
    const under = (u) => {
      // Of several lines, what was not collected of the one that is looked at.
      drawGaps(u, watched() === null ? frame.gaps : placesOf(lines[watched()], "unknown"), look.hatch);
      lines.forEach((cells, at) => {
        const isDrawn = lines.length <= MOST_BANDS[frame.size] ? !isFaint(at) : watched() === at;
        if (isDrawn) drawBand(u, cells, color(at), 0.17);
      });
      drawZero(u, look.quiet);
    };
    const over = (u) => {
      drawLittle(u, little, look.quiet);
      lines.forEach((cells, at) => {
        if (!isFaint(at)) drawPoints(u, cells, { color: color(at), paper: look.paper, radius: RADIUS[frame.size] });
      });
    };
    return {
      data: [frame.starts.map((_, at) => at), ...lines.map((cells) => cells.map(({ value }) => value))],
      options: {
        ...base(frame, look, range),
        axes: axes(frame, look, (value) => valueText(measure, value), measure === "mentions" ? { incrs: WHOLE } : {}),
        series: [
          {},
          ...lines.map((_, at) => ({
            stroke: () => (isFaint(at) ? `${color(at)}${FAINT}` : color(at)),
            width: frame.size === "large" ? 2 : 1.75,
            dash: DASHES[at],
            points: { show: false },
          })),
        ],
        hooks: hooks(frame, look, under, over),
      },
    };
  };
}

/**
 * Compliments above the line, complaints below; hollow where they are only lower bounds.
 * @param {Frame} frame
 * @param {{cells: import("./data.js").Cell[], range: [number, number]}} drawn
 * @returns {(look: import("./chart_look.js").Look) => {options: object, data: object[]}}
 */
export function mirroredPlot(frame, { cells, range }) {
  const bars = (name, sign, isBound) =>
    cells.map(({ row }) => (row?.[name] && (row.coverage === "partly") === isBound ? sign * row[name] : null));
  return (look) => {
    const kinds = [
      ["positive", 1, look.positive],
      ["negative", -1, look.negative],
    ];
    const paths = uPlot.paths.bars({ size: [0.78, 36 * window.devicePixelRatio], radius: 0.12 });
    const drawn = kinds.flatMap(([name, sign, color]) => [
      { data: bars(name, sign, false), series: { fill: color, stroke: color, width: 0 } },
      { data: bars(name, sign, true), series: { fill: `${color}22`, stroke: color, width: 1 } },
    ]);
    return {
      data: [frame.starts.map((_, at) => at), ...drawn.map(({ data }) => data)],
      options: {
        ...base(frame, look, range),
        axes: axes(frame, look, (value) => number(Math.abs(value)), {
          ...(frame.size === "small" ? { splits: ends } : { incrs: WHOLE, space: 20 }),
        }),
        series: [{}, ...drawn.map(({ series }) => ({ ...series, paths, points: { show: false } }))],
        hooks: hooks(frame, look, (u) => drawGaps(u, frame.gaps, look.hatch), (u) => drawZero(u, look.quiet)),
      },
    };
  };
}

const placesOf = (cells, wanted) => cells.flatMap(({ state }, at) => (state === wanted ? [at] : []));

function base(frame, look, range) {
  const most = frame.starts.length;
  return {
    padding: [8, RIGHT[frame.size], frame.hasFoot ? 0 : 6, 0],
    scales: { x: { time: false, range: () => [-0.5, most - 0.5] }, y: { range: () => range } },
    cursor: { y: false, drag: { x: false, y: false, click: () => {} }, points: { show: false }, bind: DEAF },
  };
}

/** Name the line and the highest bars, as far as their names do not touch. */
function ends(u, _axis, min, max) {
  const room = ((max - min) * ROOM_OF_NAME) / u.height;
  return [Math.ceil(min), 0, Math.floor(max)].filter((value) => value === 0 || Math.abs(value) > room);
}

function axes(frame, look, name, left) {
  const common = { stroke: look.quiet, font: look.font };
  const named = (u) => ticks(frame.starts, frame.period, u.width - LEFT[frame.size] - RIGHT[frame.size]);
  return [
    {
      ...common,
      show: frame.hasFoot,
      size: FOOT,
      gap: 3,
      grid: { show: false },
      ticks: { stroke: look.grid, width: 1, size: 4 },
      splits: (u) => named(u).map(({ at }) => at),
      values: (u) => named(u).map(({ label }) => label),
    },
    {
      ...common,
      size: LEFT[frame.size],
      gap: 4,
      space: frame.size === "large" ? 36 : 30,
      grid: { stroke: look.grid, width: 1 },
      ticks: { show: false },
      values: (u, splits) => splits.map(name),
      ...left,
    },
  ];
}

function hooks(frame, look, under, over) {
  return {
    drawAxes: [under],
    draw: [
      over,
      (u) => drawChanges(u, frame.changes, { color: look.change, paper: look.paper, font: look.font }),
    ],
  };
}
