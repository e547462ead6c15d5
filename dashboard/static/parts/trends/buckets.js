/** Buckets of time: how they are called, where they end, which of them an axis names. */

import { day, days, formatter, t } from "../../i18n.js";

/** Lengths that a bucket can have, the shortest first. */
export const PERIODS = ["day", "week", "month", "quarter"];
const DAY_MS = 86_400_000;
const MONTHS = { month: 1, quarter: 3 };
const DAYS = { day: 1, week: 7 };
/** Room that a label of a time axis needs, in CSS pixels. */
const LABEL_WIDTH = 58;

/**
 * @param {string} start first day of a bucket, such as "2026-03-02"
 * @param {"day"|"week"|"month"|"quarter"} period
 * @returns {string} its last day
 */
export function lastDay(start, period) {
  const date = new Date(start);
  if (DAYS[period]) date.setUTCDate(date.getUTCDate() + DAYS[period] - 1);
  else date.setUTCMonth(date.getUTCMonth() + MONTHS[period], 0);
  return date.toISOString().slice(0, 10);
}

/**
 * @param {string} start first day of a bucket
 * @param {"day"|"week"|"month"|"quarter"} period
 * @returns {string} its name, such as "2–8 Mar 2026"
 */
export function bucketName(start, period) {
  const date = new Date(start);
  switch (period) {
    case "week":
      return days(start, lastDay(start, period));
    case "month":
      return inWords(date, { month: "long", year: "numeric" });
    case "quarter":
      // A year is no quantity: as text, so that no thousands are set apart.
      return t("trends.quarter_name", { quarter: quarterOf(date), year: String(date.getUTCFullYear()) });
    default:
      return day(start);
  }
}

/**
 * @param {string} date a day, such as "2026-03-05"
 * @param {string[]} starts first days of all buckets
 * @param {"day"|"week"|"month"|"quarter"} period
 * @returns {number|null} its place on an axis on which bucket n reaches from n − ½ to n + ½;
 *   null outside
 */
export function placeOf(date, starts, period) {
  const at = starts.findLastIndex((start) => start <= date);
  if (at < 0 || date > lastDay(starts[at], period)) return null;
  const from = Date.parse(starts[at]);
  const length = Date.parse(lastDay(starts[at], period)) + DAY_MS - from;
  return at - 0.5 + (Date.parse(date) - from) / length;
}

/**
 * Choose the buckets that an axis names: as many as there is room for, at regular dates.
 * @param {string[]} starts first days of all buckets
 * @param {"day"|"week"|"month"|"quarter"} period
 * @param {number} width of the axis, in CSS pixels
 * @returns {{at: number, label: string}[]} places in `starts`; a label may have two lines
 */
export function ticks(starts, period, width) {
  const most = Math.max(Math.floor(width / LABEL_WIDTH), 2);
  for (const { from, name, every } of stepsOf(period)) {
    const places = beginnings(starts, every);
    // A single name says nothing of how long it is: then the next finer step, thinned out.
    if (places.length > most || (places.length < 2 && from !== period)) continue;
    return places.map((at, index) => ({
      at,
      label: name(new Date(starts[at]), index === 0 || yearOf(starts[at]) !== yearOf(starts[places[index - 1]])),
    }));
  }
  const step = Math.ceil(starts.length / most);
  return starts.flatMap((start, at) => (at % step ? [] : [{ at, label: dayLabel(new Date(start), at === 0) }]));
}

/** From fine to coarse: which buckets get a name, and what name. `every` tells units apart. */
function stepsOf(period) {
  const steps = [
    { from: "day", every: (date) => date.toISOString(), name: dayLabel },
    { from: "week", every: (date) => Math.floor((date.getTime() / DAY_MS + 3) / 7), name: dayLabel },
    { from: "month", every: monthsOf(1), name: monthLabel },
    { from: "quarter", every: monthsOf(3), name: monthLabel },
    { from: "half", every: monthsOf(6), name: monthLabel },
    { from: "year", every: monthsOf(12), name: yearLabel },
  ];
  return steps.slice(steps.findIndex(({ from }) => from === period));
}

/** Return the places at which a new unit begins, and the first, unless the second is close to it. */
function beginnings(starts, every) {
  const places = [];
  let before = null;
  starts.forEach((start, at) => {
    const unit = every(new Date(start));
    if (unit !== before) places.push(at);
    before = unit;
  });
  const isCramped = places.length > 2 && places[1] - places[0] < (places[2] - places[1]) / 2;
  return isCramped ? places.slice(1) : places;
}

const monthsOf = (count) => (date) => Math.floor((date.getUTCFullYear() * 12 + date.getUTCMonth()) / count);
const yearOf = (start) => start.slice(0, 4);
const quarterOf = (date) => Math.floor(date.getUTCMonth() / 3) + 1;
const inWords = (date, options) => formatter(Intl.DateTimeFormat, { ...options, timeZone: "UTC" }).format(date);
const yearLabel = (date) => String(date.getUTCFullYear());
const withYear = (label, date, isWanted) => (isWanted ? `${label}\n${yearLabel(date)}` : label);
const dayLabel = (date, hasYear) => withYear(inWords(date, { day: "numeric", month: "short" }), date, hasYear);
const monthLabel = (date, hasYear) => withYear(inWords(date, { month: "short" }), date, hasYear);
