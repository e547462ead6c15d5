/** Rows of a trend as series, and what each bucket of them can tell. */

/** The topic of rows that count whole mentions. */
export const OVERALL = "(overall)";
/** What can be shown of a bucket, each with its column. */
export const MEASURES = {
  mentions: "count",
  share_negative: "share_negative",
  net_sentiment: "net_sentiment",
  average_stars: "average_stars",
  share: "share",
};
/** More lines than these nobody tells apart; the picture that is downloaded has as many. */
export const MOST_GROUPS = 8;

/**
 * @typedef {object} Cell One bucket of one line.
 * @property {"known"|"bound"|"little"|"unknown"|"none"} state known: the value holds; bound:
 *   collected in part, so that counts are lower bounds; little: too few mentions to tell;
 *   unknown: not collected; none: the answer says nothing of it
 * @property {number|null} value null unless known or bound
 * @property {number|null} low of the 95 % interval
 * @property {number|null} high
 * @property {object|null} row as the interface gave it
 */

/**
 * Put rows in order.
 * @param {object[]} rows of GET /trends
 * @param {string|null} split what the groups are
 * @returns {{starts: string[], groups: (string|null)[], topics: string[],
 *   rowOf: (topic: string, group: string|null, start: string) => object|null}}
 *   starts: first days of the buckets, ascending; groups, topics: those with most mentions first,
 *   but stars by their number
 */
export function arranged(rows, split) {
  const found = new Map(rows.map((row) => [keyOf(row.topic, row.group, row.start), row]));
  const groups = summed(rows, "group", "mentions");
  const topics = summed(rows, "topic", "count");
  return {
    starts: [...new Set(rows.map((row) => row.start))].sort(),
    groups:
      split === "stars" ? [...groups.keys()].sort((one, other) => Number(other) - Number(one)) : byNumber(groups),
    topics: byNumber(topics),
    rowOf: (topic, group, start) => found.get(keyOf(topic, group, start)) ?? null,
  };
}

/**
 * @param {object|null} row
 * @param {keyof MEASURES} measure
 * @returns {Cell}
 */
export function cellOf(row, measure) {
  if (row === null) return { state: "none", value: null, low: null, high: null, row };
  const name = MEASURES[measure];
  const value = row[name];
  if (row.coverage === "unknown") return { state: "unknown", value: null, low: null, high: null, row };
  if (value === null) return { state: "little", value: null, low: null, high: null, row };
  const state = row.coverage === "partly" ? "bound" : "known";
  return { state, value, low: row[`${name}_low`] ?? null, high: row[`${name}_high`] ?? null, row };
}

/**
 * Say what a line does.
 * @param {Cell[]} cells
 * @returns {{lowest: number, highest: number, last: number, before: number|null}|null} places of
 *   the cells; before: the bucket that the last one is compared with, null where either was
 *   collected in part or nothing is known right before; null where no bucket has a value
 */
export function extremes(cells) {
  const places = cells.flatMap(({ value }, at) => (value === null ? [] : [at]));
  if (!places.length) return null;
  const whole = cells.findLastIndex(({ state }) => state === "known");
  const isComparable = whole > 0 && cells[whole - 1].state === "known";
  // Of a bucket that was collected in part nobody knows how low it is.
  const sure = places.filter((at) => cells[at].state === "known");
  return {
    lowest: (sure.length ? sure : places).reduce((best, at) => (cells[at].value < cells[best].value ? at : best)),
    highest: places.reduce((best, at) => (cells[at].value > cells[best].value ? at : best)),
    last: isComparable ? whole : places.at(-1),
    before: isComparable ? whole - 1 : null,
  };
}

/**
 * Return the ends of the axis for some lines.
 * @param {keyof MEASURES} measure
 * @param {Cell[]} cells all that is drawn on the axis
 * @param {{withBands: boolean}} options
 * @returns {[number, number]}
 */
export function rangeOf(measure, cells, { withBands }) {
  if (measure === "average_stars") return [1, 5];
  const drawn = cells.flatMap(({ value, low, high }) => (withBands ? [value, low, high] : [value]));
  const known = drawn.filter((one) => one !== null);
  const [low, high] = [Math.min(0, ...known), Math.max(0, ...known)];
  if (measure === "net_sentiment") return [Math.min(low * 1.05, -0.1), Math.max(high * 1.05, 0.1)];
  return [0, Math.max(high * 1.05, measure === "mentions" ? 1 : 0.05)];
}

/**
 * Return the ends of the axis on which compliments stand above the line and complaints below.
 * @param {Cell[]} cells
 * @returns {[number, number]}
 */
export function mirroredRange(cells) {
  const most = (name) => Math.max(1, ...cells.map(({ row }) => row?.[name] ?? 0)) * 1.08;
  return [-most("negative"), most("positive")];
}

/** Add up a column for each value of another. */
function summed(rows, name, column) {
  const sums = new Map();
  for (const row of rows) sums.set(row[name], (sums.get(row[name]) ?? 0) + (row[column] ?? 0));
  return sums;
}

const byNumber = (sums) => [...sums.keys()].sort((one, other) => sums.get(other) - sums.get(one));
const keyOf = (topic, group, start) => JSON.stringify([topic, group, start]);
